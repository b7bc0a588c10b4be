// A record of the journal while it travels: worker or scan -> ring -> store.
#ifndef LW_BASE_RECORD_H
#define LW_BASE_RECORD_H

#include <stddef.h> // size_t
#include <stdint.h> // int64_t

#include "base/err.h" // lw_err

// X(kind, durable by default): DSL.md 2.3. `out` is an output as it went out,
// `data` a process value (r.record), `mark` a roll-map entry, `note` a message,
// `run` the first record of a run, `late` an overrun, `count` what was produced
// (r.produced), `cause` who sets a channel from now on, and on which readings,
// `reload` another profile taken up under the run: its key is the bundle that
// counts from there on, `meter` how often models were asked.
#define LW_RECORD_KINDS(X)                                                     \
  X(begin, 0)                                                                  \
  X(end, 1)                                                                    \
  X(ckpt, 0)                                                                   \
  X(image, 1)                                                                  \
  X(cmd, 1)                                                                    \
  X(state, 1) X(prompt, 1) X(answer, 1) X(alarm, 1) X(trip, 1) X(intent, 0)    \
      X(out, 0) X(data, 0) X(mark, 0) X(note, 0) X(run, 1) X(decision, 1)      \
          X(late, 0) X(count, 1) X(cause, 0) X(reload, 1) X(meter, 1)
enum {
#define LW_RECORD_ENUM(name, durable) LW_RECORD_##name,
  LW_RECORD_KINDS(LW_RECORD_ENUM)
#undef LW_RECORD_ENUM
      LW_RECORD_N
};

typedef struct lw_record {
  uint64_t seq;    // the producer's own count, from 1; 0 = no one waits for it
  int64_t t_ns;    // clock time, see lw_clock
  int64_t wall_ns; // UTC since 1970
  uint8_t kind;    // LW_RECORD_*
  uint8_t durable; // 1: on disk (FULL) before `seq` is acknowledged
  uint8_t synced;  // 1: the wall clock was synchronised
  const char *key; // journal key, not NUL-terminated; see DSL.md 2.3
  size_t key_n;
  const char *data; // JSON text, may be empty
  size_t data_n;
} lw_record;

const char *lw_record_kind_name(int kind); // "begin", ...; NULL if unknown
int lw_record_kind_find(const char *name); // LW_RECORD_* or LW_E_NOTFOUND
int lw_record_kind_durable(int kind);      // durable by default: 1 or 0

// Bytes of r once encoded.
size_t lw_record_size(const lw_record *r);
// Write r to buf [lw_record_size(r)]; returns the length.
size_t lw_record_encode(const lw_record *r, void *buf);
// Read a record; key and data point into buf. Returns 0 or LW_E_CORRUPT: every
// length and kind is checked, since the producer may be a crashed script.
int lw_record_decode(lw_record *r, const void *buf, size_t n);

#endif
