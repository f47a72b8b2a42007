/* SPDX-License-Identifier: Apache-2.0 */
/* Maps what lies behind a descriptor, and says why that cannot be done. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <sys/mman.h>

#include "posix/posix_internal.h"

int sr__posix_map_shared(int fd, uint64_t size, bool writable, const char *where, void **memory,
                         slotring_error_t *error)
{
    int protection = PROT_READ | (writable ? PROT_WRITE : 0);

    if (size > SIZE_MAX / 2)
        return sr__fail(
            error, SLOTRING_E_ADDRESS_SPACE, 0,
            "a segment of %llu bytes does not fit into this process, whose addresses have %u bits",
            (unsigned long long)size, (unsigned)(sizeof(void *) * 8));
    void *mapped = mmap(NULL, (size_t)size, protection, MAP_SHARED, fd, 0);
    if (mapped == MAP_FAILED && errno == ENOMEM)
        return sr__fail(error, SLOTRING_E_ADDRESS_SPACE, errno,
                        "no room for a segment of %llu bytes in this process's address space (see ulimit -v)",
                        (unsigned long long)size);
    if (mapped == MAP_FAILED && errno == EAGAIN)
        return sr__fail(
            error, SLOTRING_E_NO_MEMORY, errno,
            "a segment of %llu bytes is more than this process may lock in memory (see ulimit -l)",
            (unsigned long long)size);
    if (mapped == MAP_FAILED)
        return sr__posix_fail_os(error, errno, "cannot map %llu bytes of %s", (unsigned long long)size,
                                 where);
    *memory = mapped;
    return 0;
}
