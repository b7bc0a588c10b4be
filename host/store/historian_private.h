// What the files of the historian's writer share. Private to store/.
#ifndef LW_STORE_HISTORIAN_PRIVATE_H
#define LW_STORE_HISTORIAN_PRIVATE_H

#include "store/day.h"       // lw_day
#include "store/historian.h" // lw_historian

// Tags that were scanned together share their times; the newest few are kept.
#define LW_TIMES_KEPT 4

typedef struct lw_hist_tag {
  char *name, *unit;
  int64_t file_id;    // in the day's file, 0 = not looked up
  lw_chunk *samples;  // that wait for their chunk
  int64_t hot_from;   // hot row of the oldest of them
  int64_t row, row_n; // newest hot row with a sample, how many in it
} lw_hist_tag;

typedef struct lw_shared_times {
  int64_t id, t_ns[LW_CHUNK_N];
  size_t n;
} lw_shared_times;

struct lw_historian {
  char *folder;
  int lock_fd;
  lw_err stop; // why it stopped, code 0 while good
  lw_coder *coder;
  lw_day day;
  int has_day, has_begun;
  lw_hist_tag *tags;
  size_t tag_n, tag_room;
  int64_t row; // id of the hot row in the making
  uint8_t *pending;
  size_t pending_n, pending_room;
  int has_sealed; // since the last commit
  lw_shared_times times[LW_TIMES_KEPT];
  size_t times_next;
  sqlite3_stmt *put_chunk, *put_times, *put_hot, *put_mark;
  uint8_t times_blob[LW_CHUNK_MAX], values_blob[LW_CHUNK_MAX];
  lw_historian_stats stats;
};

// Start a transaction unless there is one.
int lw_hist_begin(lw_historian *h, lw_err *e);
// Write what is pending and commit.
int lw_hist_finish(lw_historian *h, lw_err *e);
// Add a sample, which lies in hot row `row`, to its tag's next chunk.
int lw_hist_take(lw_historian *h, lw_hist_tag *t, int64_t row,
                 const lw_hot_sample *s, lw_err *e);
// Turn a tag's waiting samples into a chunk.
int lw_hist_seal(lw_historian *h, lw_hist_tag *t, lw_err *e);
// Make `day` (since 1970) the one that is written; what an earlier life left in
// its hot table is taken in again.
int lw_hist_go_to_day(lw_historian *h, int64_t day, lw_err *e);
// Go on with the newest day that has a file, if there is one.
void lw_hist_adopt(lw_historian *h);
// Turn all that waits into chunks, commit, and give back the room that the hot
// table had.
int lw_hist_end_chunks(lw_historian *h, lw_err *e);
//   is_over  no more will come for this day: pack its file
void lw_hist_close_day(lw_historian *h, int is_over);
// Turn all that waits into chunks and close the day for good.
int lw_hist_end_day(lw_historian *h, lw_err *e);

#endif
