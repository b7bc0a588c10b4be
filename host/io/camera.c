#include "io/camera.h"

#include <math.h>   // NAN
#include <string.h> // strcmp

#include "base/err.h"
#include "io/aravis.h"
#include "io/registry.h" // lw_option_text
#include "io/shots.h"
#include "io/spool.h"

#define KEEP_N 1000                // pictures that stay in the folder
#define ASK_NS INT64_C(1000000000) // a silent camera is asked this often

#define SIDE_MAX 65536 // pixels

typedef struct camera {
  lw_shots shots;
  lw_spool spool;
  lw_aravis_config config;
  lw_aravis *aravis; // NULL while closed
  uint64_t id;       // the camera's own count of the newest
  uint32_t pending;  // triggers whose picture is on its way
  int64_t due_ns;    // when the next picture is due; 0 = none is
  int64_t ask_ns;
  int is_overdue; // told as late or missing already
} camera;

static const char *const formats[] = {"Mono8", "Mono16", "RGB8"};

static int take_format(camera *c, const char *text, lw_err *e) {
  c->config.format = text ? text : formats[0];
  for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
    if (!strcmp(c->config.format, formats[i]))
      return 0;
  return lw_err_set(e, LW_E_SYNTAX,
                    "option format = '%.30s' should be Mono8, Mono16 or RGB8",
                    text);
}

static int take_region(camera *c, const lw_option *o, size_t n, lw_err *e) {
  static const char *const sides[] = {"left", "top", "width", "height"};
  int *const out[] = {&c->config.left, &c->config.top, &c->config.width,
                      &c->config.height};
  for (int i = 0; i < 4; i++) {
    double x = lw_option_number(o, n, sides[i], 0);
    if (!(x >= 0 && x <= SIDE_MAX))
      return lw_err_set(e, LW_E_RANGE, "option %s = %g is not in 0..%d",
                        sides[i], x, SIDE_MAX);
    *out[i] = (int)x;
  }
  if (!c->config.width != !c->config.height)
    return lw_err_set(e, LW_E_SYNTAX, "give both width and height, or neither");
  return 0;
}

static int camera_init(void *self, const lw_option *o, size_t n,
                       const lw_point *points, size_t point_n, lw_err *e) {
  camera *c = self;
  c->spool.folder = lw_option_text(o, n, "folder");
  c->spool.keep = (uint64_t)lw_option_number(o, n, "keep", KEEP_N);
  int rc = lw_shots_init(&c->shots, o, n, points, point_n, e);
  if (rc == 0 && c->spool.keep < 1)
    rc = lw_err_set(e, LW_E_RANGE, "option keep must be 1 or more");
  if (rc == 0)
    rc = take_format(c, lw_option_text(o, n, "format"), e);
  c->config.camera = lw_option_text(o, n, "camera");
  c->config.is_triggered = c->shots.is_triggered;
  c->config.rate_hz = c->shots.every_ns ? 1e9 / (double)c->shots.every_ns : 0;
  c->config.exposure_s = lw_option_number(o, n, "exposure", 0);
  c->config.gain_db = lw_option_number(o, n, "gain", (double)NAN);
  if (rc == 0)
    rc = take_region(c, o, n, e);
  const char *socket = lw_option_text(o, n, "packet_socket");
  c->config.has_plain_socket = socket && !strcmp(socket, "false");
  return rc < 0 ? rc : lw_spool_open(&c->spool, e);
}

static void camera_close(void *self) {
  camera *c = self;
  lw_aravis_close(c->aravis);
  c->aravis = NULL;
}

static void camera_fini(void *self) {
  camera *c = self;
  camera_close(c);
  lw_shots_fini(&c->shots);
}

static int camera_open(void *self, lw_err *e) {
  camera *c = self;
  c->id = c->pending = 0;
  c->due_ns = c->ask_ns = 0;
  return lw_aravis_open(&c->aravis, &c->config, e);
}

// The camera's own count tells what was lost on the way. Its 0 is no number.
static void count_lost(camera *c, uint64_t id) {
  uint64_t lost = c->id && id > c->id ? id - c->id - 1 : 0;
  if (lost < UINT32_MAX)
    lw_shots_skip(&c->shots, (uint32_t)lost);
  c->id = id;
}

// A picture has come, good or not: the next is due one interval later.
static int64_t settle(camera *c, int64_t now_ns) {
  int64_t late_ns = c->due_ns && !c->is_overdue ? now_ns - c->due_ns : 0;
  c->pending -= c->pending > 0;
  c->is_overdue = 0;
  c->due_ns = 0;
  if (!c->shots.is_triggered)
    c->due_ns = now_ns + c->shots.every_ns;
  else if (c->pending)
    c->due_ns = now_ns;
  return late_ns;
}

static int keep(camera *c, const lw_aravis_frame *f, int64_t now_ns,
                lw_err *e) {
  char name[LW_TEXT_SIZE];
  const lw_spool_picture picture = {.data = f->data,
                                    .width = (size_t)f->width,
                                    .height = (size_t)f->height,
                                    .channels = (size_t)f->channels,
                                    .bits = f->bits};
  int rc = lw_spool_put(&c->spool, &picture, name, e);
  count_lost(c, f->id);
  int64_t late_ns = settle(c, now_ns);
  lw_shots_due(&c->shots, c->shots.number + 1);
  if (rc < 0)
    lw_shots_lose(&c->shots);
  else
    lw_shots_put(&c->shots, name, late_ns);
  return rc;
}

// All that has arrived. A picture that cannot be kept is counted; the camera
// itself is fine.
static void take_frames(camera *c, int64_t now_ns, lw_err *e) {
  lw_aravis_frame f;
  lw_err why = {0};
  int rc;
  while ((rc = lw_aravis_next(c->aravis, &f, &why)) != 0) {
    if (rc > 0)
      rc = keep(c, &f, now_ns, &why);
    else {
      settle(c, now_ns);
      lw_shots_due(&c->shots, c->shots.number + 1);
      lw_shots_lose(&c->shots);
    }
    if (rc < 0)
      lw_err_set(e, 0, "%s", why.text);
  }
}

// Is one due and not there? It is told once; until it comes the tag is bad.
static void watch(camera *c, int64_t now_ns) {
  if (!c->due_ns || c->is_overdue || now_ns - c->due_ns <= c->shots.within_ns)
    return;
  c->is_overdue = 1;
  c->shots.late++;
  c->shots.name[0] = '\0';
  c->shots.news++;
}

static int camera_read(void *self, int64_t now_ns, const uint32_t *due,
                       size_t due_n, lw_sample *out, lw_err *e) {
  camera *c = self;
  if (c->pending && !c->due_ns)
    c->due_ns = now_ns; // just triggered
  take_frames(c, now_ns, e);
  watch(c, now_ns);
  if (now_ns >= c->ask_ns) {
    int rc = lw_aravis_ask(c->aravis, e);
    if (rc < 0)
      return rc;
    c->ask_ns = now_ns + ASK_NS;
  }
  lw_shots_read(&c->shots, due, due_n, out);
  return 0;
}

static int camera_write(void *self, const uint32_t *which, const double *raw,
                        size_t n, lw_err *e) {
  camera *c = self;
  uint32_t asked = lw_shots_write(&c->shots, which, raw, n);
  if (!asked || !c->shots.is_triggered)
    return 0;
  lw_shots_skip(&c->shots, asked - 1 + c->pending); // passed over
  c->pending = 1;
  c->is_overdue = 0;
  c->due_ns = 0;
  return lw_aravis_trigger(c->aravis, e);
}

static const lw_option_spec camera_options[] = {
    {"folder", 'f', 1, "where its pictures are kept; made if need be"},
    {"camera", 's', 0, "name, serial number or address, default the first"},
    LW_SHOTS_OPTIONS,
    {"format", 's', 0, "Mono8 (default), Mono16 or RGB8"},
    {"exposure", 'd', 0, "time of exposure, default as the camera is set"},
    {"gain", 'n', 0, "in dB, default as the camera is set"},
    {"width", 'n', 0, "pixels of the region, default all of the sensor"},
    {"height", 'n', 0, "see width"},
    {"left", 'n', 0, "where the region begins, default 0"},
    {"top", 'n', 0, "see left"},
    {"packet_socket", 'b', 0,
     "false for a GigE camera on loopback or in a container"},
    {"keep", 'n', 0, "pictures that stay in the folder, default 1000"},
    {NULL, 0, 0, NULL}};

const lw_driver_ops lw_camera_ops = {
    .kind = "camera",
    .help = "a GigE Vision or USB3 Vision camera, by Aravis",
    .state_size = sizeof(camera),
    .options = camera_options,
    .check_address = lw_shots_check_address,
    .init = camera_init,
    .open = camera_open,
    .read = camera_read,
    .write = camera_write,
    .close = camera_close,
    .fini = camera_fini};
