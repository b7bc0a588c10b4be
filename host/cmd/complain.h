// One error on stderr: a line for people, or the same as data for programs.
#ifndef LW_CMD_COMPLAIN_H
#define LW_CMD_COMPLAIN_H

#include "base/err.h" // lw_err, LW_PRINTF

// "HEAD TEXT", or {"ok":false,"code":HEAD,"text":TEXT} with is_json.
//   head  a code word, "E-IO", or who speaks, "linewright run:"; the latter is
//         E-USAGE in the data
void lw_complain(int is_json, const char *head, const char *fmt, ...)
    LW_PRINTF(3, 4);
void lw_complain_err(int is_json, const lw_err *e);

// Do these words ask for data? For what is wrong with the words themselves.
int lw_complain_wants_json(int argc, char **argv);

#endif
