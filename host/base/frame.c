#include "base/frame.h"

#include <stdint.h> // uint32_t
#include <stdlib.h> // realloc, free
#include <string.h> // memcpy, memmove

#define ROOM_LEAST 65536

void lw_frame_head(char head[LW_FRAME_HEAD], char kind, size_t n) {
  uint32_t length = (uint32_t)n;
  memset(head, 0, LW_FRAME_HEAD);
  memcpy(head, &length, sizeof length);
  head[4] = kind;
}

void lw_frame_in_fini(lw_frame_in *in) {
  free(in->data);
  *in = (lw_frame_in){0};
}

static void restore(lw_frame_in *in) {
  if (in->is_cut)
    in->data[in->taken] = in->kept;
  in->is_cut = 0;
}

void *lw_frame_in_room(lw_frame_in *in, size_t *room) {
  restore(in);
  if (in->taken > 0) {
    memmove(in->data, in->data + in->taken, in->n - in->taken);
    in->n -= in->taken;
    in->taken = 0;
  }
  if (in->cap - in->n < ROOM_LEAST) {
    size_t cap = 2 * in->cap + ROOM_LEAST + 1;
    char *grown = realloc(in->data, cap);
    if (!grown)
      return NULL;
    in->data = grown;
    in->cap = cap;
  }
  *room = in->cap - in->n - 1; // one for the NUL
  return in->data + in->n;
}

void lw_frame_in_add(lw_frame_in *in, size_t n) {
  in->n += n;
}

int lw_frame_in_next(lw_frame_in *in, lw_frame *out) {
  restore(in);
  size_t left = in->n - in->taken;
  if (left < LW_FRAME_HEAD)
    return 0;
  const char *head = in->data + in->taken;
  uint32_t length;
  memcpy(&length, head, sizeof length);
  if (length > LW_FRAME_MAX)
    return -1;
  if (left < LW_FRAME_HEAD + (size_t)length)
    return 0;
  *out = (lw_frame){head[4], head + LW_FRAME_HEAD, length};
  in->taken += LW_FRAME_HEAD + length;
  in->kept = in->data[in->taken];
  in->is_cut = 1;
  in->data[in->taken] = 0;
  return 1;
}
