#include "base/names_map.h"

#include <stddef.h> // NULL

#include "base/packml.h" // LW_STATE_*

#define ROW(isa88, ftbatch, ft_code, mtp, mtp_code, lads, batchml)             \
  {                                                                            \
    {isa88, 0}, {ftbatch, ft_code}, {mtp, mtp_code}, {lads, 0}, {              \
      batchml, 0                                                               \
    }                                                                          \
  }

// STANDARDS.md section 4.
static const lw_state_name rows[][LW_SCHEME_N] = {
    [LW_STATE_Clearing] =
        ROW("Aborted", "ABORTED", 90, "Aborted", 512, "Clearing", "Aborted"),
    [LW_STATE_Stopped] =
        ROW("Stopped", "STOPPED", 80, "Stopped", 4, "Stopped", "Stopped"),
    [LW_STATE_Starting] = ROW("Running", "RUNNING", 50, "Starting", 8,
                              "Running.Starting", "Running"),
    [LW_STATE_Idle] =
        ROW("Idle", "IDLE", 100, "Idle", 16, "Running.Idle", "Idle"),
    [LW_STATE_Suspended] =
        ROW("Held", "HELD", 60, "Paused", 32, "Running.Suspended", "Held"),
    [LW_STATE_Execute] = ROW("Running", "RUNNING", 50, "Execute", 64,
                             "Running.Execute", "Running"),
    [LW_STATE_Stopping] = ROW("Stopping", "STOPPING", 30, "Stopping", 128,
                              "Stopping", "Stopping"),
    [LW_STATE_Aborting] = ROW("Aborting", "ABORTING", 10, "Aborting", 256,
                              "Aborting", "Aborting"),
    [LW_STATE_Aborted] =
        ROW("Aborted", "ABORTED", 90, "Aborted", 512, "Aborted", "Aborted"),
    [LW_STATE_Holding] = ROW("Holding", "HOLDING", 20, "Holding", 1024,
                             "Running.Holding", "Holding"),
    [LW_STATE_Held] =
        ROW("Held", "HELD", 60, "Held", 2048, "Running.Held", "Held"),
    [LW_STATE_Unholding] = ROW("Restarting", "RESTARTING", 40, "Unholding",
                               4096, "Running.Unholding", "Restarting"),
    [LW_STATE_Suspending] = ROW("Held", "HOLDING", 20, "Pausing", 8192,
                                "Running.Suspending", "Held"),
    [LW_STATE_Unsuspending] = ROW("Held", "RESTARTING", 40, "Resuming", 16384,
                                  "Running.Unsuspending", "Held"),
    [LW_STATE_Resetting] = ROW("Idle", "IDLE", 100, "Resetting", 32768,
                               "Running.Resetting", "Idle"),
    [LW_STATE_Completing] = ROW("Running", "RUNNING", 50, "Completing", 65536,
                                "Running.Completing", "Running"),
    [LW_STATE_Complete] = ROW("Complete", "COMPLETE", 70, "Completed", 131072,
                              "Running.Complete", "Complete"),
};

static const lw_state_name paused[LW_SCHEME_N] =
    ROW("Paused", "RUNNING", 50, "Paused", 32, "Running.Execute", "Paused");

static const char *const schemes[LW_SCHEME_N] = {
#define NAME(name) #name,
    LW_SCHEMES(NAME)
#undef NAME
};

lw_state_name lw_packml_map(int state, int is_paused, int scheme) {
  if (!lw_packml_state_name(state) || !lw_scheme_name(scheme))
    return (lw_state_name){NULL, 0};
  if (is_paused && state == LW_STATE_Execute)
    return paused[scheme];
  return rows[state][scheme];
}

const char *lw_scheme_name(int scheme) {
  return scheme >= 0 && scheme < LW_SCHEME_N ? schemes[scheme] : NULL;
}
