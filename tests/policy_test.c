/* SPDX-License-Identifier: Apache-2.0 */
/* What happens when the ring is full: the oldest is overwritten, or kept, or the producer waits; and how it is
 * counted. */
#include <stdatomic.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static slotring_t *create_keeping(uint64_t slots)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, slots, 100);
    options.when_full = SLOTRING_KEEP;
    return ring_open_with(ring_name(), &options);
}

static void overwrites_the_oldest(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t tickets[10];
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 10; n++) {
        tickets[n] = publish(ring, 1, n);
        for (uint64_t old = 0; old <= n; old++) {
            check_context("%llu after %llu", (unsigned long long)old, (unsigned long long)n);
            if (old + 4 > n)
                read_once(ring, &tickets[old]);
            else
                CHECK_CODE(slotring_acquire_for_read(ring, &tickets[old], &slot), SLOTRING_E_STALE);
        }
    }
    check_context("%s", "");
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.published, 10);
    CHECK_EQUAL(stats.overwritten, 6);
    CHECK_EQUAL(stats.recycled, 0);
    CHECK_EQUAL(stats.full, 0);
    CHECK_EQUAL(stats.oldest, 6);
    ring_remove(ring, ring_name());
}

static void held_ones_are_passed_over(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_slot_t held[4], slot;
    slotring_ticket_t tickets[4];
    for (uint64_t n = 0; n < 4; n++)
        tickets[n] = publish(ring, 1, n);
    hold(ring, &tickets[0], &held[0]);
    hold(ring, &tickets[2], &held[2]);
    for (uint64_t n = 4; n < 40; n++) {
        uint32_t index = publish(ring, 1, n).slot;
        CHECK(index == tickets[1].slot || index == tickets[3].slot);
        pattern_check(&held[0]);
        pattern_check(&held[2]);
    }
    read_once(ring, &tickets[0]); /* what is held can be acquired again, however old */
    hold(ring, &tickets[0], &slot);
    CHECK_OK(slotring_release(ring, &held[0]));
    publish(ring, 1, 40);
    pattern_check(&slot);
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_OK(slotring_release(ring, &held[2]));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void full_when_all_is_held(void)
{
    slotring_t *ring = ring_create(ring_name(), 3, 100);
    slotring_slot_t held[3], slot;
    for (uint64_t n = 0; n < 3; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        hold(ring, &ticket, &held[n]);
    }
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_CODE(slotring_allocate_wait(ring, 1, 0, &slot), SLOTRING_E_FULL);
    CHECK_EQUAL(ring_stats(ring).waits, 0);
    CHECK_CODE(slotring_allocate_wait(ring, 1, 5 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(ring_stats(ring).waits, 1);
    CHECK_AT_LEAST(ring_stats(ring).waited_ns, 5 * MILLISECOND);
    CHECK_AT_LEAST(ring_stats(ring).full, 3);
    slotring_blocker_t blockers[4];
    uint32_t count = 0;
    CHECK_OK(slotring_blockers(ring, blockers, 4, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(blockers[0].why, SLOTRING_BLOCKS_BY_HOLDING);
    CHECK_EQUAL(blockers[0].slots, 3);
    CHECK_OK(slotring_release(ring, &held[1]));
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_release(ring, &held[0]));
    CHECK_OK(slotring_release(ring, &held[2]));
    ring_remove(ring, ring_name());
}

static void keep_waits_for_free(void)
{
    slotring_t *ring = create_keeping(3);
    slotring_ticket_t tickets[3];
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 3; n++)
        tickets[n] = publish(ring, 1, n);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    for (uint64_t n = 0; n < 3; n++)
        read_once(ring, &tickets[n]); /* reading does not use it up */
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_free(ring, &tickets[1]));
    slotring_ticket_t next = publish(ring, 1, 3);
    CHECK_EQUAL(next.slot, tickets[1].slot);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    read_once(ring, &tickets[0]);
    read_once(ring, &tickets[2]);
    read_once(ring, &next);
    CHECK_EQUAL(ring_stats(ring).overwritten, 0);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void keep_with_many_laps(void)
{
    /* kept ones stay while more than the whole memory of publications goes by */
    slotring_t *ring = create_keeping(4);
    slotring_ticket_t kept[2] = {publish(ring, 1, 0), publish(ring, 1, 1)};
    uint64_t laps = 4 * ring_info(ring).order_length;
    for (uint64_t n = 2; n < laps; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        CHECK_OK(slotring_free(ring, &ticket));
    }
    read_once(ring, &kept[0]);
    read_once(ring, &kept[1]);
    CHECK_OK(slotring_free(ring, &kept[0]));
    CHECK_OK(slotring_free(ring, &kept[1]));
    CHECK_EQUAL(ring_stats(ring).slots_free, 4);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void keep_and_a_lossless_reader(void)
{
    slotring_t *ring = create_keeping(3);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t tickets[3];
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 3; n++)
        tickets[n] = publish(ring, 1, n);
    CHECK_OK(slotring_free(ring, &tickets[0])); /* freed, but the reader has not had it */
    CHECK_CODE(slotring_acquire_for_read(ring, &tickets[0], &slot), SLOTRING_E_STALE);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    take_now(reader, pattern_tag(1, 0));
    CHECK_EQUAL(publish(ring, 1, 3).slot, tickets[0].slot);
    take_now(reader, pattern_tag(1, 1)); /* had, but not freed */
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_free(ring, &tickets[1]));
    CHECK_EQUAL(publish(ring, 1, 4).slot, tickets[1].slot);
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void lossless_reader_holds_back(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    slotring_blocker_t blockers[4];
    uint32_t count = 0;
    CHECK_OK(slotring_blockers(ring, blockers, 4, &count));
    CHECK_AT_LEAST(count, 1);
    CHECK_EQUAL(blockers[0].why, SLOTRING_BLOCKS_BY_LAG);
    CHECK_EQUAL(blockers[0].slots, 4);
    for (uint64_t n = 4; n < 100; n++) {
        take_now(reader, pattern_tag(1, n - 4));
        publish(ring, 1, n);
        CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    }
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.overwritten, 0); /* nobody lost anything */
    CHECK_EQUAL(stats.recycled, 96);
    CHECK_OK(slotring_unsubscribe(reader)); /* who leaves holds nobody back */
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    ring_remove(ring, ring_name());
}

static void lossy_reader_holds_nobody_back(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 10; n++)
        publish(ring, 1, n);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    pattern_check(&slot);
    CHECK_EQUAL(slot.sequence, 6);
    for (uint64_t n = 10; n < 20; n++) {
        publish(ring, 1, n); /* what it holds stays, the rest goes on */
        pattern_check(&slot);
    }
    CHECK_EQUAL(ring_stats(ring).slots_held, 1);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_AT_LEAST(slot.sequence, 16);
    uint64_t at = slot.sequence;
    CHECK_OK(slotring_reader_release(reader));
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 2);
    CHECK_EQUAL(info.cursor, at + 1);
    CHECK_EQUAL(info.missed, at + 1 - 2);
    CHECK_EQUAL(ring_stats(ring).missed, at + 1 - 2);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_EQUAL(ring_stats(ring).missed, at + 1 - 2); /* also of readers that have gone */
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void lossy_reader_under_keep(void)
{
    /* it gets what is kept, misses what was freed, and the sum is exact */
    slotring_t *ring = create_keeping(4);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    uint64_t total = 3 * ring_info(ring).order_length;
    slotring_ticket_t kept = {0};
    for (uint64_t n = 0; n < total; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        if (n == total - 3)
            kept = ticket;
        else
            CHECK_OK(slotring_free(ring, &ticket));
    }
    slotring_slot_t slot;
    uint64_t received = 0;
    bool had_kept = false;
    int code;
    while ((code = slotring_next(reader, 0, &slot)) == 0) {
        pattern_check(&slot);
        had_kept = had_kept || slot.sequence == kept.sequence;
        received++;
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_CODE(code, SLOTRING_E_EMPTY);
    CHECK(had_kept);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, received);
    CHECK_EQUAL(info.cursor - info.start, total);
    CHECK_EQUAL(info.delivered + info.missed, total);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void others_may_make_room_for_a_reader(void)
{
    /* its own reader is behind, but a slot may come free without it: no deadlock is claimed where none is certain */
    for (int keep = 0; keep <= 1; keep++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, 3, 100);
        options.when_full = keep ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
        slotring_t *ring = ring_open_with(ring_name(), &options);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        slotring_slot_t held, slot;
        slotring_ticket_t ticket = publish(ring, 1, 0);
        CHECK_EQUAL(take(reader), pattern_tag(1, 0));
        hold(ring, &ticket, &held);
        publish(ring, 1, 1);
        publish(ring, 1, 2);
        CHECK_CODE(slotring_allocate_wait(ring, 1, 5 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
        CHECK_OK(slotring_release(ring, &held));
        if (keep)
            CHECK_OK(slotring_free(ring, &ticket));
        CHECK_OK(slotring_allocate_wait(ring, 1, FOR_EVER, &slot));
        CHECK_OK(slotring_abort(ring, &slot));
        CHECK_OK(slotring_unsubscribe(reader));
        ring_remove(ring, ring_name());
    }
}

static void own_reader_is_no_deadlock(void)
{
    /* a process of one thread that waits for room which only its own reading would make gets an error at once */
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    if (ring->member.os->system.threads() != 1) {
        uint32_t threads = ring->member.os->system.threads();
        ring_remove(ring, ring_name());
        SKIP("the system says that this process has %u threads (0: it does not say)", threads);
    }
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish(ring, 1, 0);
    publish(ring, 1, 1);
    CHECK_EQUAL(take(reader), pattern_tag(1, 0));
    publish(ring, 1, 2);
    slotring_slot_t slot;
    int64_t start = now_ns();
    CHECK_CODE(slotring_allocate_wait(ring, 1, FOR_EVER, &slot), SLOTRING_E_STATE);
    CHECK(now_ns() - start < PATIENCE);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static slotring_t *waiting_ring;

static void wait_for_room(void *argument)
{
    slotring_reader_t **reader = argument;
    *reader =
        subscribe(waiting_ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW); /* this thread's, and at the end */
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate_wait(waiting_ring, 1, PATIENCE, &slot));
    CHECK_OK(slotring_abort(waiting_ring, &slot));
}

static void a_reader_at_the_end_is_in_nobodys_way(void)
{
    /* the waiting thread runs a lossless reader, but it is others who hold the slots: waiting is right */
    slotring_t *ring = ring_create(ring_name(), 4, 100), *other = ring_attach(ring_name());
    slotring_slot_t held[4];
    for (uint64_t n = 0; n < 4; n++) {
        slotring_ticket_t ticket = publish(ring, 1, n);
        hold(other, &ticket, &held[n]);
    }
    slotring_reader_t *reader = NULL;
    waiting_ring = ring;
    thread_start(wait_for_room, &reader);
    threads_wait_asleep();
    CHECK_OK(slotring_release(other, &held[2]));
    threads_join();
    for (int i = 0; i < 4; i++)
        if (i != 2)
            CHECK_OK(slotring_release(other, &held[i]));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

/* Nothing vanishes without being counted: what was published is there, or was overwritten, recycled or freed. */
static void check_sums(slotring_t *ring)
{
    slotring_stats_t stats = ring_stats(ring);
    CHECK_EQUAL(stats.published, stats.slots_ready + stats.overwritten + stats.recycled + stats.freed);
}

static void every_publication_is_accounted_for(uint32_t when_full)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 5, 100);
    options.when_full = when_full;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = NULL;
    slotring_slot_t held[2], slot;
    unsigned random = 99, holding = 0;
    unsigned long rounds = scaled(20000);
    for (uint64_t n = 0; n < rounds; n++) {
        random = random * 1664525u + 1013904223u;
        unsigned dice = (random >> 24) % 16;
        if (reader == NULL && dice == 0)
            reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        if (reader != NULL && dice < 8 && slotring_next(reader, 0, &slot) == 0)
            CHECK_OK(slotring_reader_release(reader));
        if (reader != NULL && dice == 15) {
            CHECK_OK(slotring_unsubscribe(reader));
            reader = NULL;
        }
        if (holding > 0 && dice > 12)
            CHECK_OK(slotring_release(ring, &held[--holding]));
        slotring_ticket_t at;
        bool there = slotring_ticket_at(ring, (random >> 16) % 5, &at) == 0;
        if (there && holding < 2 && dice < 4)
            CHECK_OK(slotring_acquire_for_read(ring, &at, &held[holding++]));
        if (there && (dice == 9 || (when_full == SLOTRING_KEEP && dice > 6))) {
            int code = slotring_free(ring, &at);
            CHECK(code == 0 || code == SLOTRING_E_STALE);
        }
        if (slotring_allocate(ring, 1, &slot) == 0) {
            slot.tag = pattern_tag(1, n);
            uint64_t length = pattern_length(slot.tag, slot.capacity);
            pattern_fill(slot.data, length, slot.tag);
            CHECK_OK(slotring_mark_ready(ring, &slot, length));
        }
    }
    while (holding > 0)
        CHECK_OK(slotring_release(ring, &held[--holding]));
    if (reader != NULL)
        CHECK_OK(slotring_unsubscribe(reader));
    while (slotring_allocate(ring, 1, &slot) == 0 && ring_stats(ring).slots_ready > 0)
        continue; /* whatever was freed and still lay there is gone now */
    check_sums(ring);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
}

static void overwritten_ones_are_counted(void)
{
    every_publication_is_accounted_for(SLOTRING_OVERWRITE);
}

static void kept_ones_are_counted(void)
{
    every_publication_is_accounted_for(SLOTRING_KEEP);
}

static atomic_int has_subscribed;

static void read_slowly(void *argument)
{
    slotring_t *ring = argument;
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    atomic_store(&has_subscribed, 1);
    for (uint64_t n = 0; n < 50 && threads_go_on(); n++)
        CHECK_EQUAL(take(reader), pattern_tag(1, n));
    CHECK_OK(slotring_unsubscribe(reader));
}

static void another_threads_reader_is_waited_for(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    slotring_reader_t *gate = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    publish(ring, 1, 0);
    thread_start(read_slowly, ring);
    /* wait until the thread's reader has all that there is, then let it be the only one that counts */
    while (atomic_load(&has_subscribed) == 0 && threads_go_on()) {
    }
    CHECK_EQUAL(ring_stats(ring).readers, 2);
    CHECK_OK(slotring_unsubscribe(gate));
    for (uint64_t n = 1; n < 50; n++)
        publish(ring, 1, n);
    threads_join();
    CHECK_EQUAL(ring_stats(ring).overwritten, 0);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"overwrites_the_oldest", overwrites_the_oldest, 0},
    {"held_ones_are_passed_over", held_ones_are_passed_over, 0},
    {"full_when_all_is_held", full_when_all_is_held, 0},
    {"keep_waits_for_free", keep_waits_for_free, 0},
    {"keep_with_many_laps", keep_with_many_laps, 0},
    {"keep_and_a_lossless_reader", keep_and_a_lossless_reader, 0},
    {"lossless_reader_holds_back", lossless_reader_holds_back, 0},
    {"lossy_reader_holds_nobody_back", lossy_reader_holds_nobody_back, 0},
    {"lossy_reader_under_keep", lossy_reader_under_keep, 0},
    {"own_reader_is_no_deadlock", own_reader_is_no_deadlock, 0},
    {"others_may_make_room_for_a_reader", others_may_make_room_for_a_reader, 0},
    {"a_reader_at_the_end_is_in_nobodys_way", a_reader_at_the_end_is_in_nobodys_way, TEST_THREADS},
    {"overwritten_ones_are_counted", overwritten_ones_are_counted, 0},
    {"kept_ones_are_counted", kept_ones_are_counted, 0},
    {"another_threads_reader_is_waited_for", another_threads_reader_is_waited_for, TEST_THREADS},
    {NULL, NULL, 0},
};

const test_suite_t policy_suite = {"policy", cases, NULL};
