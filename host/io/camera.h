// The driver of kind "camera": pictures of a GigE Vision or USB3 Vision camera
// (io/aravis.h), kept as files in a folder (io/spool.h) and given as tags as
// io/shots.h says. A picture that lost packets on its way is a missing one.
#ifndef LW_IO_CAMERA_H
#define LW_IO_CAMERA_H

#include "linewright.h" // lw_driver_ops

extern const lw_driver_ops lw_camera_ops;

#endif
