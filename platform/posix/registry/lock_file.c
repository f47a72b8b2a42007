/* SPDX-License-Identifier: Apache-2.0 */
/* Files that stay open for their locks (flock). Such a lock belongs to the open file and goes with the last
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
    int made = sr__above_streams(open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));

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

static int open_or_make(const sr__place_t *place, const char *path, enum sr__lock_file_how how,
                        const char *what, int *fd, struct stat *status, slotring_error_t *error)
{
    int failed = how == SR__LOCK_FILE_MAKE ? SLOTRING_E_NOT_FOUND
                                           : sr__posix_file_open(place, path, true, what, fd, status, error);

    for (int i = 0; i < ATTEMPTS && failed == SLOTRING_E_NOT_FOUND && how != SR__LOCK_FILE_OPEN; i++) {
        failed = make(place, path, what, fd, status, error);
        if (failed == SLOTRING_E_EXISTS && how == SR__LOCK_FILE_OPEN_OR_MAKE)
            failed = sr__posix_file_open(place, path, true, what, fd, status, error);
    }
    return failed;
}

int sr__posix_lock_file_open(const sr__place_t *place, const char *path, enum sr__lock_file_how how,
                             const char *what, sr__lock_file_t *file, slotring_error_t *error)
{
    struct stat status;
    int fd = -1;

    atomic_init(&file->fd, -1);
    file->open.listed = false;
    sr__fork_forbid();
    int failed = open_or_make(place, path, how, what, &fd, &status, error);
    if (failed == 0) {
        atomic_store(&file->fd, fd);
        file->identity = sr__posix_identity_of(&status);
        sr__posix_lock_file_add(file);
    }
    sr__fork_allow();
    return failed;
}

bool sr__posix_lock_file_is_open(const sr__lock_file_t *file)
{
    return sr__posix_fd_is(atomic_load(&file->fd), file->identity);
}

int sr__posix_flock(int fd, int operation)
{
    int result;

    do
        result = flock(fd, operation | LOCK_NB);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0 : errno == EWOULDBLOCK ? EAGAIN : errno;
}

int sr__posix_lock_file_lock(sr__lock_file_t *file, bool shared)
{
    int fd = atomic_load(&file->fd);

    if (!sr__posix_fd_is(fd, file->identity))
        return EBADF;
    return sr__posix_flock(fd, shared ? LOCK_SH : LOCK_EX);
}

void sr__posix_lock_file_close(sr__lock_file_t *file)
{
    sr__fork_forbid();
    sr__posix_lock_file_remove(file);
    sr__posix_fd_close(&file->fd, file->identity);
    sr__fork_allow();
}

void sr__posix_lock_file_release(sr__lock_file_t *file)
{
    if (sr__posix_lock_file_is_open(file))
        (void)sr__posix_flock(atomic_load(&file->fd), LOCK_UN);
    sr__posix_lock_file_close(file);
}
