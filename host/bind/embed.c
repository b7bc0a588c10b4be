#include "bind/embed.h"

#include <math.h>      // NAN
#include <pthread.h>   // pthread_create
#include <semaphore.h> // sem_t
#include <stdio.h>     // snprintf
#include <stdlib.h>    // calloc, free
#include <string.h>    // strcmp

#include "bind/vm.h" // lw_vm

#define STACK_BYTES ((size_t)64 * 1024 * 1024)
#define MODULE "linewright.embed"

struct lw_embed {
  lw_vm *vm; // lives and dies on the thread
  pthread_t thread;
  sem_t asked, answered;
  // The question in hand; function NULL = end.
  const char *function;
  const lw_embed_word *words;
  size_t word_n;
  lw_embed_answer *answer;
  lw_err error;
  int result;
};

// ---------------------------------------------------------- on the thread ---

static int code_of(const char *word) {
  for (int code = -1; strcmp(lw_err_name(code), "E-UNKNOWN") != 0; code--)
    if (strcmp(lw_err_name(code), word) == 0)
      return code;
  return LW_E_SCRIPT;
}

// nil, message, code: the world said no.
static int take_refusal(lw_embed *x, lua_State *L, int base) {
  const char *message = lua_tostring(L, base + 1);
  const char *word = lua_tostring(L, base + 2);
  return lw_err_set(&x->error, word ? code_of(word) : LW_E_SCRIPT, "%s",
                    message ? message : "refused");
}

static int take_results(lw_embed *x, lua_State *L, int base) {
  lw_embed_answer *a = x->answer;
  if (lua_isnil(L, base))
    return take_refusal(x, L, base);
  for (int i = base; i < base + 3; i++) {
    if (lua_type(L, i) == LUA_TNUMBER) {
      double *to = isnan(a->number) ? &a->number : &a->second;
      *to = lua_tonumber(L, i);
    } else if (lua_type(L, i) == LUA_TSTRING)
      snprintf(a->text, sizeof a->text, "%s", lua_tostring(L, i));
  }
  return 0;
}

static void push_words(lw_embed *x, lua_State *L) {
  for (size_t i = 0; i < x->word_n; i++)
    if (x->words[i].text)
      lua_pushstring(L, x->words[i].text);
    else
      lua_pushnumber(L, x->words[i].number);
}

static int call(lw_embed *x) {
  lua_State *L = lw_vm_lua(x->vm);
  lua_settop(L, 0);
  int rc = lw_vm_require(x->vm, MODULE, &x->error);
  if (rc < 0)
    return rc;
  lua_getfield(L, 1, x->function);
  luaL_checkstack(L, (int)x->word_n + 8, "words");
  push_words(x, L);
  rc = lw_vm_call(x->vm, (int)x->word_n, 3, &x->error);
  if (rc == 0)
    rc = take_results(x, L, 2);
  lua_settop(L, 0);
  return rc;
}

static void *serve(void *arg) {
  lw_embed *x = arg;
  const lw_vm_options o = {.kind = LW_VM_TRUSTED};
  x->result = lw_vm_new(&x->vm, &o, &x->error);
  for (;;) {
    sem_post(&x->answered);
    while (sem_wait(&x->asked) != 0)
      continue;
    if (!x->function)
      break;
    x->result = call(x);
  }
  if (x->vm)
    lw_vm_free(x->vm);
  return NULL;
}

// ------------------------------------------------------- on the caller's ---

static void wait_answer(lw_embed *x) {
  while (sem_wait(&x->answered) != 0)
    continue;
}

static int start_thread(lw_embed *x) {
  pthread_attr_t attr;
  pthread_attr_init(&attr);
  pthread_attr_setstacksize(&attr, STACK_BYTES);
  int rc = pthread_create(&x->thread, &attr, serve, x);
  pthread_attr_destroy(&attr);
  return rc;
}

int lw_embed_open(lw_embed **out, lw_err *e) {
  lw_embed *x = calloc(1, sizeof *x);
  if (!x)
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a run");
  sem_init(&x->asked, 0, 0);
  sem_init(&x->answered, 0, 0);
  int reason = start_thread(x);
  if (reason) {
    free(x);
    return lw_err_set(e, LW_E_NOMEM, "no thread for a run: %s",
                      strerror(reason));
  }
  wait_answer(x);
  if (x->result < 0) {
    int rc = lw_err_set(e, x->result, "%s", x->error.text);
    lw_embed_close(x);
    return rc;
  }
  *out = x;
  return 0;
}

void lw_embed_close(lw_embed *x) {
  if (!x)
    return;
  x->function = NULL;
  sem_post(&x->asked);
  pthread_join(x->thread, NULL);
  sem_destroy(&x->asked);
  sem_destroy(&x->answered);
  free(x);
}

int lw_embed_call(lw_embed *x, const char *function, const lw_embed_word *words,
                  size_t n, lw_embed_answer *answer, lw_err *e) {
  answer->number = answer->second = NAN;
  answer->text[0] = 0;
  x->function = function;
  x->words = words;
  x->word_n = n;
  x->answer = answer;
  x->error = (lw_err){0};
  sem_post(&x->asked);
  wait_answer(x);
  return x->result < 0 ? lw_err_set(e, x->result, "%s", x->error.text)
                       : x->result;
}
