#include "plant.h"

#include <math.h>   // exp, sqrt, log, cos, fmin, fmax
#include <string.h> // memmove

#define AMBIENT_DEGC 25.0
#define WIDTH_M 0.55
#define SOLIDS_G_ML 0.9    // dry film per mL of slurry
#define ML_PER_TURN 12.0   // the pump's name plate
#define SLIP 1.04          // what this worn pump really delivers of it
#define DRIVE_M_MIN_S 15.0 // ramp of the web drive, 0.25 m/s2
#define PUMP_LAG_S 0.8     // inverter and hose
#define HEAT_K_S 0.40      // a zone at full power, without losses
#define LOSS_PER_S (1 / 900.0)
#define LEAK_PER_S (1 / 1500.0) // to each neighbour, through the web slots
#define WEB_LOAD 0.0005         // K/s per m/min of cold web
#define GAUGE_PERIOD_S 1.0
#define GAUGE_NOISE_G_M2 0.35
#define ZONE_NOISE_K 0.05

void plant_init(plant *p, double thermal_lapse, uint64_t seed) {
  *p = (plant){.thermal_lapse = thermal_lapse, .chance = seed};
  for (int i = 0; i < ZONES; i++)
    p->zone_degc[i] = p->seen_degc[i] = AMBIENT_DEGC;
}

// Source: S. Vigna, "An experimental exploration of Marsaglia's xorshift
// generators, scrambled", ACM TOMS 42(4), 2016 (SplitMix64 as its seeder).
static double uniform(plant *p) {
  uint64_t z = p->chance += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static double normal(plant *p) {
  return sqrt(-2 * log(1 - uniform(p))) * cos(6.283185307179586 * uniform(p));
}

static void drive(plant *p, const orders *o, double dt_s) {
  double step = DRIVE_M_MIN_S * dt_s;
  p->web_m_min += fmin(fmax(o->web_m_min - p->web_m_min, -step), step);
  p->pump_rpm += (o->pump_rpm - p->pump_rpm) * (1 - exp(-dt_s / PUMP_LAG_S));
}

// The PLC's own temperature controller: feed-forward of the losses, then PI.
static double heater_power(plant *p, const orders *o, int i, double dt_s) {
  if (!o->heaters) {
    p->heat[i] = 0;
    return 0;
  }
  double err = o->zone_degc[i] - p->zone_degc[i];
  double feed = (o->zone_degc[i] - AMBIENT_DEGC) * LOSS_PER_S / HEAT_K_S;
  double power = feed + 0.05 * err + p->heat[i];
  if (fabs(err) < 15 && power > 0 && power < 1)
    p->heat[i] += 0.0002 * err * dt_s;
  return fmin(fmax(power, 0), 1);
}

static void dry(plant *p, const orders *o, double dt_s) {
  double before[ZONES];
  memcpy(before, p->zone_degc, sizeof before);
  for (int i = 0; i < ZONES; i++) {
    double left = i > 0 ? before[i - 1] : before[i];
    double right = i + 1 < ZONES ? before[i + 1] : before[i];
    double k_s = HEAT_K_S * heater_power(p, o, i, dt_s) -
                 (before[i] - AMBIENT_DEGC) * LOSS_PER_S +
                 (left + right - 2 * before[i]) * LEAK_PER_S -
                 WEB_LOAD * p->web_m_min;
    p->zone_degc[i] = fmax(before[i] + k_s * dt_s, AMBIENT_DEGC - 5);
    p->seen_degc[i] = p->zone_degc[i] + ZONE_NOISE_K * normal(p);
  }
}

// Dry film that the die leaves on the web now.
static double film_at_die(const plant *p, const orders *o) {
  double ml_min = p->pump_rpm * ML_PER_TURN * SLIP;
  if (o->lips || p->web_m_min < 0.05)
    return 0;
  return fmin(ml_min * SOLIDS_G_ML / (p->web_m_min * WIDTH_M), 400);
}

static void carry(plant *p, const orders *o, double dt_s) {
  p->part_m += p->web_m_min * dt_s / 60;
  for (; p->part_m >= CELL_M; p->part_m -= CELL_M) {
    memmove(p->film_g_m2 + 1, p->film_g_m2,
            sizeof p->film_g_m2[0] * (CELLS - 1));
    p->film_g_m2[0] = film_at_die(p, o);
  }
}

static void gauge(plant *p, double dt_s) {
  p->gauge_s -= dt_s;
  if (p->gauge_s > 0)
    return;
  p->gauge_s += GAUGE_PERIOD_S;
  double film = p->film_g_m2[CELLS - 1];
  p->seen_g_m2 = film > 0 ? fmax(film + GAUGE_NOISE_G_M2 * normal(p), 0) : 0;
}

void plant_step(plant *p, const orders *o, double dt_s) {
  drive(p, o, dt_s);
  carry(p, o, dt_s);
  gauge(p, dt_s);
  dry(p, o, dt_s * p->thermal_lapse);
}
