// Recipe texts: gate, tokens, sandbox, words and checks; a bundle or findings.
#include "lua_target.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
  return take("recipe", data, n);
}
