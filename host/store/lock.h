// One writer per file or folder. Private to store/.
#ifndef LW_STORE_LOCK_H
#define LW_STORE_LOCK_H

#include "base/err.h" // lw_err

// Take the lock file at path, made when missing; it stays when the lock goes.
// The kernel drops the lock with its process, however that ends; when it dies
// while it starts a child, only once the child is a program of its own, so that
// the lock of a dead process is waited for, for up to two seconds.
//   name  what it protects, for messages
// Returns a descriptor to close, or LW_E_STATE naming the process that holds
// it, LW_E_DENIED, LW_E_IO.
int lw_lock_open(const char *path, const char *name, lw_err *e);

#endif
