#include "base/grow.h"

#include <stdint.h> // SIZE_MAX
#include <stdlib.h> // realloc
#include <string.h> // memcpy

#include "base/err.h" // LW_E_NOMEM

#define LEAST 16 // items of the first block

int lw_grow(void *array, size_t *room, size_t need, size_t size) {
  if (need <= *room)
    return 0;
  size_t most = SIZE_MAX / size;
  size_t wish = *room < most / 2 ? 2 * *room : most;
  if (wish < LEAST)
    wish = LEAST;
  if (wish < need)
    wish = need;
  if (wish > most)
    return LW_E_NOMEM;
  void *at; // by memcpy: the owner's pointer is of another type than void *
  memcpy(&at, array, sizeof at);
  at = realloc(at, wish * size);
  if (!at)
    return LW_E_NOMEM;
  memcpy(array, &at, sizeof at);
  *room = wish;
  return 0;
}
