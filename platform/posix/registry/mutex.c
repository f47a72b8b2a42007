/* SPDX-License-Identifier: Apache-2.0 */
/* The process mutex: a flock of the mutex file. A child that was forked has the same open file and could keep the lock
 * for its parent: it has closed its descriptor before it runs, and unlocking here unlocks for both. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <sys/file.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

int sr__posix_mutex_try(sr__locks_t *locks, const char **call)
{
    if (atomic_load(&locks->locked))
        return EAGAIN; /* the kernel would grant it: the lock is this open file's already */
    *call = SR__REOPEN;
    int number = sr__posix_locks_restore(locks);
    if (number != 0)
        return number;
    *call = "flock";
    number = sr__posix_flock(atomic_load(&locks->file.fd), LOCK_EX);
    if ((number == 0 || number == EBADF) && !sr__posix_lock_file_is_open(&locks->file))
        return EAGAIN; /* closed under us, just now */
    if (number == 0)
        atomic_store(&locks->locked, true);
    return number;
}

/* A remover that was killed half way has left a mutex file without a ring, perhaps with participants of the removed
 * ring that still live. A new ring must not share their locks: it would take them for its own. Finishing the removal
 * makes the caller find its lock file nameless, and start again. */
int sr__posix_mutex_finish_removal(sr__locks_t *locks)
{
    if (!sr__posix_path_is(locks->place->lock_path, locks->file.identity) ||
        sr__posix_segment_exists(locks->place) || !sr__posix_deaths_held(locks->deaths))
        return 0;
    if (unlink(locks->place->lock_path) == 0 || !locks->creating)
        return 0;
    return SLOTRING_E_BUSY;
}

void sr__posix_mutex_unlock(sr__locks_t *locks)
{
    if (!atomic_load(&locks->locked))
        return;
    if (sr__posix_lock_file_is_open(&locks->file)) /* else the lock went with the descriptor */
        (void)sr__posix_flock(atomic_load(&locks->file.fd), LOCK_UN);
    atomic_store(&locks->locked, false);
}
