// The digests and signatures against published vectors.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"

static void check(const char *text, const char *want) {
  char hex[LW_HASH_HEX_N];
  assert_string_equal(lw_hash_sha256_hex(text, strlen(text), hex), want);
}

// FIPS 180-4 example messages.
static void digests_match_the_published_vectors(void **state) {
  (void)state;
  check("", "e3b0c44298fc1c149afbf4c8996fb924"
            "27ae41e4649b934ca495991b7852b855");
  check("abc", "ba7816bf8f01cfea414140de5dae2223"
               "b00361a396177a9cb410ff61f20015ad");
  check("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039"
        "a33ce45964ff2167f6ecedd419db06c1");
}

static void a_digest_does_not_depend_on_how_the_text_was_cut(void **state) {
  (void)state;
  uint8_t text[300], whole[LW_HASH_N], parts[LW_HASH_N];
  for (size_t i = 0; i < sizeof text; i++)
    text[i] = (uint8_t)(i * 7);
  lw_hash_sha256(text, sizeof text, whole);
  for (size_t cut = 0; cut <= sizeof text; cut += 13) {
    lw_hash h;
    lw_hash_init(&h);
    lw_hash_run(&h, text, cut);
    lw_hash_run(&h, text + cut, sizeof text - cut);
    lw_hash_fini(&h, parts);
    assert_memory_equal(parts, whole, LW_HASH_N);
  }
}

// RFC 8032 section 7.1, test 2.
static void signatures_match_the_published_vector(void **state) {
  (void)state;
  static const uint8_t seed[] = {
      0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3,
      0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31, 0x9f, 0x35, 0xab,
      0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb};
  uint8_t key[LW_SIGN_PUBLIC_N], signature[LW_SIGN_N];
  char hex[2 * LW_SIGN_N + 1];
  lw_sign_public(seed, key);
  assert_string_equal(
      lw_hash_hex(key, sizeof key, hex),
      "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  lw_sign_run(seed, "\x72", 1, signature);
  assert_string_equal(
      lw_hash_hex(signature, sizeof signature, hex),
      "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
      "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
  assert_int_equal(lw_sign_verify(key, "\x72", 1, signature), 1);
  assert_int_equal(lw_sign_verify(key, "\x73", 1, signature), 0);
}

static void two_seeds_differ(void **state) {
  (void)state;
  uint8_t a[LW_SIGN_SEED_N], b[LW_SIGN_SEED_N];
  assert_int_equal(lw_sign_seed(a), 0);
  assert_int_equal(lw_sign_seed(b), 0);
  assert_memory_not_equal(a, b, sizeof a);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(digests_match_the_published_vectors),
      cmocka_unit_test(a_digest_does_not_depend_on_how_the_text_was_cut),
      cmocka_unit_test(signatures_match_the_published_vector),
      cmocka_unit_test(two_seeds_differ),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
