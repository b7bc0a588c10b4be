#include <stdio.h>  // printf
#include <string.h> // strncmp, strcspn

#include "base/err.h" // lw_err_name
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/door.h" // lw_door_path
#include "cmd/options.h"
#include "loop/local.h" // lw_local_ask

#define PATIENCE_MS 3000

const char lw_cmd_status_help[] =
    "usage: linewright status [--db FILE] [--json]\n"
    "\n"
    "Say how the run on this database fares: state, step, what it waits for,\n"
    "drivers, scan. Asks the running host through the socket beside FILE.\n"
    "\n"
    "  --db FILE  database of the run, default linewright.db\n"
    "  --json     the same as JSON\n"
    "\n"
    "exit code: 0 answered, 3 no host is running\n"
    "\n"
    "example:\n"
    "  linewright status --db linewright.db\n";

int lw_cmd_status(int argc, char **argv) {
  const char *db = "linewright.db";
  int is_json = 0;
  const lw_option_def defs[] = {
      {"--db", 's', &db}, {"--json", 'f', &is_json}, {NULL, 0, NULL}};
  if (!lw_options_parse("status", argc, argv, defs))
    return LW_EXIT_USAGE;
  char path[512], answer[LW_LOCAL_ANSWER_MAX + 1];
  lw_err e;
  lw_door_path(db, path, sizeof path);
  if (lw_local_ask(path, is_json ? "status json" : "status", PATIENCE_MS,
                   answer, sizeof answer, &e) < 0) {
    lw_complain_err(is_json, &e);
    return LW_EXIT_REFUSED;
  }
  if (strncmp(answer, "ok\n", 3) != 0) {
    answer[strcspn(answer, "\n")] = 0;
    lw_complain(is_json, "E-PROTO", "%s", answer);
    return LW_EXIT_FAILED;
  }
  fputs(answer + 3, stdout);
  return LW_EXIT_DONE;
}
