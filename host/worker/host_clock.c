// Steps of the wall clock: told in the journal, felt by nobody.
#include <inttypes.h> // PRId64
#include <stdio.h>    // snprintf
#include <stdlib.h>   // llabs

#include "loop/clock.h" // lw_clock_real
#include "worker/host_private.h"

// What a clock daemon slews between two looks stays far below this.
#define STEP_LEAST (100 * LW_MS)
// Two readings that are further apart say nothing about each other.
#define APART_MOST LW_MS

void lw_host_watch_clock(lw_host *h) {
  lw_clock *c = lw_clock_real();
  char data[96];
  int64_t before_ns = lw_now_ns(c);
  int64_t offset_ns = c->wall_ns(c) - before_ns;
  if (lw_now_ns(c) - before_ns > APART_MOST)
    return;
  int64_t step_ns = offset_ns - h->wall_offset_ns;
  if (h->has_wall_offset && llabs(step_ns) >= STEP_LEAST) {
    snprintf(data, sizeof data,
             "{\"text\":\"the wall clock was set\",\"step_ms\":%" PRId64 "}",
             step_ns / LW_MS);
    lw_line_record(h->line, LW_RECORD_note, "host/clock", data);
  }
  h->wall_offset_ns = offset_ns;
  h->has_wall_offset = 1;
}
