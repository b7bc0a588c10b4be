// Analogue low-pass prototypes with their edge at 1 rad/s; used by design.c.
//
// Source: T. W. Parks, C. S. Burrus, "Digital Filter Design", 1987; Bessel: W.
// E. Thomson, "Delay Networks Having Maximally Flat Frequency Characteristics",
// Proc. IEE 96, 1949.
#ifndef LW_DSP_PROTO_H
#define LW_DSP_PROTO_H

#include <complex.h> // double complex
#include <stddef.h>  // size_t

#include "dsp/design.h" // LW_DESIGN_ORDER_MAX

// Roots in the s-plane; all conjugates are listed. Bands double the count.
typedef struct lw_proto {
  size_t zero_n, pole_n;
  double complex zero[2 * LW_DESIGN_ORDER_MAX];
  double complex pole[2 * LW_DESIGN_ORDER_MAX];
  double gain;
} lw_proto;

// Fill *p for a checked design (family, order, ripple_db, stop_db).
void lw_proto_make(const lw_design *d, lw_proto *p);

#endif
