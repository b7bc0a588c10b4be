#include "bind/role.h"

#include <pthread.h>      // pthread_create
#include <signal.h>       // SIGKILL
#include <stdio.h>        // fprintf
#include <string.h>       // strcmp
#include <sys/prctl.h>    // prctl
#include <sys/resource.h> // setrlimit

#include "worker/bundle.h" // LW_WORKER_NO_MEMORY

#define STACK_BYTES ((size_t)64 * 1024 * 1024)
// Until the profile says how much its worker may have.
#define SCRIPT_BYTES ((size_t)64 * 1024 * 1024)
// Everything a script can make a process hold beside the Lua heap.
#define PROCESS_BYTES ((rlim_t)4 * 1024 * 1024 * 1024)
#define EXIT_KEY "linewright.exit_code"

typedef struct job {
  const lw_vm_options *options;
  const char *module;
  int argc;
  char **argv;
  int code;
} job;

int lw_role_exit(lua_State *L, int code) {
  lua_pushinteger(L, code);
  lua_setfield(L, LUA_REGISTRYINDEX, EXIT_KEY);
  return luaL_error(L, "exit %d", code);
}

static void push_args(lua_State *L, const job *j) {
  lua_createtable(L, j->argc, 0);
  for (int i = 0; i < j->argc; i++) {
    lua_pushstring(L, j->argv[i]);
    lua_rawseti(L, -2, i + 1);
  }
}

static int asked_to_exit(lua_State *L, int *code) {
  lua_getfield(L, LUA_REGISTRYINDEX, EXIT_KEY);
  int asked = lua_isnumber(L, -1);
  if (asked)
    *code = (int)lua_tointeger(L, -1);
  lua_pop(L, 1);
  return asked;
}

static int call_main(lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushvalue(L, 1);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "main");
  lua_pushvalue(L, 2);
  lua_call(L, 1, 1);
  return 1;
}

static int run_main(lw_vm *vm, const job *j) {
  lua_State *L = lw_vm_lua(vm);
  int code = 0;
  lua_pushcfunction(L, call_main);
  lua_pushfstring(L, "linewright.cli.%s", j->module);
  push_args(L, j);
  int rc = lw_vm_call(vm, 2, 1, NULL);
  if (asked_to_exit(L, &code))
    return code;
  if (rc < 0) {
    fprintf(stderr, "linewright: %s\n", lw_vm_message(vm));
    return rc == LW_E_NOMEM ? LW_WORKER_NO_MEMORY : 1;
  }
  return (int)lua_tointeger(L, -1);
}

static void *on_deep_stack(void *arg) {
  job *j = arg;
  lw_err e;
  lw_vm *vm = NULL;
  if (lw_vm_new(&vm, j->options, &e) < 0) {
    fprintf(stderr, "linewright: %s\n", e.text);
    j->code = 3;
    return NULL;
  }
  j->code = run_main(vm, j);
  fflush(stdout);
  lw_vm_free(vm);
  return NULL;
}

int lw_vm_main(const lw_vm_options *o, const char *module, int argc,
               char **argv) {
  job j = {o, module, argc, argv, 3};
  pthread_attr_t attr;
  pthread_t thread;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, STACK_BYTES);
  int rc = pthread_create(&thread, &attr, on_deep_stack, &j);
  pthread_attr_destroy(&attr);
  if (rc != 0) {
    fprintf(stderr, "E-NOMEM no thread for a script: %s\n", strerror(rc));
    return 3;
  }
  pthread_join(thread, NULL);
  return j.code;
}

int lw_role_tool(int argc, char **argv) {
  if (argc < 1) {
    fprintf(stderr, "linewright: --role tool needs the name of a command\n");
    return 2;
  }
  int is_test = strcmp(argv[0], "test") == 0;
  prctl(PR_SET_PDEATHSIG, SIGTERM); // nobody waits for its answer any more
  lw_vm_options o = {.kind = is_test ? LW_VM_TEST : LW_VM_TRUSTED,
                     .cap_bytes = is_test ? 0 : SCRIPT_BYTES};
  return lw_vm_main(&o, argv[0], argc - 1, argv + 1);
}

// What runs a script must not outlive who watches it, nor eat the machine's
// memory by ways that the VM does not count.
static void bind_to_host(void) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
#ifndef __SANITIZE_ADDRESS__ // whose shadow memory is terabytes
  struct rlimit most;
  if (getrlimit(RLIMIT_AS, &most) == 0 && most.rlim_cur > PROCESS_BYTES) {
    most.rlim_cur = PROCESS_BYTES;
    setrlimit(RLIMIT_AS, &most);
  }
#endif
}

static int script_role(const char *module, int argc, char **argv) {
  lw_vm_options o = {.kind = LW_VM_TRUSTED, .cap_bytes = SCRIPT_BYTES};
  bind_to_host();
  return lw_vm_main(&o, module, argc, argv);
}

int lw_role_loader(int argc, char **argv) {
  return script_role("loader", argc, argv);
}

int lw_role_worker(int argc, char **argv) {
  return script_role("worker", argc, argv);
}

int lw_role_twin(int argc, char **argv) {
  return script_role("twin", argc, argv);
}

// The library may take memory as it needs; only the process is watched.
int lw_role_native(int argc, char **argv) {
  lw_vm_options o = {.kind = LW_VM_NATIVE, .cap_bytes = SCRIPT_BYTES};
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  return lw_vm_main(&o, "native", argc, argv);
}

// Experiments may be large, but a bomb must not take the machine down.
#define REPL_BYTES ((size_t)1 << 30)

static void not_ours(int signo) {
  (void)signo;
}

// Ctrl-C on a terminal reaches us and what a script has started. It ends those;
// us the visible process tells by SIGUSR1, for which bind_link.c waits in a
// thread. A handler, since to ignore or block would be passed on to children.
int lw_role_repl(int argc, char **argv) {
  lw_vm_options o = {.kind = LW_VM_REPL, .cap_bytes = REPL_BYTES};
  struct sigaction quiet = {.sa_handler = not_ours, .sa_flags = SA_RESTART};
  sigset_t interrupt;
  sigemptyset(&interrupt);
  sigaddset(&interrupt, SIGUSR1);
  pthread_sigmask(SIG_BLOCK, &interrupt, NULL);
  sigaction(SIGINT, &quiet, NULL);
  bind_to_host();
  return lw_vm_main(&o, "repl", argc, argv);
}

int lw_role_main(const char *name, int argc, char **argv) {
  static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
  } roles[] = {{"tool", lw_role_tool},     {"loader", lw_role_loader},
               {"worker", lw_role_worker}, {"twin", lw_role_twin},
               {"repl", lw_role_repl},     {"native", lw_role_native}};
  for (size_t i = 0; i < sizeof roles / sizeof *roles; i++)
    if (strcmp(roles[i].name, name) == 0)
      return roles[i].run(argc, argv);
  fprintf(stderr, "linewright: no role '%s'\n", name);
  return 2;
}
