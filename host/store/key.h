// The host's signing key: a secret of 32 bytes that seals the ends of runs. It
// lies away from the databases it vouches for, so that whoever is handed a
// database is not handed the key with it.
#ifndef LW_STORE_KEY_H
#define LW_STORE_KEY_H

#include <stddef.h> // size_t

#include "base/err.h"  // lw_err
#include "base/hash.h" // LW_SIGN_SEED_N

#define LW_KEY_PATH_N 4096

// Where the key lies unless someone says otherwise, into out [LW_KEY_PATH_N]:
// sign.key in $STATE_DIRECTORY (as systemd sets it for a service), else in
// $XDG_STATE_HOME/linewright, else in ~/.local/state/linewright. LW_E_NOTFOUND
// when none of these is set, LW_E_RANGE when the path is too long.
int lw_key_path(char *out, lw_err *e);

// Read the key at path; a missing one is made (mode 0600, missing folders of
// it with 0700). Two processes that make it at once agree on one. LW_E_DENIED
// when others may read it, LW_E_CORRUPT when it is no key, LW_E_IO.
int lw_key_load(const char *path, uint8_t seed[LW_SIGN_SEED_N], lw_err *e);

#endif
