#include "io/shots.h"

#include <math.h>   // fmin
#include <stdio.h>  // snprintf
#include <stdlib.h> // calloc
#include <string.h> // strcmp

#include "base/err.h"
#include "io/registry.h" // lw_option_text

#define WITHIN_NS INT64_C(500000000) // of a trigger
#define JUMP_MAX 1e6                 // a counter that jumps further was set

enum { PICTURE, NUMBER, LATE, MISSING, TRIGGER, POINT_N };
static const char *const names[POINT_N] = {"picture", "number", "late",
                                           "missing", "trigger"};

static int find(const char *address) {
  for (int i = 0; i < POINT_N; i++)
    if (!strcmp(names[i], address))
      return i;
  return -1;
}

int lw_shots_check_address(const char *address, int type, int access,
                           lw_err *e) {
  int what = find(address);
  if (what < 0)
    return lw_err_set(e, LW_E_SYNTAX,
                      "'%.60s': a source of pictures has picture, number, "
                      "late, missing and trigger",
                      address);
  if ((access & LW_WRITE) && what != TRIGGER)
    return lw_err_set(e, LW_E_SYNTAX, "'%s' can only be read", address);
  if ((type == LW_TYPE_text) != (what == PICTURE))
    return lw_err_set(e, LW_E_SYNTAX, "'%s' is %s", address,
                      what == PICTURE ? "the name of a picture: type = \"text\""
                                      : "a number, no text");
  return 0;
}

static int take_times(lw_shots *s, const lw_option *o, size_t n, lw_err *e) {
  const char *trigger = lw_option_text(o, n, "trigger");
  s->every_ns = (int64_t)(lw_option_number(o, n, "every", 0) * 1e9);
  s->is_triggered = trigger != NULL;
  if (trigger && strcmp(trigger, "signal"))
    return lw_err_set(e, LW_E_SYNTAX,
                      "option trigger = '%.30s' should be "
                      "signal",
                      trigger);
  if (s->is_triggered == (s->every_ns > 0))
    return lw_err_set(e, LW_E_SYNTAX,
                      "give one of every = \"1 s\" (time from "
                      "picture to picture) and trigger = \"signal\"");
  double otherwise = s->is_triggered ? WITHIN_NS / 1e9 : s->every_ns / 2e9;
  s->within_ns = (int64_t)(lw_option_number(o, n, "within", otherwise) * 1e9);
  return 0;
}

int lw_shots_init(lw_shots *s, const lw_option *o, size_t n,
                  const lw_point *points, size_t point_n, lw_err *e) {
  *s = (lw_shots){.point_n = point_n};
  s->points = calloc(point_n ? point_n : 1, sizeof *s->points);
  if (!s->points)
    return lw_err_set(e, LW_E_NOMEM, "out of memory");
  for (size_t i = 0; i < point_n; i++)
    s->points[i].what = find(points[i].address);
  return take_times(s, o, n, e);
}

void lw_shots_fini(lw_shots *s) {
  free(s->points);
  *s = (lw_shots){.point_n = 0};
}

uint32_t lw_shots_write(lw_shots *s, const uint32_t *which, const double *raw,
                        size_t n) {
  uint32_t due = 0;
  for (size_t i = 0; i < n; i++) {
    double was = s->trigger;
    if (s->points[which[i]].what != TRIGGER || raw[i] == was)
      continue;
    s->trigger = raw[i];
    if (raw[i] > 0)
      due +=
          was > 0 && raw[i] > was ? (uint32_t)fmin(raw[i] - was, JUMP_MAX) : 1;
  }
  return due;
}

void lw_shots_skip(lw_shots *s, uint32_t n) {
  s->missing += n;
  s->number += n;
}

void lw_shots_due(lw_shots *s, uint32_t number) {
  if (number > s->number)
    lw_shots_skip(s, number - s->number - 1);
  s->number = number;
}

void lw_shots_put(lw_shots *s, const char *name, int64_t late_ns) {
  s->late += late_ns > s->within_ns;
  snprintf(s->name, sizeof s->name, "%s", name);
  s->news++;
}

void lw_shots_lose(lw_shots *s) {
  s->missing++;
  s->name[0] = '\0';
  s->news++;
}

// News is told once; until the next the reading stays and ages.
static void read_picture(const lw_shots *s, lw_shot_point *p, lw_sample *out) {
  out->quality = p->told == s->news ? LW_OLD : *s->name ? LW_GOOD : LW_BAD;
  p->told = s->news;
  if (out->text)
    snprintf(out->text, LW_TEXT_SIZE, "%s", s->name);
}

static double number_of(const lw_shots *s, int what) {
  switch (what) {
  case NUMBER:
    return s->number;
  case LATE:
    return s->late;
  case MISSING:
    return s->missing;
  default:
    return s->trigger;
  }
}

void lw_shots_read(lw_shots *s, const uint32_t *due, size_t due_n,
                   lw_sample *out) {
  for (size_t i = 0; i < due_n; i++) {
    lw_shot_point *p = &s->points[due[i]];
    if (p->what == PICTURE) {
      read_picture(s, p, &out[i]);
      continue;
    }
    out[i].value = number_of(s, p->what);
    out[i].quality = LW_GOOD;
  }
}
