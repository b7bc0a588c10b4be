// Memory that runs out on demand, for a whole program: malloc and its like
// refuse the k-th request from arming on, or all from the k-th on. Who asked is
// told by the library that the call came from.
//
// Where a sanitizer has malloc for itself, only what is linked into the program
// can be refused (LINKER:--wrap), and SQLite, which lets its allocator be set.
#ifndef LW_TESTS_SCARCE_H
#define LW_TESTS_SCARCE_H

#include <stddef.h> // size_t

enum {
  // With libuv, whose allocator is ours (loop/reserve.h), and PUC Lua, which
  // asks by bind/alloc.h.
  SCARCE_OURS,
  SCARCE_SQLITE,
  SCARCE_PCRE2,
  SCARCE_OTHER, // the C library, libmodbus, zstd, ...
  SCARCE_OWNERS
};

extern const char *const scarce_names[SCARCE_OWNERS];

// Learn where the libraries lie; before SQLite is used.
void scarce_init(void);

// Count requests from here on. The at-th is refused, and with is_for_ever all
// that follow it; at = 0: none. Owners from owner_n on are neither counted nor
// refused.
void scarce_arm(size_t at, int is_for_ever, int owner_n);
// Refuse no more; returns how many were asked for since scarce_arm.
size_t scarce_disarm(void);

// Requests of one owner that were refused since scarce_arm.
size_t scarce_refused(int owner);

// Blocks that are held now by all but SCARCE_OTHER, some of whom keep blocks
// for good; 0 where a sanitizer looks for leaks.
long scarce_live(void);

#endif
