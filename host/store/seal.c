// Seals: at a run's end the host signs where the chain stands, so that the
// chain cannot be made anew up to there by someone without its key.
#include <stdio.h> // snprintf

#include "store/key.h" // lw_key_load
#include "store/store_private.h"

typedef struct seal {
  uint8_t key[LW_SIGN_PUBLIC_N], signature[LW_SIGN_N];
} seal;

// 1 when the seal was signed, 0 when there is no key, which `key` explains; an
// error of the database is one of the store's.
static int sign(lw_store *s, int64_t run, const char *state, int64_t wall_ns,
                seal *out, lw_err *key, lw_err *e) {
  char path[LW_KEY_PATH_N];
  uint8_t seed[LW_SIGN_SEED_N], digest[LW_HASH_N];
  lw_run_info info;
  if (!*lw_db_path(&s->db))
    return 0;
  snprintf(path, sizeof path, "%s", s->key_path ? s->key_path : "");
  if ((!s->key_path && lw_key_path(path, key) < 0) ||
      lw_key_load(path, seed, key) < 0)
    return 0;
  int rc = lw_run_select(s, run, NULL, &info, e);
  if (rc < 0)
    return rc;
  lw_chain_run(&info, digest);
  lw_chain_seal(&s->chain, digest, state, wall_ns, digest);
  lw_sign_public(seed, out->key);
  lw_sign_run(seed, digest, sizeof digest, out->signature);
  return 1;
}

int lw_seal_append(lw_store *s, int64_t run, const char *state,
                   int64_t ended_wall_ns, lw_err *key, lw_err *e) {
  seal made;
  sqlite3_stmt *q;
  int is_signed = sign(s, run, state, ended_wall_ns, &made, key, e);
  if (is_signed < 0)
    return is_signed;
  int rc = lw_db_prepare(&s->db, &q,
                         "INSERT INTO seal(run,record,head,state,"
                         "ended_wall_ns,key,signature) VALUES(?,?,?,?,?,?,?)",
                         "writing", e);
  if (rc < 0)
    return rc;
  sqlite3_bind_int64(q, 1, run);
  sqlite3_bind_int64(q, 2, s->chain.id);
  sqlite3_bind_blob(q, 3, s->chain.head, LW_HASH_N, SQLITE_STATIC);
  sqlite3_bind_text(q, 4, state, -1, SQLITE_STATIC);
  sqlite3_bind_int64(q, 5, ended_wall_ns);
  if (is_signed) {
    sqlite3_bind_blob(q, 6, made.key, sizeof made.key, SQLITE_STATIC);
    sqlite3_bind_blob(q, 7, made.signature, sizeof made.signature,
                      SQLITE_STATIC);
  }
  rc = lw_db_step(&s->db, q, "writing", e);
  sqlite3_finalize(q);
  return rc;
}
