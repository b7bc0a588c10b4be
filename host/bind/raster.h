// A drawing (SVG) as pixels (PNG), by librsvg and cairo.
//
// Both are loaded when the first drawing is asked for: a program that never
// draws does not pay for their start, nor need them installed.
#ifndef LW_BIND_RASTER_H
#define LW_BIND_RASTER_H

#include <stddef.h> // size_t

#include "base/err.h" // lw_err

#define LW_RASTER_WIDTH_MAX 20000 // [px], and of the height

// Draw svg [n bytes] on white, width pixels wide; the height follows from the
// drawing's shape. Gives the PNG's bytes to fn in pieces, which returns 0, or
// non-zero to end with LW_E_NOMEM.
// LW_E_UNSUPPORTED: a library is missing, and which; LW_E_SYNTAX: no such
// drawing; LW_E_RANGE: more pixels than LW_RASTER_WIDTH_MAX on a side.
int lw_raster_png(const char *svg, size_t n, int width,
                  int (*fn)(void *arg, const void *bytes, size_t n), void *arg,
                  lw_err *e);

// The same as sixel graphics (sixel.h), for a terminal.
int lw_raster_sixel(const char *svg, size_t n, int width,
                    int (*fn)(void *arg, const void *bytes, size_t n),
                    void *arg, lw_err *e);

#endif
