// The rows of the filter table; read through dsp/filter.h.
#ifndef LW_DSP_KINDS_H
#define LW_DSP_KINDS_H

#include "dsp/filter.h" // lw_filter_kind

extern const lw_filter_kind lw_filter_kinds[]; // filters
extern const lw_filter_kind lw_detector_kinds[];
extern const size_t lw_filter_kind_n, lw_detector_kind_n;

#endif
