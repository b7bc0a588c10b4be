// The rows of the filter table; read through dsp/filter.h.
#ifndef LW_DSP_KINDS_H
#define LW_DSP_KINDS_H

#include "dsp/filter.h" // lw_filter_kind

extern const lw_filter_kind lw_linear_kinds[]; // kinds_linear.c
extern const size_t lw_linear_kind_n;
extern const lw_filter_kind lw_robust_kinds[]; // kinds_robust.c
extern const size_t lw_robust_kind_n;
extern const lw_filter_kind lw_tracker_kinds[]; // kinds_track.c
extern const size_t lw_tracker_kind_n;
extern const lw_filter_kind lw_detector_kinds[]; // kinds_detect.c
extern const size_t lw_detector_kind_n;

#endif
