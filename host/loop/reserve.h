// Memory for libuv that does not run out where libuv would end the process.
#ifndef LW_LOOP_RESERVE_H
#define LW_LOOP_RESERVE_H

// Room for the tables of some loops with a thousand descriptors each.
#define LW_RESERVE_BYTES 65536

// Let libuv's requests that the system refuses be served from a reserve of
// LW_RESERVE_BYTES. Before each first use of libuv; once is enough, more is
// fine, from any thread.
//
// Source: libuv 1.44, src/unix/core.c, maybe_resize(): abort() when the table
// of watched descriptors cannot grow. A host whose memory runs out has outputs
// to hold.
void lw_reserve_open(void);

#endif
