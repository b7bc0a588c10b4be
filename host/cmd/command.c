#include <stdio.h>  // printf
#include <stdlib.h> // getenv
#include <string.h> // strncmp
#include <unistd.h> // usleep

#include "base/err.h" // lw_err_name
#include "base/str.h" // lw_str_is_plain
#include "cmd/cmd.h"
#include "cmd/door.h" // lw_door_path
#include "cmd/options.h"
#include "loop/clock.h" // lw_clock_real
#include "loop/local.h" // lw_local_ask

#define PATIENCE_MS 3000
#define VERDICT_LOOKS 100 // 2 s
#define VERDICT_EVERY_US 20000
#define RELOAD_LOOK (50 * LW_MS)
#define WORKER_LOOKS 500 // 10 s

const char lw_cmd_command_help[] =
    "usage: linewright command NAME [ARGUMENT...] [--db FILE] [--who WHO]\n"
    "\n"
    "Give a running run a command: reset, start, stop, hold, unhold, suspend,\n"
    "unsuspend, complete, abort, clear, pause, resume, or\n"
    "\n"
    "  answer TEXT      to the open question; \"2 TEXT\" to the second one\n"
    "  approve [STEP]   the step that waits for it in mode semi-automatic\n"
    "  ack [ALARM]      acknowledge an alarm by its text, or all\n"
    "  mode MODE        production, maintenance or manual; automatic or\n"
    "                   semi-automatic (each step waits to be approved)\n"
    "  set NAME VALUE   a parameter that the recipe declares changeable, "
    "or,\n"
    "                   in mode manual, an output; words behind `because` are\n"
    "                   the reason; the record has the old value, too\n"
    "  reload           read the line's profile again: what changed is "
    "printed,\n"
    "                   and the run goes by it when it is Held\n"
    "\n"
    "Each is entered in the journal with the name of who gave it, refused or "
    "not.\n"
    "\n"
    "  --db FILE  database of the run, default linewright.db\n"
    "  --who WHO  default: the name of the user\n"
    "\n"
    "exit code: 0 taken, 1 not allowed now, 3 no host is running\n"
    "\n"
    "example:\n"
    "  linewright command hold \"inspect the die\" --who ana\n"
    "  linewright command set speed 5 m/min --who ana\n";

// The worker looks at its commands at once, but may be busy for a tick.
static int wait_for_verdict(const char *path, const char *number) {
  char request[64], answer[LW_LOCAL_ANSWER_MAX + 1] = "";
  lw_err e;
  snprintf(request, sizeof request, "verdict\t%.20s", number);
  for (int i = 0; i < VERDICT_LOOKS; i++) {
    int rc =
        lw_local_ask(path, request, PATIENCE_MS, answer, sizeof answer, &e);
    if (rc == LW_E_TIMEOUT) {
      fprintf(stderr, "%s the command was given: %s\n", lw_err_name(e.code),
              e.text);
      return LW_EXIT_FAILED;
    }
    // A run that a stop has ended answers no more.
    if (rc < 0)
      return LW_EXIT_DONE;
    if (strncmp(answer, "wait\n", 5) != 0)
      break;
    usleep(VERDICT_EVERY_US);
  }
  if (strncmp(answer, "ok\n", 3) == 0)
    return LW_EXIT_DONE;
  if (strncmp(answer, "wait\n", 5) == 0)
    fprintf(stderr, "E-TIMEOUT the command was given, but the recipe has not "
                    "taken it yet\n");
  else
    fputs(answer, stderr);
  return LW_EXIT_FAILED;
}

// The profile is read in a process of its own, which takes as long as it takes.
static int await_reload(const char *path, int number) {
  char request[32], answer[LW_LOCAL_ANSWER_MAX + 1];
  lw_err e;
  snprintf(request, sizeof request, "reload\t%d", number);
  do {
    lw_clock_real()->wait_until(lw_clock_real(),
                                lw_now_ns(lw_clock_real()) + RELOAD_LOOK);
    if (lw_local_ask(path, request, PATIENCE_MS, answer, sizeof answer, &e) <
        0) {
      fprintf(stderr, "%s %s\n", lw_err_name(e.code), e.text);
      return LW_EXIT_REFUSED;
    }
  } while (strcmp(answer, "wait\n") == 0);
  int is_fine = strncmp(answer, "ok\n", 3) == 0;
  fputs(is_fine ? answer + 3 : answer, is_fine ? stdout : stderr);
  return is_fine ? LW_EXIT_DONE : LW_EXIT_FAILED;
}

// A new worker loads for a moment, after a reload for one: `reload` and
// `unhold` are given one behind the other by a script.
static int ask_patiently(const char *path, const char *request, char *answer,
                         size_t n, lw_err *e) {
  for (int i = 0; i < WORKER_LOOKS; i++) {
    int rc = lw_local_ask(path, request, PATIENCE_MS, answer, n, e);
    if (rc < 0 || strncmp(answer, "E-AGAIN", 7) != 0)
      return rc;
    usleep(VERDICT_EVERY_US);
  }
  return 0;
}

static int ask_host(const char *db, const char *request) {
  char path[512], answer[LW_LOCAL_ANSWER_MAX + 1];
  lw_err e;
  lw_door_path(db, path, sizeof path);
  if (ask_patiently(path, request, answer, sizeof answer, &e) < 0) {
    fprintf(stderr, "%s %s\n", lw_err_name(e.code), e.text);
    return LW_EXIT_REFUSED;
  }
  int number;
  if (sscanf(answer, "ok\nreload %d", &number) == 1)
    return await_reload(path, number);
  if (strncmp(answer, "ok\n", 3) == 0)
    return wait_for_verdict(path, answer + 3);
  fputs(answer, stderr);
  return strncmp(answer, "E-NOTFOUND", 10) == 0 ? LW_EXIT_USAGE
                                                : LW_EXIT_FAILED;
}

// set speed 5 m/min: the words behind the first are one argument.
static void join(const lw_option_list *words, char *out, size_t n) {
  size_t at = 0;
  out[0] = 0;
  for (size_t i = 1; i < words->n && at < n; i++)
    at += (size_t)snprintf(out + at, n - at, "%s%s", i > 1 ? " " : "",
                           words->values[i]);
}

int lw_cmd_command(int argc, char **argv) {
  const char *db = "linewright.db", *who = getenv("USER");
  lw_option_list words = {.n = 0};
  const lw_option_def defs[] = {{"", 'l', &words},
                                {"--db", 's', &db},
                                {"--who", 's', &who},
                                {NULL, 0, NULL}};
  if (!lw_options_parse("command", argc, argv, defs))
    return LW_EXIT_USAGE;
  char argument[LW_LOCAL_REQUEST_MAX];
  if (words.n < 1) {
    fprintf(stderr, "linewright command: which command? Give its name, such as "
                    "'linewright command hold \"why\"'\n"
                    "  linewright command --help lists all\n");
    return LW_EXIT_USAGE;
  }
  join(&words, argument, sizeof argument);
  who = who && *who ? who : "operator";
  if (!lw_str_is_plain(words.values[0]) || !lw_str_is_plain(argument) ||
      !lw_str_is_plain(who)) {
    fprintf(stderr, "linewright command: what is sent must be UTF-8 without "
                    "control characters\n");
    return LW_EXIT_USAGE;
  }
  char request[LW_LOCAL_REQUEST_MAX];
  int n = snprintf(request, sizeof request, "command\t%s\t%s\t%s",
                   words.values[0], who, argument);
  if (n < 0 || (size_t)n >= sizeof request - 1) {
    fprintf(stderr, "linewright command: the argument is too long\n");
    return LW_EXIT_USAGE;
  }
  return ask_host(db, request);
}
