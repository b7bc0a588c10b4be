// States of streaming objects as text. Documented in
// lua/meta/linewright/dsp.lua.
#include <math.h>   // signbit
#include <stdio.h>  // snprintf
#include <stdlib.h> // strtod, strtoul
#include <string.h> // memset, strlen, strncmp

#include "bind/bind.h" // lw_bind_fail
#include "bind/dsp_face.h"

// A long tail of zeros, such as room for training that is no longer needed, is
// told by its length: " 0*2000".
#define TAIL_LEAST 8

static size_t tail_of(const double *state, size_t n) {
  size_t tail = 0;
  while (tail < n && state[n - 1 - tail] == 0 && !signbit(state[n - 1 - tail]))
    tail++;
  return tail >= TAIL_LEAST ? tail : 0;
}

void lw_bind_push_state(lua_State *L, const char *name, const double *state,
                        size_t n) {
  luaL_Buffer b;
  luaL_buffinit(L, &b);
  luaL_addstring(&b, name);
  size_t tail = tail_of(state, n);
  char number[32];
  for (size_t i = 0; i < n - tail; i++) {
    int length = snprintf(number, sizeof number, " %.17g", state[i]);
    luaL_addlstring(&b, number, (size_t)length);
  }
  if (tail) {
    int length = snprintf(number, sizeof number, " 0*%zu", tail);
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
    if (!strncmp(p, " 0*", 3)) {
      memset(state + i, 0, (n - i) * sizeof *state);
      return strtoul(p + 3, &end, 10) == n - i && end > p + 3 && !*end;
    }
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

int lw_bind_no_delay(lua_State *L) {
  lua_pushnumber(L, 0);
  lua_pushnumber(L, 0);
  return 2;
}
