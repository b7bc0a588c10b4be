#include "fault/scarce.h"

#include <errno.h>
#include <link.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

const char *const scarce_names[SCARCE_OWNERS] = {"ours", "SQLite", "PCRE2",
                                                 "others"};

// Several threads of a host ask at once.
static struct {
  _Atomic int is_armed;
  int is_for_ever, owner_n;
  size_t refuse_at;
  _Atomic size_t number;
  _Atomic size_t refused[SCARCE_OWNERS];
} memory;

static int refuses(int owner) {
  if (!atomic_load(&memory.is_armed) || owner >= memory.owner_n)
    return 0;
  size_t number = atomic_fetch_add(&memory.number, 1) + 1;
  int is_refused =
      memory.refuse_at && (number == memory.refuse_at ||
                           (memory.is_for_ever && number > memory.refuse_at));
  if (is_refused) {
    atomic_fetch_add(&memory.refused[owner], 1);
    errno = ENOMEM;
  }
  return is_refused;
}

void scarce_arm(size_t at, int is_for_ever, int owner_n) {
  atomic_store(&memory.is_armed, 0);
  memory.refuse_at = at;
  memory.is_for_ever = is_for_ever;
  memory.owner_n = owner_n;
  atomic_store(&memory.number, 0);
  for (int i = 0; i < SCARCE_OWNERS; i++)
    atomic_store(&memory.refused[i], 0);
  atomic_store(&memory.is_armed, 1);
}

size_t scarce_disarm(void) {
  atomic_store(&memory.is_armed, 0);
  return atomic_load(&memory.number);
}

size_t scarce_refused(int owner) {
  return atomic_load(&memory.refused[owner]);
}

#if defined(__SANITIZE_ADDRESS__)

#include <sqlite3.h>

void *__real_malloc(size_t n);
void *__real_calloc(size_t n, size_t size);
void *__real_realloc(void *old, size_t n);
void *__real_aligned_alloc(size_t align, size_t n);
void *__wrap_malloc(size_t n);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t n);
void *__wrap_aligned_alloc(size_t align, size_t n);

void *__wrap_malloc(size_t n) {
  return refuses(SCARCE_OURS) ? NULL : __real_malloc(n);
}

void *__wrap_calloc(size_t n, size_t size) {
  return refuses(SCARCE_OURS) ? NULL : __real_calloc(n, size);
}

void *__wrap_realloc(void *old, size_t n) {
  return refuses(SCARCE_OURS) ? NULL : __real_realloc(old, n);
}

void *__wrap_aligned_alloc(size_t align, size_t n) {
  return refuses(SCARCE_OURS) ? NULL : __real_aligned_alloc(align, n);
}

static sqlite3_mem_methods sqlite;

static void *sqlite_malloc(int n) {
  return refuses(SCARCE_SQLITE) ? NULL : sqlite.xMalloc(n);
}

static void *sqlite_realloc(void *old, int n) {
  return refuses(SCARCE_SQLITE) ? NULL : sqlite.xRealloc(old, n);
}

void scarce_init(void) {
  sqlite3_config(SQLITE_CONFIG_GETMALLOC, &sqlite);
  sqlite3_mem_methods ours = sqlite;
  ours.xMalloc = sqlite_malloc;
  ours.xRealloc = sqlite_realloc;
  sqlite3_config(SQLITE_CONFIG_MALLOC, &ours);
}

// The leak checker counts.
long scarce_live(void) {
  return 0;
}

#else

#define LIBRARIES_MAX 64

static struct {
  uintptr_t from, to;
  int owner;
} libraries[LIBRARIES_MAX];
static size_t library_n;

static int owner_of_library(const char *path) {
  static const char *const pieces[SCARCE_OWNERS] = {NULL, "/libsqlite3",
                                                    "/libpcre2", NULL};
  for (int i = 0; i < SCARCE_OWNERS; i++)
    if (pieces[i] && strstr(path, pieces[i]))
      return i;
  return *path ? SCARCE_OTHER : SCARCE_OURS;
}

static int add_library(struct dl_phdr_info *info, size_t n, void *arg) {
  (void)n, (void)arg;
  for (int i = 0; i < info->dlpi_phnum; i++) {
    const ElfW(Phdr) *part = &info->dlpi_phdr[i];
    if (part->p_type != PT_LOAD || !(part->p_flags & PF_X) ||
        library_n == LIBRARIES_MAX)
      continue;
    uintptr_t from = info->dlpi_addr + part->p_vaddr;
    libraries[library_n].from = from;
    libraries[library_n].to = from + part->p_memsz;
    libraries[library_n++].owner = owner_of_library(info->dlpi_name);
  }
  return 0;
}

void scarce_init(void) {
  library_n = 0;
  dl_iterate_phdr(add_library, NULL);
}

static int owner_of(const void *caller) {
  uintptr_t at = (uintptr_t)caller;
  for (size_t i = 0; i < library_n; i++)
    if (at >= libraries[i].from && at < libraries[i].to)
      return libraries[i].owner;
  return SCARCE_OTHER;
}

// ------------------------------------------------------------ who has what ---

#define PLACES (1u << 20) // many more than blocks are held at once
#define GONE ((void *)1)  // something was here: look on

static struct {
  atomic_flag is_taken;
  struct {
    void *block;
    int owner;
  } at[PLACES];
  long live[SCARCE_OWNERS];
} held = {.is_taken = ATOMIC_FLAG_INIT};

static void take_table(void) {
  while (atomic_flag_test_and_set(&held.is_taken))
    continue;
}

static size_t first_place(const void *block) {
  return ((uintptr_t)block >> 4) * 2654435761u % PLACES;
}

static void enter(void *block, int owner) {
  if (!block)
    return;
  take_table();
  size_t i = first_place(block);
  while (held.at[i].block && held.at[i].block != GONE)
    i = (i + 1) % PLACES;
  held.at[i].block = block;
  held.at[i].owner = owner;
  held.live[owner]++;
  atomic_flag_clear(&held.is_taken);
}

// Returns whose it was.
static int strike(void *block) {
  int owner = SCARCE_OTHER;
  if (!block)
    return owner;
  take_table();
  size_t i = first_place(block);
  while (held.at[i].block && held.at[i].block != block)
    i = (i + 1) % PLACES;
  if (held.at[i].block) {
    owner = held.at[i].owner;
    held.live[owner]--;
    // The end of a run of places may be free again.
    held.at[i].block = held.at[(i + 1) % PLACES].block ? GONE : NULL;
  }
  atomic_flag_clear(&held.is_taken);
  return owner;
}

long scarce_live(void) {
  long sum = 0;
  for (int i = 0; i < SCARCE_OTHER; i++)
    sum += held.live[i];
  return sum;
}

// Seen by the libraries too, which then ask us.
#pragma GCC visibility push(default)
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *old, size_t n);
void *aligned_alloc(size_t align, size_t n);
int posix_memalign(void **block, size_t align, size_t n);
void free(void *block);
#pragma GCC visibility pop

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *block, size_t n);
void *__libc_memalign(size_t align, size_t n);
void __libc_free(void *block);

#define OWNER owner_of(__builtin_return_address(0))

static void *entered(void *block, int owner) {
  enter(block, owner);
  return block;
}

void *malloc(size_t n) {
  int owner = OWNER;
  return refuses(owner) ? NULL : entered(__libc_malloc(n), owner);
}

void *calloc(size_t n, size_t size) {
  int owner = OWNER;
  return refuses(owner) ? NULL : entered(__libc_calloc(n, size), owner);
}

void *realloc(void *old, size_t n) {
  int owner = OWNER;
  if (!(old && n == 0) && refuses(owner)) // of 0 bytes it is a free
    return NULL;
  if (old)
    owner = strike(old);
  void *block = __libc_realloc(old, n);
  // What could not be made longer stays as it was.
  return !block && n ? (enter(old, owner), NULL) : entered(block, owner);
}

void *aligned_alloc(size_t align, size_t n) {
  int owner = OWNER;
  return refuses(owner) ? NULL : entered(__libc_memalign(align, n), owner);
}

int posix_memalign(void **block, size_t align, size_t n) {
  int owner = OWNER;
  *block = refuses(owner) ? NULL : entered(__libc_memalign(align, n), owner);
  return *block ? 0 : ENOMEM;
}

void free(void *block) {
  strike(block);
  __libc_free(block);
}

#endif
