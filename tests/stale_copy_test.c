/* SPDX-License-Identifier: Apache-2.0 */
/* A slot struct is a value, and values get copied. Whichever copy goes back first ends its acquire or its allocation;
 * every other copy is refused and changes nothing, whoever else has the slot by then: another acquire of the same
 * publication, of a later one in the same slot, a producer, another handle in the same place. */
#include <stdatomic.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static slotring_t *make(uint64_t slots, uint32_t flags)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 200);
    options.flags |= flags;
    return ring_open_with(ring_name(), &options);
}

/* Producers go round a ring of two slots three times and take all that they can get: what is not held is overwritten. */
static void overwrite_two(slotring_t *ring)
{
    for (int n = 0; n < 3 * 2; n++) {
        slotring_slot_t slot;
        if (slotring_allocate(ring, 1, &slot) != 0)
            break;
        memset(slot.data, 0x5a, 200);
        CHECK_OK(slotring_mark_ready(ring, &slot, 200));
    }
}

static void refuse_release(slotring_t *ring, const slotring_slot_t *copy)
{
    slotring_slot_t stale = *copy;
    uint64_t held = ring_stats(ring).slots_held;
    CHECK_CODE(slotring_release(ring, &stale), SLOTRING_E_NOT_HELD);
    CHECK(memcmp(&stale, copy, sizeof stale) == 0);
    CHECK_EQUAL(ring_stats(ring).slots_held, held);
}

/* ---- Reading ------------------------------------------------------------------------------------------ */

/* The slot has moved on, and somebody holds what is in it now. */
static void after_the_slot_moved_on(void)
{
    static const uint32_t flags[] = {0, SLOTRING_ONE_THREAD};
    for (int i = 0; i < 2; i++) {
        check_context("flags %x", flags[i]);
        slotring_t *ring = make(2, flags[i]);
        slotring_ticket_t ticket = publish(ring, 1, 0), later;
        slotring_slot_t first, copy, other;
        hold(ring, &ticket, &first);
        copy = first;
        CHECK_OK(slotring_release(ring, &first));
        uint64_t n = 1;
        do
            later = publish(ring, 1, n++);
        while (later.slot != ticket.slot);
        hold(ring, &later, &other);
        for (int again = 0; again < 3; again++)
            refuse_release(ring, &copy);
        overwrite_two(ring);
        pattern_check(&other);
        CHECK_OK(slotring_release(ring, &other));
        check_ring_at_rest(ring);
        ring_remove(ring, ring_name());
    }
}

/* Several acquires of one publication are open at once. Each of them is ended by one of its copies, in any order of
 * them; `first` says whose acquire goes back while the others stay. */
static void of_one_publication_in_several_hands(void)
{
    enum {
        HANDS = 4
    };
    static const uint32_t flags[] = {0, SLOTRING_ONE_THREAD};
    for (int i = 0; i < 2; i++)
        for (int goes = 0; goes < HANDS; goes++) {
            check_context("flags %x, acquire %d goes back", flags[i], goes);
            slotring_t *ring = make(2, flags[i]);
            slotring_ticket_t ticket = publish(ring, 1, 0);
            slotring_slot_t hands[HANDS], copies[HANDS];
            for (int h = 0; h < HANDS; h++) {
                hold(ring, &ticket, &hands[h]);
                copies[h] = hands[h];
            }
            CHECK_OK(slotring_release(ring, &copies[goes])); /* the copy: the original is the stale one now */
            for (int again = 0; again < HANDS; again++)
                refuse_release(ring, &hands[goes]);
            slotring_slot_t next;
            hold(ring, &ticket, &next); /* has the place of the one that went */
            refuse_release(ring, &hands[goes]);
            for (int h = 0; h < HANDS; h++)
                if (h != goes) {
                    CHECK_OK(slotring_release(ring, &hands[h]));
                    refuse_release(ring, &copies[h]);
                }
            refuse_release(ring, &hands[goes]);
            overwrite_two(ring);
            pattern_check(&next);
            CHECK_OK(slotring_release(ring, &next));
            check_ring_at_rest(ring);
            ring_remove(ring, ring_name());
        }
    check_context("%s", "");
}

/* More acquires than the first places of the private table, given back in an order of their own, twice. */
static void a_thousand_acquires(void)
{
    enum {
        HANDS = 1000,
        STEP = 387 /* no divisor in common */
    };
    static slotring_slot_t hands[HANDS], copies[HANDS];
    slotring_t *ring = make(2, 0);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    for (int round = 0; round < 3; round++) {
        for (int h = 0; h < HANDS; h++) {
            CHECK_OK(slotring_acquire_for_read(ring, &ticket, &hands[h]));
            if (round > 0) /* what was open in the last round is not any more */
                CHECK_CODE(slotring_release(ring, &copies[h]), SLOTRING_E_NOT_HELD);
        }
        memcpy(copies, hands, sizeof copies);
        for (int h = 0; h < HANDS; h++) {
            int at = h * STEP % HANDS;
            overwrite_two(ring);
            if (h % 100 == 0)
                pattern_check(&hands[at]);
            CHECK_OK(slotring_release(ring, &hands[at]));
            slotring_slot_t again = copies[at];
            CHECK_CODE(slotring_release(ring, &again), SLOTRING_E_NOT_HELD);
        }
        ticket = publish(ring, 1, (uint64_t)round + 1);
    }
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* A struct that somebody changed names nothing either. */
static void changed(void)
{
    slotring_t *ring = make(4, 0);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t hands[2], forged;
    for (int h = 0; h < 2; h++)
        hold(ring, &ticket, &hands[h]);
    for (int h = 0; h < 2; h++) {
        forged = hands[h];
        forged.index = 4;
        refuse_release(ring, &forged);
        for (int field = 2; field < 4; field++)
            for (int bit = 0; bit < 64; bit++) {
                forged = hands[h];
                forged.internal[field] ^= UINT64_C(1) << bit;
                check_context("bit %d of field %d, acquire %d", bit, field, h);
                refuse_release(ring, &forged);
            }
    }
    check_context("%s", "");
    for (int h = 0; h < 2; h++)
        CHECK_OK(slotring_release(ring, &hands[h]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* A handle is closed, and another one is in its place: nothing of the first is good for the second. */
static void of_a_closed_handle(void)
{
    slotring_t *ring = make(4, 0), *other = ring_attach(ring_name());
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t reading, writing, held;
    hold(other, &ticket, &reading);
    CHECK_OK(slotring_allocate(other, 1, &writing));
    CHECK_OK(slotring_close(other));
    for (int i = 0; i < 300; i++) { /* until the memory of the first handle is somebody else's */
        other = ring_attach(ring_name());
        hold(other, &ticket, &held);
        slotring_slot_t copy = reading;
        CHECK_CODE(slotring_release(other, &copy), SLOTRING_E_NOT_OWNER);
        copy = writing;
        CHECK_CODE(slotring_mark_ready(other, &copy, 1), SLOTRING_E_NOT_OWNER);
        CHECK_CODE(slotring_abort(other, &copy), SLOTRING_E_NOT_OWNER);
        CHECK_OK(slotring_release(other, &held));
        CHECK_OK(slotring_close(other));
    }
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What next gave is the reader's to release, whatever was copied. */
static void given_by_next(void)
{
    static const uint32_t modes[] = {SLOTRING_LOSSLESS, SLOTRING_LOSSY};
    slotring_t *ring = make(2, 0);
    for (int i = 0; i < 2; i++) {
        slotring_reader_t *reader = subscribe(ring, modes[i], SLOTRING_FROM_NOW);
        slotring_ticket_t ticket = publish(ring, 1, 0);
        slotring_slot_t given, copy, held;
        CHECK_OK(slotring_next(reader, 0, &given));
        copy = given;
        CHECK_CODE(slotring_release(ring, &copy), SLOTRING_E_NOT_HELD);
        hold(ring, &ticket, &held);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
        CHECK_CODE(slotring_release(ring, &copy), SLOTRING_E_NOT_HELD);
        CHECK_OK(slotring_unsubscribe(reader));
        overwrite_two(ring);
        pattern_check(&held);
        CHECK_OK(slotring_release(ring, &held));
    }
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Writing ------------------------------------------------------------------------------------------ */

static void refuse_writing(slotring_t *ring, const slotring_slot_t *copy)
{
    slotring_slot_t stale = *copy;
    uint32_t published = 7;
    CHECK_CODE(slotring_mark_ready(ring, &stale, 1), SLOTRING_E_STATE);
    CHECK_CODE(slotring_abort(ring, &stale), SLOTRING_E_STATE);
    CHECK_CODE(slotring_mark_ready_batch(ring, &stale, 1, &published), SLOTRING_E_STATE);
    CHECK_EQUAL(published, 0);
    CHECK(memcmp(&stale, copy, sizeof stale) == 0);
}

typedef int ends_t(slotring_t *ring, slotring_slot_t *slot);

static int publishes(slotring_t *ring, slotring_slot_t *slot)
{
    return slotring_mark_ready(ring, slot, slot->capacity);
}

static int publishes_as_a_batch(slotring_t *ring, slotring_slot_t *slot)
{
    slot->length = slot->capacity;
    return slotring_mark_ready_batch(ring, slot, 1, NULL);
}

static void while_writing(void)
{
    static const struct {
        const char *name;
        ends_t *end;
    } ways[] = {
        {"mark_ready", publishes}, {"mark_ready_batch", publishes_as_a_batch}, {"abort", slotring_abort}};
    static const uint32_t flags[] = {0, SLOTRING_ONE_THREAD};
    for (size_t w = 0; w < sizeof ways / sizeof ways[0]; w++)
        for (int i = 0; i < 4; i++) {
            check_context("%s, flags %x, the slot is %s then", ways[w].name, flags[i % 2],
                          i < 2 ? "this handle's" : "another's");
            slotring_t *ring = make(1, flags[i % 2]), *other = ring_attach(ring_name());
            slotring_t *next = i < 2 ? ring : other;
            slotring_slot_t first, copy, again;
            uint64_t length;
            CHECK_OK(slotring_allocate(ring, 1, &first));
            copy = first;
            CHECK_OK(ways[w].end(ring, &first));
            refuse_writing(ring, &copy); /* nobody has it */
            prepare(next, 1, 0, &again, &length);
            refuse_writing(ring, &copy); /* somebody writes into it */
            CHECK_OK(slotring_mark_ready(next, &again, length));
            refuse_writing(ring, &copy); /* it is published */
            slotring_slot_t held;
            hold(ring, &again.ticket, &held);
            refuse_writing(ring, &copy); /* and read */
            pattern_check(&held);
            CHECK_OK(slotring_release(ring, &held));
            CHECK_OK(slotring_close(other));
            check_ring_at_rest(ring);
            ring_remove(ring, ring_name());
        }
    check_context("%s", "");
}

static void of_a_batch(void)
{
    enum {
        BATCH = 4
    };
    slotring_t *ring = make(BATCH, 0);
    for (int round = 0; round < 5; round++) {
        slotring_slot_t slots[BATCH], copies[BATCH];
        uint32_t count, published;
        CHECK_OK(slotring_allocate_batch(ring, 1, slots, BATCH, 0, &count));
        CHECK_EQUAL(count, BATCH);
        memcpy(copies, slots, sizeof copies);
        slotring_slot_t mixed[BATCH + 1] = {slots[0], slots[1], copies[1], slots[2], slots[3]};
        CHECK_CODE(slotring_mark_ready_batch(ring, mixed, BATCH + 1, &published), SLOTRING_E_STATE);
        CHECK_EQUAL(published, 2); /* up to the copy, which was published already */
        for (int i = 0; i < 2; i++)
            refuse_writing(ring, &copies[i]);
        CHECK_OK(slotring_mark_ready_batch(ring, &mixed[3], 2, &published));
        CHECK_EQUAL(published, 2);
        for (int i = 0; i < BATCH; i++)
            refuse_writing(ring, &copies[i]);
    }
    CHECK_EQUAL(ring_stats(ring).published, 5 * BATCH);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Threads ------------------------------------------------------------------------------------------ */

static struct {
    slotring_t *ring;
    unsigned long rounds;
    slotring_slot_t slots[2]; /* of one publication, for all threads */
    atomic_uint won;
    atomic_uint over;
} shared;

enum {
    RIVALS = 3
};

/* Each thread has a copy of the same two structs, and releases both. */
static void release_copies(void *argument)
{
    (void)argument;
    for (unsigned long round = 0; round < shared.rounds && threads_go_on(); round++) {
        threads_meet(RIVALS + 1); /* they are acquired */
        for (int i = 0; i < 2; i++) {
            slotring_slot_t copy = shared.slots[i];
            int code = slotring_release(shared.ring, &copy);
            if (code == 0)
                atomic_fetch_add(&shared.won, 1);
            else
                CHECK_CODE(code, SLOTRING_E_NOT_HELD);
        }
        threads_meet(RIVALS + 1); /* they are released */
    }
}

static void publish_on(void *argument)
{
    (void)argument;
    while (atomic_load(&shared.over) == 0 && threads_go_on())
        publish(shared.ring, 2, 0);
}

/* Publishes, and holds it although the others overwrite all they can. */
static slotring_ticket_t publish_and_hold(slotring_t *ring, uint64_t n, slotring_slot_t *slot)
{
    slotring_ticket_t ticket;
    do
        ticket = publish(ring, 1, n);
    while (slotring_acquire_for_read(ring, &ticket, slot) != 0 && threads_go_on());
    return ticket;
}

/* Another thread may release what one acquired, and of several that try to one does. In every other round somebody
 * holds the same publication all the time, and keeps it. */
static void released_by_another_thread(void)
{
    slotring_t *ring = make(3, 0);
    memset(&shared, 0, sizeof shared);
    shared.ring = ring;
    shared.rounds = scaled(200);
    for (int i = 0; i < RIVALS; i++)
        thread_start(release_copies, NULL);
    thread_start(publish_on, NULL);
    for (unsigned long round = 0; round < shared.rounds && threads_go_on(); round++) {
        slotring_slot_t mine;
        slotring_ticket_t ticket = publish_and_hold(ring, round, &mine);
        for (int i = 0; i < 2; i++)
            CHECK_OK(slotring_acquire_for_read(ring, &ticket, &shared.slots[i]));
        if (round % 2 == 0)
            CHECK_OK(slotring_release(ring, &mine));
        atomic_store(&shared.won, 0);
        threads_meet(RIVALS + 1);
        threads_meet(RIVALS + 1);
        CHECK_EQUAL(atomic_load(&shared.won), 2);
        if (round % 2 == 0)
            continue;
        pattern_check(&mine);
        CHECK_OK(slotring_release(ring, &mine));
    }
    atomic_store(&shared.over, 1);
    threads_join();
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"after_the_slot_moved_on", after_the_slot_moved_on, 0},
    {"of_one_publication_in_several_hands", of_one_publication_in_several_hands, 0},
    {"a_thousand_acquires", a_thousand_acquires, 0},
    {"changed", changed, 0},
    {"of_a_closed_handle", of_a_closed_handle, 0},
    {"given_by_next", given_by_next, 0},
    {"while_writing", while_writing, 0},
    {"of_a_batch", of_a_batch, 0},
    {"released_by_another_thread", released_by_another_thread, TEST_THREADS},
    {NULL, NULL, 0},
};

const test_suite_t stale_copy_suite = {"stale_copy", cases, NULL};
