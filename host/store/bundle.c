// The texts a run was made from, kept once per digest.
#include <stdlib.h> // malloc
#include <string.h> // memcpy, strcmp

#include "store/store_private.h"

static void bind_place(sqlite3_stmt *q, const char *bundle, const char *role,
                       const char *path) {
  sqlite3_bind_text(q, 1, bundle, -1, SQLITE_STATIC);
  sqlite3_bind_text(q, 2, role, -1, SQLITE_STATIC);
  sqlite3_bind_text(q, 3, path, -1, SQLITE_STATIC);
}

static int put_content(lw_store *s, const char *sha, const char *text, size_t n,
                       lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(
      &s->db, &q, "INSERT OR IGNORE INTO content VALUES(?,?)", "writing", e);
  if (rc < 0)
    return rc;
  sqlite3_bind_text(q, 1, sha, -1, SQLITE_STATIC);
  sqlite3_bind_blob64(q, 2, n ? text : "", n, SQLITE_STATIC);
  rc = lw_db_step(&s->db, q, "writing", e);
  sqlite3_finalize(q);
  return rc;
}

static int put_file(lw_store *s, const char *bundle, const char *role,
                    const char *path, const char *sha, lw_err *e) {
  sqlite3_stmt *q;
  // The same file again changes nothing; another text under the same name is
  // refused by the primary key.
  int rc = lw_db_prepare(&s->db, &q,
                         "INSERT INTO bundle_file SELECT ?1,?2,?3,?4 WHERE NOT "
                         "EXISTS(SELECT 1 FROM bundle_file WHERE bundle=?1 AND "
                         "role=?2 AND path=?3 AND sha=?4)",
                         "writing", e);
  if (rc < 0)
    return rc;
  bind_place(q, bundle, role, path);
  sqlite3_bind_text(q, 4, sha, -1, SQLITE_STATIC);
  rc = lw_db_step(&s->db, q, "writing", e);
  sqlite3_finalize(q);
  if (rc == LW_E_EXISTS && strcmp(role, "pack") == 0)
    lw_err_set(e, rc,
               "%s: runs of bundle %.12s in it are from another pack, of other "
               "stage or signature; give this one a database of its own: --db",
               s->path, bundle);
  else if (rc == LW_E_EXISTS)
    lw_err_set(e, rc, "%s: bundle %.12s has another text for %s '%s'", s->path,
               bundle, role, path);
  return rc;
}

int lw_store_bundle_put(lw_store *s, const char *bundle, const char *role,
                        const char *path, const char *sha, const char *text,
                        size_t n, lw_err *e) {
  char hex[LW_HASH_HEX_N];
  lw_err why = {0};
  if (strcmp(lw_hash_sha256_hex(text, n, hex), sha) != 0)
    return lw_err_set(e, LW_E_CORRUPT,
                      "%s '%s' has digest %.12s, the bundle says %.12s", role,
                      path, hex, sha);
  int rc = lw_store_begin(s, e);
  if (rc < 0)
    return rc;
  rc = put_content(s, sha, text, n, &why);
  if (rc == 0)
    rc = put_file(s, bundle, role, path, sha, &why);
  rc = lw_store_commit(s, rc, NULL, &why);
  if (rc < 0 && e)
    *e = why;
  return rc;
}

static int copy_text(sqlite3_stmt *q, char **text, size_t *n) {
  *n = (size_t)sqlite3_column_bytes(q, 0);
  *text = malloc(*n + 1);
  if (!*text)
    return LW_E_NOMEM;
  if (*n)
    memcpy(*text, sqlite3_column_blob(q, 0), *n);
  (*text)[*n] = '\0';
  return 0;
}

int lw_store_bundle_get(lw_store *s, const char *bundle, const char *role,
                        const char *path, char **text, size_t *n, lw_err *e) {
  sqlite3_stmt *q = NULL;
  *text = NULL;
  pthread_mutex_lock(&s->mutex);
  int rc = lw_db_prepare(&s->db, &q,
                         "SELECT text FROM bundle_file JOIN content USING(sha) "
                         "WHERE bundle=? AND role=? AND path=?",
                         "reading", e);
  if (rc == 0) {
    bind_place(q, bundle, role, path);
    rc = lw_db_step(&s->db, q, "reading", e);
  }
  if (rc > 0)
    rc = copy_text(q, text, n);
  else if (rc == 0)
    rc = lw_err_set(e, LW_E_NOTFOUND, "%s: bundle %.12s has no %s '%s'",
                    s->path, bundle, role, path);
  sqlite3_finalize(q);
  pthread_mutex_unlock(&s->mutex);
  return rc;
}

int lw_store_bundle_file(lw_store *s, const char *bundle, uint32_t i,
                         lw_store_file *out, lw_err *e) {
  sqlite3_stmt *q = NULL;
  *out = (lw_store_file){.text = NULL};
  pthread_mutex_lock(&s->mutex);
  int rc = lw_db_prepare(&s->db, &q,
                         "SELECT text,role,path FROM bundle_file JOIN content "
                         "USING(sha) WHERE bundle=? ORDER BY role,path LIMIT 1 "
                         "OFFSET ?",
                         "reading", e);
  if (rc == 0) {
    sqlite3_bind_text(q, 1, bundle, -1, SQLITE_STATIC);
    sqlite3_bind_int64(q, 2, i);
    rc = lw_db_step(&s->db, q, "reading", e);
  }
  if (rc > 0) {
    lw_db_text(q, 1, out->role, sizeof out->role);
    lw_db_text(q, 2, out->path, sizeof out->path);
    rc = copy_text(q, &out->text, &out->n);
  } else if (rc == 0)
    rc = lw_err_set(e, LW_E_NOTFOUND, "%s: bundle %.12s has no file %u",
                    s->path, bundle, i);
  sqlite3_finalize(q);
  pthread_mutex_unlock(&s->mutex);
  return rc;
}

int lw_store_run_bundle(lw_store *s, int64_t run, char out[65], lw_err *e) {
  sqlite3_stmt *q = NULL;
  pthread_mutex_lock(&s->mutex);
  int rc = lw_db_prepare(&s->db, &q,
                         "SELECT coalesce((SELECT key FROM record WHERE "
                         "run=?1 AND kind='reload' ORDER BY id DESC LIMIT 1),"
                         "(SELECT bundle FROM run WHERE id=?1))",
                         "reading", e);
  if (rc == 0) {
    sqlite3_bind_int64(q, 1, run);
    rc = lw_db_step(&s->db, q, "reading", e);
  }
  if (rc > 0)
    lw_db_text(q, 0, out, 65);
  sqlite3_finalize(q);
  pthread_mutex_unlock(&s->mutex);
  return rc < 0 ? rc : 0;
}
