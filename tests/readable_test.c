/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting without taking. Whatever a reader waits for in between, it is given the same as one that does not wait. Rings of the
 * tests that wake sleep in slices of 10 s and do not spin. */
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/roles.h"
#include "support/suite.h"
#include "support/thread.h"

#define NO_WAIT 0

static slotring_t *ring;
static slotring_reader_t *reader;

static void begin(uint64_t slots, uint32_t mode)
{
    ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, slots);
    reader = subscribe(ring, mode, SLOTRING_FROM_NOW);
}

static void end(void)
{
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- What is readable, and what is not ------------------------------------------------------------------ */

static void says_what_next_would(uint32_t mode)
{
    slotring_slot_t slot;
    begin(4, mode);
    CHECK_CODE(slotring_reader_wait_readable(reader, NO_WAIT), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_reader_wait_readable(reader, 1), SLOTRING_E_TIMEOUT);
    CHECK_CODE(slotring_reader_wait_readable(NULL, NO_WAIT), SLOTRING_E_CLOSED);
    for (uint64_t n = 0; n < 20; n++) {
        publish(ring, 1, n);
        for (int i = 0; i < 3; i++)
            CHECK_OK(slotring_reader_wait_readable(reader, FOR_EVER));
        CHECK_EQUAL(ring_stats(ring).slots_held, 0);
        CHECK_EQUAL(reader_info(reader).cursor, n);
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_CODE(slotring_reader_wait_readable(reader, NO_WAIT), SLOTRING_E_STATE);
        CHECK_EQUAL(slot.tag, pattern_tag(1, n));
        pattern_check(&slot);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_reader_wait_readable(reader, NO_WAIT), SLOTRING_E_EMPTY);
    }
    CHECK_EQUAL(reader_info(reader).missed, 0);
    end();
}

static void lossless_takes_nothing(void)
{
    says_what_next_would(SLOTRING_LOSSLESS);
}

static void lossy_takes_nothing(void)
{
    says_what_next_would(SLOTRING_LOSSY);
}

/* Producers do not wait for what a lossy reader has found and not taken, and it misses what is overwritten meanwhile. */
static void a_found_message_is_not_held(void)
{
    begin(2, SLOTRING_LOSSY);
    publish(ring, 1, 0);
    CHECK_OK(slotring_reader_wait_readable(reader, NO_WAIT));
    for (uint64_t n = 1; n < 5; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_reader_wait_readable(reader, NO_WAIT));
    CHECK_EQUAL(take(reader), pattern_tag(1, 3));
    CHECK_EQUAL(reader_info(reader).missed, 3);
    end();
}

static void what_is_not_wanted_is_passed_over(void)
{
    begin(4, SLOTRING_LOSSLESS);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.every = 5;
    slotring_reader_t *some = subscribe_with(ring, &options);
    for (uint64_t n = 0; n < 20; n++) {
        publish(ring, 1, n); /* it waits for nobody: what is not wanted goes */
        take(reader);
        if (n % 5 != 0) {
            CHECK_CODE(slotring_reader_wait_readable(some, NO_WAIT), SLOTRING_E_EMPTY);
            CHECK_EQUAL(reader_info(some).cursor, n + 1);
            continue;
        }
        CHECK_OK(slotring_reader_wait_readable(some, NO_WAIT));
        CHECK_OK(slotring_reader_wait_readable(some, NO_WAIT));
        take_now(some, pattern_tag(1, n));
    }
    CHECK_EQUAL(reader_info(some).passed_over, 16);
    CHECK_OK(slotring_unsubscribe(some));
    end();
}

static void the_newest_is_found_anew(void)
{
    begin(8, SLOTRING_LOSSLESS);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    options.wanted = SLOTRING_WANTS_LATEST;
    slotring_reader_t *newest = subscribe_with(ring, &options);
    publish(ring, 1, 0);
    publish(ring, 1, 1);
    CHECK_OK(slotring_reader_wait_readable(newest, NO_WAIT));
    publish(ring, 1, 2);
    take_now(newest, pattern_tag(1, 2));
    CHECK_CODE(slotring_reader_wait_readable(newest, NO_WAIT), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_unsubscribe(newest));
    end();
}

/* ---- Ends and deaths ------------------------------------------------------------------------------------ */

static void a_death_is_told_by_next_alone(void)
{
    slotring_participant_t who;
    slotring_slot_t slot;
    begin(4, SLOTRING_LOSSLESS);
    peer_t peer = peer_start(BY_EXEC, "readable-publishes", ring_name());
    peer_expect(&peer, 1);
    CHECK_OK(slotring_reader_wait_readable(reader, PATIENCE));
    CHECK_EQUAL(take(reader), pattern_tag(STAYING, 0));
    CHECK_CODE(slotring_reader_wait_readable(reader, NO_WAIT), SLOTRING_E_EMPTY);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(ring, NULL));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_reader_wait_readable(reader, PATIENCE));
    CHECK_CODE(slotring_reader_death(reader, &who), SLOTRING_E_STATE);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_PRODUCER_DIED);
    CHECK_OK(slotring_reader_death(reader, &who));
    CHECK_EQUAL(who.last_sequence, 0);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(slotring_reader_wait_readable(reader, PATIENCE));
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
    }
    publish(ring, 1, 0);
    CHECK_OK(slotring_reader_wait_readable(reader, NO_WAIT));
    take_now(reader, pattern_tag(1, 0));
    CHECK_CODE(slotring_reader_wait_readable(reader, NO_WAIT), SLOTRING_E_EMPTY);
    end();
}

static void the_end_is_no_news_to_who_waits_at_it(void)
{
    begin(4, SLOTRING_LOSSLESS);
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.at_end = SLOTRING_AT_END_WAIT;
    slotring_reader_t *waits = subscribe_with(ring, &options);
    publish(ring, 1, 0);
    CHECK_OK(slotring_end_stream(ring));
    take_now(reader, pattern_tag(1, 0));
    take_now(waits, pattern_tag(1, 0));
    CHECK_OK(slotring_reader_wait_readable(reader, NO_WAIT));
    CHECK_CODE(slotring_reader_wait_readable(waits, NO_WAIT), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_reader_wait_readable(waits, 1), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unsubscribe(waits));
    end();
}

static void a_revocation_is_told_by_next_alone(void)
{
    slotring_slot_t slot;
    begin(4, SLOTRING_LOSSY);
    slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
    options.budget_messages = 1;
    options.budget_ns = 1000000;
    slotring_reader_t *budgeted = subscribe_with(ring, &options);
    for (uint64_t n = 0; n < 8; n++)
        publish(ring, 1, n); /* waits for its budget to be over */
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_reader_wait_readable(budgeted, NO_WAIT));
    CHECK_CODE(slotring_next(budgeted, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    CHECK_OK(slotring_reader_wait_readable(budgeted, NO_WAIT));
    CHECK_OK(slotring_next(budgeted, NO_WAIT, &slot));
    CHECK_OK(slotring_reader_release(budgeted));
    CHECK_OK(slotring_unsubscribe(budgeted));
    end();
}

/* ---- Two readers alike, of which one waits -------------------------------------------------------------- */

static uint64_t dice;

static uint64_t roll(uint64_t sides)
{
    dice = dice * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (dice >> 33) % sides;
}

static void write_something(slotring_writer_t *const *writers, uint64_t *numbers)
{
    uint32_t who = (uint32_t)roll(3);
    if (who == 2) {
        publish(ring, 3, numbers[2]++);
        return;
    }
    uint64_t most = roll(8) == 0 ? 150 : 20; /* one record in its slot, or a message of several slots */
    for (uint64_t count = 1 + roll(6); count > 0; count--)
        if (record_append(writers[who], who + 1, numbers[who], most, NO_WAIT) == 0)
            numbers[who]++;
}

#define AUTHORS 3u
#define KEPT_MOST 60000u

/* What a reader got of each author. In which order those of different authors come is not the same for all readers. */
typedef struct diary {
    uint64_t tags[AUTHORS][KEPT_MOST], count[AUTHORS];
} diary_t;
static diary_t of_plain, of_waiting;

/* The next message, if there is one. waits: the reader says before whether there is something. */
static bool get(slotring_reader_t *of, diary_t *diary, bool waits, bool *ended)
{
    slotring_slot_t slot;
    int readable = waits ? slotring_reader_wait_readable(of, NO_WAIT) : 1;
    int code = slotring_next(of, NO_WAIT, &slot);
    if (waits)
        CHECK_CODE(readable, code == SLOTRING_E_EMPTY ? SLOTRING_E_EMPTY : 0);
    *ended = code == SLOTRING_E_END;
    if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
        return false;
    CHECK_OK(code);
    uint32_t author = pattern_producer(slot.tag) - 1;
    CHECK(author < AUTHORS && diary->count[author] < KEPT_MOST);
    if (diary->count[author] > 0)
        CHECK(slot.tag > diary->tags[author][diary->count[author] - 1]);
    diary->tags[author][diary->count[author]++] = slot.tag;
    CHECK_OK(slotring_reader_release(of));
    return true;
}

/* What a lossless reader gets does not depend on when it looks. */
static void same_diary(void)
{
    for (uint32_t author = 0; author < AUTHORS; author++) {
        CHECK_EQUAL(of_waiting.count[author], of_plain.count[author]);
        for (uint64_t i = 0; i < of_plain.count[author]; i++)
            CHECK_EQUAL(of_waiting.tags[author][i], of_plain.tags[author][i]);
    }
}

static void right_account(slotring_reader_t *of, const diary_t *diary)
{
    CHECK(reader_info(of).records <= diary->count[0] + diary->count[1]);
}

static void alike(slotring_reader_options_t options)
{
    slotring_writer_t *writers[2];
    uint64_t numbers[3] = {0};
    bool ended[2] = {false, false};
    ring = ring_create(ring_name(), 24, 64);
    for (int i = 0; i < 2; i++)
        writers[i] = writer_open(ring);
    for (int i = 0; i < 10; i++)
        write_something(writers, numbers);
    slotring_reader_t *plain = subscribe_with(ring, &options), *waiting = subscribe_with(ring, &options);
    for (unsigned long round = 0; round < scaled(4000); round++) {
        for (uint64_t n = roll(4); n > 0; n--)
            write_something(writers, numbers);
        for (uint64_t n = roll(12); n > 0; n--) {
            (void)get(plain, &of_plain, false, &ended[0]);
            (void)get(waiting, &of_waiting, roll(2) == 0, &ended[1]);
        }
        while (options.mode != SLOTRING_LOSSY && get(waiting, &of_waiting, roll(2) == 0, &ended[1]))
            ;
        while (options.mode != SLOTRING_LOSSY && get(plain, &of_plain, false, &ended[0]))
            ;
    }
    for (int i = 0; i < 2; i++)
        CHECK_OK(slotring_writer_close(writers[i]));
    CHECK_OK(slotring_end_stream(ring));
    while (!ended[0])
        (void)get(plain, &of_plain, false, &ended[0]);
    while (!ended[1])
        (void)get(waiting, &of_waiting, true, &ended[1]);
    if (options.mode != SLOTRING_LOSSY)
        same_diary();
    CHECK(of_waiting.count[0] > scaled(300));
    right_account(waiting, &of_waiting);
    CHECK_OK(slotring_unsubscribe(plain));
    CHECK_OK(slotring_unsubscribe(waiting));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void alike_lossless(void)
{
    alike(reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW));
}

static void alike_budgeted(void)
{
    alike(reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW));
}

static void alike_lossless_from_the_oldest(void)
{
    alike(reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST));
}

static void alike_lossy(void)
{
    alike(reader_options(SLOTRING_LOSSY, SLOTRING_FROM_NOW));
}

static void alike_filtered(void)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.every = 3;
    alike(options);
}

static void alike_filtered_lossy(void)
{
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    options.tag_mask = 1;
    alike(options);
}

/* ---- Waking --------------------------------------------------------------------------------------------- */

static void is_woken(void *of)
{
    int64_t start = now_ns();
    CHECK_OK(slotring_reader_wait_readable(of, FOR_EVER));
    CHECK(now_ns() - start < NOT_WOKEN);
}

static void a_message_wakes(void)
{
    begin(4, SLOTRING_LOSSLESS);
    slotring_t *other = ring_attach(ring_name());
    for (uint64_t n = 0; n < 20; n++) {
        thread_start(is_woken, reader);
        threads_wait_asleep();
        publish(other, 1, n);
        threads_join();
        take_now(reader, pattern_tag(1, n));
    }
    CHECK_OK(slotring_close(other));
    end();
}

static void is_ended(void *of)
{
    int64_t start = now_ns();
    int code = slotring_reader_wait_readable(of, FOR_EVER);
    CHECK(code == SLOTRING_E_STOPPED || code == SLOTRING_E_INTERRUPTED);
    CHECK(now_ns() - start < NOT_WOKEN);
}

static void what_ends_next_ends_a_wait(void)
{
    begin(4, SLOTRING_LOSSLESS);
    for (int i = 0; i < 3; i++) {
        thread_start(is_ended, reader);
        threads_wait_asleep();
        CHECK_OK(i == 0   ? slotring_interrupt(ring)
                 : i == 1 ? slotring_stop(ring)
                          : slotring_reader_stop(reader));
        threads_join();
        if (i == 1)
            CHECK_OK(slotring_resume(ring));
    }
    CHECK_CODE(slotring_reader_wait_readable(reader, 1), SLOTRING_E_STOPPED);
    publish(ring, 1, 0);
    CHECK_OK(slotring_reader_wait_readable(reader, 1)); /* what is there is there */
    CHECK_OK(slotring_reader_resume(reader));
    take_now(reader, pattern_tag(1, 0));
    end();
}

static void waits_for_four(void *of)
{
    is_woken(of);
    for (uint64_t n = 0; n < 4; n++)
        take_now(of, pattern_tag(1, n));
}

static void messages_gather(void)
{
    begin(16, SLOTRING_LOSSLESS);
    slotring_t *other = ring_attach(ring_name());
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.wake_messages = 4;
    options.wake_ns = (uint64_t)(2 * NOT_WOKEN);
    publish(other, 2, 0); /* opens the stream */
    slotring_reader_t *gathers = subscribe_with(ring, &options);
    thread_start(waits_for_four, gathers);
    for (uint64_t n = 0; n < 4; n++) {
        threads_wait_asleep();
        publish(other, 1, n);
    }
    threads_join();
    CHECK_OK(slotring_unsubscribe(gathers));
    CHECK_OK(slotring_close(other));
    end();
}

/* ---- Table ---------------------------------------------------------------------------------------------- */

static const test_case_t cases[] = {
    {"lossless_takes_nothing", lossless_takes_nothing, 0},
    {"lossy_takes_nothing", lossy_takes_nothing, 0},
    {"a_found_message_is_not_held", a_found_message_is_not_held, 0},
    {"what_is_not_wanted_is_passed_over", what_is_not_wanted_is_passed_over, 0},
    {"the_newest_is_found_anew", the_newest_is_found_anew, 0},
    {"a_death_is_told_by_next_alone", a_death_is_told_by_next_alone, 0},
    {"a_revocation_is_told_by_next_alone", a_revocation_is_told_by_next_alone, 0},
    {"the_end_is_no_news_to_who_waits_at_it", the_end_is_no_news_to_who_waits_at_it, 0},
    {"alike_lossless", alike_lossless, 0},
    {"alike_lossless_from_the_oldest", alike_lossless_from_the_oldest, 0},
    {"alike_lossy", alike_lossy, 0},
    {"alike_budgeted", alike_budgeted, 0},
    {"alike_filtered", alike_filtered, 0},
    {"alike_filtered_lossy", alike_filtered_lossy, 0},
    {"a_message_wakes", a_message_wakes, TEST_THREADS},
    {"what_ends_next_ends_a_wait", what_ends_next_ends_a_wait, TEST_THREADS},
    {"messages_gather", messages_gather, TEST_THREADS},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"readable-publishes", publishes_and_stays}, {NULL, NULL}};

const test_suite_t readable_suite = {"readable", cases, roles};
