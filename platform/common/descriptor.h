/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptors of the library's own, on POSIX systems. A host that closed a standard stream gives its number to whatever is opened
 * next. If that were a ring's, what the host prints would be written into the ring. */
#ifndef SR_DESCRIPTOR_H
#define SR_DESCRIPTOR_H

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

/* Gives a new descriptor a number above those of the standard streams. fd: as open() gave it, also -1. -1 with errno: there is
 * no such number left; then fd is closed. A new number is closed by exec. It is the same open file: a lock stays. */
static inline int sr__above_streams(int fd)
{
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int higher = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1), number = errno;
    close(fd);
    errno = number;
    return higher;
}

/* The same for a new pipe. False with errno: both ends are closed. */
static inline bool sr__pipe_above_streams(int ends[2])
{
    for (int i = 0; i < 2; i++) {
        ends[i] = sr__above_streams(ends[i]);
        if (ends[i] < 0) {
            int number = errno;
            close(ends[1 - i]);
            errno = number;
            return false;
        }
    }
    return true;
}

#endif
