// A disk in memory whose power can be cut: an SQLite VFS for tests.
//
// Writes stay "in the cache" until their file is synced. At a cut each cached
// write is kept, dropped or torn at 512-byte sectors, independently of its
// order; a file that was never synced may be missing. Faults can be armed for
// one operation or for all from it on. One disk, one thread, one connection.
#ifndef LW_TEST_POWER_VFS_H
#define LW_TEST_POWER_VFS_H

#include <errno.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define POWER_FILES 8
#define POWER_SECTOR 512

// What goes wrong at the armed operation.
enum {
  POWER_NONE,
  POWER_CUT,         // nothing works any more
  POWER_EIO,         // input or output error
  POWER_FULL,        // no room: writes fail, half of one may be done
  POWER_FSYNC_ERROR, // a sync fails and the cache forgets what was unwritten
  POWER_FAULTS
};

typedef struct power_bytes {
  uint8_t *at;
  int64_t n, room;
} power_bytes;

typedef struct power_write {
  int64_t offset; // -1: a truncation to n bytes
  int64_t n;
  uint8_t *bytes;
} power_write;

typedef struct power_file {
  char name[128]; // "" = free
  power_bytes now, disk;
  power_write *cache;
  int cache_n, cache_room;
  int is_on_disk; // its name was made durable
  uint8_t *shm[16];
} power_file;

typedef struct power_disk {
  power_file files[POWER_FILES];
  uint64_t random;
  int64_t op;       // operations so far
  int64_t fault_at; // operation that fails, 0 = none
  int fault;        // POWER_*
  int is_lasting;   // all later ones of its kind fail, too
  int is_off;       // after a cut
  int is_lying;     // syncs report success and do nothing
  int64_t fault_n;  // faults that happened
  int life;         // handles of an earlier one are dead
} power_disk;

static power_disk *power_on; // the one disk: SQLite's calls carry no context

static inline uint64_t power_random(power_disk *d) {
  d->random += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
  uint64_t z = d->random;
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

// Out of line: GCC 12 warns about sizes it cannot follow when it is inlined.
__attribute__((noinline, unused)) static void power_make_room(power_bytes *b,
                                                              int64_t n) {
  if (n <= b->room)
    return;
  b->room = 2 * n + 4096;
  b->at = realloc(b->at, (size_t)b->room);
}

static inline void power_write_at(power_bytes *b, int64_t offset,
                                  const void *from, int64_t n) {
  power_make_room(b, offset + n);
  if (offset > b->n)
    memset(b->at + b->n, 0, (size_t)(offset - b->n));
  memcpy(b->at + offset, from, (size_t)n);
  if (offset + n > b->n)
    b->n = offset + n;
}

static inline void power_forget_cache(power_file *f) {
  for (int i = 0; i < f->cache_n; i++)
    free(f->cache[i].bytes);
  f->cache_n = 0;
}

static inline void power_copy(power_bytes *to, const power_bytes *from) {
  to->n = 0;
  if (from->n)
    power_write_at(to, 0, from->at, from->n);
}

static inline void power_file_free(power_file *f) {
  power_forget_cache(f);
  free(f->cache);
  free(f->now.at);
  free(f->disk.at);
  for (int i = 0; i < 16; i++)
    free(f->shm[i]);
  *f = (power_file){0};
}

static inline void power_disk_fini(power_disk *d) {
  for (int i = 0; i < POWER_FILES; i++)
    power_file_free(&d->files[i]);
}

// Start with a copy of what another disk holds for sure.
static inline void power_disk_copy(power_disk *to, const power_disk *from) {
  for (int i = 0; i < POWER_FILES; i++) {
    if (!from->files[i].is_on_disk)
      continue;
    memcpy(to->files[i].name, from->files[i].name, sizeof to->files[i].name);
    power_copy(&to->files[i].disk, &from->files[i].disk);
    power_copy(&to->files[i].now, &from->files[i].disk);
    to->files[i].is_on_disk = 1;
  }
}

// ------------------------------------------------------------------ faults --

// Count an operation. Returns what is wrong with it, POWER_NONE mostly.
static inline int power_fault(power_disk *d, int is_write, int is_sync) {
  if (d->is_off)
    return POWER_CUT;
  d->op++;
  int is_hit = d->fault_at &&
               (d->op == d->fault_at || (d->is_lasting && d->op > d->fault_at));
  if (!is_hit)
    return POWER_NONE;
  int concerns = d->fault == POWER_CUT || d->fault == POWER_EIO ||
                 (d->fault == POWER_FULL && is_write) ||
                 (d->fault == POWER_FSYNC_ERROR && is_sync);
  if (!concerns) { // wait for the next operation of the kind
    d->fault_at = d->is_lasting ? d->fault_at : d->op + 1;
    return POWER_NONE;
  }
  d->fault_n++;
  d->is_off = d->fault == POWER_CUT;
  return d->fault;
}

static inline void power_keep_sectors(power_disk *d, power_bytes *b,
                                      const power_write *w) {
  for (int64_t at = 0; at < w->n; at += POWER_SECTOR) {
    int64_t n = w->n - at < POWER_SECTOR ? w->n - at : POWER_SECTOR;
    if (power_random(d) & 1)
      power_write_at(b, w->offset + at, w->bytes + at, n);
  }
}

static inline void power_settle(power_disk *d, power_file *f) {
  int mood = (int)(power_random(d) % 4); // drop all, keep all, or mix
  for (int i = 0; i < f->cache_n; i++) {
    const power_write *w = &f->cache[i];
    int fate = mood == 0 ? 0 : mood == 1 ? 1 : (int)(power_random(d) % 3);
    if (fate == 0)
      continue;
    if (w->offset < 0)
      f->disk.n = w->n < f->disk.n ? w->n : f->disk.n;
    else if (fate == 1)
      power_write_at(&f->disk, w->offset, w->bytes, w->n);
    else
      power_keep_sectors(d, &f->disk, w);
  }
}

// What is on the platter after the cut becomes what the next start sees.
static inline void power_restore(power_disk *d) {
  for (int i = 0; i < POWER_FILES; i++) {
    power_file *f = &d->files[i];
    if (!f->name[0])
      continue;
    if (!f->is_on_disk && power_random(d) & 1) {
      power_file_free(f);
      continue;
    }
    power_settle(d, f);
    power_forget_cache(f);
    power_copy(&f->now, &f->disk);
    f->is_on_disk = 1;
    for (int k = 0; k < 16; k++) {
      free(f->shm[k]);
      f->shm[k] = NULL;
    }
  }
  d->is_off = 0;
  d->fault_at = 0;
  d->op = 0;
}

// ----------------------------------------------------------- SQLite's side --

typedef struct power_handle {
  sqlite3_file base;
  power_file *file;
  int life;
} power_handle;

static inline power_file *power_file_of(sqlite3_file *h) {
  return ((power_handle *)h)->file;
}

// A handle that a process before the cut left open.
static inline int power_is_stale(sqlite3_file *h) {
  return ((power_handle *)h)->life != power_on->life;
}

static inline void power_cache(power_file *f, int64_t offset, const void *from,
                               int64_t n) {
  if (f->cache_n == f->cache_room) {
    f->cache_room = 2 * f->cache_room + 16;
    f->cache = realloc(f->cache, (size_t)f->cache_room * sizeof *f->cache);
  }
  power_write w = {.offset = offset, .n = n};
  if (offset >= 0) {
    w.bytes = malloc((size_t)n);
    memcpy(w.bytes, from, (size_t)n);
  }
  f->cache[f->cache_n++] = w;
}

static int power_close(sqlite3_file *h) {
  (void)h;
  return SQLITE_OK;
}

static int power_read(sqlite3_file *h, void *to, int n, sqlite3_int64 offset) {
  power_file *f = power_file_of(h);
  if (power_is_stale(h) || power_fault(power_on, 0, 0) != POWER_NONE)
    return SQLITE_IOERR_READ;
  int64_t have = f->now.n - offset;
  have = have < 0 ? 0 : have > n ? n : have;
  if (have)
    memcpy(to, f->now.at + offset, (size_t)have);
  memset((uint8_t *)to + have, 0, (size_t)(n - have));
  return have < n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int power_put(sqlite3_file *h, const void *from, int n,
                     sqlite3_int64 offset) {
  power_file *f = power_file_of(h);
  if (power_is_stale(h))
    return SQLITE_IOERR_WRITE;
  int fault = power_fault(power_on, 1, 0);
  if (fault != POWER_NONE) // cut short: part of it may have happened
    n = (int)(power_random(power_on) % (uint64_t)(n + 1));
  if (n) {
    power_write_at(&f->now, offset, from, n);
    power_cache(f, offset, from, n);
  }
  return fault == POWER_NONE   ? SQLITE_OK
         : fault == POWER_FULL ? SQLITE_FULL
                               : SQLITE_IOERR_WRITE;
}

static int power_truncate(sqlite3_file *h, sqlite3_int64 n) {
  power_file *f = power_file_of(h);
  if (power_is_stale(h) || power_fault(power_on, 0, 0) != POWER_NONE)
    return SQLITE_IOERR_TRUNCATE;
  f->now.n = n < f->now.n ? n : f->now.n;
  power_cache(f, -1, NULL, n);
  return SQLITE_OK;
}

static int power_sync(sqlite3_file *h, int flags) {
  power_file *f = power_file_of(h);
  (void)flags;
  if (power_is_stale(h))
    return SQLITE_IOERR_FSYNC;
  int fault = power_fault(power_on, 0, 1);
  if (fault == POWER_FSYNC_ERROR)
    power_forget_cache(f); // what is seen and what is kept part ways here
  if (fault != POWER_NONE)
    return SQLITE_IOERR_FSYNC;
  if (power_on->is_lying)
    return SQLITE_OK;
  power_write *w = f->cache;
  for (int i = 0; i < f->cache_n; i++, w++) {
    if (w->offset < 0)
      f->disk.n = w->n < f->disk.n ? w->n : f->disk.n;
    else
      power_write_at(&f->disk, w->offset, w->bytes, w->n);
  }
  power_forget_cache(f);
  f->is_on_disk = 1;
  return SQLITE_OK;
}

static int power_size(sqlite3_file *h, sqlite3_int64 *n) {
  *n = power_file_of(h)->now.n;
  return power_on->is_off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int power_lock(sqlite3_file *h, int level) {
  (void)h;
  (void)level;
  return SQLITE_OK;
}

static int power_is_locked(sqlite3_file *h, int *out) {
  (void)h;
  *out = 0;
  return SQLITE_OK;
}

static int power_control(sqlite3_file *h, int op, void *arg) {
  (void)h;
  (void)op;
  (void)arg;
  return SQLITE_NOTFOUND;
}

static int power_sector(sqlite3_file *h) {
  (void)h;
  return POWER_SECTOR;
}

static int power_traits(sqlite3_file *h) {
  (void)h;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE; // as SQLite assumes on Linux
}

static int power_shm_map(sqlite3_file *h, int region, int size, int extend,
                         void volatile **out) {
  power_file *f = power_file_of(h);
  *out = NULL;
  if (region >= 16 || power_is_stale(h))
    return SQLITE_IOERR_SHMMAP;
  if (!f->shm[region] && extend)
    f->shm[region] = calloc(1, (size_t)size);
  *out = f->shm[region];
  return SQLITE_OK;
}

static int power_shm_lock(sqlite3_file *h, int offset, int n, int flags) {
  (void)h;
  (void)offset;
  (void)n;
  (void)flags;
  return SQLITE_OK;
}

static void power_shm_barrier(sqlite3_file *h) {
  (void)h;
}

static int power_shm_unmap(sqlite3_file *h, int is_delete) {
  power_file *f = power_file_of(h);
  for (int i = 0; is_delete && !power_is_stale(h) && i < 16; i++) {
    free(f->shm[i]);
    f->shm[i] = NULL;
  }
  return SQLITE_OK;
}

static const sqlite3_io_methods power_methods = {
    .iVersion = 2,
    .xClose = power_close,
    .xRead = power_read,
    .xWrite = power_put,
    .xTruncate = power_truncate,
    .xSync = power_sync,
    .xFileSize = power_size,
    .xLock = power_lock,
    .xUnlock = power_lock,
    .xCheckReservedLock = power_is_locked,
    .xFileControl = power_control,
    .xSectorSize = power_sector,
    .xDeviceCharacteristics = power_traits,
    .xShmMap = power_shm_map,
    .xShmLock = power_shm_lock,
    .xShmBarrier = power_shm_barrier,
    .xShmUnmap = power_shm_unmap,
};

static inline power_file *power_find(const char *name) {
  for (int i = 0; i < POWER_FILES; i++)
    if (strcmp(power_on->files[i].name, name) == 0)
      return &power_on->files[i];
  return NULL;
}

static int power_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *h,
                      int flags, int *out_flags) {
  (void)vfs;
  h->pMethods = NULL;
  if (power_on->is_off || !name)
    return SQLITE_CANTOPEN;
  power_file *f = power_find(name);
  if (!f && !(flags & SQLITE_OPEN_CREATE))
    return SQLITE_CANTOPEN;
  if (!f) {
    f = power_find("");
    snprintf(f->name, sizeof f->name, "%s", name);
  }
  ((power_handle *)h)->file = f;
  ((power_handle *)h)->life = power_on->life;
  h->pMethods = &power_methods;
  if (out_flags)
    *out_flags = flags;
  return SQLITE_OK;
}

static int power_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
  (void)vfs;
  (void)sync_folder;
  if (power_fault(power_on, 0, 0) != POWER_NONE)
    return SQLITE_IOERR_DELETE;
  power_file *f = power_find(name);
  if (!f)
    return SQLITE_IOERR_DELETE_NOENT;
  power_file_free(f);
  return SQLITE_OK;
}

static int power_access(sqlite3_vfs *vfs, const char *name, int flags,
                        int *out) {
  (void)vfs;
  (void)flags;
  power_file *f = power_find(name);
  *out = f != NULL && f->now.n > 0;
  return SQLITE_OK;
}

static int power_path(sqlite3_vfs *vfs, const char *name, int n, char *out) {
  (void)vfs;
  snprintf(out, (size_t)n, "%s", name);
  return SQLITE_OK;
}

static int power_sleep(sqlite3_vfs *vfs, int us) {
  (void)vfs;
  return us;
}

static int power_bytes_random(sqlite3_vfs *vfs, int n, char *out) {
  (void)vfs;
  for (int i = 0; i < n; i++)
    out[i] = (char)power_random(power_on);
  return n;
}

static int power_now(sqlite3_vfs *vfs, double *out) {
  (void)vfs;
  *out = 2460000.5;
  return SQLITE_OK;
}

static int power_last_error(sqlite3_vfs *vfs, int n, char *out) {
  (void)vfs;
  (void)n;
  (void)out;
  return 0;
}

// Make `d` the disk that SQLite uses from now on.
static inline void power_use(power_disk *d) {
  static sqlite3_vfs vfs = {.iVersion = 1,
                            .szOsFile = sizeof(power_handle),
                            .mxPathname = 128,
                            .zName = "power",
                            .xOpen = power_open,
                            .xDelete = power_delete,
                            .xAccess = power_access,
                            .xFullPathname = power_path,
                            .xRandomness = power_bytes_random,
                            .xSleep = power_sleep,
                            .xCurrentTime = power_now,
                            .xGetLastError = power_last_error};
  power_on = d;
  sqlite3_vfs_register(&vfs, 1);
}

#endif
