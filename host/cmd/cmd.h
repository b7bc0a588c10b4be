// The program's commands: one file each, one row each in cmd.c's table.
#ifndef LW_CMD_CMD_H
#define LW_CMD_CMD_H

// Exit codes of every command.
enum {
  LW_EXIT_DONE = 0,
  LW_EXIT_FAILED = 1,  // the work failed: findings, batch aborted or held
  LW_EXIT_USAGE = 2,   // wrong words on the command line
  LW_EXIT_REFUSED = 3, // the environment refused: file, port, device
};

typedef struct lw_cmd {
  const char *name;
  const char *summary; // one line for the list
  const char *help;    // usage, options, example; ends with a newline
  // argv[0] is the command's name. NULL: the Lua module linewright.cli.<name>
  // does the work, in a child process.
  int (*run)(int argc, char **argv);
} lw_cmd;

extern const lw_cmd lw_cmds[];               // ends with name = NULL
const lw_cmd *lw_cmd_find(const char *name); // NULL if unknown

int lw_cmd_run(int argc, char **argv);
int lw_cmd_resume(int argc, char **argv);
int lw_cmd_repl(int argc, char **argv);
int lw_cmd_status(int argc, char **argv);
int lw_cmd_command(int argc, char **argv);
int lw_cmd_forward(int argc, char **argv);
int lw_cmd_history(int argc, char **argv);
int lw_cmd_key(int argc, char **argv);
int lw_cmd_verify(int argc, char **argv);
int lw_cmd_version(int argc, char **argv);

extern const char lw_cmd_run_help[], lw_cmd_resume_help[], lw_cmd_status_help[],
    lw_cmd_command_help[], lw_cmd_forward_help[], lw_cmd_history_help[],
    lw_cmd_key_help[], lw_cmd_verify_help[], lw_cmd_version_help[],
    lw_cmd_repl_help[];

// Run the Lua module linewright.cli.<argv[0]> in a child process with the same
// arguments. A child that a signal ended is told in one line.
int lw_cmd_tool(int argc, char **argv);

// This program, for starting its own roles.
const char *lw_cmd_self(void);

#endif
