// Helpers that every Lua face uses, and the table of modules.
#ifndef LW_BIND_BIND_H
#define LW_BIND_BIND_H

#include <stdint.h> // int64_t

#include "base/err.h"    // lw_err
#include "bind/compat.h" // lua_State, lua_CFunction

// Make the metatable `name`: methods, __index a table of its own with them (the
// metatable itself is within nobody's reach), __metatable the name, __gc and
// __close = close when given, __tostring the name without an address.
void lw_bind_type(lua_State *L, const char *name, const luaL_Reg *methods,
                  lua_CFunction close);

// Add methods to the type `name`. Their upvalue 1 is its metatable.
void lw_bind_methods(lua_State *L, const char *name, const luaL_Reg *methods);

// The userdata of type `name` that is argument 1 of one of its methods, or a
// Lua error. As luaL_checkudata, but without asking the registry.
void *lw_bind_self(lua_State *L, const char *name);

// Push nil, message, code word ("E-RANGE"): the world said no. Returns 3.
int lw_bind_fail(lua_State *L, const lw_err *e);
int lw_bind_fail_code(lua_State *L, int code); // fixed sentence of the code

// A finite number argument, or a Lua error naming `what`.
double lw_bind_number(lua_State *L, int arg, const char *what);

// A 1-based index argument as a 0-based one in [0, n), or a Lua error.
int lw_bind_index(lua_State *L, int arg, uint32_t n, const char *what);

// A time argument [ns], rounded towards zero, or a Lua error naming `what`.
int64_t lw_bind_ns(lua_State *L, int arg, const char *what);

// "u16" as LW_TYPE_u16, "rw" as LW_READ | LW_WRITE, or a Lua error.
int lw_bind_type_word(lua_State *L, int arg);
int lw_bind_access_word(lua_State *L, int arg);

// Push a device's text as Lua may see it: UTF-8, other bytes as \xNN.
void lw_bind_push_text(lua_State *L, const char *text);

// One opener per module; the table in modules.c makes them `require`able in
// trusted VMs under "linewright.<name>".
typedef struct lw_bind_module {
  const char *name; // "linewright.port"
  lua_CFunction open;
} lw_bind_module;
extern const lw_bind_module lw_bind_modules[]; // ends with name = NULL

#endif
