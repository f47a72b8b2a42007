/* SPDX-License-Identifier: Apache-2.0 */
/* Sleeping on a word of the segment as macOS can: os_sync_wait_on_address (14.4 and later), else the system call below
 * it, both for words that processes share; else by short sleeps. Found at run time, since what is there depends on the
 * system that the library runs on, and not on the one that it was built for. */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>

#include "posix/posix_internal.h"

#define US_PER_NS UINT64_C(1000)
#define LONGEST_NAP_NS UINT64_C(1000000)

/* <os/os_sync_wait_on_address.h>, which older development kits lack. */
#define SYNC_SHARED 1u
#define SYNC_CLOCK_MACH 32u
typedef int (*sync_wait_t)(void *address, uint64_t value, size_t size, uint32_t flags, uint32_t clock,
                           uint64_t timeout_ns);
typedef int (*sync_wake_t)(void *address, size_t size, uint32_t flags);
/* The system call, which has no header of its own. */
#define ULOCK_COMPARE_AND_WAIT_SHARED 3u
#define ULOCK_WAKE_ALL 0x100u
typedef int (*ulock_wait_t)(uint32_t operation, void *address, uint64_t value, uint32_t timeout_us);
typedef int (*ulock_wake_t)(uint32_t operation, void *address, uint64_t value);

static pthread_once_t once = PTHREAD_ONCE_INIT;
static sync_wait_t sync_wait;
static sync_wake_t sync_wake;
static ulock_wait_t ulock_wait;
static ulock_wake_t ulock_wake;

static void find(void)
{
    /* ISO C has no way from dlsym's object pointer to a function but by its bytes. */
    *(void **)(void *)&sync_wait = dlsym(RTLD_DEFAULT, "os_sync_wait_on_address_with_timeout");
    *(void **)(void *)&sync_wake = dlsym(RTLD_DEFAULT, "os_sync_wake_by_address_all");
    *(void **)(void *)&ulock_wait = dlsym(RTLD_DEFAULT, "__ulock_wait");
    *(void **)(void *)&ulock_wake = dlsym(RTLD_DEFAULT, "__ulock_wake");
}

int sr__posix_waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                         uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error)
{
    (void)place, (void)ring_id, (void)participant, (void)incarnation, (void)error;
    pthread_once(&once, find); /* not in wake: that may run in a signal handler */
    *waits = NULL;
    return 0;
}

void sr__posix_waits_close(sr__waits_t *waits)
{
    (void)waits;
}

/* Once; returns early when it was woken, or interrupted. */
static void wait_once(void *word, uint32_t expected, uint64_t timeout_ns)
{
    if (sync_wait && sync_wake) {
        (void)sync_wait(word, expected, sizeof(uint32_t), SYNC_SHARED, SYNC_CLOCK_MACH, timeout_ns);
    } else if (ulock_wait && ulock_wake) {
        uint64_t us = (timeout_ns + US_PER_NS - 1) / US_PER_NS;
        (void)ulock_wait(ULOCK_COMPARE_AND_WAIT_SHARED, word, expected,
                         us < UINT32_MAX ? (uint32_t)us : UINT32_MAX);
    } else {
        sr__posix_sleep_ns(timeout_ns < LONGEST_NAP_NS ? timeout_ns : LONGEST_NAP_NS);
    }
}

void sr__posix_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    uint64_t start = sr__posix_clock_ns(), waited = 0;

    (void)waits;
    /* Of 0 the system call would make for ever. */
    while (atomic_load(word) == expected && waited < timeout_ns) {
        wait_once((void *)word, expected, timeout_ns - waited);
        waited = sr__posix_clock_ns() - start;
    }
}

/* The system sleeps on one word. */
bool sr__posix_wait_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns)
{
    (void)sleeps, (void)count, (void)timeout_ns;
    return false;
}

void sr__posix_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words)
{
    int number = errno; /* may be called from a signal handler */

    (void)waits, (void)waiters, (void)words;
    if (sync_wait && sync_wake)
        (void)sync_wake((void *)word, sizeof(uint32_t), SYNC_SHARED);
    else if (ulock_wait && ulock_wake)
        (void)ulock_wake(ULOCK_COMPARE_AND_WAIT_SHARED | ULOCK_WAKE_ALL, (void *)word, 0);
    errno = number;
}
