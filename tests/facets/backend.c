/* SPDX-License-Identifier: Apache-2.0 */
/* In a build with APR: names, segments, locks and system are APR's, and waits are POSIX's own. So APR's sleepers are woken,
 * and do not poll. In any other build: waits are the least that the contract asks for, and all else is POSIX's own. */
#include <stdatomic.h>

#include "parts.h"
#include "platform.h"
#include "posix/facets.h"
#ifdef SLOTRING_WITH_APR
#include "apr/facets.h"
#endif

#define PARTS_KIND 64u /* no other backend's: processes with other facets refuse its rings */

static atomic_ulong sleeps, wakes;

unsigned long parts_sleeps(void)
{
    return atomic_load(&sleeps);
}

unsigned long parts_wakes(void)
{
    return atomic_load(&wakes);
}

/* ---- The facet of waits ------------------------------------------------------------------------------- */

#ifdef SLOTRING_WITH_APR

#define CAPABILITIES (SLOTRING_CAN_PERSIST | SLOTRING_CAN_WAKE)
#define WAITS_OPEN sr__posix_waits_open
#define WAITS_CLOSE sr__posix_waits_close
#define JOIN_FENCES sr__posix_join_fences
#define FENCE_ALL sr__posix_fence_all
#define WAIT sr__posix_wait
#define WAIT_ANY sr__posix_wait_any
#define WAKE sr__posix_wake

#else

#define CAPABILITIES (SLOTRING_CAN_PERSIST | SLOTRING_CAN_SHARE_USERS)
#define NAP_NS UINT64_C(200000)
#define WAITS_OPEN waits_open
#define WAITS_CLOSE waits_close
#define WAIT sleep_on_one
#define WAIT_ANY sleep_on_any
#define WAKE wake_nobody
#define JOIN_FENCES sr__no_fences
#define FENCE_ALL sr__no_fences

static int waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                      uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error)
{
    (void)place, (void)ring_id, (void)participant, (void)incarnation, (void)error;
    *waits = NULL;
    return 0;
}

static void waits_close(sr__waits_t *waits)
{
    (void)waits;
}

static bool is_news(const sr__sleep_t *each, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (atomic_load(each[i].word) != each[i].expected)
            return true;
    return false;
}

static bool sleep_on_any(const sr__sleep_t *each, uint32_t count, uint64_t timeout_ns)
{
    uint64_t start = sr__posix_clock_ns();
    while (!is_news(each, count) && sr__posix_clock_ns() - start < timeout_ns)
        sr__posix_sleep_ns(NAP_NS);
    return true;
}

static void sleep_on_one(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)sleep_on_any(&(sr__sleep_t){.waits = waits, .word = word, .expected = expected}, 1, timeout_ns);
}

static void wake_nobody(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                        uint32_t words)
{
    (void)waits, (void)word, (void)waiters, (void)words; /* they look for themselves */
}

#endif

static void counted_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    atomic_fetch_add(&sleeps, 1);
    WAIT(waits, word, expected, timeout_ns);
}

static bool counted_wait_any(const sr__sleep_t *each, uint32_t count, uint64_t timeout_ns)
{
    atomic_fetch_add(&sleeps, 1);
    return WAIT_ANY(each, count, timeout_ns);
}

static void counted_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                         uint32_t words)
{
    atomic_fetch_add(&wakes, 1);
    WAKE(waits, word, waiters, words);
}

/* ---- The backend, in the place of platform/common/backends.c ------------------------------------------ */

static const sr__backend_t parts = {
    .name = PARTS,
    .kind = PARTS_KIND,
    .capabilities = CAPABILITIES,
    .waits = {.open = WAITS_OPEN,
              .close = WAITS_CLOSE,
              .wait = counted_wait,
              .wait_any = counted_wait_any,
              .wake = counted_wake,
              .join_fences = JOIN_FENCES,
              .fence_all = FENCE_ALL},
#ifdef SLOTRING_WITH_APR
    .names = SR__APR_NAMES,
    .segments = SR__APR_SEGMENTS,
    .locks = SR__APR_LOCKS,
    .system = SR__APR_SYSTEM,
#else
    .names = SR__POSIX_NAMES,
    .segments = SR__POSIX_SEGMENTS,
    .locks = SR__POSIX_LOCKS,
    .system = SR__POSIX_SYSTEM,
#endif
};

extern const sr__backend_t sr__posix_backend;

/* The first is the native one, as in every build. */
const sr__backend_t *const sr__backends[] = {&sr__posix_backend, &parts, NULL};
