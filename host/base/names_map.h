// PackML states in the words and numbers of the standards around it, so that a
// record or an interface of another house reads as its users expect.
//
// Sources: ISA-88 / IEC 61512-1; FactoryTalk Batch phase codes; VDI/VDE/NAMUR
// 2658-4 (MTP) bit codes; OPC 30500-1 (LADS); B2MML-BatchML BatchStatus.
#ifndef LW_BASE_NAMES_MAP_H
#define LW_BASE_NAMES_MAP_H

#define LW_SCHEMES(X) X(isa88) X(ftbatch) X(mtp) X(lads) X(batchml)
enum {
#define LW_SCHEME_ENUM(name) LW_SCHEME_##name,
  LW_SCHEMES(LW_SCHEME_ENUM)
#undef LW_SCHEME_ENUM
      LW_SCHEME_N
};

typedef struct lw_state_name {
  const char *name; // "Restarting", "Running.Execute"; NULL = unknown
  int code;         // the scheme's number, 0 where it has none
} lw_state_name;

// How `scheme` calls a PackML state.
//   state      LW_STATE_*
//   is_paused  1 = Execute with the pause flag, which PackML has no state for
//   scheme     LW_SCHEME_*
// Where a scheme has no such state, the nearest one that promises no more:
// Suspended is Held in ISA-88, Clearing is still Aborted in MTP.
lw_state_name lw_packml_map(int state, int is_paused, int scheme);

const char *lw_scheme_name(int scheme); // "isa88"; NULL if unknown

#endif
