// Inside of a line, shared by the files line*.c only.
#ifndef LW_WORKER_LINE_PRIVATE_H
#define LW_WORKER_LINE_PRIVATE_H

#include <pthread.h> // pthread_t

#include "loop/clock.h" // lw_clock_virtual
#include "loop/heap.h"  // lw_heap
#include "worker/line.h"
#include "worker/realtime.h" // lw_realtime
#include "worker/recorder.h" // lw_recorder
#include "worker/region.h"   // lw_region

#define LW_LINE_SCAN_RING (1u << 18)  // bytes of the scan's own records
#define LW_LINE_HOST_RING (1u << 14)  // bytes of the host's own records
#define LW_LINE_SCAN_RECORD_MAX 4096u // longest record that a scan makes

// What survives a power cut: time and the plant. Shared by the line that was
// cut and the one that comes up after it.
typedef struct lw_plant {
  int refs;
  lw_clock_virtual clock;
  lw_region sim; // at = NULL when the plan has no signals
} lw_plant;

struct lw_line {
  lw_plan *plan;
  lw_clock *clock;
  lw_plant *plant;
  lw_region image, desk;
  lw_port port; // inline: the worker's side
  lw_io *io;
  lw_scan *scan;
  int is_inline;

  // records
  lw_store *store;
  lw_store_source sources[3]; // worker, scan, host
  lw_store_config store_config;
  int is_attached;
  lw_err store_error; // written once, before the flag
  _Atomic int is_store_stopped;
  _Atomic uint64_t scan_head, scan_tail; // of the scan's ring
  _Atomic uint64_t scan_lost_n;          // records that did not fit
  _Atomic uint64_t host_head, host_tail; // of the host's ring
  uint8_t host_data[LW_LINE_HOST_RING];
  uint8_t *scan_data; // [LW_LINE_SCAN_RING]
  uint8_t *scratch;   // [LW_RING_MESSAGE_MAX] for records without a store
  uint8_t scan_scratch[LW_LINE_SCAN_RECORD_MAX];

  // history
  lw_recorder *recorder; // NULL without a database in a file
  char undone[256];      // see lw_line_undone
  lw_err history_error;  // why there is none, code 0 else
  int is_history_told;
  lw_recorder_counts history_counts; // told so far

  // inline stepping: what is due next [ns]
  int64_t twin_due_ns, scan_due_ns, tick_due_ns;
  lw_heap timers;
  int is_watched, has_moved; // for LW_STEP_MOVED
  uint64_t seen;             // digest of what a scan showed last

  // process mode
  void (*on_commit)(void *arg);
  void *arg;
  lw_realtime realtime;
  char realtime_text[120];
  lw_latency latency;
  pthread_t thread;
  pthread_mutex_t scan_lock; // the scan against lw_line_renew_desk
  int has_thread;
  _Atomic int is_stopping;
};

// Attach the rings to the store, or do nothing without one.
int lw_line_attach(lw_line *l, lw_err *e);
void lw_line_detach(lw_line *l);

// Begin to record readings, when there is a database in a file.
void lw_line_record_history(lw_line *l);
void lw_line_end_history(lw_line *l);

#endif
