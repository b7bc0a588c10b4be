// JSON read into a flat list of tokens that point into the text. For model
// files and servers' answers: untrusted, so depth and counts are bounded.
#ifndef LW_INFER_JSON_H
#define LW_INFER_JSON_H

#include <stddef.h> // size_t
#include <stdint.h> // uint32_t

#include "base/err.h" // lw_err

enum {
  LW_JSON_OBJECT,
  LW_JSON_ARRAY,
  LW_JSON_STRING,
  LW_JSON_NUMBER,
  LW_JSON_WORD
}; // true, false, null

// Members of an object are key, value, key, value, ... ; `next` skips a whole
// value. A string's text has its escapes still in it.
typedef struct lw_json_token {
  uint32_t at, n; // place and length in the text, without quotes
  uint32_t next;  // index of the token behind this value
  uint32_t size;  // members of an array, pairs of an object
  uint8_t kind;
} lw_json_token;

typedef struct lw_json_doc {
  const char *text;
  lw_json_token *tokens; // [n], tokens[0] is the document
  uint32_t n, cap;
} lw_json_doc;

// Read text [n], which must outlive the document. LW_E_SYNTAX names the place.
int lw_json_doc_init(lw_json_doc *d, const char *text, size_t n, lw_err *e);
void lw_json_doc_fini(lw_json_doc *d);

// Index of a member's value, or 0 when `object` is none or has no such key
// (0 is the document itself and never a member).
uint32_t lw_json_get(const lw_json_doc *d, uint32_t object, const char *key);
// The same along a path of keys joined by dots.
uint32_t lw_json_path(const lw_json_doc *d, uint32_t object, const char *path);
// The first element of an array; go on with tokens[i].next, `size` times.
uint32_t lw_json_first(uint32_t array);
int lw_json_is(const lw_json_doc *d, uint32_t i, uint8_t kind);
int lw_json_equals(const lw_json_doc *d, uint32_t i, const char *text);
// Is it true or false? NaN, null and the like are words, too.
int lw_json_is_bool(const lw_json_doc *d, uint32_t i);
// A number, or a string that holds one, as XGBoost writes its parameters.
// Returns 0 or LW_E_SYNTAX.
int lw_json_number_of(const lw_json_doc *d, uint32_t i, double *x);
// The same rounded to float once, not twice.
int lw_json_float_of(const lw_json_doc *d, uint32_t i, float *x);
// Text of a token, cut at n - 1 bytes; returns text.
char *lw_json_copy(const lw_json_doc *d, uint32_t i, char *text, size_t n);

#endif
