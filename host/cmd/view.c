#include "cmd/view.h"

#include <stdarg.h>    // va_list
#include <stdio.h>     // printf
#include <string.h>    // strcmp, strlen
#include <sys/ioctl.h> // TIOCGWINSZ
#include <time.h>      // localtime_r
#include <unistd.h>    // isatty

#include "base/packml.h"  // lw_packml_state_name
#include "cmd/complain.h" // lw_complain
#include "cmd/json.h"     // lw_json
#include "loop/clock.h"   // lw_clock_real
#include "loop/console.h" // lw_console_is_behind

#define LINE_MAX_N 400

char *lw_view_time(int64_t wall_ns, char *buf) {
  time_t seconds = (time_t)(wall_ns / LW_S);
  struct tm parts;
  if (!localtime_r(&seconds, &parts) || !strftime(buf, 16, "%H:%M:%S", &parts))
    buf[0] = 0;
  return buf;
}

static char *now_text(char *buf) {
  lw_clock *clock = lw_clock_real();
  return lw_view_time(clock->wall_ns(clock), buf);
}

static const char *state_name(int state) {
  const char *name = lw_packml_state_name(state);
  return name ? name : "loading";
}

void lw_view_init(lw_view *v, const lw_run_info *run, int is_json) {
  *v = (lw_view){.is_tty = !is_json && isatty(STDOUT_FILENO) &&
                           !lw_console_is_behind(STDOUT_FILENO),
                 .is_json = is_json,
                 .last_state = -1};
  snprintf(v->title, sizeof v->title, "%s %s / %s / batch %s", run->recipe,
           run->version, run->line, run->batch);
}

// ------------------------------------------------------------- live block ---

static size_t columns(void) {
  struct winsize size;
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col < 20)
    return 79;
  return size.ws_col - 1u;
}

// Bytes of text that fill at most n columns; a character may be many bytes.
static size_t fitting(const char *text, size_t n) {
  size_t i = 0;
  for (size_t used = 0; text[i]; i++)
    if (((unsigned char)text[i] & 0xc0) != 0x80 && used++ == n)
      break;
  return i;
}

static void draw(lw_view *v, const char *fmt, ...) LW_PRINTF(2, 3);

static void draw(lw_view *v, const char *fmt, ...) {
  char line[LINE_MAX_N];
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(line, sizeof line, fmt, ap);
  va_end(ap);
  printf("\033[2K%.*s\n", (int)fitting(line, columns()), line);
  v->drawn_n++;
}

static void draw_row(lw_view *v, const char *word, const char *text) {
  if (*text)
    draw(v, "  %-8s %s", word, text);
}

void lw_view_clear(lw_view *v) {
  if (v->drawn_n)
    printf("\033[%dA\033[J", v->drawn_n);
  v->drawn_n = 0;
  fflush(stdout);
}

static void draw_waits(lw_view *v, const lw_host_view *now) {
  const lw_status *s = &now->status;
  if (!*s->waits)
    return;
  if (s->until_ns <= now->now_ns) {
    draw_row(v, "waits", s->waits);
    return;
  }
  lw_clock *clock = lw_clock_real();
  int64_t left_ns = s->until_ns - now->now_ns;
  char until[16];
  draw(v, "  %-8s %s, until %s (%lld s left)", "waits", s->waits,
       lw_view_time(clock->wall_ns(clock) + left_ns, until),
       (long long)(left_ns / LW_S));
}

static void draw_block(lw_view *v, const lw_host_view *now, const char *typed) {
  char time[16];
  draw(v, "%-12s %s   %s", state_name(now->state), v->title, now_text(time));
  draw_row(v, "doing", now->status.operation);
  draw_row(v, "step", now->status.step);
  draw_waits(v, now);
  draw_row(v, "reads", now->status.readings);
  if (now->state == LW_STATE_Held || now->state == LW_STATE_Aborted)
    draw_row(v, "why", now->status.reason);
  draw_row(v, "asks", now->status.prompt);
  if (now->is_paused)
    draw_row(v, "paused", "resume goes on");
  draw_row(v, "can", now->can);
  draw_row(v, "doubt", now->status.doubt);
  draw_row(v, "", v->note);
  draw(v, "> %s", typed);
}

// ---------------------------------------------------------------- changes ---

static void print_row(const char *word, const char *text) {
  if (*text)
    printf("  %-5s %s\n", word, text);
}

// An unhold says what it will prove before anything moves.
static void print_can(const lw_host_view *now) {
  const char *rest = now->can, *proves = now->status.proves;
  printf("  can   ");
  if (*proves && strncmp(rest, "unhold", 6) == 0) {
    printf("unhold (proves again: %s)", proves);
    rest += 6;
  }
  for (; *rest; rest++)
    fputs(*rest == ',' ? " |" : (char[]){*rest, 0}, stdout);
  putchar('\n');
}

// DSL.md section 6: why, where, the readings now, what can be commanded.
static void print_held(lw_view *v, const lw_host_view *now) {
  char time[16];
  lw_clock *clock = lw_clock_real();
  printf("HELD    %s   %s (clock %s)\n", v->title, now_text(time),
         clock->is_synced(clock) ? "synchronised" : "not synchronised");
  print_row("why", now->status.reason);
  print_row("where", now->status.where);
  print_row("now", now->status.readings);
  print_can(now);
  if (*now->status.doubt)
    printf("%s\n        Did it happen?  [done] [redo] [abort]     "
           "(signature: performed)\n",
           now->status.doubt);
}

static void print_json(const lw_host_view *now) {
  char text[4096];
  lw_json j;
  lw_json_init(&j, text, sizeof text);
  lw_clock *clock = lw_clock_real();
  lw_json_open(&j, NULL, '{');
  lw_json_number(&j, "wall_s",
                 (double)(clock->wall_ns(clock) / LW_MS) / 1000.0);
  lw_json_text(&j, "state", state_name(now->state));
  lw_json_text(&j, "operation", now->status.operation);
  lw_json_text(&j, "reason", now->status.reason);
  lw_json_text(&j, "where", now->status.where);
  lw_json_text(&j, "prompt", now->status.prompt);
  lw_json_text(&j, "doubt", now->status.doubt);
  lw_json_text(&j, "can", now->can);
  lw_json_close(&j, '}');
  puts(text);
}

static int is_fault(int state) {
  return state == LW_STATE_Stopping || state == LW_STATE_Stopped ||
         state == LW_STATE_Aborting || state == LW_STATE_Aborted;
}

static void tell_state(lw_view *v, const lw_host_view *now) {
  char time[16];
  if (v->is_json)
    print_json(now);
  else if (now->state == LW_STATE_Held)
    print_held(v, now);
  else if (now->state)
    printf("%s  %-12s%s%s\n", now_text(time), state_name(now->state),
           *now->status.operation ? "  " : "", now->status.operation);
  if (!v->is_json && is_fault(now->state) &&
      strcmp(v->last_reason, now->status.reason) != 0)
    print_row("why", now->status.reason);
  memcpy(v->last_reason, now->status.reason, sizeof v->last_reason);
}

// The reason of a hold may reach us a tick after the state itself. A worker
// that is given up says nothing more.
static int is_state_told_whole(const lw_host_view *now) {
  int is_newest = now->status.state == now->state || !now->worker_pid;
  return now->state != LW_STATE_Held || (*now->status.reason && is_newest);
}

static void tell_changes(lw_view *v, const lw_host_view *now) {
  if (now->state != v->last_state && is_state_told_whole(now)) {
    v->last_state = now->state;
    tell_state(v, now);
  }
  if (strcmp(now->status.prompt, v->last_prompt) == 0)
    return;
  memcpy(v->last_prompt, now->status.prompt, sizeof v->last_prompt);
  if (*v->last_prompt && v->is_json)
    print_json(now);
  else if (*v->last_prompt && !v->is_tty)
    printf("ASK     %s\n", v->last_prompt);
}

void lw_view_update(lw_view *v, const lw_host_view *now, const char *typed) {
  lw_view_clear(v);
  tell_changes(v, now);
  if (v->is_tty)
    draw_block(v, now, typed);
  fflush(stdout);
}

void lw_view_say(lw_view *v, const char *line) {
  lw_view_clear(v);
  if (v->is_json)
    lw_complain(1, "E-STATE", "%s", line);
  else
    puts(line);
  fflush(stdout);
}
