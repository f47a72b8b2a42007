/* SPDX-License-Identifier: Apache-2.0 */
/* Fences for other processes: membarrier(2), its global expedited command, of Linux 4.16. It interrupts each processor
 * on which a process that has joined runs, and costs some microseconds. A process that does not run has been through a
 * fence when it stopped. A kernel or a filter may refuse it at any time. On RISC-V that holds from Linux 6.9 on only (Documentation/scheduler/membarrier.rst),
 * so it is not used there. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "posix/posix_internal.h"

enum { /* of linux/membarrier.h, which older systems have without them */
    GLOBAL_EXPEDITED = 1 << 1,
    JOIN_GLOBAL_EXPEDITED = 1 << 2
};

static bool call(int command)
{
#if defined(SYS_membarrier) && !defined(__riscv)
    int error = errno;
    bool done = syscall(SYS_membarrier, command, 0, 0) == 0;
    errno = error;
    return done;
#else
    (void)command;
    return false;
#endif
}

bool sr__posix_join_fences(void)
{
    return call(JOIN_GLOBAL_EXPEDITED);
}

bool sr__posix_fence_all(void)
{
    return call(GLOBAL_EXPEDITED);
}
