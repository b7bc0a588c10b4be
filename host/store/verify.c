#include "store/verify.h"

#include <stdarg.h> // va_list
#include <stdio.h>  // vsnprintf
#include <stdlib.h> // realloc
#include <string.h> // memcmp

#include "store/store_private.h"

// Records this near their places are found there; so many are looked for.
#define NEAR 8
#define SEARCHES_MAX 1000

typedef struct run_entry {
  int64_t id;
  uint8_t digest[LW_HASH_N]; // as the record hashes use it
} run_entry;

typedef struct walk {
  lw_store *s;
  lw_verify_report report;
  void *arg;
  lw_verify_result *out;
  int ended; // the reporter has heard enough
  run_entry *runs;
  size_t run_n;
  lw_chain at;     // newest record walked over
  int is_unlinked; // the record before the next one is unknown
  int has_end;     // the file says where the chain ends
  // How far records stand behind the places they were written for, and the one
  // that fits nowhere, 0 = none: the next one tells what became of it.
  int64_t shift, doubt;
  int searches; // for places of records, which take a while
} walk;

static void found(walk *w, int64_t record, const char *fmt, ...)
    LW_PRINTF(3, 4);

static void found(walk *w, int64_t record, const char *fmt, ...) {
  char text[160];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  w->out->findings++;
  if (!w->ended)
    w->ended = w->report(w->arg, record, text);
}

// A 32-byte column, or zeros when it is not one: then it fits nothing.
static void read_hash(sqlite3_stmt *q, int column, uint8_t out[LW_HASH_N]) {
  memset(out, 0, LW_HASH_N);
  if (sqlite3_column_type(q, column) == SQLITE_BLOB &&
      sqlite3_column_bytes(q, column) == LW_HASH_N)
    memcpy(out, sqlite3_column_blob(q, column), LW_HASH_N);
}

// Run fn for each row until the walk ends; returns 0 or the error.
static int each_row(walk *w, const char *sql, int64_t from,
                    int (*fn)(walk *w, sqlite3_stmt *q), lw_err *e) {
  sqlite3_stmt *q;
  int rc = lw_db_prepare(&w->s->db, &q, sql, "verifying", e);
  if (rc < 0)
    return rc;
  if (sqlite3_bind_parameter_count(q))
    sqlite3_bind_int64(q, 1, from);
  while (!w->ended && (rc = lw_db_step(&w->s->db, q, "verifying", e)) > 0)
    if ((rc = fn(w, q)) < 0)
      break;
  sqlite3_finalize(q);
  return rc < 0 ? rc : 0;
}

// ---------------------------------------------------------------- run rows --

static int add_run(walk *w, sqlite3_stmt *q) {
  run_entry entry = {.id = sqlite3_column_int64(q, 0)};
  read_hash(q, 1, entry.digest);
  if ((w->run_n & (w->run_n - 1)) == 0) {
    size_t room = w->run_n ? 2 * w->run_n : 1;
    run_entry *grown = realloc(w->runs, room * sizeof *grown);
    if (!grown)
      return LW_E_NOMEM;
    w->runs = grown;
  }
  w->runs[w->run_n++] = entry;
  return 0;
}

static const run_entry *find_run(const walk *w, int64_t id) {
  size_t lo = 0, hi = w->run_n;
  while (lo < hi) {
    size_t mid = (lo + hi) / 2;
    if (w->runs[mid].id < id)
      lo = mid + 1;
    else
      hi = mid;
  }
  return lo < w->run_n && w->runs[lo].id == id ? &w->runs[lo] : NULL;
}

static int check_headers(walk *w, lw_err *e) {
  for (size_t i = 0; i < w->run_n && !w->ended; i++) {
    uint8_t digest[LW_HASH_N];
    int rc = lw_run_digest(w->s, w->runs[i].id, digest, e);
    if (rc < 0)
      return rc;
    w->out->runs++;
    if (memcmp(digest, w->runs[i].digest, LW_HASH_N) != 0)
      found(w, 0, "the header of run %lld was changed",
            (long long)w->runs[i].id);
  }
  return 0;
}

// ----------------------------------------------------------------- records --

static void check_gap(walk *w, int64_t id) {
  int64_t missing = id - w->at.id - 1;
  if (missing == 0)
    return;
  if (missing == 1)
    found(w, id - 1, "record %lld is missing", (long long)id - 1);
  else
    found(w, w->at.id + 1, "records %lld to %lld are missing",
          (long long)w->at.id + 1, (long long)id - 1);
  w->is_unlinked = 1;
  w->at.id = id - 1;
}

// Hash of the row as the record behind `before`; 0 when it cannot be one.
static int hash_record(const walk *w, sqlite3_stmt *q, const lw_chain *before,
                       uint8_t hash[LW_HASH_N]) {
  const run_entry *run = find_run(w, sqlite3_column_int64(q, 1));
  const char *word = (const char *)sqlite3_column_text(q, 8);
  int kind = word ? lw_record_kind_find(word) : LW_E_NOTFOUND;
  if (!run || kind < 0)
    return 0;
  lw_record r = {.seq = (uint64_t)sqlite3_column_int64(q, 3),
                 .t_ns = sqlite3_column_int64(q, 4),
                 .wall_ns = sqlite3_column_int64(q, 5),
                 .synced = (uint8_t)sqlite3_column_int(q, 6),
                 .durable = (uint8_t)sqlite3_column_int(q, 7),
                 .kind = (uint8_t)kind,
                 .key = (const char *)sqlite3_column_text(q, 9),
                 .key_n = (size_t)sqlite3_column_bytes(q, 9),
                 .data = (const char *)sqlite3_column_text(q, 10),
                 .data_n = (size_t)sqlite3_column_bytes(q, 10)};
  lw_chain_record(before, run->digest, (uint32_t)sqlite3_column_int64(q, 2), &r,
                  hash);
  return 1;
}

// Was the row written as record `place`, behind one with this hash?
static int was_at(const walk *w, sqlite3_stmt *q, int64_t place,
                  const uint8_t head[LW_HASH_N]) {
  uint8_t want[LW_HASH_N], have[LW_HASH_N];
  lw_chain before = {.id = place - 1};
  memcpy(before.head, head, LW_HASH_N);
  read_hash(q, 11, have);
  return hash_record(w, q, &before, want) && memcmp(want, have, LW_HASH_N) == 0;
}

// The place near its own that a row was written for, going by the hashes of the
// rows around it; 0 when there is none.
static int64_t find_place(walk *w, sqlite3_stmt *row, lw_err *e) {
  int64_t id = sqlite3_column_int64(row, 0), place = 0;
  sqlite3_stmt *q;
  if (w->searches++ >= SEARCHES_MAX ||
      lw_db_prepare(&w->s->db, &q,
                    "SELECT hash FROM record WHERE id BETWEEN ? AND ?",
                    "verifying", e) < 0)
    return 0;
  sqlite3_bind_int64(q, 1, id - NEAR - 1);
  sqlite3_bind_int64(q, 2, id + NEAR);
  while (place == 0 && lw_db_step(&w->s->db, q, "verifying", e) > 0) {
    uint8_t head[LW_HASH_N];
    read_hash(q, 0, head);
    for (int64_t k = id - NEAR; place == 0 && k <= id + NEAR; k++)
      if (was_at(w, row, k, head))
        place = k;
  }
  sqlite3_finalize(q);
  return place;
}

// What became of the record that fits nowhere, now that the one behind it was
// written `shift` places further on.
static void settle_doubt(walk *w, int64_t shift) {
  int64_t id = w->doubt, more = shift - w->shift;
  w->doubt = 0;
  if (id == 0)
    return;
  if (more == 0)
    found(w, id, "record %lld was changed", (long long)id);
  else if (more < 0)
    found(w, id, "record %lld was inserted", (long long)id);
  else if (more == 1)
    found(w, id, "record %lld was removed", (long long)id);
  else
    found(w, id, "records %lld to %lld were removed", (long long)id,
          (long long)(id + more - 1));
}

// Does the record that was written for a place stand there, too?
static int is_copy(walk *w, sqlite3_stmt *row, int64_t place) {
  sqlite3_stmt *q;
  int is = 0;
  if (lw_db_prepare(&w->s->db, &q,
                    "SELECT count(*) FROM record WHERE id=? AND hash=?",
                    "verifying", NULL) < 0)
    return 0;
  sqlite3_bind_int64(q, 1, place);
  sqlite3_bind_value(q, 2, sqlite3_column_value(row, 11));
  if (lw_db_step(&w->s->db, q, "verifying", NULL) > 0)
    is = sqlite3_column_int(q, 0) > 0;
  sqlite3_finalize(q);
  return is;
}

static void tell_place(walk *w, sqlite3_stmt *q, int64_t id, int64_t place) {
  if (place == id)
    return; // only its neighbours are not where they were
  if (is_copy(w, q, place))
    found(w, id, "record %lld was inserted, a copy of record %lld",
          (long long)id, (long long)place);
  else
    found(w, id, "record %lld was moved to %lld", (long long)place,
          (long long)id);
}

// A row that is not the record behind the one before it.
static void explain(walk *w, sqlite3_stmt *q, int64_t id) {
  int64_t place = find_place(w, q, NULL);
  if (place == 0) {
    settle_doubt(w, w->shift);
    w->doubt = id;
    return;
  }
  int is_told = w->doubt != 0;
  settle_doubt(w, place - id);
  if (!is_told && place - id != w->shift)
    tell_place(w, q, id, place);
  w->shift = place - id;
}

static int check_record(walk *w, sqlite3_stmt *q) {
  uint8_t have[LW_HASH_N];
  int64_t id = sqlite3_column_int64(q, 0);
  check_gap(w, id);
  read_hash(q, 11, have);
  if (w->is_unlinked || was_at(w, q, id + w->shift, w->at.head))
    settle_doubt(w, w->shift);
  else
    explain(w, q, id);
  w->is_unlinked = 0;
  w->at.id = id;
  memcpy(w->at.head, have, LW_HASH_N);
  w->out->records++;
  return 0;
}

static int check_chain_end(walk *w, sqlite3_stmt *q) {
  uint8_t head[LW_HASH_N];
  int64_t id = sqlite3_column_int64(q, 0);
  read_hash(q, 1, head);
  w->has_end = 1;
  if (id > w->at.id)
    found(w, id, "records %lld to %lld are missing at the end",
          (long long)w->at.id + 1, (long long)id);
  else if (id < w->at.id)
    found(w, id + 1, "records %lld to %lld were added at the end",
          (long long)id + 1, (long long)w->at.id);
  else if (memcmp(head, w->at.head, LW_HASH_N) != 0)
    found(w, id, "the chain does not end with record %lld", (long long)id);
  return 0;
}

static int start_at(walk *w, sqlite3_stmt *q) {
  w->at.id = sqlite3_column_int64(q, 0);
  read_hash(q, 1, w->at.head);
  return 0;
}

static int check_records(walk *w, int64_t from, lw_err *e) {
  // Without the record before, the first one cannot be checked.
  w->is_unlinked = from > 1;
  w->at.id = from - 1;
  int rc = each_row(w, "SELECT id, hash FROM record WHERE id=?-1", from,
                    start_at, e);
  if (rc == 0)
    rc = each_row(w,
                  "SELECT id,run,source,seq,t_ns,wall_ns,synced,durable,kind,"
                  "key,data,hash FROM record WHERE id>=? ORDER BY id",
                  from, check_record, e);
  settle_doubt(w, w->shift);
  if (rc == 0)
    rc = each_row(w, "SELECT record, head FROM chain", 0, check_chain_end, e);
  if (rc == 0 && !w->ended && !w->has_end)
    found(w, 0, "the file does not say where the chain ends");
  return rc;
}

// --------------------------------------------------------- seals and files --

static void check_signature(walk *w, sqlite3_stmt *q, int64_t run,
                            const lw_chain *chain) {
  uint8_t digest[LW_HASH_N];
  const run_entry *entry = find_run(w, run);
  const char *state = (const char *)sqlite3_column_text(q, 3);
  if (!entry || !state)
    return;
  lw_chain_seal(chain, entry->digest, state, sqlite3_column_int64(q, 4),
                digest);
  if (sqlite3_column_bytes(q, 5) == LW_SIGN_PUBLIC_N &&
      sqlite3_column_bytes(q, 6) == LW_SIGN_N &&
      lw_sign_verify(sqlite3_column_blob(q, 5), digest, sizeof digest,
                     sqlite3_column_blob(q, 6))) {
    char key[sizeof w->out->key];
    lw_hash_hex(sqlite3_column_blob(q, 5), LW_SIGN_PUBLIC_N, key);
    w->out->key_changes += w->out->signed_n && strcmp(key, w->out->key) != 0;
    w->out->signed_n++;
    memcpy(w->out->key, key, sizeof key);
  } else {
    found(w, chain->id, "the signature at the end of run %lld is wrong",
          (long long)run);
  }
}

static int check_seal(walk *w, sqlite3_stmt *q) {
  uint8_t hash[LW_HASH_N];
  int64_t run = sqlite3_column_int64(q, 0);
  lw_chain chain = {.id = sqlite3_column_int64(q, 1)};
  read_hash(q, 2, chain.head);
  read_hash(q, 7, hash);
  w->out->seals++;
  if (memcmp(chain.head, hash, LW_HASH_N) != 0)
    found(w, chain.id, "the seal of run %lld does not fit record %lld",
          (long long)run, (long long)chain.id);
  if (sqlite3_column_type(q, 5) != SQLITE_NULL)
    check_signature(w, q, run, &chain);
  return 0;
}

// Whoever ends a run signs it in the same commit.
static int tell_unsealed(walk *w, sqlite3_stmt *q) {
  found(w, 0, "the seal at the end of run %lld is missing",
        (long long)sqlite3_column_int64(q, 0));
  return 0;
}

static int check_content(walk *w, sqlite3_stmt *q) {
  char hex[LW_HASH_HEX_N];
  const char *sha = (const char *)sqlite3_column_text(q, 0);
  lw_hash_sha256_hex(sqlite3_column_blob(q, 1),
                     (size_t)sqlite3_column_bytes(q, 1), hex);
  w->out->files++;
  if (!sha || strcmp(hex, sha) != 0)
    found(w, 0, "the bundle text %.12s was changed", sha ? sha : "");
  return 0;
}

static int check_structure(walk *w, sqlite3_stmt *q) {
  char text[120];
  lw_db_text(q, 0, text, sizeof text);
  if (strcmp(text, "ok") != 0)
    found(w, 0, "the file is damaged: %s", text);
  return 0;
}

// ------------------------------------------------------------------- faces --

static int start(walk *w, lw_err *e) {
  *w->out = (lw_verify_result){0};
  return each_row(w, "SELECT id, digest FROM run ORDER BY id", 0, add_run, e);
}

// The seal of an empty store stands on zeros, as the chain does.
static const char SEALS[] =
    "SELECT seal.run, record, head, state, ended_wall_ns, seal.key, signature,"
    " CASE record WHEN 0 THEN zeroblob(32) ELSE record.hash END"
    " FROM seal LEFT JOIN record ON record.id = seal.record ORDER BY seal.id";

static const char UNSEALED[] =
    "SELECT id FROM run WHERE ended_wall_ns<>0 AND NOT EXISTS (SELECT 1 FROM"
    " seal WHERE seal.run=run.id AND seal.ended_wall_ns=run.ended_wall_ns AND"
    " seal.state=run.state)";

static int check_all(walk *w, lw_err *e) {
  int rc = start(w, e);
  if (rc == 0)
    rc = each_row(w, "PRAGMA quick_check(20)", 0, check_structure, e);
  if (rc == 0)
    rc = check_headers(w, e);
  if (rc == 0)
    rc = check_records(w, 1, e);
  if (rc == 0)
    rc = each_row(w, SEALS, 0, check_seal, e);
  if (rc == 0)
    rc = each_row(w, UNSEALED, 0, tell_unsealed, e);
  if (rc == 0)
    rc = each_row(w, "SELECT sha, text FROM content", 0, check_content, e);
  return rc;
}

int lw_store_verify(lw_store *s, lw_verify_report report, void *arg,
                    lw_verify_result *out, lw_err *e) {
  walk w = {.s = s, .report = report, .arg = arg, .out = out};
  // One view of the file from the first record to the chain's end: a host may
  // be writing.
  int is_reader = s->mode == LW_STORE_READ;
  int rc = is_reader ? lw_db_run(&s->db, "BEGIN", "reading", e) : 0;
  if (rc == 0)
    rc = check_all(&w, e);
  if (is_reader)
    lw_db_run(&s->db, "ROLLBACK", "reading", NULL);
  free(w.runs);
  return rc;
}

int lw_store_verify_from(lw_store *s, int64_t from, lw_verify_report report,
                         void *arg, lw_verify_result *out, lw_err *e) {
  walk w = {.s = s, .report = report, .arg = arg, .out = out};
  int rc = start(&w, e);
  if (rc == 0)
    rc = check_records(&w, from, e);
  free(w.runs);
  return rc;
}
