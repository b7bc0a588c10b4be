#include <stdio.h> // printf

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "store/key.h" // lw_key_load

const char lw_cmd_key_help[] =
    "usage: linewright key [--key FILE]\n"
    "\n"
    "Print the public key of this host and where its secret lies. The secret\n"
    "signs the end of each run; it is made on first use, for the owner's eyes\n"
    "only, and never beside a database. Note the public key elsewhere: with\n"
    "`linewright verify --key` it proves later who wrote a database.\n"
    "\n"
    "  --key FILE  the secret; default: sign.key in $STATE_DIRECTORY, else in\n"
    "              $XDG_STATE_HOME/linewright or ~/.local/state/linewright\n"
    "\n"
    "exit code: 0 done, 2 usage, 3 the file cannot be used\n"
    "\n"
    "example:\n"
    "  linewright key\n";

static int find(const char *wish, char *path, lw_err *e) {
  if (!wish)
    return lw_key_path(path, e);
  if (snprintf(path, LW_KEY_PATH_N, "%s", wish) >= LW_KEY_PATH_N)
    return lw_err_set(e, LW_E_RANGE, "the path %.80s... is too long", wish);
  return 0;
}

int lw_cmd_key(int argc, char **argv) {
  const char *wish = NULL;
  const lw_option_def defs[] = {{"--key", 's', &wish}, {NULL, 0, NULL}};
  char path[LW_KEY_PATH_N], hex[2 * LW_SIGN_PUBLIC_N + 1];
  uint8_t seed[LW_SIGN_SEED_N], key[LW_SIGN_PUBLIC_N];
  lw_err e;
  if (!lw_options_parse("key", argc, argv, defs))
    return LW_EXIT_USAGE;
  if (find(wish, path, &e) < 0 || lw_key_load(path, seed, &e) < 0) {
    fprintf(stderr, "%s %s\n", lw_err_name(e.code), e.text);
    return LW_EXIT_REFUSED;
  }
  lw_sign_public(seed, key);
  printf("%s\n", lw_hash_hex(key, sizeof key, hex));
  fprintf(stderr, "secret in %s\n", path);
  return LW_EXIT_DONE;
}
