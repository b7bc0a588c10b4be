#include <stdio.h> // printf

#include "base/hash.h" // lw_hash_library
#include "bind/vm.h"   // lw_vm_engine
#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/options.h"
#include "image/unit.h"  // lw_unit_library
#include "io/io.h"       // lw_io_library
#include "linewright.h"  // lw_version
#include "loop/loop.h"   // lw_loop_library
#include "store/store.h" // lw_store_library

const char lw_cmd_version_help[] =
    "usage: linewright version [--json]\n"
    "\n"
    "Print the version of the program, its script engine and the libraries it "
    "runs\n"
    "with.\n"
    "\n"
    "  --json  the same as JSON\n"
    "\n"
    "example:\n"
    "  linewright version\n";

typedef struct row {
  const char *name, *version;
} row;

static void print_json(const row *rows) {
  char text[2048];
  lw_json j;
  lw_json_init(&j, text, sizeof text);
  lw_json_open(&j, NULL, '{');
  for (; rows->name; rows++)
    lw_json_text(&j, rows->name, rows->version);
  lw_json_close(&j, '}');
  puts(text);
}

int lw_cmd_version(int argc, char **argv) {
  int is_json = 0;
  const lw_option_def defs[] = {{"--json", 'f', &is_json}, {NULL, 0, NULL}};
  if (!lw_options_parse("version", argc, argv, defs))
    return LW_EXIT_USAGE;
  char jit[300], modbus[40];
  const row rows[] = {{"version", lw_version()},
                      {"engine", lw_vm_engine()},
                      {"jit", lw_vm_jit_state(jit, sizeof jit)},
                      {"sqlite", lw_store_library()},
                      {"libuv", lw_loop_library()},
                      {"libmodbus", lw_io_library(modbus, sizeof modbus)},
                      {"udunits", lw_unit_library()},
                      {"libsodium", lw_hash_library()},
                      {NULL, NULL}};
  if (is_json) {
    print_json(rows);
    return LW_EXIT_DONE;
  }
  printf("linewright %s\n", lw_version());
  for (const row *r = rows + 1; r->name; r++)
    printf("  %-10s %s\n", r->name, r->version);
  return LW_EXIT_DONE;
}
