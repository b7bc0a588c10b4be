// The forwarder: sends what a database and its historian hold to PostgreSQL,
// for plants that outgrow one machine. Run headers, records with their audit
// hashes, seals, and closed chunks, one row per chunk; the tables are made when
// missing, in the schema `linewright`, with plain views over them.
//
// How far each stream was sent is kept in PostgreSQL, in the transaction that
// brings the rows: whichever side is killed, nothing is lost and nothing comes
// twice. The database is only read, and may be written by a host meanwhile.
// What was sent of each day is told beside the day (sent.h), and from the first
// step on retention waits for it.
#ifndef LW_STORE_FORWARD_H
#define LW_STORE_FORWARD_H

#include <stdint.h> // int64_t

#include "base/clock.h" // lw_clock
#include "base/err.h"   // lw_err

typedef struct lw_forward lw_forward;

typedef struct lw_forward_config {
  const char *db;       // path of the database; its historian is db.history
  const char *conninfo; // as libpq takes it
  const char *source;   // name of this database there, NULL = HOST:PATH
  lw_clock *clock;
} lw_forward_config;

typedef struct lw_forward_stats {
  int64_t runs, records, seals, chunks, points;
} lw_forward_stats;

// LW_E_UNSUPPORTED when built without libpq; LW_E_STATE when another process
// forwards this source; LW_E_NOTFOUND, LW_E_CORRUPT as lw_store_open; LW_E_IO,
// LW_E_DENIED for PostgreSQL.
int lw_forward_open(lw_forward **f, const lw_forward_config *c, lw_err *e);
void lw_forward_close(lw_forward *f); // NULL is fine

// Send all that is new. *sent says what of it arrived, also after an error;
// after one, close and open again to go on.
int lw_forward_step(lw_forward *f, lw_forward_stats *sent, lw_err *e);

// This forwarder will come no more: retention waits for it no longer. Returns
// in how many folders it was known; errors as lw_forward_open.
int lw_forward_forget(const lw_forward_config *c, lw_err *e);

#endif
