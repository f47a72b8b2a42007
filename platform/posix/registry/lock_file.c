/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are kept open for their locks (flock). Such a lock belongs to the open file and goes with the last
 * descriptor of it: so descriptors are closed in forked children (fork.c) and on exec, and a host that closes
 * descriptors which are not its own gives its locks up. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

#define ATTEMPTS 100 /* others may remove it in between; so often is not chance */

static int make(const sr__place_t *place, const char *path, const char *what, int *fd, struct stat *status,
                slotring_error_t *error)
{
    int made = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (made < 0 && errno == EEXIST)
        return sr__fail(error, SLOTRING_E_EXISTS, errno, "%s %s exists", what, path);
    if (made < 0)
        return sr__posix_fail_to_make(error, errno, place->directory, what);
    if (fstat(made, status) != 0) {
        int number = errno;
        close(made);
        return sr__posix_fail_os(error, number, "cannot look at %s %s", what, path);
    }
    *fd = made;
    return 0;
}

static int open_or_make(const sr__place_t *place, const char *path, enum sr__kept_how how, const char *what,
                        int *fd, struct stat *status, slotring_error_t *error)
{
    int code = how == SR__KEPT_MAKE ? SLOTRING_E_NOT_FOUND
                                    : sr__posix_file_open(place, path, true, what, fd, status, error);

    for (int i = 0; i < ATTEMPTS && code == SLOTRING_E_NOT_FOUND && how != SR__KEPT_OPEN; i++) {
        code = make(place, path, what, fd, status, error);
        if (code == SLOTRING_E_EXISTS && how == SR__KEPT_OPEN_OR_MAKE)
            code = sr__posix_file_open(place, path, true, what, fd, status, error);
    }
    return code;
}

int sr__posix_kept_open(const sr__place_t *place, const char *path, enum sr__kept_how how, const char *what,
                        sr__kept_t *kept, slotring_error_t *error)
{
    struct stat status;
    int fd = -1;

    atomic_init(&kept->fd, -1);
    kept->listed = false;
    sr__posix_fork_forbid();
    int code = open_or_make(place, path, how, what, &fd, &status, error);
    if (code == 0) {
        atomic_store(&kept->fd, fd);
        kept->identity = sr__posix_identity_of(&status);
        sr__posix_kept_add(kept);
    }
    sr__posix_fork_allow();
    return code;
}

bool sr__posix_kept_is_open(const sr__kept_t *kept)
{
    return sr__posix_fd_is(atomic_load(&kept->fd), kept->identity);
}

int sr__posix_flock(int fd, int operation)
{
    int result;

    do
        result = flock(fd, operation | LOCK_NB);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno == EWOULDBLOCK ? EAGAIN : errno;
}

int sr__posix_kept_lock(sr__kept_t *kept, bool shared)
{
    int fd = atomic_load(&kept->fd);

    if (!sr__posix_fd_is(fd, kept->identity))
        return EBADF;
    return sr__posix_flock(fd, shared ? LOCK_SH : LOCK_EX);
}

void sr__posix_kept_close(sr__kept_t *kept)
{
    sr__posix_fork_forbid();
    sr__posix_kept_remove(kept);
    sr__posix_fd_close(&kept->fd, kept->identity);
    sr__posix_fork_allow();
}

void sr__posix_kept_release(sr__kept_t *kept)
{
    if (sr__posix_kept_is_open(kept))
        (void)sr__posix_flock(atomic_load(&kept->fd), LOCK_UN);
    sr__posix_kept_close(kept);
}
