// One cascade of second-order sections over many channels side by side.
//
// Samples are interleaved, [n x channel_n] row-major, so that channels fill the
// lanes of a vector and none waits for itself. Same arithmetic, and source, as
// biquad.h.
#ifndef LW_DSP_BANK_H
#define LW_DSP_BANK_H

#include "dsp/biquad.h" // lw_section

#define LW_BANK_CHANNELS_MAX 256

// Head of a caller's block of lw_bank_size() bytes.
typedef struct lw_bank {
  size_t section_n, channel_n;
  lw_section section[LW_BIQUAD_MAX];
  int settle, isa;
  int unit;    // 1: the sections are divided by their b0
  double gain; // what they were divided by, all together
  // s1, s2 [channel_n] of each section, the last outputs, then the states as
  // they were before the piece at work.
  double data[];
} lw_bank;

size_t lw_bank_size(size_t section_n, size_t channel_n);

// Set up at rest in lw_bank_size() bytes aligned for double; section and settle
// as for lw_biquad_init, channel_n 1..LW_BANK_CHANNELS_MAX. Returns 0, or
// LW_E_RANGE.
int lw_bank_init(lw_bank *f, const lw_section *section, size_t section_n,
                 size_t channel_n, int settle);

// Filter n rows x to y [n x channel_n], in place allowed; blocks join bit for
// bit. A sample that is not finite repeats its channel's last output and leaves
// that channel's state alone.
void lw_bank_run(lw_bank *f, const double *x, size_t n, double *y);

void lw_bank_reset(lw_bank *f);
int lw_bank_primed(const lw_bank *f); // 1 once each channel has come
double lw_bank_delay(const lw_bank *f, double w); // as lw_biquad_delay

// State as plain data, lw_bank_state_n() numbers; load refuses what is not
// finite with LW_E_CORRUPT and resets.
size_t lw_bank_state_n(const lw_bank *f);
void lw_bank_save(const lw_bank *f, double *state);
int lw_bank_load(lw_bank *f, const double *state);

#endif
