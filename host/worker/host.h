// A run in process mode: the line with its threads in this process, the recipe
// in a worker process, the twin in a third when the line is simulated. Watches
// them, kills a silent worker, starts the next one, keeps the outputs safe.
#ifndef LW_WORKER_HOST_H
#define LW_WORKER_HOST_H

#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

#include "loop/loop.h"     // lw_loop
#include "worker/bundle.h" // lw_bundle
#include "worker/line.h"   // lw_line

// Worker deaths without an unhold between them, after which no new one starts.
#define LW_HOST_DEATHS_MAX 3

typedef struct lw_host lw_host;

typedef enum lw_host_ending {
  LW_HOST_FINISHED,  // the run came to its end: Complete, Stopped or Aborted
  LW_HOST_REFUSED,   // the worker would not start; it said why on stderr
  LW_HOST_BROKEN,    // drivers, store or twin failed: see e
  LW_HOST_ABANDONED, // worker died too often and a person ended the run
} lw_host_ending;

typedef struct lw_host_config {
  const char *self;        // this program, to start its roles
  const char *const *args; // what every role gets (bundle.h), ends with NULL
  const lw_bundle *bundle; // borrowed for the life of the host
  lw_store *store;         // borrowed
  const char *db;          // its path, for the worker to read
  int64_t run;
  uint64_t seed;
  int is_resume; // 1: come up Held from the journal; 0: reset and start
  int is_verbose;
  // Once, from the loop; e is only set for LW_HOST_BROKEN.
  void (*on_end)(void *arg, lw_host_ending ending, const lw_err *e);
  void *arg;
} lw_host_config;

// What people are shown.
typedef struct lw_host_view {
  int state; // PackML number, 0 while the worker loads
  int deaths;
  int is_paused;
  int has_no_journal; // the store stopped; status.reason tells why
  pid_t worker_pid;   // 0 = none
  int64_t now_ns;     // clock of status.until_ns
  lw_status status;   // the newest that could be read whole
  lw_trip trip;
  uint64_t scan_n, scan_late_n;
  lw_loop_held held;   // by the host's loop
  char trip_text[160]; // rule or tag in words, "" without a trip
  char can[160];       // what may be commanded now: "unhold, stop, abort"
} lw_host_view;

// Build the line and start threads and children; what fails later comes
// through on_end. Returns 0 or why nothing was started.
int lw_host_open(lw_host **h, lw_loop *loop, const lw_host_config *c,
                 lw_err *e);
// Kill the worker, drive what is left of the line to its end; lw_line_undone
// then knows which outputs nobody took.
void lw_host_stop(lw_host *h);
void lw_host_close(lw_host *h); // the same, and free all

void lw_host_look(lw_host *h, lw_host_view *out);
lw_line *lw_host_line(lw_host *h);

// When the store stops, the line goes to hold and the worker is ended; the host
// stays, Held. `unhold` then opens the store again and checks it: the run comes
// up Held from its journal. `stop` and `abort` end it.
//
// Give a command ("hold", "answer", ...) in the name of who. A PackML command
// that is not legal now is LW_E_STATE with DSL.md's sentence.
int lw_host_command(lw_host *h, const char *command, const char *who,
                    const char *argument, lw_err *e);
// The number of the newest command that was given to the worker that runs now.
uint32_t lw_host_sent(const lw_host *h);
// What became of the command of that number: 0 carried out (or too old to
// tell), LW_E_STATE refused with the reason in e, LW_E_AGAIN not yet known.
int lw_host_verdict(const lw_host_view *v, uint32_t number, lw_err *e);

// Read the line's profile anew, in a process of its own, and exchange the line
// under the run when it is Held and the profile allows it. The recipe, its
// worker is started again and resumes Held; a change is recorded with who.
// Returns the number of this reload, > 0, to look after; LW_E_AGAIN while one
// is under way.
int lw_host_reload(lw_host *h, const char *who, lw_err *e);
// How a reload fared: 0 under way, 1 taken up, 2 nothing to do, or LW_E_*; text
// for people, borrowed until the next reload. LW_E_NOTFOUND for another number.
int lw_host_reload_look(const lw_host *h, int number, const char **text);

#endif
