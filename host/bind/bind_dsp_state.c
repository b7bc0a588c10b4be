// States of streaming objects as text. Documented in
// lua/meta/linewright/dsp.lua.
#include <stdio.h>  // snprintf
#include <stdlib.h> // strtod
#include <string.h> // strlen, strncmp

#include "bind/bind.h" // lw_bind_fail
#include "bind/dsp_face.h"

void lw_bind_push_state(lua_State *L, const char *name, const double *state,
                        size_t n) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, name);
  for (size_t i = 0; i < n; i++) {
    char number[32];
    int length = snprintf(number, sizeof number, " %.17g", state[i]);
    luaL_addlstring(&b, number, (size_t)length);
  }
  luaL_pushresult(&b);
}

int lw_bind_read_state(const char *text, const char *name, size_t n,
                       double *state) {
  size_t name_n = strlen(name);
  if (strncmp(text, name, name_n) != 0)
    return 0;
  const char *p = text + name_n;
  for (size_t i = 0; i < n; i++) {
    char *end;
    if (*p != ' ')
      return 0;
    state[i] = strtod(p + 1, &end);
    if (end == p + 1)
      return 0;
    p = end;
  }
  return *p == 0;
}

int lw_bind_bad_state(lua_State *L, const char *name) {
  lw_err e;
  lw_err_set(&e, LW_E_CORRUPT,
             "not the saved state of a filter '%s' of this "
             "size",
             name);
  return lw_bind_fail(L, &e);
}
