/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that an event loop can wait for. A pipe, and not an event descriptor: every POSIX system has it, and it has an
 * identity. A host may close descriptors that are not its own and open a file of its own under the same number: nothing is
 * written there. A forked child closes both ends, so that none of its parent's is open for longer than the parent has it. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#if defined(_WIN32)
#include <windows.h>
#else
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/descriptor.h"
#endif
#include <stdlib.h>

#include "common/fork.h"
#include "platform/helpers.h"

static sr__flag_t *no_memory(slotring_error_t *error)
{
    (void)sr__fail(error, SLOTRING_E_NO_MEMORY, 0,
                   "no memory for a descriptor that says when there is something");
    return NULL;
}

#if defined(_WIN32)
struct sr__flag {
    HANDLE event;
};

int sr__flag_make(sr__flag_t **flag, slotring_error_t *error)
{
    sr__flag_t *made = calloc(1, sizeof *made);

    if (!made)
        return no_memory(error), SLOTRING_E_NO_MEMORY;
    made->event = CreateEventW(NULL, TRUE, FALSE, NULL);
    if (!made->event) {
        free(made);
        return sr__fail(error, SLOTRING_E_OS, (int)GetLastError(), "the system has no further event object");
    }
    *flag = made;
    return 0;
}

void sr__flag_free(sr__flag_t *flag)
{
    CloseHandle(flag->event);
    free(flag);
}

void sr__flag_abandon(sr__flag_t *flag)
{
    sr__flag_free(flag);
}

intptr_t sr__flag_descriptor(const sr__flag_t *flag)
{
    return (intptr_t)flag->event;
}

void sr__flag_raise(sr__flag_t *flag)
{
    SetEvent(flag->event);
}

void sr__flag_lower(sr__flag_t *flag)
{
    ResetEvent(flag->event);
}
#else
typedef struct end {
    int fd;
    dev_t device;
    ino_t object;
} end_t;

struct sr__flag {
    sr__open_file_t open; /* first: give_up finds the flag by it */
    end_t read, write;
};

static bool is_ours(const end_t *end)
{
    struct stat status;

    return end->fd >= 0 && fstat(end->fd, &status) == 0 && status.st_dev == end->device &&
           status.st_ino == end->object;
}

static void close_end(end_t *end)
{
    if (is_ours(end))
        close(end->fd);
    end->fd = -1;
}

static void give_up(sr__open_file_t *open)
{
    sr__flag_t *flag = (sr__flag_t *)(void *)open;

    close_end(&flag->read);
    close_end(&flag->write);
}

/* 0 or errno. No exec of another thread may inherit it, and no call on it may block. */
static int prepare(int fd, end_t *end)
{
    struct stat status;

    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0 || fcntl(fd, F_SETFL, O_NONBLOCK) != 0 || fstat(fd, &status) != 0)
        return errno;
    *end = (end_t){.fd = fd, .device = status.st_dev, .object = status.st_ino};
    return 0;
}

/* The same while nobody forks. */
static int open_pipe(sr__flag_t *flag)
{
    int fds[2];

    if (pipe(fds) != 0 || !sr__pipe_above_streams(fds))
        return errno;
    int number = prepare(fds[0], &flag->read);
    if (number == 0)
        number = prepare(fds[1], &flag->write);
    if (number == 0) {
        sr__open_files_add(&flag->open, give_up);
        return 0;
    }
    close(fds[0]);
    close(fds[1]);
    return number;
}

static int fail(int number, slotring_error_t *error)
{
    struct rlimit limit = {0};

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    if (number == EMFILE)
        return sr__fail(
            error, SLOTRING_E_OS, number,
            "a pollable reader takes two descriptors, and this process may have %llu open: close "
            "some, raise the limit (ulimit -n, setrlimit), or use slotring_wait_many, which takes "
            "none",
            (unsigned long long)limit.rlim_cur);
    return sr__fail(error, SLOTRING_E_OS, number, "cannot make a pipe for a pollable reader: %s",
                    strerror(number));
}

int sr__flag_make(sr__flag_t **flag, slotring_error_t *error)
{
    sr__flag_t *made = calloc(1, sizeof *made);

    if (!made)
        return no_memory(error), SLOTRING_E_NO_MEMORY;
    sr__fork_forbid();
    int number = open_pipe(made);
    sr__fork_allow();
    if (number != 0) {
        free(made);
        return fail(number, error);
    }
    *flag = made;
    return 0;
}

void sr__flag_free(sr__flag_t *flag)
{
    sr__fork_forbid();
    sr__open_files_remove(&flag->open);
    give_up(&flag->open);
    sr__fork_allow();
    free(flag);
}

void sr__flag_abandon(sr__flag_t *flag)
{
    sr__flag_free(flag); /* whatever was the parent's, the fork handler has closed */
}

intptr_t sr__flag_descriptor(const sr__flag_t *flag)
{
    return flag->read.fd;
}

/* One byte says it. A pipe that is full says it, too. */
void sr__flag_raise(sr__flag_t *flag)
{
    int number = errno;

    if (is_ours(&flag->write))
        while (write(flag->write.fd, "", 1) < 0 && errno == EINTR)
            ;
    errno = number;
}

void sr__flag_lower(sr__flag_t *flag)
{
    int number = errno;
    char bytes[64];

    if (is_ours(&flag->read))
        while (read(flag->read.fd, bytes, sizeof bytes) > 0)
            ;
    errno = number;
}
#endif
