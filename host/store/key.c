#include "store/key.h"

#include <errno.h>    // errno
#include <fcntl.h>    // open
#include <stdio.h>    // snprintf
#include <stdlib.h>   // getenv
#include <string.h>   // strchr
#include <sys/stat.h> // fstat, mkdir
#include <unistd.h>   // read, write, fsync, link

int lw_key_path(char *out, lw_err *e) {
  static const struct {
    const char *variable, *below;
  } places[] = {{"STATE_DIRECTORY", "sign.key"},
                {"XDG_STATE_HOME", "linewright/sign.key"},
                {"HOME", ".local/state/linewright/sign.key"}};
  for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
    const char *folder = getenv(places[i].variable);
    if (!folder || *folder != '/')
      continue;
    // systemd separates several folders by colons; the first is ours.
    int first = (int)strcspn(folder, i == 0 ? ":" : "");
    int n =
        snprintf(out, LW_KEY_PATH_N, "%.*s/%s", first, folder, places[i].below);
    return n < LW_KEY_PATH_N
               ? 0
               : lw_err_set(e, LW_E_RANGE, "the path %.80s... is too long",
                            folder);
  }
  return lw_err_set(e, LW_E_NOTFOUND,
                    "no place for a signing key: HOME is not set; say --key "
                    "FILE");
}

static int trouble(const char *path, lw_err *e) {
  return lw_err_set(e, errno == EACCES ? LW_E_DENIED : LW_E_IO,
                    "cannot use the signing key %s: %s", path, strerror(errno));
}

// Make the folders of path that are missing.
static int make_folders(const char *path, lw_err *e) {
  char folder[LW_KEY_PATH_N];
  snprintf(folder, sizeof folder, "%s", path);
  for (char *at = strchr(folder + 1, '/'); at; at = strchr(at + 1, '/')) {
    *at = 0;
    if (mkdir(folder, 0700) < 0 && errno != EEXIST)
      return trouble(path, e);
    *at = '/';
  }
  return 0;
}

static int write_seed(const char *path, const uint8_t seed[LW_SIGN_SEED_N]) {
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0)
    return -1;
  errno = EIO; // a short write sets none
  int is_good =
      write(fd, seed, LW_SIGN_SEED_N) == LW_SIGN_SEED_N && fsync(fd) == 0;
  close(fd);
  return is_good ? 0 : -1;
}

// Written under another name and linked, so that no one ever reads half a key
// and the first of two makers wins.
static int make_key(const char *path, lw_err *e) {
  char draft[LW_KEY_PATH_N + 32];
  uint8_t seed[LW_SIGN_SEED_N];
  int rc = make_folders(path, e);
  if (rc < 0)
    return rc;
  if (lw_sign_seed(seed) < 0)
    return lw_err_set(e, LW_E_IO, "the system gives no random numbers");
  snprintf(draft, sizeof draft, "%s.%ld", path, (long)getpid());
  if (write_seed(draft, seed) < 0 || (link(draft, path) < 0 && errno != EEXIST))
    rc = trouble(path, e);
  unlink(draft);
  return rc;
}

static int read_key(int fd, const char *path, uint8_t seed[LW_SIGN_SEED_N],
                    lw_err *e) {
  struct stat info;
  if (fstat(fd, &info) < 0)
    return trouble(path, e);
  if (!S_ISREG(info.st_mode)) // opened without a wait for a pipe's other end
    return lw_err_set(e, LW_E_IO, "the signing key %s is not a file", path);
  if (info.st_mode & 077)
    return lw_err_set(e, LW_E_DENIED,
                      "the signing key %s is open to others (mode %03o); "
                      "chmod 600 it",
                      path, (unsigned)info.st_mode & 0777);
  ssize_t n = read(fd, seed, LW_SIGN_SEED_N);
  if (n == LW_SIGN_SEED_N && info.st_size == LW_SIGN_SEED_N)
    return 0;
  return lw_err_set(e, LW_E_CORRUPT,
                    "the signing key %s has %lld bytes, must have %d; move it "
                    "away to have a new one made",
                    path, (long long)info.st_size, LW_SIGN_SEED_N);
}

int lw_key_load(const char *path, uint8_t seed[LW_SIGN_SEED_N], lw_err *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0 && errno == ENOENT) {
    int rc = make_key(path, e);
    if (rc < 0)
      return rc;
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  }
  if (fd < 0)
    return trouble(path, e);
  int rc = read_key(fd, path, seed, e);
  close(fd);
  return rc;
}
