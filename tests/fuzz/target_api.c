// Programs of valid Lua that call what a recipe reaches with odd values.
#include "lua_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  return take("api", data, n);
}
