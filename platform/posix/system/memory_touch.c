/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a mapping: present, kept. Huge ones cannot be asked for where this is used. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <sys/mman.h>

#include "posix/posix_internal.h"

void sr__posix_memory_huge(void *memory, size_t size, bool writable)
{
    (void)memory, (void)size, (void)writable;
}

uint32_t sr__posix_memory_prepare(void *memory, size_t size, bool writable, uint32_t mapping_flags)
{
    uint32_t granted = 0;

    (void)writable;
    if (mapping_flags & (SR__MAP_PREFAULT | SR__MAP_HUGE_PAGES))
        sr__posix_touch(memory, size);
    if (mapping_flags & SR__MAP_PREFAULT)
        granted |= SR__MAP_PREFAULT;
    if ((mapping_flags & SR__MAP_LOCK) && mlock(memory, size) == 0)
        granted |= SR__MAP_LOCK;
    return granted;
}
