// A host whose memory runs out, for a program that knows nothing of it: loaded
// before its libraries (LD_PRELOAD) together with scarce.c. From SIGUSR1
// on every request is refused; the host's own roles are let alone.
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "fault/scarce.h"

static void refuse_all(int signo) {
  (void)signo;
  scarce_arm(1, 1, SCARCE_OWNERS);
}

static int is_role(void) {
  char words[256];
  FILE *file = fopen("/proc/self/cmdline", "r");
  size_t n = file ? fread(words, 1, sizeof words - 1, file) : 0;
  if (file)
    fclose(file);
  words[n] = 0;
  size_t second = strlen(words) + 1;
  return second < n && strcmp(words + second, "--role") == 0;
}

__attribute__((constructor)) static void listen_for_signal(void) {
  if (!is_role())
    signal(SIGUSR1, refuse_all);
}
