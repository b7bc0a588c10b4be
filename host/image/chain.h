// The filters that a profile declares for one tag, ready to run.
#ifndef LW_IMAGE_CHAIN_H
#define LW_IMAGE_CHAIN_H

#include "dsp/filter.h" // lw_filter_kind
#include "image/plan.h" // lw_plan

typedef struct lw_link {
  const lw_filter_kind *kind;
  void *filter; // owned
} lw_link;

typedef struct lw_chain {
  lw_link *links; // [n], owned
  uint32_t n;
  int is_primed; // the newest output depends on full windows only
  // Detectors: the output is a severity, in no unit; which of them finds the
  // newest sample an alarm (NULL: none does), why, and how severe it is.
  int is_severity;
  const lw_filter_kind *fired;
  const char *why; // lives as long as the program
  double severity;
} lw_chain;

// 1 when a filter of the tag is a detector.
int lw_chain_is_watched(const lw_plan *p, uint32_t tag);

// Set up the chain of tag i, which may be empty; sampled at its poll interval,
// at least the scan. Returns 0, or a code with a message that names tag,
// filter and number; nothing has to be freed then.
int lw_chain_init(lw_chain *c, const lw_plan *p, uint32_t tag, lw_err *e);
void lw_chain_fini(lw_chain *c);

// One sample [tag's unit] through all filters, in their order; allocates
// nothing. A chain of nothing gives x and is primed.
double lw_chain_step(lw_chain *c, double x);

#endif
