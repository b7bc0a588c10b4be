#include <stdio.h>  // printf
#include <stdlib.h> // getenv
#include <string.h> // strncmp

#include "base/err.h" // lw_err_name
#include "cmd/cmd.h"
#include "cmd/door.h" // lw_door_path
#include "cmd/options.h"
#include "loop/local.h" // lw_local_ask

#define PATIENCE_MS 3000

const char lw_cmd_command_help[] =
    "usage: linewright command NAME [ARGUMENT] [--db FILE] [--who WHO]\n"
    "\n"
    "Give a running run a command: reset, start, stop, hold, unhold, suspend,\n"
    "unsuspend, complete, abort, clear, pause, resume, or answer with the "
    "text\n"
    "of the answer. It is entered in the journal with the name of who gave "
    "it.\n"
    "\n"
    "  --db FILE  database of the run, default linewright.db\n"
    "  --who WHO  default: the name of the user\n"
    "\n"
    "exit code: 0 taken, 1 not allowed now, 3 no host is running\n"
    "\n"
    "example:\n"
    "  linewright command hold \"inspect the die\" --who ana\n";

static int ask_host(const char *db, const char *request) {
  char path[512], answer[LW_LOCAL_ANSWER_MAX + 1];
  lw_err e;
  lw_door_path(db, path, sizeof path);
  if (lw_local_ask(path, request, PATIENCE_MS, answer, sizeof answer, &e) < 0) {
    fprintf(stderr, "%s %s\n", lw_err_name(e.code), e.text);
    return LW_EXIT_REFUSED;
  }
  if (strncmp(answer, "ok\n", 3) == 0)
    return LW_EXIT_DONE;
  fputs(answer, stderr);
  return strncmp(answer, "E-NOTFOUND", 10) == 0 ? LW_EXIT_USAGE
                                                : LW_EXIT_FAILED;
}

static int is_plain(const char *text) {
  return !strpbrk(text, "\t\n");
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
  if (words.n < 1 || words.n > 2) {
    fprintf(stderr, "linewright command: give NAME and at most one ARGUMENT; "
                    "quote an argument with spaces\n");
    return LW_EXIT_USAGE;
  }
  const char *argument = words.n > 1 ? words.values[1] : "";
  who = who && *who ? who : "operator";
  if (!is_plain(words.values[0]) || !is_plain(argument) || !is_plain(who)) {
    fprintf(stderr, "linewright command: a tab or newline cannot be sent\n");
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
