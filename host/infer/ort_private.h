// Inside of the backend; for ort*.c only.
#ifndef LW_INFER_ORT_PRIVATE_H
#define LW_INFER_ORT_PRIVATE_H

#include "infer/infer.h"   // lw_infer_places
#include "infer/ort_api.h" // lw_ort_api

typedef struct lw_ort_model {
  lw_infer_places places; // first, for lw_infer_describe; names are the
                          // allocator's
  const lw_ort_api *ort;
  void *session;
  char provider[64];
  char passed_over[200]; // what those named before it said, "" if none
} lw_ort_model;

// Their element type for ours, and back; -1 when there is none.
int lw_ort_type_out(int type);
int lw_ort_type_in(int type);

// A session with the first provider that takes the model.
int lw_ort_session_open(lw_ort_model *m, const lw_infer_source *s,
                        const lw_infer_options *o, lw_err *e);

// Contexts, as in the vtable.
int lw_ort_context_new(void **context, void *model, lw_err *e);
int lw_ort_bind(void *context, int direction, size_t i, const lw_tensor *t,
                lw_err *e);
int lw_ort_run(void *context, lw_err *e);
int lw_ort_result(void *context, size_t i, lw_tensor *t);
void lw_ort_cancel(void *context);
void lw_ort_context_free(void *context);

#endif
