// Pixels as DEC sixel graphics, for terminals that show them.
//
// Source: DEC STD 070, chapter 9, "Sixel Graphics Extension".
#ifndef LW_BIND_SIXEL_H
#define LW_BIND_SIXEL_H

#include <stddef.h> // size_t
#include <stdint.h> // uint32_t

// Encode pixels 0x00RRGGBB [height x stride], rounded to a cube of 216 colours.
//   fn  takes the text in pieces; non-zero ends the work
// Returns 0, or LW_E_NOMEM when fn refused or memory is out.
int lw_sixel(const uint32_t *pixels, int width, int height, int stride,
             int (*fn)(void *arg, const void *bytes, size_t n), void *arg);

#endif
