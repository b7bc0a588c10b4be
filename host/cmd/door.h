// The answers of a running host to `status` and `command`.
#ifndef LW_CMD_DOOR_H
#define LW_CMD_DOOR_H

#include <stddef.h> // size_t

#include "loop/local.h"    // lw_local
#include "worker/host.h"   // lw_host
#include "worker/region.h" // lw_region

typedef struct lw_door {
  lw_host *host;
  const lw_run_info *run;
  const char *db;
  lw_local *local; // the socket that it answers at, for `attach`
  lw_region plan;  // the plan as it was handed out last; LW_REGION_NONE
} lw_door;

// Path of the socket beside a database, into out [n]; returns out.
char *lw_door_path(const char *db, char *out, size_t n);

// Answer one request (see loop/local.h): "status", "status json",
// "command\tNAME\tWHO\tARGUMENT", "verdict\tNUMBER" or "attach", which hands
// over the line's image, to read only, and its encoded plan (worker/glass.h).
// The answer's first line is "ok" or a code word and its sentence. A command's
// second line is its number; its verdict is "wait" until the worker has taken
// it.
void lw_door_answer(void *door, const char *request, char *out);

// The command part by itself: 0, or *e says why not.
int lw_door_command(lw_host *h, const char *name, const char *who,
                    const char *argument, lw_err *e);

#endif
