#include "io/modbus_address.h"

#include <ctype.h>  // isdigit
#include <math.h>   // NAN, trunc
#include <stdlib.h> // strtol
#include <string.h> // memcpy, strspn

#include "io/word.h" // lw_word_bits

static const struct {
  const char *name, *prefix;
  char digit;
  int is_bits, is_writable;
} tables[LW_MODBUS_TABLE_N] = {
#define TABLE_ROW(name, prefix, digit, bits, writable)                         \
  {#name, prefix, digit, bits, writable},
    LW_MODBUS_TABLES(TABLE_ROW)
#undef TABLE_ROW
};

int lw_modbus_is_bits(int table) {
  return tables[table].is_bits;
}

static int table_of_prefix(const char *text) {
  for (int i = 0; i < LW_MODBUS_TABLE_N; i++)
    if (!strncmp(text, tables[i].prefix, 2) && text[2] == ':')
      return i;
  return -1;
}

static int table_of_digit(char digit) {
  for (int i = 0; i < LW_MODBUS_TABLE_N; i++)
    if (tables[i].digit == digit)
      return i;
  return -1;
}

// Decimal digits only: strtol alone would take blanks, signs and more.
static const char *parse_number(const char *s, long max, int *out) {
  if (!isdigit((unsigned char)*s) || strspn(s, "0123456789") > 6)
    return NULL;
  char *end;
  long v = strtol(s, &end, 10);
  *out = (int)v;
  return v <= max ? end : NULL;
}

// "40012", "400012": the first digit is the table, the rest counts from 1.
static int parse_modicon(const char *text, lw_modbus_address *a) {
  size_t n = strspn(text, "0123456789");
  if (n != 5 && n != 6)
    return LW_E_SYNTAX;
  a->table = table_of_digit(text[0]);
  if (a->table < 0 || !parse_number(text + 1, 65536, &a->first))
    return LW_E_SYNTAX;
  return --a->first < 0 ? LW_E_SYNTAX : (int)n;
}

// "hr:11"; returns how many characters were read.
static int parse_plain(const char *text, lw_modbus_address *a) {
  a->table = table_of_prefix(text);
  const char *end = parse_number(text + 3, 65535, &a->first);
  return end ? (int)(end - text) : LW_E_SYNTAX;
}

static int syntax(const char *text, lw_err *e) {
  return lw_err_set(e, LW_E_SYNTAX,
                    "'%.40s' is no Modbus address; write hr:N, ir:N, co:N or "
                    "di:N (N from 0 to 65535), or Modicon digits such as "
                    "40012 (= hr:11), 30101, 10001, 00017",
                    text);
}

// What follows the number: ".3" or ":16".
static int parse_suffix(const char *s, const char *text, int type,
                        lw_modbus_address *a, lw_err *e) {
  int is_text = type == LW_TYPE_text;
  int limit = *s == '.' ? 15 : LW_MODBUS_TEXT_MAX;
  int value = 0;
  if (!*s)
    return 0;
  const char *end = parse_number(s + 1, limit, &value);
  if ((*s != '.' && *s != ':') || !end || *end)
    return syntax(text, e);
  if (*s == '.' && (type != LW_TYPE_bool || tables[a->table].is_bits))
    return lw_err_set(e, LW_E_SYNTAX,
                      "'%.40s': only a bool in a register has a bit number",
                      text);
  if (*s == ':' && (!is_text || value == 0))
    return lw_err_set(e, LW_E_SYNTAX,
                      "'%.40s': only a text has a length, 1 to %d registers",
                      text, LW_MODBUS_TEXT_MAX);
  if (*s == '.')
    a->bit = value;
  else
    a->n = value;
  return 0;
}

static int check_use(const char *text, int type, int access,
                     const lw_modbus_address *a, lw_err *e) {
  const char *name = tables[a->table].name;
  if (tables[a->table].is_bits && type != LW_TYPE_bool)
    return lw_err_set(e, LW_E_SYNTAX,
                      "'%.40s' is one bit: its type must be bool, not %s", text,
                      lw_word_name(type));
  if ((access & LW_WRITE) && !tables[a->table].is_writable)
    return lw_err_set(e, LW_E_SYNTAX,
                      "'%.40s' is a%s, which cannot be written; use hr:N "
                      "(4....) or co:N (0....)",
                      text,
                      *name == 'i' ? "n input register" : " discrete input");
  if ((access & LW_WRITE) && (a->bit >= 0 || type == LW_TYPE_text))
    return lw_err_set(e, LW_E_SYNTAX,
                      "'%.40s': a %s can only be read, not written", text,
                      a->bit >= 0 ? "bit of a register" : "text");
  if (a->first + a->n > 65536)
    return lw_err_set(e, LW_E_SYNTAX,
                      "'%.40s': a %s needs %d registers, beyond address 65535",
                      text, lw_word_name(type), a->n);
  return 0;
}

int lw_modbus_address_parse(const char *text, int type, int access,
                            lw_modbus_address *out, lw_err *e) {
  lw_modbus_address a = {.bit = -1, .n = 1};
  int n = table_of_prefix(text) >= 0 ? parse_plain(text, &a)
                                     : parse_modicon(text, &a);
  if (n < 0)
    return syntax(text, e);
  if (type == LW_TYPE_text)
    a.n = LW_MODBUS_TEXT;
  else if (lw_word_bits(type) > 16)
    a.n = lw_word_bits(type) / 16;
  int rc = parse_suffix(text + n, text, type, &a, e);
  if (rc == 0)
    rc = check_use(text, type, access, &a, e);
  if (rc == 0)
    *out = a;
  return rc;
}

// The bits of a number of the type, right-aligned.
static uint64_t bits_of(double value, int type) {
  uint64_t b = 0;
  float f = (float)value;
  switch (type) {
  case LW_TYPE_f32:
    memcpy(&b, &f, sizeof f);
    return b & UINT32_MAX;
  case LW_TYPE_f64:
    memcpy(&b, &value, sizeof b);
    return b;
  default: // two's complement; the range was checked
    return value < 0 ? (uint64_t)(int64_t)value : (uint64_t)value;
  }
}

static double number_of(uint64_t b, int type) {
  float f;
  double d;
  uint32_t b32 = (uint32_t)b;
  switch (type) {
  case LW_TYPE_bool:
    return b != 0;
  case LW_TYPE_s16:
    return (int16_t)b;
  case LW_TYPE_s32:
    return (int32_t)b;
  case LW_TYPE_s64:
    return (double)(int64_t)b;
  case LW_TYPE_f32:
    memcpy(&f, &b32, sizeof f);
    return f;
  case LW_TYPE_f64:
    memcpy(&d, &b, sizeof d);
    return d;
  default:
    return (double)b;
  }
}

static int words_n(int type) {
  int bits = lw_word_bits(type);
  return bits > 16 ? bits / 16 : 1;
}

int lw_modbus_encode(double value, int type, int word_order, uint16_t *words) {
  double lo, hi;
  lw_word_range(type, &lo, &hi);
  int is_float = type == LW_TYPE_f32 || type == LW_TYPE_f64;
  if (!(value >= lo && value <= hi) || (!is_float && value != trunc(value)))
    return LW_E_RANGE;
  uint64_t b = bits_of(value, type);
  int n = words_n(type);
  for (int i = 0; i < n; i++, b >>= 16)
    words[word_order == LW_LITTLE_WORDS ? i : n - 1 - i] = (uint16_t)b;
  return 0;
}

double lw_modbus_decode(const uint16_t *words, int type, int word_order) {
  int n = words_n(type);
  uint64_t b = 0;
  for (int i = 0; i < n; i++)
    b = b << 16 | words[word_order == LW_LITTLE_WORDS ? n - 1 - i : i];
  return number_of(b, type);
}

void lw_modbus_decode_text(const uint16_t *words, int n, int word_order,
                           char *buf, size_t size) {
  int low_first = word_order == LW_LITTLE_WORDS;
  size_t len = 0;
  for (int i = 0; i < 2 * n && len + 1 < size; i++) {
    char c =
        (char)(i % 2 != low_first ? words[i / 2] & 0xFF : words[i / 2] >> 8);
    if (!c)
      break;
    buf[len++] = c;
  }
  while (len && buf[len - 1] == ' ')
    len--;
  buf[len] = '\0';
}
