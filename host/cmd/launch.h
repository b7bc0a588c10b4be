// From the words of a command line to a checked bundle.
#ifndef LW_CMD_LAUNCH_H
#define LW_CMD_LAUNCH_H

#include "cmd/options.h"   // lw_option_list
#include "worker/bundle.h" // lw_bundle

#define LW_LAUNCH_ARGS_MAX (2 * LW_OPTION_LIST_MAX + 16)

typedef struct lw_launch {
  const char *recipe, *line, *formula; // formula may be NULL; with a pack as
                                       // recipe both, what it holds takes over
  lw_option_list sets;                 // "k=v"
  int is_sim, is_json;
  // A run that is resumed: its texts lie in db; NULL for a new one.
  const char *db, *bundle;
  int64_t run;
  int is_pinned;       // by them even when the recipe on disk was changed
  char packed[3][256]; // recipe, line, formula by their names in the pack
} lw_launch;

// 1 when this names a pack: it ends with .lwb.
int lw_launch_is_pack(const char *recipe);

// What every role gets (worker/bundle.h), ended with NULL.
void lw_launch_args(const lw_launch *l, const char *args[LW_LAUNCH_ARGS_MAX]);

// Evaluate and check everything in a loader process.
//   message  the bytes that b points into, to free() after the run
// A launch of a pack names its inner files from here on: what roles find in the
// database.
// Returns LW_EXIT_DONE, or the exit code after someone said why.
int lw_launch_load(lw_launch *l, lw_bundle *b, char **message);

// The launch as JSON for the record, and back: resume starts from nothing else.
// Returns 0, LW_E_FULL or LW_E_CORRUPT. Reading cuts json up and keeps
// pointers into it.
int lw_launch_write(const lw_launch *l, char *json, size_t n);
int lw_launch_read(lw_launch *l, char *json);

#endif
