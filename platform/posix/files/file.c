/* SPDX-License-Identifier: Apache-2.0 */
/* What Linux has for files: made without a name and named when they are complete; held open by a mapping alone. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/files/files_internal.h"

int sr__posix_file_nameless(const char *directory, int *fd, struct stat *status, slotring_error_t *error)
{
    int opened = sr__above_streams(open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));

    if (opened < 0 && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL))
        return sr__fail(
            error, SLOTRING_E_UNSUPPORTED, errno,
            "the file system of %s cannot make files without a name (O_TMPFILE); use a directory on "
            "tmpfs, such as /dev/shm",
            directory);
    if (opened < 0)
        return sr__posix_fail_to_make(error, errno, directory, "a file");
    if (fstat(opened, status) != 0) {
        int number = errno;
        close(opened);
        return sr__posix_fail_os(error, number, "cannot look at a new file in %s", directory);
    }
    *fd = opened;
    return 0;
}

static void own_path(int fd, char path[64])
{
    snprintf(path, 64, "/proc/self/fd/%d", fd);
}

int sr__posix_file_link(int fd, const char *path)
{
    char own[64];

    if (linkat(fd, "", AT_FDCWD, path, AT_EMPTY_PATH) == 0)
        return 0;
    if (errno == EEXIST)
        return EEXIST;
    /* Older kernels want a capability for the first form; this one needs /proc. */
    own_path(fd, own);
    return linkat(AT_FDCWD, own, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0 ? 0 : errno;
}

int sr__posix_fd_reopen(int fd, sr__identity_t identity, bool writable)
{
    char own[64];

    if (!sr__posix_fd_is(fd, identity)) {
        errno = EBADF;
        return -1;
    }
    own_path(fd, own);
    return sr__above_streams(open(own, (writable ? O_RDWR : O_RDONLY) | O_NONBLOCK | O_CLOEXEC));
}

void *sr__posix_file_pin(int fd)
{
    size_t size = (size_t)sr__posix_page_size();
    void *pin = mmap(NULL, size, PROT_NONE, MAP_SHARED, fd, 0);

    if (pin == MAP_FAILED)
        return NULL;
    if (madvise(pin, size, MADV_DONTFORK) != 0) {
        int number = errno;
        munmap(pin, size);
        errno = number;
        return NULL;
    }
    return pin;
}

void sr__posix_file_unpin(void *pin)
{
    if (pin)
        munmap(pin, (size_t)sr__posix_page_size());
}
