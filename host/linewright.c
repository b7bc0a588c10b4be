// The public API's glue: everything here hands on to a room below.
#include "linewright.h"

const char *lw_version(void) {
  return LW_VERSION;
}
