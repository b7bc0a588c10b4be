// What a crashed script leaves for the host: records in a ring, a plan, a
// frame.
#include <stdint.h>
#include <stdlib.h>

#include "base/record.h"
#include "image/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  lw_record r;
  lw_err e;
  lw_plan *p = NULL;
  if (lw_record_decode(&r, data, n) == 0) {
    uint8_t *out = malloc(lw_record_size(&r));
    if (out)
      lw_record_encode(&r, out);
    free(out);
  }
  if (lw_plan_decode(&p, data, n, &e) == 0) {
    lw_plan_check(p, &e);
    lw_plan_free(p);
  }
  return 0;
}
