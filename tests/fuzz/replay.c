// Runs a fuzz target without libFuzzer: every file of its corpus, and thousands
// of mutations of each, the same ones every time. A crash or a sanitizer's
// report is the failure.
//   fuzz_NAME CORPUS [ROUNDS]
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BYTES_MAX 16384
#define ROUNDS 200

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static uint64_t random_state = 88172645463325252u;

static size_t below(size_t n) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 7;
  random_state ^= random_state << 17;
  return (size_t)(random_state % n);
}

// One change: a byte, a bit, a piece moved, a piece gone.
static size_t mutate(uint8_t *data, size_t n) {
  size_t at = below(n), len = 1 + below(n - at);
  switch (below(4)) {
  case 0:
    data[at] = (uint8_t)below(256);
    return n;
  case 1:
    data[at] ^= (uint8_t)(1u << below(8));
    return n;
  case 2:
    memmove(data + below(n - len + 1), data + at, len);
    return n;
  }
  memmove(data + at, data + at + len, n - at - len);
  return n - len;
}

// The target gets a block of just that size: the sanitizer sees one byte more.
static void run(const uint8_t *data, size_t n) {
  uint8_t *copy = malloc(n ? n : 1);
  if (!copy)
    exit(3);
  memcpy(copy, data, n);
  LLVMFuzzerTestOneInput(copy, n);
  free(copy);
}

static int run_file(const char *path, int rounds) {
  static uint8_t seed[BYTES_MAX], data[BYTES_MAX];
  FILE *file = fopen(path, "rb");
  if (!file)
    return 0;
  size_t n = fread(seed, 1, sizeof seed, file);
  fclose(file);
  run(seed, n);
  for (int i = 0; i < rounds; i++) {
    size_t left = n;
    memcpy(data, seed, n);
    for (size_t k = 1 + below(8); k > 0 && left > 0; k--)
      left = mutate(data, left);
    run(data, left);
  }
  return 1;
}

int main(int argc, char **argv) {
  int n = 0, rounds = argc > 2 ? atoi(argv[2]) : ROUNDS;
  DIR *dir = argc > 1 ? opendir(argv[1]) : NULL;
  for (struct dirent *d; dir && (d = readdir(dir));) {
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", argv[1], d->d_name);
    if (*d->d_name != '.')
      n += run_file(path, rounds);
  }
  if (dir)
    closedir(dir);
  printf("%d files, %d mutations of each\n[  PASSED  ] %d test(s).\n", n,
         rounds, n > 0);
  return n > 0 ? 0 : 1;
}
