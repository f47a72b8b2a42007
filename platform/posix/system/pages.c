/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a mapping: how large they are, and how to make them present on any system. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <unistd.h>

#include "posix/posix_internal.h"

uint64_t sr__posix_page_size(void)
{
    return (uint64_t)sysconf(_SC_PAGESIZE);
}

void sr__posix_touch(const void *memory, size_t size)
{
    const volatile unsigned char *bytes = memory;
    size_t page = (size_t)sr__posix_page_size();

    for (size_t at = 0; at < size; at += page)
        (void)bytes[at];
}
