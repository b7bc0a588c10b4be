// The event loop of a process: timers in one heap behind one libuv timer, file
// descriptors, signals, children. One thread owns a loop; the others write a
// byte into a descriptor that it watches.
#ifndef LW_LOOP_LOOP_H
#define LW_LOOP_LOOP_H

#include <stddef.h>    // size_t
#include <stdint.h>    // int64_t
#include <sys/types.h> // pid_t

#include "base/err.h" // lw_err

typedef struct lw_loop lw_loop;

int lw_loop_new(lw_loop **l, lw_err *e);
// Closes what is still watched and kills children that are still running.
void lw_loop_free(lw_loop *l);
void lw_loop_run(lw_loop *l);  // until lw_loop_stop
void lw_loop_stop(lw_loop *l); // from a callback of this loop

// Call fn once when the real clock reaches due_ns, never earlier and as a rule
// less than a millisecond later. Timers of one instant fire in the order of
// asking. Returns an id > 0, or LW_E_NOMEM.
int64_t lw_loop_timer(lw_loop *l, int64_t due_ns, void (*fn)(void *arg),
                      void *arg);
void lw_loop_timer_drop(lw_loop *l, int64_t id); // unknown ids are ignored

// Call fn whenever fd can be read (or its other end hung up). The descriptor
// stays the caller's; unwatch before closing it.
int lw_loop_watch(lw_loop *l, int fd, void (*fn)(void *arg), void *arg,
                  lw_err *e);
void lw_loop_unwatch(lw_loop *l, int fd);

// What a loop holds at this moment, to see whether it lets go of what it took.
typedef struct lw_loop_held {
  size_t timers;  // not yet fired or dropped
  size_t handles; // libuv's: descriptors, signals, children, one for all timers
} lw_loop_held;

lw_loop_held lw_loop_look(lw_loop *l);

// Call fn in the loop, not in a signal handler, when the signal arrives.
int lw_loop_signal(lw_loop *l, int signo, void (*fn)(void *arg, int signo),
                   void *arg, lw_err *e);

// --------------------------------------------------------------- children ---

typedef struct lw_child lw_child;

typedef struct lw_child_config {
  const char *file;        // program, looked up in PATH when without a slash
  const char *const *argv; // ends with NULL
  const int *fds;          // [fd_n] become 3, 4, ... in the child
  size_t fd_n;             // at most 8
  int is_input_kept;       // 1: the child has our standard input, else none
  int output;              // > 0: becomes its standard output, else it has ours
  // Once, after the child was reaped; it must not be touched afterwards.
  //   status  exit status, or -1 when a signal ended it
  //   signo   the signal, or 0
  void (*on_exit)(void *arg, int status, int signo);
  void *arg;
} lw_child_config;

int lw_child_open(lw_loop *l, const lw_child_config *c, lw_child **child,
                  lw_err *e);
// Safe until on_exit was called: the process is not reaped before.
void lw_child_kill(lw_child *child, int signo);
pid_t lw_child_pid(const lw_child *child);
// Call on_exit no more: its owner goes. The child runs on until it is killed
// or the loop is freed.
void lw_child_disown(lw_child *child);

// Run a child to its end in a loop of its own.
//   limit       0 = no message wanted; else what the child writes on its
//               descriptor 3 is kept, at most that many bytes: more and it is
//               killed, LW_E_FULL
//   timeout_ns  longer and it is killed, LW_E_TIMEOUT; 0 = as long as it likes
// Returns 0 and *end, or why not; c->on_exit is not called.
typedef struct lw_child_end {
  int status, signo; // as in on_exit
  char *message;     // [n], NUL added, to free(); NULL when not wanted
  size_t n;
} lw_child_end;
int lw_child_run(const lw_child_config *c, size_t limit, int64_t timeout_ns,
                 lw_child_end *end, lw_err *e);

// Version of the libuv that is loaded.
const char *lw_loop_library(void);

#endif
