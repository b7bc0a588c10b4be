// What the files of the forwarder share. Private to store/.
#ifndef LW_STORE_FORWARD_PRIVATE_H
#define LW_STORE_FORWARD_PRIVATE_H

#include "store/forward.h"
#include "store/pg.h"            // lw_pg
#include "store/store_private.h" // lw_store

typedef struct lw_forward_tag {
  char *name;
  int64_t id; // in PostgreSQL
} lw_forward_tag;

struct lw_forward {
  lw_store *store;
  lw_pg *pg;
  char history[4096]; // folder
  char source[24];    // its number in PostgreSQL, as text
  char *name;         // of the source there
  char *who;          // where to and as what, for lw_sent_open
  lw_forward_tag *tags;
  size_t tag_n, tag_room;
  lw_forward_stats *sent; // of the step under way
};

// Make the tables that are missing and claim the source.
int lw_forward_prepare(lw_forward *f, const char *source, lw_err *e);

// How far a stream was sent, 0 = not at all.
int lw_forward_progress(lw_forward *f, const char *stream, int64_t *out,
                        lw_err *e);
// End the transaction with a stream's new progress, or undo it when rc < 0.
int lw_forward_commit(lw_forward *f, int rc, const char *stream, int64_t at,
                      lw_err *e);

int lw_forward_records(lw_forward *f, lw_err *e);
int lw_forward_chunks(lw_forward *f, lw_err *e);
int lw_forward_forget_folders(lw_forward *f, lw_err *e);

#endif
