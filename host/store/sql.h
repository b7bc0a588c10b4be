// Asking the store in SQL, to read only: an authorizer refuses every statement
// that is not a SELECT, whoever wrote it and however the file was opened.
//
// Beside the tables there are views with the names of the trade (batches,
// state_times, phases, results, produced, scrap, alarms, marks, prompts,
// decisions, commands; sql_views.c) and functions:
//   tag(run, name, figure [, from_ns, to_ns])  of the historian: 'mean' (by
//                 time), 'sd' (by time too), 'min', 'max', 'first', 'last',
//                 'count', 'seconds' (for which a mean is known); NULL without
//                 samples
//   tag_unit(run, name)   the tag's unit, NULL when there is no such tag
//   label(key)            the last word of a record's key, for people
//   stdev(x)              aggregate: standard deviation of a sample
#ifndef LW_STORE_SQL_H
#define LW_STORE_SQL_H

#include "store/store.h" // lw_store

typedef struct lw_sql lw_sql;

// Prepare one SELECT; its parameters are ?1, ?2, ... and NULL until bound.
// LW_E_DENIED: it would do more than read; LW_E_SYNTAX: SQLite's message.
int lw_sql_open(lw_sql **q, lw_store *s, const char *text, lw_err *e);
void lw_sql_close(lw_sql *q); // before the store; NULL is fine

// LW_E_RANGE when the statement has no such parameter (from 1).
int lw_sql_bind_number(lw_sql *q, int i, double value);
int lw_sql_bind_text(lw_sql *q, int i, const char *text, size_t n);

// 1 a row is there, 0 the end, or the error.
int lw_sql_step(lw_sql *q, lw_err *e);

typedef struct lw_sql_value {
  enum { LW_SQL_NULL, LW_SQL_NUMBER, LW_SQL_TEXT } kind;
  double number;
  const char *text; // borrowed until the next step; blobs come as bytes
  size_t n;
} lw_sql_value;

int lw_sql_columns(const lw_sql *q);
const char *lw_sql_name(const lw_sql *q, int i); // of column i, from 0
lw_sql_value lw_sql_column(const lw_sql *q, int i);

#endif
