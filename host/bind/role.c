#include "bind/role.h"

#include <pthread.h> // pthread_create
#include <stdio.h>   // fprintf
#include <string.h>  // strcmp

#define STACK_BYTES ((size_t)64 * 1024 * 1024)
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
    return 1;
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
    fprintf(stderr, "linewright: no thread: %s\n", strerror(rc));
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
  lw_vm_options o = {.kind = is_test ? LW_VM_TEST : LW_VM_TRUSTED};
  return lw_vm_main(&o, argv[0], argc - 1, argv + 1);
}
