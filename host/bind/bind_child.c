// This program again, in processes beside this one, and what they print.
// Documented in lua/meta/linewright/child.lua.
#include <errno.h>  // errno
#include <fcntl.h>  // O_CLOEXEC
#include <stdio.h>  // fdopen, getline
#include <stdlib.h> // free
#include <string.h> // memset, strerror
#include <unistd.h> // pipe2, close, sysconf

#include "bind/bind.h"    // lw_bind_type
#include "bind/modules.h" // lw_open_child
#include "loop/loop.h"    // lw_child_open

#define CHILD "linewright.child"
#define WORDS_MAX 64

typedef struct child {
  lw_loop *loop; // its own: to free it ends the process
  FILE *out;     // what the process prints, NULL once closed
  char *line;    // [line_n], of getline
  size_t line_n;
} child;

static int child_gc(lua_State *L) {
  child *c = luaL_checkudata(L, 1, CHILD);
  if (c->out)
    fclose(c->out);
  lw_loop_free(c->loop);
  free(c->line);
  *c = (child){0};
  return 0;
}

static int start(child *c, const char *const *argv, lw_err *e) {
  int fds[2];
  if (pipe2(fds, O_CLOEXEC) != 0)
    return lw_err_set(e, LW_E_IO, "no pipe: %s", strerror(errno));
  lw_child_config config = {
      .file = "/proc/self/exe", .argv = argv, .output = fds[1]};
  lw_child *process;
  int rc = lw_loop_new(&c->loop, e);
  if (rc == 0)
    rc = lw_child_open(c->loop, &config, &process, e);
  close(fds[1]);
  c->out = rc == 0 ? fdopen(fds[0], "r") : NULL;
  if (!c->out)
    close(fds[0]);
  return rc == 0 && !c->out ? lw_err_set(e, LW_E_NOMEM, "out of memory") : rc;
}

// child.open(word, ...) -> child | nil, message, code
static int child_open(lua_State *L) {
  const char *argv[WORDS_MAX + 2] = {"linewright"};
  int n = lua_gettop(L);
  luaL_argcheck(L, n <= WORDS_MAX, n, "too many words");
  for (int i = 1; i <= n; i++)
    argv[i] = luaL_checkstring(L, i);
  child *c = lua_newuserdata(L, sizeof *c);
  memset(c, 0, sizeof *c);
  luaL_setmetatable(L, CHILD);
  lw_err e = {0};
  e.code = start(c, argv, &e);
  return e.code < 0 ? lw_bind_fail(L, &e) : 1;
}

// c:line() -> text without its end | nil when there are no more
static int child_line(lua_State *L) {
  child *c = lw_bind_self(L, CHILD);
  if (!c->out)
    return luaL_error(L, "child: already closed");
  ssize_t n = getline(&c->line, &c->line_n, c->out);
  if (n <= 0)
    return 0;
  lua_pushlstring(L, c->line, (size_t)n - (c->line[n - 1] == '\n'));
  return 1;
}

// child.cores() -> how many run at once without waiting for each other
static int child_cores(lua_State *L) {
  long n = sysconf(_SC_NPROCESSORS_ONLN);
  lua_pushinteger(L, n > 0 ? (lua_Integer)n : 1);
  return 1;
}

static const luaL_Reg methods[] = {
    {"line", child_line}, {"close", child_gc}, {NULL, NULL}};
static const luaL_Reg functions[] = {
    {"open", child_open}, {"cores", child_cores}, {NULL, NULL}};

int lw_open_child(lua_State *L) {
  lw_bind_type(L, CHILD, methods, child_gc);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
