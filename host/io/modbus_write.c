#include "io/modbus_write.h"

#include <errno.h> // errno
#include <stdio.h> // snprintf

#include "io/word.h" // lw_word_name

// Neighbouring values on their way into one request.
typedef struct run {
  const lw_modbus_point *p; // the first of them
  int n;                    // words or bits gathered so far
  uint16_t words[LW_MODBUS_WRITE_REGISTERS_MAX];
  uint8_t bits[LW_MODBUS_WRITE_BITS_MAX];
} run;

static int send_run(modbus_t *bus, const run *r, int style) {
  int first = r->p->at.first, is_bits = lw_modbus_is_bits(r->p->at.table);
  if (r->n == 1 && style != LW_MODBUS_MULTIPLE)
    return is_bits ? modbus_write_bit(bus, first, r->bits[0])
                   : modbus_write_register(bus, first, r->words[0]);
  return is_bits ? modbus_write_bits(bus, first, r->n, r->bits)
                 : modbus_write_registers(bus, first, r->n, r->words);
}

// Returns 0, LW_E_PROTO when the device refused, or another code when it is
// lost.
static int flush_run(const lw_modbus_writer *w, run *r, lw_err *e) {
  if (!r->n)
    return 0;
  lw_modbus_take(w->bus, w->is_serial);
  int rc = send_run(w->bus, r, w->style);
  lw_modbus_give(w->bus, w->is_serial);
  r->n = 0;
  if (rc >= 0)
    return 0;
  return lw_err_set(e, lw_modbus_code(errno), "writing %s: %s", r->p->text,
                    modbus_strerror(errno));
}

static int joins(const run *r, const lw_modbus_point *p, int style) {
  int is_bits = lw_modbus_is_bits(p->at.table);
  int max = is_bits ? LW_MODBUS_WRITE_BITS_MAX : LW_MODBUS_WRITE_REGISTERS_MAX;
  return r->n && style != LW_MODBUS_SINGLE && p->at.table == r->p->at.table &&
         p->at.first == r->p->at.first + r->n && r->n + p->at.n <= max;
}

// Append one value; LW_E_PROTO when its type cannot carry it.
static int append(run *r, const lw_modbus_point *p, double raw, lw_err *e) {
  uint16_t words[4];
  if (lw_modbus_encode(raw, p->type, p->word_order, words) < 0)
    return lw_err_set(e, LW_E_PROTO, "writing %s: %.14g does not fit a %s",
                      p->text, raw, lw_word_name(p->type));
  if (!r->n)
    r->p = p;
  if (lw_modbus_is_bits(p->at.table))
    r->bits[r->n] = (uint8_t)words[0];
  for (int i = 0; !lw_modbus_is_bits(p->at.table) && i < p->at.n; i++)
    r->words[r->n + i] = words[i];
  r->n += p->at.n;
  return 0;
}

// Values arrive in the plan's order, where neighbours on the device are mostly
// neighbours too: only those are gathered, so nothing is written out of turn.
int lw_modbus_write(const lw_modbus_writer *w, const uint32_t *which,
                    const double *raw, size_t n, lw_err *e) {
  run r = {.n = 0};
  int worst = 0;
  for (size_t i = 0; i <= n; i++) {
    const lw_modbus_point *p = i < n ? &w->points[which[i]] : NULL;
    int rc = 0;
    if (!p || !joins(&r, p, w->style))
      rc = flush_run(w, &r, e);
    if (rc < 0 && rc != LW_E_PROTO)
      return rc;
    worst = rc < 0 ? rc : worst;
    if (p && (rc = append(&r, p, raw[i], e)) < 0)
      worst = rc;
  }
  return worst;
}
