// The bundle message: what the loader process hands the host on its fd 3, so
// that the host never reads recipe text itself.
//
//   LINEWRIGHT-BUNDLE 1\n
//   NAME=VALUE\n              any order; values hold no newline
//   file=ROLE\tSHA256\tBYTES\tPATH\n   once per file of the bundle, in order
//   \n
//   PLAN (plan_bytes bytes), then each file's text, end to end
//
// Names: recipe, version, line, formula, bundle (hex), recipe_path, line_path,
// formula_path, settings (JSON of --set and formula), batch (may be missing),
// policy (of release, may be missing), twin (1 when the plan has signals that a
// twin feeds), plan_bytes, plan_digest, reload (JSON, for the record of a
// reload).
//
// Arguments every role gets after `--role NAME`:
//   --recipe R --line L [--formula F] [--set k=v]... [--sim]
//   loader  ... --out-fd 3 [--json]; findings on stderr, exit 1, 2 or 3
//   loader  ... --out-fd 3 --db FILE --bundle HEX --run ID [--pinned]: a run is
//           resumed, by its own texts in FILE unless its recipe was changed;
//           with --pinned by them in any case
//   loader  ... --out-fd 3 --reload --db FILE --bundle HEX --run ID --state
//   NAME
//           --who WHO: the profile was changed under a run; writes
//           RELOAD swap|none same|new BYTES\n, BYTES of text for people, and
//           after `swap` the message; `new`: the twin begins anew
//   worker  ... --db FILE --bundle HEX --seed N --run ID --image-fd 3 --desk-fd
//           4 --bell-fd 5 [--resume] [--standby] [--verbose]
//   twin    ... --db FILE --bundle HEX --seed N --sim-fd 3
// Worker and twin read the texts of bundle HEX in FILE, not the disk.
#ifndef LW_WORKER_BUNDLE_H
#define LW_WORKER_BUNDLE_H

#include <stddef.h> // size_t

#include "base/err.h"    // lw_err
#include "store/store.h" // lw_run_info

#define LW_BUNDLE_FILES_MAX 256

// Exit status of a role that has no memory left for its scripts.
#define LW_WORKER_NO_MEMORY 4

typedef struct lw_bundle_file {
  const char *role, *sha, *path, *text; // text is not NUL-terminated
  size_t n;                             // bytes of text
} lw_bundle_file;

typedef struct lw_bundle {
  lw_run_info run;      // id, batch, seed, begun are the caller's
  char plan_digest[65]; // hex
  int has_twin;
  const char *reload;        // JSON for the record of a reload, or NULL
  const unsigned char *plan; // encoded
  size_t plan_n;
  lw_bundle_file files[LW_BUNDLE_FILES_MAX];
  size_t file_n;
} lw_bundle;

// Parse a message in place: b's pointers lie in message [n], which must outlive
// it and is changed (NULs are put between fields). The bytes come from a
// process that ran a profile: every length is checked. Returns 0 or
// LW_E_CORRUPT with what is wrong.
int lw_bundle_parse(lw_bundle *b, char *message, size_t n, lw_err *e);

#endif
