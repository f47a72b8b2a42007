/* SPDX-License-Identifier: Apache-2.0 */
/* Death locks: a file for each participant, locked for life by an open file of its own. flock cannot be asked whether a
 * file is locked: a query takes a shared lock for a moment. Queries do not meet each other, and one that is in the way of
 * a taker is told from a holder by a shared lock of the taker's own.
 *
 * A file is removed only when its participant is nobody's any more: with the ring, when no participant of it lives. So
 * the lock of somebody who died is a file that nobody has locked; a file that is missing was removed by hand, and says
 * nothing. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/fail.h"
#include "posix/registry/registry_internal.h"

#define ATTEMPTS 100
#define QUERY_NS UINT64_C(100000) /* one that is in the way for 100 of these is of a stopped process */

struct sr__death_lock {
    sr__lock_file_t file;
    sr__place_t *place;
    sr__identity_t mutex;
    char *folder, *path;
};

static char *path_of(const sr__locks_t *locks, uint32_t index)
{
    char number[16];

    snprintf(number, sizeof number, "%lu", (unsigned long)index);
    return sr__posix_join(locks->deaths, "", number);
}

/* 0 or errno; fork is forbidden. */
static int open_or_make(const sr__locks_t *locks, const char *path, int *fd)
{
    int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;

    *fd = sr__above_streams(open(path, flags));
    if (*fd >= 0)
        return 0;
    /* What may not be opened is of a taker who was killed before it gave the rights, or is about to: it looks again. */
    if (errno == EACCES && unlink(path) != 0 && errno != ENOENT)
        return EACCES;
    *fd = sr__above_streams(open(path, flags | O_CREAT | O_EXCL, 0600));
    if (*fd < 0 && errno == ENOENT) {
        int number = sr__posix_deaths_make(locks);
        if (number != 0)
            return number;
        *fd = sr__above_streams(open(path, flags | O_CREAT | O_EXCL, 0600));
    }
    if (*fd < 0)
        return errno == EEXIST || errno == ENOENT ? EAGAIN : errno;
    int number = sr__posix_deaths_rights(*fd, locks);
    if (number != 0)
        close(*fd);
    return number;
}

static int open_lock_file(const sr__locks_t *locks, const char *path, sr__lock_file_t *file)
{
    struct stat status;
    int fd;

    atomic_init(&file->fd, -1);
    sr__fork_forbid();
    int number = open_or_make(locks, path, &fd);
    if (number == 0 && (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode))) {
        close(fd);
        number = EINVAL;
    }
    if (number == 0) {
        atomic_store(&file->fd, fd);
        file->identity = sr__posix_identity_of(&status);
        sr__posix_lock_file_add(file);
    }
    sr__fork_allow();
    return number;
}

/* 0, E_BUSY or another; each turn has an open file of its own: no lock is ever converted. */
static int take(const sr__locks_t *locks, sr__death_lock_t *lock, slotring_error_t *error)
{
    for (int turn = 0; turn < ATTEMPTS; turn++) {
        int number = open_lock_file(locks, lock->path, &lock->file);
        if (number == EAGAIN)
            continue;
        if (number != 0)
            return sr__posix_fail_as(error, number == ENOMEM ? SLOTRING_E_NO_MEMORY : SLOTRING_E_OS, number,
                                     "cannot open death lock %s", lock->path);
        number = sr__posix_lock_file_lock(&lock->file, false);
        if (number == 0 && sr__posix_path_is(lock->path, lock->file.identity))
            return 0;
        bool query = number == EAGAIN && sr__posix_lock_file_lock(&lock->file, true) == 0;
        sr__posix_lock_file_close(&lock->file);
        if (number == EAGAIN && !query)
            return SLOTRING_E_BUSY;
        if (number != 0 && number != EAGAIN)
            return sr__posix_fail_as(error, SLOTRING_E_OS, number, "cannot take death lock %s: flock",
                                     lock->path);
        if (query)
            sr__posix_sleep_ns(QUERY_NS);
    }
    return SLOTRING_E_BUSY;
}

static void free_lock(sr__death_lock_t *lock)
{
    sr__posix_lock_file_close(&lock->file);
    sr__posix_place_close(lock->place);
    free(lock->folder);
    free(lock->path);
    free(lock);
}

static int no_memory(slotring_error_t *error)
{
    return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a death lock");
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
        return no_memory(error);
    atomic_init(&made->file.fd, -1);
    made->mutex = locks->file.identity;
    made->place = sr__posix_place_of_hash(locks->place, strrchr(locks->place->segment_path, '.') + 1);
    made->folder = strdup(locks->deaths);
    made->path = path_of(locks, index);
    failed = made->place && made->folder && made->path ? 0 : no_memory(error);
    int number = failed == 0 ? sr__posix_locks_restore(locks) : 0;
    if (number != 0)
        failed = sr__posix_fail_as(error, SLOTRING_E_OS, number, "cannot take death lock %s: %s", made->path,
                                   SR__REOPEN);
    if (failed == 0)
        failed = take(locks, made, error);
    if (failed != 0) {
        free_lock(made);
        return failed;
    }
    *lock = made;
    return 0;
}

void sr__posix_death_lock_release(sr__death_lock_t *lock)
{
    if (!lock)
        return;
    /* Of a ring that is gone: our file goes, then the others' if nobody is left. Of two who do this at once, the last
     * to remove its own sees none but those of the dead. */
    if (!sr__posix_path_is(lock->place->lock_path, lock->mutex)) {
        if (sr__posix_lock_file_is_open(&lock->file) && sr__posix_path_is(lock->path, lock->file.identity))
            sr__posix_file_unlink(lock->path, "a death lock", NULL);
        sr__posix_deaths_clean(lock->folder);
    }
    sr__posix_lock_file_release(&lock->file);
    free_lock(lock);
}

/* The fork's own handler has closed the descriptor. */
void sr__posix_death_lock_abandon(sr__death_lock_t *lock)
{
    if (lock)
        free_lock(lock);
}

int sr__posix_death_lock_query(sr__locks_t *locks, uint32_t index, slotring_error_t *error)
{
    int failed = sr__check_death_lock(index, error);
    if (failed != 0)
        return failed;
    char *path = path_of(locks, index);
    if (!path)
        return no_memory(error);
    const char *call = "";
    int held = sr__posix_death_is_held(path, &call);
    if (held < 0)
        held = sr__posix_fail_as(error, SLOTRING_E_OS, errno, "cannot ask for death lock %s: %s", path, call);
    free(path);
    return held;
}
