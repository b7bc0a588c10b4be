// Finite impulse response filter, y[k] = sum of h[i] x[k-i].
//
// Also the runner of Savitzky-Golay smoothing and differentiation; taps.h finds
// the taps.
//
// Source: A. V. Oppenheim, R. W. Schafer, "Discrete-Time Signal Processing",
// 3rd ed., section 6.5 (direct form).
#ifndef LW_DSP_FIR_H
#define LW_DSP_FIR_H

#include <stddef.h> // size_t

#define LW_FIR_MAX 4096 // most taps

// Head of a caller's block of lw_fir_size() bytes.
typedef struct lw_fir {
  size_t tap_n;
  size_t seen_n; // samples taken since the start, up to tap_n
  double last;   // NaN until the first sample
  double delay;  // group delay at direct current [samples]
  int isa;       // LW_ISA_*
  int settle;    // 1: the first sample counts as having been there for ever
  double data[]; // taps, latest sample's last, padded; then past samples
} lw_fir;

size_t lw_fir_size(size_t tap_n);

// Set up in lw_fir_size(tap_n) bytes aligned for double.
//   tap     h [tap_n], 1..LW_FIR_MAX, finite; copied
//   settle  1: the first sample fills the past, so that a smoother starts on
//           it; 0: start from zero, as SciPy's lfilter does
// Returns 0, or LW_E_RANGE.
int lw_fir_init(lw_fir *f, const double *tap, size_t tap_n, int settle);

// Filter one block; blocks of any length join (to 1e-15: sums are reordered).
//   x  input  [n], borrowed; a sample that is not finite repeats the last
//   output y  output [n]; may be x itself, may not overlap it otherwise
void lw_fir_run(lw_fir *f, const double *x, size_t n, double *y);

// Filter a block forward, then backward: no delay, the gain squared; as
// lw_zero_phase, and SciPy's filtfilt with pad = LW_FIR_REACH * tap_n. Leaves
// the state of *f empty.
#define LW_FIR_REACH 3
int lw_fir_zero_phase(lw_fir *f, const double *x, size_t n, size_t pad,
                      double *work, double *y);

void lw_fir_reset(lw_fir *f);
int lw_fir_primed(const lw_fir *f); // 1 once tap_n samples have come
// [samples]: sum of i h[i] / sum of h[i]; for taps without gain at direct
// current, such as a derivative's, that of what they do let pass.
double lw_fir_delay(const lw_fir *f);

// State as plain data, lw_fir_state_n() numbers; load refuses nonsense with
// LW_E_CORRUPT and resets.
size_t lw_fir_state_n(const lw_fir *f);
void lw_fir_save(const lw_fir *f, double *state);
int lw_fir_load(lw_fir *f, const double *state);

// y[i] = sum over j of g[j] x[i + j], i < n: correlation with g [g_n] of
// x [n + g_n - 1]; the kernel under lw_fir_run. g must be followed by zeros up
// to a multiple of LW_FIR_PAD, and x by as many readable, finite places.
//   y  [n]; may not overlap x
#define LW_FIR_PAD 32
void lw_fir_correlate(int isa, const double *g, size_t g_n, const double *x,
                      size_t n, double *y);

#endif
