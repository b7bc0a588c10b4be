// The digests of the audit chain against bytes put together by hand, as chain.h
// gives their order.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "store/chain.h"

typedef struct {
  uint8_t at[20000];
  size_t n;
} bytes;

static void put(bytes *b, const void *from, size_t n) {
  memcpy(b->at + b->n, from, n);
  b->n += n;
}

static void number(bytes *b, uint64_t x, size_t width) {
  for (; width > 0; width--, x >>= 8)
    b->at[b->n++] = x & 0xFF;
}

static void text(bytes *b, const char *from, size_t n) {
  number(b, n, 4);
  put(b, from, n);
}

static void word(bytes *b, const char *from) {
  text(b, from, strlen(from));
}

static void assert_digest(const bytes *b, const uint8_t got[LW_HASH_N]) {
  uint8_t want[LW_HASH_N];
  lw_hash_sha256(b->at, b->n, want);
  assert_memory_equal(got, want, LW_HASH_N);
}

static void fill(uint8_t *at, size_t n, uint8_t from) {
  for (size_t i = 0; i < n; i++)
    at[i] = (uint8_t)(from + i);
}

// What is not set up must not pass for set up because the stack was clean.
static void soil_the_stack(void) {
  volatile uint8_t junk[4096];
  for (size_t i = 0; i < sizeof junk; i++)
    junk[i] = 0xA5;
}

static void a_runs_header_is_digested_whole(void **unused) {
  (void)unused;
  static const lw_run_info run = {.id = 0x0102030405060708,
                                  .batch = "0417",
                                  .recipe = "electrode-coating",
                                  .version = "2.3.0",
                                  .line = "line-B",
                                  .formula = "thin",
                                  .bundle = "9f3c",
                                  .policy = "production",
                                  .state = "Execute",
                                  .recipe_path = "recipes/a.lua",
                                  .line_path = "lines/b.lua",
                                  .formula_path = "formulas/c.lua",
                                  .settings = "{\"speed\":30}",
                                  .seed = 0xFEDCBA9876543210,
                                  .begun_wall_ns = 1700000000123456789,
                                  .ended_wall_ns = 5};
  uint8_t got[LW_HASH_N];
  bytes b = {.n = 0};
  number(&b, 1, 1);
  number(&b, (uint64_t)run.id, 8);
  const char *const words[] = {run.batch,        run.recipe,      run.version,
                               run.line,         run.formula,     run.bundle,
                               run.policy,       run.recipe_path, run.line_path,
                               run.formula_path, run.settings};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    word(&b, words[i]);
  number(&b, run.seed, 8);
  number(&b, (uint64_t)run.begun_wall_ns, 8);
  soil_the_stack();
  lw_chain_run(&run, got);
  assert_digest(&b, got);
}

// A record with that many bytes of key and data.
static void assert_record(size_t key_n, size_t data_n) {
  static char key[20000], data[20000];
  lw_chain chain = {.id = 0x1122334455667788};
  uint8_t run[LW_HASH_N], got[LW_HASH_N];
  bytes b = {.n = 0};
  fill(chain.head, LW_HASH_N, 1);
  fill(run, LW_HASH_N, 100);
  fill((uint8_t *)key, key_n, 30);
  fill((uint8_t *)data, data_n, 60);
  const lw_record r = {.seq = 0x0A0B0C0D0E0F1011,
                       .t_ns = 0x2122232425262728,
                       .wall_ns = 0x3132333435363738,
                       .kind = LW_RECORD_alarm,
                       .durable = 1,
                       .synced = 0,
                       .key = key,
                       .key_n = key_n,
                       .data = data,
                       .data_n = data_n};
  number(&b, 2, 1);
  put(&b, chain.head, LW_HASH_N);
  put(&b, run, LW_HASH_N);
  number(&b, (uint64_t)chain.id + 1, 8);
  number(&b, r.seq, 8);
  number(&b, (uint64_t)r.t_ns, 8);
  number(&b, (uint64_t)r.wall_ns, 8);
  number(&b, 0x51525354, 4);
  number(&b, 1, 1);
  number(&b, 0, 1);
  word(&b, "alarm");
  text(&b, key, key_n);
  text(&b, data, data_n);
  soil_the_stack();
  lw_chain_record(&chain, run, 0x51525354, &r, got);
  assert_digest(&b, got);
}

// Short pieces are gathered before they are hashed: the ends of that gathering.
static void records_of_any_size_are_digested_whole(void **unused) {
  (void)unused;
  for (size_t n = 0; n < 600; n++)
    assert_record(n % 7, n);
  assert_record(300, 10);
  assert_record(255, 256);
  assert_record(257, 9000);
}

static void a_seal_is_digested_whole(void **unused) {
  (void)unused;
  lw_chain chain = {.id = 77};
  uint8_t run[LW_HASH_N], got[LW_HASH_N];
  bytes b = {.n = 0};
  fill(chain.head, LW_HASH_N, 9);
  fill(run, LW_HASH_N, 50);
  number(&b, 3, 1);
  put(&b, run, LW_HASH_N);
  number(&b, 77, 8);
  put(&b, chain.head, LW_HASH_N);
  number(&b, 1700000000123456789, 8);
  word(&b, "Complete");
  soil_the_stack();
  lw_chain_seal(&chain, run, "Complete", 1700000000123456789, got);
  assert_digest(&b, got);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_runs_header_is_digested_whole),
      cmocka_unit_test(records_of_any_size_are_digested_whole),
      cmocka_unit_test(a_seal_is_digested_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
