// The driver of kind "sim": a twin's signals as device numbers, rounded to the
// words a real device would send and spoilt by the injected faults.
#ifndef LW_IO_SIM_DRIVER_H
#define LW_IO_SIM_DRIVER_H

#include "image/plan.h" // lw_plan
#include "io/sim.h"     // lw_sim

extern const lw_driver_ops lw_sim_ops;

// Bind zeroed driver state to a twin before ops->init. A point's signal is the
// one that its address names, else the one of its tag.
//   tag_of  [points given to init] the tag of each point; borrowed
void lw_sim_driver_bind(void *self, lw_sim *sim, const lw_plan *plan,
                        const uint32_t *tag_of);

// A twin's value as the device would send it: converted to the tag's unit and
// rounded to its word. NaN stays NaN; numbers beyond the word stop at its end.
double lw_sim_quantise(const lw_plan_tag *tag, double twin_value);
// The way back, for outputs.
double lw_sim_restore(const lw_plan_tag *tag, double device_value);

#endif
