#include <stdio.h> // printf

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "linewright.h" // lw_version

const char lw_cmd_version_help[] = "usage: linewright version [--json]\n"
                                   "\n"
                                   "Print the version of the program.\n"
                                   "\n"
                                   "example:\n"
                                   "  linewright version\n";

int lw_cmd_version(int argc, char **argv) {
  int is_json = 0;
  const lw_option_def defs[] = {{"--json", 'f', &is_json}, {NULL, 0, NULL}};
  if (!lw_options_parse("version", argc, argv, defs))
    return LW_EXIT_USAGE;
  if (is_json)
    printf("{\"version\":\"%s\"}\n", lw_version());
  else
    printf("linewright %s\n", lw_version());
  return LW_EXIT_DONE;
}
