// Throw-away files for the tests of io/.
#ifndef TESTS_IO_FILES_H
#define TESTS_IO_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct scratch {
  char path[40];
} scratch;

static inline scratch scratch_file(const void *bytes, size_t n) {
  scratch s = {"/tmp/lw_test_XXXXXX"};
  int fd = mkstemp(s.path);
  if (fd < 0 || write(fd, bytes, n) != (ssize_t)n)
    abort();
  close(fd);
  return s;
}

static inline scratch scratch_text(const char *text) {
  return scratch_file(text, strlen(text));
}

#endif
