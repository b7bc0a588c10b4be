#include "store/chain.h"

#include <string.h> // strlen

static void put_number(lw_hash *h, uint64_t x) {
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++)
    bytes[i] = (uint8_t)(x >> (8 * i));
  lw_hash_run(h, bytes, sizeof bytes);
}

static void put_bytes(lw_hash *h, const char *bytes, size_t n) {
  put_number(h, n);
  lw_hash_run(h, bytes, n);
}

static void put_text(lw_hash *h, const char *text) {
  put_bytes(h, text, strlen(text));
}

void lw_chain_run(const lw_run_info *run, uint8_t out[LW_HASH_N]) {
  const char *const texts[] = {
      run->batch,     run->recipe,       run->version, run->line,
      run->formula,   run->bundle,       run->policy,  run->recipe_path,
      run->line_path, run->formula_path, run->settings};
  lw_hash h;
  lw_hash_init(&h);
  put_text(&h, "lw1 run");
  put_number(&h, (uint64_t)run->id);
  for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    put_text(&h, texts[i]);
  put_number(&h, run->seed);
  put_number(&h, (uint64_t)run->begun_wall_ns);
  lw_hash_fini(&h, out);
}

void lw_chain_record(const lw_chain *chain, const uint8_t run[LW_HASH_N],
                     uint32_t source, const lw_record *r,
                     uint8_t out[LW_HASH_N]) {
  const uint64_t numbers[] = {
      (uint64_t)(chain->id + 1), source,     r->seq,   (uint64_t)r->t_ns,
      (uint64_t)r->wall_ns,      r->durable, r->synced};
  lw_hash h;
  lw_hash_init(&h);
  put_text(&h, "lw1 record");
  lw_hash_run(&h, chain->head, LW_HASH_N);
  lw_hash_run(&h, run, LW_HASH_N);
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
    put_number(&h, numbers[i]);
  put_text(&h, lw_record_kind_name(r->kind));
  put_bytes(&h, r->key, r->key_n);
  put_bytes(&h, r->data, r->data_n);
  lw_hash_fini(&h, out);
}

void lw_chain_seal(const lw_chain *chain, const uint8_t run[LW_HASH_N],
                   const char *state, int64_t ended_wall_ns,
                   uint8_t out[LW_HASH_N]) {
  lw_hash h;
  lw_hash_init(&h);
  put_text(&h, "lw1 seal");
  lw_hash_run(&h, run, LW_HASH_N);
  put_number(&h, (uint64_t)chain->id);
  lw_hash_run(&h, chain->head, LW_HASH_N);
  put_text(&h, state);
  put_number(&h, (uint64_t)ended_wall_ns);
  lw_hash_fini(&h, out);
}
