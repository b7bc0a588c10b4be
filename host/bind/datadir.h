// Where Linewright's own Lua files, contracts and examples lie.
#ifndef LW_BIND_DATADIR_H
#define LW_BIND_DATADIR_H

#include <stddef.h> // size_t

#include "base/err.h" // lw_err

#define LW_DATADIR_N 1024

// Find the data directory, from the program's or the library's own place
// (PREFIX/bin or PREFIX/lib beside PREFIX/share/linewright), else the source
// tree it was built from. Filled into buf [n], no slash at its end.
// Returns 0, or LW_E_NOTFOUND naming the places looked at.
int lw_datadir(char *buf, size_t n, lw_err *e);

#endif
