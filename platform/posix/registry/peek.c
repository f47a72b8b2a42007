/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at memory that may not be there. Objects of shm_open cannot be read everywhere, and a touch of what somebody
 * has cut off is a SIGBUS; but a system call that meets such a page fails (EFAULT) and kills nobody. So what is looked
 * at goes through a pipe. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

/* A pipe for one use: kept, a host could close it. Its writing end never waits. */
static bool pipe_open(int ends[2])
{
    sr__fork_forbid();
    bool made = pipe(ends) == 0 && sr__pipe_above_streams(ends);
    if (made) {
        (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
        (void)fcntl(ends[1], F_SETFD, FD_CLOEXEC);
    }
    sr__fork_allow();
    if (made && fcntl(ends[1], F_SETFL, O_NONBLOCK) == 0)
        return true;
    if (made) {
        close(ends[0]);
        close(ends[1]);
    }
    return false;
}

/* What has been written is there to be read. */
static bool drain(int fd, char *buffer, size_t size)
{
    while (size > 0) {
        ssize_t got = read(fd, buffer, size);
        if (got == 0 || (got < 0 && errno != EINTR))
            return false;
        if (got > 0) {
            buffer += got;
            size -= (size_t)got;
        }
    }
    return true;
}

int sr__posix_peek(const void *memory, void *buffer, size_t size)
{
    int ends[2], failed = 0;

    if (!pipe_open(ends))
        return SLOTRING_E_OS;
    for (size_t done = 0; done < size && failed == 0;) {
        ssize_t written = write(ends[1], (const char *)memory + done, size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            failed = written < 0 && errno == EFAULT ? SLOTRING_E_TRUNCATED : SLOTRING_E_OS;
        else if (!drain(ends[0], (char *)buffer + done, (size_t)written))
            failed = SLOTRING_E_OS;
        else
            done += (size_t)written;
    }
    close(ends[0]);
    close(ends[1]);
    return failed;
}
