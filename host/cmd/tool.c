// Commands whose work is Lua: a child process reads recipe text, so that a
// crash of the script engine costs one line of explanation and nothing else.
#include <signal.h>  // SIGINT
#include <stdio.h>   // fprintf
#include <string.h>  // strsignal
#include <termios.h> // tcgetattr
#include <unistd.h>  // readlink

#include "cmd/cmd.h"
#include "cmd/complain.h" // lw_complain
#include "loop/loop.h"    // lw_child_run

#define ARGS_MAX 256

const char *lw_cmd_self(void) {
  // The kernel's link, so that a moved or deleted file still starts its roles.
  return "/proc/self/exe";
}

// The last word that names a file is what the engine was reading.
static const char *subject(int argc, char **argv) {
  for (int i = argc - 1; i > 0; i--)
    if (argv[i][0] != '-' && strstr(argv[i], ".lua"))
      return argv[i];
  return argc > 1 ? argv[1] : argv[0];
}

int lw_cmd_tool(int argc, char **argv) {
  const char *args[ARGS_MAX] = {"linewright", "--role", "tool"};
  if (argc > ARGS_MAX - 4) {
    fprintf(stderr, "linewright %s: more than %d words\n", argv[0],
            ARGS_MAX - 4);
    return LW_EXIT_USAGE;
  }
  for (int i = 0; i < argc; i++)
    args[3 + i] = argv[i];
  // A child that a signal ends leaves the terminal as it was set for the run.
  struct termios before;
  int has_terminal = tcgetattr(STDIN_FILENO, &before) == 0;
  lw_child_config c = {.file = lw_cmd_self(), .argv = args, .is_input_kept = 1};
  int is_json = lw_complain_wants_json(argc, argv);
  lw_child_end end;
  lw_err e;
  if (lw_child_run(&c, 0, 0, &end, &e) < 0) {
    lw_complain(is_json, lw_err_name(e.code), "%s: %s", argv[0], e.text);
    return LW_EXIT_REFUSED;
  }
  if (has_terminal && end.signo)
    tcsetattr(STDIN_FILENO, TCSANOW, &before);
  // A closed pipe or a Ctrl-C is how people end a command: no words about it.
  if (end.signo == SIGINT || end.signo == SIGTERM || end.signo == SIGPIPE)
    return 128 + end.signo;
  if (end.signo) {
    lw_complain(is_json, "E-CRASH",
                "the Lua engine crashed while reading %s (%s)",
                subject(argc, argv), strsignal(end.signo));
    return LW_EXIT_FAILED;
  }
  return end.status;
}
