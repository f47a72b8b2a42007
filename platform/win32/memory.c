/* SPDX-License-Identifier: Apache-2.0 */
/* Pages of a mapping: how many there are, present, kept. */
#include "win32/win32_internal.h"

static SYSTEM_INFO system_info(void)
{
    SYSTEM_INFO info;

    GetSystemInfo(&info);
    return info;
}

uint64_t sr__win32_page_size(void)
{
    return system_info().dwPageSize;
}

uint64_t sr__win32_granularity(void)
{
    return system_info().dwAllocationGranularity;
}

/* Bytes from `offset` to the end of the section, or 0 when that cannot be mapped. */
static uint64_t bytes_from(HANDLE section, uint64_t offset)
{
    MEMORY_BASIC_INFORMATION about;
    void *view = MapViewOfFile(section, FILE_MAP_READ, (DWORD)(offset >> 32), (DWORD)offset, 0);

    if (!view)
        return 0;
    uint64_t size = VirtualQuery(view, &about, sizeof about) != 0 ? about.RegionSize : 0;
    DWORD number = GetLastError();
    UnmapViewOfFile(view);
    SetLastError(number);
    return size;
}

static bool has(HANDLE section, uint64_t offset)
{
    void *view = MapViewOfFile(section, FILE_MAP_READ, (DWORD)(offset >> 32), (DWORD)offset, 1);

    if (view)
        UnmapViewOfFile(view);
    return view != NULL;
}

/* A section that does not fit into this process's addresses is measured by what of it can be mapped: found by
 * halving, since everything below its end can and nothing behind it. */
static uint64_t measure(HANDLE section)
{
    uint64_t unit = sr__win32_granularity(), inside = 0, outside = (uint64_t)1 << 46;

    if (!has(section, 0))
        return 0;
    while (outside - inside > unit) {
        uint64_t middle = inside + (outside - inside) / 2;
        middle -= middle % unit;
        if (has(section, middle))
            inside = middle;
        else
            outside = middle;
    }
    return inside + bytes_from(section, inside);
}

uint64_t sr__win32_section_size(HANDLE section)
{
    uint64_t size = bytes_from(section, 0);

    return size != 0 ? size : measure(section);
}

/* The pages are committed already, so that reading one is enough to have it. */
static void touch(const void *memory, size_t size)
{
    const volatile unsigned char *bytes = memory;
    size_t page = (size_t)sr__win32_page_size();

    for (size_t at = 0; at < size; at += page)
        (void)bytes[at];
}

/* A process may lock about as much as its working set is sure to have. */
static bool keep_in_memory(void *memory, size_t size)
{
    SIZE_T least, most;

    if (VirtualLock(memory, size))
        return true;
    if (!GetProcessWorkingSetSize(GetCurrentProcess(), &least, &most) || size > SIZE_MAX / 2 - most ||
        !SetProcessWorkingSetSize(GetCurrentProcess(), least + size, most + size))
        return false;
    return VirtualLock(memory, size) != 0;
}

/* Large pages take a privilege that hardly anybody has, and the whole ring at once from unbroken memory: not asked
 * for, and so never granted. */
uint32_t sr__win32_memory_prepare(void *memory, size_t size, uint32_t mapping_flags)
{
    uint32_t granted = 0;

    if (mapping_flags & SR__MAP_PREFAULT) {
        touch(memory, size);
        granted |= SR__MAP_PREFAULT;
    }
    if ((mapping_flags & SR__MAP_LOCK) && keep_in_memory(memory, size))
        granted |= SR__MAP_LOCK;
    return granted;
}
