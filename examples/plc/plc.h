// The PLC's program: its cycle between registers and plant, its dead-man timer
// and its ledger.
#ifndef PLC_PLC_H
#define PLC_PLC_H

#include <stdint.h> // int64_t
#include <stdio.h>  // FILE

#include "plant.h"
#include "registers.h"

#define DEAD_MAN_S 1.0 // the host must change its register within this

typedef struct plc {
  registers memory;
  plant plant;
  FILE *ledger;     // NULL = none
  int64_t start_ns; // CLOCK_MONOTONIC, as all times here
  int64_t cycle_ns; // when the last cycle ran
  int64_t beat_ns;  // when DEAD_MAN last changed
  int is_watched;   // it has changed once: from then on the host is watched
  int is_dropped;   // the dead-man has dropped the outputs
  int is_coating;   // for the ledger
} plc;

void plc_init(plc *p, double thermal_lapse, uint64_t seed, int64_t now_ns);
// One cycle: dead-man, outputs, physics since the last cycle, inputs.
void plc_cycle(plc *p, int64_t now_ns);
// A host writes a count; the register must exist and take it.
void plc_write(plc *p, int reg, int count, int64_t now_ns);
// "12.345678 WORD rest": time is CLOCK_MONOTONIC in seconds.
void plc_note(plc *p, int64_t now_ns, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
