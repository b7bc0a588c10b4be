// Lua face of worker/attach.h: what the hidden roles `worker` and `twin` do
// with the memory that the host shares. Documented in
// lua/meta/linewright/worker.lua.
#include <string.h> // strnlen

#include "bind/face.h"     // lw_line_box
#include "bind/modules.h"  // lw_open_worker
#include "bind/vm.h"       // lw_vm_cap
#include "worker/attach.h" // lw_worker

#define WORKER "linewright.worker"

typedef struct face {
  lw_worker *worker; // NULL once closed
  lw_line_box *box;
} face;

// What a running loop needs: calls return to C, never jump across it.
typedef struct calls {
  lua_State *L;
  int tick, bell; // stack places of the functions
  int failed;     // 1: the error value is on top of the stack
} calls;

enum { CALL_GO_ON, CALL_ENOUGH, CALL_FAILED };

static face *check_face(lua_State *L) {
  face *f = luaL_checkudata(L, 1, WORKER);
  if (!f->worker)
    luaL_error(L, "worker: already closed");
  return f;
}

static int worker_close(lua_State *L) {
  face *f = luaL_checkudata(L, 1, WORKER);
  if (f->box)
    f->box->port = NULL;
  lw_worker_close(f->worker);
  lw_line_box_unref(f->box);
  *f = (face){0};
  return 0;
}

static int check_fd(lua_State *L, int arg) {
  double fd = luaL_checknumber(L, arg);
  luaL_argcheck(L, fd >= 0 && fd < 65536, arg, "not a file descriptor");
  return (int)fd;
}

// worker.open(plan, image_fd, desk_fd, bell_fd) -> worker | nil, message, code.
// From here on scripts may hold what the line's profile allows.
static int worker_open(lua_State *L) {
  lw_worker_config c = {0};
  lw_err e = {0};
  c.plan = (const uint8_t *)luaL_checklstring(L, 1, &c.plan_n);
  c.image_fd = check_fd(L, 2);
  c.desk_fd = check_fd(L, 3);
  c.bell_fd = check_fd(L, 4);
  face *f = lua_newuserdata(L, sizeof *f);
  *f = (face){0};
  luaL_setmetatable(L, WORKER);
  f->box = lw_line_box_new();
  int rc = f->box ? lw_worker_open(&f->worker, &c, &e) : LW_E_NOMEM;
  if (rc < 0) {
    f->worker = NULL;
    e.code = rc;
    return lw_bind_fail(L, &e);
  }
  f->box->port = lw_worker_port(f->worker);
  lw_vm_cap(lw_vm_of(L), (size_t)f->box->port->plan->memory_bytes);
  return 1;
}

// w:watch(fd): ring when another thread of this process has something
static int worker_watch(lua_State *L) {
  int rc = lw_worker_watch(check_face(L)->worker, check_fd(L, 2));
  if (rc < 0)
    return lw_bind_fail_code(L, rc);
  lua_pushboolean(L, 1);
  return 1;
}

static int worker_port(lua_State *L) {
  lw_bind_push_port(L, check_face(L)->box);
  return 1;
}

// w:tick_cpu_ns() -> CPU budget that the profile gives one tick
static int worker_tick_cpu_ns(lua_State *L) {
  lua_pushnumber(L, (double)check_face(L)->box->port->plan->tick_cpu_ns);
  return 1;
}

// w:death() -> how the worker before this one ended | nil
static int worker_death(lua_State *L) {
  const char *death = check_face(L)->box->port->image->death;
  size_t n = strnlen(death, LW_DEATH_TEXT);
  if (n == 0)
    return 0;
  lua_pushlstring(L, death, n);
  return 1;
}

// Call the function at `place` with the arg_n values on top. True means that it
// wants no more calls.
static int call(calls *c, int place, int arg_n) {
  lua_pushvalue(c->L, place);
  lua_insert(c->L, -(arg_n + 1));
  c->failed = lua_pcall(c->L, arg_n, 1, 0) != 0;
  if (c->failed)
    return CALL_FAILED;
  int enough = lua_toboolean(c->L, -1);
  lua_pop(c->L, 1);
  return enough ? CALL_ENOUGH : CALL_GO_ON;
}

static int on_tick(void *arg, int64_t now_ns) {
  calls *c = arg;
  lua_pushnumber(c->L, (double)now_ns);
  return call(c, c->tick, 1);
}

static int on_bell(void *arg) {
  calls *c = arg;
  return call(c, c->bell, 0);
}

// w:run(tick, bell) -> true | nil, message, code. tick(now_ns) once per tick
// period, bell() when records were committed or a command came; either ends the
// run by returning true. Their errors are raised here.
static int worker_run(lua_State *L) {
  face *f = check_face(L);
  luaL_checktype(L, 2, LUA_TFUNCTION);
  luaL_checktype(L, 3, LUA_TFUNCTION);
  lua_settop(L, 3);
  calls c = {.L = L, .tick = 2, .bell = 3};
  lw_worker_calls on = {.tick = on_tick, .bell = on_bell, .arg = &c};
  int rc = lw_worker_run(f->worker, &on);
  if (c.failed)
    return lua_error(L);
  if (rc < 0)
    return lw_bind_fail_code(L, rc);
  lua_pushboolean(L, 1);
  return 1;
}

// worker.sim(fd) -> sim | nil, message, code: the terminal strip, mapped for
// the life of the process
static int worker_sim(lua_State *L) {
  lw_err e = {0};
  int fd = check_fd(L, 1);
  lw_line_box *box = lw_line_box_new();
  if (!box)
    return lw_bind_fail_code(L, LW_E_NOMEM);
  int rc = lw_twin_open(&box->sim, fd, &e);
  if (rc < 0) {
    lw_line_box_unref(box);
    e.code = rc;
    return lw_bind_fail(L, &e);
  }
  lw_bind_push_sim(L, box);
  lw_line_box_unref(box);
  return 1;
}

static int on_step(void *arg, double dt_s) {
  calls *c = arg;
  lua_pushnumber(c->L, dt_s);
  return call(c, c->tick, 1);
}

// worker.run_twin(period_ns, step): step(dt_s) on a fixed grid of real time
// until it returns true
static int worker_run_twin(lua_State *L) {
  int64_t period_ns = lw_bind_ns(L, 1, "period_ns");
  luaL_argcheck(L, period_ns > 0, 1, "period_ns must be above 0");
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_settop(L, 2);
  calls c = {.L = L, .tick = 2};
  lw_twin_run(period_ns, on_step, &c);
  return c.failed ? lua_error(L) : 0;
}

static const luaL_Reg methods[] = {{"port", worker_port},
                                   {"tick_cpu_ns", worker_tick_cpu_ns},
                                   {"death", worker_death},
                                   {"run", worker_run},
                                   {"close", worker_close},
                                   {"watch", worker_watch},
                                   {NULL, NULL}};
// worker.await(bell_fd) -> true once the host calls, false when it has gone
static int worker_await(lua_State *L) {
  lua_pushboolean(L, lw_worker_await(check_fd(L, 1)));
  return 1;
}

static const luaL_Reg functions[] = {{"open", worker_open},
                                     {"await", worker_await},
                                     {"sim", worker_sim},
                                     {"run_twin", worker_run_twin},
                                     {NULL, NULL}};

int lw_open_worker(lua_State *L) {
  lw_bind_type(L, WORKER, methods, worker_close);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
