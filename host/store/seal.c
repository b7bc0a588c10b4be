// Seals: at a run's end the host signs where the chain stands, so that the
// chain cannot be made anew up to there by someone without its key.
#include <errno.h>  // errno
#include <fcntl.h>  // open
#include <stdio.h>  // snprintf
#include <string.h> // strerror
#include <unistd.h> // read, write, fsync

#include "store/store_private.h"

typedef struct seal {
  uint8_t key[LW_SIGN_PUBLIC_N], signature[LW_SIGN_N];
} seal;

static int key_error(const char *path, lw_err *e) {
  return lw_err_set(e, errno == EACCES ? LW_E_DENIED : LW_E_IO,
                    "cannot use the signing key %s: %s", path, strerror(errno));
}

static int make_key(const char *path, uint8_t seed[LW_SIGN_SEED_N], lw_err *e) {
  if (lw_sign_seed(seed) < 0)
    return lw_err_set(e, LW_E_IO, "the system gives no random numbers");
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return key_error(path, e);
  ssize_t n = write(fd, seed, LW_SIGN_SEED_N);
  int rc = n == LW_SIGN_SEED_N && fsync(fd) == 0 ? 0 : key_error(path, e);
  close(fd);
  if (rc < 0)
    unlink(path);
  return rc;
}

static int load_key(const char *path, uint8_t seed[LW_SIGN_SEED_N], lw_err *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return errno == ENOENT ? make_key(path, seed, e) : key_error(path, e);
  ssize_t n = read(fd, seed, LW_SIGN_SEED_N);
  close(fd);
  if (n == LW_SIGN_SEED_N)
    return 0;
  return lw_err_set(e, LW_E_CORRUPT,
                    "the signing key %s has %zd bytes, must have %d; move it "
                    "away to have a new one made",
                    path, n, LW_SIGN_SEED_N);
}

// 1 when the seal was signed, 0 when there is no key, which `key` explains; an
// error of the database is one of the store's.
static int sign(lw_store *s, int64_t run, const char *state, int64_t wall_ns,
                seal *out, lw_err *key, lw_err *e) {
  char path[4096 + 8];
  uint8_t seed[LW_SIGN_SEED_N], digest[LW_HASH_N];
  lw_run_info info;
  if (!*lw_db_path(&s->db))
    return 0;
  snprintf(path, sizeof path, "%s.key", lw_db_path(&s->db));
  if (load_key(path, seed, key) < 0)
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
