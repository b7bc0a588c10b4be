// The parts of linewright.dsp, each adding its functions to the table on top.
#ifndef LW_BIND_DSP_FACE_H
#define LW_BIND_DSP_FACE_H

#include "bind/compat.h" // lua_State

void lw_open_dsp_filter(lua_State *L);
void lw_open_dsp_block(lua_State *L);
void lw_open_dsp_monitor(lua_State *L);

#endif
