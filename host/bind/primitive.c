#include "bind/primitive.h"

#include <ctype.h>     // isalnum
#include <stdatomic.h> // _Atomic
#include <stdlib.h>    // malloc
#include <string.h>    // strcmp

#define ADDED_MAX 64

// The one table of the whole process, as for drivers: a primitive must be known
// before the first run exists. Slots are claimed in order and never freed, so
// readers need no lock.
static _Atomic(const lw_primitive_row *) added[ADDED_MAX];

const lw_primitive_row *lw_primitive_at(size_t i) {
  return i < ADDED_MAX ? atomic_load(&added[i]) : NULL;
}

static int is_name(const char *s) {
  if (!s || !(isalpha((unsigned char)*s) || *s == '_'))
    return 0;
  for (; *s; s++)
    if (!isalnum((unsigned char)*s) && *s != '_')
      return 0;
  return 1;
}

int lw_primitive_register(const char *name, lw_primitive fn, void *arg) {
  if (!is_name(name) || !fn)
    return LW_E_RANGE;
  lw_primitive_row *row = malloc(sizeof *row);
  if (!row)
    return LW_E_NOMEM;
  *row = (lw_primitive_row){name, fn, arg};
  for (size_t i = 0; i < ADDED_MAX; i++) {
    const lw_primitive_row *taken = NULL;
    if (atomic_compare_exchange_strong(&added[i], &taken, row))
      return 0;
    if (strcmp(taken->name, name) == 0) {
      free(row);
      return LW_E_EXISTS;
    }
  }
  free(row);
  return LW_E_FULL;
}
