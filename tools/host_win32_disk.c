/* SPDX-License-Identifier: Apache-2.0 */
/* host_disk.h on Windows. */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#define _WIN32_WINNT 0x0602
#include <windows.h>

#include "host_disk.h"
#include "host_win32.h"

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

#define MOST_AT_ONCE ((uint64_t)1 << 26) /* bytes of one read or write */
#define LOCKED_AT \
    UINT32_C(0x7FFFFFFF) /* high half of the offset of the byte that is locked: behind all data */

int host_open_record(const char *path, bool create, int *file)
{
    const DWORD disposition = create ? OPEN_ALWAYS : OPEN_EXISTING;
    return host_win32_open(path, GENERIC_READ | GENERIC_WRITE, 0, disposition, _O_RDWR, file);
}

int host_lock(int file)
{
    OVERLAPPED at = {.OffsetHigh = LOCKED_AT};
    const DWORD flags = LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY;
    return LockFileEx(host_win32_handle(file), flags, 0, 1, 0, &at) ? 0 : (int)GetLastError();
}

bool host_is_locked(int error)
{
    return error == ERROR_LOCK_VIOLATION || error == ERROR_IO_PENDING;
}

int host_file_size(int file, uint64_t *size)
{
    LARGE_INTEGER value;
    if (!GetFileSizeEx(host_win32_handle(file), &value))
        return (int)GetLastError();
    *size = (uint64_t)value.QuadPart;
    return 0;
}

int host_read_at(int file, uint64_t offset, void *buffer, uint64_t size, uint64_t *got)
{
    *got = 0;
    while (*got < size) {
        uint64_t from = offset + *got, part = size - *got < MOST_AT_ONCE ? size - *got : MOST_AT_ONCE;
        OVERLAPPED at = {.Offset = (DWORD)from, .OffsetHigh = (DWORD)(from >> 32)};
        DWORD done = 0;
        if (!ReadFile(host_win32_handle(file), (char *)buffer + *got, (DWORD)part, &done, &at))
            return GetLastError() == ERROR_HANDLE_EOF ? 0 : (int)GetLastError();
        if (done == 0)
            break;
        *got += done;
    }
    return 0;
}

int host_write_parts(int file, const host_part_t *parts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        for (uint64_t put = 0; put < parts[i].size;) {
            uint64_t part = parts[i].size - put < MOST_AT_ONCE ? parts[i].size - put : MOST_AT_ONCE;
            DWORD done = 0;
            if (!WriteFile(host_win32_handle(file), (const char *)parts[i].data + put, (DWORD)part, &done,
                           NULL))
                return (int)GetLastError();
            put += done;
        }
    return 0;
}

void host_reserve(int file, uint64_t offset, uint64_t size)
{
    (void)file, (void)offset, (void)size; /* not measured here */
}

int host_cut(int file, uint64_t size)
{
    LARGE_INTEGER to = {.QuadPart = (LONGLONG)size};
    return SetFilePointerEx(host_win32_handle(file), to, NULL, FILE_BEGIN) &&
                   SetEndOfFile(host_win32_handle(file))
               ? 0
               : (int)GetLastError();
}

int host_sync_folder(const char *path)
{
    (void)path; /* the system offers nothing for it */
    return 0;
}

/* The pattern of all names in the folder of a file, to be freed. */
static wchar_t *all_beside(const char *path)
{
    const char *slash = strrchr(path, '/'), *back = strrchr(path, '\\');
    const char *end = back > slash ? back : slash;
    size_t length = end ? (size_t)(end - path) + 1 : 0;
    char *pattern = malloc(length + 2);
    wchar_t *wide = NULL;
    if (pattern) {
        memcpy(pattern, path, length);
        strcpy(pattern + length, "*");
        wide = host_win32_widen(pattern);
    }
    free(pattern);
    return wide;
}

int host_each_name(const char *path, void (*found)(void *user, const char *name), void *user)
{
    wchar_t *pattern = all_beside(path);
    WIN32_FIND_DATAW entry;
    char name[4 * MAX_PATH];
    if (!pattern)
        return ERROR_INVALID_NAME;
    HANDLE search = FindFirstFileW(pattern, &entry);
    free(pattern);
    if (search == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_FILE_NOT_FOUND ? 0 : (int)GetLastError();
    do {
        if (WideCharToMultiByte(CP_UTF8, 0, entry.cFileName, -1, name, sizeof name, NULL, NULL) > 0)
            found(user, name);
    } while (FindNextFileW(search, &entry));
    int error = GetLastError() == ERROR_NO_MORE_FILES ? 0 : (int)GetLastError();
    FindClose(search);
    return error;
}
