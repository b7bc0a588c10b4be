// Models: found, judged, loaded and run through one vtable (backend.h).
//
// The order of an open: read the file once, digest it, ask the allow-list, let
// each backend look at the content, load with the best one that takes it.
#ifndef LW_INFER_INFER_H
#define LW_INFER_INFER_H

#include "base/hash.h"     // LW_HASH_HEX_N
#include "infer/allow.h"   // lw_infer_allow
#include "infer/backend.h" // lw_infer_backend, lw_tensor

#define LW_INFER_FILE_MAX ((size_t)1 << 30) // largest model file [bytes]
#define LW_INFER_ADDED_MAX 16               // backends beside the built-in ones

// ---------------------------------------------------------------- tensors ---

// The word of a type ("f32"), NULL if unknown; and back, or LW_E_NOTFOUND.
const char *lw_infer_type_name(int type);
int lw_infer_type_find(const char *name);
size_t lw_infer_type_bytes(int type); // of one element, 0 if unknown

// Elements of dims [dim_n], each >= 0: LW_E_SHAPE when there are too many
// dimensions, one is negative, or the product times `bytes` leaves 2^40.
int lw_infer_count(const int64_t *dims, int32_t dim_n, size_t bytes,
                   size_t *count);
// Is the tensor what it says: known type, bytes = product?
int lw_tensor_check(const lw_tensor *t, lw_err *e);
// "f32 [1 x 3 x ?]" into text [n]; returns text.
char *lw_infer_shape_text(int type, const int64_t *dims, int32_t dim_n,
                          char *text, size_t n);
// May a tensor be bound here? LW_E_TYPE or LW_E_SHAPE says what is expected.
int lw_infer_fits(const lw_infer_io *io, const lw_tensor *t, lw_err *e);

// Inputs and outputs as a backend found them when it loaded a model. Where a
// model's struct begins with its places, lw_infer_describe is its `describe`.
typedef struct lw_infer_places {
  size_t n[2]; // inputs, outputs
  lw_infer_io io[2][LW_INFER_TENSORS];
} lw_infer_places;
int lw_infer_describe(const void *model, int direction, size_t i,
                      lw_infer_io *io);

// --------------------------------------------------------------- backends ---

// The i-th backend of this process, NULL past the end: "tiny", "onnxruntime",
// "oip", then those that were added.
const lw_infer_backend *lw_infer_kind(size_t i);
// NULL if unknown.
const lw_infer_backend *lw_infer_find(const char *name);
// Add the backend of a shared object, which stays loaded. LW_E_NOTFOUND,
// LW_E_UNSUPPORTED (other version), LW_E_EXISTS (the name is taken).
int lw_infer_plugin(const char *path, lw_err *e);

// ----------------------------------------------------------------- models ---

typedef struct lw_infer_model {
  const lw_infer_backend *backend;
  void *model;
  char digest[LW_HASH_HEX_N]; // SHA-256 of the file; of the address if remote
  size_t bytes;               // of the file
} lw_infer_model;

typedef struct lw_infer_open {
  const char *path;    // file, or "http://host:port/v2/models/NAME"
  const char *backend; // NULL: the best one that takes the content
  lw_infer_options options;
  const lw_infer_allow *allow; // NULL: every digest is fine
} lw_infer_open;

// Load into the caller's storage. LW_E_DENIED when the allow-list lacks the
// digest; otherwise the text names the file and what each backend said.
int lw_infer_model_open(lw_infer_model *m, const lw_infer_open *o, lw_err *e);
void lw_infer_model_close(lw_infer_model *m); // twice is fine

// Number of inputs or outputs.
size_t lw_infer_io_n(const lw_infer_model *m, int direction);

#endif
