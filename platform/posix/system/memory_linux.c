/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a mapping: present, large, kept. What is reported as granted was measured, not only asked for. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "posix/posix_internal.h"

#ifndef MADV_POPULATE_READ /* Linux 5.14 */
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif

/* Makes the pages present without changing a byte: others may be at work in them. Never faults. */
static bool populate(void *memory, size_t size, bool writable)
{
    int result;

    do
        result = madvise(memory, size, writable ? MADV_POPULATE_WRITE : MADV_POPULATE_READ);
    while (result != 0 && (errno == EINTR || errno == EAGAIN));
    return result == 0;
}

/* The same on older kernels, too. */
static void prefault(void *memory, size_t size, bool writable)
{
    if (!populate(memory, size, writable))
        sr__posix_touch(memory, size);
}

void sr__posix_memory_huge(void *memory, size_t size, bool writable)
{
#ifdef MADV_HUGEPAGE
    /* A mount with huge=advise gives huge pages to a mapping that asked, when it is touched: before
     * fallocate. */
    if (madvise(memory, size, MADV_HUGEPAGE) == 0)
        populate(memory, size, writable);
#else
    (void)memory, (void)size, (void)writable;
#endif
}

/* Bytes of the mapping that starts at `memory` which the processor sees through huge pages. */
static uint64_t huge_bytes(const void *memory)
{
    char line[512];
    bool here = false;
    uint64_t bytes = 0;
    FILE *file = fopen("/proc/self/smaps", "re");

    while (file && fgets(line, sizeof line, file)) {
        unsigned long long start, end, kib;
        if (sscanf(line, "%llx-%llx ", &start, &end) == 2)
            here = start == (unsigned long long)(uintptr_t)memory;
        else if (here && (sscanf(line, "ShmemPmdMapped: %llu kB", &kib) == 1 ||
                          sscanf(line, "FilePmdMapped: %llu kB", &kib) == 1))
            bytes += kib * 1024;
    }
    if (file)
        fclose(file);
    return bytes;
}

uint32_t sr__posix_memory_prepare(void *memory, size_t size, bool writable, uint32_t mapping_flags)
{
    uint32_t granted = 0;

    if (mapping_flags & (SR__MAP_PREFAULT | SR__MAP_HUGE_PAGES))
        prefault(memory, size, writable);
    if (mapping_flags & SR__MAP_PREFAULT)
        granted |= SR__MAP_PREFAULT;
    /* Half or more: the ends of a mapping are rarely whole huge pages. */
    if ((mapping_flags & SR__MAP_HUGE_PAGES) && huge_bytes(memory) >= size / 2)
        granted |= SR__MAP_HUGE_PAGES;
    if ((mapping_flags & SR__MAP_LOCK) && mlock(memory, size) == 0)
        granted |= SR__MAP_LOCK;
    return granted;
}
