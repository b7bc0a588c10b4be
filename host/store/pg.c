#include "store/pg.h"

#include <dlfcn.h>    // dlopen
#include <errno.h>    // EINTR
#include <libpq-fe.h> // PGconn
#include <poll.h>     // poll
#include <stdio.h>    // snprintf
#include <stdlib.h>   // calloc
#include <string.h>   // memcpy, strcspn

#include "base/bits.h" // lw_bits_of_double
#include "base/grow.h" // lw_grow

// Rows are handed to libpq in pieces of this size [bytes].
#define PIECE_N (256u << 10)

// The library is loaded when it is wanted: with all that it brings along it
// would make every start of the program four times as long.
#define LIBRARY "libpq.so.5"
#define CALLS(X)                                                               \
  X(clear)                                                                     \
  X(conninfoFree)                                                              \
  X(conninfoParse)                                                             \
  X(connectdb)                                                                 \
  X(consumeInput)                                                              \
  X(errorMessage)                                                              \
  X(exec)                                                                      \
  X(execParams)                                                                \
  X(finish)                                                                    \
  X(flush)                                                                     \
  X(freemem)                                                                   \
  X(getResult)                                                                 \
  X(getvalue)                                                                  \
  X(ntuples)                                                                   \
  X(putCopyData)                                                               \
  X(putCopyEnd)                                                                \
  X(resultErrorField)                                                          \
  X(resultStatus)                                                              \
  X(setClientEncoding)                                                         \
  X(setNoticeReceiver)                                                         \
  X(setnonblocking)                                                            \
  X(socket)                                                                    \
  X(status)

#define MEMBER(name) __typeof__(PQ##name) *name;
typedef struct calls {
  CALLS(MEMBER)
} calls;

struct lw_pg {
  calls pq;
  PGconn *conn;
  uint8_t *bytes;
  size_t n, room;
  int is_short; // out of memory while a row was built
  int columns;
};

// The server's own words, first line only.
static int fail(lw_pg *p, lw_err *e) {
  const char *why = p->pq.errorMessage(p->conn);
  int n = (int)strcspn(why, "\n");
  return lw_err_set(e, LW_E_IO, "PostgreSQL: %.*s", n,
                    n ? why : "no connection");
}

static int fail_result(lw_pg *p, PGresult *r, lw_err *e) {
  const char *state = p->pq.resultErrorField(r, PG_DIAG_SQLSTATE);
  int rc = fail(p, e);
  // Class 42 covers missing rights, 28 a refused login.
  if (state && (strncmp(state, "28", 2) == 0 || strcmp(state, "42501") == 0)) {
    rc = LW_E_DENIED;
    if (e)
      e->code = rc;
  }
  p->pq.clear(r);
  return rc;
}

// A server that answers and does not want us will not want us later either;
// one that starts or stops, or is not there, may.
static int fail_connection(lw_pg *p, lw_err *e) {
  static const char *const lasting[] = {"authentication failed",
                                        "does not exist", "pg_hba.conf",
                                        "no password supplied"};
  const char *why = p->pq.errorMessage(p->conn);
  int rc = fail(p, e);
  for (size_t i = 0; i < sizeof lasting / sizeof *lasting; i++)
    if (strstr(why, "FATAL") && strstr(why, lasting[i]))
      rc = LW_E_DENIED;
  if (e)
    e->code = rc;
  return rc;
}

static void ignore_notice(void *arg, const PGresult *r) {
  (void)arg;
  (void)r;
}

// A pointer to a function has no other portable way out of dlsym's.
#define LOAD(name)                                                             \
  *(void **)&pq->name = dlsym(library, "PQ" #name);                            \
  is_whole = is_whole && pq->name;

static int load(calls *pq, lw_err *e) {
  int is_whole = 1;
  void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
  if (!library)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "no PostgreSQL client: %s; install "
                      "libpq5",
                      dlerror());
  CALLS(LOAD)
  if (!is_whole)
    return lw_err_set(e, LW_E_UNSUPPORTED, "%s is too old", LIBRARY);
  return 0;
}

// What is wrong in the text itself stays wrong however often it is tried.
static int check_conninfo(lw_pg *p, const char *conninfo, lw_err *e) {
  char *why = NULL;
  PQconninfoOption *options = p->pq.conninfoParse(conninfo, &why);
  p->pq.conninfoFree(options);
  if (options)
    return 0;
  lw_err_set(e, LW_E_SYNTAX, "PostgreSQL: %.*s",
             (int)strcspn(why ? why : "", "\n"), why ? why : "");
  p->pq.freemem(why);
  return LW_E_SYNTAX;
}

static int connect_to(lw_pg *p, const char *conninfo, lw_err *e) {
  int rc = load(&p->pq, e);
  if (rc == 0)
    rc = check_conninfo(p, conninfo, e);
  if (rc < 0)
    return rc;
  p->conn = p->pq.connectdb(conninfo);
  if (!p->conn)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for PostgreSQL");
  rc = p->pq.status(p->conn) == CONNECTION_OK ? 0 : fail_connection(p, e);
  p->pq.setNoticeReceiver(p->conn, ignore_notice, NULL);
  if (rc == 0 && p->pq.setClientEncoding(p->conn, "UTF8") != 0)
    rc = fail(p, e);
  return rc;
}

int lw_pg_open(lw_pg **out, const char *conninfo, lw_err *e) {
  lw_pg *p = calloc(1, sizeof *p);
  *out = NULL;
  if (!p)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for PostgreSQL");
  int rc = connect_to(p, conninfo, e);
  if (rc < 0)
    lw_pg_close(p);
  else
    *out = p;
  return rc;
}

void lw_pg_close(lw_pg *p) {
  if (!p)
    return;
  if (p->conn)
    p->pq.finish(p->conn);
  free(p->bytes);
  free(p);
}

int lw_pg_run(lw_pg *p, const char *sql, lw_err *e) {
  PGresult *r = p->pq.exec(p->conn, sql);
  ExecStatusType status = p->pq.resultStatus(r);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    return fail_result(p, r, e);
  p->pq.clear(r);
  return 0;
}

int lw_pg_number(lw_pg *p, const char *sql, int n, const char *const *params,
                 int64_t *out, lw_err *e) {
  PGresult *r = p->pq.execParams(p->conn, sql, n, NULL, params, NULL, NULL, 0);
  ExecStatusType status = p->pq.resultStatus(r);
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK)
    return fail_result(p, r, e);
  if (out)
    *out = p->pq.ntuples(r) ? strtoll(p->pq.getvalue(r, 0, 0), NULL, 10) : 0;
  p->pq.clear(r);
  return 0;
}

// -------------------------------------------------------------------- COPY --

// Wait until the server takes or sends something.
static int wait_for_server(lw_pg *p, lw_err *e) {
  struct pollfd fd = {.fd = p->pq.socket(p->conn), .events = POLLIN | POLLOUT};
  while (poll(&fd, 1, -1) < 0)
    if (errno != EINTR)
      return lw_err_set(e, LW_E_IO, "PostgreSQL: %s", strerror(errno));
  if (fd.revents & ~POLLOUT && !p->pq.consumeInput(p->conn))
    return fail(p, e);
  return 0;
}

static int flush(lw_pg *p, lw_err *e) {
  int left;
  while ((left = p->pq.flush(p->conn)) > 0) {
    int rc = wait_for_server(p, e);
    if (rc < 0)
      return rc;
  }
  return left < 0 ? fail(p, e) : 0;
}

static int send_piece(lw_pg *p, lw_err *e) {
  int taken;
  while ((taken = p->pq.putCopyData(p->conn, (const char *)p->bytes,
                                    (int)p->n)) == 0) {
    int rc = wait_for_server(p, e);
    if (rc < 0)
      return rc;
  }
  p->n = 0;
  return taken < 0 ? fail(p, e) : 0;
}

static uint8_t *extend(lw_pg *p, size_t n) {
  if (lw_grow(&p->bytes, &p->room, p->n + n, 1) < 0) {
    p->is_short = 1;
    return NULL;
  }
  p->n += n;
  return p->bytes + p->n - n;
}

static void put_number(uint8_t *at, int width, uint64_t x) {
  for (int i = width - 1; i >= 0; i--, x >>= 8)
    at[i] = (uint8_t)x;
}

static void put(lw_pg *p, int width, uint64_t x) {
  uint8_t *at = extend(p, (size_t)width);
  if (at)
    put_number(at, width, x);
}

int lw_pg_copy_begin(lw_pg *p, const char *table, int columns, lw_err *e) {
  static const char SIGNATURE[] = "PGCOPY\n\377\r\n"; // with its NUL
  char sql[256];
  snprintf(sql, sizeof sql, "COPY %s FROM STDIN (FORMAT binary)", table);
  PGresult *r = p->pq.exec(p->conn, sql);
  if (p->pq.resultStatus(r) != PGRES_COPY_IN)
    return fail_result(p, r, e);
  p->pq.clear(r);
  p->pq.setnonblocking(p->conn, 1);
  p->columns = columns;
  p->n = 0;
  p->is_short = 0;
  uint8_t *at = extend(p, sizeof SIGNATURE);
  if (at)
    memcpy(at, SIGNATURE, sizeof SIGNATURE);
  put(p, 4, 0); // flags
  put(p, 4, 0); // length of an extension
  return 0;
}

int lw_pg_row_end(lw_pg *p, lw_err *e) {
  if (p->is_short)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a row");
  return p->n < PIECE_N ? 0 : send_piece(p, e);
}

// All results of the COPY; the first that failed is the one told.
static int read_results(lw_pg *p, lw_err *e) {
  PGresult *r;
  int rc = 0;
  while ((r = p->pq.getResult(p->conn))) {
    if (rc == 0 && p->pq.resultStatus(r) != PGRES_COMMAND_OK)
      rc = fail_result(p, r, e);
    else
      p->pq.clear(r);
    if (p->pq.status(p->conn) != CONNECTION_OK)
      return rc < 0 ? rc : fail(p, e);
  }
  return rc;
}

int lw_pg_copy_end(lw_pg *p, lw_err *e) {
  put(p, 2, (uint64_t)-1);
  int rc = p->is_short ? lw_err_set(e, LW_E_NOMEM, "out of memory for a row")
                       : send_piece(p, e);
  int ended = 0;
  while (rc == 0 && (ended = p->pq.putCopyEnd(p->conn, NULL)) == 0)
    rc = wait_for_server(p, e);
  if (rc == 0 && ended < 0)
    rc = fail(p, e);
  if (rc == 0)
    rc = flush(p, e);
  p->pq.setnonblocking(p->conn, 0);
  return rc < 0 ? rc : read_results(p, e);
}

// -------------------------------------------------------------------- rows --

void lw_pg_row(lw_pg *p) {
  put(p, 2, (uint64_t)p->columns);
}

void lw_pg_null(lw_pg *p) {
  put(p, 4, (uint64_t)-1);
}

void lw_pg_int(lw_pg *p, int width, int64_t x) {
  put(p, 4, (uint64_t)width);
  put(p, width, (uint64_t)x);
}

void lw_pg_real(lw_pg *p, double x) {
  put(p, 4, 8);
  put(p, 8, lw_bits_of_double(x));
}

void lw_pg_time(lw_pg *p, int64_t t_ns) {
  const int64_t epoch_s = 946684800; // 2000-01-01, where PostgreSQL counts from
  int64_t us = t_ns / 1000 - (t_ns % 1000 < 0);
  lw_pg_int(p, 8, us - epoch_s * 1000000);
}

void lw_pg_bytes(lw_pg *p, const void *bytes, size_t n) {
  put(p, 4, n);
  uint8_t *at = extend(p, n);
  if (at && n)
    memcpy(at, bytes, n);
}

// Length of the UTF-8 sequence at s, 0 when it is none that PostgreSQL takes.
static size_t utf8_length(const uint8_t *s, size_t n) {
  static const uint32_t least[] = {0, 1, 0x80, 0x800, 0x10000};
  size_t k = *s < 0x80       ? 1
             : *s >> 5 == 6  ? 2
             : *s >> 4 == 14 ? 3
             : *s >> 3 == 30 ? 4
                             : 0;
  if (k == 0 || k > n)
    return 0;
  uint32_t x = k == 1 ? *s : *s & (0x7fu >> k);
  for (size_t i = 1; i < k; i++) {
    if (s[i] >> 6 != 2)
      return 0;
    x = x << 6 | (s[i] & 0x3f);
  }
  int is_surrogate = x >= 0xd800 && x < 0xe000;
  return x >= least[k] && x <= 0x10ffff && !is_surrogate ? k : 0;
}

void lw_pg_text(lw_pg *p, const char *text, size_t n) {
  const uint8_t *s = (const uint8_t *)text;
  size_t length_at = p->n;
  put(p, 4, 0);
  for (size_t i = 0; i < n && !p->is_short;) {
    size_t from = i, k = 0;
    while (i < n && (k = utf8_length(s + i, n - i)) > 0)
      i += k;
    uint8_t *at = extend(p, i - from + (i < n ? 3 : 0));
    if (!at)
      return;
    memcpy(at, s + from, i - from);
    if (i < n) {
      memcpy(at + (i - from), "\xef\xbf\xbd", 3);
      i++;
    }
  }
  if (!p->is_short)
    put_number(p->bytes + length_at, 4, p->n - length_at - 4);
}

// What comes before the elements of an array: how many bytes, one dimension,
// no NULLs, the type, how many, counted from 1.
static uint8_t *array(lw_pg *p, uint32_t type, size_t width, size_t n) {
  const uint32_t head[] = {
      (uint32_t)(20 + n * (4 + width)), 1, 0, type, (uint32_t)n, 1};
  uint8_t *at = extend(p, sizeof head + n * (4 + width));
  for (size_t i = 0; at && i < 6; i++, at += 4)
    put_number(at, 4, head[i]);
  return at;
}

enum { TYPE_INT8 = 20, TYPE_INT2 = 21, TYPE_FLOAT8 = 701 };

void lw_pg_ints(lw_pg *p, const int64_t *x, size_t n) {
  uint8_t *at = array(p, TYPE_INT8, 8, n);
  for (size_t i = 0; at && i < n; i++, at += 12) {
    put_number(at, 4, 8);
    put_number(at + 4, 8, (uint64_t)x[i]);
  }
}

void lw_pg_reals(lw_pg *p, const double *x, size_t n) {
  uint8_t *at = array(p, TYPE_FLOAT8, 8, n);
  for (size_t i = 0; at && i < n; i++, at += 12) {
    put_number(at, 4, 8);
    put_number(at + 4, 8, lw_bits_of_double(x[i]));
  }
}

void lw_pg_smalls(lw_pg *p, const uint8_t *x, size_t n) {
  uint8_t *at = array(p, TYPE_INT2, 2, n);
  for (size_t i = 0; at && i < n; i++, at += 6) {
    put_number(at, 4, 2);
    put_number(at + 4, 2, x[i]);
  }
}
