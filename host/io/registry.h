// The kinds of drivers that `driver "kind" {}` may name. lw_io_find and
// lw_io_kind (io/io.h) read it, lw_driver_register (linewright.h) adds to it.
#ifndef LW_IO_REGISTRY_H
#define LW_IO_REGISTRY_H

#include "base/err.h" // lw_err, lw_driver_ops

// Most kinds that embedders may add beside the built-in ones.
#define LW_IO_ADDED_MAX 32

// Value of an option by name, or NULL when it was not given.
const char *lw_option_text(const lw_option *o, size_t n, const char *name);
// The same as a number; `otherwise` when absent. Options are checked before.
double lw_option_number(const lw_option *o, size_t n, const char *name,
                        double otherwise);

// Check options against what a kind declares: unknown names, missing required
// ones, text that is no number. LW_E_SYNTAX names the option, the value and
// what would be right; `driver` opens the message.
int lw_option_check(const lw_driver_ops *ops, const char *driver,
                    const lw_option *o, size_t n, lw_err *e);

#endif
