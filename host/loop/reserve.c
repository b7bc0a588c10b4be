#include "loop/reserve.h"

#include <malloc.h>  // malloc_usable_size
#include <pthread.h> // pthread_once
#include <stddef.h>  // max_align_t
#include <stdint.h>  // SIZE_MAX
#include <stdlib.h>  // malloc
#include <string.h>  // memcpy, memset
#include <uv.h>      // uv_replace_allocator

// Before each block of the reserve.
typedef union head {
  size_t n; // bytes that follow
  max_align_t align;
} head;

// The process's own, as libuv's allocator is. Blocks are laid end to end; when
// the last one was given back it is empty again.
static struct {
  pthread_once_t once;
  pthread_mutex_t mutex;
  size_t used, live;
  _Alignas(max_align_t) unsigned char bytes[LW_RESERVE_BYTES];
} reserve = {.once = PTHREAD_ONCE_INIT, .mutex = PTHREAD_MUTEX_INITIALIZER};

static int is_reserved(const void *block) {
  const unsigned char *at = block;
  return at >= reserve.bytes && at < reserve.bytes + sizeof reserve.bytes;
}

static void *take_reserved(size_t n) {
  size_t whole =
      sizeof(head) + (n + sizeof(head) - 1) / sizeof(head) * sizeof(head);
  head *block = NULL;
  if (n > sizeof reserve.bytes)
    return NULL;
  pthread_mutex_lock(&reserve.mutex);
  if (whole <= sizeof reserve.bytes - reserve.used) {
    block = (head *)(void *)(reserve.bytes + reserve.used);
    block->n = n;
    reserve.used += whole;
    reserve.live++;
  }
  pthread_mutex_unlock(&reserve.mutex);
  return block ? block + 1 : NULL;
}

static void *take(size_t n) {
  void *block = malloc(n);
  return block ? block : take_reserved(n);
}

static void *take_zeroed(size_t n, size_t size) {
  void *block = calloc(n, size);
  if (block || (size && n > SIZE_MAX / size))
    return block;
  block = take_reserved(n * size);
  return block ? memset(block, 0, n * size) : NULL;
}

static void give(void *block) {
  if (!is_reserved(block)) {
    free(block);
    return;
  }
  pthread_mutex_lock(&reserve.mutex);
  if (--reserve.live == 0)
    reserve.used = 0;
  pthread_mutex_unlock(&reserve.mutex);
}

static size_t size_of(void *block) {
  return is_reserved(block) ? ((head *)block - 1)->n
                            : malloc_usable_size(block);
}

static void *resize(void *old, size_t n) {
  void *block = is_reserved(old) ? NULL : realloc(old, n);
  if (block)
    return block;
  block = take_reserved(n);
  if (block && old) {
    size_t held = size_of(old);
    memcpy(block, old, held < n ? held : n);
    give(old);
  }
  return block;
}

static void replace_allocator(void) {
  uv_replace_allocator(take, resize, take_zeroed, give);
}

void lw_reserve_open(void) {
  pthread_once(&reserve.once, replace_allocator);
}
