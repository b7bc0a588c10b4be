// Messages of a kind and some bytes over a stream between two processes of one
// machine.
#ifndef LW_BASE_FRAME_H
#define LW_BASE_FRAME_H

#include <stddef.h> // size_t

#define LW_FRAME_HEAD 8                 // bytes before each message's own
#define LW_FRAME_MAX ((size_t)64 << 20) // longest message

typedef struct lw_frame {
  char kind;
  const char *data; // [n], until the next call on its lw_frame_in; NUL behind
  size_t n;
} lw_frame;

// Write the head of a message of n bytes.
void lw_frame_head(char head[LW_FRAME_HEAD], char kind, size_t n);

// Bytes that came in and what was not taken of them. All zero is empty.
typedef struct lw_frame_in {
  char *data;
  size_t n, cap, taken;
  char kept; // what stood where the NUL is now
  int is_cut;
} lw_frame_in;

void lw_frame_in_fini(lw_frame_in *in);
// Where the next bytes go: *room of them; NULL when out of memory.
void *lw_frame_in_room(lw_frame_in *in, size_t *room);
void lw_frame_in_add(lw_frame_in *in, size_t n);
// The next whole message: 1, 0 when more bytes are needed, -1 when what came is
// no message.
int lw_frame_in_next(lw_frame_in *in, lw_frame *out);

#endif
