#include "infer/http.h"

#include <curl/curl.h>
#include <dlfcn.h>     // dlopen
#include <pthread.h>   // pthread_once
#include <stdatomic.h> // atomic_int
#include <stdlib.h>    // calloc, free
#include <string.h>    // memcpy
#include <strings.h>   // strncasecmp

#include "base/grow.h" // lw_grow

#define CONNECT_MS 2000L
#define JSON_HEADER "Inference-Header-Content-Length:"

// What we call of libcurl. Loaded when it is needed: as a library of every
// process it would cost each start of a worker ten milliseconds.
#define CALLS(X)                                                               \
  X(curl_global_init)                                                          \
  X(curl_easy_init)                                                            \
  X(curl_easy_cleanup)                                                         \
  X(curl_easy_setopt)                                                          \
  X(curl_easy_getinfo)                                                         \
  X(curl_easy_reset)                                                           \
  X(curl_easy_strerror) X(curl_slist_append) X(curl_slist_free_all)            \
      X(curl_multi_init) X(curl_multi_cleanup) X(curl_multi_add_handle)        \
          X(curl_multi_remove_handle) X(curl_multi_perform) X(curl_multi_poll) \
              X(curl_multi_wakeup) X(curl_multi_info_read)                     \
                  X(curl_version_info)

static struct {
  pthread_once_t once;
  int is_there;
#define FIELD(name) __typeof__(&name) name;
  CALLS(FIELD)
#undef FIELD
} curl = {.once = PTHREAD_ONCE_INIT};

// The header wraps these in macros that call the functions by name.
#undef curl_easy_setopt
#undef curl_easy_getinfo

static int take_all(void *object) {
  void *symbol;
#define TAKE(name)                                                             \
  symbol = dlsym(object, #name);                                               \
  if (!symbol)                                                                 \
    return 0;                                                                  \
  memcpy(&curl.name, &symbol, sizeof symbol);
  CALLS(TAKE)
#undef TAKE
  return 1;
}

static void open_once(void) {
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
  void *object = NULL;
  for (size_t i = 0; !object && i < sizeof names / sizeof names[0]; i++)
    object = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  curl.is_there = object && take_all(object) &&
                  curl.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

int lw_http_available(const char **version, lw_err *e) {
  pthread_once(&curl.once, open_once);
  if (!curl.is_there)
    return lw_err_set(e, LW_E_NOTFOUND,
                      "libcurl is not available; install Debian's libcurl4");
  *version = curl.curl_version_info(CURLVERSION_NOW)->version;
  return 0;
}

struct lw_http {
  CURL *easy;
  CURLM *multi;
  atomic_int is_cancelled;
  uint8_t *data; // of the answer
  size_t n, cap, most, json_n;
  int is_full;
  char why[CURL_ERROR_SIZE];
};

int lw_http_new(lw_http **out, lw_err *e) {
  const char *version;
  int rc = lw_http_available(&version, e);
  if (rc < 0)
    return rc;
  lw_http *h = calloc(1, sizeof *h);
  if (h) {
    h->easy = curl.curl_easy_init();
    h->multi = curl.curl_multi_init();
  }
  if (!h || !h->easy || !h->multi) {
    lw_http_free(h);
    return lw_err_set(e, LW_E_NOMEM, "out of memory for a connection");
  }
  *out = h;
  return 0;
}

void lw_http_free(lw_http *h) {
  if (!h)
    return;
  if (h->easy)
    curl.curl_easy_cleanup(h->easy);
  if (h->multi)
    curl.curl_multi_cleanup(h->multi);
  free(h->data);
  free(h);
}

void lw_http_cancel(lw_http *h) {
  atomic_store(&h->is_cancelled, 1);
  curl.curl_multi_wakeup(h->multi);
}

// ---------------------------------------------------------------- requests ---

static size_t on_body(char *data, size_t size, size_t n, void *arg) {
  lw_http *h = arg;
  n *= size;
  if (n > h->most - h->n) {
    h->is_full = 1;
    return 0;
  }
  if (lw_grow(&h->data, &h->cap, h->n + n, 1) < 0)
    return 0;
  memcpy(h->data + h->n, data, n);
  h->n += n;
  return n;
}

static size_t on_header(char *line, size_t size, size_t n, void *arg) {
  lw_http *h = arg;
  char number[24];
  size_t name_n = sizeof JSON_HEADER - 1;
  n *= size;
  if (n > name_n && n - name_n < sizeof number &&
      !strncasecmp(line, JSON_HEADER, name_n)) {
    memcpy(number, line + name_n, n - name_n);
    number[n - name_n] = '\0';
    h->json_n = (size_t)strtoul(number, NULL, 10);
  }
  return n;
}

static void set_up(lw_http *h, const lw_http_request *r,
                   struct curl_slist *headers) {
#define SET(option, value) curl.curl_easy_setopt(h->easy, option, value)
  curl.curl_easy_reset(h->easy); // keeps the connection
  SET(CURLOPT_URL, r->url);
  SET(CURLOPT_HTTPHEADER, headers);
  SET(CURLOPT_ERRORBUFFER, h->why);
  SET(CURLOPT_NOSIGNAL, 1L);
  SET(CURLOPT_TCP_NODELAY, 1L);
  SET(CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
  SET(CURLOPT_TIMEOUT_MS, r->timeout_ms);
  SET(CURLOPT_WRITEFUNCTION, on_body);
  SET(CURLOPT_WRITEDATA, h);
  SET(CURLOPT_HEADERFUNCTION, on_header);
  SET(CURLOPT_HEADERDATA, h);
  // An address in a profile is what is asked, not where it sends us.
  SET(CURLOPT_FOLLOWLOCATION, 0L);
  if (r->body) {
    SET(CURLOPT_POST, 1L);
    SET(CURLOPT_POSTFIELDS, r->body);
    SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->body_n);
  }
#undef SET
}

// The code of the transfer once it has ended.
static CURLcode drive(lw_http *h) {
  int running = 1, left;
  while (running && !atomic_load(&h->is_cancelled)) {
    if (curl.curl_multi_perform(h->multi, &running) != CURLM_OK)
      return CURLE_OUT_OF_MEMORY;
    if (running)
      curl.curl_multi_poll(h->multi, NULL, 0, 1000, NULL);
  }
  CURLMsg *message = curl.curl_multi_info_read(h->multi, &left);
  return message && message->msg == CURLMSG_DONE ? message->data.result
                                                 : CURLE_ABORTED_BY_CALLBACK;
}

static int judge(lw_http *h, CURLcode code, lw_err *e) {
  if (atomic_exchange(&h->is_cancelled, 0))
    return lw_err_set(e, LW_E_CLOSED, "the request was cancelled");
  if (code == CURLE_OK)
    return 0;
  if (h->is_full)
    return lw_err_set(e, LW_E_FULL, "the answer is longer than %zu bytes",
                      h->most);
  return lw_err_set(e,
                    code == CURLE_OPERATION_TIMEDOUT ? LW_E_TIMEOUT : LW_E_IO,
                    "%s", h->why[0] ? h->why : curl.curl_easy_strerror(code));
}

int lw_http_run(lw_http *h, const lw_http_request *r, lw_http_answer *a,
                lw_err *e) {
  struct curl_slist *headers = NULL, *more;
  headers = curl.curl_slist_append(headers, "Expect:");
  if (headers && r->header) {
    more = curl.curl_slist_append(headers, r->header);
    headers = more ? more : headers;
  }
  h->n = h->json_n = 0, h->most = r->most, h->is_full = 0, h->why[0] = '\0';
  set_up(h, r, headers);
  CURLcode code = CURLE_OUT_OF_MEMORY;
  if (curl.curl_multi_add_handle(h->multi, h->easy) == CURLM_OK) {
    code = drive(h);
    curl.curl_multi_remove_handle(h->multi, h->easy);
  }
  curl.curl_slist_free_all(headers);
  int rc = judge(h, code, e);
  if (rc < 0)
    return rc;
  *a = (lw_http_answer){.data = h->data, .n = h->n, .json_n = h->json_n};
  curl.curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &a->status);
  return 0;
}
