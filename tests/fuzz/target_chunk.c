// The historian's chunks on damaged files: any bytes are samples or corrupt.
#include <stdint.h>
#include <stdlib.h>

#include "store/chunk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  static lw_chunk out;
  lw_coder *c = lw_coder_new();
  if (c && n > 0 && data[0] & 1)
    lw_chunk_read_times(c, data + 1, n - 1, out.t_ns);
  else if (c && n > 0)
    lw_chunk_read_values(c, data + 1, n - 1, out.value, out.quality);
  lw_coder_free(c);
  return 0;
}
