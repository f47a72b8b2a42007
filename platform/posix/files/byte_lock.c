/* SPDX-License-Identifier: Apache-2.0 */
/* Byte locks of Linux that belong to an open file description (OFD locks). */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "posix/files/files_internal.h"

static int set(int fd, short type, off_t byte)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = byte, .l_len = 1};
    int result;

    do
        result = fcntl(fd, F_OFD_SETLK, &lock);
    while (result != 0 && errno == EINTR);
    if (result == 0)
        return 0;
    return errno == EACCES ? EAGAIN : errno;
}

int sr__posix_byte_lock(int fd, short type, off_t byte)
{
    return set(fd, type, byte);
}

int sr__posix_byte_unlock(int fd, off_t byte)
{
    return set(fd, F_UNLCK, byte);
}

int sr__posix_byte_query(int fd, short type, off_t first, off_t count)
{
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = first, .l_len = count};

    if (fcntl(fd, F_OFD_GETLK, &lock) != 0)
        return -1;
    return lock.l_type != F_UNLCK;
}
