#include "plc.h"

#include <stdarg.h> // va_list

#define M_PER_FT 0.3048

void plc_note(plc *p, int64_t now_ns, const char *format, ...) {
  if (!p->ledger)
    return;
  fprintf(p->ledger, "%.6f ", (double)now_ns * 1e-9);
  va_list ap;
  va_start(ap, format);
  vfprintf(p->ledger, format, ap);
  va_end(ap);
  fputc('\n', p->ledger);
  fflush(p->ledger); // the PLC may be killed at any time
}

void plc_init(plc *p, double thermal_lapse, uint64_t seed, int64_t now_ns) {
  *p = (plc){.start_ns = now_ns, .cycle_ns = now_ns};
  plant_init(&p->plant, thermal_lapse, seed);
  for (int i = 0; i < ZONES; i++)
    registers_set(&p->memory, REG_ZONE1_SP + i, 25);
  registers_set(&p->memory, REG_RUNNING, 1);
  plc_cycle(p, now_ns);
}

// The registers are dropped too, so that a host reads back the truth and the
// outputs stay off until it asks for them anew.
static void drop_outputs(plc *p, int64_t now_ns) {
  p->is_dropped = 1;
  registers_set(&p->memory, REG_WEB_SP, 0);
  registers_set(&p->memory, REG_PUMP_SP, 0);
  registers_set(&p->memory, REG_LIPS, 0);
  for (int i = 0; i < ZONES; i++)
    registers_set(&p->memory, REG_ZONE1_SP + i, 25);
  plc_note(p, now_ns, "drop host silent for %.3f s",
           (double)(now_ns - p->beat_ns) * 1e-9);
}

static void watch_host(plc *p, int64_t now_ns) {
  if (p->is_watched && !p->is_dropped &&
      now_ns - p->beat_ns > (int64_t)(DEAD_MAN_S * 1e9))
    drop_outputs(p, now_ns);
  registers_set(&p->memory, REG_DROPPED, p->is_dropped);
}

void plc_write(plc *p, int reg, int count, int64_t now_ns) {
  int before = registers_value(&p->memory, reg);
  if (reg == REG_DEAD_MAN) {
    if (count == before)
      return;
    if (p->is_dropped)
      plc_note(p, now_ns, "arm");
    p->is_watched = 1;
    p->is_dropped = 0;
    p->beat_ns = now_ns;
    return; // a beat four times a second is no news for the ledger
  }
  if (count != before)
    plc_note(p, now_ns, "write %05d %d %d", registers_number(reg), before,
             count);
}

static orders read_orders(const plc *p) {
  const registers *m = &p->memory;
  orders o = {.heaters = 0};
  for (int i = 0; i < ZONES; i++)
    o.zone_degc[i] = registers_get(m, REG_ZONE1_SP + i);
  if (p->is_dropped)
    return o;
  o.heaters = 1;
  o.web_m_min = registers_get(m, REG_WEB_SP) * M_PER_FT;
  o.pump_rpm = registers_get(m, REG_PUMP_SP);
  o.lips = registers_get(m, REG_LIPS) != 0;
  return o;
}

static void show_inputs(plc *p, int64_t now_ns) {
  registers *m = &p->memory;
  const plant *x = &p->plant;
  registers_set(m, REG_WEB_PV, x->web_m_min / M_PER_FT);
  registers_set(m, REG_PUMP_PV, x->pump_rpm);
  registers_set(m, REG_GAUGE_PV, x->seen_g_m2 * 0.1); // 10 g/m2 = 1 mg/cm2
  for (int i = 0; i < ZONES; i++)
    registers_set(m, REG_ZONE1_PV + i, x->seen_degc[i]);
  registers_set(m, REG_UPTIME,
                (double)((now_ns - p->start_ns) / 1000000000 % 32768));
}

void plc_cycle(plc *p, int64_t now_ns) {
  watch_host(p, now_ns);
  orders o = read_orders(p);
  plant_step(&p->plant, &o, (double)(now_ns - p->cycle_ns) * 1e-9);
  p->cycle_ns = now_ns;
  show_inputs(p, now_ns);
  int is_coating = p->plant.web_m_min > 0.05 && p->plant.pump_rpm > 1;
  if (is_coating != p->is_coating)
    plc_note(p, now_ns, is_coating ? "coating on" : "coating off");
  p->is_coating = is_coating;
}
