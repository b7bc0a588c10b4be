// The module linewright.dsp: sample arrays, filters, detectors, features.
// Documented in lua/meta/linewright/dsp.lua.
#include "bind/dsp_face.h"
#include "bind/modules.h" // lw_open_dsp
#include "bind/samples.h" // lw_open_samples

int lw_open_dsp(lua_State *L) {
  lua_newtable(L);
  lw_open_samples(L);
  lw_open_dsp_filter(L);
  lw_open_dsp_design(L);
  lw_open_dsp_block(L);
  lw_open_dsp_rotate(L);
  lw_open_dsp_monitor(L);
  lw_open_dsp_bank(L);
  lw_open_dsp_kalman(L);
  return 1;
}
