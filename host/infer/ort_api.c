#include "infer/ort_api.h"

#include <dlfcn.h>   // dlopen
#include <libgen.h>  // dirname
#include <limits.h>  // PATH_MAX
#include <pthread.h> // pthread_once
#include <stdio.h>   // snprintf
#include <stdlib.h>  // getenv
#include <string.h>  // memcpy, strchr
#include <unistd.h>  // readlink, access

typedef struct api_base {
  void *(*get_api)(uint32_t version);
  const char *(*get_version)(void);
} api_base;

// One library for the process, as dlopen itself sees it; written once.
static struct {
  pthread_once_t once;
  lw_ort_api api;
  char path[PATH_MAX * 2];
  lw_err why; // code 0: it is there
} library = {.once = PTHREAD_ONCE_INIT};

// Beside the program, where `make` and `make install` put it.
static const char *const near[] = {
    "../lib/linewright/libonnxruntime.so.1",
    "../onnxruntime/libonnxruntime.so.1",
    "onnxruntime/libonnxruntime.so.1",
};
static const char *const names[] = {
    "libonnxruntime.so.1", "libonnxruntime.so.1.21", "libonnxruntime.so"};

static void *open_as(const char *path) {
  void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (object)
    snprintf(library.path, sizeof library.path, "%s", path);
  return object;
}

static void *open_near(void) {
  char self[PATH_MAX], path[PATH_MAX * 2];
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  if (n <= 0)
    return NULL;
  self[n] = '\0';
  const char *dir = dirname(self);
  for (size_t i = 0; i < sizeof near / sizeof near[0]; i++) {
    snprintf(path, sizeof path, "%s/%s", dir, near[i]);
    void *object = access(path, R_OK) == 0 ? open_as(path) : NULL;
    if (object)
      return object;
  }
  return NULL;
}

static void *open_library(void) {
  const char *own = getenv("LW_ONNXRUNTIME");
  if (own && *own) {
    void *object = open_as(own);
    if (!object)
      lw_err_set(&library.why, LW_E_NOTFOUND, "$LW_ONNXRUNTIME: %s", dlerror());
    return object;
  }
  void *object = open_near();
  for (size_t i = 0; !object && i < sizeof names / sizeof names[0]; i++)
    object = open_as(names[i]);
  if (!object)
    lw_err_set(&library.why, LW_E_NOTFOUND,
               "not installed; run `make onnxruntime`, install Debian's "
               "libonnxruntime1.21 or set LW_ONNXRUNTIME");
  return object;
}

// The library's words go nowhere: what matters comes back as a status.
static void no_log(void *arg, int severity, const char *category,
                   const char *id, const char *place, const char *message) {
  (void)arg, (void)severity, (void)category, (void)id, (void)place;
  (void)message;
}

// Through memory: ISO C has no cast from object to function pointers.
static void take(void *to, void *const *table, size_t slot) {
  memcpy(to, &table[slot], sizeof table[slot]);
}

static void take_all(lw_ort_api *a, void *const *table) {
  take(&a->code, table, 1);
  take(&a->message, table, 2);
#define TAKE(slot, theirs, ours, params) take(&a->ours, table, slot);
  LW_ORT_CALLS(TAKE)
  LW_ORT_VOIDS(TAKE)
#undef TAKE
}

static int make_shared(lw_ort_api *a) {
  lw_err *e = &library.why;
  int rc = lw_ort_check(
      a, a->env_new(no_log, NULL, LW_ORT_LOG_FATAL, "linewright", &a->env),
      LW_E_UNSUPPORTED, "ONNX Runtime", e);
  if (rc == 0)
    rc = lw_ort_check(a, a->get_allocator(&a->allocator), LW_E_NOMEM,
                      "ONNX Runtime", e);
  if (rc == 0)
    rc = lw_ort_check(
        a, a->memory_new(LW_ORT_ARENA, LW_ORT_MEM_DEFAULT, &a->memory),
        LW_E_NOMEM, "ONNX Runtime", e);
  return rc;
}

static void open_once(void) {
  void *object = open_library();
  if (!object)
    return;
  const api_base *(*base)(void) = NULL;
  void *symbol = dlsym(object, "OrtGetApiBase");
  memcpy(&base, &symbol, sizeof base);
  const api_base *b = base ? base() : NULL;
  void *const *table = b ? b->get_api(LW_ORT_VERSION) : NULL;
  if (!table) {
    lw_err_set(&library.why, LW_E_UNSUPPORTED,
               "%s is ONNX Runtime %s; version 1.%d or newer is needed",
               library.path, b ? b->get_version() : "?", LW_ORT_VERSION);
    dlclose(object);
    return;
  }
  take_all(&library.api, table);
  library.api.version = b->get_version();
  library.api.path = library.path;
  make_shared(&library.api);
}

const lw_ort_api *lw_ort(lw_err *e) {
  pthread_once(&library.once, open_once);
  if (library.why.code == 0)
    return &library.api;
  lw_err_set(e, library.why.code, "%s", library.why.text);
  return NULL;
}

// A failed check of theirs begins with its source file and what was false.
static const char *reason_of(const char *message) {
  static const char mark[] = "was false. ";
  const char *at = *message == '/' ? strstr(message, mark) : NULL;
  return at ? at + sizeof mark - 1 : message;
}

int lw_ort_check(const lw_ort_api *ort, lw_ort_status status, int code,
                 const char *what, lw_err *e) {
  if (!status)
    return 0;
  const char *message = reason_of(ort->message(status));
  // Its first line says it; the rest is its own source files.
  lw_err_set(e, code, "%s: %.*s", what, (int)strcspn(message, "\n"), message);
  ort->status_free(status);
  return code;
}
