/* SPDX-License-Identifier: Apache-2.0 */
/* Blocked calls are woken by what they wait for. Rings here sleep in slices of 10 s and do not spin, so that a
 * lost wake-up shows as a wait of seconds where a wake takes microseconds. */
#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/roles.h"
#include "support/suite.h"
#include "support/thread.h"

/* The next message, which must come by a wake-up. */
static uint64_t take_woken(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    int64_t start = now_ns();
    CHECK_OK(slotring_next(reader, 2 * NOT_WOKEN, &slot));
    CHECK(now_ns() - start < NOT_WOKEN);
    uint64_t tag = slot.tag;
    pattern_check(&slot);
    CHECK_OK(slotring_reader_release(reader));
    return tag;
}

/* A slot, which must come by a wake-up, published. */
static void publish_woken(slotring_t *ring, uint64_t number)
{
    slotring_slot_t slot;
    int64_t start = now_ns();
    CHECK_OK(slotring_allocate_wait(ring, 1, 2 * NOT_WOKEN, &slot));
    CHECK(now_ns() - start < NOT_WOKEN);
    slot.tag = pattern_tag(1, number);
    uint64_t length = pattern_length(slot.tag, slot.capacity);
    pattern_fill(slot.data, length, slot.tag);
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
}

/* Answers each message of ring NAME-ping with one in NAME-pong. */
static void answers(peer_t *test, const char *argument)
{
    (void)argument;
    char names[2][SLOTRING_NAME_MAX + 1];
    peer_get(test, names, sizeof names);
    slotring_t *ping = ring_open_sleepy(names[0], SLOTRING_ATTACH, 0);
    slotring_t *pong = ring_open_sleepy(names[1], SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = subscribe(ping, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    uint64_t rounds = peer_hear(test);
    peer_tell(test, 1);
    for (uint64_t n = 0; n < rounds; n++) {
        CHECK_EQUAL(take_woken(reader), pattern_tag(1, n));
        publish_woken(pong, n);
    }
    CHECK_OK(slotring_close(ping));
    CHECK_OK(slotring_close(pong));
}

static void ping_pong(enum how_to_start how, uint32_t partners)
{
    char names[2][SLOTRING_NAME_MAX + 1];
    memset(names, 0, sizeof names);
    strcpy(names[0], ring_name_of("-ping"));
    strcpy(names[1], ring_name_of("-pong"));
    uint64_t rounds = scaled(3000);
    slotring_t *ping = ring_open_sleepy(names[0], SLOTRING_CREATE, 2);
    slotring_t *pong = ring_open_sleepy(names[1], SLOTRING_CREATE, partners);
    slotring_reader_t *reader = subscribe(pong, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_t peers[4];
    for (uint32_t p = 0; p < partners; p++) {
        peers[p] = peer_start(how, "wait-answers", "");
        peer_put(&peers[p], names, sizeof names);
        peer_tell(&peers[p], rounds);
        peer_expect(&peers[p], 1);
    }
    for (uint64_t n = 0; n < rounds; n++) {
        publish_woken(ping, n);
        for (uint32_t p = 0; p < partners; p++)
            CHECK_EQUAL(take_woken(reader), pattern_tag(1, n));
    }
    for (uint32_t p = 0; p < partners; p++)
        peer_join(&peers[p]);
    CHECK_OK(slotring_close(pong));
    CHECK_OK(slotring_unlink(names[1], SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    ring_remove(ping, names[0]);
}

static void ping_pong_forked(void)
{
    ping_pong(BY_FORK, 1);
}

static void ping_pong_executed(void)
{
    ping_pong(BY_EXEC, 1);
}

static void one_wakes_several(void)
{
    ping_pong(BY_FORK, 3);
}

/* Reads all of a small ring as fast as it can: producer and reader block on each other in turn. */
static void drains(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    uint64_t count = peer_hear(test);
    for (uint64_t n = 0; n < count; n++)
        CHECK_EQUAL(take_woken(reader), pattern_tag(1, n));
    CHECK_OK(slotring_close(ring));
}

static void room_is_waited_for(void)
{
    for (uint64_t slots = 1; slots <= 3; slots++) {
        uint64_t count = scaled(2500);
        slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, slots);
        peer_t peers[2];
        for (int p = 0; p < 2; p++) {
            peers[p] = peer_start(p == 0 ? BY_FORK : BY_EXEC, "wait-drains", ring_name());
            peer_expect(&peers[p], 1);
            peer_tell(&peers[p], count);
        }
        for (uint64_t n = 0; n < count; n++)
            publish_woken(ring, n);
        for (int p = 0; p < 2; p++)
            peer_join(&peers[p]);
        ring_remove(ring, ring_name());
    }
}

/* ---- What else ends a wait: each from another process, against one that sleeps ---------------------- */

/* Takes what it is told from the ring: a slot (1), or a message (2); says the code. */
static void blocks(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    uint64_t what = peer_hear(test);
    peer_tell(test, 1);
    int64_t start = now_ns();
    int code = what == 1 ? slotring_allocate_wait(ring, 1, 2 * NOT_WOKEN, &slot)
                         : slotring_next(reader, 2 * NOT_WOKEN, &slot);
    CHECK(now_ns() - start < NOT_WOKEN);
    peer_tell(test, (uint64_t)-code);
    CHECK_OK(slotring_close(ring));
}

/* Starts one that blocks, and waits until it sleeps. */
static peer_t start_blocked(uint64_t what)
{
    peer_t peer = peer_start(BY_FORK, "wait-blocks", ring_name());
    peer_tell(&peer, what);
    peer_expect(&peer, 1);
    peer_wait_asleep(&peer);
    CHECK(!peer_speaks(&peer, 0));
    return peer;
}

static void check_unblocked(peer_t *peer, int code)
{
    CHECK_EQUAL(peer_hear(peer), (uint64_t)-code);
    peer_join(peer);
}

static void a_full_ring_with(slotring_t *ring, slotring_slot_t *held)
{
    slotring_ticket_t ticket = publish(ring, 1, 0);
    hold(ring, &ticket, held);
}

static void release_wakes(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    slotring_slot_t held;
    a_full_ring_with(ring, &held);
    peer_t peer = start_blocked(1);
    CHECK_OK(slotring_release(ring, &held));
    check_unblocked(&peer, 0);
    ring_remove(ring, ring_name());
}

static void abort_wakes(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_t peer = start_blocked(1);
    CHECK_OK(slotring_abort(ring, &slot));
    check_unblocked(&peer, 0);
    ring_remove(ring, ring_name());
}

static void publication_makes_room(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_t peer = start_blocked(1);
    CHECK_OK(slotring_mark_ready(ring, &slot, 1)); /* may be overwritten at once */
    check_unblocked(&peer, 0);
    ring_remove(ring, ring_name());
}

static void free_wakes(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 1, 64);
    options.when_full = SLOTRING_KEEP;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    peer_t peer = start_blocked(1);
    CHECK_OK(slotring_free(ring, &ticket));
    check_unblocked(&peer, 0);
    ring_remove(ring, ring_name());
}

static void leaving_wakes(void)
{
    for (int how = 0; how < 3; how++) {
        slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
        slotring_t *other = ring_open_sleepy(ring_name(), SLOTRING_ATTACH, 0);
        slotring_reader_t *reader = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        slotring_slot_t held;
        publish(ring, 1, 0);
        if (how == 2)
            CHECK_OK(slotring_next(reader, 0, &held));
        peer_t peer = start_blocked(1);
        if (how == 0)
            CHECK_OK(slotring_unsubscribe(reader));
        else
            CHECK_OK(slotring_close(other));
        check_unblocked(&peer, 0);
        if (how == 0)
            CHECK_OK(slotring_close(other));
        ring_remove(ring, ring_name());
    }
}

static void end_wakes(void)
{
    for (int how = 0; how < 2; how++) {
        slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 2);
        slotring_t *other = ring_open_sleepy(ring_name(), SLOTRING_ATTACH, 0);
        publish(other, 1, 0);
        peer_t peer = start_blocked(2);
        if (how == 0) {
            CHECK_OK(slotring_end_stream(other));
            CHECK_OK(slotring_close(other));
        } else {
            CHECK_OK(slotring_close(other));
        }
        check_unblocked(&peer, SLOTRING_E_END);
        ring_remove(ring, ring_name());
    }
}

static void recover_wakes(void)
{
    /* the blocked one sleeps 10 s before it looks for the dead itself; who repairs wakes it */
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    peer_t writer = peer_start(BY_FORK, "wait-writes", ring_name());
    peer_expect(&writer, 1);
    peer_t producer = start_blocked(1), reader = start_blocked(2);
    peer_kill(&writer);
    CHECK_OK(slotring_recover(ring, NULL));
    check_unblocked(&producer, 0);
    uint64_t code = peer_hear(&reader);
    CHECK(code == (uint64_t)-SLOTRING_E_PRODUCER_DIED);
    peer_join(&reader);
    ring_remove(ring, ring_name());
}

static void killed_asleep_beside_another(void)
{
    /* What the dead one leaves, armed and its bit, keeps nobody from being woken. */
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    slotring_slot_t held;
    a_full_ring_with(ring, &held);
    peer_t dead = start_blocked(1), waiting = start_blocked(1);
    peer_kill(&dead);
    CHECK_OK(slotring_recover(ring, NULL));
    peer_wait_asleep(&waiting); /* the repair woke it, for nothing */
    CHECK_OK(slotring_release(ring, &held));
    check_unblocked(&waiting, 0);
    ring_remove(ring, ring_name());
}

static void writes(peer_t *test, const char *name)
{
    slotring_t *ring = ring_open_sleepy(name, SLOTRING_ATTACH, 0);
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

/* ---- Timeouts and interrupts ------------------------------------------------------------------------ */

static void timeouts(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t writing, slot;
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    static const int64_t times[] = {1, 1000, MILLISECOND, 30 * MILLISECOND};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t start = now_ns();
        CHECK_CODE(slotring_next(reader, times[i], &slot), SLOTRING_E_TIMEOUT);
        int64_t middle = now_ns();
        CHECK_AT_LEAST(middle - start, times[i]); /* never too early */
        CHECK(middle - start < NOT_WOKEN);
        CHECK_CODE(slotring_allocate_wait(ring, 1, times[i], &slot), SLOTRING_E_TIMEOUT);
        CHECK_AT_LEAST(now_ns() - middle, times[i]);
        CHECK(now_ns() - middle < NOT_WOKEN);
    }
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_allocate_wait(ring, 1, 0, &slot), SLOTRING_E_FULL);
    CHECK_OK(slotring_abort(ring, &writing));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static slotring_t *interrupted;
static atomic_uint interrupt_results;

static void next_for_ever(void *argument)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(argument, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    atomic_fetch_add(&interrupt_results, 1);
}

static void allocate_for_ever(void *argument)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_wait(argument, 1, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    atomic_fetch_add(&interrupt_results, 1);
}

static void interrupt_from_a_thread(void)
{
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1), *other = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t writing, slot;
    CHECK_OK(slotring_allocate(other, 1, &writing));
    unsigned long rounds = scaled(50);
    for (unsigned long i = 0; i < rounds; i++) {
        atomic_store(&interrupt_results, 0);
        thread_start(next_for_ever, reader);
        if (i % 2 == 1) /* sometimes asleep, sometimes on the way */
            usleep((useconds_t)(i * 20));
        CHECK_OK(slotring_interrupt(ring));
        threads_join();
        CHECK_EQUAL(atomic_load(&interrupt_results), 1);
    }
    thread_start(next_for_ever, reader); /* all that are blocked, at once */
    thread_start(allocate_for_ever, ring);
    threads_wait_asleep();
    CHECK_OK(slotring_interrupt(ring));
    threads_join();
    CHECK_CODE(slotring_next(reader, 0, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_interrupt(ring)); /* nobody is blocked: the next that would block */
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
    CHECK_CODE(slotring_next(reader, MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_abort(other, &writing));
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void on_signal(int signal_number)
{
    (void)signal_number;
    int saved = errno;
    (void)slotring_interrupt(interrupted);
    errno = saved;
}

static void ignore_signal(int signal_number)
{
    (void)signal_number;
}

static void arm(void (*handler)(int), unsigned microseconds)
{
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = handler;
    CHECK_SYSTEM(sigaction(SIGALRM, &action, NULL));
    (void)ualarm(microseconds, 0);
}

static void interrupt_from_a_signal_handler(void)
{
    NEEDS_POSIX("signals");
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    interrupted = ring;
    for (unsigned i = 0; i < 20; i++) {
        int64_t start = now_ns();
        arm(on_signal, 500 + 3000 * (i % 4));
        CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_INTERRUPTED);
        CHECK(now_ns() - start < NOT_WOKEN);
    }
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

static void a_signal_alone_ends_nothing(void)
{
    NEEDS_POSIX("signals");
    slotring_t *ring = ring_open_sleepy(ring_name(), SLOTRING_CREATE, 1);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    int64_t start = now_ns();
    arm(ignore_signal, 5000);
    CHECK_CODE(slotring_next(reader, 50 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_AT_LEAST(now_ns() - start, 50 * MILLISECOND);
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* Who never sleeps looks after the dead all the same. */
static void a_spinning_reader_notices_a_death(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 64);
    options.spin_ns = UINT64_MAX;
    options.wait_slice_ns = 1 * MILLISECOND;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    peer_t peer = peer_start(BY_FORK, "wait-publishes-one", ring_name());
    peer_expect(&peer, 1);
    (void)take(reader);
    peer_kill(&peer);
    CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_PRODUCER_DIED);
    CHECK_OK(slotring_unsubscribe(reader));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void waits_in_short_slices(peer_t *test, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.wait_slice_ns = 1;
    slotring_reader_t *reader =
        subscribe(ring_open_with(name, &options), SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    (void)take(reader);
}

/* A slice that is shorter than any sleep does not make a blocked call one that spins. */
static void the_shortest_slice_still_sleeps(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64);
    peer_t peer = peer_start(BY_FORK, "wait-in-short-slices", ring_name());
    peer_expect(&peer, 1);
    peer_wait_asleep(&peer);
    publish(ring, 1, 0);
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

static void waits_until_evicted(void *argument)
{
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(argument, FOR_EVER, &slot), SLOTRING_E_EVICTED);
}

/* Taken for dead, by a host that took its lock away: a blocked call says so. */
static void an_evicted_reader_is_told(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 64), *evicted = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(evicted, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    thread_start(waits_until_evicted, reader);
    threads_wait_asleep();
    sr__repair(&ring->member, evicted->member.me, SR__DIED, NULL);
    threads_join();
    CHECK_CODE(slotring_unsubscribe(reader), SLOTRING_E_EVICTED);
    CHECK_CODE(slotring_end_stream(evicted), SLOTRING_E_EVICTED);
    CHECK_CODE(slotring_close_if_idle(evicted), SLOTRING_E_EVICTED);
    CHECK_OK(slotring_close(evicted));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"a_spinning_reader_notices_a_death", a_spinning_reader_notices_a_death, 0},
    {"the_shortest_slice_still_sleeps", the_shortest_slice_still_sleeps, 0},
    {"an_evicted_reader_is_told", an_evicted_reader_is_told, 0},
    {"ping_pong_forked", ping_pong_forked, 0},
    {"ping_pong_executed", ping_pong_executed, 0},
    {"one_wakes_several", one_wakes_several, 0},
    {"room_is_waited_for", room_is_waited_for, 0},
    {"release_wakes", release_wakes, 0},
    {"abort_wakes", abort_wakes, 0},
    {"publication_makes_room", publication_makes_room, 0},
    {"free_wakes", free_wakes, 0},
    {"leaving_wakes", leaving_wakes, 0},
    {"end_wakes", end_wakes, 0},
    {"recover_wakes", recover_wakes, 0},
    {"killed_asleep_beside_another", killed_asleep_beside_another, 0},
    {"timeouts", timeouts, 0},
    {"interrupt_from_a_thread", interrupt_from_a_thread, TEST_THREADS},
    {"interrupt_from_a_signal_handler", interrupt_from_a_signal_handler, 0},
    {"a_signal_alone_ends_nothing", a_signal_alone_ends_nothing, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"wait-answers", answers},
                                    {"wait-drains", drains},
                                    {"wait-blocks", blocks},
                                    {"wait-writes", writes},
                                    {"wait-publishes-one", publishes_and_stays},
                                    {"wait-in-short-slices", waits_in_short_slices},
                                    {NULL, NULL}};

const test_suite_t wait_suite = {"wait", cases, roles};
