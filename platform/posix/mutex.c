/* SPDX-License-Identifier: Apache-2.0 */
/* The process mutex, whatever lock it is made of: tried again and again until the deadline, since a lock that is
 * waited for in the kernel cannot be given up without a signal. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>

#include "posix/posix_internal.h"

#define SHORTEST_SLEEP_NS UINT64_C(50000)
#define LONGEST_SLEEP_NS UINT64_C(2000000)

int sr__posix_mutex_lock(sr__locks_t *locks, uint64_t timeout_ns, slotring_error_t *error)
{
    uint64_t start = sr__posix_clock_ns(), nap = SHORTEST_SLEEP_NS;

    for (;;) {
        const char *call;
        int number = sr__posix_mutex_try(locks, &call);
        if (number == 0)
            break;
        if (number != EAGAIN)
            return sr__posix_fail_as(error, SLOTRING_E_OS, number, "cannot lock the ring's lock file: %s",
                                     call);
        uint64_t waited = sr__posix_clock_ns() - start;
        if (waited >= timeout_ns)
            return SLOTRING_E_BUSY;
        sr__posix_sleep_ns(timeout_ns - waited < nap ? timeout_ns - waited : nap);
        nap = nap * 2 < LONGEST_SLEEP_NS ? nap * 2 : LONGEST_SLEEP_NS;
    }
    int failed = sr__posix_mutex_finish_removal(locks);
    if (failed != 0)
        sr__posix_mutex_unlock(locks);
    return failed;
}
