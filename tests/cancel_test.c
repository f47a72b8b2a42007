/* SPDX-License-Identifier: Apache-2.0 */
/* A thread may be cancelled anywhere, not only a process killed. Nothing stays locked, for others or for its own process,
 * and nothing is left in its name. Calls that are blocked are in cancel_waits_test.c. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/roles.h"
#include "support/suite.h"
#include "support/thread.h"

static slotring_t *ring;
static atomic_int number; /* of the thread under test */

/* ---- Calls with a cancellation pending ----------------------------------------------------------------- */

typedef struct call {
    const char *name;
    void (*run)(void);
} call_t;

static slotring_t *kept;
static slotring_reader_t *kept_reader;

static void open_and_close(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *other;
    if (slotring_open(&other, ring_name(), &options, NULL) == 0)
        (void)slotring_close(other);
}

static void observe_and_close(void)
{
    slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
    slotring_t *other;
    if (slotring_open(&other, ring_name(), &options, NULL) == 0)
        (void)slotring_close(other);
}

static void create_and_remove(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    slotring_t *other;
    if (slotring_open(&other, ring_name_of("-more"), &options, NULL) == 0)
        (void)slotring_close(other);
    (void)slotring_unlink(ring_name_of("-more"), SLOTRING_UNLINK_FORCE, NULL, NULL);
}

static void close_one(void)
{
    (void)slotring_close(kept);
    kept = NULL;
}

static void subscribe_and_unsubscribe(void)
{
    slotring_reader_t *reader;
    if (slotring_subscribe(ring, NULL, &reader) == 0)
        (void)slotring_unsubscribe(reader);
}

static void unsubscribe_one(void)
{
    (void)slotring_unsubscribe(kept_reader);
    kept_reader = NULL;
}

static void recover(void)
{
    (void)slotring_recover(ring, NULL);
}

static void look(void)
{
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_participant_t people[4];
    slotring_reader_info_t readers[4];
    slotring_blocker_t blockers[4];
    uint32_t count;
    uint64_t findings;
    (void)slotring_info(ring, &info);
    (void)slotring_get_stats(ring, &stats);
    (void)slotring_participants(ring, people, 4, &count);
    (void)slotring_readers(ring, readers, 4, &count);
    (void)slotring_blockers(ring, blockers, 4, &count);
    (void)slotring_check(ring, NULL, NULL, &findings);
}

static slotring_t *observer;
static slotring_ticket_t published;

/* An observer reads by system calls. */
static void look_as_observer(void)
{
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_participant_t people[4];
    slotring_ticket_t ticket;
    char buffer[64];
    uint32_t count;
    uint64_t findings, next;
    (void)slotring_info(observer, &info);
    (void)slotring_get_stats(observer, &stats);
    (void)slotring_participants(observer, people, 4, &count);
    (void)slotring_check(observer, NULL, NULL, &findings);
    (void)slotring_ticket_at(observer, published.slot, &ticket);
    (void)slotring_ticket_of_writer(observer, 0, UINT64_MAX, &ticket);
    (void)slotring_writer_progress(observer, 0, &next, NULL);
    (void)slotring_copy(observer, &published, buffer, sizeof buffer, NULL);
    (void)slotring_copy_sequence(observer, published.sequence, buffer, sizeof buffer, NULL);
}

static void close_if_idle(void)
{
    if (slotring_close_if_idle(kept) == 0)
        kept = NULL;
}

static void list(void)
{
    slotring_list_entry_t entries[4];
    uint32_t count;
    (void)slotring_list(NULL, entries, 4, &count, NULL);
}

static void own_ring(void)
{
    slotring_t *own;
    (void)slotring_global(ring_name(), 0, 0, &own, NULL);
}

static void own_ring_away(void)
{
    slotring_global_cleanup();
}

static void move_data(void)
{
    slotring_slot_t slot;
    slotring_ticket_t ticket;
    char buffer[64];
    for (int i = 0; i < 5; i++) {
        if (slotring_allocate(ring, 1, &slot) != 0)
            continue;
        (void)slotring_mark_ready(ring, &slot, 1);
        ticket = slot.ticket;
        if (slotring_acquire_for_read(ring, &ticket, &slot) == 0)
            (void)slotring_release(ring, &slot);
        (void)slotring_copy(ring, &ticket, buffer, sizeof buffer, NULL);
        (void)slotring_free(ring, &ticket);
    }
    (void)slotring_end_stream(ring);
}

static const call_t calls[] = {
    {"open, close", open_and_close},
    {"observe, close", observe_and_close},
    {"create, unlink", create_and_remove},
    {"close", close_one},
    {"subscribe", subscribe_and_unsubscribe},
    {"unsubscribe", unsubscribe_one},
    {"recover", recover},
    {"info, stats, people, check", look},
    {"the same as observer, and copies", look_as_observer},
    {"close if idle", close_if_idle},
    {"list", list},
    {"slotring_global", own_ring},
    {"slotring_global_cleanup", own_ring_away},
    {"data", move_data},
};

static void *with_a_cancellation_pending(void *argument)
{
    const call_t *call = argument;
    int state;
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    (void)pthread_cancel(pthread_self());
    (void)pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    call->run();
    pthread_testcancel();
    return NULL;
}

/* As other processes see it: nothing is locked. As this one does: it can fork, and open. */
static void check_nothing_is_locked(uint64_t participants)
{
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0) {
        check_in_helper("another process");
        slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
        slotring_t *other;
        options.lock_timeout_ns = 10 * SECOND;
        CHECK_OK(slotring_open(&other, ring_name(), &options, NULL));
        CHECK_EQUAL(ring_stats(other).participants, participants + 1);
        CHECK_OK(slotring_close(other));
        _exit(0);
    }
    int status;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK_EQUAL(status, 0);
}

/* To its end: what it was cancelled in is over, and has done its work. */
static void run_cancelled(const call_t *call)
{
    pthread_t thread;
    void *result;
    check_context("%s", call->name);
    CHECK_EQUAL(pthread_create(&thread, NULL, with_a_cancellation_pending, (void *)(uintptr_t)call), 0);
    CHECK_EQUAL(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
}

static void publish_one(slotring_t *to)
{
    published = publish(to, 1, 0);
}

static void every_call_with_a_cancellation_pending(void)
{
    ring = ring_create(ring_name(), 4, 64);
    publish_one(ring);
    observer = ring_observe(ring_name());
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        check_context("%s", calls[i].name);
        kept = ring_attach(ring_name());
        kept_reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        run_cancelled(&calls[i]);
        if (kept)
            CHECK_OK(slotring_close(kept));
        if (kept_reader)
            CHECK_OK(slotring_unsubscribe(kept_reader));
        slotring_global_cleanup();
        check_nothing_is_locked(1);
        check_ring_at_rest(ring);
    }
    CHECK(!ring_exists(ring_name_of("-more")));
    CHECK_OK(slotring_close(observer));
    observer = NULL;
    ring_remove(ring, ring_name());
}

/* ---- The same, in the middle of more --------------------------------------------------------------------- */

/* In the middle of a repair: a cancellation that was pending before would act where the call begins. */
static void is_cancelled_and_logs(void *user, const char *message)
{
    (void)user, (void)message;
    (void)pthread_cancel(pthread_self());
    (void)usleep(1); /* a cancellation point, as printing would be */
}

static atomic_bool returned;

static void *run_call(void *call)
{
    atomic_store(&number, thread_own_number());
    ((const call_t *)call)->run();
    atomic_store(&returned, true);
    pthread_testcancel();
    return NULL;
}

/* Its call is over, and so is the thread then. Only a blocked call may have ended with the thread. */
static void join_cancelled(pthread_t thread, bool may_end)
{
    void *result;
    CHECK_EQUAL(pthread_join(thread, &result), 0);
    if (check_thread_failed())
        FAIL("%s", check_thread_report());
    CHECK(result == PTHREAD_CANCELED);
    CHECK(atomic_load(&returned) || may_end);
}

static pthread_t start_call(const call_t *call)
{
    pthread_t thread;
    check_context("%s", call->name);
    atomic_store(&returned, false);
    atomic_store(&number, 0);
    CHECK_EQUAL(pthread_create(&thread, NULL, run_call, (void *)(uintptr_t)call), 0);
    return thread;
}

static void allocate_in_a_full_ring(void)
{
    slotring_slot_t slot;
    if (slotring_allocate(ring, 1, &slot) == 0)
        (void)slotring_abort(ring, &slot);
}

static void wait_for_a_slot(void)
{
    slotring_slot_t slot;
    if (slotring_allocate_wait(ring, 1, SECOND, &slot) == 0)
        (void)slotring_abort(ring, &slot);
}

static void subscribe_where_no_place_is_free(void)
{
    slotring_reader_t *reader;
    if (slotring_subscribe(ring, NULL, &reader) == 0)
        (void)slotring_unsubscribe(reader);
}

/* Whoever is cancelled repairs after the dead, and calls the host's callback, which may be a cancellation point. Started
 * from what finds nothing: all slots are written, all subscriptions in use. */
static void cancelled_in_a_repair(void)
{
    static const call_t repairs[] = {
        {"recover", recover},
        {"open, close", open_and_close},
        {"slotring_global", own_ring},
        {"allocate", allocate_in_a_full_ring},
        {"allocate_wait", wait_for_a_slot},
        {"subscribe", subscribe_where_no_place_is_free},
    };
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    options.max_readers = 1;
    options.wait_slice_ns = 1000000;
    for (size_t i = 0; i < sizeof repairs / sizeof repairs[0]; i++) {
        ring = ring_open_with(ring_name(), &options);
        slotring_slot_t slots[2];
        peer_t victim = peer_start(BY_EXEC, "cancel-publishes", ring_name());
        peer_expect(&victim, 1);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
        for (int s = 0; s < 2; s++)
            CHECK_OK(slotring_allocate(ring, 1, &slots[s]));
        peer_kill(&victim);
        (void)usleep(2000); /* a slice */
        slotring_set_log(is_cancelled_and_logs, NULL);
        join_cancelled(start_call(&repairs[i]), repairs[i].run == wait_for_a_slot);
        slotring_set_log(NULL, NULL);
        for (int s = 0; s < 2; s++)
            CHECK_OK(slotring_abort(ring, &slots[s]));
        CHECK_OK(slotring_unsubscribe(reader));
        slotring_global_cleanup();
        check_nothing_is_locked(1);
        check_recovered(ring, 1);
        ring_remove(ring, ring_name());
    }
}

static void locks_the_ring(peer_t *test, const char *name)
{
    slotring_t *locked = ring_attach(name);
    CHECK_OK(sr__mutex_lock(locked, PATIENCE, NULL));
    peer_tell(test, 1);
    (void)peer_hear(test);
    sr__mutex_unlock(locked);
    CHECK_OK(slotring_close(locked));
}

static void attach_patiently(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *other;
    options.lock_timeout_ns = PATIENCE;
    CHECK_OK(slotring_open(&other, ring_name(), &options, NULL));
    CHECK_OK(slotring_close(other));
}

static void recover_patiently(void)
{
    CHECK_OK(slotring_recover(kept, NULL));
}

static void unlink_patiently(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.lock_timeout_ns = PATIENCE;
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, &options, NULL), SLOTRING_E_BUSY);
}

/* While it sleeps for a lock that another process has: it goes on, gets the lock, and does its work. */
static void cancelled_in_a_wait_for_the_lock(void)
{
    static const call_t waits[] = {
        {"open", attach_patiently},
        {"recover", recover_patiently},
        {"unlink", unlink_patiently},
    };
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.lock_timeout_ns = PATIENCE;
    ring = ring_create(ring_name(), 4, 64);
    kept = ring_open_with(ring_name(), &options);
    for (size_t i = 0; i < sizeof waits / sizeof waits[0]; i++) {
        peer_t locker = peer_start(BY_EXEC, "cancel-locks", ring_name());
        peer_expect(&locker, 1);
        pthread_t thread = start_call(&waits[i]);
        thread_wait_asleep(&number);
        CHECK_EQUAL(pthread_cancel(thread), 0);
        peer_tell(&locker, 1);
        peer_join(&locker);
        join_cancelled(thread, false);
        check_nothing_is_locked(2);
    }
    CHECK_OK(slotring_close(kept));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- Cancelled at any moment ---------------------------------------------------------------------------- */

static void *all_of_them(void *argument)
{
    (void)argument;
    for (;;)
        for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++)
            if (calls[i].run != close_one && calls[i].run != unsubscribe_one && calls[i].run != close_if_idle)
                calls[i].run();
    return NULL;
}

static void cancelled_at_any_moment(void)
{
    ring = ring_create(ring_name(), 4, 64);
    int64_t end = now_ns() + (int64_t)thorough_seconds() * SECOND;
    for (unsigned long i = 0; i < scaled(100) || now_ns() < end; i++) {
        pthread_t thread;
        CHECK_EQUAL(pthread_create(&thread, NULL, all_of_them, NULL), 0);
        (void)usleep((useconds_t)(100 + rand() % 5000));
        CHECK_EQUAL(pthread_cancel(thread), 0);
        CHECK_EQUAL(pthread_join(thread, NULL), 0);
        slotring_global_cleanup();
        check_nothing_is_locked(1);
        check_ring_at_rest(ring);
    }
    (void)slotring_unlink(ring_name_of("-more"), SLOTRING_UNLINK_FORCE, NULL, NULL);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"every_call_with_a_cancellation_pending", every_call_with_a_cancellation_pending, 0},
    {"cancelled_in_a_repair", cancelled_in_a_repair, 0},
    {"cancelled_in_a_wait_for_the_lock", cancelled_in_a_wait_for_the_lock, 0},
    {"cancelled_at_any_moment", cancelled_at_any_moment, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"cancel-publishes", publishes_and_stays}, {"cancel-locks", locks_the_ring}, {NULL, NULL}};

const test_suite_t cancel_suite = {"cancel", cases, roles};
