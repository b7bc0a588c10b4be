// How far a forwarder has come with the days of a folder, in a small text file
// beside them, so that retention can wait for it: a line per day with the
// newest chunk that is on the server. One file per forwarder; PostgreSQL's own
// progress is what forwarding goes by, this is a copy that may lag. Private to
// store/.
#ifndef LW_STORE_SENT_H
#define LW_STORE_SENT_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "base/err.h" // lw_err

typedef struct lw_sent_day {
  int64_t day;   // since 1970
  int64_t chunk; // newest one sent
} lw_sent_day;

typedef struct lw_sent {
  const char *folder; // borrowed
  char *path;
  lw_sent_day *days;
  size_t n, room;
  int is_changed;
} lw_sent;

// Read what a forwarder has told of a folder; one that tells the first time has
// claimed it with the next save.
//   who  names the forwarder: where it sends to
int lw_sent_open(lw_sent *s, const char *folder, const char *who, lw_err *e);
int lw_sent_note(lw_sent *s, int64_t day, int64_t chunk, lw_err *e);
// Write it when something is new; days that have no file any more are left out.
int lw_sent_save(lw_sent *s, lw_err *e);
void lw_sent_fini(lw_sent *s);

// The forwarder is gone for good: retention waits for it no more. Returns how
// many files went, 0 or 1.
int lw_sent_forget(const char *folder, const char *who, lw_err *e);

// Is all of a day on the server of each forwarder of this folder? 1 also when
// there is none; 0 when it cannot be said.
int lw_sent_has(const char *folder, int64_t day);

#endif
