// PostgreSQL as this room uses it: one connection, statements, and COPY of
// binary rows that never waits with its hands full: a row is encoded while the
// ones before it are on their way. Private to store/; the only user of libpq.
#ifndef LW_STORE_PG_H
#define LW_STORE_PG_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "base/err.h" // lw_err

typedef struct lw_pg lw_pg;

//   conninfo  as libpq takes it: "host=db dbname=plant user=line", or a URI
// LW_E_DENIED when the server refuses us, LW_E_IO when there is none.
int lw_pg_open(lw_pg **p, const char *conninfo, lw_err *e);
void lw_pg_close(lw_pg *p); // NULL is fine

// Statements without parameters and results.
int lw_pg_run(lw_pg *p, const char *sql, lw_err *e);
// One statement with texts for $1 to $n; the first column of the first row as a
// number into *out (may be NULL), 0 when there is none.
int lw_pg_number(lw_pg *p, const char *sql, int n, const char *const *params,
                 int64_t *out, lw_err *e);

// COPY table FROM STDIN in rows of that many columns.
int lw_pg_copy_begin(lw_pg *p, const char *table, int columns, lw_err *e);
// A row: its columns in order, then lw_pg_row_end, which may wait for the
// network. Out of memory shows there, too.
void lw_pg_row(lw_pg *p);
void lw_pg_null(lw_pg *p);
void lw_pg_int(lw_pg *p, int width, int64_t x); // width 2, 4 or 8
void lw_pg_real(lw_pg *p, double x);            // any bits
void lw_pg_time(lw_pg *p, int64_t t_ns);        // since 1970, to the us
// Bytes that are no UTF-8 become U+FFFD, NULs too.
void lw_pg_text(lw_pg *p, const char *text, size_t n);
void lw_pg_bytes(lw_pg *p, const void *bytes, size_t n);
void lw_pg_ints(lw_pg *p, const int64_t *x, size_t n);   // bigint[]
void lw_pg_reals(lw_pg *p, const double *x, size_t n);   // double precision[]
void lw_pg_smalls(lw_pg *p, const uint8_t *x, size_t n); // smallint[]
int lw_pg_row_end(lw_pg *p, lw_err *e);
int lw_pg_copy_end(lw_pg *p, lw_err *e);

#endif
