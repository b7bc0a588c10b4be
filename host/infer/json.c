#include "infer/json.h"

#include <stdlib.h> // realloc, strtod
#include <string.h> // memcpy

#define DEPTH_MAX 32
#define TOKENS_MAX (UINT32_C(1) << 26)
#define NUMBER_MAX 64 // bytes of the longest number

typedef struct reader {
  lw_json_doc *d;
  size_t at, n;
  lw_err *e;
} reader;

static int refuse(reader *r, const char *what) {
  return lw_err_set(r->e, LW_E_SYNTAX, "JSON, byte %zu: %s", r->at, what);
}

static int grow(reader *r) {
  lw_json_doc *d = r->d;
  if (d->cap >= TOKENS_MAX)
    return refuse(r, "too many values");
  uint32_t cap = d->cap ? d->cap * 2 : 256;
  void *grown = realloc(d->tokens, cap * sizeof *d->tokens);
  if (!grown)
    return lw_err_set(r->e, LW_E_NOMEM, "out of memory for JSON");
  d->tokens = grown;
  d->cap = cap;
  return 0;
}

// A new token; its index, or a negative code.
static int64_t begin(reader *r, uint8_t kind) {
  if (r->d->n == r->d->cap) {
    int rc = grow(r);
    if (rc < 0)
      return rc;
  }
  uint32_t i = r->d->n++;
  r->d->tokens[i] = (lw_json_token){.at = (uint32_t)r->at, .kind = kind};
  return i;
}

static void end(reader *r, int64_t i, size_t n) {
  r->d->tokens[i].n = (uint32_t)n;
  r->d->tokens[i].next = r->d->n;
}

static int peek(reader *r) {
  const char *text = r->d->text;
  while (r->at < r->n && strchr(" \t\r\n", text[r->at]) && text[r->at])
    r->at++;
  return r->at < r->n ? (unsigned char)text[r->at] : 0;
}

static int read_string(reader *r) {
  const char *text = r->d->text;
  r->at++;
  int64_t i = begin(r, LW_JSON_STRING);
  if (i < 0)
    return (int)i;
  size_t from = r->at;
  while (r->at < r->n && text[r->at] != '"') {
    if ((unsigned char)text[r->at] < ' ')
      return refuse(r, "a control character in a string");
    r->at += text[r->at] == '\\' ? 2 : 1;
  }
  if (r->at >= r->n)
    return refuse(r, "a string without its end");
  end(r, i, r->at - from);
  r->at++;
  return 0;
}

static int is_plain(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
         (c >= 'A' && c <= 'Z') || c == '-' || c == '+' || c == '.';
}

static int read_plain(reader *r, int c) {
  const char *text = r->d->text;
  int is_number = c == '-' || (c >= '0' && c <= '9');
  int64_t i = begin(r, is_number ? LW_JSON_NUMBER : LW_JSON_WORD);
  if (i < 0)
    return (int)i;
  size_t from = r->at;
  while (r->at < r->n && is_plain(text[r->at]))
    r->at++;
  if (r->at == from || r->at - from >= NUMBER_MAX)
    return refuse(r, "a value is expected");
  end(r, i, r->at - from);
  return 0;
}

static int read_value(reader *r, int depth);

static int read_key(reader *r) {
  if (peek(r) != '"')
    return refuse(r, "a key in quotes is expected");
  int rc = read_string(r);
  if (rc < 0)
    return rc;
  if (peek(r) != ':')
    return refuse(r, "':' is expected");
  r->at++;
  return 0;
}

static int read_members(reader *r, int64_t i, int closing, int depth) {
  uint32_t size = 0;
  r->at++;
  while (peek(r) != closing) {
    if (size && peek(r) != ',')
      return refuse(r, "',' or the end is expected");
    r->at += size ? 1 : 0;
    int rc = closing == '}' ? read_key(r) : 0;
    rc = rc < 0 ? rc : read_value(r, depth + 1);
    if (rc < 0)
      return rc;
    size++;
  }
  r->at++;
  r->d->tokens[i].size = size;
  end(r, i, r->at - r->d->tokens[i].at);
  return 0;
}

static int read_value(reader *r, int depth) {
  int c = peek(r);
  if (depth > DEPTH_MAX)
    return refuse(r, "nested too deep");
  if (c == '"')
    return read_string(r);
  if (c != '{' && c != '[')
    return c ? read_plain(r, c) : refuse(r, "the text ends too early");
  int64_t i = begin(r, c == '{' ? LW_JSON_OBJECT : LW_JSON_ARRAY);
  return i < 0 ? (int)i : read_members(r, i, c == '{' ? '}' : ']', depth);
}

int lw_json_doc_init(lw_json_doc *d, const char *text, size_t n, lw_err *e) {
  *d = (lw_json_doc){.text = text};
  reader r = {.d = d, .n = n, .e = e};
  int rc = n < UINT32_MAX ? read_value(&r, 0) : refuse(&r, "too long");
  if (rc == 0 && peek(&r))
    rc = refuse(&r, "more text behind the value");
  if (rc < 0)
    lw_json_doc_fini(d);
  return rc;
}

void lw_json_doc_fini(lw_json_doc *d) {
  free(d->tokens);
  *d = (lw_json_doc){0};
}

// ---------------------------------------------------------------- looking ---

static uint32_t get(const lw_json_doc *d, uint32_t object, const char *key,
                    size_t key_n) {
  if (!lw_json_is(d, object, LW_JSON_OBJECT))
    return 0;
  uint32_t i = object + 1;
  for (uint32_t k = 0; k < d->tokens[object].size; k++) {
    const lw_json_token *t = &d->tokens[i];
    if (t->n == key_n && !memcmp(d->text + t->at, key, key_n))
      return i + 1;
    i = d->tokens[i + 1].next;
  }
  return 0;
}

uint32_t lw_json_get(const lw_json_doc *d, uint32_t object, const char *key) {
  return get(d, object, key, strlen(key));
}

uint32_t lw_json_path(const lw_json_doc *d, uint32_t object, const char *path) {
  for (;;) {
    size_t n = strcspn(path, ".");
    object = get(d, object, path, n);
    if (!object || !path[n])
      return object;
    path += n + 1;
  }
}

uint32_t lw_json_first(uint32_t array) {
  return array + 1;
}

int lw_json_is(const lw_json_doc *d, uint32_t i, uint8_t kind) {
  return i < d->n && d->tokens[i].kind == kind;
}

int lw_json_equals(const lw_json_doc *d, uint32_t i, const char *text) {
  const lw_json_token *t = &d->tokens[i];
  return i < d->n && t->n == strlen(text) &&
         !memcmp(d->text + t->at, text, t->n);
}

int lw_json_is_bool(const lw_json_doc *d, uint32_t i) {
  return lw_json_is(d, i, LW_JSON_WORD) &&
         (lw_json_equals(d, i, "true") || lw_json_equals(d, i, "false"));
}

char *lw_json_copy(const lw_json_doc *d, uint32_t i, char *text, size_t n) {
  size_t length = i < d->n ? d->tokens[i].n : 0;
  length = length < n - 1 ? length : n - 1;
  memcpy(text, i < d->n ? d->text + d->tokens[i].at : "", length);
  text[length] = '\0';
  return text;
}

// The text of a number in a buffer of its own, as strtod wants its NUL.
static int number_text(const lw_json_doc *d, uint32_t i,
                       char text[NUMBER_MAX]) {
  if (!lw_json_is(d, i, LW_JSON_NUMBER) && !lw_json_is(d, i, LW_JSON_STRING))
    return LW_E_SYNTAX;
  if (d->tokens[i].n == 0 || d->tokens[i].n >= NUMBER_MAX)
    return LW_E_SYNTAX;
  lw_json_copy(d, i, text, NUMBER_MAX);
  return 0;
}

int lw_json_number_of(const lw_json_doc *d, uint32_t i, double *x) {
  char text[NUMBER_MAX], *stop;
  if (number_text(d, i, text) < 0)
    return LW_E_SYNTAX;
  *x = strtod(text, &stop);
  return *stop ? LW_E_SYNTAX : 0;
}

int lw_json_float_of(const lw_json_doc *d, uint32_t i, float *x) {
  char text[NUMBER_MAX], *stop;
  if (number_text(d, i, text) < 0)
    return LW_E_SYNTAX;
  *x = strtof(text, &stop);
  return *stop ? LW_E_SYNTAX : 0;
}
