// CPU budgets for script code: a timer on the VM thread's own CPU clock that,
// once a slice is over its budget, arms a hook on every VM instruction. Such a
// timer is looked at by the kernel's tick only, up to 4 ms late; near the end
// of a slice a watchdog thread looks at the same clock and is on time. The hook
// raises until the slice is left, so `pcall` in a recipe swallows nothing.
// Costs nothing until it fires (a permanent count hook halves the speed of the
// interpreter).
#ifndef LW_BIND_BUDGET_H
#define LW_BIND_BUDGET_H

#include <pthread.h>   // pthread_t
#include <semaphore.h> // sem_t
#include <signal.h>    // timer_t
#include <stdatomic.h> // _Atomic
#include <stdint.h>    // int64_t
#include <time.h>      // timer_t

#include "base/err.h"    // lw_err
#include "bind/compat.h" // lua_State

// Why the hook is armed. COLLECT only collects garbage and lets the script go
// on, or turns into MEMORY.
enum {
  LW_BUDGET_NONE,
  LW_BUDGET_CPU,
  LW_BUDGET_MEMORY,
  LW_BUDGET_COLLECT,
  LW_BUDGET_STOP // a person wants it to end
};

// How fine CPU time is counted [ns].
#define LW_BUDGET_TICK_NS INT64_C(2000000)

typedef struct lw_budget {
  timer_t timer;
  int is_open;
  lua_State *main; // the VM's main thread
  // The signal handler runs on the VM's thread and reads or writes these.
  _Atomic uint64_t ticks; // CPU ticks so far
  _Atomic uint64_t limit; // tick at which the slice ends; UINT64_MAX = never
  _Atomic int64_t end_ns; // the same on the CPU clock, without skipped_ns
  _Atomic int fired;      // LW_BUDGET_*
  _Atomic(lua_State *) running; // coroutine in which a hook works
  _Atomic int depth;            // slices that are open, one in the other
  // The sum of all slices since lw_budget_tick: its end, and what it was.
  uint64_t tick_limit;
  int64_t tick_budget_ns, tick_end_ns;
  // The CPU clock when lw_budget_tick last looked at it, and the monotonic
  // clock just before that.
  int64_t seen_cpu_ns, seen_mono_ns;
  pthread_t thread;           // the VM's, once is_open
  clockid_t cpu;              // its CPU clock
  int64_t began_ns;           // what that said when ticks was 0
  _Atomic int64_t skipped_ns; // of jumps, which are charged to nobody
  _Atomic int is_stop;        // lw_budget_stop has asked
  pthread_t watchdog;
  _Atomic int has_quit;
  sem_t near;        // posted when a slice comes to its end
  int64_t budget_ns; // of the slice, for the message
  int nest; // C stack that scripts hold, in units of their own counting
  // With the JIT on: makes compiled code fall back to the interpreter, where
  // the hook works. NULL without.
  void (*poke)(int signal);
} lw_budget;

// What a nested slice has to put back.
typedef struct lw_slice {
  uint64_t limit;
  int64_t end_ns;
  int64_t budget_ns;
  lua_State *running;
  int nest;
} lw_slice;

// Set up for the VM whose main thread is L; no timer until one is needed.
void lw_budget_init(lw_budget *b, lua_State *L);
void lw_budget_fini(lw_budget *b);

// Start a slice in coroutine L: it ends budget_ns of this thread's CPU time
// from now (0 = no limit of its own) or when the slice around it ends.
// Returns 0, or LW_E_IO when the system gives no timer.
int lw_budget_enter(lw_budget *b, lua_State *L, int64_t budget_ns,
                    lw_slice *outer);
// From now on all slices together have budget_ns of CPU time, until the next
// call (0 = no limit). What is left of it at the least is a few ms: guards have
// to be looked at even after a script has used up the rest.
int lw_budget_tick(lw_budget *b, int64_t budget_ns);

// End the slice; returns LW_BUDGET_* if it was cut. An outer slice that is over
// too stays armed.
int lw_budget_leave(lw_budget *b, const lw_slice *outer);

// Arm the hook for another reason; nothing when it is armed already.
void lw_budget_fire(lw_budget *b, int why);

// From the VM's thread, before lw_budget_stop may be called. 0 or LW_E_IO.
int lw_budget_make_stoppable(lw_budget *b);
// From any thread: end what runs now with an error that nothing swallows until
// the outermost slice is left; nothing when no slice is open.
void lw_budget_stop(lw_budget *b);

// The coroutine that runs now has changed (PUC Lua: hooks belong to one
// coroutine; LuaJIT's are the whole VM's). Returns the one before.
lua_State *lw_budget_switch(lw_budget *b, lua_State *L);

#endif
