// Inside of the backend; for oip*.c only.
#ifndef LW_INFER_OIP_PRIVATE_H
#define LW_INFER_OIP_PRIVATE_H

#include "infer/breaker.h" // lw_breaker
#include "infer/http.h"    // lw_http_answer
#include "infer/infer.h"   // lw_infer_places
#include "infer/json.h"    // lw_json_doc

#define LW_OIP_URL 512
#define LW_OIP_NAME 96
#define LW_OIP_TIMEOUT_MS 10000L
#define LW_OIP_ANSWER_MAX ((size_t)256 << 20)

typedef struct lw_oip_model {
  lw_infer_places places; // first, for lw_infer_describe
  char url[LW_OIP_URL];
  char names[2][LW_INFER_TENSORS][LW_OIP_NAME];
  lw_breaker breaker;
} lw_oip_model;

// "FP32" for our type, NULL when there is none; and back, or -1.
const char *lw_oip_type_name(int type);
int lw_oip_type_find(const lw_json_doc *d, uint32_t token);
// A "shape" array; LW_E_CORRUPT.
int lw_oip_shape(const lw_json_doc *d, uint32_t array, int64_t *dims,
                 int32_t *dim_n);

// One request with one retry; what an HTTP status means.
int lw_oip_ask(lw_http *h, lw_http_request *r, lw_http_answer *a, lw_err *e);

// Outputs of an answer, each into out[i].data when that is given, else into
// memory of its own.
int lw_oip_read(const lw_oip_model *m, const lw_http_answer *a, lw_tensor *out,
                const int *is_own, lw_err *e);

// Contexts, as in the vtable.
int lw_oip_context_new(void **context, void *model, lw_err *e);
int lw_oip_bind(void *context, int direction, size_t i, const lw_tensor *t,
                lw_err *e);
int lw_oip_run(void *context, lw_err *e);
int lw_oip_result(void *context, size_t i, lw_tensor *t);
void lw_oip_cancel(void *context);
void lw_oip_context_free(void *context);

#endif
