// Check a store's audit chain against its records: finds every record that was
// changed, removed, inserted or moved, and says which. Needs nothing but the
// file: no key, no running host.
#ifndef LW_STORE_VERIFY_H
#define LW_STORE_VERIFY_H

#include "store/store.h" // lw_store

typedef struct lw_verify_result {
  int64_t records, runs, files, seals; // how many were checked
  int64_t signed_n;                    // seals with a good signature
  int64_t findings;
  int64_t key_changes; // from one signature to the next
  char key[65]; // public key of the newest signature, hex; "" without one.
                // Compare it with the host's own: whoever can write both
                // file and key can sign anything.
} lw_verify_result;

// Called once per finding; record is 0 when it is about something else. The
// text is a sentence without a newline. Non-zero ends the walk.
typedef int (*lw_verify_report)(void *arg, int64_t record, const char *text);

// Check everything: the file's own structure, run headers, records, bundle
// texts, seals. Returns 0 when the walk was done (*out says what was found), or
// the error that kept it from being done.
int lw_store_verify(lw_store *s, lw_verify_report report, void *arg,
                    lw_verify_result *out, lw_err *e);

// Check only the records from an id on, and that the chain ends with the last.
int lw_store_verify_from(lw_store *s, int64_t from, lw_verify_report report,
                         void *arg, lw_verify_result *out, lw_err *e);

#endif
