/* SPDX-License-Identifier: Apache-2.0 */
/* Death locks: one byte of the lock file for each participant, locked for life by an open file description
 * of its own. Only a mapping that is not inherited keeps that description: there is no descriptor that a
 * host could close or a child could take along, and the kernel drops the lock with the process's memory. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/fail.h"
#include "posix/files/files_internal.h"

struct sr__death_lock {
    void *pin;
};

/* 0 or errno, and what failed. */
static int lock_and_pin(sr__locks_t *locks, uint32_t index, void **pin, const char **call)
{
    int number = 0;
    *call = "open";
    int fd = sr__posix_locks_description(locks);

    if (fd < 0)
        return errno;
    *call = "fcntl(F_OFD_SETLK)";
    number = sr__posix_byte_lock(fd, F_WRLCK, (off_t)index);
    if (number == 0) {
        *call = "mmap";
        *pin = sr__posix_file_pin(fd);
        if (!*pin)
            number = errno;
    }
    close(fd);
    return number;
}

int sr__posix_death_lock_take(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock,
                              slotring_error_t *error)
{
    *lock = NULL;
    int failed = sr__check_death_lock(index, error);
    if (failed != 0)
        return failed;
    sr__death_lock_t *made = calloc(1, sizeof *made);
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a death lock");
    sr__fork_forbid();
    const char *call;
    int number = lock_and_pin(locks, index, &made->pin, &call);
    sr__fork_allow();
    if (number == 0) {
        *lock = made;
        return 0;
    }
    free(made);
    if (number == EAGAIN)
        return SLOTRING_E_BUSY;
    return sr__posix_fail_as(error, number == ENOMEM ? SLOTRING_E_NO_MEMORY : SLOTRING_E_OS, number,
                             "cannot take death lock %u of %s: %s", index, locks->path, call);
}

void sr__posix_death_lock_release(sr__death_lock_t *lock)
{
    if (!lock)
        return;
    sr__posix_file_unpin(lock->pin);
    free(lock);
}

void sr__posix_death_lock_abandon(sr__death_lock_t *lock)
{
    free(lock); /* the pin is not in the child: its address may belong to anything */
}

int sr__posix_death_lock_query(sr__locks_t *locks, uint32_t index, slotring_error_t *error)
{
    int failed = sr__check_death_lock(index, error);
    if (failed != 0)
        return failed;
    const char *call = SR__REOPEN;
    int number = EBADF; /* closed again and again */
    for (int attempt = 0; attempt < 2; attempt++) {
        int fd = atomic_load(&locks->file.fd);
        int held = sr__posix_byte_query(fd, F_RDLCK, (off_t)index, 1);
        int refused = errno;
        /* Believed only of the right file: the descriptor may have been closed and its number reused. */
        if (sr__posix_fd_is(fd, locks->file.identity)) {
            if (held >= 0)
                return held;
            call = "fcntl(F_OFD_GETLK)";
            number = refused;
            break;
        }
        failed = sr__posix_locks_restore(locks);
        if (failed == 0)
            continue;
        number = failed;
        break;
    }
    return sr__posix_fail_as(error, SLOTRING_E_OS, number, "cannot ask for death lock %u of %s: %s", index,
                             locks->path, call);
}
