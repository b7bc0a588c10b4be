// Outputs lent to a person for a time: what was set, and what it was before.
#ifndef LW_CMD_REPL_LEASE_H
#define LW_CMD_REPL_LEASE_H

#include "image/port.h" // lw_port

typedef struct lw_lease {
  lw_port *port;   // borrowed; of a line that has no worker
  double *before;  // [tag_n] process unit; NaN when it was not known
  uint8_t *is_set; // [tag_n] under this lease
  int64_t due_ns;  // when it ends by itself, 0 = no lease
  int is_undoing;  // outputs are on their way back
} lw_lease;

// LW_E_NOMEM.
int lw_lease_init(lw_lease *l, lw_port *port);
void lw_lease_fini(lw_lease *l);

// Lend for for_ns from now; a lease that is open gets a new end.
void lw_lease_begin(lw_lease *l, int64_t for_ns);
// Set an output as the guard allows. LW_E_STATE without a lease, LW_E_NOTFOUND,
// else as lw_port_request, with the channel, its unit and limits in *e.
int lw_lease_set(lw_lease *l, uint32_t tag, double value, lw_err *e);
// End it: from now on lw_lease_step puts back what was set.
void lw_lease_end(lw_lease *l);
// After a trip: the scan has put safe values out, there is nothing to undo.
void lw_lease_drop(lw_lease *l);
// Once every few scans while is_undoing. Returns how many outputs are still on
// their way; at 0 the lease is over. An output of which nothing was known
// before goes to its safe value for hold, without one it stays.
uint32_t lw_lease_step(lw_lease *l);

#endif
