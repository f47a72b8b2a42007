/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file of a ring: made, adopted, recognised again, removed. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "posix/files/files_internal.h"

#define WHAT "the ring's lock file"
#define CREATE_ATTEMPTS 100 /* others may remove it in between; so often is not chance */

/* Makes the lock file with its rights in one step, so that no kill leaves it with others. */
static int make_file(const sr__place_t *place, const sr__segment_config_t *config, slotring_error_t *error)
{
    sr__rights_t rights;
    struct stat status;
    int fd;
    int failed = sr__posix_rights_of(config, &rights, error);

    if (failed == 0)
        failed = sr__posix_check_creator(place, error);
    if (failed == 0)
        failed = sr__posix_file_nameless(place->directory, &fd, &status, error);
    if (failed != 0)
        return failed;
    failed = sr__posix_rights_apply(fd, rights.lock, &rights, error);
    int number = failed == 0 ? sr__posix_file_link(fd, place->lock_path) : 0;
    close(fd);
    if (number == 0 || number == EEXIST)
        return failed;
    return sr__posix_fail_os(error, number, "cannot make %s %s", WHAT, place->lock_path);
}

static int open_or_make(const sr__place_t *place, const sr__segment_config_t *config, int *fd,
                        struct stat *status, slotring_error_t *error)
{
    int failed = sr__posix_file_open(place, place->lock_path, true, WHAT, fd, status, error);

    for (int i = 0; i < CREATE_ATTEMPTS && config && failed == SLOTRING_E_NOT_FOUND; i++) {
        failed = make_file(place, config, error);
        if (failed == 0)
            failed = sr__posix_file_open(place, place->lock_path, true, WHAT, fd, status, error);
    }
    return failed;
}

int sr__posix_locks_description(sr__locks_t *locks)
{
    int fd = sr__above_streams(open(locks->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));

    if (sr__posix_fd_is(fd, locks->file.identity))
        return fd;
    if (fd >= 0)
        close(fd);
    /* The name is gone or is another ring's by now: by way of the open descriptor, then. */
    return sr__posix_fd_reopen(atomic_load(&locks->file.fd), locks->file.identity, true);
}

/* Some file systems (overlayfs) map another file than the one that they opened: the mapping of an open
 * file then does not keep its locks, and the living would look dead. Tried, rather than believed of a list
 * of names. */
static int check_pins(sr__locks_t *locks, slotring_error_t *error)
{
    int fd = sr__posix_locks_description(locks);
    void *pin =
        fd >= 0 && sr__posix_byte_lock(fd, F_RDLCK, SR__PROBE_BYTE) == 0 ? sr__posix_file_pin(fd) : NULL;
    int number = errno;

    if (fd >= 0)
        close(fd);
    if (!pin)
        return sr__posix_fail_os(error, number, "cannot lock and map %s %s", WHAT, locks->path);
    int held = sr__posix_byte_query(atomic_load(&locks->file.fd), F_WRLCK, SR__PROBE_BYTE, 1);
    sr__posix_file_unpin(pin);
    if (held == 1)
        return 0;
    return sr__fail(
        error, SLOTRING_E_UNSUPPORTED, 0,
        "the file system of %s drops the locks of mapped files; use a directory on tmpfs, such as "
        "/dev/shm",
        locks->path);
}

static int keep(sr__locks_t *locks, int fd, const struct stat *status, slotring_error_t *error)
{
    atomic_init(&locks->file.fd, fd);
    locks->file.identity = sr__posix_identity_of(status);
    sr__posix_lock_file_add(&locks->file);
    locks->pin = sr__posix_file_pin(fd);
    if (!locks->pin)
        return sr__posix_fail_os(error, errno, "cannot map %s %s", WHAT, locks->path);
    return check_pins(locks, error);
}

int sr__posix_locks_open(sr__place_t *place, bool create, const sr__segment_config_t *config,
                         sr__locks_t **locks, slotring_error_t *error)
{
    sr__locks_t *made = calloc(1, sizeof *made);
    struct stat status;
    int fd;

    *locks = NULL;
    if (!made || !(made->path = strdup(place->lock_path)) ||
        !(made->segment_path = strdup(place->segment_path))) {
        free(made ? made->path : NULL);
        free(made);
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ENOMEM, "no memory for a handle");
    }
    made->creating = create;
    atomic_init(&made->file.fd, -1);
    sr__fork_forbid();
    int failed = open_or_make(place, create ? config : NULL, &fd, &status, error);
    if (failed == 0)
        failed = keep(made, fd, &status, error);
    sr__fork_allow();
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

    if (sr__posix_fd_is(atomic_load(&locks->file.fd), locks->file.identity))
        return 0;
    sr__fork_forbid();
    if (sr__posix_fd_is(atomic_load(&locks->file.fd), locks->file.identity)) { /* another thread was first */
        sr__fork_allow();
        return 0;
    }
    int fd = sr__posix_locks_description(locks);
    void *pin = fd >= 0 ? sr__posix_file_pin(fd) : NULL;
    if (pin) {
        atomic_store(&locks->file.fd, fd);
        if (atomic_load(&locks->locked) && !locks->locked_pin)
            locks->locked_pin = locks->pin;
        else
            sr__posix_file_unpin(locks->pin);
        locks->pin = pin;
    } else {
        number = errno;
        if (fd >= 0)
            close(fd);
    }
    sr__fork_allow();
    return number;
}

static void free_locks(sr__locks_t *locks)
{
    free(locks->path);
    free(locks->segment_path);
    free(locks);
}

static void let_go(sr__locks_t *locks)
{
    sr__fork_forbid();
    sr__posix_lock_file_remove(&locks->file);
    sr__posix_fd_close(&locks->file.fd, locks->file.identity);
    sr__fork_allow();
}

void sr__posix_locks_close(sr__locks_t *locks)
{
    if (!locks)
        return;
    let_go(locks);
    sr__posix_file_unpin(locks->pin);
    sr__posix_file_unpin(locks->locked_pin);
    free_locks(locks);
}

void sr__posix_locks_abandon(sr__locks_t *locks)
{
    if (!locks)
        return;
    /* The pins are not in the child: their addresses may belong to anything. The descriptor is there only
     * if the child was made without fork handlers. */
    if (locks->file.open.listed)
        let_go(locks);
    free_locks(locks);
}

const sr__lock_file_t *sr__posix_locks_file(const sr__locks_t *locks)
{
    return &locks->file;
}

int sr__posix_locks_unlink(sr__place_t *place, slotring_error_t *error)
{
    return sr__posix_file_unlink(place->lock_path, WHAT, error);
}
