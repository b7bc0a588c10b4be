// The forwarder of a program built without libpq.
#include "store/forward.h"

static int refuse(lw_err *e) {
  return lw_err_set(e, LW_E_UNSUPPORTED,
                    "this program was built without PostgreSQL; install "
                    "libpq-dev and build it again");
}

int lw_forward_open(lw_forward **f, const lw_forward_config *c, lw_err *e) {
  (void)c;
  *f = NULL;
  return refuse(e);
}

void lw_forward_close(lw_forward *f) {
  (void)f;
}

int lw_forward_step(lw_forward *f, lw_forward_stats *sent, lw_err *e) {
  (void)f;
  *sent = (lw_forward_stats){0};
  return refuse(e);
}

int lw_forward_forget(const lw_forward_config *c, lw_err *e) {
  (void)c;
  return refuse(e);
}
