// One Lua C API for both engines: LuaJIT (5.1 with extras) and PUC Lua 5.4.
#ifndef LW_BIND_COMPAT_H
#define LW_BIND_COMPAT_H

#include <lauxlib.h>
#include <lua.h>
#include <lualib.h>

#endif
