// The decoders behind lw_picture_decode: one file per format. Each fills *p by
// lw_picture_init and leaves it to the caller to free, also after a failure.
#ifndef LW_INFER_PICTURE_PRIVATE_H
#define LW_INFER_PICTURE_PRIVATE_H

#include "infer/picture.h" // lw_picture

typedef int lw_picture_reader(const uint8_t *data, size_t n, const char *name,
                              lw_picture *p, int *bits, lw_err *e);
lw_picture_reader lw_picture_png, lw_picture_jpeg, lw_picture_tiff,
    lw_picture_pnm;

// Row y of 8- or 16-bit numbers as the machine stores them, of which the first
// p->channels of `have` channels count.
void lw_picture_row(lw_picture *p, size_t y, const void *row, int bits,
                    size_t have);

#endif
