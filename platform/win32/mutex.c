/* SPDX-License-Identifier: Apache-2.0 */
/* The process mutex: one byte of the lock file, rather than a mutex of the system. It belongs to the file whose rights
 * say who takes part, to no thread, and to this ring alone even while another one of its name is made. That a holder
 * was killed is seen by the ring's own word. Tried again and again until the deadline, since a lock that is waited for
 * in the kernel cannot be given up.
 *
 * So that one who locks it again and again does not keep it from all others, whoever wants it takes a turn first, and
 * gives that up once it has the mutex. The turn is good manners and no more: one that does not come for a while, since
 * its owner was stopped perhaps, is not waited for any longer. */
#include "win32/win32_internal.h"

#define SHORTEST_SLEEP_NS UINT64_C(50000)
#define LONGEST_SLEEP_NS UINT64_C(2000000)
#define MANNERS_NS UINT64_C(200000000)

/* A remover that was killed half way has left a lock file without a ring, perhaps with participants of the removed
 * ring that still live and hold their death locks in it. A new ring must not share that file: it would take them for
 * its own. Finishing the removal makes the caller find its lock file nameless, and start again. */
static int finish_removal(sr__locks_t *locks)
{
    if (!sr__win32_path_is(locks->place->lock_path, locks->identity) ||
        sr__win32_segment_exists(locks->place))
        return 0;
    if (sr__win32_byte_query(locks->asking, SR__DEATH_BYTE, SR__DEATH_BYTES) != 1)
        return 0;
    if (sr__win32_locks_unlink(locks->place, NULL) == 0 || !locks->creating)
        return 0;
    return SLOTRING_E_BUSY;
}

static DWORD try_turn(sr__locks_t *locks, bool *turn, uint64_t waited)
{
    if (*turn || waited >= MANNERS_NS)
        return ERROR_SUCCESS;
    DWORD number = sr__win32_byte_lock(locks->asking, true, SR__TURN_BYTE);
    *turn = number == ERROR_SUCCESS;
    return number;
}

static DWORD try_lock(sr__locks_t *locks, bool *turn, uint64_t waited)
{
    if (atomic_load(&locks->locked))
        return ERROR_LOCK_VIOLATION;
    DWORD refused = try_turn(locks, turn, waited);
    if (refused != ERROR_SUCCESS)
        return refused;
    DWORD number = sr__win32_byte_lock(locks->asking, true, SR__MUTEX_BYTE);
    if (number == ERROR_SUCCESS)
        atomic_store(&locks->locked, true);
    return number;
}

static int lock_until(sr__locks_t *locks, uint64_t timeout_ns, bool *turn, slotring_error_t *error)
{
    uint64_t start = sr__win32_clock_ns(), waited = 0, nap = SHORTEST_SLEEP_NS;

    for (;;) {
        /* With no time to wait there is none to be polite either. */
        DWORD number = try_lock(locks, turn, timeout_ns > 0 ? waited : MANNERS_NS);
        if (number == ERROR_SUCCESS)
            return 0;
        if (number != ERROR_LOCK_VIOLATION)
            return sr__win32_fail_call(error, number, "cannot lock the ring's lock file: LockFileEx");
        waited = sr__win32_clock_ns() - start;
        if (waited >= timeout_ns)
            return SLOTRING_E_BUSY;
        sr__win32_sleep_ns(timeout_ns - waited < nap ? timeout_ns - waited : nap);
        nap = nap * 2 < LONGEST_SLEEP_NS ? nap * 2 : LONGEST_SLEEP_NS;
    }
}

int sr__win32_mutex_lock(sr__locks_t *locks, uint64_t timeout_ns, slotring_error_t *error)
{
    bool turn = false;
    int failed = lock_until(locks, timeout_ns, &turn, error);

    if (turn)
        sr__win32_byte_unlock(locks->asking, SR__TURN_BYTE);
    if (failed != 0)
        return failed;
    failed = finish_removal(locks);
    if (failed != 0)
        sr__win32_mutex_unlock(locks);
    return failed;
}

void sr__win32_mutex_unlock(sr__locks_t *locks)
{
    if (!atomic_load(&locks->locked))
        return;
    /* The word first: until the lock is gone nobody else can take it. */
    atomic_store(&locks->locked, false);
    sr__win32_byte_unlock(locks->asking, SR__MUTEX_BYTE);
}
