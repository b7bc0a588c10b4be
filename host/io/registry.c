#include "io/registry.h"

#include <math.h>      // isfinite
#include <stdatomic.h> // _Atomic
#include <stdlib.h>    // strtod
#include <string.h>    // strcmp

#include "io/camera.h"     // lw_camera_ops
#include "io/io.h"         // lw_io_find, lw_io_kind
#include "io/modbus.h"     // lw_modbus_tcp_ops, lw_modbus_rtu_ops
#include "io/native.h"     // lw_native_ops
#include "io/pictures.h"   // lw_pictures_ops
#include "io/replay.h"     // lw_replay_ops
#include "io/sim_driver.h" // lw_sim_ops

static const lw_driver_ops *const built_in[] = {
    &lw_sim_ops,    &lw_replay_ops,   &lw_modbus_tcp_ops, &lw_modbus_rtu_ops,
    &lw_native_ops, &lw_pictures_ops, &lw_camera_ops};
enum { BUILT_IN_N = sizeof built_in / sizeof built_in[0] };

// The one table of the whole process: lw_driver_register has no handle to hang
// it on, since a kind must be known before the first line exists. Slots are
// claimed in order and never freed, so readers need no lock.
static _Atomic(const lw_driver_ops *) added[LW_IO_ADDED_MAX];

const lw_driver_ops *lw_io_kind(uint32_t i) {
  if (i < BUILT_IN_N)
    return built_in[i];
  i -= BUILT_IN_N;
  return i < LW_IO_ADDED_MAX ? atomic_load(&added[i]) : NULL;
}

const lw_driver_ops *lw_io_find(const char *kind) {
  const lw_driver_ops *ops;
  for (uint32_t i = 0; (ops = lw_io_kind(i)); i++)
    if (!strcmp(ops->kind, kind))
      return ops;
  return NULL;
}

int lw_driver_register(const lw_driver_ops *ops) {
  if (!ops || !ops->kind || !*ops->kind || !ops->init || !ops->open ||
      !ops->read || !ops->close)
    return LW_E_RANGE;
  for (uint32_t i = 0; i < LW_IO_ADDED_MAX; i++) {
    if (lw_io_find(ops->kind))
      return LW_E_EXISTS;
    const lw_driver_ops *empty = NULL;
    if (atomic_compare_exchange_strong(&added[i], &empty, ops))
      return 0;
  }
  return LW_E_FULL;
}

const char *lw_option_text(const lw_option *o, size_t n, const char *name) {
  for (size_t i = 0; i < n; i++)
    if (!strcmp(o[i].name, name))
      return o[i].value;
  return NULL;
}

double lw_option_number(const lw_option *o, size_t n, const char *name,
                        double otherwise) {
  const char *text = lw_option_text(o, n, name);
  return text ? strtod(text, NULL) : otherwise;
}

static int is_number(const char *text) {
  char *end;
  double x = strtod(text, &end);
  return end != text && !*end && isfinite(x);
}

static int check_value(const lw_option_spec *spec, const char *driver,
                       const char *value, lw_err *e) {
  const char *wanted = NULL;
  if (spec->kind == 'n' && !is_number(value))
    wanted = "a number";
  if (spec->kind == 'd' && (!is_number(value) || strtod(value, NULL) < 0))
    wanted = "a duration, e.g. \"300 ms\"";
  if (spec->kind == 'b' && strcmp(value, "true") && strcmp(value, "false"))
    wanted = "true or false";
  if ((spec->kind == 's' || spec->kind == 'f') && !*value)
    wanted = "a text";
  if (!wanted)
    return 0;
  return lw_err_set(e, LW_E_SYNTAX, "%s: option %s = '%s' should be %s", driver,
                    spec->name, value, wanted);
}

static const lw_option_spec *find_spec(const lw_driver_ops *ops,
                                       const char *name) {
  for (const lw_option_spec *s = ops->options; s && s->name; s++)
    if (!strcmp(s->name, name))
      return s;
  return NULL;
}

int lw_option_check(const lw_driver_ops *ops, const char *driver,
                    const lw_option *o, size_t n, lw_err *e) {
  for (size_t i = 0; i < n; i++) {
    const lw_option_spec *spec = find_spec(ops, o[i].name);
    if (!spec)
      return lw_err_set(e, LW_E_SYNTAX, "%s: driver '%s' has no option '%s'",
                        driver, ops->kind, o[i].name);
    int rc = check_value(spec, driver, o[i].value, e);
    if (rc < 0)
      return rc;
  }
  for (const lw_option_spec *s = ops->options; s && s->name; s++)
    if (s->required && !lw_option_text(o, n, s->name))
      return lw_err_set(e, LW_E_SYNTAX,
                        "%s: driver '%s' needs option '%s' (%s)", driver,
                        ops->kind, s->name, s->help);
  return 0;
}
