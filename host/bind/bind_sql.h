// A store's questions in SQL; used by bind_store.c.
#ifndef LW_BIND_BIND_SQL_H
#define LW_BIND_BIND_SQL_H

#include "bind/compat.h" // lua_State

int lw_bind_store_sql(lua_State *L); // method `sql` of a store
void lw_bind_sql_type(lua_State *L); // make the metatable of its answers

#endif
