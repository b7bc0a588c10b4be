// "Did you mean": the nearest spelling that the unit library knows.
#ifndef LW_IMAGE_UNIT_SUGGEST_H
#define LW_IMAGE_UNIT_SUGGEST_H

#include <stddef.h> // size_t

// Find a spelling close to `unit`, which is unknown, e.g. "m/minut" ->
// "m/minute": the first part that is unknown by itself is replaced by the
// common unit nearest to it (at most two edits), else by any unit one edit
// away.
//   known  says whether a unit string is valid; called some hundred times
//   buf    filled with the whole corrected string, [n]
// Returns 0, or LW_E_NOTFOUND when nothing is near enough.
int lw_unit_suggest(const char *unit, int (*known)(void *arg, const char *unit),
                    void *arg, char *buf, size_t n);

#endif
