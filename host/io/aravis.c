#include "io/aravis.h"

#include <dlfcn.h>   // dlopen, dlsym
#include <math.h>    // isnan
#include <pthread.h> // pthread_once
#include <stdlib.h>  // calloc
#include <string.h>  // strncmp

#define BUFFER_N 8 // pictures on their way

// GenICam's numbers of pixel formats (PFNC), and the status of a good buffer.
enum { MONO8 = 0x01080001, MONO16 = 0x01100007, RGB8 = 0x02180014 };
enum { BUFFER_GOOD = 0, CONTINUOUS = 0, PLAIN_SOCKET = 1, AUTO = 1 };

// GLib's own, as its interface has had it since 2.0.
typedef struct g_error {
  uint32_t domain;
  int code;
  char *message;
} g_error;

// X(result, name, arguments): what is used of libaravis-0.8 and GLib below it.
#define FUNCTIONS(X)                                                           \
  X(void, arv_enable_interface, (const char *))                                \
  X(void *, arv_camera_new, (const char *, g_error **))                        \
  X(void, arv_camera_set_pixel_format_from_string,                             \
    (void *, const char *, g_error **))                                        \
  X(void, arv_camera_set_acquisition_mode, (void *, int, g_error **))          \
  X(void, arv_camera_clear_triggers, (void *, g_error **))                     \
  X(void, arv_camera_set_trigger, (void *, const char *, g_error **))          \
  X(void, arv_camera_software_trigger, (void *, g_error **))                   \
  X(void, arv_camera_set_frame_rate, (void *, double, g_error **))             \
  X(void, arv_camera_set_exposure_time, (void *, double, g_error **))          \
  X(void, arv_camera_set_gain, (void *, double, g_error **))                   \
  X(void, arv_camera_set_region, (void *, int, int, int, int, g_error **))     \
  X(int, arv_camera_is_gv_device, (void *))                                    \
  X(void, arv_camera_gv_set_stream_options, (void *, int))                     \
  X(unsigned, arv_camera_get_payload, (void *, g_error **))                    \
  X(void *, arv_camera_create_stream, (void *, void *, void *, g_error **))    \
  X(void, arv_camera_start_acquisition, (void *, g_error **))                  \
  X(void, arv_camera_stop_acquisition, (void *, g_error **))                   \
  X(void *, arv_buffer_new_allocate, (size_t))                                 \
  X(void, arv_stream_push_buffer, (void *, void *))                            \
  X(void *, arv_stream_try_pop_buffer, (void *))                               \
  X(int, arv_buffer_get_status, (void *))                                      \
  X(const void *, arv_buffer_get_data, (void *, size_t *))                     \
  X(int, arv_buffer_get_image_width, (void *))                                 \
  X(int, arv_buffer_get_image_height, (void *))                                \
  X(uint32_t, arv_buffer_get_image_pixel_format, (void *))                     \
  X(uint64_t, arv_buffer_get_frame_id, (void *))                               \
  X(void, g_object_set, (void *, const char *, ...))                           \
  X(void, g_object_unref, (void *))                                            \
  X(void, g_clear_error, (g_error **))

// One library for the process, as dlopen itself sees it; written once.
static struct {
  pthread_once_t once;
  const char *missing; // NULL: all of it is there
#define MEMBER(result, name, arguments) result(*name) arguments;
  FUNCTIONS(MEMBER)
#undef MEMBER
} arv = {.once = PTHREAD_ONCE_INIT};

struct lw_aravis {
  void *camera, *stream;
  void *shown; // buffer of the newest frame, to be given back
  int is_running;
};

static void load_library(void) {
  void *object = dlopen("libaravis-0.8.so.0", RTLD_NOW | RTLD_LOCAL);
  arv.missing = object ? NULL : "libaravis-0.8.so.0";
#define FIND(result, name, arguments)                                          \
  *(void **)&arv.name = object ? dlsym(object, #name) : NULL;                  \
  if (object && !arv.name)                                                     \
    arv.missing = #name;
  FUNCTIONS(FIND)
#undef FIND
}

static int need_library(lw_err *e) {
  pthread_once(&arv.once, load_library);
  if (!arv.missing)
    return 0;
  return lw_err_set(e, LW_E_UNSUPPORTED,
                    "cameras are not available: %s was not found; install "
                    "Aravis 0.8 (Debian: libaravis-0.8-0)",
                    arv.missing);
}

// What the library said into *e; 0 if it said nothing.
static int take(g_error **said, const char *what, lw_err *e) {
  if (!*said)
    return 0;
  lw_err_set(e, LW_E_IO, "%s: %s", what, (*said)->message);
  arv.g_clear_error(said);
  return LW_E_IO;
}

static int set_picture(lw_aravis *a, const lw_aravis_config *c, lw_err *e) {
  g_error *said = NULL;
  int rc;
  arv.arv_camera_set_pixel_format_from_string(a->camera, c->format, &said);
  if ((rc = take(&said, c->format, e)) < 0)
    return rc;
  if (c->width)
    arv.arv_camera_set_region(a->camera, c->left, c->top, c->width, c->height,
                              &said);
  if ((rc = take(&said, "region", e)) < 0)
    return rc;
  if (c->exposure_s > 0)
    arv.arv_camera_set_exposure_time(a->camera, c->exposure_s * 1e6, &said);
  if ((rc = take(&said, "exposure", e)) < 0)
    return rc;
  if (!isnan(c->gain_db))
    arv.arv_camera_set_gain(a->camera, c->gain_db, &said);
  return take(&said, "gain", e);
}

static int set_pace(lw_aravis *a, const lw_aravis_config *c, lw_err *e) {
  g_error *said = NULL;
  int rc;
  arv.arv_camera_set_acquisition_mode(a->camera, CONTINUOUS, &said);
  if ((rc = take(&said, "acquisition mode", e)) < 0)
    return rc;
  if (c->is_triggered)
    arv.arv_camera_set_trigger(a->camera, "Software", &said);
  else
    arv.arv_camera_clear_triggers(a->camera, &said);
  if ((rc = take(&said, "trigger", e)) < 0)
    return rc;
  if (!c->is_triggered && c->rate_hz > 0)
    arv.arv_camera_set_frame_rate(a->camera, c->rate_hz, &said);
  return take(&said, "frame rate", e);
}

static int start(lw_aravis *a, const lw_aravis_config *c, lw_err *e) {
  g_error *said = NULL;
  int rc;
  int is_gige = arv.arv_camera_is_gv_device(a->camera);
  if (c->has_plain_socket && is_gige)
    arv.arv_camera_gv_set_stream_options(a->camera, PLAIN_SOCKET);
  size_t payload = arv.arv_camera_get_payload(a->camera, &said);
  if ((rc = take(&said, "payload", e)) < 0)
    return rc;
  a->stream = arv.arv_camera_create_stream(a->camera, NULL, NULL, &said);
  if ((rc = take(&said, "stream", e)) < 0)
    return rc;
  if (is_gige) // room for a whole picture, else its packets are lost
    arv.g_object_set(a->stream, "socket-buffer", AUTO, NULL);
  for (int i = 0; i < BUFFER_N; i++)
    arv.arv_stream_push_buffer(a->stream, arv.arv_buffer_new_allocate(payload));
  arv.arv_camera_start_acquisition(a->camera, &said);
  rc = take(&said, "start", e);
  a->is_running = rc == 0;
  return rc;
}

int lw_aravis_open(lw_aravis **out, const lw_aravis_config *c, lw_err *e) {
  g_error *said = NULL;
  int rc = need_library(e);
  if (rc < 0)
    return rc;
  lw_aravis *a = calloc(1, sizeof *a);
  if (!a)
    return lw_err_set(e, LW_E_NOMEM, "out of memory");
  if (c->camera && !strncmp(c->camera, "Fake", 4))
    arv.arv_enable_interface("Fake");
  a->camera = arv.arv_camera_new(c->camera, &said);
  rc = take(&said, c->camera ? c->camera : "no camera answers", e);
  if (rc == 0 && !a->camera)
    rc = lw_err_set(e, LW_E_NOTFOUND, "no camera '%s' answers",
                    c->camera ? c->camera : "");
  if (rc == 0)
    rc = set_picture(a, c, e);
  if (rc == 0)
    rc = set_pace(a, c, e);
  if (rc == 0)
    rc = start(a, c, e);
  if (rc < 0)
    lw_aravis_close(a);
  else
    *out = a;
  return rc;
}

int lw_aravis_trigger(lw_aravis *a, lw_err *e) {
  g_error *said = NULL;
  arv.arv_camera_software_trigger(a->camera, &said);
  return take(&said, "trigger", e);
}

int lw_aravis_ask(lw_aravis *a, lw_err *e) {
  g_error *said = NULL;
  arv.arv_camera_get_payload(a->camera, &said);
  int rc = take(&said, "the camera does not answer", e);
  if (rc < 0)
    a->is_running = 0; // to stop it would wait for an answer once more
  return rc;
}

static void give_back(lw_aravis *a) {
  if (a->shown)
    arv.arv_stream_push_buffer(a->stream, a->shown);
  a->shown = NULL;
}

static int describe(void *buffer, lw_aravis_frame *f, lw_err *e) {
  uint32_t format = arv.arv_buffer_get_image_pixel_format(buffer);
  *f = (lw_aravis_frame){.id = arv.arv_buffer_get_frame_id(buffer),
                         .width = arv.arv_buffer_get_image_width(buffer),
                         .height = arv.arv_buffer_get_image_height(buffer),
                         .channels = format == RGB8 ? 3 : 1,
                         .bits = format == MONO16 ? 16 : 8};
  f->data = arv.arv_buffer_get_data(buffer, &f->n);
  if (format != MONO8 && format != MONO16 && format != RGB8)
    return lw_err_set(e, LW_E_UNSUPPORTED,
                      "pixel format 0x%08x; Mono8, Mono16 and RGB8 can be read",
                      format);
  if (f->width < 1 || f->height < 1 ||
      f->n < (size_t)f->width * (size_t)f->height * (size_t)f->channels *
                 (size_t)f->bits / 8)
    return lw_err_set(e, LW_E_CORRUPT, "a picture of %d x %d in %zu bytes",
                      f->width, f->height, f->n);
  return 1;
}

int lw_aravis_next(lw_aravis *a, lw_aravis_frame *f, lw_err *e) {
  give_back(a);
  a->shown = arv.arv_stream_try_pop_buffer(a->stream);
  if (!a->shown)
    return 0;
  int status = arv.arv_buffer_get_status(a->shown);
  if (status != BUFFER_GOOD)
    return lw_err_set(e, LW_E_CORRUPT, "a picture lost packets (status %d)",
                      status);
  return describe(a->shown, f, e);
}

void lw_aravis_close(lw_aravis *a) {
  g_error *said = NULL;
  if (!a)
    return;
  if (a->is_running)
    arv.arv_camera_stop_acquisition(a->camera, &said);
  if (said)
    arv.g_clear_error(&said);
  if (a->stream) {
    give_back(a);
    arv.g_object_unref(a->stream);
  }
  if (a->camera)
    arv.g_object_unref(a->camera);
  free(a);
}
