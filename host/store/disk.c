// A disk in memory: an SQLite VFS whose unsynced writes are cached, kept,
// dropped or torn by sectors. SQLite's callbacks find their disk in the file's
// handle.
#include "store/disk.h"

#include <sqlite3.h> // sqlite3_vfs
#include <stdio.h>   // snprintf
#include <stdlib.h>  // calloc
#include <string.h>  // memcpy

#define DISK_SECTOR 512

uint64_t lw_disk_random(lw_disk *d) {
  d->random += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
  uint64_t z = d->random;
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static void disk_make_room(lw_disk_bytes *b, int64_t n) {
  if (n <= b->room)
    return;
  b->room = 2 * n + 4096;
  b->at = realloc(b->at, (size_t)b->room);
}

static void disk_write_at(lw_disk_bytes *b, int64_t offset, const void *from,
                          int64_t n) {
  disk_make_room(b, offset + n);
  if (offset > b->n)
    memset(b->at + b->n, 0, (size_t)(offset - b->n));
  memcpy(b->at + offset, from, (size_t)n);
  if (offset + n > b->n)
    b->n = offset + n;
}

static void disk_forget_cache(lw_disk_file *f) {
  for (int i = 0; i < f->cache_n; i++)
    free(f->cache[i].bytes);
  f->cache_n = 0;
}

static void disk_copy(lw_disk_bytes *to, const lw_disk_bytes *from) {
  to->n = 0;
  if (from->n)
    disk_write_at(to, 0, from->at, from->n);
}

static void disk_file_free(lw_disk_file *f) {
  disk_forget_cache(f);
  free(f->cache);
  free(f->now.at);
  free(f->disk.at);
  *f = (lw_disk_file){0};
}

// Handles of a process that died may still look at what it had mapped.
static void bury_maps(lw_disk *d, lw_disk_file *f) {
  for (int i = 0; i < LW_DISK_MAPS; i++) {
    if (!f->maps[i])
      continue;
    void **more = realloc(d->buried, (size_t)(d->buried_n + 1) * sizeof *more);
    if (more) {
      d->buried = more;
      d->buried[d->buried_n++] = f->maps[i];
    }
    f->maps[i] = NULL;
  }
}

void lw_disk_wipe(lw_disk *d) {
  for (int i = 0; i < LW_DISK_FILES; i++) {
    bury_maps(d, &d->files[i]);
    disk_file_free(&d->files[i]);
  }
  d->life++; // what was open is dead
  d->op = d->fault_at = d->fault_n = 0;
  d->is_off = d->is_lasting = 0;
}

void lw_disk_fini(lw_disk *d) {
  lw_disk_wipe(d);
  for (int i = 0; i < d->buried_n; i++)
    free(d->buried[i]);
  free(d->buried);
  d->buried = NULL;
  d->buried_n = 0;
  if (d->vfs)
    sqlite3_vfs_unregister(d->vfs);
  free(d->vfs);
  d->vfs = NULL;
}

void lw_disk_copy(lw_disk *to, const lw_disk *from) {
  for (int i = 0; i < LW_DISK_FILES; i++) {
    if (!from->files[i].is_on_disk)
      continue;
    memcpy(to->files[i].name, from->files[i].name, sizeof to->files[i].name);
    disk_copy(&to->files[i].disk, &from->files[i].disk);
    disk_copy(&to->files[i].now, &from->files[i].disk);
    to->files[i].is_on_disk = 1;
  }
}

// ------------------------------------------------------------------ faults --

// Count an operation. Returns what is wrong with it, LW_DISK_none mostly.
static int disk_fault(lw_disk *d, int is_write, int is_sync) {
  if (d->is_off)
    return LW_DISK_cut;
  d->op++;
  int is_hit = d->fault_at &&
               (d->op == d->fault_at || (d->is_lasting && d->op > d->fault_at));
  if (!is_hit)
    return LW_DISK_none;
  int concerns = d->fault == LW_DISK_cut || d->fault == LW_DISK_eio ||
                 (d->fault == LW_DISK_full && is_write) ||
                 (d->fault == LW_DISK_fsync && is_sync);
  if (!concerns) { // wait for the next operation of the kind
    d->fault_at = d->is_lasting ? d->fault_at : d->op + 1;
    return LW_DISK_none;
  }
  d->fault_n++;
  d->is_off = d->fault == LW_DISK_cut;
  return d->fault;
}

static void disk_keep_sectors(lw_disk *d, lw_disk_bytes *b,
                              const lw_disk_write *w) {
  for (int64_t at = 0; at < w->n; at += DISK_SECTOR) {
    int64_t n = w->n - at < DISK_SECTOR ? w->n - at : DISK_SECTOR;
    if (lw_disk_random(d) & 1)
      disk_write_at(b, w->offset + at, w->bytes + at, n);
  }
}

static void disk_settle(lw_disk *d, lw_disk_file *f) {
  int mood = (int)(lw_disk_random(d) % 4); // drop all, keep all, or mix
  for (int i = 0; i < f->cache_n; i++) {
    const lw_disk_write *w = &f->cache[i];
    int fate = mood == 0 ? 0 : mood == 1 ? 1 : (int)(lw_disk_random(d) % 3);
    if (fate == 0)
      continue;
    if (w->offset < 0)
      f->disk.n = w->n < f->disk.n ? w->n : f->disk.n;
    else if (fate == 1)
      disk_write_at(&f->disk, w->offset, w->bytes, w->n);
    else
      disk_keep_sectors(d, &f->disk, w);
  }
}

void lw_disk_restore(lw_disk *d) {
  for (int i = 0; i < LW_DISK_FILES; i++) {
    lw_disk_file *f = &d->files[i];
    if (!f->name[0])
      continue;
    bury_maps(d, f);
    if (!f->is_on_disk && lw_disk_random(d) & 1) {
      disk_file_free(f);
      continue;
    }
    disk_settle(d, f);
    disk_forget_cache(f);
    disk_copy(&f->now, &f->disk);
    f->is_on_disk = 1;
  }
  d->life++; // what was open is dead
  d->is_off = 0;
  d->fault_at = 0;
  d->op = 0;
}

// ----------------------------------------------------------- SQLite's side --

typedef struct disk_handle {
  sqlite3_file base;
  lw_disk *disk;
  lw_disk_file *file;
  int life;
} disk_handle;

static lw_disk *disk_of(sqlite3_file *h) {
  return ((disk_handle *)h)->disk;
}

static lw_disk *disk_behind(sqlite3_vfs *vfs) {
  return vfs->pAppData;
}

static lw_disk_file *disk_file_of(sqlite3_file *h) {
  return ((disk_handle *)h)->file;
}

// A handle that a process before the cut left open.
static int disk_is_stale(sqlite3_file *h) {
  return ((disk_handle *)h)->life != disk_of(h)->life;
}

static void disk_cache(lw_disk_file *f, int64_t offset, const void *from,
                       int64_t n) {
  if (f->cache_n == f->cache_room) {
    f->cache_room = 2 * f->cache_room + 16;
    f->cache = realloc(f->cache, (size_t)f->cache_room * sizeof *f->cache);
  }
  lw_disk_write w = {.offset = offset, .n = n};
  if (offset >= 0) {
    w.bytes = malloc((size_t)n);
    memcpy(w.bytes, from, (size_t)n);
  }
  f->cache[f->cache_n++] = w;
}

static int disk_close(sqlite3_file *h) {
  (void)h;
  return SQLITE_OK;
}

static int disk_read(sqlite3_file *h, void *to, int n, sqlite3_int64 offset) {
  lw_disk_file *f = disk_file_of(h);
  if (disk_is_stale(h) || disk_fault(disk_of(h), 0, 0) != LW_DISK_none)
    return SQLITE_IOERR_READ;
  int64_t have = f->now.n - offset;
  have = have < 0 ? 0 : have > n ? n : have;
  if (have)
    memcpy(to, f->now.at + offset, (size_t)have);
  memset((uint8_t *)to + have, 0, (size_t)(n - have));
  return have < n ? SQLITE_IOERR_SHORT_READ : SQLITE_OK;
}

static int disk_put(sqlite3_file *h, const void *from, int n,
                    sqlite3_int64 offset) {
  lw_disk_file *f = disk_file_of(h);
  if (disk_is_stale(h))
    return SQLITE_IOERR_WRITE;
  int fault = disk_fault(disk_of(h), 1, 0);
  if (fault != LW_DISK_none) // cut short: part of it may have happened
    n = (int)(lw_disk_random(disk_of(h)) % (uint64_t)(n + 1));
  if (n) {
    disk_write_at(&f->now, offset, from, n);
    disk_cache(f, offset, from, n);
  }
  return fault == LW_DISK_none   ? SQLITE_OK
         : fault == LW_DISK_full ? SQLITE_FULL
                                 : SQLITE_IOERR_WRITE;
}

static int disk_truncate(sqlite3_file *h, sqlite3_int64 n) {
  lw_disk_file *f = disk_file_of(h);
  if (disk_is_stale(h) || disk_fault(disk_of(h), 0, 0) != LW_DISK_none)
    return SQLITE_IOERR_TRUNCATE;
  f->now.n = n < f->now.n ? n : f->now.n;
  disk_cache(f, -1, NULL, n);
  return SQLITE_OK;
}

static int disk_sync(sqlite3_file *h, int flags) {
  lw_disk_file *f = disk_file_of(h);
  (void)flags;
  if (disk_is_stale(h))
    return SQLITE_IOERR_FSYNC;
  int fault = disk_fault(disk_of(h), 0, 1);
  if (fault == LW_DISK_fsync)
    disk_forget_cache(f); // what is seen and what is kept part ways here
  if (fault != LW_DISK_none)
    return SQLITE_IOERR_FSYNC;
  if (disk_of(h)->is_lying)
    return SQLITE_OK;
  lw_disk_write *w = f->cache;
  for (int i = 0; i < f->cache_n; i++, w++) {
    if (w->offset < 0)
      f->disk.n = w->n < f->disk.n ? w->n : f->disk.n;
    else
      disk_write_at(&f->disk, w->offset, w->bytes, w->n);
  }
  disk_forget_cache(f);
  f->is_on_disk = 1;
  return SQLITE_OK;
}

static int disk_size(sqlite3_file *h, sqlite3_int64 *n) {
  *n = disk_file_of(h)->now.n;
  return disk_of(h)->is_off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

// Who closes what a dead process had open would otherwise delete the log that
// is in use since.
static int disk_lock(sqlite3_file *h, int level) {
  (void)level;
  return disk_is_stale(h) ? SQLITE_IOERR_LOCK : SQLITE_OK;
}

static int disk_unlock(sqlite3_file *h, int level) {
  (void)h;
  (void)level;
  return SQLITE_OK;
}

static int disk_is_locked(sqlite3_file *h, int *out) {
  (void)h;
  *out = 0;
  return SQLITE_OK;
}

static int disk_control(sqlite3_file *h, int op, void *arg) {
  (void)h;
  (void)op;
  (void)arg;
  return SQLITE_NOTFOUND;
}

static int disk_sector(sqlite3_file *h) {
  (void)h;
  return DISK_SECTOR;
}

static int disk_traits(sqlite3_file *h) {
  (void)h;
  return SQLITE_IOCAP_POWERSAFE_OVERWRITE; // as SQLite assumes on Linux
}

static int disk_shm_map(sqlite3_file *h, int region, int size, int extend,
                        void volatile **out) {
  lw_disk_file *f = disk_file_of(h);
  *out = NULL;
  if (region >= LW_DISK_MAPS || disk_is_stale(h))
    return SQLITE_IOERR_SHMMAP;
  if (!f->maps[region] && extend)
    f->maps[region] = calloc(1, (size_t)size);
  *out = f->maps[region];
  return SQLITE_OK;
}

static int disk_shm_lock(sqlite3_file *h, int offset, int n, int flags) {
  (void)h;
  (void)offset;
  (void)n;
  (void)flags;
  return SQLITE_OK;
}

static void disk_shm_barrier(sqlite3_file *h) {
  (void)h;
}

// There is one connection at a time: with it the index goes, and the next one
// reads the log, as with the system's files.
static int disk_shm_unmap(sqlite3_file *h, int is_delete) {
  lw_disk_file *f = disk_file_of(h);
  (void)is_delete;
  for (int i = 0; !disk_is_stale(h) && i < LW_DISK_MAPS; i++) {
    free(f->maps[i]);
    f->maps[i] = NULL;
  }
  return SQLITE_OK;
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_put,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_is_locked,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_traits,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static lw_disk_file *disk_find(lw_disk *d, const char *name) {
  for (int i = 0; i < LW_DISK_FILES; i++)
    if (strcmp(d->files[i].name, name) == 0)
      return &d->files[i];
  return NULL;
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *h,
                     int flags, int *out_flags) {
  lw_disk *d = disk_behind(vfs);
  h->pMethods = NULL;
  if (d->is_off || !name)
    return SQLITE_CANTOPEN;
  lw_disk_file *f = disk_find(d, name);
  if (!f && !(flags & SQLITE_OPEN_CREATE))
    return SQLITE_CANTOPEN;
  if (!f) {
    f = disk_find(d, "");
    snprintf(f->name, sizeof f->name, "%s", name);
  }
  disk_handle *handle = (disk_handle *)h;
  handle->disk = d;
  handle->file = f;
  handle->life = d->life;
  h->pMethods = &disk_methods;
  if (out_flags)
    *out_flags = flags;
  return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
  lw_disk *d = disk_behind(vfs);
  (void)sync_folder;
  if (disk_fault(d, 0, 0) != LW_DISK_none)
    return SQLITE_IOERR_DELETE;
  lw_disk_file *f = disk_find(d, name);
  if (!f)
    return SQLITE_IOERR_DELETE_NOENT;
  bury_maps(d, f);
  disk_file_free(f);
  return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags,
                       int *out) {
  lw_disk *d = disk_behind(vfs);
  (void)flags;
  lw_disk_file *f = disk_find(d, name);
  *out = f != NULL && f->now.n > 0;
  return SQLITE_OK;
}

static int disk_path(sqlite3_vfs *vfs, const char *name, int n, char *out) {
  (void)vfs;
  snprintf(out, (size_t)n, "%s", name);
  return SQLITE_OK;
}

static int disk_sleep(sqlite3_vfs *vfs, int us) {
  (void)vfs;
  return us;
}

static int disk_bytes_random(sqlite3_vfs *vfs, int n, char *out) {
  for (int i = 0; i < n; i++)
    out[i] = (char)lw_disk_random(disk_behind(vfs));
  return n;
}

static int disk_now(sqlite3_vfs *vfs, double *out) {
  (void)vfs;
  *out = 2460000.5;
  return SQLITE_OK;
}

static int disk_last_error(sqlite3_vfs *vfs, int n, char *out) {
  (void)vfs;
  (void)n;
  (void)out;
  return 0;
}

int lw_disk_mount(lw_disk *d, const char *name, int is_default) {
  sqlite3_vfs *vfs = calloc(1, sizeof *vfs);
  if (!vfs)
    return LW_E_NOMEM;
  snprintf(d->name, sizeof d->name, "%s", name);
  *vfs = (sqlite3_vfs){.iVersion = 1,
                       .szOsFile = sizeof(disk_handle),
                       .mxPathname = 128,
                       .zName = d->name,
                       .pAppData = d,
                       .xOpen = disk_open,
                       .xDelete = disk_delete,
                       .xAccess = disk_access,
                       .xFullPathname = disk_path,
                       .xRandomness = disk_bytes_random,
                       .xSleep = disk_sleep,
                       .xCurrentTime = disk_now,
                       .xGetLastError = disk_last_error};
  d->vfs = vfs;
  return sqlite3_vfs_register(vfs, is_default) == SQLITE_OK ? 0 : LW_E_NOMEM;
}
