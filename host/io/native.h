// The driver of kind "native": a vendor's library, bound by LuaJIT's FFI in a
// Lua file of the line's, in a process of its own. What crashes or hangs there
// costs its tags their quality; the driver is opened again, with pauses.
//
// The process is this program in the role `native`. On its descriptor 3:
//   we:   code BYTES\n and the file's text, options BYTES\n and their JSON,
//         points N\n and N addresses, one a line
//   it:   ready\n, or error TEXT\n
//   we:   read\n                   it: values V V ...\n, one per point, nan = bad
//   we:   write INDEX VALUE\n      it: ok\n          (INDEX counts from 1)
// Every answer may be error TEXT\n instead.
#ifndef LW_IO_NATIVE_H
#define LW_IO_NATIVE_H

#include "linewright.h" // lw_driver_ops

extern const lw_driver_ops lw_native_ops;

#endif
