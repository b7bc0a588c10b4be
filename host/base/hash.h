// Digests and signatures: SHA-256 (FIPS 180-4) for content and for the audit
// chain, Ed25519 (RFC 8032) for its seals. The work is libsodium's.
#ifndef LW_BASE_HASH_H
#define LW_BASE_HASH_H

#include <stddef.h> // size_t
#include <stdint.h> // uint8_t

enum {
  LW_HASH_N = 32,     // bytes of a SHA-256 digest
  LW_HASH_HEX_N = 65, // the same as hex text with its NUL
  LW_SIGN_SEED_N = 32,
  LW_SIGN_PUBLIC_N = 32,
  LW_SIGN_N = 64
};

// A SHA-256 in progress, in the caller's storage.
typedef struct lw_hash {
  uint64_t state[13];
} lw_hash;

void lw_hash_init(lw_hash *h);
void lw_hash_run(lw_hash *h, const void *data, size_t n);
// Ends the digest; h needs an init before it is used again.
void lw_hash_fini(lw_hash *h, uint8_t out[LW_HASH_N]);

// SHA-256 of one block; data may be NULL when n is 0.
void lw_hash_sha256(const void *data, size_t n, uint8_t out[LW_HASH_N]);
// Lower-case hex of n bytes into text [2n+1]; returns text.
char *lw_hash_hex(const uint8_t *bytes, size_t n, char *text);
// SHA-256 of one block as hex into text [LW_HASH_HEX_N]; returns text.
char *lw_hash_sha256_hex(const void *data, size_t n, char *text);

// A fresh secret for signing, from the system's random source.
// Returns 0, or LW_E_IO when there is no such source.
int lw_sign_seed(uint8_t seed[LW_SIGN_SEED_N]);
// The public key that belongs to a seed.
void lw_sign_public(const uint8_t seed[LW_SIGN_SEED_N],
                    uint8_t key[LW_SIGN_PUBLIC_N]);
void lw_sign_run(const uint8_t seed[LW_SIGN_SEED_N], const void *data, size_t n,
                 uint8_t signature[LW_SIGN_N]);
// 1 when the signature over data is the key's, else 0.
int lw_sign_verify(const uint8_t key[LW_SIGN_PUBLIC_N], const void *data,
                   size_t n, const uint8_t signature[LW_SIGN_N]);

// Version of the libsodium that is loaded.
const char *lw_hash_library(void);

#endif
