// The simulated plant's terminal strip: what a twin writes and a line reads,
// with the faults that specs inject. One block, in shared memory when the twin
// has a process of its own.
#ifndef LW_IO_SIM_H
#define LW_IO_SIM_H

#include <stdatomic.h> // _Atomic
#include <stddef.h>    // size_t
#include <stdint.h>    // uint32_t

#include "base/err.h" // lw_err

// X(name, what `argument` means): faults of a signal as the line sees it.
#define LW_FAULTS(X)                                                           \
  X(none, "")                                                                  \
  X(bad, "")                                                                   \
  X(uncertain, "")                                                             \
  X(nan, "") /* the device sends a number that is none */                      \
  X(force, "value")                                                            \
  X(stuck, "")                                                                 \
  X(drift, "per second")                                                       \
  X(spike, "height, one reading in 20")                                        \
  X(delay, "seconds")                                                          \
  X(noise, "standard deviation")                                               \
  X(lost, "")  /* comms lost: no new reading, the old one ages */              \
  X(crash, "") /* the driver itself fails until cleared */
enum {
#define LW_FAULT_ENUM(name, text) LW_FAULT_##name,
  LW_FAULTS(LW_FAULT_ENUM)
#undef LW_FAULT_ENUM
      LW_FAULT_N
};

typedef struct lw_sim lw_sim; // header, then one entry per signal

// Bytes of a block, and laying it out in zeroed memory of that size. Signals
// start at 0 and read as bad to the line until somebody sets them.
size_t lw_sim_size(uint32_t signal_n);
void lw_sim_init(lw_sim *s, uint32_t signal_n, uint64_t seed);
// Check a mapped block before use. LW_E_CORRUPT says what does not fit.
int lw_sim_check(const lw_sim *s, size_t mapped, lw_err *e);
uint32_t lw_sim_signal_n(const lw_sim *s);

// The twin's side of a signal, in the twin's unit; NaN for one that does not
// exist. Faults do not touch it: they sit between the plant and the line.
double lw_sim_get(const lw_sim *s, uint32_t signal);
void lw_sim_set(lw_sim *s, uint32_t signal, double value);
// The same of a signal that is a text; what is longer than LW_TEXT_SIZE - 1
// bytes is cut. Returns 0, LW_E_AGAIN when the twin is inside its write or
// LW_E_NOTFOUND; buf [LW_TEXT_SIZE] is "" then.
void lw_sim_set_text(lw_sim *s, uint32_t signal, const char *text);
int lw_sim_get_text(const lw_sim *s, uint32_t signal, char *buf);
// The text that the fault `force` shows; give it before the fault itself.
void lw_sim_force_text(lw_sim *s, uint32_t signal, const char *text);
int lw_sim_forced_text(const lw_sim *s, uint32_t signal, char *buf);
// Inject or clear (LW_FAULT_none) a fault. Lasts until cleared. LW_E_NOTFOUND
// for an unknown signal, LW_E_RANGE for an unknown fault or one whose argument
// is not a finite number.
int lw_sim_fault(lw_sim *s, uint32_t signal, int fault, double argument);
int lw_sim_fault_of(const lw_sim *s, uint32_t signal); // LW_FAULT_* at work
int lw_sim_fault_find(const char *name);  // LW_FAULT_* or LW_E_NOTFOUND
const char *lw_sim_fault_name(int fault); // NULL if unknown

// A signal as the line's driver finds it, before the fault is acted out.
typedef struct lw_sim_view {
  double value;     // what the twin set last
  double held;      // what it was when the fault was injected
  double argument;  // of the fault
  int64_t since_ns; // when the line first looked at this fault, 0 = never
  uint32_t fault;   // LW_FAULT_*
  uint32_t turn;    // counts injections, so that a new one is noticed
  int is_set;       // somebody has set the signal
} lw_sim_view;

// Look at a signal at now_ns (the first look at a fault stamps since_ns).
// Returns 0, or LW_E_NOTFOUND.
int lw_sim_look(lw_sim *s, uint32_t signal, int64_t now_ns, lw_sim_view *out);

// Repeatable noise: the same seed, signal and instant give the same number.
//   uniform in [0, 1), normal with mean 0 and standard deviation 1
double lw_sim_uniform(const lw_sim *s, uint32_t signal, int64_t now_ns);
double lw_sim_normal(const lw_sim *s, uint32_t signal, int64_t now_ns);

#endif
