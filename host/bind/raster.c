#include "bind/raster.h"

#include <dlfcn.h>  // dlopen
#include <math.h>   // ceil
#include <stdint.h> // uint8_t
#include <string.h> // memcpy

#include "bind/sixel.h" // lw_sixel

// The few functions used, as the libraries' manuals declare them: their binary
// interfaces are stable, and so no header is needed to build.
typedef struct {
  double x, y, width, height;
} rectangle;
typedef struct {
  double length;
  int unit;
} length;
typedef struct {
  uint32_t domain;
  int code;
  char *message;
} glib_error;
typedef int (*write_fn)(void *arg, const unsigned char *bytes, unsigned n);

typedef struct libraries {
  void *(*handle_new)(const uint8_t *svg, size_t n, glib_error **e);
  void (*get_dimensions)(void *handle, int *has_width, length *width,
                         int *has_height, length *height, int *has_box,
                         rectangle *box);
  int (*render)(void *handle, void *cairo, const rectangle *at, glib_error **e);
  void *(*surface_new)(int format, int width, int height);
  void *(*cairo_new)(void *surface);
  void (*set_rgb)(void *cairo, double r, double g, double b);
  void (*paint)(void *cairo);
  int (*write_png)(void *surface, write_fn fn, void *arg);
  void (*flush)(void *surface);
  uint8_t *(*data)(void *surface);
  int (*stride)(void *surface);
  void (*cairo_free)(void *cairo);
  void (*surface_free)(void *surface);
  void (*object_unref)(void *object);
  void (*error_free)(glib_error *e);
} libraries;

enum { RGB24 = 1 }; // cairo_format_t: white shines through nothing

static int missing(lw_err *e, const char *what) {
  return lw_err_set(e, LW_E_UNSUPPORTED,
                    "PNG needs %s: install librsvg2-2 and libcairo2, or write "
                    "SVG",
                    what);
}

// Libraries stay loaded: they keep state that cannot be unloaded safely.
static int load(libraries *l, lw_err *e) {
  const struct {
    const char *file, *name;
    void *to;
  } wanted[] = {
      {"librsvg-2.so.2", "rsvg_handle_new_from_data", &l->handle_new},
      {"librsvg-2.so.2", "rsvg_handle_get_intrinsic_dimensions",
       &l->get_dimensions},
      {"librsvg-2.so.2", "rsvg_handle_render_document", &l->render},
      {"libcairo.so.2", "cairo_image_surface_create", &l->surface_new},
      {"libcairo.so.2", "cairo_create", &l->cairo_new},
      {"libcairo.so.2", "cairo_set_source_rgb", &l->set_rgb},
      {"libcairo.so.2", "cairo_paint", &l->paint},
      {"libcairo.so.2", "cairo_surface_write_to_png_stream", &l->write_png},
      {"libcairo.so.2", "cairo_surface_flush", &l->flush},
      {"libcairo.so.2", "cairo_image_surface_get_data", &l->data},
      {"libcairo.so.2", "cairo_image_surface_get_stride", &l->stride},
      {"libcairo.so.2", "cairo_destroy", &l->cairo_free},
      {"libcairo.so.2", "cairo_surface_destroy", &l->surface_free},
      {"libgobject-2.0.so.0", "g_object_unref", &l->object_unref},
      {"libglib-2.0.so.0", "g_error_free", &l->error_free},
  };
  for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
    void *library = dlopen(wanted[i].file, RTLD_NOW | RTLD_LOCAL);
    void *symbol = library ? dlsym(library, wanted[i].name) : NULL;
    if (!symbol)
      return missing(e, library ? wanted[i].name : wanted[i].file);
    memcpy(wanted[i].to, &symbol, sizeof symbol);
  }
  return 0;
}

typedef struct sink {
  int (*fn)(void *arg, const void *bytes, size_t n);
  void *arg;
  int is_full;
  int is_sixel; // else PNG
} sink;

static int put(void *arg, const unsigned char *bytes, unsigned n) {
  enum { WRITE_ERROR = 11 }; // cairo_status_t
  sink *s = arg;
  s->is_full = s->fn(s->arg, bytes, n) != 0;
  return s->is_full ? WRITE_ERROR : 0;
}

static int drawing_fault(const libraries *l, glib_error *why, lw_err *e) {
  int rc = lw_err_set(e, LW_E_SYNTAX, "this is no drawing: %s",
                      why && why->message ? why->message : "unknown reason");
  if (why)
    l->error_free(why);
  return rc;
}

static int write_out(const libraries *l, void *surface, const rectangle *at,
                     sink *s) {
  if (!s->is_sixel)
    return l->write_png(surface, put, s);
  l->flush(surface);
  const uint8_t *pixels = l->data(surface);
  if (!pixels)
    return LW_E_NOMEM;
  // A row is a whole number of 32-bit pixels in cairo's RGB24.
  return lw_sixel((const uint32_t *)(const void *)pixels, (int)at->width,
                  (int)at->height, l->stride(surface) / 4, s->fn, s->arg);
}

static int draw(const libraries *l, void *handle, const rectangle *at, sink *s,
                lw_err *e) {
  glib_error *why = NULL;
  void *surface = l->surface_new(RGB24, (int)at->width, (int)at->height);
  void *cairo = l->cairo_new(surface);
  l->set_rgb(cairo, 1, 1, 1);
  l->paint(cairo);
  int rc = l->render(handle, cairo, at, &why) ? 0 : drawing_fault(l, why, e);
  if (rc == 0 && write_out(l, surface, at, s) != 0)
    rc = lw_err_set(e, LW_E_NOMEM, "out of memory for a picture");
  l->cairo_free(cairo);
  l->surface_free(surface);
  return rc;
}

static int render(const char *svg, size_t n, int width, sink *s, lw_err *e) {
  libraries l;
  glib_error *why = NULL;
  int has_width, has_height, has_box = 0;
  length w, h;
  rectangle box = {0, 0, 0, 0};
  int rc = load(&l, e);
  if (rc < 0)
    return rc;
  void *handle = l.handle_new((const uint8_t *)svg, n, &why);
  if (!handle)
    return drawing_fault(&l, why, e);
  l.get_dimensions(handle, &has_width, &w, &has_height, &h, &has_box, &box);
  double height =
      has_box && box.width > 0 ? ceil(width * box.height / box.width) : width;
  if (width < 1 || width > LW_RASTER_WIDTH_MAX || !(height >= 1) ||
      height > LW_RASTER_WIDTH_MAX)
    rc = lw_err_set(e, LW_E_RANGE, "a picture of %d x %.0f pixels: at most %d",
                    width, height, LW_RASTER_WIDTH_MAX);
  else
    rc = draw(&l, handle, &(rectangle){0, 0, width, height}, s, e);
  l.object_unref(handle);
  return rc;
}

int lw_raster_png(const char *svg, size_t n, int width,
                  int (*fn)(void *arg, const void *bytes, size_t n), void *arg,
                  lw_err *e) {
  sink s = {.fn = fn, .arg = arg};
  return render(svg, n, width, &s, e);
}

int lw_raster_sixel(const char *svg, size_t n, int width,
                    int (*fn)(void *arg, const void *bytes, size_t n),
                    void *arg, lw_err *e) {
  sink s = {.fn = fn, .arg = arg, .is_sixel = 1};
  return render(svg, n, width, &s, e);
}
