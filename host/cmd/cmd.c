#include "cmd/cmd.h"

#include <stddef.h> // NULL
#include <string.h> // strcmp

static const char check_help[] =
    "usage: linewright check RECIPE [--line LINE] [--formula FILE]\n"
    "                        [--set NAME=VALUE]... [--json]\n"
    "\n"
    "Check a recipe, and whether a line offers what it needs: every mismatch "
    "at\n"
    "once, with file and line. Nothing is moved, no device is opened.\n"
    "\n"
    "exit code: 0 fits, 1 findings, 2 usage, 3 a file cannot be read\n"
    "\n"
    "example:\n"
    "  linewright check recipes/electrode_coating.lua --line "
    "lines/line_b.lua\n";

static const char port_help[] =
    "usage: linewright port RECIPE --from LINE --to LINE [--json]\n"
    "\n"
    "Say what a new line changes for a recipe: the commissioning list, each\n"
    "channel with its old and new tag, conversion, range, safe values, and\n"
    "what is missing.\n"
    "\n"
    "example:\n"
    "  linewright port recipes/electrode_coating.lua --from lines/pilot_a.lua "
    "\\\n"
    "      --to lines/line_b.lua\n";

static const char new_help[] =
    "usage: linewright new recipe|line NAME [--for RECIPE]\n"
    "\n"
    "Write a commented recipe or line profile to begin with, in the working\n"
    "folder. A file that exists is not touched.\n"
    "\n"
    "example:\n"
    "  linewright new line press_3 --for recipes/electrode_coating.lua\n";

static const char report_help[] =
    "usage: linewright report [BATCH] [--db FILE] [--html FILE] [--json]\n"
    "\n"
    "Print the record of a batch: formula, timeline with durations, commands,\n"
    "questions and answers, alarms, marks, results. Default: the newest one.\n"
    "\n"
    "  --html FILE  write it as one HTML file that needs no network\n"
    "  --json       print it as JSON\n"
    "\n"
    "exit code: 0 done, 1 no such batch, 2 usage, 3 database refused\n"
    "\n"
    "example:\n"
    "  linewright report 0417 --db linewright.db\n";

static const char test_help[] =
    "usage: linewright test [PATH...]\n"
    "\n"
    "Run busted specs, *_spec.lua, in virtual time; default: all in tests/.\n"
    "\n"
    "exit code: 0 all passed, 1 a spec failed, 3 busted is not installed\n"
    "\n"
    "example:\n"
    "  linewright test tests/recipes\n";

const lw_cmd lw_cmds[] = {
    {"run", "run a recipe on a line", lw_cmd_run_help, lw_cmd_run},
    {"resume", "go on after a crash or power cut", lw_cmd_resume_help,
     lw_cmd_resume},
    {"status", "how a running run fares", lw_cmd_status_help, lw_cmd_status},
    {"command", "hold, unhold, stop, answer ... a running run",
     lw_cmd_command_help, lw_cmd_command},
    {"check", "does a recipe fit a line, before anything moves", check_help,
     NULL},
    {"port", "what a new line changes: the commissioning list", port_help,
     NULL},
    {"new", "write a recipe or line profile to begin with", new_help, NULL},
    {"report", "the record of a batch", report_help, NULL},
    {"trend", "plot what was recorded of a tag", lw_cmd_trend_help,
     lw_cmd_trend},
    {"verify", "was any record changed, removed or inserted",
     lw_cmd_verify_help, lw_cmd_verify},
    {"forward", "send records and history to PostgreSQL", lw_cmd_forward_help,
     lw_cmd_forward},
    {"key", "the key that signs the ends of runs", lw_cmd_key_help, lw_cmd_key},
    {"repl", "try things out: a prompt, scripts, plots", lw_cmd_repl_help,
     lw_cmd_repl},
    {"test", "run specs in virtual time", test_help, NULL},
    {"version", "print the version", lw_cmd_version_help, lw_cmd_version},
    {NULL, NULL, NULL, NULL}};

const lw_cmd *lw_cmd_find(const char *name) {
  for (const lw_cmd *c = lw_cmds; c->name; c++)
    if (strcmp(c->name, name) == 0)
      return c;
  return NULL;
}
