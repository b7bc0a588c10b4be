// A look at a running line from another process: its image mapped read-only,
// its plan for the names. It costs the line nothing and cannot change it.
#ifndef LW_WORKER_GLASS_H
#define LW_WORKER_GLASS_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

#include "image/image.h" // lw_image
#include "image/plan.h"  // lw_plan

typedef struct lw_glass lw_glass;

// Map the image behind image_fd, which is taken, with the line's encoded plan.
// LW_E_CORRUPT when the two do not belong together.
int lw_glass_open(lw_glass **g, int image_fd, const uint8_t *plan, size_t n,
                  lw_err *e);
// The same of the host that listens at socket (cmd/door.h). LW_E_NOTFOUND when
// none does, LW_E_TIMEOUT, LW_E_UNSUPPORTED when it hands nothing over.
int lw_glass_attach(lw_glass **g, const char *socket, lw_err *e);
void lw_glass_close(lw_glass *g); // NULL is fine

const lw_plan *lw_glass_plan(const lw_glass *g);
const lw_image *lw_glass_image(const lw_glass *g);
// Newest reading of tag (0-based); bad when older than its max_age.
void lw_glass_read(const lw_glass *g, uint32_t tag, lw_reading *out);
// The same of a text tag; returns 0 when it is a number.
int lw_glass_text(const lw_glass *g, uint32_t tag, lw_text *out);
int64_t lw_glass_now_ns(const lw_glass *g); // clock of the readings

#endif
