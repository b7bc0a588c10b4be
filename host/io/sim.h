// The simulated plant's terminal strip: what a twin writes and a line reads,
// with the faults that specs inject. One block, in shared memory when the twin
// has a process of its own.
#ifndef LW_IO_SIM_H
#define LW_IO_SIM_H

#include <stdatomic.h> // _Atomic
#include <stddef.h>    // size_t
#include <stdint.h>    // uint32_t

#include "base/err.h"   // lw_err
#include "image/plan.h" // lw_plan

// X(name, what `argument` means): faults of a signal as the line sees it.
#define LW_FAULTS(X)                                                           \
  X(none, "") X(bad, "") X(uncertain, "") X(force, "value")                    \
  X(stuck, "") X(drift, "per second") X(spike, "height, one reading in 20")    \
  X(delay, "seconds") X(noise, "standard deviation")                           \
  X(lost, "") /* comms lost: no new reading, the old one ages */               \
  X(crash, "") /* the driver itself fails until cleared */
enum {
#define LW_FAULT_ENUM(name, text) LW_FAULT_##name,
  LW_FAULTS(LW_FAULT_ENUM)
#undef LW_FAULT_ENUM
      LW_FAULT_N
};

typedef struct lw_sim lw_sim; // header, then one entry per signal

size_t lw_sim_size(uint32_t signal_n);
void lw_sim_init(lw_sim *s, uint32_t signal_n, uint64_t seed);
int lw_sim_check(const lw_sim *s, size_t mapped, lw_err *e);

// The twin's side and the line's side of a signal, in the twin's unit.
double lw_sim_get(const lw_sim *s, uint32_t signal);
void lw_sim_set(lw_sim *s, uint32_t signal, double value);
// Inject or clear (LW_FAULT_none) a fault. Lasts until cleared.
int lw_sim_fault(lw_sim *s, uint32_t signal, int fault, double argument);

#endif
