// What a model backend is: one table of functions, for the ones built in and
// for shared objects alike. Installed as <linewright/backend.h>; needs nothing
// but linewright.h.
//
// A model is loaded once and only read afterwards; a context belongs to one
// thread and holds that thread's tensors. Tensors are bound once and run takes
// none, so a call costs what the arithmetic costs. Model files are untrusted:
// a backend checks every size, dimension and product before it uses it, and
// answers a damaged file with LW_E_CORRUPT or LW_E_SYNTAX, one it understands
// but cannot compute with LW_E_UNSUPPORTED.
#ifndef LW_INFER_BACKEND_H
#define LW_INFER_BACKEND_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "linewright.h" // lw_err, LW_E_*

#ifdef __cplusplus
extern "C" {
#endif

#define LW_INFER_ABI 1u     // changes when a field below changes its meaning
#define LW_INFER_DIMS 8     // dimensions of a tensor, at most
#define LW_INFER_TENSORS 64 // inputs or outputs of a model, at most

enum { LW_INFER_IN, LW_INFER_OUT };

// X(name, bytes): element types. `text` is one const char * for each element;
// those of an output belong to the context until its next run. f16 and bf16 are
// their two bytes.
#define LW_INFER_TYPES(X)                                                      \
  X(f32, 4)                                                                    \
  X(f64, 8)                                                                    \
  X(f16, 2)                                                                    \
  X(bf16, 2)                                                                   \
  X(u8, 1)                                                                     \
  X(i8, 1)                                                                     \
  X(u16, 2)                                                                    \
  X(i16, 2)                                                                    \
  X(u32, 4) X(i32, 4) X(u64, 8) X(i64, 8) X(bool, 1) X(text, sizeof(char *))
enum {
#define LW_INFER_TYPE_ENUM(name, bytes) LW_INFER_##name,
  LW_INFER_TYPES(LW_INFER_TYPE_ENUM)
#undef LW_INFER_TYPE_ENUM
      LW_INFER_TYPE_N
};

// A dense row-major array in host memory.
typedef struct lw_tensor {
  void *data;    // first element; 64-byte alignment is fastest
  size_t bytes;  // of data, exactly the product of dims times the element
  int32_t type;  // LW_INFER_*
  int32_t dim_n; // 0 is a scalar
  int64_t dims[LW_INFER_DIMS];
} lw_tensor;

// What a model wants or gives at one place.
typedef struct lw_infer_io {
  const char *name; // the model's own; valid until unload
  int32_t type, dim_n;
  int64_t dims[LW_INFER_DIMS]; // -1: any size (a batch)
} lw_infer_io;

enum {                        // lw_infer_backend.traits, bits
  LW_INFER_INLINE = 1,        // microseconds: may run inside a tick
  LW_INFER_BATCH = 2,         // takes any number of rows when dims[0] is -1
  LW_INFER_CANCEL = 4,        // a run ends early when told to
  LW_INFER_DETERMINISTIC = 8, // equal bits for equal bits on one level
  LW_INFER_REMOTE = 16        // `path` is an address, there is no file
};

// Where a model comes from. The bytes are read once by the host, which hashes
// and judges just these; they are the host's and valid during load only.
typedef struct lw_infer_source {
  const char *path;    // for messages; the address when remote
  const uint8_t *data; // the file [n]; NULL when remote
  size_t n;
} lw_infer_source;

typedef struct lw_infer_options {
  uint32_t size;         // sizeof of the caller's struct
  int32_t threads;       // of one run; 0 = 1
  const char *providers; // "webgpu,cpu": tried in order; NULL = "cpu"
  const char *level;     // instruction set, see lw_infer_used; NULL = the best
  const lw_option *more; // [more_n] what only this backend knows
  size_t more_n;
} lw_infer_options;

// What a loaded model runs on, for the record of a decision.
typedef struct lw_infer_used {
  const char *provider;    // "cpu", "CUDAExecutionProvider", "http://..."
  const char *level;       // "avx512", "avx2", "portable"; "" when not known
  double cost;             // multiplications of one row; 0 = not known
  const char *passed_over; // providers that were asked for before it and did
                           // not take the model, with their reason; or NULL
} lw_infer_used;

// Functions return 0 or a negative LW_E_* and then fill *e (never NULL).
typedef struct lw_infer_backend {
  uint32_t abi, size; // LW_INFER_ABI, sizeof(lw_infer_backend)
  const char *name;   // "tiny": the word of infer.load { backend = }
  const char *help;   // one line
  uint64_t traits;    // LW_INFER_INLINE ...
  // Can it be used on this machine? LW_E_NOTFOUND with what to install, or 0
  // and the version in use. May be NULL: always.
  int (*available)(const char **version, lw_err *e);
  // How well the file suits, from its first n bytes: 0 not at all ... 100.
  int (*probe)(const char *path, const uint8_t *head, size_t n);
  int (*load)(void **model, const lw_infer_source *s, const lw_infer_options *o,
              lw_err *e);
  // Input or output i, from 0. LW_E_NOTFOUND past the end.
  int (*describe)(const void *model, int direction, size_t i, lw_infer_io *io);
  void (*used)(const void *model, lw_infer_used *used);
  int (*context_new)(void **context, void *model, lw_err *e);
  // Use the caller's memory for input or output i from now on, without taking
  // it. An output with data NULL is the backend's to allocate. LW_E_SHAPE or
  // LW_E_TYPE when it does not fit the model.
  int (*bind)(void *context, int direction, size_t i, const lw_tensor *t,
              lw_err *e);
  // Everything must be bound. Allocates nothing after the first time, except
  // for outputs that it owns. LW_E_CLOSED when it was cancelled.
  int (*run)(void *context, lw_err *e);
  // Output i as the newest run left it.
  int (*result)(void *context, size_t i, lw_tensor *t);
  // End the run that is going on, from any thread; may be NULL.
  void (*cancel)(void *context);
  void (*context_free)(void *context); // NULL is fine
  void (*unload)(void *model);         // after its contexts; NULL is fine
} lw_infer_backend;

// The one symbol that a backend in a shared object exports. Returns NULL when
// it does not speak the host's version.
#define LW_INFER_ENTRY "lw_infer_backend_entry"
typedef const lw_infer_backend *(*lw_infer_entry)(uint32_t host_abi);

// Make a backend of an embedding program known to all models loaded later in
// this process; b is kept. LW_E_RANGE for a table that is not complete or of
// another version, LW_E_EXISTS (the name is taken), LW_E_FULL.
LW_API int lw_infer_register(const lw_infer_backend *b);

#ifdef __cplusplus
}
#endif

#endif
