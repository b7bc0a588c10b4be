// The texts of a plan: one arena, each text once. A profile of a thousand tags
// brings ten thousand texts, so an index finds the ones that are there already.
#include <stdlib.h> // realloc, calloc, free
#include <string.h> // strcmp, strlen, memcpy

#include "image/plan.h"

// Source: Fowler, Noll, Vo; FNV-1a, 32 bits.
static uint32_t hash_of(const char *s) {
  uint32_t h = 2166136261u;
  for (; *s; s++)
    h = (h ^ (uint8_t)*s) * 16777619u;
  return h;
}

// Where s is in the index, or the empty place where it belongs. There is always
// an empty one: at most half of the index is used.
static uint32_t *place_of(const lw_plan *p, const char *s) {
  uint32_t mask = p->index_n - 1;
  for (uint32_t i = hash_of(s) & mask;; i = (i + 1) & mask) {
    uint32_t at = p->index[i];
    if (at == 0 || strcmp(p->text + at, s) == 0)
      return &p->index[i];
  }
}

// Make room for one more text; also the way to an index for a decoded plan,
// which brings its texts without one.
static int index_grow(lw_plan *p) {
  uint32_t n = 1;
  for (uint32_t at = 1; at < p->text_n; at += strlen(p->text + at) + 1)
    n++;
  uint32_t size = 64;
  while (size < 4 * n)
    size *= 2;
  uint32_t *fresh = calloc(size, sizeof *fresh);
  if (!fresh)
    return LW_E_NOMEM;
  free(p->index);
  p->index = fresh;
  p->index_n = size;
  p->index_used = 0;
  for (uint32_t at = 1; at < p->text_n; at += strlen(p->text + at) + 1) {
    *place_of(p, p->text + at) = at;
    p->index_used++;
  }
  return 0;
}

static uint32_t power_of_two_above(uint32_t n) {
  uint32_t cap = 1;
  while (cap < n)
    cap *= 2;
  return cap;
}

// Append s to the arena; returns its offset or LW_E_NOMEM.
static int append(lw_plan *p, const char *s) {
  size_t n = strlen(s) + 1;
  if (n > LW_PLAN_TEXT_MAX - p->text_n)
    return LW_E_NOMEM;
  uint32_t cap = power_of_two_above(p->text_n + (uint32_t)n);
  if (cap != power_of_two_above(p->text_n)) {
    char *more = realloc(p->text, cap);
    if (!more)
      return LW_E_NOMEM;
    p->text = more;
  }
  int offset = (int)p->text_n;
  memcpy(p->text + offset, s, n);
  p->text_n += (uint32_t)n;
  return offset;
}

int lw_plan_add_text(lw_plan *p, const char *s) {
  if (*s == 0)
    return 0;
  if (2 * p->index_used >= p->index_n && index_grow(p) < 0)
    return LW_E_NOMEM;
  uint32_t *place = place_of(p, s);
  if (*place)
    return (int)*place;
  int offset = append(p, s);
  if (offset < 0)
    return offset;
  *place = (uint32_t)offset;
  p->index_used++;
  return offset;
}

const char *lw_plan_text(const lw_plan *p, uint32_t offset) {
  return offset < p->text_n ? p->text + offset : "";
}
