#include "worker/bundle.h"

#include <stdio.h>  // snprintf
#include <stdlib.h> // strtoull
#include <string.h> // strcmp, memchr

#define MAGIC "LINEWRIGHT-BUNDLE 1"

typedef struct cursor {
  char *at, *end;
  uint64_t plan_n;
} cursor;

static int corrupt(lw_err *e, const char *what) {
  return lw_err_set(e, LW_E_CORRUPT, "the loader's message: %s", what);
}

// Next header line without its newline, or NULL at the end of the bytes.
static char *next_line(cursor *c) {
  char *line = c->at;
  char *end = memchr(line, '\n', (size_t)(c->end - line));
  if (!end)
    return NULL;
  *end = 0;
  c->at = end + 1;
  return line;
}

static int parse_size(const char *text, uint64_t *out) {
  char *end;
  *out = strtoull(text, &end, 10);
  return *text >= '0' && *text <= '9' && *end == 0;
}

static int copy(char *to, size_t n, const char *value) {
  size_t used = strlen(value);
  if (used >= n)
    return 0;
  memcpy(to, value, used + 1);
  return 1;
}

// "ROLE\tSHA256\tBYTES\tPATH"; the text's place is only known after the plan.
static int parse_file(lw_bundle *b, char *value, lw_err *e) {
  if (b->file_n == LW_BUNDLE_FILES_MAX)
    return corrupt(e, "too many files");
  lw_bundle_file *f = &b->files[b->file_n];
  char *rest = value;
  uint64_t n;
  f->role = strsep(&rest, "\t");
  f->sha = rest ? strsep(&rest, "\t") : NULL;
  char *size = rest ? strsep(&rest, "\t") : NULL;
  f->path = rest;
  if (!f->path || !size || !parse_size(size, &n) || strlen(f->sha) != 64)
    return corrupt(e, "a file line is not ROLE, SHA-256, BYTES, PATH");
  f->n = (size_t)n;
  b->file_n++;
  return 0;
}

typedef struct field {
  const char *name;
  char *to;
  size_t n;
} field;

// Unknown names pass: a newer loader may say more than this host asks.
static int parse_field(lw_bundle *b, cursor *c, const char *name, char *value,
                       lw_err *e) {
  lw_run_info *r = &b->run;
  const field fields[] = {
      {"recipe", r->recipe, sizeof r->recipe},
      {"version", r->version, sizeof r->version},
      {"line", r->line, sizeof r->line},
      {"formula", r->formula, sizeof r->formula},
      {"bundle", r->bundle, sizeof r->bundle},
      {"batch", r->batch, sizeof r->batch},
      {"policy", r->policy, sizeof r->policy},
      {"recipe_path", r->recipe_path, sizeof r->recipe_path},
      {"line_path", r->line_path, sizeof r->line_path},
      {"formula_path", r->formula_path, sizeof r->formula_path},
      {"settings", r->settings, sizeof r->settings},
      {"plan_digest", b->plan_digest, sizeof b->plan_digest},
  };
  for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
    if (strcmp(name, fields[i].name) == 0 &&
        !copy(fields[i].to, fields[i].n, value))
      return lw_err_set(e, LW_E_RANGE, "%s is longer than %zu bytes", name,
                        fields[i].n - 1);
  if (strcmp(name, "file") == 0)
    return parse_file(b, value, e);
  if (strcmp(name, "reload") == 0)
    b->reload = value;
  if (strcmp(name, "twin") == 0)
    b->has_twin = strcmp(value, "1") == 0;
  if (strcmp(name, "plan_bytes") == 0 && !parse_size(value, &c->plan_n))
    return corrupt(e, "plan_bytes is no number");
  return 0;
}

static int parse_header(lw_bundle *b, cursor *c, lw_err *e) {
  char *line = next_line(c);
  if (!line || strcmp(line, MAGIC) != 0)
    return corrupt(e, "does not begin with '" MAGIC "'");
  while ((line = next_line(c)) && *line) {
    char *value = strchr(line, '=');
    if (!value)
      return corrupt(e, "a header line has no '='");
    *value++ = 0;
    int rc = parse_field(b, c, line, value, e);
    if (rc < 0)
      return rc;
  }
  return line ? 0 : corrupt(e, "ends inside its header");
}

static int take_bytes(cursor *c, uint64_t n, const char **out) {
  if (n > (uint64_t)(c->end - c->at))
    return 0;
  *out = c->at;
  c->at += n;
  return 1;
}

int lw_bundle_parse(lw_bundle *b, char *message, size_t n, lw_err *e) {
  memset(b, 0, sizeof *b);
  cursor c = {.at = message, .end = message + n};
  int rc = parse_header(b, &c, e);
  if (rc < 0)
    return rc;
  const char *plan;
  if (!c.plan_n || !take_bytes(&c, c.plan_n, &plan))
    return corrupt(e, "the plan is missing or cut");
  b->plan = (const unsigned char *)plan;
  b->plan_n = (size_t)c.plan_n;
  for (size_t i = 0; i < b->file_n; i++)
    if (!take_bytes(&c, b->files[i].n, &b->files[i].text))
      return corrupt(e, "a file's text is cut");
  if (strlen(b->run.bundle) != 64 || !*b->run.recipe || !*b->run.line)
    return corrupt(e, "recipe, line or bundle is missing");
  return c.at == c.end ? 0 : corrupt(e, "has bytes after its end");
}
