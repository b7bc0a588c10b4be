// Lua face of loop/console.h: the keyboard of a run in virtual time. Documented
// in lua/meta/linewright/console.lua.
#include "bind/modules.h" // lw_open_console
#include "loop/console.h" // lw_console

#define CONSOLE "linewright.console"
#define LINE_N 200

static int console_close(lua_State *L) {
  lw_console_close(luaL_checkudata(L, 1, CONSOLE));
  return 0;
}

// console.open() -> console | nil when there is no terminal to type at
static int console_open(lua_State *L) {
  lw_console *c = lua_newuserdata(L, sizeof *c);
  *c = (lw_console){0};
  luaL_setmetatable(L, CONSOLE);
  lw_console_open(c);
  return c->is_open ? 1 : 0;
}

// c:read() -> line | nil when none is complete
static int console_read(lua_State *L) {
  lw_console *c = luaL_checkudata(L, 1, CONSOLE);
  char line[LINE_N];
  if (!c->is_open || lw_console_read(c, line, sizeof line) <= 0)
    return 0;
  lua_pushstring(L, line);
  return 1;
}

// c:typed() -> what of a line is there so far
static int console_typed(lua_State *L) {
  const lw_console *c = luaL_checkudata(L, 1, CONSOLE);
  lua_pushstring(L, c->line);
  return 1;
}

static const luaL_Reg methods[] = {{"read", console_read},
                                   {"typed", console_typed},
                                   {"close", console_close},
                                   {NULL, NULL}};

int lw_open_console(lua_State *L) {
  lw_bind_type(L, CONSOLE, methods, console_close);
  lua_newtable(L);
  lua_pushcfunction(L, console_open);
  lua_setfield(L, -2, "open");
  return 1;
}
