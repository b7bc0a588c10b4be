// The words of a command line, checked against a table.
#ifndef LW_CMD_OPTIONS_H
#define LW_CMD_OPTIONS_H

#include <stddef.h> // size_t

#define LW_OPTION_LIST_MAX 64

typedef struct lw_option_list {
  const char *values[LW_OPTION_LIST_MAX];
  size_t n;
} lw_option_list;

typedef struct lw_option_def {
  const char
      *name; // "--db"; NULL ends the table; "" takes words without dashes
  char kind; // 'f' int flag, 's' const char *, 'l' lw_option_list
  void *to;
} lw_option_def;

// Fill the targets from argv[1..]. Values come as `--name value` or
// `--name=value`. Prints what is wrong, with the nearest known word, and
// returns 0 then; `--help` is dealt with before.
int lw_options_parse(const char *command, int argc, char **argv,
                     const lw_option_def *defs);

// The word of `words` (ends with NULL) nearest to text, or NULL when none is
// near enough to be meant.
const char *lw_options_nearest(const char *text, const char *const *words);

// 1 and *out when the whole text is a number in the range, else 0.
int lw_options_u64(const char *text, unsigned long long *out);

#endif
