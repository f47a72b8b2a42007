/* SPDX-License-Identifier: Apache-2.0 */
/* A backend may be put together from facets of others: the core meets only the contract. Here are processes over such a
 * backend. They wait for each other, one is killed with a message in its hands, and the ring is removed. */
#include "parts.h"
#include "slotring/slotring.h"
#include "support/check.h"
#include "support/ring.h"
#include "support/suite.h"

#define ROUNDS 20u
#ifdef SLOTRING_WITH_APR
#define REFUSED SLOTRING_E_NOT_FOUND /* POSIX's own files have other names than APR's */
#else
#define REFUSED SLOTRING_E_BACKEND
#endif

/* ---- Roles -------------------------------------------------------------------------------------------- */

/* Reads each message that comes, and says its tag. At the end it says whether it has slept by the facet of waits. */
static void reads(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    for (unsigned n = 0; n < ROUNDS; n++)
        peer_tell(test, take(reader));
    peer_tell(test, parts_sleeps() > 0);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(ring));
}

/* Takes a message and keeps it until it is killed. */
static void takes_one(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    peer_tell(test, 1);
    CHECK_OK(slotring_next(reader, FOR_EVER, &slot));
    peer_tell(test, slot.sequence);
    (void)peer_hear(test);
}

/* ---- Tests -------------------------------------------------------------------------------------------- */

static void says_its_name(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    CHECK_STRING(ring_info(ring).backend, PARTS);
    ring_remove(ring, ring_name());
}

/* The reader sleeps before each message. Where the facet can wake, nothing but a wake-up ends its sleep in time. */
static void a_sleeper_gets_each_message(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 4);
    peer_t reader = peer_start(BY_EXEC, "reads", ring_name());
    peer_expect(&reader, 1);
    for (uint64_t n = 0; n < ROUNDS; n++) {
        peer_wait_asleep(&reader);
        int64_t before = now_ns();
        publish(ring, 1, n);
        peer_expect(&reader, pattern_tag(1, n));
        if (ring_info(ring).capabilities & SLOTRING_CAN_WAKE)
            CHECK(now_ns() - before < NOT_WOKEN);
    }
    peer_expect(&reader, true);
    peer_join(&reader);
    CHECK(parts_wakes() > 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void a_killed_reader_is_repaired(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 4);
    peer_t reader = peer_start(BY_EXEC, "takes_one", ring_name());
    peer_expect(&reader, 1);
    publish(ring, 1, 0);
    peer_expect(&reader, 0);
    peer_kill(&reader);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* Its rings have a kind of their own, so a process with other facets is told, and is not left to wait for ever. */
static void another_backend_is_refused(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    slotring_t *ring = ring_open_with(ring_name(), &options), *other = NULL;
    options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.backend = "posix";
    CHECK_CODE(slotring_open(&other, ring_name(), &options, NULL), REFUSED);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"says_its_name", says_its_name, 0},
    {"a_sleeper_gets_each_message", a_sleeper_gets_each_message, 0},
    {"a_killed_reader_is_repaired", a_killed_reader_is_repaired, 0},
    {"another_backend_is_refused", another_backend_is_refused, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"reads", reads},
    {"takes_one", takes_one},
    {NULL, NULL},
};

static const test_suite_t facets_suite = {"facets", cases, roles};

const test_suite_t *const test_suites[] = {&facets_suite, NULL};

const char *suite_backend(const test_suite_t *suite)
{
    (void)suite;
    return PARTS;
}
