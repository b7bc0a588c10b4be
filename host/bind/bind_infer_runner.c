// Lua face of infer/runner.h: calls off the thread.
#include "bind/bind.h" // lw_bind_fail
#include "bind/model_face.h"
#include "bind/tensor.h" // lw_bind_tensor
#include "infer/runner.h"
#include "loop/clock.h" // lw_clock_real

#define RUNNER "linewright.model.runner"
#define JOB "linewright.model.job"

typedef struct runner {
  lw_infer_runner *runner; // NULL once closed
  lw_model_box *box;
} runner;

typedef struct job {
  lw_infer_job *job; // NULL once dropped
} job;

static runner *check_runner(lua_State *L) {
  runner *r = luaL_checkudata(L, 1, RUNNER);
  if (!r->runner)
    luaL_error(L, "model: already closed");
  return r;
}

static int runner_close(lua_State *L) {
  runner *r = luaL_checkudata(L, 1, RUNNER);
  lw_infer_runner_free(r->runner);
  lw_model_box_unref(r->box);
  *r = (runner){0};
  return 0;
}

// A whole number; which ones are fine is the runner's to say.
static uint32_t opt_count(lua_State *L, int arg, double otherwise) {
  double x = luaL_optnumber(L, arg, otherwise);
  luaL_argcheck(L, x >= 0 && x <= 1e9 && x == (double)(uint32_t)x, arg,
                "a whole number is expected");
  return (uint32_t)x;
}

// m:runner([contexts, queue, batch]) -> runner | nil, message, code
int lw_model_runner(lua_State *L) {
  lw_model_box *box = lw_bind_check_model(L, 1);
  lw_infer_runner_config c = {.model = &box->model,
                              .clock = lw_clock_real(),
                              .contexts = opt_count(L, 2, 1),
                              .queue = opt_count(L, 3, 16),
                              .batch = opt_count(L, 4, 1)};
  runner *r = lua_newuserdata(L, sizeof *r);
  *r = (runner){0};
  luaL_setmetatable(L, RUNNER);
  lw_err e = {0};
  if (lw_infer_runner_new(&r->runner, &c, &e) < 0)
    return lw_bind_fail(L, &e);
  r->box = box;
  box->refs++;
  return 1;
}

// r:add(within_ns, tensor, ...) -> job | nil, message, code
static int runner_add(lua_State *L) {
  runner *r = check_runner(L);
  int64_t within_ns = lw_bind_ns(L, 2, "within");
  int n = lua_gettop(L) - 2;
  luaL_argcheck(L, n >= 1 && n <= LW_INFER_TENSORS, 3, "a tensor is expected");
  lw_tensor in[LW_INFER_TENSORS];
  for (int i = 0; i < n; i++)
    in[i] = *lw_bind_tensor(L, i + 3);
  job *j = lua_newuserdata(L, sizeof *j);
  *j = (job){0};
  luaL_setmetatable(L, JOB);
  lw_err e = {0};
  int64_t due_ns = lw_now_ns(lw_clock_real()) + within_ns;
  if (lw_infer_runner_add(r->runner, in, (size_t)n, due_ns, &j->job, &e) < 0)
    return lw_bind_fail(L, &e);
  return 1;
}

// r:fd() -> descriptor that becomes readable when a job ends
static int runner_fd(lua_State *L) {
  lua_pushnumber(L, lw_infer_runner_fd(check_runner(L)->runner));
  return 1;
}

// r:stats() -> done, failed, late, refused, waiting, deepest, runs, p50_s,
// p99_s, p999_s
static int runner_stats(lua_State *L) {
  lw_infer_stats s;
  lw_infer_runner_stats(check_runner(L)->runner, &s);
  const double numbers[] = {
      (double)s.done,    (double)s.failed,  (double)s.late, (double)s.refused,
      (double)s.waiting, (double)s.deepest, (double)s.runs};
  const double shares[] = {0.5, 0.99, 0.999};
  for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++)
    lua_pushnumber(L, numbers[i]);
  for (size_t i = 0; i < sizeof shares / sizeof shares[0]; i++)
    lua_pushnumber(L, (double)lw_infer_stats_quantile(&s, shares[i]) / 1e9);
  return 10;
}

static job *check_job(lua_State *L) {
  job *j = luaL_checkudata(L, 1, JOB);
  if (!j->job)
    luaL_error(L, "job: already dropped");
  return j;
}

static int job_drop(lua_State *L) {
  job *j = luaL_checkudata(L, 1, JOB);
  lw_infer_job_drop(j->job);
  j->job = NULL;
  return 0;
}

// j:poll() -> nil while it goes on | true, took_s | false, message, code
static int job_poll(lua_State *L) {
  lw_infer_job *j = check_job(L)->job;
  int state = lw_infer_job_state(j);
  if (state <= LW_JOB_RUNNING)
    return 0;
  lua_pushboolean(L, state == LW_JOB_DONE);
  if (state == LW_JOB_DONE) {
    lua_pushnumber(L, (double)lw_infer_job_took_ns(j) / 1e9);
    return 2;
  }
  const lw_err *e = lw_infer_job_error(j);
  lua_pushstring(L, e->text);
  lua_pushstring(L, lw_err_name(e->code));
  return 3;
}

// j:wait() -> as poll, after its end
static int job_wait(lua_State *L) {
  lw_infer_job_wait(check_job(L)->job);
  return job_poll(L);
}

// j:result(i) -> samples | nothing past the end
static int job_result(lua_State *L) {
  lw_infer_job *j = check_job(L)->job;
  double i = luaL_checknumber(L, 2);
  lw_tensor t;
  if (!(i >= 1 && i <= LW_INFER_TENSORS) ||
      lw_infer_job_result(j, (size_t)i - 1, &t) < 0)
    return 0;
  lw_bind_push_result(L, &t);
  return 1;
}

static const luaL_Reg runner_methods[] = {{"add", runner_add},
                                          {"fd", runner_fd},
                                          {"stats", runner_stats},
                                          {"close", runner_close},
                                          {NULL, NULL}};

static const luaL_Reg job_methods[] = {{"poll", job_poll},
                                       {"wait", job_wait},
                                       {"result", job_result},
                                       {"drop", job_drop},
                                       {NULL, NULL}};

void lw_open_model_runner(lua_State *L) {
  lw_bind_type(L, RUNNER, runner_methods, runner_close);
  lw_bind_type(L, JOB, job_methods, job_drop);
}
