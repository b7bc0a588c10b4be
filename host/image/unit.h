// Unit conversion at the boundary, by UDUNITS-2 spelling ("degC", "m/min").
#ifndef LW_IMAGE_UNIT_H
#define LW_IMAGE_UNIT_H

#include <stddef.h> // size_t

#include "base/err.h" // lw_err

typedef struct lw_units lw_units; // the unit system, loaded once per user

// Load the system's unit database. LW_E_NOTFOUND when it is not installed.
int lw_units_open(lw_units **u, lw_err *e);
void lw_units_close(lw_units *u);

// Factors such that to = from * gain + bias. LW_E_UNIT with a message in the
// words of DSL.md section 6 when a unit is unknown (the nearest known spelling
// offered) or the dimensions differ (both named).
int lw_units_convert(lw_units *u, const char *from, const char *to,
                     double *gain, double *bias, lw_err *e);

// Name of a unit's dimension in plain words ("temperature", "speed"), or its
// base units ("m-4.kg") where no word is common; filled into buf [n].
int lw_units_dimension(lw_units *u, const char *unit, char *buf, size_t n,
                       lw_err *e);

// Version of the UDUNITS-2 that the program was built with; "2" where its
// package does not say more.
const char *lw_unit_library(void);

#endif
