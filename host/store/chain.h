// The audit chain: each record carries a SHA-256 over its own fields, its run's
// header and the record before it, so that a record changed, removed, inserted
// or moved later no longer fits. Private to store/.
//
// All numbers enter as 8 bytes, little endian; texts as their length and bytes.
//   run     "lw1 run" id batch recipe version line formula bundle policy
//           recipe_path line_path formula_path settings seed begun_wall_ns
//   record  "lw1 record" previous[32] run[32] id source seq t_ns wall_ns
//   durable
//           synced kind key data
//   seal    "lw1 seal" run[32] record head[32] state ended_wall_ns
#ifndef LW_STORE_CHAIN_H
#define LW_STORE_CHAIN_H

#include "base/hash.h"   // LW_HASH_N
#include "base/record.h" // lw_record
#include "store/store.h" // lw_run_info

typedef struct lw_chain {
  int64_t id;              // newest record, 0 = none
  uint8_t head[LW_HASH_N]; // its hash; zeros when there is none
} lw_chain;

void lw_chain_run(const lw_run_info *run, uint8_t out[LW_HASH_N]);

//   chain   where the record before stands
//   run     digest of the record's run
//   source  the record's source
void lw_chain_record(const lw_chain *chain, const uint8_t run[LW_HASH_N],
                     uint32_t source, const lw_record *r,
                     uint8_t out[LW_HASH_N]);

void lw_chain_seal(const lw_chain *chain, const uint8_t run[LW_HASH_N],
                   const char *state, int64_t ended_wall_ns,
                   uint8_t out[LW_HASH_N]);

#endif
