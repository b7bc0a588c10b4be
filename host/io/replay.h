// The driver of kind "replay": plays a recorded table (io/csv.h) as if it were
// a device. A tag's address is a column's name. Between two rows the older one
// holds; an empty cell reads as bad; after the last row everything does.
#ifndef LW_IO_REPLAY_H
#define LW_IO_REPLAY_H

#include "linewright.h" // lw_driver_ops

extern const lw_driver_ops lw_replay_ops;

#endif
