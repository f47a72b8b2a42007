/* SPDX-License-Identifier: Apache-2.0 */
/* The mutex file of a ring: made, adopted, recognised again, removed. Its identity stands for all locks of the ring:
 * the folder of the death locks has it in its name, so that a ring of the same name that comes later has others. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

#define WHAT "the ring's lock file"

/* A new one is its owner's alone until segment_link gives it the ring's rights, under the mutex. */
static int open_lock_file(sr__locks_t *locks, slotring_error_t *error)
{
    struct stat status;
    int failed = sr__posix_lock_file_open(locks->place, locks->place->lock_path,
                                          locks->creating ? SR__LOCK_FILE_OPEN_OR_MAKE : SR__LOCK_FILE_OPEN,
                                          WHAT, &locks->file, error);

    if (failed != 0)
        return failed;
    if (fstat(atomic_load(&locks->file.fd), &status) != 0)
        return sr__posix_fail_os(error, errno, "cannot look at %s %s", WHAT, locks->place->lock_path);
    locks->deaths = sr__posix_deaths_path(locks->place, locks->file.identity, status.st_uid);
    return locks->deaths ? 0 : sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
}

static sr__place_t *copy_place(const sr__place_t *place)
{
    const char *digits = strrchr(place->segment_path, '/') + sizeof SR__ENTRY_PREFIX;
    return sr__posix_place_of_hash(place, digits);
}

int sr__posix_locks_open(sr__place_t *place, bool create, const sr__segment_config_t *config,
                         sr__locks_t **locks, slotring_error_t *error)
{
    int failed = create ? sr__posix_check_creator(place, error) : 0;

    (void)config;
    *locks = NULL;
    if (failed != 0)
        return failed;
    sr__locks_t *made = calloc(1, sizeof *made);
    if (made)
        made->place = copy_place(place);
    if (!made || !made->place) {
        free(made);
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
    }
    made->creating = create;
    failed = open_lock_file(made, error);
    if (failed != 0) {
        sr__posix_locks_close(made);
        return failed;
    }
    *locks = made;
    return 0;
}

int sr__posix_locks_restore(sr__locks_t *locks)
{
    int number = 0;

    if (sr__posix_lock_file_is_open(&locks->file))
        return 0;
    sr__fork_forbid();
    if (!sr__posix_lock_file_is_open(&locks->file)) { /* else another thread was first */
        int fd = sr__above_streams(
            open(locks->place->lock_path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        number = fd < 0 ? errno : sr__posix_fd_is(fd, locks->file.identity) ? 0 : ESTALE;
        if (number == 0) {
            sr__posix_lock_file_remove(&locks->file);
            atomic_store(&locks->file.fd, fd);
            sr__posix_lock_file_add(&locks->file);
        } else if (fd >= 0) {
            close(fd);
        }
    }
    sr__fork_allow();
    return number;
}

void sr__posix_locks_close(sr__locks_t *locks)
{
    if (!locks)
        return;
    sr__posix_lock_file_close(&locks->file);
    sr__posix_place_close(locks->place);
    free(locks->deaths);
    free(locks);
}

/* The fork's own handler has closed the descriptor without unlocking it; this frees memory. */
void sr__posix_locks_abandon(sr__locks_t *locks)
{
    sr__posix_locks_close(locks);
}

const sr__lock_file_t *sr__posix_locks_file(const sr__locks_t *locks)
{
    return &locks->file;
}

/* The mutex file first: then nobody comes who would take a death lock of it. Those that are held stay until their
 * holders release them: the participants of a removed ring still want to know who of them lives. */
int sr__posix_locks_unlink(sr__place_t *place, slotring_error_t *error)
{
    struct stat status;

    sr__posix_remove_stale(place);
    if (lstat(place->lock_path, &status) != 0) {
        sr__posix_clean(place); /* somebody's rm has taken it: whose death locks are left is in their names */
        return 0;
    }
    char *deaths = sr__posix_deaths_path(place, sr__posix_identity_of(&status), status.st_uid);
    int failed = sr__posix_file_unlink(place->lock_path, WHAT, error);
    if (failed == 0 && deaths)
        sr__posix_deaths_clean(deaths);
    free(deaths);
    return failed;
}
