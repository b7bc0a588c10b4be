#include "bind/budget.h"

#include <string.h>      // strlen
#include <sys/syscall.h> // SYS_gettid
#include <unistd.h>      // syscall

#include "bind/vm.h" // lw_vm_of

// Not SIGPROF, which profilers and LuaJIT use, and not the first ones, which
// embedding programs take.
#define TICK_SIGNAL (SIGRTMIN + 9)

static void make_room(lua_State *L, lw_vm *vm, lw_budget *b) {
  int why = LW_BUDGET_COLLECT;
  if (!atomic_compare_exchange_strong(&b->fired, &why, LW_BUDGET_NONE))
    return; // over its CPU budget meanwhile
  lua_sethook(L, NULL, 0, 0);
  if (!lw_vm_make_room(vm))
    lw_budget_fire(b, LW_BUDGET_MEMORY);
}

// Push "file:line: " of the script's innermost line: not of our own functions
// that it called, nor of C.
static void push_where(lua_State *L, const char *libdir) {
  lua_Debug ar;
  size_t n = strlen(libdir);
  for (int level = 0; lua_getstack(L, level, &ar); level++) {
    lua_getinfo(L, "Sl", &ar);
    int is_own = ar.source[0] == '@' && strncmp(ar.source + 1, libdir, n) == 0;
    if (ar.currentline > 0 && !is_own) {
      lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
      return;
    }
  }
  lua_pushliteral(L, "");
}

static void on_hook(lua_State *L, lua_Debug *ar) {
  (void)ar;
  lw_vm *vm = lw_vm_of(L);
  lw_budget *b = lw_vm_budget(vm);
  if (atomic_load(&b->fired) == LW_BUDGET_COLLECT)
    make_room(L, vm, b);
  int why = atomic_load(&b->fired);
  // COLLECT: asked for again by what collecting allocated; the next
  // instruction sees to it.
  if (why == LW_BUDGET_NONE || why == LW_BUDGET_COLLECT)
    return;
  push_where(L, lw_vm_libdir(vm));
  if (why == LW_BUDGET_STOP)
    lua_pushliteral(L, "E-STOP stopped by Ctrl-C");
  else if (why == LW_BUDGET_CPU)
    lua_pushfstring(L, "E-BUDGET CPU budget of %d ms exceeded",
                    (int)(b->budget_ns / INT64_C(1000000)));
  else
    lua_pushliteral(L, "E-BUDGET not enough memory");
  lua_concat(L, 2);
  lua_error(L);
}

static void arm(lw_budget *b) {
  lua_sethook(atomic_load(&b->running), on_hook, LUA_MASKCOUNT, 1);
  if (b->poke)
    b->poke(SIGPROF);
}

// A script that computes is told of every tick of the kernel, 1 to 10 ms apart.
// A longer jump of the thread's clock is a machine that stood still (a virtual
// one lent to others): it must not be charged to the script that met it.
#define JUMP_MAX (INT64_C(10000000) / LW_BUDGET_TICK_NS)

static void on_tick(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  lw_budget *b = info->si_value.sival_ptr;
  if (info->si_code == SI_QUEUE) { // lw_budget_stop
    if (atomic_load(&b->depth) == 0)
      return;
    atomic_store(&b->fired, LW_BUDGET_STOP);
    arm(b);
    return;
  }
  uint64_t passed = 1 + (uint64_t)info->si_overrun;
  if (passed > JUMP_MAX)
    passed = 1;
  uint64_t now = atomic_fetch_add(&b->ticks, passed) + passed;
  int fired = atomic_load(&b->fired);
  int is_over = now >= atomic_load(&b->limit);
  if (!is_over && fired == LW_BUDGET_NONE)
    return;
  if (is_over && fired != LW_BUDGET_MEMORY && fired != LW_BUDGET_STOP)
    atomic_store(&b->fired, LW_BUDGET_CPU);
  arm(b); // again at each tick: compiled code and other hooks may undo it
}

static int open_timer(lw_budget *b) {
  struct sigaction sa = {.sa_sigaction = on_tick,
                         .sa_flags = SA_SIGINFO | SA_RESTART};
  struct sigevent ev = {.sigev_notify = SIGEV_THREAD_ID,
                        .sigev_signo = TICK_SIGNAL,
                        .sigev_value.sival_ptr = b};
  ev._sigev_un._tid = (pid_t)syscall(SYS_gettid);
  struct itimerspec every = {.it_interval.tv_nsec = LW_BUDGET_TICK_NS,
                             .it_value.tv_nsec = LW_BUDGET_TICK_NS};
  sigset_t own;
  sigemptyset(&sa.sa_mask);
  sigemptyset(&own);
  sigaddset(&own, TICK_SIGNAL);
  if (sigaction(TICK_SIGNAL, &sa, NULL) ||
      pthread_sigmask(SIG_UNBLOCK, &own, NULL) ||
      timer_create(CLOCK_THREAD_CPUTIME_ID, &ev, &b->timer))
    return LW_E_IO;
  b->is_open = 1;
  b->thread = pthread_self();
  return timer_settime(b->timer, 0, &every, NULL) ? LW_E_IO : 0;
}

void lw_budget_init(lw_budget *b, lua_State *L) {
  *b = (lw_budget){.main = L, .limit = UINT64_MAX, .running = L};
}

void lw_budget_fini(lw_budget *b) {
  if (b->is_open)
    timer_delete(b->timer);
  b->is_open = 0;
}

int lw_budget_enter(lw_budget *b, lua_State *L, int64_t budget_ns,
                    lw_slice *outer) {
  if (budget_ns > 0 && !b->is_open && open_timer(b))
    return LW_E_IO;
  *outer = (lw_slice){atomic_load(&b->limit), b->budget_ns,
                      lw_budget_switch(b, L), b->nest};
  atomic_fetch_add(&b->depth, 1);
  if (budget_ns <= 0)
    return 0;
  // The tick under way counts as none: never less than the budget.
  uint64_t n = (uint64_t)((budget_ns - 1) / LW_BUDGET_TICK_NS) + 2;
  uint64_t limit = atomic_load(&b->ticks) + n;
  if (limit >= outer->limit)
    return 0;
  b->budget_ns = budget_ns;
  atomic_store(&b->limit, limit);
  return 0;
}

int lw_budget_leave(lw_budget *b, const lw_slice *outer) {
  // The limit first: from here on a tick can only fire for the outer slice.
  atomic_store(&b->limit, outer->limit);
  b->budget_ns = outer->budget_ns;
  b->nest = outer->nest; // a script that was cut never counted down
  lua_State *inner = lw_budget_switch(b, outer->running);
  int depth = atomic_fetch_sub(&b->depth, 1);
  int why = atomic_load(&b->fired);
  if (why == LW_BUDGET_NONE)
    return why;
#if !LW_LUAJIT
  lua_sethook(inner, NULL, 0, 0);
#endif
  (void)inner;
  // A stop is for all that runs, not for the innermost script alone.
  if (depth > 1 && why == LW_BUDGET_STOP)
    arm(b);
  else if (atomic_load(&b->ticks) < outer->limit) {
    lua_sethook(outer->running, NULL, 0, 0);
    atomic_store(&b->fired, LW_BUDGET_NONE);
  }
  return why;
}

int lw_budget_make_stoppable(lw_budget *b) {
  return !b->is_open && open_timer(b) ? LW_E_IO : 0;
}

void lw_budget_stop(lw_budget *b) {
  pthread_sigqueue(b->thread, TICK_SIGNAL, (union sigval){.sival_ptr = b});
}

void lw_budget_fire(lw_budget *b, int why) {
  if (atomic_load(&b->fired) != LW_BUDGET_NONE)
    return;
  atomic_store(&b->fired, why);
  arm(b);
}

lua_State *lw_budget_switch(lw_budget *b, lua_State *L) {
  lua_State *before = atomic_exchange(&b->running, L);
  // An armed hook follows into a coroutine that existed before.
  if (!LW_LUAJIT && atomic_load(&b->fired))
    lua_sethook(L, on_hook, LUA_MASKCOUNT, 1);
  return before;
}
