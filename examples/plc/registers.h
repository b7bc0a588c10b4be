// The PLC's register list, as its vendor would print it, and its memory.
#ifndef PLC_REGISTERS_H
#define PLC_REGISTERS_H

#include <stdint.h> // uint16_t
#include <stdio.h>  // FILE

#define ZONES 7
#define TABLE_SIZE 1000 // highest address of each table

// X(Modicon number, name, unit, counts per unit, lowest and highest count that
//   may be written, description). Numbers with seven rows are the dryer's
//   zones.
#define REGISTER_LIST(X)                                                       \
  X(40011, WEB_SP, "ft/min", 10, 0, 1250, "web drive, speed set-point")        \
  X(40021, PUMP_SP, "rpm", 10, 0, 3300, "slurry pump, speed set-point")        \
  X(40101, ZONE1_SP, "degC", 10, 0, 1800, "dryer zone 1, set-point")           \
  X(40102, ZONE2_SP, "degC", 10, 0, 1800, "dryer zone 2, set-point")           \
  X(40103, ZONE3_SP, "degC", 10, 0, 1800, "dryer zone 3, set-point")           \
  X(40104, ZONE4_SP, "degC", 10, 0, 1800, "dryer zone 4, set-point")           \
  X(40105, ZONE5_SP, "degC", 10, 0, 1800, "dryer zone 5, set-point")           \
  X(40106, ZONE6_SP, "degC", 10, 0, 1800, "dryer zone 6, set-point")           \
  X(40107, ZONE7_SP, "degC", 10, 0, 1800, "dryer zone 7, set-point")           \
  X(40900, DEAD_MAN, "", 1, 0, 65535, "host's sign of life, any change")       \
  X(17, LIPS, "", 1, 0, 1, "lip purge valve")                                  \
  X(10001, RUNNING, "", 1, 0, 0, "PLC in run")                                 \
  X(10002, DROPPED, "", 1, 0, 0, "dead-man has dropped the outputs")           \
  X(30011, WEB_PV, "ft/min", 10, 0, 0, "web drive, true speed")                \
  X(30021, PUMP_PV, "rpm", 10, 0, 0, "slurry pump, true speed")                \
  X(30101, ZONE1_PV, "degC", 10, 0, 0, "dryer zone 1, temperature")            \
  X(30102, ZONE2_PV, "degC", 10, 0, 0, "dryer zone 2, temperature")            \
  X(30103, ZONE3_PV, "degC", 10, 0, 0, "dryer zone 3, temperature")            \
  X(30104, ZONE4_PV, "degC", 10, 0, 0, "dryer zone 4, temperature")            \
  X(30105, ZONE5_PV, "degC", 10, 0, 0, "dryer zone 5, temperature")            \
  X(30106, ZONE6_PV, "degC", 10, 0, 0, "dryer zone 6, temperature")            \
  X(30107, ZONE7_PV, "degC", 10, 0, 0, "dryer zone 7, temperature")            \
  X(30201, GAUGE_PV, "mg/cm2", 100, 0, 0, "areal mass at 11 m, dry")           \
  X(30901, UPTIME, "s", 1, 0, 0, "seconds since power-up, low word")
enum {
#define REGISTER_ENUM(number, name, unit, counts, lo, hi, text) REG_##name,
  REGISTER_LIST(REGISTER_ENUM)
#undef REGISTER_ENUM
      REG_N
};

// The memory as libmodbus wants it; index = address counted from 0.
typedef struct registers {
  uint8_t coils[TABLE_SIZE], inputs[TABLE_SIZE];
  uint16_t input_registers[TABLE_SIZE], holding[TABLE_SIZE];
} registers;

// A register in its unit ("98.4" ft/min, not 984 counts).
double registers_get(const registers *m, int reg);
void registers_set(registers *m, int reg, double value); // stops at the word

int registers_number(int reg);                    // 40011
int registers_value(const registers *m, int reg); // counts
// Register at an address of a Modicon table ('0', '1', '3', '4'), -1 if the
// vendor lists none there.
int registers_find(char table, int address);
// 1 if that count may be written.
int registers_takes(int reg, int count);

void registers_print(FILE *f); // the list as text

#endif
