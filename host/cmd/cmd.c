#include "cmd/cmd.h"

#include <stddef.h> // NULL
#include <string.h> // strcmp

static const char check_help[] =
    "usage: linewright check RECIPE [--line LINE] [--formula FILE]\n"
    "                        [--set NAME=VALUE]... [--format text|vim|json]\n"
    "\n"
    "Check a recipe, and whether a line offers what it needs: every mismatch "
    "at\n"
    "once, with file and line. Nothing is moved, no device is opened.\n"
    "\n"
    "  --format vim  one line each, file:line: error: text, for editors\n"
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
    "usage: linewright new project NAME\n"
    "       linewright new recipe|line NAME [--for RECIPE]\n"
    "\n"
    "Write a commented recipe or line profile to begin with, in the working\n"
    "folder; or a folder with a recipe, its line, twin, formula and spec, and "
    "the\n"
    "files for editor and CI. A file that exists is not touched.\n"
    "\n"
    "example:\n"
    "  linewright new project brewery\n"
    "  linewright new line press_3 --for recipes/electrode_coating.lua\n";

static const char explain_help[] =
    "usage: linewright explain [CODE] [--json]\n"
    "\n"
    "What an error code means: the sentence, why there is such a rule, what to "
    "do,\n"
    "an example. Without a code: the list of all.\n"
    "\n"
    "exit code: 0 done, 1 no such code, 2 usage\n"
    "\n"
    "example:\n"
    "  linewright explain E-REPLAY\n";

static const char lint_help[] =
    "usage: linewright lint FILE... [--format text|vim|json]\n"
    "\n"
    "Classic mistakes in the text of recipes and line profiles, which `check` "
    "lets\n"
    "pass since they may be meant: a wait without `within`, a dwell of minutes "
    "in\n"
    "a step, a function called instead of passed, a forgotten return, an "
    "output\n"
    "without a safe value.\n"
    "\n"
    "exit code: 0 nothing found, 1 findings, 2 usage, 3 a file cannot be "
    "read\n"
    "\n"
    "example:\n"
    "  linewright lint recipes/electrode_coating.lua\n";

static const char watch_help[] =
    "usage: linewright watch [FOLDER] [--once]\n"
    "\n"
    "Check every recipe of a project and run its specs, again whenever a file "
    "is\n"
    "saved. Ends with Ctrl-C.\n"
    "\n"
    "  --once  only one time; the exit code tells the result\n"
    "\n"
    "exit code: 0 all fine, 1 findings or a failed spec, 2 usage, 3 no such "
    "folder\n"
    "\n"
    "example:\n"
    "  linewright watch brewery\n";

static const char draw_help[] =
    "usage: linewright draw RECIPE [--line LINE] [--svg FILE]\n"
    "\n"
    "The procedure of a recipe as a chart: operations, steps, parallel "
    "branches,\n"
    "waits, loops, questions, handlers, drawn from a dry plan of the recipe "
    "itself.\n"
    "What depends on a value that only a plant knows is marked as not "
    "explored.\n"
    "\n"
    "  --line LINE  the line that it is planned for: its zones and properties\n"
    "  --svg FILE   write a drawing instead\n"
    "\n"
    "exit code: 0 done, 1 findings, 2 usage, 3 a file cannot be read\n"
    "\n"
    "example:\n"
    "  linewright draw recipes/electrode_coating.lua --line "
    "lines/pilot_a.lua\n";

static const char report_help[] =
    "usage: linewright report [BATCH] [--db FILE] [--html FILE] [--json]\n"
    "\n"
    "Print the record of a batch: formula, equipment, timeline, commands,\n"
    "questions and answers, alarms, deviations, decisions, roll map, results\n"
    "with capability (Cp, Cpk, Nelson's rules), OEE. Default: the newest one.\n"
    "\n"
    "  --html FILE  write it as one HTML file that needs no network, with "
    "plots\n"
    "  --json       print it as JSON, events by BatchML's names\n"
    "\n"
    "exit code: 0 done, 1 no such batch, 2 usage, 3 database refused\n"
    "\n"
    "example:\n"
    "  linewright report 0417 --db linewright.db\n";

static const char query_help[] =
    "usage: linewright query TEXT [--db FILE] [--explain] [--json]\n"
    "       linewright query --sql SELECT [--db FILE] [--json]\n"
    "\n"
    "Ask the records in words, English or Chinese. The answer says how the\n"
    "question was understood and how many rows it counted; a question that is\n"
    "not understood to the last word is refused, with the nearest that is.\n"
    "\n"
    "  asked for  yield, OEE, availability, effectiveness, downtime [by "
    "reason],\n"
    "             energy, scrap [by class], production, mean | max | min |\n"
    "             standard deviation of TAG or RESULT, Cp | Cpk of RESULT, or\n"
    "             of TAG between LOW and HIGH, number of alarms | defects |\n"
    "             batches, duration of batch | phase\n"
    "  over       line, batch, recipe, product, phase, operation, unit NAME;\n"
    "             by line | batch | recipe | product\n"
    "  in         today, yesterday, this | last week | month | shift, last 3\n"
    "             batches, last 8 hours, since Monday 06:00, on 2026-11-20,\n"
    "             from 2026-11-20 06:00 to yesterday\n"
    "\n"
    "  --explain   the SELECT that gave the answer\n"
    "  --sql TEXT  ask in SQL, to read only: tables run, record; views "
    "batches,\n"
    "              state_times, phases, results, produced, scrap, alarms, "
    "marks\n"
    "  --shifts LIST  when shifts begin, such as 06:00,14:00,22:00; default "
    "the\n"
    "              line profile's\n"
    "  --now TIME  instead of now, such as '2026-11-22 08:00'\n"
    "  --utc       days and times are UTC instead of local time (TZ)\n"
    "\n"
    "exit code: 0 answered, 1 refused, 2 usage, 3 database refused\n"
    "\n"
    "example:\n"
    "  linewright query 'What was the yield rate on line 3 yesterday?'\n";

static const char why_help[] =
    "usage: linewright why [THING] [--at TIME] [--batch ID] [--db FILE] "
    "[--json]\n"
    "\n"
    "Why was it so? From an output, an alarm's text, a decision, a mark, a\n"
    "result or a state back through the records: what was commanded, by which\n"
    "step, on which readings, with which limits. Without THING: the run's "
    "state.\n"
    "\n"
    "  --at TIME   '2026-11-22 14:20:03', 14:20 (of the first day), both UTC,\n"
    "              or '+12 min' from the begin; default the newest record\n"
    "  --batch ID  which run, default the newest\n"
    "  --db FILE   database of the records, default linewright.db\n"
    "\n"
    "exit code: 0 told, 1 nothing recorded of it, 2 usage, 3 database refused\n"
    "\n"
    "example:\n"
    "  linewright why die.flow --at '+20 min'\n";

static const char pack_help[] =
    "usage: linewright pack RECIPE --line LINE [--formula FILE] [-o FILE]\n"
    "                       [--life STAGE] [--sign KEYFILE]\n"
    "       linewright pack --keygen KEYFILE\n"
    "\n"
    "Write one file with all that a run is made from: recipe, line, formula,\n"
    "contracts, twin, their digests, and which library they were checked "
    "with.\n"
    "`linewright run FILE.lwb` runs it, `linewright verify FILE.lwb` checks "
    "it.\n"
    "The same files give the same bytes.\n"
    "\n"
    "  -o, --out FILE  default: RECIPE-LINE.lwb in the working folder\n"
    "  --life STAGE    draft (default), in review, approved, effective, "
    "retired\n"
    "  --sign KEYFILE  sign it (Ed25519)\n"
    "  --keygen FILE   make a secret for signing and print its public key\n"
    "\n"
    "exit code: 0 written, 1 findings, 2 usage, 3 a file is refused\n"
    "\n"
    "example:\n"
    "  linewright pack recipes/electrode_coating.lua --line lines/line_b.lua "
    "\\\n"
    "      --life effective --sign release.key -o coating.lwb\n";

static const char trend_help[] =
    "usage: linewright trend [TAG]... [--batch ID] [--db FILE] [--last TIME]\n"
    "                        [--together] [--rows N] [--columns N]\n"
    "                        [--svg FILE] [--png FILE] [--width N] [--csv]\n"
    "\n"
    "Plot what was recorded of tags during a run, with its states, phases and\n"
    "alarms under it. Without a tag: list the tags. Times are UTC.\n"
    "\n"
    "  --batch ID   which run, default the newest\n"
    "  --db FILE    database of the run, default linewright.db\n"
    "  --last TIME  only the end of it, such as 90s, 10min, 1h, 2d\n"
    "  --together   tags of one unit share their axes\n"
    "  --rows N     height of each plot, default 8\n"
    "  --columns N  width, default the terminal's\n"
    "  --svg FILE   write a drawing instead\n"
    "  --png FILE   write a picture, --width N pixels wide (1200)\n"
    "  --csv        every sample as time,tag,value,quality,unit instead\n"
    "\n"
    "exit code: 0 done, 1 no such batch or tag, 2 usage, 3 files refused\n"
    "\n"
    "example:\n"
    "  linewright trend web.speed 'oven.zones[1].temp' --last 10min\n";

static const char test_help[] =
    "usage: linewright test [PATH...]\n"
    "\n"
    "Run busted specs, *_spec.lua, in virtual time; default: all in tests/.\n"
    "\n"
    "exit code: 0 all passed, 1 a spec failed, 3 busted is not installed\n"
    "\n"
    "example:\n"
    "  linewright test tests/recipes\n";

static const char sim_test_help[] =
    "usage: linewright sim-test RECIPE --line LINE [--seeds N] [--hours H]\n"
    "                           [--seed FIRST] [--within TIME] [--jobs N]\n"
    "                           [--formula FILE] [--set NAME=VALUE]... "
    "[--json]\n"
    "\n"
    "Play bad days on the line's twin, drawn from seeds: faults of signals,\n"
    "devices that restart, commands at any moment, killed and broken workers,\n"
    "power cuts, disks that fail, fill up or are slow, steps of the clock, "
    "errors\n"
    "in the recipe. Limits, permits, interlocks, readings, safe outputs, "
    "states\n"
    "and records are watched whenever something moves. A seed that breaks\n"
    "something prints the shortest history found, and plays the same again by\n"
    "--seed. docs/sim-test.md lists what goes wrong and what is watched.\n"
    "\n"
    "  --seeds N      histories to play, default 100\n"
    "  --hours H      virtual hours in which things go wrong, default 1\n"
    "  --seed FIRST   number of the first one, default 1; alone: only this "
    "one\n"
    "  --within TIME  begin no further history after this real time\n"
    "  --jobs N       processes that share the seeds, default one for each "
    "core;\n"
    "                 what is printed does not depend on it\n"
    "  --stop-after N  broken seeds that are enough, default 5\n"
    "  --shrink N      histories that the search for the shortest one may "
    "play,\n"
    "                  default 60\n"
    "  --json         findings and sums as data, one a line\n"
    "\n"
    "exit code: 0 none broken, 1 broken or findings, 2 usage, 3 file "
    "unreadable\n"
    "\n"
    "example:\n"
    "  linewright sim-test recipes/heat_treatment.lua --line "
    "lines/hardening_shop.lua \\\n"
    "      --seeds 300\n";

static const char infer_help[] =
    "usage: linewright infer backends | describe FILE | rerun [BATCH] | meter\n"
    "\n"
    "What can run models here; a model's inputs and outputs; every decision of "
    "a\n"
    "run computed again from its record; a month's calls and outcomes, "
    "signed.\n"
    "`linewright infer` alone tells the options.\n"
    "\n"
    "exit code: 0 done, 1 something differs or is missing, 2 usage, 3 file\n"
    "\n"
    "example:\n"
    "  linewright infer rerun 0417 --db linewright.db\n";

const lw_cmd lw_cmds[] = {
    {"run", "run a recipe on a line", lw_cmd_run_help, lw_cmd_run},
    {"resume", "go on after a crash or power cut", lw_cmd_resume_help,
     lw_cmd_resume},
    {"status", "how a running run fares", lw_cmd_status_help, lw_cmd_status},
    {"command", "hold, unhold, stop, answer ... a running run",
     lw_cmd_command_help, lw_cmd_command},
    {"check", "does a recipe fit a line, before anything moves", check_help,
     NULL},
    {"lint", "classic mistakes in recipes and profiles", lint_help, NULL},
    {"explain", "what an error code means, and what to do", explain_help, NULL},
    {"draw", "the procedure of a recipe as a chart", draw_help, NULL},
    {"port", "what a new line changes: the commissioning list", port_help,
     NULL},
    {"pack", "one signed file of all that a run is made from", pack_help, NULL},
    {"new", "write a project, recipe or line profile to begin with", new_help,
     NULL},
    {"watch", "check and test again whenever a file is saved", watch_help,
     NULL},
    {"report", "the record of a batch", report_help, NULL},
    {"query", "ask the records in plain words", query_help, NULL},
    {"why", "the causes of an output, alarm, decision or state", why_help,
     NULL},
    {"infer", "models: backends, decisions run again, metering", infer_help,
     NULL},
    {"trend", "plot what was recorded of tags", trend_help, NULL},
    {"verify", "was any record changed, removed or inserted",
     lw_cmd_verify_help, lw_cmd_verify},
    {"forward", "send records and history to PostgreSQL", lw_cmd_forward_help,
     lw_cmd_forward},
    {"history", "export, import, thin out what was recorded of tags",
     lw_cmd_history_help, lw_cmd_history},
    {"key", "the key that signs the ends of runs", lw_cmd_key_help, lw_cmd_key},
    {"repl", "try things out: a prompt, scripts, plots", lw_cmd_repl_help,
     lw_cmd_repl},
    {"test", "run specs in virtual time", test_help, NULL},
    {"sim-test", "play bad days on the twin, watch what must hold",
     sim_test_help, NULL},
    {"version", "print the version", lw_cmd_version_help, lw_cmd_version},
    {NULL, NULL, NULL, NULL}};

const lw_cmd *lw_cmd_find(const char *name) {
  for (const lw_cmd *c = lw_cmds; c->name; c++)
    if (strcmp(c->name, name) == 0)
      return c;
  return NULL;
}
