#include "cmd/plot.h"

#include <math.h>   // fabs, floor
#include <stdlib.h> // calloc

#include "base/err.h" // LW_E_NOMEM

int lw_plot_init(lw_plot *p, int columns, int rows, int is_ascii, double lo,
                 double hi) {
  *p = (lw_plot){.columns = columns,
                 .rows = rows,
                 .is_ascii = is_ascii,
                 .cells = calloc((size_t)(columns * rows), 1),
                 .lo = lo,
                 .hi = hi};
  if (!(hi - lo > 1e-12 * (fabs(hi) + fabs(lo)))) {
    double half = lo != 0 ? 0.05 * fabs(lo) : 0.5;
    p->lo = lo - half;
    p->hi = hi + half;
  }
  return p->cells ? 0 : LW_E_NOMEM;
}

void lw_plot_fini(lw_plot *p) {
  free(p->cells);
  p->cells = NULL;
}

// Dot of a value, counted from the bottom, always inside.
static int dot_of(const lw_plot *p, double value) {
  int top = lw_plot_dots_y(p) - 1;
  double at = (value - p->lo) / (p->hi - p->lo) * top;
  return at >= top ? top : at > 0 ? (int)floor(at + 0.5) : 0;
}

static void set_dot(lw_plot *p, int x, int y) {
  // Which bit a dot of a braille character is: [from the bottom][from the
  // left].
  static const uint8_t bits[4][2] = {
      {0x40, 0x80}, {0x04, 0x20}, {0x02, 0x10}, {0x01, 0x08}};
  int wide = p->is_ascii ? 1 : 2, high = p->is_ascii ? 1 : 4;
  int row = p->rows - 1 - y / high, column = x / wide;
  p->cells[row * p->columns + column] |= bits[y % high][x % wide];
}

void lw_plot_bar(lw_plot *p, int x, double a, double b) {
  if (isnan(a) || isnan(b) || x < 0 || x >= lw_plot_dots_x(p))
    return;
  int from = dot_of(p, a < b ? a : b), to = dot_of(p, a < b ? b : a);
  for (int y = from; y <= to; y++)
    set_dot(p, x, y);
}

char *lw_plot_row(const lw_plot *p, int row, char *out) {
  const uint8_t *cells = p->cells + row * p->columns;
  int last = p->columns;
  char *at = out;
  while (last > 0 && !cells[last - 1])
    last--;
  for (int i = 0; i < last; i++) {
    if (!cells[i] || p->is_ascii) {
      *at++ = cells[i] ? '*' : ' ';
      continue;
    }
    // U+2800 and the dots, in UTF-8.
    *at++ = (char)0xe2;
    *at++ = (char)(0xa0 | cells[i] >> 6);
    *at++ = (char)(0x80 | (cells[i] & 0x3f));
  }
  *at = '\0';
  return out;
}
