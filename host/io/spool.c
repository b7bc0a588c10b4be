#include "io/spool.h"

#include <dirent.h>   // opendir
#include <errno.h>    // errno
#include <inttypes.h> // SCNu64
#include <stdio.h>    // fopen, rename
#include <string.h>   // strerror
#include <sys/stat.h> // mkdir
#include <unistd.h>   // unlink

#define NAME_N 32
#define PATH_N 4096

static int failed(const lw_spool *s, const char *name, lw_err *e) {
  return lw_err_set(e, LW_E_IO, "%s/%s: %s", s->folder, name, strerror(errno));
}

int lw_spool_open(lw_spool *s, lw_err *e) {
  uint64_t number;
  if (mkdir(s->folder, 0777) < 0 && errno != EEXIST)
    return failed(s, "", e);
  DIR *dir = opendir(s->folder);
  if (!dir)
    return failed(s, "", e);
  for (struct dirent *file; (file = readdir(dir));)
    if (sscanf(file->d_name, "shot-%" SCNu64, &number) == 1 &&
        number > s->newest)
      s->newest = number;
  closedir(dir);
  return 0;
}

// PGM and PPM hold 16 bits with the high byte first.
static int write_rows(FILE *f, const lw_spool_picture *p) {
  size_t n = p->width * p->height * p->channels;
  fprintf(f, "P%d\n%zu %zu\n%d\n", p->channels == 3 ? 6 : 5, p->width,
          p->height, p->bits == 16 ? 65535 : 255);
  if (p->bits == 8)
    return fwrite(p->data, 1, n, f) == n;
  for (size_t i = 0; i < n; i++) {
    putc(p->data[2 * i + 1], f);
    putc(p->data[2 * i], f);
  }
  return !ferror(f);
}

static void name_of(uint64_t number, size_t channels, char *name) {
  snprintf(name, NAME_N, "shot-%09" PRIu64 ".%s", number,
           channels == 3 ? "ppm" : "pgm");
}

static void drop_oldest(const lw_spool *s, size_t channels) {
  char name[NAME_N], path[PATH_N];
  if (s->newest <= s->keep)
    return;
  name_of(s->newest - s->keep, channels, name);
  snprintf(path, sizeof path, "%s/%s", s->folder, name);
  unlink(path);
}

int lw_spool_put(lw_spool *s, const lw_spool_picture *p, char *name,
                 lw_err *e) {
  char path[PATH_N], part[PATH_N];
  name_of(s->newest + 1, p->channels, name);
  snprintf(path, sizeof path, "%s/%s", s->folder, name);
  snprintf(part, sizeof part, "%s/.part", s->folder);
  FILE *f = fopen(part, "wb");
  if (!f)
    return failed(s, name, e);
  int is_whole = write_rows(f, p);
  if (fclose(f) || !is_whole || rename(part, path) < 0)
    return failed(s, name, e);
  s->newest++;
  drop_oldest(s, p->channels);
  return 0;
}
