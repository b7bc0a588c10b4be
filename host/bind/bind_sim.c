// Lua face of io/sim.h: a twin's terminal strip. Documented in
// lua/meta/linewright/sim.lua. Signals count from 1 here.
#include "bind/bind.h" // lw_bind_type
#include "bind/face.h" // lw_line_box

#define SIM "linewright.sim"

static lw_sim *check_sim(lua_State *L) {
  lw_line_box **box = lw_bind_self(L, SIM);
  if (!*box || !(*box)->sim)
    luaL_error(L, "sim: its line is closed");
  return (*box)->sim;
}

static uint32_t check_signal(lua_State *L, const lw_sim *s) {
  return (uint32_t)lw_bind_index(L, 2, lw_sim_signal_n(s), "signal");
}

static int sim_gc(lua_State *L) {
  lw_line_box **box = luaL_checkudata(L, 1, SIM);
  lw_line_box_unref(*box);
  *box = NULL;
  return 0;
}

static int sim_get(lua_State *L) {
  lw_sim *s = check_sim(L);
  uint32_t signal = check_signal(L, s);
  char text[LW_TEXT_SIZE];
  if (lw_sim_get_text(s, signal, text) == 0 && *text)
    lua_pushstring(L, text);
  else
    lua_pushnumber(L, lw_sim_get(s, signal));
  return 1;
}

static int sim_set(lua_State *L) {
  lw_sim *s = check_sim(L);
  uint32_t signal = check_signal(L, s);
  if (lua_type(L, 3) == LUA_TSTRING)
    lw_sim_set_text(s, signal, lua_tostring(L, 3));
  else
    lw_sim_set(s, signal, luaL_checknumber(L, 3));
  return 0;
}

// sim:fault(i, kind, argument): the argument of "force" may be a text; kind nil
// or "none" clears it
static int sim_fault(lua_State *L) {
  lw_sim *s = check_sim(L);
  uint32_t signal = check_signal(L, s);
  const char *kind = luaL_optstring(L, 3, "none");
  int fault = lw_sim_fault_find(kind);
  if (fault < 0)
    luaL_argerror(L, 3, lua_pushfstring(L, "no fault '%s'", kind));
  int is_text = fault == LW_FAULT_force && lua_type(L, 4) == LUA_TSTRING;
  if (is_text)
    lw_sim_force_text(s, signal, lua_tostring(L, 4));
  int rc =
      lw_sim_fault(s, signal, fault, is_text ? 0 : luaL_optnumber(L, 4, 0));
  luaL_argcheck(L, rc == 0, 4, lw_err_text(rc));
  return 0;
}

static int sim_count(lua_State *L) {
  lua_pushnumber(L, lw_sim_signal_n(check_sim(L)));
  return 1;
}

static const luaL_Reg methods[] = {{"get", sim_get},
                                   {"set", sim_set},
                                   {"fault", sim_fault},
                                   {"count", sim_count},
                                   {NULL, NULL}};

void lw_bind_push_sim(lua_State *L, lw_line_box *box) {
  lw_bind_type(L, SIM, methods, sim_gc);
  lw_line_box **at = lua_newuserdata(L, sizeof *at);
  *at = NULL;
  luaL_setmetatable(L, SIM);
  *at = box;
  box->refs++;
}
