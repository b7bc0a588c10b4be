#include <dlfcn.h>     // dlopen
#include <stdatomic.h> // _Atomic
#include <string.h>    // strcmp

#include "infer/infer.h"
#include "infer/oip.h"  // lw_oip_backend
#include "infer/ort.h"  // lw_ort_backend
#include "infer/tiny.h" // lw_tiny_backend

static const lw_infer_backend *const built_in[] = {
    &lw_tiny_backend, &lw_ort_backend, &lw_oip_backend};
enum { BUILT_IN_N = sizeof built_in / sizeof built_in[0] };

// As the drivers' table: no handle to hang it on, slots are claimed in order
// and never freed, so readers need no lock.
static _Atomic(const lw_infer_backend *) added[LW_INFER_ADDED_MAX];

const lw_infer_backend *lw_infer_kind(size_t i) {
  if (i < BUILT_IN_N)
    return built_in[i];
  i -= BUILT_IN_N;
  return i < LW_INFER_ADDED_MAX ? atomic_load(&added[i]) : NULL;
}

const lw_infer_backend *lw_infer_find(const char *name) {
  const lw_infer_backend *b;
  for (size_t i = 0; (b = lw_infer_kind(i)); i++)
    if (!strcmp(b->name, name))
      return b;
  return NULL;
}

static int is_complete(const lw_infer_backend *b) {
  return b->name && *b->name && b->probe && b->load && b->describe && b->used &&
         b->context_new && b->bind && b->run && b->result && b->context_free &&
         b->unload;
}

int lw_infer_register(const lw_infer_backend *b) {
  if (!b || b->abi != LW_INFER_ABI || b->size < sizeof *b || !is_complete(b))
    return LW_E_RANGE;
  for (size_t i = 0; i < LW_INFER_ADDED_MAX; i++) {
    if (lw_infer_find(b->name))
      return LW_E_EXISTS;
    const lw_infer_backend *empty = NULL;
    if (atomic_compare_exchange_strong(&added[i], &empty, b))
      return 0;
  }
  return LW_E_FULL;
}

static const lw_infer_backend *enter(void *object, const char *path,
                                     lw_err *e) {
  lw_infer_entry entry = NULL;
  void *symbol = dlsym(object, LW_INFER_ENTRY);
  // Through memory: ISO C has no cast from object to function pointers.
  memcpy(&entry, &symbol, sizeof entry);
  if (!entry) {
    lw_err_set(e, LW_E_UNSUPPORTED, "backend %s exports no " LW_INFER_ENTRY,
               path);
    return NULL;
  }
  const lw_infer_backend *b = entry(LW_INFER_ABI);
  if (!b)
    lw_err_set(e, LW_E_UNSUPPORTED,
               "backend %s does not speak version %u of the interface", path,
               LW_INFER_ABI);
  return b;
}

int lw_infer_plugin(const char *path, lw_err *e) {
  void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!object)
    return lw_err_set(e, LW_E_NOTFOUND, "backend %s: %s", path, dlerror());
  const lw_infer_backend *b = enter(object, path, e);
  int rc = b ? lw_infer_register(b) : e ? e->code : LW_E_UNSUPPORTED;
  if (b && rc < 0)
    lw_err_set(e, rc, "backend %s: %s", path,
               rc == LW_E_EXISTS ? "its name is taken" : lw_err_text(rc));
  if (rc < 0)
    dlclose(object);
  return rc;
}
