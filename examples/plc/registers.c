#include "registers.h"

#include <math.h> // lround

typedef struct row {
  int number;
  const char *name, *unit;
  int counts; // per unit
  int lo, hi;
  const char *text;
} row;

static const row rows[REG_N] = {
#define REGISTER_ROW(number, name, unit, counts, lo, hi, text)                 \
  {number, #name, unit, counts, lo, hi, text},
    REGISTER_LIST(REGISTER_ROW)
#undef REGISTER_ROW
};

static char table_of(int number) {
  return (char)('0' + number / 10000);
}

int registers_number(int reg) {
  return rows[reg].number;
}

int registers_value(const registers *m, int reg) {
  int at = rows[reg].number % 10000 - 1;
  switch (table_of(rows[reg].number)) {
  case '0':
    return m->coils[at];
  case '1':
    return m->inputs[at];
  case '3':
    return (int16_t)m->input_registers[at];
  default:
    return m->holding[at];
  }
}

double registers_get(const registers *m, int reg) {
  return (double)registers_value(m, reg) / rows[reg].counts;
}

void registers_set(registers *m, int reg, double value) {
  int at = rows[reg].number % 10000 - 1;
  double counts = value * rows[reg].counts;
  counts = counts < -32768 ? -32768 : counts > 32767 ? 32767 : counts;
  uint16_t word = (uint16_t)lround(counts);
  switch (table_of(rows[reg].number)) {
  case '0':
    m->coils[at] = word != 0;
    return;
  case '1':
    m->inputs[at] = word != 0;
    return;
  case '3':
    m->input_registers[at] = word;
    return;
  default:
    m->holding[at] = word;
  }
}

int registers_find(char table, int address) {
  for (int i = 0; i < REG_N; i++)
    if (table_of(rows[i].number) == table &&
        rows[i].number % 10000 - 1 == address)
      return i;
  return -1;
}

int registers_takes(int reg, int count) {
  return count >= rows[reg].lo && count <= rows[reg].hi;
}

void registers_print(FILE *f) {
  fprintf(f, "%-7s%-10s%-8s%-7s%-12s%s\n", "number", "name", "unit", "scale",
          "writable", "description");
  for (int i = 0; i < REG_N; i++) {
    const row *r = &rows[i];
    char range[32] = "no";
    if (r->hi > r->lo)
      snprintf(range, sizeof range, "%d..%d", r->lo, r->hi);
    fprintf(f, "%05d  %-10s%-8s%-7g%-12s%s\n", r->number, r->name, r->unit,
            1.0 / r->counts, range, r->text);
  }
}
