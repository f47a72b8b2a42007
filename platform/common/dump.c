/* SPDX-License-Identifier: Apache-2.0 */
/* Core files without payload. Linux leaves out the mappings of files that have a name, but counts those of a ring that was
 * removed as the process's own memory. Whoever crashes would write all of the ring, and be alive until it is written. */
#define _GNU_SOURCE
#include "common/dump.h"

#if !defined(_WIN32)
#include <sys/mman.h>
#include <unistd.h>

#if defined(MADV_DONTDUMP)
#define LEAVE_OUT MADV_DONTDUMP
#elif defined(MADV_NOCORE) /* BSD */
#define LEAVE_OUT MADV_NOCORE
#endif
#endif

void sr__dump_leave_out(void *memory, size_t size, uint64_t from)
{
#ifdef LEAVE_OUT
    if (from >= size)
        return;
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE), begin = (uintptr_t)memory + (uintptr_t)from;
    uintptr_t end = (uintptr_t)memory + size;

    begin = (begin + page - 1) / page * page;
    if (begin < end)
        (void)madvise((void *)begin, (size_t)(end - begin), LEAVE_OUT); /* refused: it is dumped */
#else
    (void)memory, (void)size, (void)from;
#endif
}
