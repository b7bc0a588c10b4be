// The local door of a running host: a Unix socket, mode 0600, one request line
// and one answer per connection.
#ifndef LW_LOOP_LOCAL_H
#define LW_LOOP_LOCAL_H

#include <stddef.h> // size_t

#include "loop/loop.h" // lw_loop

#define LW_LOCAL_REQUEST_MAX 1024
#define LW_LOCAL_ANSWER_MAX 16384

typedef struct lw_local lw_local;

// Listen at path. A socket left behind by a dead host is replaced, a live one
// is LW_E_EXISTS.
//   answer  called per request (no newline in it); writes the reply, NUL-ended,
//           into out [LW_LOCAL_ANSWER_MAX]
int lw_local_open(lw_local **s, lw_loop *l, const char *path,
                  void (*answer)(void *arg, const char *request, char *out),
                  void *arg, lw_err *e);
void lw_local_close(
    lw_local *s); // removes the socket; before the loop is freed

// From inside of answer: hand these descriptors over with the reply; they stay
// the caller's.
#define LW_LOCAL_FDS_MAX 4
void lw_local_hand(lw_local *s, const int *fds, size_t n);

// The other side: send one request and wait for the answer into out [n].
// Returns 0, LW_E_NOTFOUND when no host listens at path, LW_E_TIMEOUT, LW_E_IO.
int lw_local_ask(const char *path, const char *request, int timeout_ms,
                 char *out, size_t n, lw_err *e);

// The same, with the descriptors that the host hands over: fds
// [LW_LOCAL_FDS_MAX] are the caller's then, *fd_n of them.
int lw_local_ask_fds(const char *path, const char *request, int timeout_ms,
                     char *out, size_t n, int *fds, size_t *fd_n, lw_err *e);

#endif
