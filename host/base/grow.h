// Arrays that grow as they fill.
#ifndef LW_BASE_GROW_H
#define LW_BASE_GROW_H

#include <stddef.h> // size_t

// Make sure that the array whose pointer is kept at `array` (T *items: pass
// &items) has room for `need` items of `size` bytes. *room counts its items now
// and is at least doubled when the array has to move, so that adding one by one
// costs the same for each on average. What is new is not set. Returns 0, or
// LW_E_NOMEM with array and room as they were.
int lw_grow(void *array, size_t *room, size_t need, size_t size);

#endif
