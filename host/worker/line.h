// A line assembled: plan, image, drivers, scan and store in one object. The
// host process runs it with threads on the real clock; inline mode steps the
// very same parts in one thread on a virtual clock.
#ifndef LW_WORKER_LINE_H
#define LW_WORKER_LINE_H

#include "base/clock.h"     // lw_clock
#include "image/port.h"     // lw_port
#include "io/io.h"          // lw_io
#include "scan/scan.h"      // lw_scan
#include "store/store.h"    // lw_store
#include "worker/latency.h" // lw_latency

typedef struct lw_line lw_line;

typedef struct lw_line_config {
  const uint8_t *plan; // encoded, borrowed for the call
  size_t plan_n;
  lw_store *store;   // borrowed; NULL = records are dropped
  int64_t run;       // run id in the store
  uint64_t seed;     // of the simulated plant
  int inline_mode;   // 1: virtual clock, no threads, no shared memory
  int64_t wall0_ns;  // inline: wall time at clock 0; a reboot may move it
  lw_line *previous; // a reboot after a power cut, or another profile: go on
                     // with this line's clock and plant, which outlive it;
                     // stop it before, free either first. NULL = new ones
  // Process mode: worker records are on disk up to image.committed, or the
  // store stopped. Called on the writer thread; must not block. May be NULL.
  void (*on_commit)(void *arg);
  void *arg;
} lw_line_config;

int lw_line_new(lw_line **l, const lw_line_config *c, lw_err *e);
void lw_line_free(lw_line *l);

// Threads on (drivers, scan, writer); process mode only.
int lw_line_start(lw_line *l, lw_err *e);
void lw_line_stop(lw_line *l);
// After lw_line_stop: which outputs did not reach their device, safe values
// among them, for people; "" when all did.
const char *lw_line_undone(const lw_line *l);

// Process mode, after the worker died and was reaped: take over its last
// records, then lay the desk out anew for the next one. Outputs stay as they
// are. Returns 0 or the store's error.
int lw_line_renew_desk(lw_line *l, lw_err *e);
// Without a worker: open a store again that an error stopped, and lay the desk
// out anew. What the old worker had not on disk is gone.
int lw_line_reopen_store(lw_line *l, lw_err *e);
// How the scan thread runs: "SCHED_FIFO 50, memory locked, cpu_dma_latency 0".
const char *lw_line_realtime(const lw_line *l);
// How late the scan thread woke so far.
const lw_latency *lw_line_latency(const lw_line *l);

// Inline: the next thing that Lua has to do, at most up to limit_ns. Scans and
// drivers run inside, in fixed order at one instant: twin, scan, timers, tick.
// The twin steps with the tick; the scan has its own period. Advances the
// clock, to limit_ns when nothing is left up to and including it. Returns
// LW_STEP_*; for LW_STEP_TIMER *id is the caller's. LW_STEP_MOVED comes on a
// line that is watched: all that was due at this instant is done, and it held a
// tick, or a scan that changed a terminal, a reading or the level of outputs.
enum {
  LW_STEP_LIMIT,
  LW_STEP_TWIN,
  LW_STEP_TICK,
  LW_STEP_TIMER,
  LW_STEP_MOVED
};
int lw_line_step(lw_line *l, int64_t limit_ns, uint64_t *id);
int lw_line_timer(lw_line *l, int64_t due_ns, uint64_t id);
// Inline: somebody sets the wall clock; the line's own time goes on as it was.
void lw_line_step_wall(lw_line *l, int64_t by_ns);
void lw_line_watch(lw_line *l); // inline: from here on with LW_STEP_MOVED
int lw_line_pump(lw_line *l);  // inline: commit records, 0 or the store's error
void lw_line_lose(lw_line *l); // inline: what is not committed is gone, as with
                               // the power

const lw_plan *lw_line_plan(const lw_line *l);
lw_port *lw_line_port(lw_line *l); // inline: the worker's side
lw_image *lw_line_image(lw_line *l);
lw_desk *lw_line_desk(lw_line *l);
lw_io *lw_line_io(lw_line *l);
lw_scan *lw_line_scan(lw_line *l);
lw_sim *lw_line_sim(lw_line *l); // NULL when the plan has no signals
lw_clock *lw_line_clock(lw_line *l);
// Process mode: memory files to hand to worker and twin.
int lw_line_image_fd(const lw_line *l);
int lw_line_desk_fd(const lw_line *l);
int lw_line_sim_fd(const lw_line *l); // -1 when the plan has no signals

// A run with a database in a file has a historian beside it (recorder.h):
// FILE.history, in inline mode FILE.history/run-ID. When that fails an alarm is
// recorded once, here and at the end; the run goes on. Notes tell the days that
// retention dropped and scans that were lost.
void lw_line_watch_history(lw_line *l);

// 0, or the LW_E_* that stopped the store, with its words in *e.
int lw_line_store_error(lw_line *l, lw_err *e);

// Process mode: a record of the host itself, from the thread that owns the
// line. LW_E_FULL when the writer is behind.
int lw_line_record(lw_line *l, int kind, const char *key, const char *data);

// Send a command to the worker: "hold", who, argument (may be ""). LW_E_FULL.
int lw_line_command(lw_line *l, const char *command, const char *who,
                    const char *argument);

#endif
