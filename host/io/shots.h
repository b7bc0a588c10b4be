// What all sources of pictures share: the points they offer, triggers, and the
// count of pictures that came late or never.
//
// A picture crosses as a text, its file's name in the source's folder: the
// reading carries time and quality as any other does, the journal can name the
// file, and who wants the pixels reads them where they are. Points:
//   picture  text, name of the newest; bad when it did not come
//   number   of the newest that was due, from 1
//   late     pictures that came later than `within` after they were due
//   missing  pictures that were due and never seen
//   trigger  written: each new number above 0 asks for a picture; a counter
//            that jumps tells how many were not asked for
#ifndef LW_IO_SHOTS_H
#define LW_IO_SHOTS_H

#include "linewright.h" // lw_point, lw_sample

typedef struct lw_shot_point {
  int what;      // one of the five above
  uint32_t told; // the newest news that this point has given
} lw_shot_point;

typedef struct lw_shots {
  lw_shot_point *points; // [point_n], owned
  size_t point_n;
  int is_triggered;  // by signal, not by interval
  int64_t every_ns;  // interval, 0 when triggered
  int64_t within_ns; // later than this is late
  uint32_t number, late, missing;
  uint32_t news;           // counts what happened to the picture
  char name[LW_TEXT_SIZE]; // newest, "" when it did not come
  double trigger;          // newest number written
} lw_shots;

// Options "every", "trigger", "within" of every source, for its option table.
#define LW_SHOTS_OPTIONS                                                       \
  {"every", 'd', 0, "time from picture to picture"},                           \
      {"trigger", 's', 0,                                                      \
       "signal: one picture for each new number of the tag "                   \
       "'trigger', in place of every"},                                        \
  {                                                                            \
    "within", 'd', 0,                                                          \
        "a picture that comes later is late, default half of "                 \
        "every, 500 ms when triggered"                                         \
  }

// Check an address: LW_E_SYNTAX says which there are.
int lw_shots_check_address(const char *address, int type, int access,
                           lw_err *e);
// Take options and points. LW_E_SYNTAX unless just one of every and trigger is
// given, LW_E_NOMEM.
int lw_shots_init(lw_shots *s, const lw_option *o, size_t n,
                  const lw_point *points, size_t point_n, lw_err *e);
void lw_shots_fini(lw_shots *s);

// Numbers written to triggers: returns how many pictures are due by them.
uint32_t lw_shots_write(lw_shots *s, const uint32_t *which, const double *raw,
                        size_t n);
// n pictures were due and will never come: they count as numbers, too.
void lw_shots_skip(lw_shots *s, uint32_t n);
// The picture `number` is due; those between it and the newest were missed.
void lw_shots_due(lw_shots *s, uint32_t number);
// It came, late_ns after it was due; the name is cut if longer than a text.
void lw_shots_put(lw_shots *s, const char *name, int64_t late_ns);
// It did not come, or cannot be read: the picture is bad until the next.
void lw_shots_lose(lw_shots *s);
// Fill samples of due points, as lw_driver_ops.read does.
void lw_shots_read(lw_shots *s, const uint32_t *due, size_t due_n,
                   lw_sample *out);

#endif
