// The REPL as a person meets it, on a pseudo terminal of its own: from the
// start to the prompt with a line of 1,000 tags (goal 60 ms), a Tab to its
// answer (5 ms), the plot of a million samples (50 ms), and the longest gap of
// what goes on at a 20 ms tick while keys are typed (30 ms): a line on its twin
// in the visible process, and a recipe that is stepped by the evaluator.
//   bench_repl [--seconds N]   of typing, default 6
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "loop/clock.h"

#define STARTS 9
#define TABS 21
#define PLOTS 9

typedef struct terminal {
  int fd;
  pid_t pid;
  char seen[1 << 20];
  size_t n;
} terminal;

static double now_ms(void) {
  return (double)lw_now_ns(lw_clock_real()) / 1e6;
}

static void start(terminal *t, const char *const *argv) {
  t->n = 0;
  t->seen[0] = 0;
  t->fd = posix_openpt(O_RDWR | O_NOCTTY);
  if (t->fd < 0 || grantpt(t->fd) || unlockpt(t->fd)) {
    puts("no pseudo terminals: is /dev/pts mounted?");
    exit(1);
  }
  struct winsize w = {.ws_col = 100, .ws_row = 40};
  ioctl(t->fd, TIOCSWINSZ, &w);
  char name[64];
  snprintf(name, sizeof name, "%s", ptsname(t->fd));
  t->pid = fork();
  if (t->pid != 0)
    return;
  setsid();
  int fd = open(name, O_RDWR);
  for (int i = 0; i < 3; i++)
    dup2(fd, i);
  close(t->fd);
  execv(argv[0], (char *const *)argv);
  _exit(127);
}

static void type(terminal *t, const char *keys) {
  ssize_t n = write(t->fd, keys, strlen(keys));
  (void)n;
}

static void take(terminal *t, int timeout_ms) {
  struct pollfd p = {.fd = t->fd, .events = POLLIN};
  if (poll(&p, 1, timeout_ms) <= 0)
    return;
  if (t->n > sizeof t->seen / 2)
    t->n = 0;
  ssize_t n = read(t->fd, t->seen + t->n, sizeof t->seen - 1 - t->n);
  if (n > 0)
    t->n += (size_t)n;
  t->seen[t->n] = 0;
}

// Wait until text is seen that came since the last `forget`. ms, or -1.
static double wait_for(terminal *t, const char *text) {
  double from = now_ms();
  while (!strstr(t->seen, text)) {
    if (now_ms() - from > 20000) {
      printf("20 s went by waiting for '%s' in:\n%s\n", text, t->seen);
      exit(1);
    }
    take(t, 100);
  }
  return now_ms() - from;
}

static void forget(terminal *t) {
  double until = now_ms() + 30;
  while (now_ms() < until)
    take(t, 5);
  t->n = 0;
  t->seen[0] = 0;
}

static void leave(terminal *t) {
  type(t, "\025\004");
  close(t->fd);
  kill(t->pid, SIGTERM);
  waitpid(t->pid, NULL, 0);
}

static int by_size(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

static int tell(const char *what, double ms, double most, double goal) {
  if (goal <= 0) {
    printf("%-44s %8.2f ms  most %8.2f\n", what, ms, most);
    return 0;
  }
  printf("%-44s %8.2f ms  most %8.2f  goal %3.0f  %s\n", what, ms, most, goal,
         ms <= goal ? "met" : "MISSED");
  return ms <= goal ? 0 : 1;
}

static int tell_all(const char *what, double *ms, int n, double goal) {
  qsort(ms, (size_t)n, sizeof *ms, by_size);
  return tell(what, ms[n / 2], ms[n - 1], goal);
}

static void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  if (!f || fputs(text, f) < 0 || fclose(f) != 0)
    exit(1);
}

static const char line_text[] =
    "local io, zones = driver 'sim' {}, {}\n"
    "for i = 1, 500 do\n"
    "  zones[i] = { temp = tag { io, 'oven.t' .. i, unit = 'degC' },\n"
    "    setpoint = tag { io, 'oven.sp' .. i, unit = 'degC',\n"
    "      range = { 20, 120 }, safe = { hold = 'keep', stop = 25, "
    "abort = 25 } } }\n"
    "end\n"
    "return line 'wide' { api = 1, revision = 1, tick = '20 ms',\n"
    "  twin = { 'plain_oven' },\n"
    "  units = { oven = equip 'zoned_dryer@1' { zones = zones,\n"
    "    props = { length = '2 m', temp_max = '130 degC' } } } }\n";

static const char twin_text[] =
    "return twin 'plain_oven' { title = 'lags', options = {},\n"
    "  signals = function()\n"
    "    local out = {}\n"
    "    for i = 1, 500 do\n"
    "      out['oven.t' .. i], out['oven.sp' .. i] = 'degC', 'degC'\n"
    "    end\n"
    "    return out\n"
    "  end,\n"
    "  start = function(_, at)\n"
    "    local s = { t = {}, sp = {} }\n"
    "    for i = 1, 500 do\n"
    "      s.t[i], s.sp[i] = at('oven.t' .. i), at('oven.sp' .. i)\n"
    "    end\n"
    "    return s\n"
    "  end,\n"
    "  step = function(s, io, dt)\n"
    "    for i = 1, 500 do\n"
    "      local t = io:get(s.t[i])\n"
    "      io:set(s.t[i], t + (io:get(s.sp[i]) - t) * dt / 60)\n"
    "    end\n"
    "  end }\n";

static int bench_start(const char *const *argv) {
  static terminal t;
  double prompt[STARTS], up[STARTS], tab[STARTS];
  for (int i = 0; i < STARTS; i++) {
    double from = now_ms();
    start(&t, argv);
    wait_for(&t, "lw> ");
    prompt[i] = now_ms() - from;
    wait_for(&t, "is up");
    up[i] = now_ms() - from;
    forget(&t);
    double asked = now_ms();
    type(&t, "read \"oven.zones[499].t\t");
    wait_for(&t, "emp");
    tab[i] = now_ms() - asked;
    leave(&t);
  }
  int code =
      tell_all("start to prompt, a line of 1,000 tags", prompt, STARTS, 60);
  tell_all("  the line itself is up after", up, STARTS, 0);
  tell_all("  first Tab of a session", tab, STARTS, 0);
  return code;
}

static int bench_tab(terminal *t) {
  static const struct {
    const char *keys, *answer;
  } asked[] = {{"dsp.deci\t", "mate"},
               {"read \"oven.zones[499].t\t", "emp"},
               {"rig { recipe = \"recipes/electrode_c\t", "oating"}};
  double ms[TABS];
  for (int i = 0; i < TABS; i++) {
    int k = i % 3;
    forget(t);
    double from = now_ms();
    type(t, asked[k].keys);
    wait_for(t, asked[k].answer);
    ms[i] = now_ms() - from;
    type(t, "\025");
  }
  return tell_all("typed word and Tab to its completion", ms, TABS, 5);
}

static int bench_plot(terminal *t) {
  double ms[PLOTS];
  forget(t);
  type(t, "x = dsp.ramp(1e6, 0, 1):rate(1000)\n");
  type(t, "6 * 7\n");
  wait_for(t, "42");
  for (int i = 0; i < PLOTS; i++) {
    forget(t);
    double from = now_ms();
    type(t, "plot(x)\n");
    wait_for(t, "time [s]");
    ms[i] = now_ms() - from;
  }
  return tell_all("plot(x) of 1e6 samples to the screen", ms, PLOTS, 50);
}

// Type words, Tab, erase, for a while.
static void keep_typing(terminal *t, double seconds) {
  static const char *const keys[] = {"d", "s", "p", ".",  "d",
                                     "e", "c", "i", "\t", "\025"};
  double until = now_ms() + seconds * 1000;
  for (size_t i = 0; now_ms() < until; i++) {
    type(t, keys[i % 10]);
    take(t, 0);
    usleep(15000);
  }
  type(t, "\025");
}

static double number_after(const char *text, const char *word) {
  const char *at = strstr(text, word);
  return at ? strtod(at + strlen(word), NULL) : -1;
}

static int bench_gap(terminal *t, double seconds) {
  forget(t);
  type(t, "g = { n = 0, most = 0 } every('20 ms', function() local now = "
          "sys.real_ns() / 1e6 if g.at then g.most = math.max(g.most, now - "
          "g.at) end g.at, g.n = now, g.n + 1 end, 'gap')\n");
  usleep(300000);
  type(t, "g.most = 0\n");
  keep_typing(t, seconds);
  forget(t);
  type(t, "print('ga' .. 'p=' .. g.most) print(status())\n");
  wait_for(t, "driver ");
  int code =
      tell("longest gap of a job every 20 ms, typing",
           number_after(t->seen, "gap="), number_after(t->seen, "gap="), 30);
  double late = number_after(t->seen, "at most ");
  return code | tell("longest gap of the line's 10 ms scan, typing", 10 + late,
                     10 + late, 30);
}

int main(int argc, char **argv) {
  double seconds =
      argc == 3 && strcmp(argv[1], "--seconds") == 0 ? atof(argv[2]) : 6;
  static terminal t;
  char program[1024], folder[] = "/tmp/bench_repl_XXXXXX", path[64], cwd[512];
  ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
  program[n > 0 ? n : 0] = 0;
  strcpy(strrchr(program, '/') + 1, "linewright");
  if (!mkdtemp(folder) || !getcwd(cwd, sizeof cwd))
    return 1;
  snprintf(path, sizeof path, "%s/twins", folder);
  mkdir(path, 0700);
  snprintf(path, sizeof path, "%s/twins/plain_oven.lua", folder);
  write_file(path, twin_text);
  snprintf(path, sizeof path, "%s/wide.lua", folder);
  write_file(path, line_text);
  setenv("XDG_STATE_HOME", folder, 1);
  setenv("TERM", "xterm", 1);
  setenv("LC_ALL", "C.UTF-8", 1);
  const char *words[] = {program, "repl", "--line", path, "--sim", NULL};
  int code = bench_start(words);
  start(&t, words);
  wait_for(&t, "is up");
  code |= bench_tab(&t);
  code |= bench_plot(&t);
  code |= bench_gap(&t, seconds);
  leave(&t);
  char command[128];
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) == 0 ? code : 1;
}
