/* SPDX-License-Identifier: Apache-2.0 */
/* Whose a ring is, and when it was made. */
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

static slotring_list_entry_t listed(void)
{
    slotring_list_entry_t entry;
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_OK(entry.status);
    return entry;
}

/* A mark has a time in every ring, on the clock of time stamps. */
static uint64_t time_of_a_mark(slotring_t *ring)
{
    slotring_mark_t mark = {0};
    CHECK_OK(slotring_mark(ring, SLOTRING_MARK_USER, 0, 0, NULL, 0, &mark));
    return mark.time_ns;
}

static void each_who_looks_knows_when_it_was_made(void)
{
    uint64_t before = (uint64_t)now_ns();
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_t *user = ring_attach(ring_name()), *observer = ring_observe(ring_name());
    uint64_t created = ring_info(ring).created_ns;
    CHECK_AT_LEAST(created, before);
    CHECK_AT_LEAST(time_of_a_mark(ring), created);
    CHECK_EQUAL(ring_info(user).created_ns, created);
    CHECK_EQUAL(ring_info(observer).created_ns, created);
    CHECK_EQUAL(listed().created_ns, created);
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(user));
    ring_remove(ring, ring_name());
}

static void each_who_looks_knows_the_owner(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *observer = ring_observe(ring_name());
    slotring_participant_t me;
    uint32_t count = 0;
    CHECK_OK(slotring_participants(ring, &me, 1, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(ring_info(ring).owner, me.uid);
    CHECK_EQUAL(ring_info(observer).owner, me.uid);
    CHECK_EQUAL(listed().owner, me.uid);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

#ifndef _WIN32 /* where a ring goes with its last user */
/* An earlier library left the place of the time empty. Its rings are used as ever. */
static void a_maker_that_did_not_say(void)
{
    size_t size;
    CHECK_OK(slotring_close(ring_create(ring_name(), 4, 100)));
    sr__header_t *header = ring_map(ring_name(), &size);
    CHECK(header->created_ns > 0);
    header->created_ns = 0;
    header->checksum = sr__layout_checksum(header);
    ring_unmap(header);
    slotring_t *ring = ring_attach(ring_name());
    CHECK_EQUAL(ring_info(ring).created_ns, 0);
    CHECK_EQUAL(listed().created_ns, 0);
    publish(ring, 1, 0);
    ring_remove(ring, ring_name());
}
#endif

static const test_case_t cases[] = {
    {"each_who_looks_knows_when_it_was_made", each_who_looks_knows_when_it_was_made, 0},
    {"each_who_looks_knows_the_owner", each_who_looks_knows_the_owner, 0},
#ifndef _WIN32
    {"a_maker_that_did_not_say", a_maker_that_did_not_say, 0},
#endif
    {NULL, NULL, 0},
};

const test_suite_t age_suite = {"age", cases, NULL};
