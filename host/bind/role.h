// The hidden roles: processes of our own program that hold a Lua VM.
//
//   linewright --role tool MODULE ARGS...  a Lua command
//   linewright --role loader ARGS...       checks a recipe for the host
//   linewright --role worker ARGS...       runs a recipe
//   linewright --role twin ARGS...         steps a simulated plant
//   linewright --role repl ARGS...         evaluates what a person types
//   linewright --role native               drives a device by a vendor's
//   library
//
// (arguments: worker/bundle.h; native: io/native.h). All but the first die with
// the host.
//
// Each runs the Lua module linewright.cli.<name>, a table with main(args);
// args is an array of strings, main returns the exit code (nil: 0). An error
// that main lets out is printed with its traceback, exit code 1.
#ifndef LW_BIND_ROLE_H
#define LW_BIND_ROLE_H

#include "bind/compat.h" // lua_State
#include "bind/vm.h"     // lw_vm_options

// argv[0] is the first argument of the role. Each returns the exit code; words
// for people go to stderr.
int lw_role_tool(int argc, char **argv);
int lw_role_loader(int argc, char **argv);
int lw_role_worker(int argc, char **argv);
int lw_role_twin(int argc, char **argv);
int lw_role_repl(int argc, char **argv);
int lw_role_native(int argc, char **argv);

// The role called name with its arguments, or 2 when there is no such role.
int lw_role_main(const char *name, int argc, char **argv);

// Run linewright.cli.<module> in a new VM, on a thread with a deep stack:
// nested coroutines and callbacks use the C stack, 8 MiB of which overflow
// before the engine's own limits are reached.
int lw_vm_main(const lw_vm_options *o, const char *module, int argc,
               char **argv);

// End the role with an exit code from inside Lua; never returns.
int lw_role_exit(lua_State *L, int code);

#endif
