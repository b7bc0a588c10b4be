// GigE Vision and USB3 Vision cameras through the Aravis library, which is
// loaded when the first camera is opened: a program without cameras needs none.
#ifndef LW_IO_ARAVIS_H
#define LW_IO_ARAVIS_H

#include <stddef.h> // size_t
#include <stdint.h> // uint64_t

#include "base/err.h" // lw_err

typedef struct lw_aravis lw_aravis; // an open camera

typedef struct lw_aravis_config {
  const char *camera; // name, serial number or address; NULL: the first found;
                      // "Fake_1": the library's own, for tries
  const char *format; // GenICam pixel format: Mono8, Mono16 or RGB8
  int is_triggered;   // by lw_aravis_trigger, not by its own clock
  double rate_hz;     // of its own clock; 0: as the camera is set
  double exposure_s;  // 0: as the camera is set
  double gain_db;     // NaN: as the camera is set
  int left, top, width, height; // region of the sensor; width 0: all of it
  int has_plain_socket; // GigE without a packet socket: containers, loopback
} lw_aravis_config;

// One picture, valid until the next call on its camera.
typedef struct lw_aravis_frame {
  const uint8_t *data; // rows without gaps [n]; 16 bits little-endian
  size_t n;
  int width, height, channels, bits; // 1 or 3; 8 or 16
  uint64_t id;                       // counted by the camera, 0 = it does not
} lw_aravis_frame;

// Find the camera, set it up and start it. LW_E_UNSUPPORTED without the
// library, with what to install; LW_E_NOTFOUND, LW_E_IO.
int lw_aravis_open(lw_aravis **a, const lw_aravis_config *c, lw_err *e);
int lw_aravis_trigger(lw_aravis *a, lw_err *e); // or LW_E_IO: it is gone
// The next picture that has arrived: 1 with *f filled, 0 for none; LW_E_CORRUPT
// for one that lost packets, LW_E_UNSUPPORTED for a pixel format not above.
int lw_aravis_next(lw_aravis *a, lw_aravis_frame *f, lw_err *e);
int lw_aravis_ask(lw_aravis *a, lw_err *e); // is it there? or LW_E_IO
void lw_aravis_close(lw_aravis *a);         // NULL is fine

#endif
