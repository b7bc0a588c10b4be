// One opener per C module; each lies in bind_<name>.c.
#ifndef LW_BIND_MODULES_H
#define LW_BIND_MODULES_H

#include "bind/bind.h" // lw_bind_modules

// X(name): "linewright.<name>", opened by lw_open_<name>. One line each, so
// that rooms can add theirs side by side.
// clang-format off
#define LW_BIND_MODULES(X) \
  X(child) \
  X(console) \
  X(disk) \
  X(drivers) \
  X(dsp) \
  X(engine) \
  X(filters) \
  X(fit) \
  X(hash) \
  X(history) \
  X(host) \
  X(infer) \
  X(link) \
  X(live) \
  X(match) \
  X(packml) \
  X(picture) \
  X(plan) \
  X(raster) \
  X(regex) \
  X(rng) \
  X(sample_view) \
  X(store) \
  X(sys) \
  X(unit) \
  X(vm) \
  X(worker)
// clang-format on

#define LW_BIND_OPENER(name) int lw_open_##name(lua_State *L);
LW_BIND_MODULES(LW_BIND_OPENER)
#undef LW_BIND_OPENER

#endif
