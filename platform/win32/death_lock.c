/* SPDX-License-Identifier: Apache-2.0 */
/* Death locks: one byte of the lock file for each participant, locked exclusively for life. The handle is not
 * inherited, and the kernel drops the lock when it closes a dead process's handles, before those who wait for the
 * process are told of its end.
 *
 * To ask is to try a shared lock for a moment. Such a moment must not make a place look taken: who meets a lock looks
 * whether it is exclusive, which only an owner's is. */
#include <stdlib.h>

#include "common/fail.h"
#include "win32/win32_internal.h"

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

int sr__win32_death_lock_take(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock,
                              slotring_error_t *error)
{
    HANDLE me = GetCurrentProcess();

    *lock = NULL;
    int failed = sr__check_death_lock(index, error);
    if (failed != 0)
        return failed;
    sr__death_lock_t *made = calloc(1, sizeof *made);
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a death lock");
    made->byte = SR__DEATH_BYTE + index;
    if (!DuplicateHandle(me, locks->taking, me, &made->file, 0, FALSE, DUPLICATE_SAME_ACCESS)) {
        DWORD refused = GetLastError();
        free(made);
        return sr__win32_fail_call(error, refused, "cannot take a death lock: DuplicateHandle");
    }
    DWORD number = lock_unless_owned(locks, made->byte);
    if (number == ERROR_SUCCESS) {
        *lock = made;
        return 0;
    }
    CloseHandle(made->file);
    free(made);
    if (number == ERROR_LOCK_VIOLATION)
        return SLOTRING_E_BUSY;
    return sr__win32_fail_call(error, number, "cannot take a death lock: LockFileEx");
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

int sr__win32_death_lock_query(sr__locks_t *locks, uint32_t index, slotring_error_t *error)
{
    int failed = sr__check_death_lock(index, error);
    if (failed != 0)
        return failed;
    int held = sr__win32_byte_query(locks->asking, SR__DEATH_BYTE + index, 1);
    return held >= 0 ? held
                     : sr__win32_fail_call(error, GetLastError(), "cannot ask for a death lock: LockFileEx");
}

bool sr__win32_anybody_lives(const sr__place_t *place)
{
    HANDLE file;

    if (sr__win32_file_open(place, place->lock_path, place->lock_text, GENERIC_READ, "the ring's lock file",
                            &file, NULL) != 0)
        return false;
    bool lives = sr__win32_byte_query(file, SR__DEATH_BYTE, SR__DEATH_BYTES) == 1;
    CloseHandle(file);
    return lives;
}
