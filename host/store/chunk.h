// The historian's codec: up to 2,048 samples of one tag in two blobs, one for
// the times and one for values and qualities. Everything comes back bit for
// bit: -0.0, infinities, denormals and the payload of a NaN too.
//
// Values are tried as decimal numbers (whole multiples of 10^-k, as sensors and
// PLCs send them), as such rounded to float, as float, and as double; plain or
// as differences; the shortest wins. Integers travel as byte planes (planes.h).
#ifndef LW_STORE_CHUNK_H
#define LW_STORE_CHUNK_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "store/planes.h" // LW_PLANES_N

#define LW_CHUNK_N LW_PLANES_N
// Bytes of one blob at most.
#define LW_CHUNK_MAX 40960u

typedef struct lw_chunk {
  size_t n;
  int64_t t_ns[LW_CHUNK_N]; // UTC since 1970
  double value[LW_CHUNK_N];
  uint8_t quality[LW_CHUNK_N]; // LW_BAD, LW_UNCERTAIN, LW_GOOD
} lw_chunk;

typedef struct lw_coder lw_coder; // scratch memory, reused
lw_coder *lw_coder_new(void);     // NULL when out of memory
void lw_coder_free(lw_coder *c);

// Encode n (1 to LW_CHUNK_N) times, or values with qualities, into out
// [LW_CHUNK_MAX]; returns the length.
size_t lw_chunk_write_times(lw_coder *c, const int64_t *t_ns, size_t n,
                            uint8_t *out);
size_t lw_chunk_write_values(lw_coder *c, const double *value,
                             const uint8_t *quality, size_t n, uint8_t *out);

// Decode a blob of `size` bytes into [LW_CHUNK_N] places. Returns the number of
// samples, or LW_E_CORRUPT: any bytes may be given.
int lw_chunk_read_times(lw_coder *c, const uint8_t *in, size_t size,
                        int64_t *t_ns);
int lw_chunk_read_values(lw_coder *c, const uint8_t *in, size_t size,
                         double *value, uint8_t *quality);

#endif
