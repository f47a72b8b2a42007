/* SPDX-License-Identifier: Apache-2.0 */
/* Waits that somebody ends for good: a stop stays until it is taken back, and a check of the program's own ends a wait.
 * And a producer that waits for its readers. Rings here sleep in slices of 10 s and do not spin. */
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static slotring_t *ring;
static slotring_reader_t *reader;

static void begin(uint64_t slots)
{
    ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, slots);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
}

static void end(void)
{
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* ---- A stop -------------------------------------------------------------------------------------------- */

static void next_is_stopped(void *of)
{
    slotring_slot_t slot;
    for (int i = 0; i < 100; i++) /* however often it calls */
        CHECK_CODE(slotring_next(of, FOR_EVER, &slot), SLOTRING_E_STOPPED);
}

static void allocate_is_stopped(void *of)
{
    slotring_slot_t slot;
    for (int i = 0; i < 100; i++)
        CHECK_CODE(slotring_allocate_wait(of, 1, FOR_EVER, &slot), SLOTRING_E_STOPPED);
}

static void append_is_stopped(void *of)
{
    for (int i = 0; i < 100; i++)
        CHECK_CODE(slotring_writer_append(of, "x", 1, 0, FOR_EVER), SLOTRING_E_STOPPED);
}

static void a_stop_reaches_each_thread(void)
{
    slotring_slot_t writing[3];
    slotring_writer_t *writer;
    begin(3);
    slotring_t *other = ring_attach(ring_name());
    slotring_reader_t *second = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_allocate(other, 1, &writing[i]));
    CHECK_OK(slotring_writer_open(ring, NULL, &writer));
    for (int round = 0; round < 2; round++) { /* asleep, then on their way */
        thread_start(next_is_stopped, reader);
        thread_start(next_is_stopped, second);
        thread_start(allocate_is_stopped, ring);
        thread_start(append_is_stopped, writer);
        if (round == 0)
            threads_wait_asleep();
        int64_t start = now_ns();
        CHECK_OK(slotring_stop(ring));
        threads_join();
        CHECK(now_ns() - start < NOT_WOKEN);
        CHECK_OK(slotring_resume(ring));
    }
    CHECK_OK(slotring_writer_close(writer));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_abort(other, &writing[i]));
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_unsubscribe(second));
    end();
}

static void a_stop_takes_nothing_that_is_there(void)
{
    slotring_slot_t slot;
    begin(4);
    CHECK_OK(slotring_stop(ring));
    CHECK_OK(slotring_stop(ring)); /* the same as once */
    publish(ring, 1, 0);
    CHECK_OK(slotring_next(reader, FOR_EVER, &slot));
    CHECK_OK(slotring_reader_release(reader));
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_next(reader, 1, &slot), SLOTRING_E_STOPPED);
    CHECK_OK(slotring_allocate_wait(ring, 1, FOR_EVER, &slot));
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(slotring_resume(ring));
    CHECK_CODE(slotring_next(reader, 1, &slot), SLOTRING_E_TIMEOUT);
    end();
}

static void other_handles_do_not_notice(void)
{
    slotring_slot_t slot;
    begin(4);
    slotring_t *other = ring_attach(ring_name());
    slotring_reader_t *others = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_t *observer = ring_observe(ring_name());
    CHECK_OK(slotring_stop(ring));
    CHECK_CODE(slotring_next(others, 1, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_stop(observer));
    CHECK_OK(slotring_resume(observer));
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(other));
    CHECK_CODE(slotring_stop(NULL), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_resume(NULL), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_reader_stop(NULL), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_reader_resume(NULL), SLOTRING_E_CLOSED);
    end();
}

static void one_reader_is_stopped_alone(void)
{
    slotring_slot_t slot;
    begin(4);
    slotring_reader_t *second = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    thread_start(next_is_stopped, second);
    threads_wait_asleep();
    CHECK_OK(slotring_reader_stop(second));
    threads_join();
    CHECK_CODE(slotring_next(reader, 1, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_stop(ring)); /* both must be taken back */
    CHECK_OK(slotring_reader_resume(second));
    CHECK_CODE(slotring_next(second, 1, &slot), SLOTRING_E_STOPPED);
    CHECK_OK(slotring_resume(ring));
    CHECK_CODE(slotring_next(second, 1, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unsubscribe(second));
    end();
}

static void on_signal(int number)
{
    (void)number;
    (void)slotring_stop(ring);
}

static void handle_alarm(void (*handler)(int), unsigned microseconds)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    action.sa_flags = SA_RESTART;
    CHECK_SYSTEM(sigaction(SIGALRM, &action, NULL));
    (void)ualarm(microseconds, 0);
}

static void a_signal_handler_stops(void)
{
    NEEDS_POSIX("signals");
    slotring_slot_t slot;
    begin(4);
    for (unsigned i = 0; i < 5; i++) {
        int64_t start = now_ns();
        handle_alarm(on_signal, 500 + 3000 * i);
        CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_STOPPED);
        CHECK(now_ns() - start < NOT_WOKEN);
        CHECK_OK(slotring_resume(ring));
    }
    end();
}

/* ---- The program's own check ----------------------------------------------------------------------------- */

static volatile sig_atomic_t asked, handled, enough;

/* Yes once a signal was handled, and yes when it is asked for the time `enough`. */
static int says_stop(void *of)
{
    asked++;
    return of == &asked && (handled || asked == enough);
}

static void notes_signal(int number)
{
    (void)number;
    handled = 1;
}

static void begin_checked(uint64_t slice_ns, uint64_t spin_ns)
{
    slotring_options_t options = ring_options_sleepy(SLOTRING_CREATE, 4);
    options.wait_slice_ns = slice_ns;
    options.spin_ns = spin_ns;
    options.wait_check = says_stop;
    options.wait_check_user = (void *)&asked;
    asked = handled = enough = 0;
    ring = ring_open_with(ring_name(), &options);
    reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
}

/* The signal that the handler notes ends the wait, though the handler calls nothing of the library. A signal between the
 * check and the sleep is seen a slice later. */
static void a_check_sees_a_signal(void)
{
    NEEDS_POSIX("signals");
    slotring_slot_t slot;
    begin_checked(50 * MILLISECOND, 1);
    for (unsigned i = 0; i < 5; i++) {
        handled = 0;
        handle_alarm(notes_signal, 500 + 3000 * i);
        CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
        CHECK(handled);
    }
    end();
}

/* Nothing else ends this wait: it goes on only because each slice asks again. */
static void a_check_is_asked_each_slice(void)
{
    slotring_slot_t slot;
    begin_checked(MILLISECOND, 1);
    enough = 5;
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    CHECK_EQUAL(asked, 5);
    handled = 1;
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    publish(ring, 1, 0);
    CHECK_OK(slotring_next(reader, FOR_EVER, &slot)); /* what is there is given */
    CHECK_OK(slotring_reader_release(reader));
    end();
}

static void a_check_ends_a_spin(void)
{
    slotring_slot_t slot;
    begin_checked(MILLISECOND, UINT64_MAX);
    handled = 1;
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    end();
}

/* ---- A producer and its readers --------------------------------------------------------------------------- */

static void subscribes_later(peer_t *test, const char *name)
{
    slotring_t *own = ring_attach(name);
    CHECK(subscribe(own, SLOTRING_LOSSY, SLOTRING_FROM_NOW) != NULL);
    CHECK(subscribe(own, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW) != NULL);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void a_producer_waits_for_readers(void)
{
    uint32_t there = 7;
    peer_t peer;
    begin(4);
    CHECK_OK(slotring_wait_readers(ring, 0, 0, NULL));
    CHECK_OK(slotring_wait_readers(ring, 1, 0, &there));
    CHECK_EQUAL(there, 1);
    CHECK_CODE(slotring_wait_readers(ring, 2, 0, &there), SLOTRING_E_TIMEOUT);
    CHECK_CODE(slotring_wait_readers(ring, 2, MILLISECOND, &there), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(there, 1);
    CHECK_CODE(slotring_wait_readers(ring, 100000, FOR_EVER, &there), SLOTRING_E_READERS);
    peer = peer_start(BY_FORK, "stop-subscribes", ring_name());
    int64_t start = now_ns();
    CHECK_OK(slotring_wait_readers(ring, 2, FOR_EVER, &there));
    CHECK(now_ns() - start < NOT_WOKEN);
    CHECK_EQUAL(there, 2);
    peer_expect(&peer, 1);
    peer_kill(&peer); /* who is dead is no reader, though nobody has repaired it yet */
    CHECK_CODE(slotring_wait_readers(ring, 2, 0, &there), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(there, 1);
    CHECK_OK(slotring_recover(ring, NULL));
    end();
}

static void waits_for_two(void *of)
{
    CHECK_OK(slotring_wait_readers(of, 2, FOR_EVER, NULL));
}

/* Producers call the system for nobody meanwhile, and readers let their messages gather. */
static void waiting_for_readers_is_no_wait_for_space(void)
{
    begin(4);
    thread_start(waits_for_two, ring);
    threads_wait_asleep();
    CHECK(!sr__is_armed(&ring->member, SR__SPACE_EVENT));
    CHECK(!sr__is_armed(&ring->member, SR__PUBLISHED_EVENT));
    slotring_reader_t *second = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    threads_join();
    CHECK_OK(slotring_unsubscribe(second));
    end();
}

static void who_is_in_the_way(void)
{
    char text[SLOTRING_BLOCKER_TEXT_SIZE], expected[SLOTRING_BLOCKER_TEXT_SIZE];
    slotring_blocker_t worst = {.why = SLOTRING_BLOCKS_BY_HOLDING, .life = 77, .pid = 3, .slots = 1};
    begin(4);
    CHECK_OK(slotring_in_the_way(ring, text, sizeof text));
    CHECK_STRING(text, "nobody is in the way");
    for (uint64_t n = 0; n < 3; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_in_the_way(ring, text, sizeof text));
    uint32_t count;
    slotring_blocker_t list[1];
    CHECK_OK(slotring_blockers(ring, list, 1, &count));
    CHECK_OK(slotring_blocker_to_text(&list[0], expected, sizeof expected));
    CHECK_STRING(text, expected);
    CHECK_CONTAINS(text, "running) is 3 messages behind");
    CHECK_CODE(slotring_in_the_way(ring, text, sizeof text - 1), SLOTRING_E_SIZE);
    CHECK_CODE(slotring_in_the_way(ring, NULL, sizeof text), SLOTRING_E_INVALID);
    memcpy(worst.name, "\033[2Jx\xff\xc2\x9b\xc3\xa9", 10);
    CHECK_OK(slotring_blocker_to_text(&worst, text, sizeof text));
    CHECK_STRING(text, "\"?[2Jx???\xc3\xa9\" (pid 3, unknown) holds 1 slot");
    memset(worst.name, 'n', sizeof worst.name); /* without an end */
    worst.slots = worst.pid = UINT64_MAX;
    worst.row = UINT32_MAX;
    worst.why = SLOTRING_BLOCKS_BY_RECORDS;
    CHECK_OK(slotring_blocker_to_text(&worst, text, sizeof text));
    CHECK_CONTAINS(text, "slots for records");
    end();
}

static const test_case_t cases[] = {
    {"a_stop_reaches_each_thread", a_stop_reaches_each_thread, TEST_THREADS},
    {"a_stop_takes_nothing_that_is_there", a_stop_takes_nothing_that_is_there, 0},
    {"other_handles_do_not_notice", other_handles_do_not_notice, 0},
    {"one_reader_is_stopped_alone", one_reader_is_stopped_alone, TEST_THREADS},
    {"a_signal_handler_stops", a_signal_handler_stops, 0},
    {"a_check_sees_a_signal", a_check_sees_a_signal, 0},
    {"a_check_is_asked_each_slice", a_check_is_asked_each_slice, 0},
    {"a_check_ends_a_spin", a_check_ends_a_spin, 0},
    {"a_producer_waits_for_readers", a_producer_waits_for_readers, 0},
    {"waiting_for_readers_is_no_wait_for_space", waiting_for_readers_is_no_wait_for_space, TEST_THREADS},
    {"who_is_in_the_way", who_is_in_the_way, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"stop-subscribes", subscribes_later}, {NULL, NULL}};

const test_suite_t stop_suite = {"stop", cases, roles};
