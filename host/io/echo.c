#include "io/echo.h"

#include <math.h> // fabs, fmax, isnan, NAN

#include "io/word.h" // lw_word_round

void lw_echo_init(lw_echo *e) {
  *e = (lw_echo){
      .taken = NAN, .shown = NAN, .before = NAN, .same_ns = -1, .owed_ns = -1};
}

void lw_echo_take(lw_echo *e, double value) {
  if (value != e->taken) {
    e->same_ns = -1;
    e->is_heeded = 0;
  }
  e->taken = value;
  e->shown = NAN;
  e->is_lost = 0;
}

void lw_echo_lose(lw_echo *e) {
  e->is_lost = !isnan(e->taken);
  e->same_ns = e->owed_ns = -1;
}

int lw_echo_is_telling(const lw_echo *e) {
  return e->same_ns >= 0 || e->sure_n == LW_ECHO_SURE;
}

// A device may be coarser than its word.
static int is_far(double told, double value) {
  return fabs(told - value) > 0.01 * fmax(fabs(told), fabs(value));
}

int lw_echo_is_owed(const lw_echo *e, int type) {
  return !isnan(e->taken) && !isnan(e->before) && !e->is_heeded &&
         !e->is_reading && (e->is_kept || e->before != 0) &&
         is_far(lw_word_round(type, e->taken), e->before);
}

// It shows what it was told.
static void agree(lw_echo *e, double told, int64_t now_ns) {
  int is_at_once = isnan(e->shown) && !isnan(e->before) && e->before != told;
  if (is_at_once && e->sure_n < LW_ECHO_SURE)
    e->sure_n++;
  if (e->same_ns < 0) {
    e->same_ns = now_ns;
    e->is_moved = !isnan(e->before) && e->before != told;
  }
  if (e->is_moved && told != 0 && now_ns - e->same_ns >= LW_ECHO_PULSE_NS)
    e->is_kept = 1;
  if (e->owed_ns >= 0 && now_ns - e->owed_ns > e->slow_ns)
    e->slow_ns = now_ns - e->owed_ns;
  e->owed_ns = -1;
  e->is_heeded = 1;
}

static int64_t longest_ns(const lw_echo *e) {
  return 2 * e->slow_ns > LW_ECHO_LATE_NS ? 2 * e->slow_ns : LW_ECHO_LATE_NS;
}

// It still shows what it showed before it was told, for longer than any device
// takes: it acknowledges and does nothing. Not begun anew by the next value,
// which a loop may hand over at each scan.
static int is_late(lw_echo *e, double told, double value, int64_t now_ns) {
  if (!is_far(told, value)) {
    e->owed_ns = -1;
    return 0;
  }
  if (e->owed_ns < 0 || value != e->before)
    e->owed_ns = now_ns;
  if (!e->is_kept || e->is_heeded || e->is_reading ||
      now_ns - e->owed_ns < longest_ns(e))
    return 0;
  e->owed_ns = now_ns;
  return 1;
}

// It has not shown yet what it was told, and shows something else.
static int is_elsewhere(lw_echo *e, double value) {
  if (e->is_lost || isnan(e->before) || value == e->before)
    return 0; // it takes its time
  if (e->sure_n == LW_ECHO_SURE)
    return 1;
  e->is_reading = 1;
  return 0;
}

// Is what it was told gone?
static int is_changed(lw_echo *e, double told, double value, int is_gradual,
                      int64_t now_ns) {
  if (isnan(told))
    return 0;
  if (value == told) {
    agree(e, told, now_ns);
    return 0;
  }
  if (e->same_ns < 0) {
    int late = is_late(e, told, value, now_ns);
    return late || (!e->is_reading && is_elsewhere(e, value));
  }
  int64_t same_for_ns = now_ns - e->same_ns;
  e->same_ns = -1;
  return !e->is_reading && (is_gradual || same_for_ns >= LW_ECHO_PULSE_NS);
}

int lw_echo_look(lw_echo *e, int type, double value, int is_gradual,
                 int64_t now_ns) {
  double told = lw_word_round(type, e->taken);
  int is_forgotten = e->is_lost && value != e->shown && value != told;
  int changed = is_changed(e, told, value, is_gradual, now_ns);
  e->is_lost = 0;
  e->shown = e->before = value;
  if (is_forgotten)
    return LW_ECHO_FORGOTTEN;
  return changed ? LW_ECHO_CHANGED : LW_ECHO_FINE;
}
