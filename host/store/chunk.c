#include "store/chunk.h"

#include <math.h>   // fabs, isfinite
#include <stdlib.h> // calloc
#include <string.h> // memcpy

#include "base/bits.h" // lw_bits_of_double
#include "base/err.h"  // LW_E_CORRUPT

// How values are written: the first byte of their blob.
enum { AS_DOUBLE, AS_FLOAT, AS_DECIMAL, AS_DECIMAL_FLOAT, FORM_N };
#define DIFFERENCES 0x10 // added to the form

// 10^15 is the last power whose neighbours are whole numbers of a double.
#define EXPONENT_MAX 15
static const double POWER10[EXPONENT_MAX + 1] = {
    1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
    1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};
// Whole numbers below this are exact in a double.
#define WHOLE_MAX 9007199254740992.0

#define EXCEPTION_N (LW_CHUNK_N / 8)
// form, exponent, width, n (2), exceptions (2), quality runs (2)
#define HEAD_N 9

struct lw_coder {
  lw_planes *planes;
  uint64_t words[LW_CHUNK_N], steps[LW_CHUNK_N];
  uint8_t body[LW_PLANES_MAX(8)], trial[LW_PLANES_MAX(8)];
  uint16_t exception[EXCEPTION_N]; // values that decimals cannot hold
  size_t exception_n;
};

lw_coder *lw_coder_new(void) {
  lw_coder *c = calloc(1, sizeof *c);
  if (c && !(c->planes = lw_planes_new())) {
    free(c);
    return NULL;
  }
  return c;
}

void lw_coder_free(lw_coder *c) {
  if (!c)
    return;
  lw_planes_free(c->planes);
  free(c);
}

// Signed to unsigned, small magnitudes to small numbers.
static uint64_t zigzag(uint64_t x) {
  return x << 1 ^ -(x >> 63);
}

static uint64_t zagzig(uint64_t x) {
  return x >> 1 ^ -(x & 1);
}

static uint32_t float_bits_of(double x) {
  float f = (float)x;
  uint32_t bits;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}

static double float_of(uint32_t bits) {
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

static void put16(uint8_t *out, size_t x) {
  out[0] = (uint8_t)x;
  out[1] = (uint8_t)(x >> 8);
}

static size_t get16(const uint8_t *in) {
  return in[0] | (size_t)in[1] << 8;
}

static void put64(uint8_t *out, uint64_t x) {
  for (int i = 0; i < 8; i++)
    out[i] = (uint8_t)(x >> (8 * i));
}

static uint64_t get64(const uint8_t *in) {
  uint64_t x = 0;
  for (int i = 0; i < 8; i++)
    x |= (uint64_t)in[i] << (8 * i);
  return x;
}

// ------------------------------------------------------------------ values --

static double decimal(int64_t whole, int exponent, int is_float) {
  double x = (double)whole / POWER10[exponent];
  return is_float ? (double)(float)x : x;
}

// Not a plain number: kept beside the decimals.
static int is_odd(double x) {
  return !isfinite(x) || fabs(x) >= WHOLE_MAX ||
         lw_bits_of_double(x) == lw_bits_of_double(-0.0);
}

// x as a whole multiple of 10^-exponent: 1 and *whole, if it comes back as it
// was.
static int to_decimal(double x, int exponent, int is_float, int64_t *whole) {
  double scaled = x * POWER10[exponent];
  if (!(fabs(scaled) < WHOLE_MAX))
    return 0;
  *whole = llround(scaled);
  return lw_bits_of_double(decimal(*whole, exponent, is_float)) ==
         lw_bits_of_double(x);
}

// Smallest exponent that fits all plain values into c->words, or -1.
static int fit_decimals(lw_coder *c, const double *value, size_t n,
                        int is_float) {
  int exponent = 0;
  int64_t whole = 0;
  c->exception_n = 0;
  for (size_t i = 0; i < n; i++) {
    if (is_odd(value[i])) {
      if (c->exception_n == EXCEPTION_N)
        return -1;
      c->exception[c->exception_n++] = (uint16_t)i;
      continue;
    }
    while (!to_decimal(value[i], exponent, is_float, &whole))
      if (++exponent > EXPONENT_MAX)
        return -1;
  }
  whole = 0;
  for (size_t i = 0; i < n; i++) {
    // Odd ones repeat their neighbour, which costs nothing.
    if (!is_odd(value[i]) && !to_decimal(value[i], exponent, is_float, &whole))
      return -1;
    c->words[i] = (uint64_t)whole;
  }
  return exponent;
}

static int fit_floats(lw_coder *c, const double *value, size_t n) {
  for (size_t i = 0; i < n; i++) {
    uint32_t bits = float_bits_of(value[i]);
    if (lw_bits_of_double(float_of(bits)) != lw_bits_of_double(value[i]))
      return 0;
    c->words[i] = bits;
  }
  return 1;
}

// Above this many decimals, floats may be shorter or the numbers may only look
// like decimals by chance.
#define PLAIN_DECIMALS 4

// Decimals into c->words: as they are, or rounded to float if that takes fewer
// digits. Returns AS_DECIMAL or AS_DECIMAL_FLOAT, or -1.
static int choose_decimals(lw_coder *c, const double *value, size_t n,
                           int *exponent) {
  int wide = fit_decimals(c, value, n, 0);
  *exponent = wide;
  if (wide >= 0 && wide <= PLAIN_DECIMALS)
    return AS_DECIMAL;
  *exponent = fit_decimals(c, value, n, 1);
  if (*exponent >= 0 && (wide < 0 || *exponent < wide))
    return AS_DECIMAL_FLOAT;
  *exponent = wide < 0 ? -1 : fit_decimals(c, value, n, 0);
  return *exponent < 0 ? -1 : AS_DECIMAL;
}

// The values' own bits into c->words.
static int choose_bits(lw_coder *c, const double *value, size_t n) {
  if (fit_floats(c, value, n))
    return AS_FLOAT;
  for (size_t i = 0; i < n; i++)
    c->words[i] = lw_bits_of_double(value[i]);
  return AS_DOUBLE;
}

static int is_decimal(int form) {
  return form == AS_DECIMAL || form == AS_DECIMAL_FLOAT;
}

// c->words -> c->steps: from one value to the next.
static void take_differences(lw_coder *c, size_t n, int form) {
  uint64_t last = 0;
  for (size_t i = 0; i < n; i++) {
    uint64_t x = c->words[i];
    c->steps[i] = is_decimal(form) ? zigzag(x - last) : x ^ last;
    last = x;
  }
}

static void add_differences(uint64_t *x, size_t n, int form) {
  uint64_t last = 0;
  for (size_t i = 0; i < n; i++) {
    last = is_decimal(form) ? last + zagzig(x[i]) : last ^ x[i];
    x[i] = last;
  }
}

static size_t write_qualities(const uint8_t *quality, size_t n, size_t *runs,
                              uint8_t *out) {
  size_t at = 0;
  *runs = 0;
  for (size_t i = 0, from = 0; i < n; i++) {
    if (i + 1 < n && quality[i + 1] == quality[i])
      continue;
    put16(out + at, i + 1 - from);
    out[at + 2] = quality[i];
    at += 3;
    from = i + 1;
    ++*runs;
  }
  return at;
}

static size_t write_exceptions(const lw_coder *c, const double *value,
                               uint8_t *out) {
  for (size_t i = 0; i < c->exception_n; i++) {
    put16(out + 10 * i, c->exception[i]);
    put64(out + 10 * i + 2, lw_bits_of_double(value[c->exception[i]]));
  }
  return 10 * c->exception_n;
}

// One way to write the values; c->words hold them, c->body its bytes.
typedef struct attempt {
  int form, exponent, width;
  size_t size;
} attempt;

static void keep_if_shorter(lw_coder *c, const uint64_t *words, size_t n,
                            attempt new, attempt *best) {
  new.width = lw_planes_width(words, n);
  new.size = lw_planes_write(c->planes, words, n, new.width, c->trial);
  if (best->size <= new.size)
    return;
  memcpy(c->body, c->trial, new.size);
  *best = new;
}

// c->words plain and as differences.
static void try_words(lw_coder *c, size_t n, attempt new, attempt *best) {
  take_differences(c, n, new.form);
  if (is_decimal(new.form))
    for (size_t i = 0; i < n; i++)
      c->words[i] = zigzag(c->words[i]);
  keep_if_shorter(c, c->words, n, new, best);
  new.form |= DIFFERENCES;
  keep_if_shorter(c, c->steps, n, new, best);
}

static attempt write_words(lw_coder *c, const double *value, size_t n) {
  attempt best = {.size = SIZE_MAX}, new = {0};
  new.form = choose_decimals(c, value, n, &new.exponent);
  if (new.form >= 0)
    try_words(c, n, new, &best);
  if (new.form >= 0 && new.exponent <= PLAIN_DECIMALS)
    return best;
  new = (attempt){.form = choose_bits(c, value, n)};
  // Exceptions only go with decimals, and count there.
  size_t exceptions = c->exception_n;
  if (best.size < SIZE_MAX)
    best.size += 10 * exceptions;
  c->exception_n = 0;
  try_words(c, n, new, &best);
  if (is_decimal(best.form & ~DIFFERENCES)) {
    best.size -= 10 * exceptions;
    c->exception_n = exceptions;
  }
  return best;
}

size_t lw_chunk_write_values(lw_coder *c, const double *value,
                             const uint8_t *quality, size_t n, uint8_t *out) {
  size_t runs, at = HEAD_N;
  attempt a = write_words(c, value, n);
  at += write_exceptions(c, value, out + at);
  at += write_qualities(quality, n, &runs, out + at);
  memcpy(out + at, c->body, a.size);
  out[0] = (uint8_t)a.form;
  out[1] = (uint8_t)a.exponent;
  out[2] = (uint8_t)a.width;
  put16(out + 3, n);
  put16(out + 5, c->exception_n);
  put16(out + 7, runs);
  return at + a.size;
}

typedef struct head {
  int form, exponent, width, is_differences;
  size_t n, exceptions, runs;
} head;

static int read_head(const uint8_t *in, size_t size, head *h) {
  if (size < HEAD_N)
    return LW_E_CORRUPT;
  *h = (head){.form = in[0] & ~DIFFERENCES,
              .is_differences = in[0] & DIFFERENCES,
              .exponent = in[1],
              .width = in[2],
              .n = get16(in + 3),
              .exceptions = get16(in + 5),
              .runs = get16(in + 7)};
  int is_sound = h->form < FORM_N && h->exponent <= EXPONENT_MAX &&
                 h->width <= 8 && h->n > 0 && h->n <= LW_CHUNK_N &&
                 h->exceptions <= EXCEPTION_N && h->runs <= h->n &&
                 HEAD_N + 10 * h->exceptions + 3 * h->runs <= size;
  return is_sound ? 0 : LW_E_CORRUPT;
}

static int read_qualities(const uint8_t *in, const head *h, uint8_t *quality) {
  size_t at = 0;
  for (size_t i = 0; i < h->runs; i++) {
    size_t length = get16(in + 3 * i);
    if (length > h->n - at)
      return LW_E_CORRUPT;
    memset(quality + at, in[3 * i + 2], length);
    at += length;
  }
  return at == h->n ? 0 : LW_E_CORRUPT;
}

static double value_of(const head *h, uint64_t word) {
  switch (h->form) {
  case AS_DECIMAL:
    return decimal((int64_t)word, h->exponent, 0);
  case AS_DECIMAL_FLOAT:
    return decimal((int64_t)word, h->exponent, 1);
  case AS_FLOAT:
    return float_of((uint32_t)word);
  }
  return lw_double_of_bits(word);
}

int lw_chunk_read_values(lw_coder *c, const uint8_t *in, size_t size,
                         double *value, uint8_t *quality) {
  head h;
  if (read_head(in, size, &h) < 0)
    return LW_E_CORRUPT;
  const uint8_t *exceptions = in + HEAD_N;
  const uint8_t *runs = exceptions + 10 * h.exceptions;
  const uint8_t *words = runs + 3 * h.runs;
  int rc = lw_planes_read(c->planes, words, size - (size_t)(words - in),
                          c->words, h.n, h.width);
  if (rc < 0 || read_qualities(runs, &h, quality) < 0)
    return LW_E_CORRUPT;
  if (h.is_differences)
    add_differences(c->words, h.n, h.form);
  else if (is_decimal(h.form))
    for (size_t i = 0; i < h.n; i++)
      c->words[i] = zagzig(c->words[i]);
  for (size_t i = 0; i < h.n; i++)
    value[i] = value_of(&h, c->words[i]);
  for (size_t i = 0; i < h.exceptions; i++) {
    size_t at = get16(exceptions + 10 * i);
    if (at >= h.n)
      return LW_E_CORRUPT;
    value[at] = lw_double_of_bits(get64(exceptions + 10 * i + 2));
  }
  return (int)h.n;
}

// ------------------------------------------------------------------- times --

// unit (10^k ns), width, n (2), first time, first step
#define TIMES_HEAD_N 20
#define UNIT_MAX 9

static const int64_t UNIT_NS[UNIT_MAX + 1] = {
    1, 10, 100, 1000, 10000, 100000, 1000000, 10000000, 100000000, 1000000000};

// Changes of the step from sample to sample, in c->words; sums wrap round.
static void take_changes(lw_coder *c, const int64_t *t_ns, size_t n) {
  uint64_t last = n > 1 ? (uint64_t)t_ns[1] - (uint64_t)t_ns[0] : 0;
  for (size_t i = 2; i < n; i++) {
    uint64_t step = (uint64_t)t_ns[i] - (uint64_t)t_ns[i - 1];
    c->words[i - 2] = step - last;
    last = step;
  }
}

// Largest unit that divides all changes.
static int common_unit(const lw_coder *c, size_t n) {
  int k = UNIT_MAX;
  for (size_t i = 0; i < n; i++)
    while ((int64_t)c->words[i] % UNIT_NS[k] != 0)
      k--;
  return k;
}

size_t lw_chunk_write_times(lw_coder *c, const int64_t *t_ns, size_t n,
                            uint8_t *out) {
  size_t changes = n > 2 ? n - 2 : 0;
  take_changes(c, t_ns, n);
  int unit = common_unit(c, changes);
  for (size_t i = 0; i < changes; i++)
    c->words[i] = zigzag((uint64_t)((int64_t)c->words[i] / UNIT_NS[unit]));
  int width = lw_planes_width(c->words, changes);
  out[0] = (uint8_t)unit;
  out[1] = (uint8_t)width;
  put16(out + 2, n);
  put64(out + 4, (uint64_t)t_ns[0]);
  put64(out + 12, n > 1 ? (uint64_t)t_ns[1] - (uint64_t)t_ns[0] : 0);
  return TIMES_HEAD_N + lw_planes_write(c->planes, c->words, changes, width,
                                        out + TIMES_HEAD_N);
}

int lw_chunk_read_times(lw_coder *c, const uint8_t *in, size_t size,
                        int64_t *t_ns) {
  if (size < TIMES_HEAD_N || in[0] > UNIT_MAX || in[1] > 8)
    return LW_E_CORRUPT;
  size_t n = get16(in + 2);
  if (n < 1 || n > LW_CHUNK_N)
    return LW_E_CORRUPT;
  size_t changes = n > 2 ? n - 2 : 0;
  int rc = lw_planes_read(c->planes, in + TIMES_HEAD_N, size - TIMES_HEAD_N,
                          c->words, changes, in[1]);
  if (rc < 0)
    return rc;
  uint64_t t = get64(in + 4), step = get64(in + 12);
  t_ns[0] = (int64_t)t;
  for (size_t i = 1; i < n; i++) {
    if (i > 1)
      step += zagzig(c->words[i - 2]) * (uint64_t)UNIT_NS[in[0]];
    t += step;
    t_ns[i] = (int64_t)t;
  }
  return (int)n;
}
