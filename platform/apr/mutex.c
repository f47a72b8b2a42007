/* SPDX-License-Identifier: Apache-2.0 */
/* The process mutex. Tried again and again until the deadline: apr_proc_mutex_timedlock does the same for this
 * mechanism, in steps of its own that are longer. */
#include <apr_portable.h>
#include <string.h>

#include "apr/apr_internal.h"

#define SHORTEST_SLEEP_NS UINT64_C(50000)
#define LONGEST_SLEEP_NS UINT64_C(2000000)
#define PERIOD_NS UINT64_C(100000000)

/* A mutex of APR's on a descriptor of ours. Not apr_proc_mutex_create: it makes its file anew and lets nobody join;
 * not child_init of a dummy: that leaves a file in /tmp to the killed. flock is the one mechanism that unrelated
 * processes can share by a file and that is free again when its holder is killed. Nothing tells that it was: the core
 * has a word of its own for that (state.dirty). */
apr_proc_mutex_t *sr__apr_mutex_make(sr__lock_file_t *file)
{
#if APR_HAS_FLOCK_SERIALIZE
    apr_proc_mutex_t *mutex = NULL;
    apr_os_proc_mutex_t system;

    memset(&system, 0, sizeof system);
#if APR_HAS_PROC_PTHREAD_SERIALIZE
    system.pthread_interproc = NULL;
#endif
    if (apr_os_file_get(&system.crossproc, file->handle) != APR_SUCCESS ||
        apr_os_proc_mutex_put_ex(&mutex, &system, APR_LOCK_FLOCK, 0, file->pool) != APR_SUCCESS)
        return NULL;
    return mutex;
#else
    (void)file;
    return NULL;
#endif
}

/* The host has closed our descriptor: another one by name. What the old one has locked stays so, by its mapping. */
static int restore(sr__locks_t *locks, slotring_error_t *error)
{
    sr__locks_t again = {.place = locks->place, .path = locks->path};

    if (sr__apr_lock_file_is_open(locks->file))
        return 0;
    if (sr__apr_lock_file_open(again.place, again.path, SR__LOCK_FILE_OPEN,
                               "after somebody else closed its descriptor, the ring's lock file", &again.file,
                               error) != 0)
        return SLOTRING_E_OS;
    if (!sr__identity_equal(again.file->identity, locks->file->identity)) {
        sr__apr_lock_file_close(again.file);
        return sr__fail(error, SLOTRING_E_OS, 0,
                        "somebody else closed the descriptor of the ring's lock file, and %s is another file "
                        "by now",
                        locks->path);
    }
    again.mutex = sr__apr_mutex_make(again.file);
    if (!again.mutex) {
        sr__apr_lock_file_close(again.file);
        return sr__fail(error, SLOTRING_E_OS, 0, "apr_os_proc_mutex_put of %s failed", locks->path);
    }
    if (locks->locked && !locks->locked_file)
        locks->locked_file = locks->file;
    else
        sr__apr_lock_file_close(locks->file);
    locks->file = again.file;
    locks->mutex = again.mutex;
    return 0;
}

static int try_lock(sr__locks_t *locks, slotring_error_t *error)
{
    if (locks->locked)
        return SLOTRING_E_BUSY; /* the system would grant it: the lock is this open file's already */
    if (restore(locks, error) != 0)
        return SLOTRING_E_OS;
    apr_status_t status = apr_proc_mutex_trylock(locks->mutex);
    if (APR_STATUS_IS_EBUSY(status))
        return SLOTRING_E_BUSY;
    if (!sr__apr_lock_file_is_open(locks->file))
        return SLOTRING_E_BUSY; /* closed under us, just now */
    if (status != APR_SUCCESS)
        return sr__apr_fail_call(error, status, "apr_proc_mutex_trylock of", locks->path);
    locks->locked = true;
    return 0;
}

/* A remover that was killed half way has left a mutex file without a ring, perhaps with participants of the removed
 * ring that still live. A new ring must not share their locks: it would take them for its own. Finishing the removal
 * makes the caller find its lock file nameless, and start again. */
static int finish_removal(sr__locks_t *locks)
{
    if (!sr__apr_path_is(locks->path, locks->file->identity) || sr__apr_segment_exists(locks->place))
        return 0;
    if (!sr__apr_deaths_held(locks->place, locks->file->identity))
        return 0;
    if (sr__apr_file_remove(locks->path, "the ring's lock file", NULL) == 0 || !locks->creating)
        return 0;
    return SLOTRING_E_BUSY;
}

/* In each fourth period it is tried all the time: else one that locks it again and again would nearly always be the
 * faster one. Not in all of them, since whoever has it may have been stopped. */
static bool is_urgent(uint64_t waited)
{
    return waited / PERIOD_NS % 4 == 3;
}

int sr__apr_mutex_lock(sr__locks_t *locks, uint64_t timeout_ns, slotring_error_t *error)
{
    uint64_t start = sr__apr_clock_ns(), nap = SHORTEST_SLEEP_NS;

    for (;;) {
        int failed = try_lock(locks, error);
        if (failed == 0)
            break;
        if (failed != SLOTRING_E_BUSY)
            return failed;
        uint64_t waited = sr__apr_clock_ns() - start;
        if (waited >= timeout_ns)
            return SLOTRING_E_BUSY;
        if (is_urgent(waited)) {
            sr__apr_yield();
            continue;
        }
        sr__apr_sleep_ns(timeout_ns - waited < nap ? timeout_ns - waited : nap);
        nap = nap * 2 < LONGEST_SLEEP_NS ? nap * 2 : LONGEST_SLEEP_NS;
    }
    int failed = finish_removal(locks);
    if (failed != 0)
        sr__apr_mutex_unlock(locks);
    return failed;
}

void sr__apr_mutex_unlock(sr__locks_t *locks)
{
    if (!locks->locked)
        return;
    if (locks->locked_file) { /* locked by an open file whose descriptor was closed since */
        sr__apr_lock_file_close(locks->locked_file);
        locks->locked_file = NULL;
    } else if (!sr__apr_lock_file_is_open(locks->file) ||
               apr_proc_mutex_unlock(locks->mutex) != APR_SUCCESS) {
        sr__apr_lock_file_unpin(locks->file);
    }
    locks->locked = false;
}
