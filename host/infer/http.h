// One HTTP request after the other over a kept connection, through libcurl,
// which is loaded on first use.
#ifndef LW_INFER_HTTP_H
#define LW_INFER_HTTP_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

#include "base/err.h" // lw_err

typedef struct lw_http lw_http;

// Is libcurl here? LW_E_NOTFOUND with what to install, or 0 and its version.
int lw_http_available(const char **version, lw_err *e);
int lw_http_new(lw_http **h, lw_err *e);
void lw_http_free(lw_http *h); // NULL is fine

typedef struct lw_http_request {
  const char *url;
  const char *header; // one more header line, or NULL
  const void *body;   // NULL: GET
  size_t body_n;
  long timeout_ms;
  size_t most; // bytes of the answer
} lw_http_request;

typedef struct lw_http_answer {
  long status;         // 200, ...
  const uint8_t *data; // [n], valid until the next request
  size_t n;
  size_t json_n; // Inference-Header-Content-Length, 0 when absent
} lw_http_answer;

// LW_E_IO: no connection; LW_E_TIMEOUT; LW_E_CLOSED: cancelled; LW_E_FULL: the
// answer is too long. Any status is an answer.
int lw_http_run(lw_http *h, const lw_http_request *r, lw_http_answer *a,
                lw_err *e);
// End the request that is going on, from any thread.
void lw_http_cancel(lw_http *h);

#endif
