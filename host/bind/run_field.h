// The fields of a stored run by name, for bind_store.c.
#ifndef LW_BIND_RUN_FIELD_H
#define LW_BIND_RUN_FIELD_H

#include "bind/compat.h" // lua_State
#include "store/store.h" // lw_run_info

// s:run_set(field, value): field at 2, value at 3. Raises for unknown fields
// and for text that does not fit; returns 0.
int lw_run_field_set(lua_State *L, lw_run_info *run);
// Push the field named at `arg`; returns 1.
int lw_run_field_push(lua_State *L, const lw_run_info *run, int arg);

#endif
