#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc
#include <string.h> // strlen
#include <unistd.h> // gethostname, usleep

#include "store/forward_private.h"

// Half of a two-part advisory lock, ours by convention.
#define LOCK_CLASS "19543"
#define LOCK_WAIT_US 50000
#define LOCK_WAITS_MAX 200

// lz4 halves the size for little work; where the server lacks it, plain arrays
// are kept rather than its slow compressor used.
static const char TABLES[] =
    "BEGIN;"
    "SELECT pg_advisory_xact_lock(" LOCK_CLASS ", 0);"
    "CREATE SCHEMA IF NOT EXISTS linewright;"
    "CREATE TABLE IF NOT EXISTS linewright.source("
    "  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,"
    "  name text NOT NULL UNIQUE);"
    "CREATE TABLE IF NOT EXISTS linewright.progress("
    "  source int NOT NULL, stream text NOT NULL, sent bigint NOT NULL,"
    "  PRIMARY KEY(source, stream));"
    "CREATE TABLE IF NOT EXISTS linewright.run("
    "  source int NOT NULL, id bigint NOT NULL, batch text NOT NULL,"
    "  recipe text NOT NULL, version text NOT NULL, line text NOT NULL,"
    "  formula text NOT NULL, bundle text NOT NULL, policy text NOT NULL,"
    "  settings text NOT NULL, state text NOT NULL,"
    "  begun timestamptz NOT NULL, ended timestamptz,"
    "  PRIMARY KEY(source, id));"
    "CREATE TABLE IF NOT EXISTS linewright.record("
    "  source int NOT NULL, id bigint NOT NULL, run bigint NOT NULL,"
    "  time timestamptz NOT NULL, wall_ns bigint NOT NULL,"
    "  t_ns bigint NOT NULL, is_synced smallint NOT NULL,"
    "  is_durable smallint NOT NULL, ring int NOT NULL, seq bigint NOT NULL,"
    "  kind text NOT NULL, key text NOT NULL, data text NOT NULL,"
    "  hash bytea NOT NULL, PRIMARY KEY(source, id));"
    "CREATE INDEX IF NOT EXISTS record_run ON linewright.record(source, run);"
    "CREATE TABLE IF NOT EXISTS linewright.seal("
    "  source int NOT NULL, id bigint NOT NULL, run bigint NOT NULL,"
    "  record bigint NOT NULL, head bytea NOT NULL, state text NOT NULL,"
    "  ended timestamptz NOT NULL, key bytea, signature bytea,"
    "  PRIMARY KEY(source, id));"
    "CREATE TABLE IF NOT EXISTS linewright.tag("
    "  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source int NOT NULL,"
    "  name text NOT NULL, unit text NOT NULL, UNIQUE(source, name));"
    "CREATE TABLE IF NOT EXISTS linewright.chunk("
    "  source int NOT NULL, day text NOT NULL, id bigint NOT NULL,"
    "  tag int NOT NULL, t0 timestamptz NOT NULL, t1 timestamptz NOT NULL,"
    "  n int NOT NULL, good_n int NOT NULL, min float8, max float8,"
    "  sum float8, t_ns bigint[] NOT NULL, value float8[] NOT NULL,"
    "  quality smallint[], PRIMARY KEY(source, day, id));"
    "CREATE INDEX IF NOT EXISTS chunk_tag ON linewright.chunk(tag, t0, t1);"
    "DO $$ BEGIN"
    "  ALTER TABLE linewright.chunk ALTER t_ns SET COMPRESSION lz4,"
    "    ALTER value SET COMPRESSION lz4, ALTER quality SET COMPRESSION lz4;"
    "EXCEPTION WHEN OTHERS THEN"
    "  ALTER TABLE linewright.chunk ALTER t_ns SET STORAGE EXTERNAL,"
    "    ALTER value SET STORAGE EXTERNAL, ALTER quality SET STORAGE EXTERNAL;"
    "END $$;"
    "CREATE OR REPLACE VIEW linewright.sample AS"
    "  SELECT source.name AS source, tag.name AS tag, tag.unit,"
    "    timestamptz 'epoch' + s.t_ns / 1000 * interval '1 microsecond' AS"
    "    time, s.t_ns, s.value, coalesce(s.quality, 2) AS quality,"
    "    chunk.t0, chunk.t1"
    "  FROM linewright.chunk"
    "  JOIN linewright.tag ON tag.id = chunk.tag"
    "  JOIN linewright.source ON source.id = chunk.source"
    "  CROSS JOIN LATERAL unnest(t_ns, value, quality)"
    "    AS s(t_ns, value, quality);"
    "CREATE OR REPLACE VIEW linewright.event AS"
    "  SELECT source.name AS source, run.batch, run.recipe, run.line,"
    "    record.time, record.kind, record.key, record.data, record.id"
    "  FROM linewright.record"
    "  JOIN linewright.run ON run.source = record.source AND"
    "    run.id = record.run"
    "  JOIN linewright.source ON source.id = record.source;"
    "COMMIT";

// ---------------------------------------------------------------- progress --

int lw_forward_progress(lw_forward *f, const char *stream, int64_t *out,
                        lw_err *e) {
  const char *params[] = {f->source, stream};
  return lw_pg_number(f->pg,
                      "SELECT sent FROM linewright.progress"
                      " WHERE source=$1 AND stream=$2",
                      2, params, out, e);
}

int lw_forward_commit(lw_forward *f, int rc, const char *stream, int64_t at,
                      lw_err *e) {
  char number[24];
  if (rc < 0) // the caller drops the connection, which undoes all
    return rc;
  snprintf(number, sizeof number, "%lld", (long long)at);
  const char *params[] = {f->source, stream, number};
  rc = lw_pg_number(f->pg,
                    "INSERT INTO linewright.progress VALUES($1,$2,$3)"
                    " ON CONFLICT (source, stream) DO UPDATE SET"
                    " sent=excluded.sent",
                    3, params, NULL, e);
  return rc < 0 ? rc : lw_pg_run(f->pg, "COMMIT", e);
}

// ----------------------------------------------------------------- opening --

// What a killed forwarder had under way ends with its lock, so that progress
// read afterwards is final.
static int claim(lw_forward *f, const char *source, lw_err *e) {
  const char *params[] = {f->source};
  for (int i = 0; i < LOCK_WAITS_MAX; i++) {
    int64_t is_ours;
    int rc = lw_pg_number(
        f->pg, "SELECT pg_try_advisory_lock(" LOCK_CLASS ", $1::int)::int", 1,
        params, &is_ours, e);
    if (rc < 0 || is_ours)
      return rc;
    usleep(LOCK_WAIT_US);
  }
  return lw_err_set(e, LW_E_STATE,
                    "another process forwards '%s' to this server", source);
}

int lw_forward_prepare(lw_forward *f, const char *source, lw_err *e) {
  int64_t id = 0, view_n;
  const char *params[] = {source};
  int rc = lw_pg_number(f->pg,
                        "SELECT count(*) FROM pg_views WHERE"
                        " schemaname='linewright' AND viewname='event'",
                        0, NULL, &view_n, e);
  if (rc == 0 && view_n == 0)
    rc = lw_pg_run(f->pg, TABLES, e);
  if (rc == 0)
    rc = lw_pg_number(f->pg,
                      "INSERT INTO linewright.source(name) VALUES($1)"
                      " ON CONFLICT (name) DO UPDATE SET name=excluded.name"
                      " RETURNING id",
                      1, params, &id, e);
  snprintf(f->source, sizeof f->source, "%lld", (long long)id);
  return rc < 0 ? rc : claim(f, source, e);
}

static void name_source(const lw_forward *f, char *out, size_t n) {
  char host[256] = "";
  gethostname(host, sizeof host - 1);
  snprintf(out, n, "%s:%s", host, lw_store_path(f->store));
}

// What is here: the database, its history, and what this forwarder is called.
static int open_here(lw_forward *f, const lw_forward_config *c, lw_err *e) {
  char name[4096 + 256];
  int rc = lw_store_open(&f->store, c->db, LW_STORE_READ, c->clock, e);
  if (rc < 0)
    return rc;
  name_source(f, name, sizeof name);
  if (snprintf(f->history, sizeof f->history, "%s.history",
               lw_store_path(f->store)) >= (int)sizeof f->history)
    return lw_err_set(e, LW_E_RANGE, "the path %.80s... is too long", c->db);
  f->name = strdup(c->source ? c->source : name);
  if (!f->name || asprintf(&f->who, "%s\n%s", c->conninfo, f->name) < 0)
    return lw_err_set(e, LW_E_NOMEM, "out of memory forwarding %s", c->db);
  return 0;
}

static int open_there(lw_forward *f, const lw_forward_config *c, lw_err *e) {
  int rc = lw_pg_open(&f->pg, c->conninfo, e);
  return rc < 0 ? rc : lw_forward_prepare(f, f->name, e);
}

static int new_forward(lw_forward **f, const lw_forward_config *c, lw_err *e) {
  *f = calloc(1, sizeof **f);
  return *f ? 0
            : lw_err_set(e, LW_E_NOMEM, "out of memory forwarding %s", c->db);
}

int lw_forward_open(lw_forward **out, const lw_forward_config *c, lw_err *e) {
  lw_forward *f;
  *out = NULL;
  int rc = new_forward(&f, c, e);
  if (rc == 0)
    rc = open_here(f, c, e);
  if (rc == 0)
    rc = open_there(f, c, e);
  if (rc < 0)
    lw_forward_close(f);
  else
    *out = f;
  return rc;
}

int lw_forward_forget(const lw_forward_config *c, lw_err *e) {
  lw_forward *f;
  int rc = new_forward(&f, c, e);
  if (rc == 0)
    rc = open_here(f, c, e);
  if (rc == 0)
    rc = lw_forward_forget_folders(f, e);
  lw_forward_close(f);
  return rc;
}

void lw_forward_close(lw_forward *f) {
  if (!f)
    return;
  lw_pg_close(f->pg);
  lw_store_close(f->store);
  for (size_t i = 0; i < f->tag_n; i++)
    free(f->tags[i].name);
  free(f->tags);
  free(f->name);
  free(f->who);
  free(f);
}

int lw_forward_step(lw_forward *f, lw_forward_stats *sent, lw_err *e) {
  *sent = (lw_forward_stats){0};
  f->sent = sent;
  int rc = lw_forward_records(f, e);
  return rc < 0 ? rc : lw_forward_chunks(f, e);
}
