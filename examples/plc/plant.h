// Physics of coating line B: web drive, slurry pump, dryer, gauge. Knows no
// registers; dimensions are the plant's own drawings.
#ifndef PLC_PLANT_H
#define PLC_PLANT_H

#include <stdint.h> // uint64_t

#include "registers.h" // ZONES

#define GAUGE_M 11.0 // web from die to gauge
#define CELL_M 0.05  // resolution of the film on the web
#define CELLS 220    // GAUGE_M / CELL_M

// What the PLC's outputs tell the machines.
typedef struct orders {
  double web_m_min;
  double pump_rpm;
  int lips;    // purge valve open: the slurry goes to the drain
  int heaters; // contactor of the heaters
  double zone_degc[ZONES];
} orders;

typedef struct plant {
  double thermal_lapse; // the dryer's time runs this many times faster
  double web_m_min, pump_rpm;
  double zone_degc[ZONES]; // true temperatures
  double heat[ZONES];      // integral part of each zone's controller, 0..1
  double film_g_m2[CELLS]; // dry film on the web, die first
  double part_m;           // web moved since the last whole cell
  double gauge_s;          // until the gauge's next reading
  uint64_t chance;
  // Instruments.
  double seen_degc[ZONES];
  double seen_g_m2;
} plant;

void plant_init(plant *p, double thermal_lapse, uint64_t seed);
void plant_step(plant *p, const orders *o, double dt_s);

#endif
