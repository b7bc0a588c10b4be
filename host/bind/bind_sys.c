// What trusted Lua code may do with the system: files, terminal, pace. Never
// reachable from a recipe. Documented in lua/meta/linewright/sys.lua.
#include <dirent.h>      // scandir
#include <errno.h>       // errno
#include <fcntl.h>       // open
#include <limits.h>      // PATH_MAX
#include <linux/magic.h> // PIPEFS_MAGIC
#include <stdio.h>       // fwrite
#include <stdlib.h>      // free, getenv, realpath, mkstemps
#include <string.h>      // strerror
#include <sys/ioctl.h>   // TIOCGWINSZ
#include <sys/stat.h>    // mkdir, stat
#include <sys/statfs.h>  // fstatfs
#include <time.h>        // localtime_r
#include <unistd.h>      // read, getcwd, isatty, unlink

#include "base/str.h"     // lw_str_is_plain
#include "bind/datadir.h" // lw_datadir
#include "bind/modules.h" // lw_open_sys
#include "bind/role.h"    // lw_role_exit
#include "loop/clock.h"   // lw_clock_real
#include "loop/loop.h"    // lw_child_run

#define FD "linewright.sys.fd"
#define NAMES "linewright.sys.names"

static int refuse(lua_State *L, const char *act, const char *path) {
  int code = errno == ENOENT                      ? LW_E_NOTFOUND
             : errno == EACCES || errno == EPERM  ? LW_E_DENIED
             : errno == EEXIST                    ? LW_E_EXISTS
             : errno == ENOSPC || errno == EDQUOT ? LW_E_FULL
                                                  : LW_E_IO;
  lw_err e;
  lw_err_set(&e, code, "cannot %s %s: %s", act, path, strerror(errno));
  return lw_bind_fail(L, &e);
}

// An open file as a userdata, so that a Lua error on the way cannot leak it.
static int *push_fd(lua_State *L) {
  int *fd = lua_newuserdata(L, sizeof *fd);
  *fd = -1;
  luaL_setmetatable(L, FD);
  return fd;
}

static int fd_close(lua_State *L) {
  int *fd = luaL_checkudata(L, 1, FD);
  if (*fd >= 0)
    close(*fd);
  *fd = -1;
  return 0;
}

// What may never come to an end, or NULL. A pipe of the shell's, <(...), does.
static const char *endless(int fd, const struct stat *st) {
  struct statfs system;
  if (S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode))
    return "device";
  if (S_ISFIFO(st->st_mode) && fstatfs(fd, &system) == 0 &&
      system.f_type != PIPEFS_MAGIC)
    return "named pipe";
  return NULL;
}

// sys.is_plain(text) -> boolean
static int sys_is_plain(lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  lua_pushboolean(L, strlen(text) == n && lw_str_is_plain(text));
  return 1;
}

static int sys_read_file(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int *fd = push_fd(L);
  // A named pipe that nobody writes to would keep open waiting.
  *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat st;
  if (*fd < 0 || fstat(*fd, &st) != 0)
    return refuse(L, "read", path);
  const char *what = endless(*fd, &st);
  if (what) {
    lw_err e;
    lw_err_set(&e, LW_E_IO, "cannot read %s: it is a %s, not a file", path,
               what);
    return lw_bind_fail(L, &e);
  }
  fcntl(*fd, F_SETFL, 0); // a pipe of the shell's is waited for
  luaL_Buffer buffer;
  luaL_buffinit(L, &buffer);
  ssize_t n;
  do {
    n = read(*fd, luaL_prepbuffer(&buffer), LUAL_BUFFERSIZE);
    if (n > 0)
      luaL_addsize(&buffer, (size_t)n);
  } while (n > 0 || (n < 0 && errno == EINTR));
  if (n < 0)
    return refuse(L, "read", path);
  luaL_pushresult(&buffer);
  close(*fd);
  *fd = -1;
  return 1;
}

static int sys_write_file(lua_State *L) {
  size_t n, done = 0;
  const char *path = luaL_checkstring(L, 1);
  const char *text = luaL_checklstring(L, 2, &n);
  int *fd = push_fd(L);
  *fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (*fd < 0)
    return refuse(L, "write", path);
  while (done < n) {
    ssize_t w = write(*fd, text + done, n - done);
    if (w < 0 && errno != EINTR)
      return refuse(L, "write", path);
    done += w > 0 ? (size_t)w : 0;
  }
  int rc = close(*fd);
  *fd = -1;
  if (rc != 0)
    return refuse(L, "write", path);
  lua_pushboolean(L, 1);
  return 1;
}

// Does something else stand there, such as a database, a recipe or a key? What
// we wrote before begins as what is to be written now.
static int is_other(const char *path, const char *text, size_t n) {
  enum { BEGIN_N = 4 };
  char begin[BEGIN_N];
  struct stat st;
  if (stat(path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
    return 0;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    return 0;
  ssize_t got = read(fd, begin, BEGIN_N);
  close(fd);
  return got > 0 && ((size_t)got > n || memcmp(begin, text, (size_t)got) != 0);
}

// sys.write_product(path, text) -> true | nil, message, code
static int sys_write_product(lua_State *L) {
  size_t n;
  const char *path = luaL_checkstring(L, 1);
  const char *text = luaL_checklstring(L, 2, &n);
  if (!is_other(path, text, n))
    return sys_write_file(L);
  lw_err e;
  lw_err_set(&e, LW_E_EXISTS,
             "cannot write %s: a file of another kind stands there; remove it "
             "or give another name",
             path);
  return lw_bind_fail(L, &e);
}

// sys.temporary(ending) -> path of a new empty file that only we may read
static int sys_temporary(lua_State *L) {
  const char *ending = luaL_checkstring(L, 1), *dir = getenv("TMPDIR");
  char path[PATH_MAX];
  int n = snprintf(path, sizeof path, "%s/linewright-XXXXXX%s",
                   dir && *dir ? dir : "/tmp", ending);
  if (n < 0 || (size_t)n >= sizeof path)
    return luaL_error(L, "TMPDIR is too long");
  int *fd = push_fd(L);
  *fd = mkstemps(path, (int)strlen(ending));
  if (*fd < 0)
    return refuse(L, "make", path);
  lua_pushstring(L, path);
  return 1;
}

static int sys_remove(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  if (unlink(path) != 0)
    return refuse(L, "remove", path);
  lua_pushboolean(L, 1);
  return 1;
}

// sys.exists(path) -> "file" | "directory" | "other" | nil
static int sys_exists(lua_State *L) {
  struct stat st;
  if (stat(luaL_checkstring(L, 1), &st) != 0)
    lua_pushnil(L);
  else
    lua_pushstring(L, S_ISREG(st.st_mode)   ? "file"
                      : S_ISDIR(st.st_mode) ? "directory"
                                            : "other");
  return 1;
}

// sys.modified(path) -> ns since 1970 of the last change, or nil
static int sys_modified(lua_State *L) {
  struct stat st;
  if (stat(luaL_checkstring(L, 1), &st) != 0)
    lua_pushnil(L);
  else
    lua_pushnumber(L, (double)st.st_mtim.tv_sec * LW_S +
                          (double)st.st_mtim.tv_nsec);
  return 1;
}

typedef struct names {
  struct dirent **entry;
  int n;
} names;

static int names_free(lua_State *L) {
  names *d = luaL_checkudata(L, 1, NAMES);
  for (int i = 0; i < d->n; i++)
    free(d->entry[i]);
  free(d->entry);
  *d = (names){0};
  return 0;
}

static int is_named(const struct dirent *d) {
  return strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0;
}

// sys.list(dir) -> { names, sorted by bytes } | nil, message, code
static int sys_list(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  names *d = lua_newuserdata(L, sizeof *d);
  *d = (names){0};
  luaL_setmetatable(L, NAMES);
  d->n = scandir(path, &d->entry, is_named, alphasort);
  if (d->n < 0) {
    d->n = 0;
    return refuse(L, "list", path);
  }
  lua_createtable(L, d->n, 0);
  for (int i = 0; i < d->n; i++) {
    lua_pushstring(L, d->entry[i]->d_name);
    lua_rawseti(L, -2, i + 1);
  }
  return 1;
}

static int sys_realpath(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  char real[PATH_MAX];
  if (!realpath(path, real))
    return refuse(L, "find", path);
  lua_pushstring(L, real);
  return 1;
}

static int sys_dirname(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  const char *slash = strrchr(path, '/');
  if (!slash)
    lua_pushliteral(L, ".");
  else
    lua_pushlstring(L, path, slash == path ? 1 : (size_t)(slash - path));
  return 1;
}

static int sys_mkdir(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  if (mkdir(path, 0777) != 0)
    return refuse(L, "create", path);
  lua_pushboolean(L, 1);
  return 1;
}

static int sys_cwd(lua_State *L) {
  char path[PATH_MAX];
  if (!getcwd(path, sizeof path))
    return refuse(L, "find", "the working directory");
  lua_pushstring(L, path);
  return 1;
}

// sys.chdir(path) -> true | nil, message, code
static int sys_chdir(lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  if (chdir(path) != 0)
    return refuse(L, "enter", path);
  lua_pushboolean(L, 1);
  return 1;
}

// sys.again(word, ...) -> exit status, or nil, message, code. This program once
// more, in a process of its own: what it does to its VM ends with it.
static int sys_again(lua_State *L) {
  enum { WORDS_MAX = 16 };
  const char *argv[WORDS_MAX + 2] = {"linewright"};
  int n = lua_gettop(L);
  luaL_argcheck(L, n <= WORDS_MAX, n, "too many words");
  for (int i = 1; i <= n; i++)
    argv[i] = luaL_checkstring(L, i);
  lw_child_config c = {.file = "/proc/self/exe", .argv = argv};
  lw_child_end end;
  lw_err e;
  if (lw_child_run(&c, 0, 0, &end, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushinteger(L, end.signo ? 128 + end.signo : end.status);
  return 1;
}

static int sys_isatty(lua_State *L) {
  lua_pushboolean(L, isatty((int)luaL_checkinteger(L, 1)));
  return 1;
}

static int sys_columns(lua_State *L) {
  struct winsize size = {0};
  int known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  lua_pushinteger(L, known ? size.ws_col : 80);
  return 1;
}

static int sys_datadir(lua_State *L) {
  char path[LW_DATADIR_N];
  lw_err e;
  if (lw_datadir(path, sizeof path, &e) < 0)
    return lw_bind_fail(L, &e);
  lua_pushstring(L, path);
  return 1;
}

static int sys_getenv(lua_State *L) {
  lua_pushstring(L, getenv(luaL_checkstring(L, 1)));
  return 1;
}

static int put(lua_State *L, FILE *f) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  lua_pushboolean(L, fwrite(text, 1, n, f) == n && fflush(f) == 0);
  return 1;
}

static int sys_stdout(lua_State *L) {
  return put(L, stdout);
}

static int sys_stderr(lua_State *L) {
  return put(L, stderr);
}

static int sys_exit(lua_State *L) {
  return lw_role_exit(L, (int)luaL_optinteger(L, 1, 0));
}

// Where virtual time was tied to real time.
typedef struct pace {
  double speed; // 0 = not tied yet
  int64_t virtual_ns, real_ns;
} pace;

// sys.pace(now_ns, speed): returns when virtual time now_ns is due.
static int sys_pace(lua_State *L) {
  pace *p = lua_touserdata(L, lua_upvalueindex(1));
  int64_t now_ns = lw_bind_ns(L, 1, "now_ns");
  double speed = lw_bind_number(L, 2, "speed");
  luaL_argcheck(L, speed > 0, 2, "speed must be above 0");
  lw_clock *clock = lw_clock_real();
  if (speed != p->speed || now_ns < p->virtual_ns)
    *p = (pace){speed, now_ns, lw_now_ns(clock)};
  double due_ns = (double)(now_ns - p->virtual_ns) / speed;
  clock->wait_until(clock, p->real_ns + (int64_t)due_ns);
  return 0;
}

// sys.real_ns() -> monotonic real time, for benches and progress lines
static int sys_real_ns(lua_State *L) {
  lua_pushnumber(L, (double)lw_now_ns(lw_clock_real()));
  return 1;
}

// sys.wait_until(t_ns): returns when real_ns() is there
static int sys_wait_until(lua_State *L) {
  lw_clock *clock = lw_clock_real();
  clock->wait_until(clock, lw_bind_ns(L, 1, "t_ns"));
  return 0;
}

// sys.wall_ns() -> UTC since 1970
static int sys_wall_ns(lua_State *L) {
  lw_clock *clock = lw_clock_real();
  lua_pushnumber(L, (double)clock->wall_ns(clock));
  return 1;
}

// sys.utc_offset(t_ns) -> seconds that local time (TZ) is ahead of UTC then
static int sys_utc_offset(lua_State *L) {
  time_t s = (time_t)(lw_bind_ns(L, 1, "t_ns") / LW_S);
  struct tm tm = {0};
  localtime_r(&s, &tm);
  lua_pushnumber(L, (double)tm.tm_gmtoff);
  return 1;
}

static const luaL_Reg fd_methods[] = {{NULL, NULL}};
static const luaL_Reg functions[] = {{"read_file", sys_read_file},
                                     {"is_plain", sys_is_plain},
                                     {"write_file", sys_write_file},
                                     {"write_product", sys_write_product},
                                     {"temporary", sys_temporary},
                                     {"remove", sys_remove},
                                     {"exists", sys_exists},
                                     {"modified", sys_modified},
                                     {"chdir", sys_chdir},
                                     {"again", sys_again},
                                     {"list", sys_list},
                                     {"realpath", sys_realpath},
                                     {"dirname", sys_dirname},
                                     {"mkdir", sys_mkdir},
                                     {"cwd", sys_cwd},
                                     {"isatty", sys_isatty},
                                     {"columns", sys_columns},
                                     {"datadir", sys_datadir},
                                     {"getenv", sys_getenv},
                                     {"stdout", sys_stdout},
                                     {"stderr", sys_stderr},
                                     {"exit", sys_exit},
                                     {"real_ns", sys_real_ns},
                                     {"wait_until", sys_wait_until},
                                     {"wall_ns", sys_wall_ns},
                                     {"utc_offset", sys_utc_offset},
                                     {NULL, NULL}};

int lw_open_sys(lua_State *L) {
  lw_bind_type(L, FD, fd_methods, fd_close);
  lw_bind_type(L, NAMES, fd_methods, names_free);
  lua_newtable(L);
  luaL_setfuncs(L, functions, 0);
  memset(lua_newuserdata(L, sizeof(pace)), 0, sizeof(pace));
  lua_pushcclosure(L, sys_pace, 1);
  lua_setfield(L, -2, "pace");
  return 1;
}
