// The program: finds the command, or the hidden role of a child process.
#include <errno.h>  // EPIPE
#include <fcntl.h>  // open
#include <signal.h> // SIG_IGN
#include <stdio.h>  // fprintf
#include <string.h> // strcmp
#include <unistd.h> // STDERR_FILENO

#include "bind/role.h" // lw_role_main
#include "cmd/cmd.h"
#include "cmd/options.h" // lw_options_nearest

#define COMMANDS_MAX 32

static void print_help(FILE *out) {
  fprintf(out, "usage: linewright COMMAND ...\n"
               "\n"
               "Runs line-independent recipes on production lines.\n"
               "\n");
  for (const lw_cmd *c = lw_cmds; c->name; c++)
    fprintf(out, "  %-10s %s\n", c->name, c->summary);
  fprintf(out, "\n"
               "linewright COMMAND --help explains a command.\n"
               "\n"
               "example:\n"
               "  linewright run recipes/electrode_coating.lua --line "
               "lines/pilot_a.lua --sim --speed max\n");
}

static int complain_unknown(const char *word) {
  const char *words[COMMANDS_MAX] = {NULL};
  size_t n = 0;
  for (const lw_cmd *c = lw_cmds; c->name && n < COMMANDS_MAX - 1; c++)
    words[n++] = c->name;
  const char *nearest = lw_options_nearest(word, words);
  fprintf(stderr, "linewright: unknown command '%s'", word);
  if (nearest)
    fprintf(stderr, ". Did you mean '%s'?", nearest);
  fprintf(stderr, "\n  linewright --help lists all\n");
  return LW_EXIT_USAGE;
}

static int wants_help(int argc, char **argv) {
  for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++)
    if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
      return 1;
  return 0;
}

static int run_command(const lw_cmd *c, int argc, char **argv) {
  if (wants_help(argc, argv)) {
    fputs(c->help, stdout);
    return LW_EXIT_DONE;
  }
  return c->run ? c->run(argc, argv) : lw_cmd_tool(argc, argv);
}

// What is meant for the host, by a key or by the system. The host ends its
// worker and its twin itself: a Ctrl-C or a shutdown must not take them away
// before the recipe has stopped, nor a Ctrl-Z silence them.
static void leave_signals_to_the_host(void) {
  static const int signals[] = {SIGINT,  SIGTERM, SIGHUP, SIGQUIT,
                                SIGTSTP, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
    signal(signals[i], SIG_IGN);
}

static int run_role(int argc, char **argv) {
  if (argc < 1)
    return LW_EXIT_USAGE;
  if (strcmp(argv[0], "worker") == 0 || strcmp(argv[0], "twin") == 0 ||
      strcmp(argv[0], "native") == 0)
    leave_signals_to_the_host();
  return lw_role_main(argv[0], argc - 1, argv + 1);
}

// With 0, 1 or 2 closed the first database or socket would get that number, and
// what is printed would go into it.
static void open_standard_files(void) {
  for (int fd = open("/dev/null", O_RDWR); fd >= 0; fd = dup(fd))
    if (fd > STDERR_FILENO) {
      close(fd);
      return;
    }
}

// An answer that was not written whole, onto a full disk say, is no success. A
// reader who has gone away wanted no more.
static int end_output(int code) {
  int is_written = fflush(stdout) == 0 ? !ferror(stdout) : errno == EPIPE;
  if (is_written)
    return code;
  fprintf(stderr, "linewright: the output could not be written whole\n");
  return code == LW_EXIT_DONE ? LW_EXIT_REFUSED : code;
}

static int run_word(int argc, char **argv) {
  const char *word = argc > 1 ? argv[1] : "";
  if (strcmp(word, "--role") == 0)
    return run_role(argc - 2, argv + 2);
  if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 ||
      strcmp(word, "help") == 0) {
    print_help(stdout);
    return LW_EXIT_DONE;
  }
  if (strcmp(word, "--version") == 0)
    word = "version";
  if (!*word) {
    print_help(stderr);
    return LW_EXIT_USAGE;
  }
  const lw_cmd *c = lw_cmd_find(word);
  return c ? run_command(c, argc - 1, argv + 1) : complain_unknown(word);
}

int main(int argc, char **argv) {
  open_standard_files();
  signal(SIGXFSZ, SIG_IGN); // a file at its limit is a write that fails
  return end_output(run_word(argc, argv));
}
