// Word types of devices: which numbers a type can hold.
#ifndef LW_IO_WORD_H
#define LW_IO_WORD_H

#include "base/err.h" // LW_TYPE_*

// Bits of a number of that type: 1, 16, 32 or 64; 0 for text.
int lw_word_bits(int type);
const char *lw_word_name(int type); // "u16"; NULL if unknown

// Smallest and largest number that the type carries without loss (64-bit
// integers: 2^53, what a double counts exactly; floats: all finite).
void lw_word_range(int type, double *lo, double *hi);

// x rounded to a number of the type, halves away from zero, stopped at the
// ends. NaN stays NaN.
double lw_word_round(int type, double x);

#endif
