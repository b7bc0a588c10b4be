// Three-phase currents seen from the turning rotor: Clarke's and Park's
// transforms, in which a healthy motor's alternating currents stand still, so
// that slow filters and limits apply to them.
//
// Amplitudes are kept: a balanced set of amplitude a and phase 0 gives d = a,
// q = 0. All are block functions; outputs may be the inputs themselves, element
// for element. A NaN makes that sample's outputs NaN.
//
// Source: E. Clarke, "Circuit Analysis of A-C Power Systems" 1, 1943; R. H.
// Park, "Two-Reaction Theory of Synchronous Machines", AIEE Trans. 48, 1929.
#ifndef LW_DSP_ROTATE_H
#define LW_DSP_ROTATE_H

#include <stddef.h> // size_t

// Phases a, b, c [n] to the two axes of the stator and the zero sequence
// (their mean, 0 in a sound three-wire system; zero may be NULL), [n] each.
void lw_rotate_clarke(const double *a, const double *b, const double *c,
                      size_t n, double *alpha, double *beta, double *zero);

// The inverse; zero may be NULL: 0.
void lw_rotate_phases(const double *alpha, const double *beta,
                      const double *zero, size_t n, double *a, double *b,
                      double *c);

// Stator axes to the axes of the rotor at electrical angle theta [rad], [n].
void lw_rotate_park(const double *alpha, const double *beta,
                    const double *theta, size_t n, double *d, double *q);

// The inverse.
void lw_rotate_stator(const double *d, const double *q, const double *theta,
                      size_t n, double *alpha, double *beta);

// Clarke and Park in one: phases a, b, c [n] to d, q [n].
void lw_rotate_dq(const double *a, const double *b, const double *c,
                  const double *theta, size_t n, double *d, double *q);

// Angle of the currents themselves [rad], -pi..pi: atan2(beta, alpha), [n]; and
// their amplitude, sqrt(alpha^2 + beta^2), [n]. For motors without a sensor.
void lw_rotate_polar(const double *alpha, const double *beta, size_t n,
                     double *angle, double *amplitude);

#endif
