/* SPDX-License-Identifier: Apache-2.0 */
/* Death locks: one byte of the lock file for each participant, locked exclusively for life. The handle is not
 * inherited, and the kernel drops the lock when it closes a dead process's handles, before those who wait for the
 * process are told of its end.
 *
 * To ask is to try a shared lock for a moment. Such a moment must not make a place look taken: who meets a lock looks
 * whether it is exclusive, which only an owner's is. */
#include <stdlib.h>

#include "win32_internal.h"

#define PATIENCE_NS \
    UINT64_C(100000000) /* for those who ask; each takes microseconds, unless it was stopped there */

struct sr__death_lock {
    HANDLE file; /* keeps the file object, and with it the lock, whatever becomes of the sr__locks_t */
    uint64_t byte;
};

static DWORD lock_unless_owned(sr__locks_t *locks, uint64_t byte)
{
    uint64_t start = sr__win32_clock_ns();

    for (;;) {
        DWORD number = sr__win32_byte_lock(locks->taking, true, byte);
        if (number != ERROR_LOCK_VIOLATION)
            return number;
        if (sr__win32_byte_query(locks->asking, byte, 1) != 0 || sr__win32_clock_ns() - start >= PATIENCE_NS)
            return ERROR_LOCK_VIOLATION;
        sr__win32_yield();
    }
}

int sr__win32_death_lock_take(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock)
{
    HANDLE me = GetCurrentProcess();

    *lock = NULL;
    if (index >= SR__DEATH_BYTES)
        return SLOTRING_E_INVALID;
    sr__death_lock_t *made = calloc(1, sizeof(*made));
    if (!made)
        return SLOTRING_E_NO_MEMORY;
    made->byte = SR__DEATH_BYTE + index;
    if (!DuplicateHandle(me, locks->taking, me, &made->file, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
        free(made);
        return SLOTRING_E_OS;
    }
    DWORD number = lock_unless_owned(locks, made->byte);
    if (number == ERROR_SUCCESS) {
        *lock = made;
        return 0;
    }
    CloseHandle(made->file);
    free(made);
    return number == ERROR_LOCK_VIOLATION ? SLOTRING_E_BUSY : SLOTRING_E_OS;
}

void sr__win32_death_lock_release(sr__death_lock_t *lock)
{
    if (!lock)
        return;
    sr__win32_byte_unlock(lock->file, lock->byte);
    CloseHandle(lock->file);
    free(lock);
}

void sr__win32_death_lock_abandon(sr__death_lock_t *lock)
{
    free(lock);
}

int sr__win32_death_lock_query(sr__locks_t *locks, uint32_t index)
{
    if (index >= SR__DEATH_BYTES)
        return SLOTRING_E_INVALID;
    int held = sr__win32_byte_query(locks->asking, SR__DEATH_BYTE + index, 1);
    return held >= 0 ? held : SLOTRING_E_OS;
}
