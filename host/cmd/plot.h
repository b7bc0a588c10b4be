// A plot in a terminal: dots in characters, two by four each (Unicode braille),
// or one star each where the terminal is not UTF-8.
#ifndef LW_CMD_PLOT_H
#define LW_CMD_PLOT_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

typedef struct lw_plot {
  int columns, rows; // characters
  int is_ascii;
  uint8_t *cells; // [rows * columns] of braille dots
  double lo, hi;  // values at the lowest and the highest dot
} lw_plot;

// Dots across a plot, and from bottom to top.
static inline int lw_plot_dots_x(const lw_plot *p) {
  return p->is_ascii ? p->columns : 2 * p->columns;
}

static inline int lw_plot_dots_y(const lw_plot *p) {
  return p->is_ascii ? p->rows : 4 * p->rows;
}

// An empty plot of values from lo to hi; a span of nothing is widened so that
// the line lies in the middle. Returns 0 or LW_E_NOMEM.
int lw_plot_init(lw_plot *p, int columns, int rows, int is_ascii, double lo,
                 double hi);
void lw_plot_fini(lw_plot *p);

// Set the dots of column x (0 = left) from value a to value b, in any order.
void lw_plot_bar(lw_plot *p, int x, double a, double b);
// Text of a row (0 = top) into out [4 * columns + 1], trailing blanks cut.
char *lw_plot_row(const lw_plot *p, int row, char *out);

#endif
