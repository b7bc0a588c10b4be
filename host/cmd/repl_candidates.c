#include "cmd/repl_candidates.h"

#include <stdlib.h> // strtoul
#include <string.h> // strcspn

#define ROWS_MAX 40

static size_t least(size_t a, size_t b) {
  return a < b ? a : b;
}

// Longest beginning that all have.
static size_t common_n(const lw_candidates *k) {
  size_t n = k->list[0].word_n;
  for (size_t i = 1; i < k->n; i++) {
    size_t same = 0, most = least(n, k->list[i].word_n);
    while (same < most && k->list[i].word[same] == k->list[0].word[same])
      same++;
    n = same;
  }
  return n;
}

int lw_candidates_parse(lw_candidates *k, const char *answer, const char *text,
                        size_t n) {
  char *at;
  *k = (lw_candidates){.n = 0};
  k->drop = strtoul(answer, &at, 10);
  if (k->drop > n)
    return 0;
  while (*at == '\n' && at[1] && k->n < LW_CANDIDATES_MAX) {
    at++;
    lw_candidate *c = &k->list[k->n++];
    c->word = at;
    c->word_n = strcspn(at, "\t\n");
    at += c->word_n;
    if (*at == '\t') {
      c->hint = at + 1;
      c->hint_n = strcspn(c->hint, "\n");
      at += 1 + c->hint_n;
    }
  }
  if (k->n == 0)
    return 0;
  size_t common = least(common_n(k), sizeof k->common - 1);
  int is_new = common != k->drop ||
               strncmp(text + n - k->drop, k->list[0].word, common) != 0;
  if (is_new && (common >= k->drop || k->n == 1))
    memcpy(k->common, k->list[0].word, common);
  return (int)k->n;
}

static void print_columns(const lw_candidates *k, FILE *to, int columns) {
  size_t widest = 1;
  for (size_t i = 0; i < k->n; i++)
    if (k->list[i].word_n > widest)
      widest = k->list[i].word_n;
  size_t across = (size_t)columns / (widest + 2);
  across = across ? across : 1;
  size_t rows = (k->n + across - 1) / across;
  for (size_t r = 0; r < least(rows, ROWS_MAX); r++) {
    for (size_t i = r; i < k->n; i += rows) {
      int is_last = i + rows >= k->n;
      fprintf(to, "%-*.*s", is_last ? 0 : (int)widest + 2,
              (int)k->list[i].word_n, k->list[i].word);
    }
    fputc('\n', to);
  }
}

void lw_candidates_print(const lw_candidates *k, FILE *to, int columns) {
  size_t widest = 1;
  int has_hint = 0;
  for (size_t i = 0; i < k->n; i++) {
    if (k->list[i].word_n > widest)
      widest = k->list[i].word_n;
    has_hint |= k->list[i].hint_n > 0;
  }
  if (!has_hint || k->n > ROWS_MAX) {
    print_columns(k, to, columns);
    return;
  }
  int room = columns - (int)widest - 3;
  for (size_t i = 0; i < k->n; i++) {
    const lw_candidate *c = &k->list[i];
    int hint = (int)c->hint_n < room ? (int)c->hint_n : room > 0 ? room : 0;
    fprintf(to, "%-*.*s  %.*s\n", (int)widest, (int)c->word_n, c->word, hint,
            c->hint ? c->hint : "");
  }
}
