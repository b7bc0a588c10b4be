#include <stdio.h>  // snprintf
#include <stdlib.h> // free
#include <string.h> // strchr, strlen

#include "base/str.h" // lw_str_is_plain
#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/launch.h"
#include "cmd/options.h"
#include "cmd/session.h"
#include "loop/clock.h"  // lw_clock_real
#include "store/store.h" // lw_store

const char lw_cmd_run_help[] =
    "usage: linewright run RECIPE --line LINE [options]\n"
    "       linewright run FILE.lwb [options]\n"
    "\n"
    "Run a recipe on a line, in the foreground, until it is complete, stopped\n"
    "or aborted. The recipe is checked first; nothing moves when it does not\n"
    "fit. On a terminal: type unhold, hold, stop, abort or the answer to a\n"
    "question; Ctrl-C asks whether to stop.\n"
    "\n"
    "  --set NAME=VALUE  parameter of the recipe, may be repeated\n"
    "  --formula FILE    parameter values of a product\n"
    "  --batch ID        name of the batch; default: a number\n"
    "  --db FILE         database of the records, default linewright.db\n"
    "  --key FILE        signs the run's end, see `linewright key --help`\n"
    "  --sim             the line's twin instead of its devices, real time\n"
    "  --speed N|max     with --sim: N times real time, in virtual time\n"
    "  --seed N          of the twin and of the recipe's random numbers\n"
    "  --on-hold wait|exit  default: wait on a terminal, else exit\n"
    "  --json            changes as JSON lines\n"
    "  --verbose         tracebacks of script errors\n"
    "\n"
    "exit code: 0 complete, 1 findings, stopped, aborted or held, 2 usage,\n"
    "3 file, port or device refused\n"
    "\n"
    "example:\n"
    "  linewright run recipes/electrode_coating.lua --line lines/pilot_a.lua "
    "\\\n"
    "      --sim --speed max --set run_length=40\n";

typedef struct words {
  lw_launch launch;
  lw_option_list recipes;
  const char *batch, *db, *key, *speed, *seed, *on_hold;
  int is_verbose;
} words;

static int complain(const words *w, const char *text) {
  lw_complain(w->launch.is_json, "linewright run:", "%s", text);
  return 0;
}

static int check_words(words *w) {
  unsigned long long seed;
  if (w->recipes.n != 1)
    return complain(w, w->recipes.n ? "more than one recipe"
                                    : "which recipe? run RECIPE --line LINE");
  w->launch.recipe = w->recipes.values[0];
  if (!w->launch.line && !lw_launch_is_pack(w->launch.recipe))
    return complain(w, "which line? --line LINE is missing");
  if (w->speed && !w->launch.is_sim)
    return complain(w, "--speed needs --sim: a real line has its own time");
  if (!lw_session_knows(w->on_hold))
    return complain(w, "--on-hold takes wait or exit");
  if (w->seed && !lw_options_u64(w->seed, &seed))
    return complain(w, "--seed takes a whole number");
  if (w->batch && (strlen(w->batch) >= sizeof((lw_run_info *)0)->batch ||
                   !lw_str_is_plain(w->batch)))
    return complain(w, "--batch takes at most 63 bytes of UTF-8 without "
                       "control characters");
  for (size_t i = 0; i < w->launch.sets.n; i++)
    if (!strchr(w->launch.sets.values[i], '='))
      return complain(w, "--set takes NAME=VALUE");
  return 1;
}

static int parse(words *w, int argc, char **argv) {
  *w = (words){.db = "linewright.db"};
  const lw_option_def defs[] = {{"", 'l', &w->recipes},
                                {"--line", 's', &w->launch.line},
                                {"--formula", 's', &w->launch.formula},
                                {"--set", 'l', &w->launch.sets},
                                {"--sim", 'f', &w->launch.is_sim},
                                {"--json", 'f', &w->launch.is_json},
                                {"--batch", 's', &w->batch},
                                {"--db", 's', &w->db},
                                {"--key", 's', &w->key},
                                {"--speed", 's', &w->speed},
                                {"--seed", 's', &w->seed},
                                {"--on-hold", 's', &w->on_hold},
                                {"--verbose", 'f', &w->is_verbose},
                                {NULL, 0, NULL}};
  return lw_options_parse("run", argc, argv, defs) && check_words(w);
}

// A seed nobody chose is drawn from the time and kept with the run.
static uint64_t choose_seed(const words *w) {
  unsigned long long seed = 0;
  if (w->seed)
    lw_options_u64(w->seed, &seed);
  else
    seed =
        (uint64_t)lw_clock_real()->wall_ns(lw_clock_real()) / 1000 % 1000000000;
  return seed;
}

static int enter_run(const words *w, lw_store *store, lw_bundle *b, lw_err *e) {
  lw_run_info *run = &b->run;
  run->seed = choose_seed(w);
  if (w->batch)
    snprintf(run->batch, sizeof run->batch, "%s", w->batch);
  if (!*run->policy)
    snprintf(run->policy, sizeof run->policy, "engineering");
  // What resume starts from again: the pack, or the files.
  const char *recipe = w->recipes.values[0];
  int is_pack = lw_launch_is_pack(recipe);
  const char *line = is_pack ? "" : w->launch.line;
  const char *formula = !is_pack && w->launch.formula ? w->launch.formula : "";
  snprintf(run->recipe_path, sizeof run->recipe_path, "%s", recipe);
  snprintf(run->line_path, sizeof run->line_path, "%s", line);
  snprintf(run->formula_path, sizeof run->formula_path, "%s", formula);
  int rc = lw_launch_write(&w->launch, run->settings, sizeof run->settings);
  if (rc < 0)
    return lw_err_set(e, rc, "the --set values are over %zu bytes together",
                      sizeof run->settings);
  return lw_store_run_begin(store, run, e);
}

static int run_bundle(const words *w, lw_bundle *b) {
  lw_store *store = NULL;
  lw_err e;
  int code = LW_EXIT_REFUSED;
  const char *args[LW_LAUNCH_ARGS_MAX];
  if (lw_store_open(&store, w->db, LW_STORE_WRITE, lw_clock_real(), &e) < 0 ||
      (w->key && lw_store_key(store, w->key, &e) < 0) ||
      enter_run(w, store, b, &e) < 0)
    lw_complain_err(w->launch.is_json, &e);
  else {
    lw_launch_args(&w->launch, args);
    lw_session_config c = {.host = {.self = lw_cmd_self(),
                                    .args = args,
                                    .bundle = b,
                                    .store = store,
                                    .db = w->db,
                                    .run = b->run.id,
                                    .seed = b->run.seed,
                                    .is_verbose = w->is_verbose},
                           .run = &b->run,
                           .is_json = w->launch.is_json,
                           .on_hold = w->on_hold};
    code = lw_session_run(&c);
  }
  lw_store_close(store);
  return code;
}

int lw_cmd_run(int argc, char **argv) {
  words w;
  lw_bundle b;
  char *message = NULL;
  if (!parse(&w, argc, argv))
    return LW_EXIT_USAGE;
  if (w.speed) // virtual time: one process does it all
    return lw_cmd_tool(argc, argv);
  int code = lw_launch_load(&w.launch, &b, &message);
  if (code == LW_EXIT_DONE)
    code = run_bundle(&w, &b);
  free(message);
  return code;
}
