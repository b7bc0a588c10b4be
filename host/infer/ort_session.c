// A session: its options, and the provider that takes the model.
#include <stdio.h>   // snprintf
#include <string.h>  // strcspn
#include <strings.h> // strcasecmp

#include "base/str.h" // lw_str
#include "infer/ort_private.h"

#define WORD_N sizeof((lw_ort_model *)0)->provider

static int make_options(const lw_ort_api *ort, const lw_infer_options *o,
                        void **options, lw_err *e) {
  const char *what = "session options";
  int code = LW_E_UNSUPPORTED, threads = o->threads > 0 ? o->threads : 1;
  int rc = lw_ort_check(ort, ort->options_new(options), LW_E_NOMEM, what, e);
  if (rc == 0)
    rc = lw_ort_check(ort, ort->set_threads(*options, threads), code, what, e);
  if (rc == 0)
    rc = lw_ort_check(ort, ort->set_graph_threads(*options, 1), code, what, e);
  if (rc == 0)
    rc = lw_ort_check(ort, ort->set_optimise(*options, LW_ORT_OPTIMISE_ALL),
                      code, what, e);
  // Waiting threads give the core back: other work on the box needs it.
  if (rc == 0)
    rc = lw_ort_check(
        ort, ort->set_entry(*options, "session.intra_op.allow_spinning", "0"),
        code, what, e);
  return rc;
}

static lw_ort_status add_cuda(const lw_ort_api *ort, void *options) {
  void *cuda = NULL;
  lw_ort_status status = ort->cuda_new(&cuda);
  if (!status)
    status = ort->add_cuda(options, cuda);
  if (cuda)
    ort->cuda_free(cuda);
  return status;
}

static lw_ort_status add_cann(const lw_ort_api *ort, void *options) {
  void *cann = NULL;
  lw_ort_status status = ort->cann_new(&cann);
  if (!status)
    status = ort->add_cann(options, cann);
  if (cann)
    ort->cann_free(cann);
  return status;
}

// The library's own spelling of a name, which it asks for to the letter.
static const char *spelt(const char *word) {
  static const char *const names[] = {"WebGPU",  "OpenVINO", "MIGraphX",
                                      "XNNPACK", "QNN",      "CoreML",
                                      "VitisAI", "WebNN",    "AZURE"};
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (!strcasecmp(names[i], word))
      return names[i];
  return word;
}

static int add_provider(const lw_ort_api *ort, void *options, const char *word,
                        lw_err *e) {
  lw_ort_status status = NULL;
  if (!strcasecmp(word, "cuda"))
    status = add_cuda(ort, options);
  else if (!strcasecmp(word, "cann"))
    status = add_cann(ort, options);
  else if (strcasecmp(word, "cpu")) // the CPU is always there
    status = ort->add_provider(options, spelt(word), NULL, NULL, 0);
  int rc = lw_ort_check(ort, status, LW_E_UNSUPPORTED, word, e);
  if (rc < 0 && strstr(e->text, "Unknown provider name"))
    lw_err_set(e, rc, "%s: no provider that ONNX Runtime knows by name", word);
  return rc;
}

static int open_with(lw_ort_model *m, const char *word,
                     const lw_infer_source *s, const lw_infer_options *o,
                     lw_err *e) {
  const lw_ort_api *ort = m->ort;
  void *options = NULL;
  int rc = make_options(ort, o, &options, e);
  if (rc == 0)
    rc = add_provider(ort, options, word, e);
  if (rc == 0) {
    lw_ort_status status =
        ort->session_new(ort->env, s->data, s->n, options, &m->session);
    int is_bad = status && ort->code(status) == LW_ORT_BAD_FILE;
    rc = lw_ort_check(ort, status, is_bad ? LW_E_CORRUPT : LW_E_UNSUPPORTED,
                      word, e);
  }
  if (options)
    ort->options_free(options);
  if (rc == 0)
    snprintf(m->provider, sizeof m->provider, "%s", word);
  return rc;
}

int lw_ort_session_open(lw_ort_model *m, const lw_infer_source *s,
                        const lw_infer_options *o, lw_err *e) {
  const char *at = o->providers && *o->providers ? o->providers : "cpu";
  char text[sizeof e->text];
  lw_str said;
  lw_str_init(&said, text, sizeof text);
  int code = 0;
  for (; *at; at += strspn(at, ", ")) {
    char word[WORD_N];
    size_t n = strcspn(at, ", ");
    snprintf(word, sizeof word, "%.*s", (int)n, at);
    at += n;
    lw_err why = {0};
    int rc = open_with(m, word, s, o, &why);
    if (rc == 0) {
      snprintf(m->passed_over, sizeof m->passed_over, "%s", code ? text : "");
      return 0;
    }
    code = code ? code : rc;
    lw_str_add(&said, "%s%s", said.n ? "; " : "", why.text);
  }
  return lw_err_set(e, code ? code : LW_E_RANGE, "%s",
                    code ? text : "no provider is named");
}
