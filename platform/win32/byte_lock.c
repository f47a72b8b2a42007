/* SPDX-License-Identifier: Apache-2.0 */
/* Byte locks, which belong to a file object: all handles that were duplicated from one of them. */
#include "win32/win32_internal.h"

static OVERLAPPED at(uint64_t byte)
{
    return (OVERLAPPED){.Offset = (DWORD)byte, .OffsetHigh = (DWORD)(byte >> 32)};
}

static DWORD lock(HANDLE file, DWORD flags, uint64_t first, uint32_t count)
{
    OVERLAPPED where = at(first);

    if (LockFileEx(file, flags | LOCKFILE_FAIL_IMMEDIATELY, 0, count, 0, &where))
        return ERROR_SUCCESS;
    DWORD number = GetLastError();
    return number == ERROR_IO_PENDING ? ERROR_LOCK_VIOLATION : number;
}

DWORD sr__win32_byte_lock(HANDLE file, bool exclusive, uint64_t byte)
{
    return lock(file, exclusive ? LOCKFILE_EXCLUSIVE_LOCK : 0, byte, 1);
}

void sr__win32_byte_unlock(HANDLE file, uint64_t byte)
{
    OVERLAPPED where = at(byte);

    UnlockFileEx(file, 0, 1, 0, &where);
}

/* The system has no question for it, so a shared lock is tried: those who ask do not meet each other. */
int sr__win32_byte_query(HANDLE file, uint64_t first, uint32_t count)
{
    OVERLAPPED where = at(first);
    DWORD number = lock(file, 0, first, count);

    if (number == ERROR_LOCK_VIOLATION)
        return 1;
    if (number != ERROR_SUCCESS) {
        SetLastError(number);
        return -1;
    }
    UnlockFileEx(file, 0, count, 0, &where);
    return 0;
}
