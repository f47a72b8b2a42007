/* SPDX-License-Identifier: Apache-2.0 */
/* A durable reader that is told of marks: the next reader of its name is told of each mark that it was not done with, at the same place,
 * between the same messages; of none that it gave back; and of how many are gone. */
#include <string.h>

#include "support/internals.h"
#include "support/marked.h"
#include "support/process.h"
#include "support/suite.h"

#define NO_WAIT 0
#define NAME "recorder"
#define LONG_WINDOW 49u /* of which it releases in order */

static slotring_reader_options_t asks(void)
{
    slotring_reader_options_t options = marked_asks(SLOTRING_LOSSLESS);
    options.flags |= SLOTRING_DURABLE;
    options.name = NAME;
    return options;
}

static slotring_reader_t *go_on(void)
{
    slotring_reader_options_t options = asks();
    return subscribe_with(marked_other, &options);
}

static slotring_reader_t *go_on_with_window(uint32_t window)
{
    slotring_reader_options_t options = asks();
    options.window = window;
    return subscribe_with(marked_other, &options);
}

static slotring_reader_t *go_on_deaf(void)
{
    slotring_reader_options_t options = asks();
    options.flags = SLOTRING_DURABLE;
    return subscribe_with(marked_other, &options);
}

/* It leaves, as it does when its process dies. */
static slotring_reader_t *next_after(slotring_reader_t *reader)
{
    CHECK_OK(slotring_unsubscribe(reader));
    return go_on();
}

static void ends(slotring_reader_t *reader)
{
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_forget(marked_other, NAME));
    marked_end();
}

/* ---- When a mark is given back ------------------------------------------------------------------------ */

static void a_mark_that_nobody_went_on_from_comes_again(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    marked_publish_up_to(1);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 5);
    marked_mark_user(11);
    marked_publish_up_to(2);
    marked_expect_message(reader, 0);
    CHECK_EQUAL(marked_expect_told(reader).run, 5);
    reader = next_after(reader);
    slotring_mark_t mark = marked_expect_told(reader);
    CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(mark.place, 1);
    marked_expect_mark(reader, 11); /* so it has gone on from the first */
    reader = next_after(reader);
    marked_expect_mark(reader, 11);
    marked_expect_message(reader, 1);
    reader = next_after(reader);
    marked_expect_nothing(reader);
    ends(reader);
}

static void a_release_gives_it_back(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on(), *other = marked_subscribe_asking(SLOTRING_LOSSLESS);
    marked_mark_user(10);
    marked_publish_up_to(1);
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
    marked_expect_mark(reader, 10);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_NOT_HELD);
    reader = next_after(reader);
    marked_expect_message(reader, 0);
    marked_expect_mark(other, 10); /* a reader that ends with its process has nothing to give back */
    CHECK_CODE(slotring_reader_release(other), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_unsubscribe(other));
    ends(reader);
}

static void a_look_gives_it_back(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    marked_mark_user(10);
    marked_expect_mark(reader, 10);
    CHECK_CODE(slotring_reader_wait_readable(reader, NO_WAIT), SLOTRING_E_EMPTY);
    reader = next_after(reader);
    marked_expect_nothing(reader);
    marked_mark_user(11); /* a look that only finds it does not tell it */
    CHECK_OK(slotring_reader_wait_readable(reader, NO_WAIT));
    reader = next_after(reader);
    marked_expect_mark(reader, 11);
    ends(reader);
}

/* The run in which it goes on is known before the first mark. */
static void the_run_is_known_to_the_next_one(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    slotring_mark_t mark;
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 7);
    CHECK_EQUAL(marked_expect_told(reader).run, 7);
    CHECK_OK(slotring_reader_release(reader));
    marked_mark_run(SLOTRING_MARK_RUN_END, 7);
    reader = next_after(reader);
    CHECK_OK(slotring_reader_mark(reader, &mark));
    CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_BEGIN);
    CHECK_EQUAL(mark.run, 7);
    CHECK_EQUAL(marked_expect_told(reader).kind, SLOTRING_MARK_RUN_END);
    ends(reader);
}

static void is_told_of_one(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_options_t options = asks();
    slotring_reader_t *reader = subscribe_with(ring, &options);
    marked_expect_mark(reader, 20);
    marked_expect_message(reader, 0);
    marked_expect_mark(reader, 21);
    peer_tell(test, 1);
    peer_hear(test);
}

static void of_a_process_that_was_killed(void)
{
    marked_begin();
    CHECK_OK(slotring_unsubscribe(go_on()));
    marked_mark_user(20);
    marked_publish_up_to(1);
    marked_mark_user(21);
    marked_publish_up_to(2);
    peer_t peer = peer_start(BY_EXEC, "marks-durable-told", ring_name());
    peer_expect(&peer, 1);
    peer_kill(&peer);
    slotring_reader_t *reader = go_on();
    marked_expect_mark(reader, 21);
    marked_expect_message(reader, 1);
    marked_expect_nothing(reader);
    ends(reader);
}

/* ---- What is gone ---------------------------------------------------------------------------------------- */

static void displaced_marks_are_told_by_number(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    marked_mark_user(100);
    marked_expect_mark(reader, 100);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_OK(slotring_unsubscribe(reader));
    for (uint64_t n = 0; n < 10; n++)
        marked_mark_user(n);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    for (uint64_t n = 10; n < SLOTRING_MARKS_KEPT + 20; n++)
        marked_mark_user(n);
    slotring_mark_t mark = {0};
    for (int again = 0; again < 2; again++) { /* the first one is told twice, with the same number */
        reader = go_on();
        mark = marked_expect_told(reader);
        CHECK_EQUAL(mark.kind, SLOTRING_MARK_RUN_BEGIN);
        CHECK_EQUAL(mark.not_told, 10);
        CHECK_OK(again == 0 ? slotring_unsubscribe(reader) : 0);
    }
    mark = marked_expect_told(reader);
    CHECK_EQUAL(mark.value, 20);
    CHECK_EQUAL(mark.not_told, 10);
    reader = next_after(reader);
    for (uint64_t n = 20; n < SLOTRING_MARKS_KEPT + 20; n++) {
        mark = marked_expect_told(reader);
        CHECK_EQUAL(mark.value, n);
        CHECK_EQUAL(mark.not_told, n == 20 ? 10 : 0);
    }
    ends(reader);
}

/* The numbers of a gap count once, however often their mark is told. */
static void a_gap_counts_once(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    marked_publish_up_to(1);
    CHECK_OK(slotring_publish_gap(marked_ring, 1000, NULL));
    marked_publish_up_to(2);
    marked_expect_message(reader, 0);
    for (int owner = 0; owner < 3; owner++) {
        slotring_mark_t mark = marked_expect_told(reader);
        CHECK_EQUAL(mark.kind, SLOTRING_MARK_GAP);
        CHECK_EQUAL(mark.gap, 1000);
        reader = next_after(reader);
    }
    CHECK_EQUAL(marked_expect_told(reader).gap, 1000);
    marked_expect_message(reader, 1);
    CHECK_OK(slotring_publish_gap(marked_ring, 5, NULL));
    CHECK_EQUAL(marked_expect_told(reader).gap, 5);
    reader = next_after(reader);
    CHECK_EQUAL(marked_expect_told(reader).gap, 5);
    marked_expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.gap, 1005);
    CHECK_EQUAL(info.missed, 0);
    CHECK_EQUAL(info.delivered, 2);
    ends(reader);
}

/* Nobody had it, and the ring went round: it is told of all marks, at what is still there. */
static void of_a_revoked_subscription(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    slotring_slot_t slot;
    marked_publish_up_to(1);
    marked_expect_message(reader, 0);
    uint32_t row = reader_info(reader).row;
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_revoke(marked_ring, row));
    marked_mark_user(1); /* before message 1, which will be gone */
    marked_publish_up_to(3);
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 3);
    marked_publish_up_to(6 + SLOTS);
    marked_mark_user(2);
    reader = go_on();
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_REVOKED);
    CHECK_EQUAL(reader_info(reader).missed, 5);
    marked_expect_mark(reader, 1);
    CHECK_EQUAL(marked_expect_told(reader).place, 3);
    marked_expect_message(reader, 6);
    reader = next_after(reader); /* what it held of the past is gone with it */
    marked_expect_mark(reader, 2);
    marked_expect_nothing(reader);
    CHECK_EQUAL(reader_info(reader).missed, 5 + SLOTS - 1);
    ends(reader);
}

/* ---- Windows ------------------------------------------------------------------------------------------- */

/* A mark is not given back before the messages that lie before it. */
static void a_window_in_any_order(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on_with_window(6);
    slotring_slot_t slots[4];
    marked_publish_up_to(2);
    marked_mark_user(2);
    marked_publish_up_to(3);
    marked_mark_user(3);
    marked_publish_up_to(4);
    take_out(reader, &slots[0], 0);
    take_out(reader, &slots[1], 1);
    marked_expect_mark(reader, 2);
    take_out(reader, &slots[2], 2);
    marked_expect_mark(reader, 3);
    take_out(reader, &slots[3], 3);
    CHECK_OK(slotring_reader_release_one(reader, &slots[2]));
    CHECK_OK(slotring_reader_release_one(reader, &slots[0]));
    CHECK_OK(slotring_unsubscribe(reader));
    reader = go_on_with_window(6); /* message 1 is not done, so neither mark is */
    take_out(reader, &slots[1], 1);
    marked_expect_mark(reader, 2);
    marked_expect_mark(reader, 3);
    take_out(reader, &slots[3], 3);
    CHECK_OK(slotring_reader_release_one(reader, &slots[1]));
    CHECK_EQUAL(reader_info(reader).cursor, 3);
    reader = next_after(reader);
    marked_expect_message(reader, 3);
    marked_expect_nothing(reader);
    ends(reader);
}

static void a_window_in_order(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on_with_window(LONG_WINDOW);
    slotring_slot_t slots[3];
    for (uint64_t n = 0; n < 3; n++) {
        marked_mark_user(n);
        marked_publish_up_to(n + 1);
    }
    for (uint64_t n = 0; n < 3; n++) {
        marked_expect_mark(reader, n);
        take_out(reader, &slots[n], n);
    }
    CHECK_OK(slotring_reader_release_up_to(reader, &slots[1]));
    CHECK_OK(slotring_unsubscribe(reader));
    reader = go_on_with_window(LONG_WINDOW);
    take_out(reader, &slots[2], 2);
    marked_mark_user(7);
    marked_expect_mark(reader, 7);
    CHECK_OK(slotring_reader_release(reader)); /* all that is out, and the mark */
    reader = next_after(reader);
    marked_expect_nothing(reader);
    ends(reader);
}

/* More marks than a window has messages, some at one place. */
static void many_marks_wait_for_one_message(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on_with_window(4);
    slotring_slot_t first, slot;
    marked_publish_up_to(1);
    take_out(reader, &first, 0);
    for (uint64_t n = 1; n < 20; n++) {
        marked_mark_user(n);
        marked_expect_mark(reader, n);
        if (n % 7 != 0)
            continue;
        marked_publish_up_to(1 + n / 7);
        take_out(reader, &slot, n / 7);
        CHECK_OK(slotring_reader_release_one(reader, &slot));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    reader = go_on_with_window(4);
    take_out(reader, &first, 0);
    for (uint64_t n = 1; n < 20; n++)
        marked_expect_mark(reader, n);
    CHECK_OK(slotring_reader_release(reader));
    reader = next_after(reader);
    marked_expect_nothing(reader);
    ends(reader);
}

/* Marks and messages that nobody foresees, for readers that come and go with windows and without: each is given back once, a message and
 * the marks around it in their order. */
#define THINGS 4000u

static struct {
    uint64_t made, done; /* things; done: all below are given back */
    unsigned char kinds[THINGS];
    unsigned char given[THINGS];
} story;

static bool is_mark(uint64_t n)
{
    return story.kinds[n] != 0;
}

static void make_one(unsigned dice)
{
    uint64_t n = story.made++;
    story.kinds[n] = (unsigned char)(dice % 4 == 0);
    if (is_mark(n))
        marked_mark_user(n);
    else
        publish(marked_ring, 1, n);
}

/* What was given and comes behind an older one that was not: a mark never, a message by its own release. */
static void settle_story(void)
{
    while (story.done < story.made && story.given[story.done])
        story.done++;
}

/* What a reader that begins at `from` is given first at or after it. */
static uint64_t next_thing(uint64_t from)
{
    while (from < story.made && story.given[from])
        from++;
    return from;
}

/* The reader has gone on from these marks: they are given back as far as all before them is. */
static void give_marks_back(const unsigned char *gone_on)
{
    for (uint64_t n = story.done; n < story.made; n++) {
        if (is_mark(n) && gone_on[n] && story.done == n)
            story.given[n] = 1;
        settle_story();
    }
}

static void any_order_at_random(void)
{
    static const uint32_t windows[] = {6, 0, 3, LONG_WINDOW, 1};
    static unsigned char gone_on[THINGS];
    memset(&story, 0, sizeof story);
    marked_begin();
    slotring_slot_t out[SLOTS];
    unsigned count = 0, seed = 11, owners = 0;
    uint64_t fresh = THINGS, at = 0, most = scaled(1500) < THINGS ? scaled(1500) : THINGS;
    slotring_reader_t *reader = go_on_with_window(windows[0]);
    while (story.done < most) {
        uint32_t window = windows[owners % 5];
        seed = seed * 1103515245u + 12345u;
        unsigned dice = seed >> 16;
        while (story.made < most && story.made < story.done + SLOTS / 2)
            make_one(dice + (unsigned)story.made * 7u);
        if (dice % 41 == 0) {
            CHECK_OK(slotring_unsubscribe(reader));
            memset(gone_on, 0, sizeof gone_on);
            fresh = THINGS;
            reader = go_on_with_window(windows[++owners % 5]);
            at = count = 0;
            continue;
        }
        if (count == 0 || (dice % 2 == 0 && count < window)) {
            uint64_t expected = next_thing(at > story.done ? at : story.done);
            int code = slotring_next(reader, NO_WAIT, &out[count]);
            if (fresh < THINGS && code != SLOTRING_E_STATE)
                gone_on[fresh] = 1;
            fresh = code != SLOTRING_E_STATE ? THINGS : fresh;
            give_marks_back(gone_on);
            if (code == SLOTRING_E_STATE) {
                CHECK(count > 0);
                continue;
            }
            CHECK_EQUAL(code, expected == story.made ? SLOTRING_E_EMPTY
                              : is_mark(expected)    ? SLOTRING_E_MARK
                                                     : 0);
            if (code == SLOTRING_E_MARK) {
                slotring_mark_t mark;
                CHECK_OK(slotring_reader_mark(reader, &mark));
                CHECK_EQUAL(mark.value, expected);
                CHECK_EQUAL(mark.not_told, 0);
                fresh = expected;
            } else if (code == 0) {
                CHECK_EQUAL(pattern_number(out[count++].tag), expected);
            }
            at = code == SLOTRING_E_EMPTY ? at : expected + 1;
            continue;
        }
        unsigned which = dice / 2 % count;
        int code =
            window == 0 ? slotring_reader_release(reader) : slotring_reader_release_one(reader, &out[which]);
        if (code == SLOTRING_E_STATE)
            continue;
        CHECK_OK(code);
        story.given[pattern_number(out[which].tag)] = 1;
        memmove(&out[which], &out[which + 1], (count - which - 1) * sizeof out[0]);
        count--;
        settle_story();
        give_marks_back(gone_on);
    }
    CHECK_AT_LEAST(owners, most / 300);
    CHECK_EQUAL(reader_info(reader).missed, 0);
    ends(reader);
}

/* ---- Other properties ------------------------------------------------------------------------------------ */

static slotring_reader_t *go_on_selecting(void)
{
    slotring_reader_options_t options = asks();
    options.every = 3;
    return subscribe_with(marked_other, &options);
}

static void a_reader_that_selects(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on_selecting();
    marked_publish_up_to(2);
    marked_mark_user(2); /* between two messages that it does not want */
    marked_publish_up_to(3);
    marked_mark_user(3);
    marked_publish_up_to(5);
    marked_expect_message(reader, 0);
    marked_expect_mark(reader, 2);
    CHECK_EQUAL(reader_info(reader).cursor, 2);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = go_on_selecting();
    marked_expect_mark(reader, 2);
    marked_expect_mark(reader, 3);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = go_on_selecting();
    marked_expect_mark(reader, 3);
    marked_expect_message(reader, 3);
    marked_expect_nothing(reader);
    slotring_reader_info_t info = reader_info(reader);
    CHECK_EQUAL(info.delivered, 2);
    CHECK_EQUAL(info.passed_over, 3);
    ends(reader);
}

/* A batch ends before a mark; records keep their numbers. */
static void batches_end_before_it(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    slotring_slot_t slots[SLOTS];
    uint32_t count;
    marked_publish_up_to(3);
    marked_mark_user(3);
    marked_publish_up_to(5);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, SLOTS, &count));
    CHECK_EQUAL(count, 3);
    reader = next_after(reader); /* not released */
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, SLOTS, &count));
    CHECK_EQUAL(count, 3);
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next_batch(reader, NO_WAIT, slots, SLOTS, &count), SLOTRING_E_MARK);
    reader = next_after(reader);
    marked_expect_mark(reader, 3);
    CHECK_OK(slotring_next_batch(reader, NO_WAIT, slots, SLOTS, &count));
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_reader_release(reader));
    ends(reader);
}

static void a_start_at_a_sequence(void)
{
    marked_begin();
    slotring_reader_options_t options = asks();
    options.start = SLOTRING_FROM_SEQUENCE;
    options.first = 2;
    marked_publish_up_to(1);
    marked_mark_user(1); /* before its start */
    marked_publish_up_to(3);
    marked_mark_user(3);
    marked_publish_up_to(4);
    marked_mark_user(4);
    slotring_reader_t *reader = subscribe_with(marked_other, &options);
    marked_expect_message(reader, 2);
    marked_expect_mark(reader, 3);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = subscribe_with(marked_other, &options); /* its past is gone with it, and the mark is not */
    marked_expect_mark(reader, 3);
    marked_expect_mark(reader, 4);
    marked_expect_nothing(reader);
    CHECK_EQUAL(reader_info(reader).missed, 1);
    ends(reader);
}

/* A subscription whose readers did not ask so far: from its cursor on. Afterwards those who do not ask leave the marks to those who
 * do. */
static void readers_that_do_not_ask(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on_deaf();
    marked_mark_run(SLOTRING_MARK_RUN_BEGIN, 1);
    marked_publish_up_to(1);
    marked_mark_user(1);
    marked_publish_up_to(2);
    marked_mark_user(2);
    marked_expect_message(reader, 0);
    reader = next_after(reader);
    marked_expect_message(reader, 1);
    marked_expect_mark(reader, 2);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = go_on_deaf();
    marked_publish_up_to(3);
    marked_expect_message(reader, 2);
    CHECK_OK(slotring_unsubscribe(reader));
    reader = go_on();
    slotring_mark_t mark = marked_expect_told(reader);
    CHECK_EQUAL(mark.value, 2);
    CHECK_EQUAL(mark.place, 2); /* late: message 2 is done */
    marked_expect_nothing(reader);
    ends(reader);
}

/* Whoever was taken for dead, and lives, gives nothing back. */
static void an_owner_that_was_taken_for_dead(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on();
    slotring_slot_t slot;
    marked_mark_user(1);
    marked_expect_mark(reader, 1);
    sr__word_t *state = &reader->subscription->state, word = sr__load(state);
    /* As a repair does. */
    CHECK(sr__cas(state, word, word | (uint64_t)SR__NOBODY << 4));
    slotring_reader_options_t options = asks();
    slotring_reader_t *other = subscribe_with(marked_ring, &options);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EVICTED);
    CHECK_CODE(slotring_reader_release(reader), SLOTRING_E_EVICTED);
    CHECK_OK(slotring_unsubscribe(other));
    other = subscribe_with(marked_ring, &options);
    marked_expect_mark(other, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    ends(other);
}

/* A row of a program without this: its word is 0, whatever generation the row has come to. One that says too much is damaged. */
static void words_of_other_programs(void)
{
    marked_begin();
    slotring_reader_t *reader = go_on_deaf();
    sr__subscription_t *subscription = reader->subscription;
    for (int owner = 0; owner < 0x900; owner++) { /* more than half of all generations of a word */
        CHECK_OK(slotring_unsubscribe(reader));
        reader = go_on_deaf();
    }
    CHECK_OK(slotring_unsubscribe(reader));
    atomic_store(&subscription->marks, 0);
    reader = go_on();
    marked_mark_user(1);
    marked_expect_mark(reader, 1);
    CHECK_OK(slotring_reader_release(reader));
    reader = next_after(reader);
    marked_expect_nothing(reader);
    CHECK_OK(slotring_unsubscribe(reader));
    uint64_t right = sr__load(&subscription->marks);
    atomic_store(&subscription->marks, right + 1);
    slotring_reader_options_t options = asks();
    CHECK_CODE(slotring_subscribe(marked_other, &options, &reader), SLOTRING_E_CORRUPT);
    atomic_store(&subscription->marks, right);
    ends(go_on());
}

#define CASE(name)     \
    {                  \
#name, name, 0 \
    }
static const test_case_t cases[] = {
    CASE(a_mark_that_nobody_went_on_from_comes_again),
    CASE(a_release_gives_it_back),
    CASE(a_look_gives_it_back),
    CASE(the_run_is_known_to_the_next_one),
    CASE(of_a_process_that_was_killed),
    CASE(displaced_marks_are_told_by_number),
    CASE(a_gap_counts_once),
    CASE(of_a_revoked_subscription),
    CASE(a_window_in_any_order),
    CASE(a_window_in_order),
    CASE(many_marks_wait_for_one_message),
    CASE(any_order_at_random),
    CASE(a_reader_that_selects),
    CASE(batches_end_before_it),
    CASE(a_start_at_a_sequence),
    CASE(readers_that_do_not_ask),
    CASE(an_owner_that_was_taken_for_dead),
    CASE(words_of_other_programs),
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"marks-durable-told", is_told_of_one},
    {NULL, NULL},
};

const test_suite_t marks_durable_suite = {"marks_durable", cases, roles};
