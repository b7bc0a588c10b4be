#include <stdio.h>  // fprintf
#include <string.h> // strcmp

#include "bind/role.h" // lw_role_tool

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "test") == 0)
    return lw_role_tool(argc - 1, argv + 1);
  if (argc > 2 && strcmp(argv[1], "--role") == 0)
    return lw_role_main(argv[2], argc - 3, argv + 3);
  fprintf(stderr, "usage: linewright test [PATH...]\n");
  return 2;
}
