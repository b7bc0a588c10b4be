#include "cmd/options.h"

#include <errno.h>  // errno
#include <stdlib.h> // strtoull
#include <string.h> // strcmp, strlen

#include "cmd/complain.h" // lw_complain

#define WORD_MAX 40
#define DEFS_MAX 32

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

// Edits between two words; two letters swapped are one slip of the fingers.
// Words longer than WORD_MAX are far from everything.
static size_t distance(const char *a, const char *b) {
  size_t an = strlen(a), bn = strlen(b);
  size_t d[WORD_MAX + 1][WORD_MAX + 1];
  if (an > WORD_MAX || bn > WORD_MAX)
    return WORD_MAX;
  for (size_t i = 0; i <= an; i++)
    for (size_t j = 0; j <= bn; j++) {
      if (!i || !j) {
        d[i][j] = i + j;
        continue;
      }
      d[i][j] = least(least(d[i - 1][j], d[i][j - 1]) + 1,
                      d[i - 1][j - 1] + (a[i - 1] != b[j - 1]));
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
    }
  return d[an][bn];
}

const char *lw_options_nearest(const char *text, const char *const *words) {
  const char *best = NULL;
  size_t best_d = strlen(text) / 3 + 1; // a third wrong is still a slip
  for (; *words; words++) {
    size_t d = distance(text, *words);
    if (d <= best_d && (!best || d < best_d)) {
      best = *words;
      best_d = d;
    }
  }
  return best;
}

int lw_options_u64(const char *text, unsigned long long *out) {
  char *end;
  errno = 0;
  *out = strtoull(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == 0 && errno == 0;
}

// Who reads the command line, and whether he tells errors as data.
typedef struct reader {
  const char *command;
  int is_json;
} reader;

#define COMPLAIN(r, fmt, ...)                                                  \
  lw_complain((r)->is_json, "linewright", "%s: " fmt, (r)->command, __VA_ARGS__)

static void complain_unknown(const reader *r, const char *word,
                             const lw_option_def *defs) {
  const char *words[DEFS_MAX] = {NULL};
  size_t n = 0;
  for (; defs->name && n < DEFS_MAX - 1; defs++)
    if (*defs->name)
      words[n++] = defs->name;
  const char *nearest = lw_options_nearest(word, words);
  COMPLAIN(r, "unknown option '%s'%s%s%s\n  linewright %s --help lists all",
           word, nearest ? ". Did you mean '" : "", nearest ? nearest : "",
           nearest ? "'?" : "", r->command);
}

// The option whose name is word up to its end or '='; *value behind the '='.
static const lw_option_def *find(const lw_option_def *defs, const char *word,
                                 const char **value) {
  const char *equals = strchr(word, '=');
  size_t n = equals ? (size_t)(equals - word) : strlen(word);
  *value = equals ? equals + 1 : NULL;
  for (; defs->name; defs++)
    if (strlen(defs->name) == n && strncmp(defs->name, word, n) == 0)
      return defs;
  return NULL;
}

static int store_list(const reader *r, const lw_option_def *def,
                      const char *value) {
  lw_option_list *list = def->to;
  if (list->n < LW_OPTION_LIST_MAX) {
    list->values[list->n++] = value;
    return 1;
  }
  COMPLAIN(r, "more than %d times '%s'", LW_OPTION_LIST_MAX,
           *def->name ? def->name : value);
  return 0;
}

static int store(const reader *r, const lw_option_def *def, const char *value) {
  if (def->kind == 'l')
    return store_list(r, def, value);
  *(const char **)def->to = value;
  return 1;
}

// Takes one word, and the next one when it is its value (*i moves on).
static int take(const reader *r, int argc, char **argv, int *i,
                const lw_option_def *defs) {
  const char *value, *word = argv[*i];
  int is_option = word[0] == '-' && word[1];
  const lw_option_def *def = find(defs, is_option ? word : "", &value);
  if (!def) {
    if (is_option)
      complain_unknown(r, word, defs);
    else
      COMPLAIN(r, "unexpected word '%s'", word);
    return 0;
  }
  if (!is_option)
    return store(r, def, word);
  if (def->kind == 'f') {
    *(int *)def->to = 1;
    return 1;
  }
  if (!value && *i + 1 < argc)
    value = argv[++*i];
  if (value)
    return store(r, def, value);
  COMPLAIN(r, "option '%s' needs a value", word);
  return 0;
}

int lw_options_parse(const char *command, int argc, char **argv,
                     const lw_option_def *defs) {
  const reader r = {command, lw_complain_wants_json(argc, argv)};
  for (int i = 1; i < argc; i++)
    if (!take(&r, argc, argv, &i, defs))
      return 0;
  return 1;
}
