#include "base/hash.h"

#include <sodium.h> // crypto_hash_sha256, crypto_sign, sodium_bin2hex

#include "base/err.h" // LW_E_IO

_Static_assert(sizeof(lw_hash) >= sizeof(crypto_hash_sha256_state),
               "lw_hash holds libsodium's state");
_Static_assert(LW_HASH_N == crypto_hash_sha256_BYTES, "SHA-256 size");
_Static_assert(LW_SIGN_SEED_N == crypto_sign_SEEDBYTES, "Ed25519 seed size");
_Static_assert(LW_SIGN_PUBLIC_N == crypto_sign_PUBLICKEYBYTES, "key size");
_Static_assert(LW_SIGN_N == crypto_sign_BYTES, "signature size");

static crypto_hash_sha256_state *state_of(lw_hash *h) {
  return (crypto_hash_sha256_state *)(void *)h->state;
}

void lw_hash_init(lw_hash *h) {
  crypto_hash_sha256_init(state_of(h));
}

void lw_hash_run(lw_hash *h, const void *data, size_t n) {
  if (n)
    crypto_hash_sha256_update(state_of(h), data, n);
}

void lw_hash_fini(lw_hash *h, uint8_t out[LW_HASH_N]) {
  crypto_hash_sha256_final(state_of(h), out);
}

void lw_hash_sha256(const void *data, size_t n, uint8_t out[LW_HASH_N]) {
  lw_hash h;
  lw_hash_init(&h);
  lw_hash_run(&h, data, n);
  lw_hash_fini(&h, out);
}

char *lw_hash_hex(const uint8_t *bytes, size_t n, char *text) {
  return sodium_bin2hex(text, 2 * n + 1, bytes, n);
}

char *lw_hash_sha256_hex(const void *data, size_t n, char *text) {
  uint8_t digest[LW_HASH_N];
  lw_hash_sha256(data, n, digest);
  return lw_hash_hex(digest, LW_HASH_N, text);
}

int lw_sign_seed(uint8_t seed[LW_SIGN_SEED_N]) {
  if (sodium_init() < 0)
    return LW_E_IO;
  randombytes_buf(seed, LW_SIGN_SEED_N);
  return 0;
}

void lw_sign_public(const uint8_t seed[LW_SIGN_SEED_N],
                    uint8_t key[LW_SIGN_PUBLIC_N]) {
  uint8_t secret[crypto_sign_SECRETKEYBYTES];
  (void)crypto_sign_seed_keypair(key, secret, seed);
  sodium_memzero(secret, sizeof secret);
}

void lw_sign_run(const uint8_t seed[LW_SIGN_SEED_N], const void *data, size_t n,
                 uint8_t signature[LW_SIGN_N]) {
  uint8_t key[LW_SIGN_PUBLIC_N], secret[crypto_sign_SECRETKEYBYTES];
  (void)crypto_sign_seed_keypair(key, secret, seed);
  (void)crypto_sign_detached(signature, NULL, data, n, secret);
  sodium_memzero(secret, sizeof secret);
}

int lw_sign_verify(const uint8_t key[LW_SIGN_PUBLIC_N], const void *data,
                   size_t n, const uint8_t signature[LW_SIGN_N]) {
  return crypto_sign_verify_detached(signature, data, n, key) == 0;
}

const char *lw_hash_library(void) {
  return sodium_version_string();
}
