// Numbers of a script on their way into a model.
#ifndef LW_INFER_CONVERT_H
#define LW_INFER_CONVERT_H

#include <stddef.h> // size_t

// Copy or round x [n] to y [n]. Returns 1 when every y is finite, else 0: a
// missing number, or one that a float cannot hold.
int lw_convert_f32(const double *x, size_t n, float *y);
int lw_convert_f64(const double *x, size_t n, double *y);

#endif
