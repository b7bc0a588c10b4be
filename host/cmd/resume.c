#include <stdlib.h> // free
#include <string.h> // strcmp

#include "cmd/cmd.h"
#include "cmd/complain.h"
#include "cmd/launch.h"
#include "cmd/options.h"
#include "cmd/session.h"
#include "loop/clock.h"  // lw_clock_real
#include "store/store.h" // lw_store

const char lw_cmd_resume_help[] =
    "usage: linewright resume [--db FILE] [--batch ID] [options]\n"
    "\n"
    "Go on with a run that a crash or a power cut broke off. Finished steps "
    "are\n"
    "not done again; the run comes up Held with its outputs safe, and a "
    "person\n"
    "unholds it. It goes by the texts it was begun with, which the database "
    "keeps;\n"
    "a recipe that was changed since is refused.\n"
    "\n"
    "  --db FILE         database of the records, default linewright.db\n"
    "  --batch ID        which run; default: the newest\n"
    "  --pinned          by those texts although the recipe was changed\n"
    "  --key FILE        signs the run's end, see `linewright key --help`\n"
    "  --on-hold wait|exit  default: wait on a terminal, else exit\n"
    "  --json            changes as JSON lines\n"
    "  --verbose         tracebacks of script errors\n"
    "\n"
    "example:\n"
    "  linewright resume --db linewright.db --on-hold wait\n";

typedef struct words {
  const char *db, *batch, *key, *on_hold;
  int is_json, is_verbose, is_pinned;
} words;

static int parse(words *w, int argc, char **argv) {
  *w = (words){.db = "linewright.db"};
  const lw_option_def defs[] = {{"--db", 's', &w->db},
                                {"--batch", 's', &w->batch},
                                {"--key", 's', &w->key},
                                {"--on-hold", 's', &w->on_hold},
                                {"--pinned", 'f', &w->is_pinned},
                                {"--json", 'f', &w->is_json},
                                {"--verbose", 'f', &w->is_verbose},
                                {NULL, 0, NULL}};
  if (!lw_options_parse("resume", argc, argv, defs))
    return 0;
  if (!lw_session_knows(w->on_hold)) {
    lw_complain(w->is_json,
                "linewright resume:", "--on-hold takes wait or exit");
    return 0;
  }
  return 1;
}

static int is_over(const lw_run_info *run) {
  return strcmp(run->state, "Complete") == 0 ||
         strcmp(run->state, "Stopped") == 0 ||
         strcmp(run->state, "Aborted") == 0;
}

// The journal belongs to one bundle only: other steps would be found finished.
static int refuse_other_bundle(const lw_run_info *run, const lw_bundle *b,
                               int is_json) {
  if (strcmp(run->bundle, b->run.bundle) == 0)
    return 0;
  lw_complain(
      is_json, "REPLAY ",
      "refused: journal was made with bundle %.4s..., this is "
      "%.4s... (recipe %s -> %s). Run the old bundle or stop the batch. "
      "`linewright resume --pinned` runs the old one.",
      run->bundle, b->run.bundle, run->version, b->run.version);
  return 1;
}

static int go_on(const words *w, lw_store *store, lw_run_info *run,
                 lw_launch *launch) {
  lw_bundle b;
  char *message = NULL;
  int code = lw_launch_load(launch, &b, &message);
  if (code != LW_EXIT_DONE)
    return code;
  if (refuse_other_bundle(run, &b, w->is_json))
    code = LW_EXIT_FAILED;
  else {
    const char *args[LW_LAUNCH_ARGS_MAX];
    lw_launch_args(launch, args);
    lw_session_config c = {.host = {.self = lw_cmd_self(),
                                    .args = args,
                                    .bundle = &b,
                                    .store = store,
                                    .db = w->db,
                                    .run = run->id,
                                    .seed = run->seed,
                                    .is_resume = 1,
                                    .is_verbose = w->is_verbose},
                           .run = run,
                           .is_json = w->is_json,
                           .on_hold = w->on_hold};
    code = lw_session_run(&c);
  }
  free(message);
  return code;
}

static int find_and_go_on(const words *w, lw_store *store) {
  lw_run_info run;
  lw_err e;
  lw_launch launch = {.is_json = w->is_json};
  if (lw_store_run_find(store, w->batch, &run, &e) < 0) {
    lw_complain_err(w->is_json, &e);
    return e.code == LW_E_NOTFOUND ? LW_EXIT_FAILED : LW_EXIT_REFUSED;
  }
  // A reload may have changed what the run goes by since it was begun.
  if (lw_store_run_bundle(store, run.id, run.bundle, &e) < 0) {
    lw_complain_err(w->is_json, &e);
    return LW_EXIT_REFUSED;
  }
  if (is_over(&run)) {
    lw_complain(w->is_json, "E-STATE",
                "batch %s is %s: there is nothing to resume", run.batch,
                run.state);
    return LW_EXIT_FAILED;
  }
  if (!*run.settings) {
    lw_complain(w->is_json, "E-STATE",
                "batch %s ran in virtual time: no plant waits for it; run it "
                "again",
                run.batch);
    return LW_EXIT_FAILED;
  }
  char settings[sizeof run.settings];
  memcpy(settings, run.settings, sizeof settings);
  if (lw_launch_read(&launch, settings) < 0) {
    lw_complain(w->is_json, "E-CORRUPT",
                "the settings of batch %s cannot be read: %s", run.batch,
                run.settings);
    return LW_EXIT_REFUSED;
  }
  launch.db = w->db;
  launch.bundle = run.bundle;
  launch.run = run.id;
  launch.is_pinned = w->is_pinned;
  launch.recipe = run.recipe_path;
  launch.line = *run.line_path ? run.line_path : NULL;
  launch.formula = *run.formula_path ? run.formula_path : NULL;
  return go_on(w, store, &run, &launch);
}

// WRITE would make an empty database of a mistyped name.
static int open_existing(const words *w, lw_store **store, lw_err *e) {
  lw_store *probe;
  *store = NULL;
  int rc = lw_store_open(&probe, w->db, LW_STORE_READ, lw_clock_real(), e);
  if (rc < 0)
    return rc;
  lw_store_close(probe);
  rc = lw_store_open(store, w->db, LW_STORE_WRITE, lw_clock_real(), e);
  return rc == 0 && w->key ? lw_store_key(*store, w->key, e) : rc;
}

int lw_cmd_resume(int argc, char **argv) {
  words w;
  lw_err e;
  lw_store *store;
  if (!parse(&w, argc, argv))
    return LW_EXIT_USAGE;
  if (open_existing(&w, &store, &e) < 0) {
    lw_store_close(store);
    lw_complain_err(w.is_json, &e);
    return LW_EXIT_REFUSED;
  }
  int code = find_and_go_on(&w, store);
  lw_store_close(store);
  return code;
}
