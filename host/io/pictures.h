// The driver of kind "pictures": plays a folder of pictures as a camera would
// deliver them, one each interval or one for each trigger, in the order of
// their names. Points and counts are those of io/shots.h.
#ifndef LW_IO_PICTURES_H
#define LW_IO_PICTURES_H

#include "linewright.h" // lw_driver_ops

extern const lw_driver_ops lw_pictures_ops;

#endif
