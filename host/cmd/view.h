// What a person sees of a run: a live block on a terminal, only the changes of
// state in a pipe, the same as JSON lines with --json.
#ifndef LW_CMD_VIEW_H
#define LW_CMD_VIEW_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "worker/host.h" // lw_host_view

typedef struct lw_view {
  char title[320]; // "electrode-coating 2.3.0 / line-B / batch 0417"
  int is_tty, is_json;
  int drawn_n;    // lines of the live block on the screen
  int last_state; // state told last
  char last_prompt[LW_STATUS_TEXT], last_reason[LW_STATUS_TEXT];
  char note[200]; // answer to what was typed last
} lw_view;

void lw_view_init(lw_view *v, const lw_run_info *run, int is_json);
// Tell what changed; on a terminal draw the block anew.
//   typed  what is on the input line, "" in a pipe
void lw_view_update(lw_view *v, const lw_host_view *now, const char *typed);
// One line above the live block, or on its own in a pipe (stderr with --json).
void lw_view_say(lw_view *v, const char *line);
// Take the live block off the screen.
void lw_view_clear(lw_view *v);

// Wall time as "14:02:11" into buf [16]; returns buf.
char *lw_view_time(int64_t wall_ns, char *buf);

#endif
