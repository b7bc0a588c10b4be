#include "io/pictures.h"

#include <dirent.h>   // scandir
#include <errno.h>    // errno
#include <stdio.h>    // snprintf
#include <stdlib.h>   // free
#include <string.h>   // strcmp, strerror
#include <strings.h>  // strcasecmp
#include <sys/stat.h> // stat

#include "base/err.h"
#include "io/registry.h" // lw_option_text
#include "io/shots.h"

typedef struct pictures {
  lw_shots shots;
  const char *folder;    // borrowed from the options
  struct dirent **files; // [file_n], by name
  int file_n;
  double times;   // plays of the folder, 0 = for ever
  uint32_t asked; // by triggers
  int64_t start_ns;
  int is_started;
} pictures;

static int is_picture_name(const struct dirent *file) {
  static const char *const ends[] = {".png",  ".jpg", ".jpeg", ".tif",
                                     ".tiff", ".pgm", ".ppm"};
  const char *end = strrchr(file->d_name, '.');
  for (size_t i = 0; end && i < sizeof ends / sizeof ends[0]; i++)
    if (!strcasecmp(end, ends[i]))
      return 1;
  return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int list_files(pictures *p, lw_err *e) {
  p->file_n = scandir(p->folder, &p->files, is_picture_name, by_name);
  if (p->file_n < 0)
    return lw_err_set(e, LW_E_NOTFOUND, "folder %s: %s", p->folder,
                      strerror(errno));
  if (p->file_n == 0)
    return lw_err_set(e, LW_E_NOTFOUND,
                      "folder %s: no PNG, JPEG, TIFF, PGM or PPM files",
                      p->folder);
  for (int i = 0; i < p->file_n; i++)
    if (strlen(p->files[i]->d_name) >= LW_TEXT_SIZE)
      return lw_err_set(e, LW_E_RANGE, "%s: '%.40s...' is longer than %d bytes",
                        p->folder, p->files[i]->d_name, LW_TEXT_SIZE - 1);
  return 0;
}

static int pictures_init(void *self, const lw_option *o, size_t n,
                         const lw_point *points, size_t point_n, lw_err *e) {
  pictures *p = self;
  p->folder = lw_option_text(o, n, "folder");
  p->times = lw_option_number(o, n, "loop", 1);
  int rc = lw_shots_init(&p->shots, o, n, points, point_n, e);
  return rc < 0 ? rc : list_files(p, e);
}

static void pictures_fini(void *self) {
  pictures *p = self;
  lw_shots_fini(&p->shots);
  for (int i = 0; i < p->file_n; i++)
    free(p->files[i]);
  free(p->files);
  *p = (pictures){.file_n = 0};
}

static int pictures_open(void *self, lw_err *e) {
  (void)self, (void)e; // the folder was listed by init
  return 0;
}

static void pictures_close(void *self) {
  (void)self;
}

// A file that is gone or empty; what is damaged inside shows when it is opened.
static int is_there(const pictures *p, const char *name) {
  struct stat file;
  char path[4096];
  snprintf(path, sizeof path, "%s/%s", p->folder, name);
  return stat(path, &file) == 0 && S_ISREG(file.st_mode) && file.st_size > 0;
}

// The newest number due at now_ns, and how long ago it was.
static uint32_t number_at(pictures *p, int64_t now_ns, int64_t *late_ns) {
  *late_ns = 0;
  if (p->shots.is_triggered)
    return p->asked;
  if (!p->is_started)
    p->start_ns = now_ns;
  p->is_started = 1;
  *late_ns = (now_ns - p->start_ns) % p->shots.every_ns;
  return (uint32_t)((now_ns - p->start_ns) / p->shots.every_ns) + 1;
}

static void show(pictures *p, uint32_t number, int64_t late_ns, lw_err *e) {
  const char *name = p->files[(number - 1) % (uint32_t)p->file_n]->d_name;
  lw_shots_due(&p->shots, number);
  if (is_there(p, name)) {
    lw_shots_put(&p->shots, name, late_ns);
    return;
  }
  lw_shots_lose(&p->shots);
  lw_err_set(e, 0, "%s/%s is gone or empty", p->folder, name);
}

static int pictures_read(void *self, int64_t now_ns, const uint32_t *due,
                         size_t due_n, lw_sample *out, lw_err *e) {
  pictures *p = self;
  int64_t late_ns;
  uint32_t number = number_at(p, now_ns, &late_ns);
  if (p->times > 0 && number > p->times * p->file_n) {
    lw_err_set(e, 0, "%s: all %d pictures were played", p->folder, p->file_n);
    return 0; // everything comes in as bad
  }
  if (number > p->shots.number)
    show(p, number, late_ns, e);
  lw_shots_read(&p->shots, due, due_n, out);
  return 0;
}

static int pictures_write(void *self, const uint32_t *which, const double *raw,
                          size_t n, lw_err *e) {
  pictures *p = self;
  (void)e;
  p->asked += lw_shots_write(&p->shots, which, raw, n);
  return 0;
}

static const lw_option_spec pictures_options[] = {
    {"folder", 'f', 1, "PNG, JPEG, TIFF, PGM or PPM files, played by name"},
    LW_SHOTS_OPTIONS,
    {"loop", 'n', 0, "how many times it is played, 0 = for ever, default 1"},
    {NULL, 0, 0, NULL}};

const lw_driver_ops lw_pictures_ops = {.kind = "pictures",
                                       .help = "a folder of pictures",
                                       .state_size = sizeof(pictures),
                                       .options = pictures_options,
                                       .check_address = lw_shots_check_address,
                                       .init = pictures_init,
                                       .open = pictures_open,
                                       .read = pictures_read,
                                       .write = pictures_write,
                                       .close = pictures_close,
                                       .fini = pictures_fini};
