/* SPDX-License-Identifier: Apache-2.0 */
/* The process mutex by one byte of the lock file. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "posix/files/files_internal.h"

int sr__posix_mutex_try(sr__locks_t *locks, const char **call)
{
    if (atomic_load(&locks->locked))
        return EAGAIN; /* the kernel would grant it: the lock is this description's already */
    *call = SR__REOPEN;
    int number = sr__posix_locks_restore(locks);
    if (number != 0)
        return number;
    *call = "fcntl(F_OFD_SETLK)";
    int fd = atomic_load(&locks->file.fd);
    number = sr__posix_byte_lock(fd, F_WRLCK, SR__MUTEX_BYTE);
    if ((number == 0 || number == EBADF) && !sr__posix_fd_is(fd, locks->file.identity))
        return EAGAIN; /* closed under us, just now */
    if (number == 0)
        atomic_store(&locks->locked, true);
    return number;
}

/* A remover that was killed half way has left a lock file without a segment, perhaps with participants of
 * the removed ring that still live and hold their death locks in it. A new ring must not share that file:
 * it would take them for its own. Finishing the removal makes the caller find its lock file nameless, and
 * start again. */
int sr__posix_mutex_finish_removal(sr__locks_t *locks)
{
    if (!sr__posix_path_is(locks->path, locks->file.identity) || sr__posix_path_exists(locks->segment_path))
        return 0;
    if (sr__posix_byte_query(atomic_load(&locks->file.fd), F_RDLCK, 0, SR__DEATH_BYTES) != 1)
        return 0;
    if (unlink(locks->path) == 0 || !locks->creating)
        return 0;
    return SLOTRING_E_BUSY;
}

void sr__posix_mutex_unlock(sr__locks_t *locks)
{
    int fd = atomic_load(&locks->file.fd);

    if (!atomic_load(&locks->locked))
        return;
    if (locks->locked_pin) { /* locked by a description whose descriptor was closed since */
        sr__posix_file_unpin(locks->locked_pin);
        locks->locked_pin = NULL;
    } else if (!sr__posix_fd_is(fd, locks->file.identity) || sr__posix_byte_unlock(fd, SR__MUTEX_BYTE) != 0) {
        sr__posix_file_unpin(locks->pin);
        locks->pin = NULL;
    }
    atomic_store(&locks->locked, false);
}
