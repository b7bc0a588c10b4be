// One day of the historian: an SQLite file that explains itself and can simply
// be dropped when it is old. Private to store/.
#ifndef LW_STORE_DAY_H
#define LW_STORE_DAY_H

#include "store/chunk.h" // lw_chunk
#include "store/db.h"    // lw_db

#define LW_DAY_NS INT64_C(86400000000000)
#define LW_DAY_NAME_N 14 // "2026-11-22.db" and its NUL

// Days since 1970 (UTC) that a time falls into; rounds down.
int64_t lw_day_of(int64_t t_ns);
// "2026-11-22.db" into name [LW_DAY_NAME_N]; LW_E_RANGE beyond the years
// 0-9999.
int lw_day_name(int64_t day, char *name);
// The day of such a name, or -1 when it is none.
int64_t lw_day_parse(const char *name);

typedef struct lw_day {
  lw_db db;
  int64_t day; // since 1970
  char *path;
} lw_day;

int lw_day_open(lw_day *d, const char *folder, int64_t day, int mode,
                lw_err *e);
void lw_day_close(lw_day *d, int trust_disk); // twice is fine
// Make the file of a day that is over as small as it can be, without a log.
// Best effort: one that is large, or read at the moment, stays as it is. No
// statement may be open.
void lw_day_pack(lw_day *d);

// Number of a tag in this file, made when writing; 0 when reading an unknown.
int64_t lw_day_tag(lw_day *d, const char *name, const char *unit, int mode,
                   lw_err *e);

// `tag.hot_id` and `hot_n` say what of the hot table is in chunks already: the
// rows before hot_id, and of that row the tag's first hot_n samples.

// A chunk as the file has it, with what queries need to skip decoding it.
typedef struct lw_day_chunk {
  int64_t t0_ns, t1_ns; // first and last time
  int64_t n, good_n;    // samples; those that are not bad
  double min, max, sum; // of those
  double first, last;   // values at t0 and t1, whatever their quality
  int last_quality;
  double area_s;   // value held to the next sample, while not bad [unit s]
  int64_t span_ns; // how long that was
} lw_day_chunk;

// Fill the figures of a chunk from its samples.
void lw_day_measure(lw_day_chunk *c, const lw_chunk *samples);

// Samples that wait for their chunk: per instant a time (8 bytes), the number
// of samples (4), and for each its tag (4), quality (1) and value (8).
#define LW_HOT_HEAD_N 12
#define LW_HOT_SAMPLE_N 13

typedef struct lw_hot_sample {
  int64_t t_ns;
  uint32_t tag;
  uint8_t quality;
  double value;
} lw_hot_sample;

// Walk a hot row; returns 0, what fn returned, or LW_E_CORRUPT.
int lw_hot_walk(const uint8_t *row, size_t size,
                int (*fn)(void *arg, const lw_hot_sample *s), void *arg);

#endif
