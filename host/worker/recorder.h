// Feeds the historian from the process image: every tag by exception, that is
// when its quality changed, when its value moved by more than the tag's
// `deadband`, and every ten seconds to show that it did not.
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

// 0, or what ended the recording.
int lw_recorder_check(lw_recorder *r, lw_err *e);

#endif
