// The fields of a plan and of a tag by name, for bind_plan.c.
#ifndef LW_BIND_PLAN_FIELD_H
#define LW_BIND_PLAN_FIELD_H

#include "bind/compat.h" // lua_State
#include "image/plan.h"  // lw_plan

// p:set(field, value): field at 2, value at 3. Raises for unknown fields and
// wrong types; returns 0.
int lw_plan_field_set(lua_State *L, lw_plan *p);
// p:tag_set(i, field, value): field at 3, value at 4; nil = absent. Returns 0.
int lw_tag_field_set(lua_State *L, lw_plan *p, int tag);

#endif
