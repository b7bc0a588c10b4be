// Feeds the historian from the process image. A tag is recorded by exception,
// that is when its quality changed, when its value moved by more than the tag's
// `deadband`, and every ten seconds to show that it did not; or at each scan,
// or not at all, as its `history` says in the line's profile.
//
// Old days go by themselves: those older than the plan's history_keep_ns, and
// the oldest when the folder takes more than history_share of its disk.
//
// History is worth less than control: whatever fails here ends the recording,
// never the run.
#ifndef LW_WORKER_RECORDER_H
#define LW_WORKER_RECORDER_H

#include "base/clock.h"  // lw_clock
#include "image/image.h" // lw_image
#include "image/plan.h"  // lw_plan

typedef struct lw_recorder lw_recorder;

typedef struct lw_recorder_config {
  const lw_plan *plan; // borrowed, like image and clock
  lw_image *image;
  lw_clock *clock;
  const char *folder; // of the historian, made when missing
  int64_t period_ns;  // between samples, 0 = 100 ms, at least one scan
  int thread; // 1: samples by itself and commits each second; 0: is stepped,
              // and commits when there is much or it is freed
} lw_recorder_config;

// LW_E_STATE when another process records into the folder.
int lw_recorder_new(lw_recorder **r, const lw_recorder_config *c, lw_err *e);
// Commits and closes; NULL is fine.
void lw_recorder_free(lw_recorder *r);

// Inline: take a sample if it is time.
void lw_recorder_step(lw_recorder *r, int64_t now_ns);

// After each scan, from the thread that scans: keep what is wanted of each.
// With a thread it is handed over and never waits for the disk.
void lw_recorder_scan(lw_recorder *r);

typedef struct lw_recorder_counts {
  uint64_t days_dropped; // by retention
  uint64_t days_unsent;  // of these, lost to a forwarder: the disk was full
  uint64_t days_waiting; // old ones that a forwarder has yet to send, now
  uint64_t scans_lost;   // the disk was too slow for them
} lw_recorder_counts;
void lw_recorder_counts_read(lw_recorder *r, lw_recorder_counts *out);

// 0, or what ended the recording.
int lw_recorder_check(lw_recorder *r, lw_err *e);

#endif
