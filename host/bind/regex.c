#define PCRE2_CODE_UNIT_WIDTH 8
#include "bind/regex.h"

#include <pcre2.h>
#include <stdlib.h> // malloc, free
#include <string.h> // memcmp

// PCRE2's own limits hold for one place to begin at, not for a search over all
// of them, and its JIT counts only some of its steps: (?=a*a*[be])a*a*[cd] on
// 8 KiB ran 51 s within both. So the interpreter calls us before each item of
// the pattern, and we count: what it costs in steps of about a nanosecond.
#define STEPS INT64_C(20000000)
#define STEPS_PER_ITEM 20
#define HEAP_KIB 8192

struct lw_regex {
  lw_regex_memory memory;
  pcre2_general_context *general;
  pcre2_compile_context *compile;
  pcre2_match_context *match;
  pcre2_code *code;
  int has_references;
  size_t text_n;
  // of the search that runs
  int64_t left; // steps
  size_t at;    // where the matcher was at the item before
};

static void *take_plain(size_t n, void *arg) {
  (void)arg;
  return malloc(n);
}

static void give_plain(void *block, void *arg) {
  (void)arg;
  free(block);
}

static const lw_regex_memory plain = {take_plain, give_plain, NULL};

void lw_regex_free(lw_regex *x) {
  if (!x)
    return;
  lw_regex_memory memory = x->memory;
  pcre2_code_free(x->code);
  pcre2_match_context_free(x->match);
  pcre2_compile_context_free(x->compile);
  pcre2_general_context_free(x->general);
  memory.give(x, memory.arg);
}

static lw_regex *make(const lw_regex_memory *memory) {
  lw_regex *x = memory->take(sizeof *x, memory->arg);
  if (!x)
    return NULL;
  *x = (lw_regex){.memory = *memory};
  x->general =
      pcre2_general_context_create(memory->take, memory->give, memory->arg);
  if (x->general) {
    x->compile = pcre2_compile_context_create(x->general);
    x->match = pcre2_match_context_create(x->general);
  }
  if (x->compile && x->match)
    return x;
  lw_regex_free(x);
  return NULL;
}

static int has(const char *text, size_t n, const char *piece) {
  return memmem(text, n, piece, strlen(piece)) != NULL;
}

// What Perl allows and a recipe has no use for.
static int refuse(const char *pattern, size_t n, lw_err *e) {
  if (n > LW_REGEX_PATTERN)
    return lw_err_set(e, LW_E_RANGE,
                      "the pattern has %zu bytes, at most %d are read", n,
                      LW_REGEX_PATTERN);
  if (n >= 2 && memcmp(pattern, "(*", 2) == 0)
    return lw_err_set(e, LW_E_SYNTAX,
                      "a pattern may not begin with (*: limits are the host's");
  if (has(pattern, n, "(?C"))
    return lw_err_set(e, LW_E_SYNTAX, "a pattern has no callout (?C");
  return 0;
}

static int compile_failed(int code, size_t at, lw_err *e) {
  char text[120] = "";
  if (code == PCRE2_ERROR_HEAP_FAILED)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a pattern");
  pcre2_get_error_message(code, (PCRE2_UCHAR *)text, sizeof text);
  return lw_err_set(e, LW_E_SYNTAX, "%s at byte %zu", text, at + 1);
}

// A reference compares as many bytes as its group has, and does not move.
static int count(pcre2_callout_block *block, void *arg) {
  lw_regex *x = arg;
  size_t at = block->current_position;
  x->left -= STEPS_PER_ITEM + (int64_t)(at > x->at ? at - x->at : x->at - at);
  if (x->has_references)
    x->left -= (int64_t)x->text_n / 16;
  x->at = at;
  return x->left < 0 ? PCRE2_ERROR_CALLOUT : 0;
}

static int compile(lw_regex *x, const char *pattern, size_t n, lw_err *e) {
  int code;
  PCRE2_SIZE at;
  uint32_t groups = 0, references = 0;
  pcre2_set_parens_nest_limit(x->compile, LW_REGEX_NEST);
  pcre2_set_heap_limit(x->match, HEAP_KIB);
  x->code = pcre2_compile((PCRE2_SPTR)pattern, n,
                          PCRE2_NEVER_BACKSLASH_C | PCRE2_AUTO_CALLOUT, &code,
                          &at, x->compile);
  if (!x->code)
    return compile_failed(code, at, e);
  pcre2_pattern_info(x->code, PCRE2_INFO_BACKREFMAX, &references);
  x->has_references = references > 0;
  pcre2_set_callout(x->match, count, x);
  pcre2_pattern_info(x->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  if (groups > LW_REGEX_GROUPS)
    return lw_err_set(e, LW_E_RANGE, "%u groups, at most %d", groups,
                      LW_REGEX_GROUPS);
  return 0;
}

int lw_regex_new(lw_regex **out, const char *pattern, size_t n,
                 const lw_regex_memory *memory, lw_err *e) {
  int rc = refuse(pattern, n, e);
  if (rc < 0)
    return rc;
  lw_regex *x = make(memory ? memory : &plain);
  if (!x)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a pattern");
  rc = compile(x, pattern, n, e);
  if (rc < 0)
    lw_regex_free(x);
  else
    *out = x;
  return rc;
}

static int failed(int rc) {
  switch (rc) {
  case PCRE2_ERROR_NOMATCH:
    return 0;
  case PCRE2_ERROR_NOMEMORY:
    return LW_E_NOMEM;
  }
  return LW_E_BUDGET; // our count, PCRE2's limits, a recursion that loops
}

static void take_found(const lw_regex *x, const pcre2_match_data *data,
                       int set_n, lw_regex_found *found) {
  const PCRE2_SIZE *at = pcre2_get_ovector_pointer((pcre2_match_data *)data);
  uint32_t groups = 0;
  pcre2_pattern_info(x->code, PCRE2_INFO_CAPTURECOUNT, &groups);
  found->n = (int)groups + 1;
  for (int i = 0; i < found->n; i++) {
    int is_set = i < set_n && at[2 * i] != PCRE2_UNSET;
    found->start[i] = is_set ? at[2 * i] : LW_REGEX_UNSET;
    found->end[i] = is_set ? at[2 * i + 1] : LW_REGEX_UNSET;
    // \K in a lookahead can set a start behind its end.
    if (is_set && found->start[i] > found->end[i])
      found->start[i] = found->end[i];
  }
}

int lw_regex_search(lw_regex *x, const char *text, size_t n, size_t from,
                    lw_regex_found *found) {
  if (n > LW_REGEX_TEXT)
    return LW_E_RANGE;
  if (from > n)
    return 0;
  x->left = STEPS;
  x->at = from;
  x->text_n = n;
  // Of this search alone: it keeps the memory that the search grew to.
  pcre2_match_data *data =
      pcre2_match_data_create(LW_REGEX_GROUPS + 1, x->general);
  if (!data)
    return LW_E_NOMEM;
  int rc = pcre2_match(x->code, (PCRE2_SPTR)text, n, from, 0, data, x->match);
  if (rc > 0)
    take_found(x, data, rc, found);
  pcre2_match_data_free(data);
  return rc > 0 ? 1 : failed(rc);
}

int lw_regex_name(const lw_regex *x, int i, const char **name) {
  uint32_t count = 0, size = 0;
  PCRE2_SPTR table = NULL;
  pcre2_pattern_info(x->code, PCRE2_INFO_NAMECOUNT, &count);
  pcre2_pattern_info(x->code, PCRE2_INFO_NAMEENTRYSIZE, &size);
  pcre2_pattern_info(x->code, PCRE2_INFO_NAMETABLE, &table);
  if ((uint32_t)i >= count)
    return 0;
  PCRE2_SPTR row = table + (size_t)i * size;
  *name = (const char *)row + 2;
  return row[0] << 8 | row[1];
}
