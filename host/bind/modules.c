// The C modules that Lua code can `require`.
#include "bind/modules.h"

#define MODULE(name) {"linewright." #name, lw_open_##name},
const lw_bind_module lw_bind_modules[] = {LW_BIND_MODULES(MODULE){NULL, NULL}};
#undef MODULE
