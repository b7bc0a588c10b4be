// Line profiles from a customer: a line or findings.
#include "lua_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  return take("profile", data, n);
}
