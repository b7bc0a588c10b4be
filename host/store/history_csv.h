// History as CSV, out and in.
//
// Long form, one row per sample, each column of one type, as Parquet writers,
// pandas and DuckDB take it:
//   time,t_ns,tag,unit,value,quality[,batch,phase]
// time is UTC, 2026-11-22T08:55:43.123456789Z, t_ns the same in ns since 1970;
// quality is good, uncertain or bad; value has all its digits, or nan, inf.
//
// Wide form, for spreadsheets: time,t_ns and a column `TAG [UNIT]` per tag, a
// row per step; a cell is one figure of it, empty while there is no good value.
#ifndef LW_STORE_HISTORY_CSV_H
#define LW_STORE_HISTORY_CSV_H

#include <stdio.h> // FILE

#include "store/historian.h" // lw_historian
#include "store/scopes.h"    // lw_scopes

// What a cell of the wide form is: the value at the step's begin, held or on
// the line between two samples, or a figure of the samples from there to the
// next step. Weighted: the mean over time, each value held to the next.
enum {
  LW_CSV_HELD,
  LW_CSV_LINEAR,
  LW_CSV_MIN,
  LW_CSV_MAX,
  LW_CSV_MEAN,
  LW_CSV_FIRST,
  LW_CSV_LAST,
  LW_CSV_WEIGHTED,
  LW_CSV_FIGURE_N
};

// Number of a figure's name, "held", "linear", "min" ...; -1 when it is none.
int lw_history_csv_figure(const char *name);

typedef struct lw_history_csv_wish {
  const char *folder;      // of the historian
  int64_t from_ns, to_ns;  // UTC since 1970; to is exclusive
  const char *const *tags; // [tag_n]
  size_t tag_n;            // 0 = all
  int64_t every_ns;        // step of the wide form, 0 = long form
  int figure;              // of the wide form, LW_CSV_HELD ...
  const lw_scopes *scopes; // long form: with batch and phase; NULL = without
  const char *batch;
} lw_history_csv_wish;

// Write what is wished for; *rows says how many rows. LW_E_NOTFOUND when a tag
// has no history, LW_E_IO when the output takes no more.
int lw_history_csv_write(const lw_history_csv_wish *w, FILE *out, int64_t *rows,
                         lw_err *e);

// Read either form into a historian; NULL only checks. Columns go by their
// names; the separator is the header's: a comma, a semicolon or a tab. A time
// is t_ns, else time (also datetime, timestamp): ISO 8601, UTC unless it says
// otherwise, or seconds since 1970. Of the wide form every other column is a
// tag; empty cells are no samples.
//   name  of the file, for messages: LW_E_CORRUPT names the line
// Returns 0 and *samples.
int lw_history_csv_read(FILE *in, const char *name, lw_historian *h,
                        int64_t *samples, lw_err *e);

// A time as above into ns; LW_E_RANGE.
int lw_history_csv_time(const char *text, int64_t *t_ns);

#endif
