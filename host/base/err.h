// Error codes of the whole library, and the error that a person must repair.
//
// Functions return 0 or a positive number on success and a negative LW_E_* on
// failure. Where a person has to mend something (a file, a profile, a network)
// the last parameter is an lw_err, which may be NULL.
#ifndef LW_BASE_ERR_H
#define LW_BASE_ERR_H

#include "linewright.h" // lw_err, LW_E_*

#if defined(__GNUC__)
#define LW_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define LW_PRINTF(f, a)
#endif

// Fill *e (may be NULL) with code and a formatted text, cut at its end.
// Returns code, so that `return lw_err_set(e, LW_E_IO, ...)` reads as one act.
int lw_err_set(lw_err *e, int code, const char *fmt, ...) LW_PRINTF(3, 4);

// The fixed lower-case sentence of a code, e.g. "value out of range"; never
// NULL.
const char *lw_err_text(int code);

// The code's word, e.g. "E-RANGE"; never NULL.
const char *lw_err_name(int code);

#endif
