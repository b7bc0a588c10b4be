#include "store/chain.h"

#include <string.h> // memcpy, strlen

enum { RUN = 1, RECORD, SEAL };

// A digest whose short pieces are gathered first: hashing them one by one costs
// more than the hash.
typedef struct sink {
  lw_hash hash;
  size_t n;
  uint8_t bytes[256];
} sink;

static void flush(sink *s) {
  lw_hash_run(&s->hash, s->bytes, s->n);
  s->n = 0;
}

static void put_bytes(sink *s, const void *bytes, size_t n) {
  if (n > sizeof s->bytes - s->n)
    flush(s);
  if (n > sizeof s->bytes) {
    lw_hash_run(&s->hash, bytes, n);
    return;
  }
  if (n)
    memcpy(s->bytes + s->n, bytes, n);
  s->n += n;
}

static void put_number(sink *s, uint64_t x, size_t width) {
  uint8_t bytes[8];
  for (size_t i = 0; i < width; i++)
    bytes[i] = (uint8_t)(x >> (8 * i));
  put_bytes(s, bytes, width);
}

static void put_text(sink *s, const char *text, size_t n) {
  put_number(s, n, 4);
  put_bytes(s, text, n);
}

static void start(sink *s, int what) {
  lw_hash_init(&s->hash);
  s->n = 0;
  put_number(s, (uint64_t)what, 1);
}

static void finish(sink *s, uint8_t out[LW_HASH_N]) {
  flush(s);
  lw_hash_fini(&s->hash, out);
}

void lw_chain_run(const lw_run_info *run, uint8_t out[LW_HASH_N]) {
  const char *const texts[] = {
      run->batch,     run->recipe,       run->version, run->line,
      run->formula,   run->bundle,       run->policy,  run->recipe_path,
      run->line_path, run->formula_path, run->settings};
  sink s;
  start(&s, RUN);
  put_number(&s, (uint64_t)run->id, 8);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    put_text(&s, texts[i], strlen(texts[i]));
  put_number(&s, run->seed, 8);
  put_number(&s, (uint64_t)run->begun_wall_ns, 8);
  finish(&s, out);
}

void lw_chain_record(const lw_chain *chain, const uint8_t run[LW_HASH_N],
                     uint32_t source, const lw_record *r,
                     uint8_t out[LW_HASH_N]) {
  const char *kind = lw_record_kind_name(r->kind);
  sink s;
  start(&s, RECORD);
  put_bytes(&s, chain->head, LW_HASH_N);
  put_bytes(&s, run, LW_HASH_N);
  put_number(&s, (uint64_t)(chain->id + 1), 8);
  put_number(&s, r->seq, 8);
  put_number(&s, (uint64_t)r->t_ns, 8);
  put_number(&s, (uint64_t)r->wall_ns, 8);
  put_number(&s, source, 4);
  put_number(&s, r->durable, 1);
  put_number(&s, r->synced, 1);
  put_text(&s, kind, strlen(kind));
  put_text(&s, r->key, r->key_n);
  put_text(&s, r->data, r->data_n);
  finish(&s, out);
}

void lw_chain_seal(const lw_chain *chain, const uint8_t run[LW_HASH_N],
                   const char *state, int64_t ended_wall_ns,
                   uint8_t out[LW_HASH_N]) {
  sink s;
  start(&s, SEAL);
  put_bytes(&s, run, LW_HASH_N);
  put_number(&s, (uint64_t)chain->id, 8);
  put_bytes(&s, chain->head, LW_HASH_N);
  put_number(&s, (uint64_t)ended_wall_ns, 8);
  put_text(&s, state, strlen(state));
  finish(&s, out);
}
