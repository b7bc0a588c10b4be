// The historian beside a run's database.
#include <stdio.h>    // snprintf
#include <sys/stat.h> // mkdir

#include "worker/line_private.h"

void lw_line_record_history(lw_line *l) {
  char folder[4096], run[4096 + 32];
  const char *db = l->store ? lw_store_path(l->store) : "";
  if (!*db || l->recorder)
    return;
  snprintf(folder, sizeof folder, "%s.history", db);
  // Two simulated runs may claim the same hours: each gets a folder of its own.
  snprintf(run, sizeof run, "%s/run-%lld", folder,
           (long long)l->store_config.run);
  if (l->is_inline)
    mkdir(folder, 0777);
  const lw_recorder_config c = {.plan = l->plan,
                                .image = l->image.at,
                                .clock = l->clock,
                                .folder = l->is_inline ? run : folder,
                                .thread = !l->is_inline};
  if (lw_recorder_new(&l->recorder, &c, &l->history_error) < 0)
    l->recorder = NULL;
}

// Text as the inside of a JSON string; what cannot stand there is left out.
static void quote(const char *text, char *out, size_t n) {
  size_t at = 0;
  for (; *text && at + 2 < n; text++) {
    if ((unsigned char)*text < 0x20)
      continue;
    if (*text == '"' || *text == '\\')
      out[at++] = '\\';
    out[at++] = *text;
  }
  out[at] = 0;
}

static void tell_more(lw_line *l, const char *what, uint64_t now,
                      uint64_t told) {
  char data[80];
  if (now <= told)
    return;
  snprintf(data, sizeof data, "{\"%s\":%llu}", what,
           (unsigned long long)(now - told));
  lw_line_record(l, LW_RECORD_note, "host/history", data);
}

// What retention dropped and what was lost stands in the journal.
static void tell_counts(lw_line *l) {
  char data[160];
  lw_recorder_counts now, *told = &l->history_counts;
  lw_recorder_counts_read(l->recorder, &now);
  tell_more(l, "days_dropped", now.days_dropped, told->days_dropped);
  tell_more(l, "days_waiting", now.days_waiting, told->days_waiting);
  if (now.days_unsent > told->days_unsent) {
    snprintf(data, sizeof data,
             "{\"text\":\"the disk's share is full: %llu days of history went "
             "before they were forwarded\"}",
             (unsigned long long)(now.days_unsent - told->days_unsent));
    lw_line_record(l, LW_RECORD_alarm, "host/history/unsent", data);
  }
  // A disk that stays slow is told once, then when it got ten times worse.
  if (now.scans_lost > 10 * told->scans_lost) {
    snprintf(data, sizeof data, "{\"scans_lost\":%llu}",
             (unsigned long long)now.scans_lost);
    lw_line_record(l, LW_RECORD_note, "host/history", data);
    told->scans_lost = now.scans_lost;
  }
  told->days_dropped = now.days_dropped;
  told->days_waiting = now.days_waiting;
  told->days_unsent = now.days_unsent;
}

void lw_line_watch_history(lw_line *l) {
  char text[2 * sizeof l->history_error.text], data[sizeof text + 64];
  lw_recorder_check(l->recorder, &l->history_error);
  tell_counts(l);
  if (!l->history_error.code || l->is_history_told)
    return;
  l->is_history_told = 1;
  quote(l->history_error.text, text, sizeof text);
  snprintf(data, sizeof data, "{\"text\":\"history stopped: %s\"}", text);
  lw_line_record(l, LW_RECORD_alarm, "host/history", data);
}

void lw_line_end_history(lw_line *l) {
  if (!l->store)
    return;
  lw_line_watch_history(l);
  lw_recorder_free(l->recorder);
  l->recorder = NULL;
}
