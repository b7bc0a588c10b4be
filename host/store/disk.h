// A disk in memory whose power can be cut, for trials: the store on it is the
// real one, down to SQLite's calls of its file system.
//
// Writes stay "in the cache" until their file is synced. At a cut each cached
// write is kept, dropped or torn at 512-byte sectors, independently of its
// order; a file that was never synced may be missing. Faults can be armed for
// one operation or for all from it on. One thread; one connection at a time.
#ifndef LW_STORE_DISK_H
#define LW_STORE_DISK_H

#include <stdint.h> // int64_t

#include "base/err.h" // LW_E_NOMEM

#define LW_DISK_FILES 8
#define LW_DISK_MAPS 16 // regions of SQLite's index of its log

// What goes wrong at the armed operation.
enum {
  LW_DISK_none,
  LW_DISK_cut,   // nothing works any more
  LW_DISK_eio,   // input or output error
  LW_DISK_full,  // no room: writes fail, half of one may be done
  LW_DISK_fsync, // a sync fails and the cache forgets what was unwritten
  LW_DISK_FAULT_N
};

typedef struct lw_disk_bytes {
  uint8_t *at;
  int64_t n, room;
} lw_disk_bytes;

typedef struct lw_disk_write {
  int64_t offset; // -1: a truncation to n bytes
  int64_t n;
  uint8_t *bytes;
} lw_disk_write;

typedef struct lw_disk_file {
  char name[128]; // "" = free
  lw_disk_bytes now, disk;
  lw_disk_write *cache;
  int cache_n, cache_room;
  int is_on_disk; // its name was made durable
  uint8_t *maps[LW_DISK_MAPS];
} lw_disk_file;

// Zero all but `random` (the seed), then mount.
typedef struct lw_disk {
  lw_disk_file files[LW_DISK_FILES];
  uint64_t random;
  int64_t op;       // operations so far
  int64_t fault_at; // operation that fails, 0 = none
  int fault;        // LW_DISK_*
  int is_lasting;   // all later ones of its kind fail, too
  int is_off;       // after a cut
  int is_lying;     // syncs report success and do nothing
  int64_t fault_n;  // faults that happened
  int life;         // handles of an earlier one are dead
  char name[32];    // of the VFS
  void *vfs;        // SQLite's, while mounted
  void **buried;    // maps of earlier lives
  int buried_n;
} lw_disk;

// Register as SQLite's VFS `name`; is_default: for all files that name none.
// The disk must stay where it is until _fini. LW_E_NOMEM.
int lw_disk_mount(lw_disk *d, const char *name, int is_default);
// Empty it and disarm its faults. What was open on it is dead.
void lw_disk_wipe(lw_disk *d);
void lw_disk_fini(lw_disk *d); // unmounts; close what is open on it before
// Start with a copy of what another disk holds for sure.
void lw_disk_copy(lw_disk *to, const lw_disk *from);
// Power is back: what is on the platter is what the next start sees. No fault
// is armed any more.
void lw_disk_restore(lw_disk *d);
// The next number of the disk's own stream (splitmix64).
uint64_t lw_disk_random(lw_disk *d);

#endif
