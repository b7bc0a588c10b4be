#include "bind/budget.h"

#include <string.h>      // strlen
#include <sys/syscall.h> // SYS_gettid
#include <unistd.h>      // syscall

#include "bind/vm.h"    // lw_vm_of
#include "loop/clock.h" // lw_clock_read

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

// A script that computes is told of the kernel's ticks, 1 to 10 ms apart, on a
// crowded machine only of those that met it while it ran: several may be
// missed. A longer jump of the thread's clock is a machine that stood still (a
// virtual one lent to others): it must not be charged to the script that met
// it.
#define JUMP_MAX (INT64_C(30000000) / LW_BUDGET_TICK_NS)

// The watchdog is called when so many ticks are left: more than the kernel's
// own tick may be late.
#define NEAR_TICKS 6

static int64_t cpu_ns(const lw_budget *b) {
  return lw_clock_read(b->cpu);
}

// What the CPU clock says at a tick.
static int64_t at_tick(const lw_budget *b, uint64_t tick) {
  return b->began_ns + atomic_load(&b->skipped_ns) +
         (int64_t)tick * LW_BUDGET_TICK_NS;
}

static int64_t end_of_slice(const lw_budget *b) {
  return atomic_load(&b->end_ns) + atomic_load(&b->skipped_ns);
}

// Called for by the watchdog: is the slice over that runs now? A jump that the
// timer has not yet told of is not counted.
static void look_at_clock(lw_budget *b) {
  uint64_t limit = atomic_load(&b->limit);
  if (limit == UINT64_MAX || atomic_load(&b->fired) != LW_BUDGET_NONE)
    return;
  int64_t now_ns = cpu_ns(b);
  int64_t behind_ns = now_ns - at_tick(b, atomic_load(&b->ticks));
  if (now_ns < end_of_slice(b) || behind_ns > JUMP_MAX * LW_BUDGET_TICK_NS)
    return;
  atomic_store(&b->fired, LW_BUDGET_CPU);
  arm(b);
}

// From another thread: the watchdog's call, or a person's stop.
static void on_call(lw_budget *b) {
  if (!atomic_exchange(&b->is_stop, 0)) {
    look_at_clock(b);
    return;
  }
  if (atomic_load(&b->depth) == 0)
    return;
  atomic_store(&b->fired, LW_BUDGET_STOP);
  arm(b);
}

static void on_tick(int sig, siginfo_t *info, void *context) {
  (void)sig, (void)context;
  lw_budget *b = info->si_value.sival_ptr;
  if (info->si_code == SI_QUEUE) {
    on_call(b);
    return;
  }
  uint64_t passed = 1 + (uint64_t)info->si_overrun;
  if (passed > JUMP_MAX) {
    atomic_fetch_add(&b->skipped_ns, (int64_t)(passed - 1) * LW_BUDGET_TICK_NS);
    passed = 1;
  }
  uint64_t now = atomic_fetch_add(&b->ticks, passed) + passed;
  uint64_t limit = atomic_load(&b->limit);
  if (limit != UINT64_MAX && now + NEAR_TICKS >= limit && now < limit)
    sem_post(&b->near);
  int fired = atomic_load(&b->fired);
  int is_over = now >= atomic_load(&b->limit);
  if (!is_over && fired == LW_BUDGET_NONE)
    return;
  if (is_over && fired != LW_BUDGET_MEMORY && fired != LW_BUDGET_STOP)
    atomic_store(&b->fired, LW_BUDGET_CPU);
  arm(b); // again at each tick: compiled code and other hooks may undo it
}

// A slice comes to its end: look at the clock that it is counted by. CPU time
// never runs faster than the monotonic clock, so that no sleep here is too
// long.
static void watch_slice(lw_budget *b) {
  for (;;) {
    uint64_t limit = atomic_load(&b->limit);
    if (limit == UINT64_MAX || atomic_load(&b->fired) ||
        atomic_load(&b->has_quit))
      return;
    int64_t left_ns = end_of_slice(b) - cpu_ns(b);
    if (left_ns > 2 * NEAR_TICKS * LW_BUDGET_TICK_NS)
      return; // another slice by now: its own ticks call again
    if (left_ns <= 0) {
      pthread_sigqueue(b->thread, TICK_SIGNAL, (union sigval){.sival_ptr = b});
      left_ns = LW_BUDGET_TICK_NS; // a jump: look again
    }
    struct timespec nap = {.tv_nsec = (long)left_ns};
    clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL);
  }
}

static void *watch(void *arg) {
  lw_budget *b = arg;
  while (!atomic_load(&b->has_quit)) {
    if (sem_wait(&b->near) == 0)
      watch_slice(b);
  }
  return NULL;
}

static int open_watchdog(lw_budget *b) {
  sigset_t all, before;
  sigfillset(&all);
  if (sem_init(&b->near, 0, 0))
    return LW_E_IO;
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int rc = pthread_create(&b->watchdog, NULL, watch, b);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (rc)
    sem_destroy(&b->near);
  return rc ? LW_E_IO : 0;
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
  b->thread = pthread_self();
  if (sigaction(TICK_SIGNAL, &sa, NULL) ||
      pthread_sigmask(SIG_UNBLOCK, &own, NULL) ||
      pthread_getcpuclockid(b->thread, &b->cpu) ||
      timer_create(CLOCK_THREAD_CPUTIME_ID, &ev, &b->timer))
    return LW_E_IO;
  if (open_watchdog(b) < 0) {
    timer_delete(b->timer);
    return LW_E_IO;
  }
  b->is_open = 1;
  b->began_ns = cpu_ns(b);
  return timer_settime(b->timer, 0, &every, NULL) ? LW_E_IO : 0;
}

void lw_budget_init(lw_budget *b, lua_State *L) {
  *b = (lw_budget){
      .main = L, .limit = UINT64_MAX, .tick_limit = UINT64_MAX, .running = L};
}

void lw_budget_fini(lw_budget *b) {
  if (!b->is_open)
    return;
  timer_delete(b->timer);
  atomic_store(&b->has_quit, 1);
  sem_post(&b->near);
  pthread_join(b->watchdog, NULL);
  sem_destroy(&b->near);
  b->is_open = 0;
}

// Ticks that the kernel has not told of yet count as none: never less than the
// budget, a few ms more where lw_budget_tick has not looked at the clock.
static uint64_t limit_after(const lw_budget *b, int64_t budget_ns) {
  return atomic_load(&b->ticks) +
         (uint64_t)((budget_ns - 1) / LW_BUDGET_TICK_NS) + 4;
}

// What the CPU clock says now, or up to one tick more. It costs a system call,
// which virtual time would pay 100,000 times a second; it never runs faster
// than the monotonic clock, which costs none.
static int64_t cpu_at_most_ns(lw_budget *b) {
  int64_t mono_ns = lw_clock_read(CLOCK_MONOTONIC);
  if (!b->seen_mono_ns || mono_ns - b->seen_mono_ns >= LW_BUDGET_TICK_NS) {
    b->seen_mono_ns = mono_ns;
    b->seen_cpu_ns = cpu_ns(b);
  }
  return b->seen_cpu_ns + mono_ns - b->seen_mono_ns;
}

int lw_budget_tick(lw_budget *b, int64_t budget_ns) {
  b->tick_limit = UINT64_MAX;
  b->tick_budget_ns = budget_ns;
  if (budget_ns <= 0)
    return 0;
  if (!b->is_open && open_timer(b))
    return LW_E_IO;
  int64_t end_ns = cpu_at_most_ns(b) + budget_ns - at_tick(b, 0);
  b->tick_limit = (uint64_t)((end_ns - 1) / LW_BUDGET_TICK_NS) + 1;
  b->tick_end_ns = end_ns + b->began_ns;
  return 0;
}

int lw_budget_enter(lw_budget *b, lua_State *L, int64_t budget_ns,
                    lw_slice *outer) {
  if (budget_ns > 0 && !b->is_open && open_timer(b))
    return LW_E_IO;
  *outer = (lw_slice){atomic_load(&b->limit), atomic_load(&b->end_ns),
                      b->budget_ns, lw_budget_switch(b, L), b->nest};
  atomic_fetch_add(&b->depth, 1);
  if (budget_ns <= 0)
    return 0;
  uint64_t limit = limit_after(b, budget_ns), least = limit_after(b, 1);
  if (b->tick_limit < limit) {
    limit = b->tick_limit > least ? b->tick_limit : least;
    budget_ns = b->tick_budget_ns;
  }
  if (limit >= outer->limit)
    return 0;
  // The end before the limit: a call that sees the new limit sees its end.
  atomic_store(&b->end_ns,
               limit == b->tick_limit
                   ? b->tick_end_ns
                   : b->began_ns + (int64_t)limit * LW_BUDGET_TICK_NS);
  b->budget_ns = budget_ns;
  atomic_store(&b->limit, limit);
  return 0;
}

int lw_budget_leave(lw_budget *b, const lw_slice *outer) {
  int is_outer_over = atomic_load(&b->limit) == outer->limit &&
                      atomic_load(&b->fired) == LW_BUDGET_CPU;
  // The limit first: from here on a tick can only fire for the outer slice.
  atomic_store(&b->limit, outer->limit);
  atomic_store(&b->end_ns, outer->end_ns);
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
  // A stop is for all that runs, not for the innermost script alone; nor is it
  // spared whose own time is over.
  if (depth > 1 && (why == LW_BUDGET_STOP || is_outer_over))
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
  atomic_store(&b->is_stop, 1);
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
