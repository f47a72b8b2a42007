/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that gather before a blocked reader is woken. The reader's clock and its sleep are the test's: each sleep runs
 * the next part of a script, and takes no time but what the script lets pass. So what wakes whom is exact. */
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"

#define MESSAGE 64u
#define WANTED 8u
#define WAKE_NS (UINT64_C(10) * 1000000)

/* ---- A backend whose clock stands still, and whose sleep is a script ------------------------------------ */

static const sr__backend_t *real;
static sr__backend_t scripted, counting;
static uint64_t clock_now, sleeps, wakes, slept_at_most;
static void (*script)(uint64_t sleep); /* from 1 on */
static void (*meanwhile)(void);        /* happens as a call that wakes begins, once */

static uint64_t still_clock(void)
{
    return clock_now;
}

static void scripted_wait(sr__waits_t *of, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    (void)of;
    CHECK_EQUAL(atomic_load(word), expected);
    slept_at_most = timeout_ns;
    CHECK(sleeps < 100);
    script(++sleeps);
}

static void counted_wake(sr__waits_t *of, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                         uint32_t words)
{
    void (*now)(void) = meanwhile;
    meanwhile = NULL;
    wakes++;
    if (now)
        now();
    real->waits.wake(of, word, waiters, words);
}

/* ---- The ring, and who is in it --------------------------------------------------------------------------- */

static slotring_t *producer, *second, *consumer;
static slotring_reader_t *reader;
static slotring_writer_t *writer;
static uint64_t published, taken;

static slotring_reader_t *subscribe_gathering(slotring_t *ring, uint32_t mode, uint64_t messages, uint64_t ns)
{
    slotring_reader_options_t options = reader_options(mode, SLOTRING_FROM_NOW);
    options.wake_messages = messages;
    options.wake_ns = ns;
    return subscribe_with(ring, &options);
}

static void begin_with(uint32_t mode, uint64_t slots, uint64_t wanted)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.wait_slice_ns = 10 * SECOND;
    producer = ring_create(ring_name(), slots, MESSAGE);
    second = ring_attach(ring_name());
    consumer = ring_open_with(ring_name(), &options);
    consumer->spin_ns = 0; /* a clock that stands still ends no spinning */
    real = consumer->member.os;
    counting = *real;
    counting.waits.wake = counted_wake;
    scripted = counting;
    scripted.waits.wait = scripted_wait;
    scripted.system.clock_ns = still_clock;
    clock_now = real->system.clock_ns();
    published = taken = 0;
    publish(producer, 1, published++); /* begins the stream */
    publish(second, 1, published++);
    taken = published;
    reader = subscribe_gathering(consumer, mode, wanted, WAKE_NS);
    CHECK_CODE(slotring_next(reader, 0, &(slotring_slot_t){0}), SLOTRING_E_EMPTY);
    producer->member.os = second->member.os = &counting;
    consumer->member.os = &scripted;
    sleeps = wakes = 0;
}

static void begin(uint32_t mode)
{
    begin_with(mode, 64, WANTED);
}

static void end(void)
{
    script = NULL;
    consumer->member.os = &counting;
    CHECK_OK(slotring_close(consumer));
    CHECK_OK(slotring_close(second));
    ring_remove(producer, ring_name());
}

/* `count` messages, from one producer and the other in turn. */
static void publish_some(uint64_t count)
{
    for (; count > 0; count--, published++)
        publish(published % 2 ? producer : second, 1, published);
}

/* The blocked call gives the oldest message; so many more are there. */
static void take_gathered(uint64_t more)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, FOR_EVER, &slot));
    for (uint64_t n = 0;; n++) {
        CHECK_EQUAL(slot.tag, pattern_tag(1, taken));
        pattern_check(&slot);
        taken++;
        CHECK_OK(slotring_reader_release(reader));
        if (n == more)
            break;
        CHECK_OK(slotring_next(reader, 0, &slot));
    }
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
}

/* ---- Two calls on either side for each number --------------------------------------------------------------- */

static void the_first_then_the_others(uint64_t sleep)
{
    uint64_t before = wakes;
    if (sleep % 2 == 1) {
        publish_some(1);
        CHECK_EQUAL(wakes - before, 1); /* for the first */
        return;
    }
    publish_some(WANTED - 2);
    CHECK_EQUAL(wakes - before, 0); /* for none of these */
    publish_some(1);
    CHECK_EQUAL(wakes - before, 1); /* for the last */
    publish_some(3);
    CHECK_EQUAL(wakes - before, 1);
}

static void rounds_of(uint32_t mode)
{
    begin(mode);
    script = the_first_then_the_others;
    for (uint64_t round = 1; round <= 5; round++) {
        take_gathered(WANTED - 1 + 3);
        CHECK_EQUAL(sleeps, 2 * round);
        CHECK_EQUAL(wakes, 2 * round);
    }
    end();
}

static void two_calls_on_either_side(void)
{
    rounds_of(SLOTRING_LOSSLESS);
}

static void two_calls_for_a_lossy_reader(void)
{
    rounds_of(SLOTRING_LOSSY);
}

static uint64_t appended;

static void append_some(uint64_t count)
{
    for (; count > 0; count--)
        CHECK_OK(slotring_writer_append(writer, "12345678", 8, appended++, 0));
}

static void records_one_then_the_others(uint64_t sleep)
{
    uint64_t before = wakes;
    if (sleep % 2 == 1) {
        append_some(1);
        CHECK_EQUAL(wakes - before, 1);
        return;
    }
    append_some(WANTED - 3);
    CHECK_EQUAL(wakes - before, 0);
    slotring_message_t two[2] = {{.data = "12345678", .size = 8, .tag = appended},
                                 {.data = "12345678", .size = 8, .tag = appended + 1}};
    uint32_t done;
    CHECK_OK(slotring_writer_append_batch(writer, two, 2, 0, &done));
    appended += done;
    CHECK_EQUAL(wakes - before, 1);
}

/* Records count, wherever they lie: some blocks are closed meanwhile, others are open. */
static void records_of(uint32_t mode)
{
    slotring_slot_t slot;
    begin(mode);
    CHECK_OK(slotring_writer_open(producer, NULL, &writer));
    script = records_one_then_the_others;
    appended = 0;
    uint64_t expected = 0;
    for (uint64_t round = 1; round <= 6; round++) {
        CHECK_OK(slotring_next(reader, FOR_EVER, &slot));
        for (uint64_t n = 1; n < WANTED; n++) {
            CHECK_EQUAL(slot.tag, expected++);
            CHECK_OK(slotring_reader_release(reader));
            CHECK_OK(slotring_next(reader, 0, &slot));
        }
        CHECK_EQUAL(slot.tag, expected++);
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
        CHECK_EQUAL(sleeps, 2 * round);
        CHECK_EQUAL(wakes, 2 * round);
    }
    CHECK_OK(slotring_writer_close(writer));
    end();
}

static void records_gather(void)
{
    records_of(SLOTRING_LOSSLESS);
}

static void records_gather_for_a_lossy_reader(void)
{
    records_of(SLOTRING_LOSSY);
}

static void a_batch_at_once(uint64_t sleep)
{
    CHECK_EQUAL(sleep, 1);
    publish_some(WANTED);
    CHECK_EQUAL(wakes, 1);
}

/* What came between the wake and the look counts: it does not sleep once more. */
static void enough_at_the_first_look(void)
{
    begin(SLOTRING_LOSSLESS);
    script = a_batch_at_once;
    take_gathered(WANTED - 1);
    CHECK_EQUAL(sleeps, 1);
    end();
}

/* ---- What ends it before the number is there ------------------------------------------------------------------ */

static void time_passes(uint64_t sleep)
{
    if (sleep == 1) {
        publish_some(1);
        clock_now += 1000;
        return;
    }
    if (sleep == 2)
        publish_some(2);
    clock_now += slept_at_most;
}

static void the_time(void)
{
    begin(SLOTRING_LOSSLESS);
    script = time_passes;
    uint64_t start = clock_now;
    take_gathered(2);
    CHECK_EQUAL(clock_now - start, WAKE_NS + 1000);
    CHECK_EQUAL(sleeps, 2);
    CHECK_EQUAL(wakes, 1);
    end();
}

static void the_time_out_of_the_call(void)
{
    slotring_slot_t slot;
    begin(SLOTRING_LOSSLESS);
    script = time_passes;
    uint64_t start = clock_now;
    CHECK_OK(slotring_next(reader, (int64_t)WAKE_NS / 2, &slot));
    CHECK_EQUAL(clock_now - start, WAKE_NS / 2);
    CHECK_EQUAL(slot.tag, pattern_tag(1, taken));
    CHECK_OK(slotring_reader_release(reader));
    end();
}

static void nothing_comes(uint64_t sleep)
{
    (void)sleep;
    clock_now += slept_at_most;
}

static void a_time_out_without_a_message(void)
{
    begin(SLOTRING_LOSSLESS);
    script = nothing_comes;
    uint64_t start = clock_now;
    CHECK_CODE(slotring_next(reader, 5000, &(slotring_slot_t){0}), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(clock_now - start, 5000);
    end();
}

static void the_ring_fills(uint64_t sleep)
{
    slotring_slot_t slot;
    publish_some(1);
    if (sleep == 1)
        return;
    CHECK_EQUAL(sleep, 2);
    uint64_t before = wakes;
    while (slotring_allocate(producer, 1, &slot) == 0) {
        CHECK_EQUAL(wakes, before);
        CHECK_OK(slotring_abort(producer, &slot));
        publish_some(1);
    }
    CHECK_EQUAL(wakes - before, 1); /* the call that found no slot */
    CHECK_CODE(slotring_allocate(producer, 1, &slot), SLOTRING_E_FULL);
    CHECK_EQUAL(wakes - before, 1); /* it knows already */
}

static void a_producer_that_finds_no_slot(void)
{
    begin_with(SLOTRING_LOSSLESS, 4, 1000);
    script = the_ring_fills;
    take_gathered(3);
    CHECK_EQUAL(sleeps, 2);
    end();
}

static void one_comes_and_space_is_wanted(uint64_t sleep)
{
    CHECK_EQUAL(sleep, 1);
    publish_some(1); /* tells those who wait for space, too */
    sr__sleepers_arm(&second->member, SR__SPACE_EVENT);
}

/* It does not begin while somebody waits for space, who may have looked for it before. */
static void a_producer_that_waits_for_space(void)
{
    begin(SLOTRING_LOSSLESS);
    sr__sleepers_come(&second->member, SR__SPACE_EVENT);
    script = one_comes_and_space_is_wanted;
    take_gathered(0);
    CHECK_EQUAL(sleeps, 1);
    sr__sleepers_go(&second->member, SR__SPACE_EVENT);
    end();
}

static void the_stream_ends(uint64_t sleep)
{
    uint64_t before = wakes;
    if (sleep == 1) {
        publish_some(1);
        return;
    }
    CHECK_EQUAL(sleep, 2);
    CHECK_OK(slotring_end_stream(producer));
    CHECK_EQUAL(wakes - before, 1);
    CHECK_OK(slotring_end_stream(second));
}

static void the_end_of_a_stream(void)
{
    begin(SLOTRING_LOSSLESS);
    script = the_stream_ends;
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, FOR_EVER, &slot));
    CHECK_EQUAL(slot.tag, pattern_tag(1, taken));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_END);
    CHECK_EQUAL(sleeps, 2);
    end();
}

static void is_interrupted(uint64_t sleep)
{
    publish_some(1);
    if (sleep == 2)
        CHECK_OK(slotring_interrupt(consumer));
    CHECK(sleep <= 2);
}

static void an_interruption(void)
{
    begin(SLOTRING_LOSSLESS);
    script = is_interrupted;
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    CHECK_EQUAL(sleeps, 2);
    take_gathered(1); /* it has taken nothing */
    end();
}

static void is_revoked(uint64_t sleep)
{
    slotring_reader_info_t info;
    publish_some(1);
    if (sleep == 2) {
        CHECK_OK(slotring_reader_info(reader, &info));
        CHECK_OK(slotring_revoke(producer, info.row));
    }
    CHECK(sleep <= 2); /* it does not sleep on until its time is over */
}

/* It is told at once, and gives its gate up, or has lost it. */
static void a_revocation_by_hand(void)
{
    for (int budget = 0; budget <= 1; budget++) {
        begin(budget ? SLOTRING_BUDGETED : SLOTRING_LOSSLESS);
        script = is_revoked;
        slotring_slot_t slot;
        CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_REVOKED);
        CHECK_EQUAL(sleeps, 2);
        take_gathered(1);
        end();
    }
}

/* Also who waits for it among others, and takes nothing. */
static void a_revocation_by_hand_for_many(void)
{
    begin(SLOTRING_LOSSLESS);
    script = is_revoked;
    slotring_slot_t slot;
    CHECK_OK(slotring_reader_wait_readable(reader, FOR_EVER));
    CHECK_EQUAL(sleeps, 2);
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_REVOKED);
    take_gathered(1);
    end();
}

static void is_stopped(uint64_t sleep)
{
    publish_some(1);
    if (sleep == 2)
        CHECK_OK(slotring_reader_stop(reader));
    CHECK(sleep <= 2);
}

static void a_stop(void)
{
    begin(SLOTRING_LOSSLESS);
    script = is_stopped;
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_STOPPED);
    CHECK_EQUAL(sleeps, 2);
    CHECK_OK(slotring_reader_resume(reader));
    take_gathered(1); /* it has taken nothing */
    end();
}

static peer_t victim;

static void publishes_and_waits(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    publish(ring, 1, 2);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void somebody_dies(uint64_t sleep)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    if (sleep == 1) {
        victim = peer_start(BY_FORK, "gather-publishes", ring_name());
        peer_expect(&victim, 1);
        published++;
        return;
    }
    if (sleep > 2) { /* a stream that begins ends a gathering as well */
        CHECK(sleep < 5);
        publish_some(1);
        return;
    }
    uint64_t before = wakes;
    peer_kill(&victim);
    CHECK_OK(slotring_recover(second, &recovery));
    CHECK(wakes > before);
}

static void a_death(void)
{
    begin(SLOTRING_LOSSLESS);
    script = somebody_dies;
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, FOR_EVER, &slot));
    CHECK_EQUAL(slot.tag, pattern_tag(1, 2));
    CHECK_OK(slotring_reader_release(reader));
    while (sleeps < 2)
        CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_PRODUCER_DIED);
    CHECK_EQUAL(sleeps, 2);
    end();
}

static void gathers(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    slotring_reader_t *of_own = subscribe_gathering(own, SLOTRING_LOSSY, 1000, UINT64_C(100) * 1000000000);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(of_own, 0, &slot), SLOTRING_E_EMPTY); /* it knows the streams that there are */
    peer_tell(test, 1);
    (void)slotring_next(of_own, FOR_EVER, &slot);
}

/* A killed reader's number is nobody's. Whoever gathers beside it looks and writes its own again. */
static void a_number_of_the_dead(void)
{
    begin(SLOTRING_LOSSLESS);
    sr__word_t *armed = &producer->member.view.state->waiters[SR__PUBLISHED_EVENT].armed;
    peer_t peer = peer_start(BY_FORK, "gather-gathers", ring_name());
    peer_expect(&peer, 1);
    peer_wait_asleep(&peer); /* before the message: a call that finds one does not wait */
    publish_some(1);         /* the first one, after which it gathers */
    int64_t end_at = now_ns() + PATIENCE;
    while (!(sr__load(armed) & SR__GATHERS))
        CHECK(now_ns() < end_at);
    peer_wait_asleep(&peer);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(second, NULL));
    CHECK_EQUAL(sr__load(armed) & (SR__GATHERS | SR__LEFT_MASK), 0);
    slotring_slot_t slot;
    CHECK_OK(slotring_next(reader, 0, &slot));
    CHECK_OK(slotring_reader_release(reader));
    end();
}

/* ---- Others -------------------------------------------------------------------------------------------------- */

static slotring_t *impatient;
static uint32_t seen;

static bool is_woken(void)
{
    return atomic_load(&impatient->member.view.state->events[SR__PUBLISHED_EVENT].event) != seen;
}

static void beside_one_that_does_not_gather(uint64_t sleep)
{
    publish_some(1);
    if (sleep == 1)
        return;
    CHECK_EQUAL(sleep, 2);
    for (int n = 0; n < 4; n++) {
        uint64_t before = wakes;
        seen = sr__sleepers_arm(&impatient->member, SR__PUBLISHED_EVENT);
        publish_some(1);
        CHECK(is_woken());
        CHECK_EQUAL(wakes - before, 1);
    }
    publish_some(2); /* the rest */
}

/* It is woken by each message, as if nobody gathered; and the gathering is not disturbed by that. */
static void others_wait_no_longer(void)
{
    begin(SLOTRING_LOSSLESS);
    impatient = ring_attach(ring_name());
    sr__sleepers_come(&impatient->member, SR__PUBLISHED_EVENT);
    script = beside_one_that_does_not_gather;
    take_gathered(WANTED - 1);
    CHECK_EQUAL(sleeps, 2);
    sr__sleepers_go(&impatient->member, SR__PUBLISHED_EVENT);
    CHECK_OK(slotring_close(impatient));
    end();
}

static uint32_t gathered_event(void)
{
    return atomic_load(&producer->member.view.state->events[SR__GATHERED_EVENT].event);
}

/* Of two the one that wants fewer counts; and the other one's number comes in its turn. */
static void two_that_gather(void)
{
    begin(SLOTRING_LOSSLESS);
    impatient = ring_attach(ring_name());
    sr__sleepers_come(&impatient->member, SR__GATHERED_EVENT);
    sr__sleepers_arm(&impatient->member, SR__GATHERED_EVENT);
    sr__gather_arm(&impatient->member, 5);
    sr__gather_arm(&consumer->member, 9); /* does not make it more */
    uint32_t event = gathered_event();
    publish_some(4);
    CHECK_EQUAL(gathered_event(), event);
    publish_some(1);
    CHECK_EQUAL(gathered_event(), event + 1);
    sr__sleepers_arm(&impatient->member, SR__GATHERED_EVENT);
    sr__gather_arm(&consumer->member, 4); /* the rest of its nine */
    publish_some(3);
    CHECK_EQUAL(gathered_event(), event + 1);
    publish_some(1);
    CHECK_EQUAL(gathered_event(), event + 2);
    publish_some(20); /* nobody gathers any more */
    CHECK_EQUAL(gathered_event(), event + 2);
    sr__sleepers_go(&impatient->member, SR__GATHERED_EVENT);
    CHECK_OK(slotring_close(impatient));
    end();
}

static void publishes_meanwhile(void)
{
    uint64_t before = wakes;
    publish(second, 1, published++);
    CHECK_EQUAL(wakes - before, 1); /* of its own: the other call is not over */
}

/* A producer may be stopped before its call. */
static void a_number_relies_on_no_call_that_is_not_over(void)
{
    begin(SLOTRING_LOSSLESS);
    sr__sleepers_come(&consumer->member, SR__GATHERED_EVENT);
    sr__sleepers_arm(&consumer->member, SR__GATHERED_EVENT);
    sr__gather_arm(&consumer->member, 2);
    meanwhile = publishes_meanwhile;
    publish_some(1);
    CHECK_EQUAL(wakes, 0);
    publish(producer, 1, published++);
    CHECK_EQUAL(wakes, 2);
    publish_some(3);
    CHECK_EQUAL(wakes, 2);
    sr__sleepers_go(&consumer->member, SR__GATHERED_EVENT);
    end();
}

static void arms_meanwhile(void)
{
    sr__sleepers_arm(&consumer->member, SR__GATHERED_EVENT);
    sr__gather_arm(&consumer->member, 1);
}

/* Who arms while another call wakes is not forgotten by that. */
static void armed_while_another_call_wakes(void)
{
    begin(SLOTRING_LOSSLESS);
    sr__sleepers_come(&consumer->member, SR__GATHERED_EVENT);
    sr__sleepers_arm(&consumer->member, SR__GATHERED_EVENT);
    sr__gather_arm(&consumer->member, 1);
    meanwhile = arms_meanwhile;
    publish_some(1);
    CHECK_EQUAL(wakes, 1);
    uint32_t event = gathered_event();
    publish_some(1);
    CHECK_EQUAL(wakes, 2);
    CHECK_EQUAL(gathered_event(), event + 1);
    sr__sleepers_go(&consumer->member, SR__GATHERED_EVENT);
    end();
}

/* ---- Options --------------------------------------------------------------------------------------------------- */

static void one_without_the_other(void)
{
    static const struct {
        uint64_t messages, ns;
        const char *says;
    } rows[] = {
        {5, 0, "wake_messages 5 and wake_ns 0: "},
        {0, 7, "wake_messages 0 and wake_ns 7: "},
        {SLOTRING_WAKE_MESSAGES_MAX + UINT64_C(1), 7, "wake_messages is 1048576; it can be 1048575 at most"},
        {5, UINT64_C(1) << 63, "wake_ns is 9223372036854775808; it can be 9223372036854775807 at most"},
    };
    slotring_t *ring = ring_create(ring_name(), 4, MESSAGE);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slotring_reader_options_t options;
        slotring_error_t error;
        slotring_reader_t *none;
        slotring_reader_options_init(&options);
        options.wake_messages = rows[i].messages;
        options.wake_ns = rows[i].ns;
        CHECK_CODE(slotring_subscribe(ring, &options, &none), SLOTRING_E_INVALID);
        slotring_last_error(&error);
        CHECK_CONTAINS(error.text, rows[i].says);
    }
    CHECK_OK(slotring_unsubscribe(
        subscribe_gathering(ring, SLOTRING_LOSSY, SLOTRING_WAKE_MESSAGES_MAX, INT64_MAX)));
    ring_remove(ring, ring_name());
}

/* ---- Processes, and the system's own sleep ------------------------------------------------------------------------ */

#define SLOTS 256u
#define MANY 32u

static void consumes(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *gathering = subscribe_gathering(ring, SLOTRING_LOSSLESS, MANY, 60 * SECOND);
    uint64_t messages = peer_hear(test), calls = 0;
    slotring_slot_t slots[MANY];
    for (uint64_t n = 0; n < messages;) {
        uint32_t count;
        CHECK_OK(slotring_next_batch(gathering, FOR_EVER, slots, MANY, &count));
        for (uint32_t i = 0; i < count; i++)
            CHECK_EQUAL(slots[i].tag, pattern_tag(1, n + i));
        CHECK_OK(slotring_reader_release(gathering));
        n += count;
        calls++;
    }
    peer_tell(test, calls);
    CHECK_OK(slotring_close(ring));
}

/* Messages come in numbers that are no multiples, in a ring that they fill: every one comes. The last ones are told by the
 * end of the stream. */
static void every_message_comes(void)
{
    uint64_t messages = scaled(20000) / MANY * MANY + 5;
    slotring_t *ring = ring_create(ring_name(), SLOTS, MESSAGE);
    peer_t peer = peer_start(BY_FORK, "gather-consumes", ring_name());
    peer_tell(&peer, messages);
    while (ring_stats(ring).readers == 0)
        ;
    for (uint64_t n = 0; n < messages; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_end_stream(ring));
    CHECK_AT_LEAST(messages, peer_hear(&peer));
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"two_calls_on_either_side", two_calls_on_either_side, 0},
    {"two_calls_for_a_lossy_reader", two_calls_for_a_lossy_reader, 0},
    {"records_gather", records_gather, 0},
    {"records_gather_for_a_lossy_reader", records_gather_for_a_lossy_reader, 0},
    {"enough_at_the_first_look", enough_at_the_first_look, 0},
    {"ended_by_the_time", the_time, 0},
    {"ended_by_the_time_out_of_the_call", the_time_out_of_the_call, 0},
    {"a_time_out_without_a_message", a_time_out_without_a_message, 0},
    {"ended_by_a_producer_that_finds_no_slot", a_producer_that_finds_no_slot, 0},
    {"ended_by_a_producer_that_waits_for_space", a_producer_that_waits_for_space, 0},
    {"ended_by_the_end_of_a_stream", the_end_of_a_stream, 0},
    {"ended_by_an_interruption", an_interruption, 0},
    {"ended_by_a_revocation_by_hand", a_revocation_by_hand, 0},
    {"ended_by_a_revocation_by_hand_for_many", a_revocation_by_hand_for_many, 0},
    {"ended_by_a_stop", a_stop, 0},
    {"ended_by_a_death", a_death, 0},
    {"a_number_of_the_dead", a_number_of_the_dead, 0},
    {"others_wait_no_longer", others_wait_no_longer, 0},
    {"two_that_gather", two_that_gather, 0},
    {"a_number_relies_on_no_call_that_is_not_over", a_number_relies_on_no_call_that_is_not_over, 0},
    {"armed_while_another_call_wakes", armed_while_another_call_wakes, 0},
    {"one_without_the_other", one_without_the_other, 0},
    {"every_message_comes", every_message_comes, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"gather-publishes", publishes_and_waits},
                                    {"gather-gathers", gathers},
                                    {"gather-consumes", consumes},
                                    {NULL, NULL}};

const test_suite_t gather_suite = {"gather", cases, roles};
