// Pictures between a camera and a model: decoded from files, brought to one
// light, cut, resized and laid out as a tensor.
//
// A picture is rows of pixels of interleaved channels, float32, in the number
// of the file: 0..255 of 8 bits, 0..65535 of 16. Grey has one channel, colour
// three in the order red, green, blue. Files are untrusted input: sizes are
// checked before memory is asked for.
#ifndef LW_INFER_PICTURE_H
#define LW_INFER_PICTURE_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

#include "linewright.h" // lw_err, LW_E_*

#define LW_PICTURE_SIDE_MAX 16384             // pixels of a side
#define LW_PICTURE_MAX ((size_t)64 << 20)     // numbers of a picture
#define LW_PICTURE_FILE_MAX ((size_t)1 << 28) // bytes of a file

typedef struct lw_picture {
  float *x; // [height x width x channels]
  size_t height, width, channels;
} lw_picture;

// ---------------------------------------------------------------- reading ---

// What a file is, by its first bytes: LW_PICTURE_*, 0 if none of them.
enum { LW_PICTURE_PNG = 1, LW_PICTURE_JPEG, LW_PICTURE_TIFF, LW_PICTURE_PNM };
int lw_picture_kind(const uint8_t *data, size_t n);

// Decode PNG, JPEG, TIFF or PNM (P5, P6) from memory. An alpha channel is
// dropped, a palette resolved, 1 to 4 bits are brought to 8.
//   name  for messages
//   p     taken: free it with lw_picture_fini
//   bits  8 or 16; may be NULL
// Returns LW_E_SYNTAX for no picture, LW_E_CORRUPT for a damaged one,
// LW_E_RANGE for one that is too large, LW_E_UNSUPPORTED, LW_E_NOMEM; *p is
// then empty.
int lw_picture_decode(const uint8_t *data, size_t n, const char *name,
                      lw_picture *p, int *bits, lw_err *e);
// The same from a file: also LW_E_NOTFOUND, LW_E_IO.
int lw_picture_open(const char *path, lw_picture *p, int *bits, lw_err *e);
// Numbers of a camera without a header: rows of 8 bits, or of 16 little-endian.
// LW_E_SHAPE unless n is just the product.
int lw_picture_raw(const uint8_t *data, size_t n, size_t height, size_t width,
                   size_t channels, int bits, lw_picture *p, lw_err *e);
void lw_picture_fini(lw_picture *p); // twice is fine

// Memory for a picture of a shape; LW_E_RANGE when too large or empty.
int lw_picture_init(lw_picture *p, size_t height, size_t width, size_t channels,
                    const char *name, lw_err *e);

// ---------------------------------------------------------------- kernels ---
// out is memory of the caller with its shape filled in; in place where *p is
// not const. They cannot fail unless said.

// out's shape cut from p at (left, top), which must lie inside.
void lw_picture_region(const lw_picture *p, size_t left, size_t top,
                       lw_picture *out);
// p in out's height and width, same channels: each new pixel is the triangle-
// weighted mean of the old ones under it, so shrinking does not alias.
// LW_E_NOMEM.
int lw_picture_resize(const lw_picture *p, lw_picture *out);
// Red, green, blue to grey by the luma weights of ITU-R BT.601.
void lw_picture_grey(const lw_picture *p, lw_picture *out);
// x = clamp(gain x + bias, lo, hi)
void lw_picture_affine(lw_picture *p, double gain, double bias, double lo,
                       double hi);
// x = full (x / full)^gamma, for light that a camera bends; x >= 0
void lw_picture_gamma(lw_picture *p, double gamma, double full);
// A light that is (1 - share) at one side and (1 + share) at the other.
void lw_picture_slope(lw_picture *p, double share_x, double share_y);
// To the mean m0 and standard deviation s0 of a reference, all channels alike.
// A picture without contrast only gets the mean.
void lw_picture_normalise(lw_picture *p, double m0, double s0);
// Flat field by frames taken once a shift, of p's shape:
// x = (x - dark) / (flat - dark) mean(flat - dark). A pixel whose flat is not
// above its dark is dead and gets the mean of the picture's others.
void lw_picture_flat(lw_picture *p, const lw_picture *dark,
                     const lw_picture *flat);
// Flat field without a frame: L = box(box(x)) of 2 radius + 1 pixels,
// x = x / max(L, least) mean(L). Takes slow light away, leaves what is smaller
// than the box. Measured on magnetic tiles as the best cheap measure.
// LW_E_NOMEM.
int lw_picture_level(lw_picture *p, size_t radius, double least);

// How the light is, for guard: the names are LW_PICTURE_LIGHT.
#define LW_PICTURE_LIGHT(X)                                                    \
  X(mean)                                                                      \
  X(sd) X(p1) X(p50) X(p99) X(clipped) X(black) X(slope_x) X(slope_y) X(focus)
enum {
#define LW_PICTURE_ENUM(name) LW_LIGHT_##name,
  LW_PICTURE_LIGHT(LW_PICTURE_ENUM)
#undef LW_PICTURE_ENUM
      LW_LIGHT_N
};
// mean, sd, percentiles in the number of the picture; clipped, black: share of
// numbers at or above 254/255, at or below 1/255 of full; slope: rise over the
// picture over its mean, from its edge thirds; focus: variance of the Laplacian
// over the square of the mean (0 when dark). LW_E_NOMEM.
//   full  255 or 65535
int lw_picture_light(const lw_picture *p, double full, double out[LW_LIGHT_N]);

// Channel planes of a model, out [channels x height x width]:
// (x - mean[k]) * scale[k], k the place in out. A grey picture is repeated;
// is_bgr turns the order round.
void lw_picture_planes(const lw_picture *p, size_t channels, int is_bgr,
                       const double *mean, const double *scale, float *out);

// Planes [channels x height x width] as cells: a grid of rows x columns, row by
// row, to out [rows columns x channels], the mean of each plane over each cell.
//   rows, columns  1..height, 1..width
void lw_picture_cells(const double *maps, size_t channels, size_t height,
                      size_t width, size_t rows, size_t columns, double *out);

// Mean, then maximum of each of `channels` planes [area] to out [2 channels].
void lw_picture_pool(const double *maps, size_t channels, size_t area,
                     double *out);

#endif
