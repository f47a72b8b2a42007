/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on POSIX systems: files, streams and errors. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif

#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_AT_ONCE ((uint64_t)1 << 30) /* bytes of one read or write; some systems refuse more */

bool host_is_terminal(FILE *stream)
{
    return isatty(fileno(stream)) == 1;
}

int host_open_input(const char *path, int *file)
{
    struct stat status;
    *file = open(path, O_RDONLY | O_CLOEXEC);
    if (*file < 0)
        return errno;
    if (fstat(*file, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(*file);
        *file = -1;
        return EISDIR;
    }
    return 0;
}

int host_open_output(const char *path, int *file)
{
    *file = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    return *file < 0 ? errno : 0;
}

int host_empty(int file)
{
    return ftruncate(file, 0) != 0 && errno != EINVAL ? errno : 0;
}

int host_empty_stream(FILE *stream)
{
    return host_empty(fileno(stream));
}

int host_close(int file)
{
    return close(file) != 0 && errno != EINTR ? errno : 0;
}

int host_rename(const char *from, const char *to)
{
    return rename(from, to) == 0 ? 0 : errno;
}

int host_remove(const char *path)
{
    return unlink(path) == 0 ? 0 : errno;
}

int host_sync(int file)
{
    while (fsync(file) != 0) {
        if (errno == EINVAL || errno == ENOTSUP)
            return 0; /* a pipe, a terminal, /dev/null */
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

bool host_gives_once(const char *path)
{
    struct stat status;
    return stat(path, &status) == 0 && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode);
}

bool host_bytes_left(int file, uint64_t *bytes)
{
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return false;
    off_t position = lseek(file, 0, SEEK_CUR);
    if (position < 0)
        return false;
    *bytes = status.st_size > position ? (uint64_t)(status.st_size - position) : 0;
    return true;
}

/* Whoever gave us the file may have made it non-blocking, as terminals and ssh do. True: try again. */
static bool wait_ready(int file, short events)
{
    struct pollfd entry = {.fd = file, .events = events};
    if (errno == EINTR)
        return true;
    if (errno != EAGAIN && errno != EWOULDBLOCK)
        return false;
    return poll(&entry, 1, -1) >= 0 || errno == EINTR;
}

int host_read(int file, void *buffer, uint64_t size, uint64_t *got)
{
    *got = 0;
    if (size > MOST_AT_ONCE)
        size = MOST_AT_ONCE;
    while (!host_stop_requested()) {
        ssize_t result = read(file, buffer, (size_t)size);
        if (result >= 0) {
            *got = (uint64_t)result;
            return 0;
        }
        if (!wait_ready(file, POLLIN))
            return errno;
    }
    return 0;
}

int host_write(int file, const void *buffer, uint64_t size, uint64_t *put)
{
    *put = 0;
    do {
        uint64_t part = size - *put < MOST_AT_ONCE ? size - *put : MOST_AT_ONCE;
        ssize_t result = write(file, (const char *)buffer + *put, (size_t)part);
        if (result >= 0)
            *put += (uint64_t)result;
        else if (!wait_ready(file, POLLOUT))
            return errno;
    } while (*put < size && !host_stop_requested());
    return *put < size ? HOST_STOPPED : 0;
}

bool host_is_broken_pipe(int error)
{
    return error == EPIPE;
}

bool host_is_full(int error)
{
    return error == ENOSPC || error == EDQUOT || error == EFBIG;
}

bool host_is_missing(int error)
{
    return error == ENOENT || error == ENOTDIR;
}

int host_last_error(void)
{
    return errno;
}

const char *host_error_text(int error)
{
    return strerror(error);
}
