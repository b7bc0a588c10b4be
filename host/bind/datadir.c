#include "bind/datadir.h"

#include <dlfcn.h>  // dladdr
#include <limits.h> // PATH_MAX
#include <stdio.h>  // snprintf
#include <stdlib.h> // realpath
#include <string.h> // strrchr
#include <unistd.h> // access, readlink

static int has_lua(const char *dir) {
  char probe[PATH_MAX + 32];
  snprintf(probe, sizeof probe, "%s/lua/linewright", dir);
  return access(probe, R_OK) == 0;
}

// Path of the file this code was loaded from: the library, or the program.
static int own_file(char path[PATH_MAX]) {
  Dl_info info;
  if (dladdr((void *)&lw_datadir, &info) && info.dli_fname &&
      strstr(info.dli_fname, ".so"))
    return realpath(info.dli_fname, path) ? 0 : -1;
  ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 1);
  if (n > 0)
    path[n] = 0;
  return n > 0 ? 0 : -1;
}

// PREFIX/bin/x, PREFIX/lib/x.so or PREFIX/lib/TRIPLET/x.so: try each parent.
static int beside(const char *file, char *buf, size_t n) {
  char prefix[PATH_MAX];
  snprintf(prefix, sizeof prefix, "%s", file);
  for (int up = 0; up < 3; up++) {
    char *slash = strrchr(prefix, '/');
    if (!slash)
      return 0;
    *slash = 0;
    if (up == 0)
      continue;
    int len = snprintf(buf, n, "%s/share/linewright", prefix);
    if (len > 0 && (size_t)len < n && has_lua(buf))
      return 1;
  }
  return 0;
}

int lw_datadir(char *buf, size_t n, lw_err *e) {
  char file[PATH_MAX] = "";
  if (own_file(file) == 0 && beside(file, buf, n))
    return 0;
  snprintf(buf, n, "%s", LW_SOURCE_DIR);
  if (has_lua(buf))
    return 0;
  return lw_err_set(e, LW_E_NOTFOUND,
                    "Linewright's Lua files are neither in ../share/linewright "
                    "beside %.60s nor in %.60s",
                    file, LW_SOURCE_DIR);
}
