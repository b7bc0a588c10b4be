// The audit chain: each record carries a SHA-256 over its own fields, its run's
// header and the record before it, so that a record changed, removed, inserted
// or moved later no longer fits. Private to store/.
//
// Numbers enter little endian in the bytes given, texts with their length (4)
// before them:
//   run     1 (1) id (8) batch recipe version line formula bundle policy
//           recipe_path line_path formula_path settings seed (8)
//           begun_wall_ns (8)
//   record  2 (1) hash of the record before (32) run's digest (32) id (8) seq
//   (8)
//           t_ns (8) wall_ns (8) source (4) durable (1) synced (1) kind key
//           data
//   seal    3 (1) run's digest (32) record's id (8) its hash (32)
//           ended_wall_ns (8) state
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
