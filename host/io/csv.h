// Reader for recorded tables: a header line, then rows of cells.
//
// Takes RFC 4180 quoting, LF or CRLF, a byte order mark, any one-character
// separator, and decimal commas where the separator is another character.
// Every error names file, line, column and value.
#ifndef LW_IO_CSV_H
#define LW_IO_CSV_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t
#include <stdio.h>  // FILE

#include "base/err.h" // lw_err

#define LW_CSV_BYTES_MAX ((size_t)1 << 30)
#define LW_CSV_COLUMNS_MAX 4096

typedef struct lw_csv {
  const char *path; // borrowed
  char *text;       // the whole file, cells NUL-terminated as they are read
  size_t text_n;
  size_t at;      // next byte to read
  char separator; // in use
  size_t line;    // of the newest row, from 1
  size_t next_line;
  char **names, **cells; // [column_n], into text
  size_t column_n;
} lw_csv;

// Open a recording to read; a named pipe that nobody writes to is empty.
// Returns 0, LW_E_NOTFOUND or LW_E_IO.
int lw_csv_file(const char *path, FILE **out, lw_err *e);

// Load a file and read its header.
//   separator  0 = find out: the one of , ; tab | that the header has most of
// Returns 0; LW_E_NOTFOUND, LW_E_IO, LW_E_NOMEM; LW_E_SYNTAX for a header that
// is empty or names a column twice; LW_E_RANGE for a file that is too large.
int lw_csv_open(lw_csv *c, const char *path, char separator, lw_err *e);
void lw_csv_close(lw_csv *c); // may be called twice, or after a failed open

// Column by name, or LW_E_NOTFOUND.
int lw_csv_column(const lw_csv *c, const char *name);

// Read the next row into c->cells; empty lines are passed over. Cells stay
// valid until close. Returns 1, 0 at the end, or LW_E_SYNTAX.
int lw_csv_next(lw_csv *c, lw_err *e);

// A cell of the newest row as a number; NaN for an empty cell, NaN, NA, null.
int lw_csv_number(const lw_csv *c, size_t column, double *out, lw_err *e);

// A cell as a time [ns]: a number of seconds, or ISO 8601
// ("2026-03-09T10:14:33.5Z", blank instead of T, +01:00, date alone), then
// since 1970, taken as UTC unless it says otherwise.
int lw_csv_time(const lw_csv *c, size_t column, int64_t *out_ns, lw_err *e);

#endif
