// A run in the foreground: host, live view, keyboard, signals, local door.
#ifndef LW_CMD_SESSION_H
#define LW_CMD_SESSION_H

#include "worker/host.h" // lw_host_config

typedef struct lw_session_config {
  lw_host_config host; // on_end and arg are the session's
  lw_run_info *run;
  int is_json;
  const char *on_hold; // "wait", "exit" or NULL: wait on a terminal only
} lw_session_config;

// May --on-hold have this value?
int lw_session_knows(const char *on_hold);

// Run until the end and enter it in the store. Returns the exit code.
int lw_session_run(const lw_session_config *c);

#endif
