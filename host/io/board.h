// The board between scan and drivers: newest device numbers of every tag on
// their way in, newest outputs on their way out, texts. Neither side ever waits
// for the other.
#ifndef LW_IO_BOARD_H
#define LW_IO_BOARD_H

#include "image/image.h" // lw_reading

// A reading, or a short text, from one writer to many readers: two halves, of
// which the writer fills the one that nobody is sent to. Unlike behind a plain
// sequence lock, a reader never waits for a writer: the scan may run at
// real-time priority and preempt a driver in the middle of its write.
typedef struct lw_cell {
  _Atomic uint32_t turn; // writes done; half[turn & 1] is the newest
  struct {
    _Atomic uint32_t quality;
    _Atomic uint64_t value; // bits of a double
    _Atomic int64_t t_ns;
  } half[2];
} lw_cell;

void lw_cell_write(lw_cell *c, const lw_reading *r);
void lw_cell_read(const lw_cell *c, lw_reading *r);

#define LW_NOTE_WORDS 25
typedef struct lw_note {
  _Atomic uint32_t turn;
  _Atomic uint64_t half[2][LW_NOTE_WORDS];
} lw_note;

// Write the first LW_NOTE_WORDS * 8 - 1 bytes of text.
void lw_note_write(lw_note *n, const char *text);
// Copy the text into buf [size], NUL-terminated.
void lw_note_read(const lw_note *n, char *buf, size_t size);

// An output: `wanted` counts hand-overs by the scan, `done` is the newest of
// them that has reached the device, `step` the newest that is a ramp's.
typedef struct lw_output {
  _Atomic uint64_t value; // bits of a double
  _Atomic uint32_t wanted;
  _Atomic uint32_t done;
  _Atomic uint32_t step;
} lw_output;

//   is_step  1: on the way of a ramp, from what the device was told before
void lw_output_put(lw_output *o, double value, int is_step);
// The newest value and its count; returns 1 when it is not done yet.
int lw_output_get(const lw_output *o, double *value, uint32_t *count);
void lw_output_done(lw_output *o, uint32_t count);
void lw_output_owe(lw_output *o); // the newest is not done after all
int lw_output_is_step(const lw_output *o, uint32_t count);

typedef struct lw_board {
  uint32_t tag_n;
  lw_cell *raw;    // [tag_n]
  lw_output *out;  // [tag_n]
  lw_note **texts; // [tag_n], NULL but for text tags
} lw_board;

int lw_board_init(lw_board *b, const lw_plan *plan); // or LW_E_NOMEM
void lw_board_fini(lw_board *b);

// A tag's reading becomes bad; its last value and time stay.
void lw_board_spoil(lw_board *b, uint32_t tag);

#endif
