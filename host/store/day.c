#include "store/day.h"

#include <math.h>   // isnan
#include <stdio.h>  // snprintf, sscanf
#include <stdlib.h> // malloc
#include <string.h> // memcpy

// Large pages, since a chunk's blob is some kilobytes and must not leave half a
// page empty.
// What the hot table gave back is cut off when the day is over.
#define LAYOUT "PRAGMA page_size=16384; PRAGMA auto_vacuum=INCREMENTAL"
// Nine of them are in the way of a day with little in it: it gets small ones
// when it is over, unless it is so large that they do not matter.
#define PACKED "PRAGMA page_size=512; VACUUM"
#define PACK_MAX (INT64_C(16) << 20)

static const char V1[] =
    "CREATE TABLE tag("
    "  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, unit TEXT NOT NULL,"
    "  hot_id INTEGER NOT NULL, hot_n INTEGER NOT NULL) STRICT;"
    "CREATE TABLE hot(id INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT;"
    "CREATE TABLE times(id INTEGER PRIMARY KEY, b BLOB NOT NULL) STRICT;"
    "CREATE TABLE chunk("
    "  id INTEGER PRIMARY KEY, tag INTEGER NOT NULL REFERENCES tag,"
    "  t0 INTEGER NOT NULL, t1 INTEGER NOT NULL, n INTEGER NOT NULL,"
    "  good INTEGER NOT NULL, mn REAL, mx REAL, sm REAL, first REAL, last REAL,"
    "  last_quality INTEGER NOT NULL, area REAL, span INTEGER NOT NULL,"
    "  times INTEGER NOT NULL REFERENCES times, b BLOB NOT NULL) STRICT;"
    "CREATE INDEX chunk_tag ON chunk(tag, t0, t1);";

static const char *const STEPS[] = {V1};
static const lw_db_schema SCHEMA = {
    0x4c574831, "a day of a Linewright historian", STEPS, 1};

// ---------------------------------------------------------------- calendar --

int64_t lw_day_of(int64_t t_ns) {
  return t_ns / LW_DAY_NS - (t_ns % LW_DAY_NS < 0);
}

// Civil date and day number, proleptic Gregorian; years count from March so
// that the leap day is the last.
static void civil(int64_t day, int *year, int *month, int *date) {
  int64_t z = day + 719468; // days since 0000-03-01
  int64_t era = (z >= 0 ? z : z - 146096) / 146097;
  int64_t doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
  int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153;
  *date = (int)(doy - (153 * mp + 2) / 5 + 1);
  *month = (int)(mp < 10 ? mp + 3 : mp - 9);
  *year = (int)(yoe + era * 400 + (*month <= 2));
}

static int64_t day_number(int year, int month, int date) {
  int64_t y = year - (month <= 2);
  int64_t era = (y >= 0 ? y : y - 399) / 400;
  int64_t yoe = y - era * 400;
  int64_t doy = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + date - 1;
  return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

int lw_day_name(int64_t day, char *name) {
  int year, month, date;
  civil(day, &year, &month, &date);
  if (year < 0 || year > 9999)
    return LW_E_RANGE;
  char text[64];
  snprintf(text, sizeof text, "%04d-%02d-%02d.db", year, month, date);
  memcpy(name, text, LW_DAY_NAME_N);
  return 0;
}

int64_t lw_day_parse(const char *name) {
  int year, month, date;
  char again[LW_DAY_NAME_N];
  if (sscanf(name, "%4d-%2d-%2d.db", &year, &month, &date) != 3)
    return -1;
  int64_t day = day_number(year, month, date);
  return lw_day_name(day, again) == 0 && strcmp(again, name) == 0 ? day : -1;
}

// -------------------------------------------------------------------- file --

int lw_day_open(lw_day *d, const char *folder, int64_t day, int mode,
                lw_err *e) {
  char name[LW_DAY_NAME_N];
  size_t size = strlen(folder) + 1 + LW_DAY_NAME_N;
  *d = (lw_day){.day = day};
  if (lw_day_name(day, name) < 0)
    return lw_err_set(e, LW_E_RANGE, "day %lld is not in a year of 0 to 9999",
                      (long long)day);
  d->path = malloc(size);
  if (!d->path)
    return lw_err_set(e, LW_E_NOMEM, "out of memory opening %s", folder);
  snprintf(d->path, size, "%s/%s", folder, name);
  int rc = lw_db_open(&d->db, d->path, NULL, mode, LAYOUT, e);
  if (rc == 0)
    rc = lw_db_migrate(&d->db, &SCHEMA, mode, e);
  if (rc < 0)
    lw_day_close(d, 0);
  return rc;
}

void lw_day_close(lw_day *d, int trust_disk) {
  lw_db_close(&d->db, trust_disk);
  free(d->path);
  d->path = NULL;
}

void lw_day_pack(lw_day *d) {
  int64_t pages = 0, page_size = 0;
  if (lw_db_number(&d->db, "PRAGMA page_count", "packing", &pages, NULL) < 0 ||
      lw_db_number(&d->db, "PRAGMA page_size", "packing", &page_size, NULL) <
          0 ||
      pages * page_size > PACK_MAX)
    return;
  sqlite3_busy_timeout(d->db.handle, 0);
  // Pages change their size only in a file without a log.
  if (lw_db_run(&d->db, "PRAGMA journal_mode=DELETE", "packing", NULL) == 0)
    lw_db_run(&d->db, PACKED, "packing", NULL);
}

static int64_t find_tag(lw_day *d, const char *name, lw_err *e) {
  sqlite3_stmt *q;
  int64_t id = lw_db_prepare(&d->db, &q, "SELECT id FROM tag WHERE name=?",
                             "reading", e);
  if (id < 0)
    return id;
  sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
  id = lw_db_step(&d->db, q, "reading", e);
  if (id > 0)
    id = sqlite3_column_int64(q, 0);
  sqlite3_finalize(q);
  return id;
}

int64_t lw_day_tag(lw_day *d, const char *name, const char *unit, int mode,
                   lw_err *e) {
  sqlite3_stmt *q;
  int64_t id = find_tag(d, name, e);
  if (id != 0 || mode == LW_DB_READ)
    return id;
  int rc = lw_db_prepare(&d->db, &q, "INSERT INTO tag VALUES(NULL,?,?,0,0)",
                         "writing", e);
  if (rc < 0)
    return rc;
  sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC);
  sqlite3_bind_text(q, 2, unit, -1, SQLITE_STATIC);
  rc = lw_db_step(&d->db, q, "writing", e);
  sqlite3_finalize(q);
  return rc < 0 ? rc : sqlite3_last_insert_rowid(d->db.handle);
}

void lw_day_measure(lw_day_chunk *c, const lw_chunk *s) {
  c->n = (int64_t)s->n;
  c->t0_ns = s->t_ns[0];
  c->t1_ns = s->t_ns[s->n - 1];
  c->first = s->value[0];
  c->last = s->value[s->n - 1];
  c->last_quality = s->quality[s->n - 1];
  c->good_n = 0;
  c->min = c->max = c->sum = c->area_s = 0;
  c->span_ns = 0;
  for (size_t i = 0; i < s->n; i++) {
    double x = s->value[i];
    if (!s->quality[i] || isnan(x))
      continue;
    c->min = c->good_n && c->min <= x ? c->min : x;
    c->max = c->good_n && c->max >= x ? c->max : x;
    c->sum += x;
    c->good_n++;
    if (i + 1 < s->n) {
      int64_t step_ns = s->t_ns[i + 1] - s->t_ns[i];
      c->area_s += x * (double)step_ns * 1e-9;
      c->span_ns += step_ns;
    }
  }
}

int lw_hot_walk(const uint8_t *row, size_t size,
                int (*fn)(void *arg, const lw_hot_sample *s), void *arg) {
  size_t at = 0;
  while (at < size) {
    lw_hot_sample s;
    uint32_t n;
    if (size - at < LW_HOT_HEAD_N)
      return LW_E_CORRUPT;
    memcpy(&s.t_ns, row + at, 8);
    memcpy(&n, row + at + 8, 4);
    at += LW_HOT_HEAD_N;
    if (n > (size - at) / LW_HOT_SAMPLE_N)
      return LW_E_CORRUPT;
    for (; n > 0; n--, at += LW_HOT_SAMPLE_N) {
      memcpy(&s.tag, row + at, 4);
      s.quality = row[at + 4];
      memcpy(&s.value, row + at + 5, 8);
      int rc = fn(arg, &s);
      if (rc)
        return rc;
    }
  }
  return 0;
}
