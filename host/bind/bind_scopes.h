// The named scopes of a run, for bind_store.c.
#ifndef LW_BIND_BIND_SCOPES_H
#define LW_BIND_BIND_SCOPES_H

#include "bind/compat.h" // lua_State

int lw_bind_store_scopes(lua_State *L); // method `scopes` of a store
void lw_bind_scopes_type(lua_State *L); // make the metatable of its walks

#endif
