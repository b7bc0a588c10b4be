// Questions to the records: an answer or a refusal.
#include "lua_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  return take("query", data, n);
}
