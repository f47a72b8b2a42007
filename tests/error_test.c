/* SPDX-License-Identifier: Apache-2.0 */
/* Error codes, their names and texts, the last error of a thread, the log, the version. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

static void every_code_has_a_name_and_a_text(void)
{
    static const struct {
        int code;
        const char *name;
    } rows[] = {
#define ROW(name, number, text) {SLOTRING_E_##name, "SLOTRING_E_" #name},
        SLOTRING_ERROR_MAP(ROW)
#undef ROW
    };
    size_t count = sizeof rows / sizeof rows[0];
    CHECK_EQUAL(count, -SLOTRING_E_LAST - 1);
    for (size_t i = 0; i < count; i++) {
        CHECK_STRING(slotring_error_name(rows[i].code), rows[i].name);
        CHECK(strlen(slotring_strerror(rows[i].code)) > 5);
        for (size_t j = 0; j < i; j++) {
            CHECK(rows[i].code != rows[j].code);
            CHECK(strcmp(slotring_strerror(rows[i].code), slotring_strerror(rows[j].code)) != 0);
        }
    }
}

static void numbers_never_change(void)
{
    /* part of the binary interface */
    CHECK_EQUAL((int64_t)SLOTRING_E_INVALID, (int64_t)-1);
    CHECK_EQUAL((int64_t)SLOTRING_E_FULL, (int64_t)-5);
    CHECK_EQUAL((int64_t)SLOTRING_E_STALE, (int64_t)-10);
    CHECK_EQUAL((int64_t)SLOTRING_E_GEOMETRY, (int64_t)-18);
    CHECK_EQUAL((int64_t)SLOTRING_E_CLOSED, (int64_t)-34);
    CHECK_EQUAL((int64_t)SLOTRING_E_OS, (int64_t)-40);
    CHECK_EQUAL((int64_t)SLOTRING_E_OTHER_BOOT, (int64_t)-41);
    CHECK_EQUAL((int64_t)SLOTRING_E_REMOVED, (int64_t)-42);
}

static void structs_never_change(void)
{
    /* nor this: new fields take the place of reserved ones, or lie behind the last one where the struct has a size. A
     * ticket goes by any message to any program. */
    CHECK_EQUAL(sizeof(slotring_ticket_t), 32);
    CHECK_EQUAL(offsetof(slotring_ticket_t, sequence), 16);
    CHECK_EQUAL(offsetof(slotring_ticket_t, slot), 24);
    CHECK_EQUAL(offsetof(slotring_ticket_t, flags), 28);
    if (sizeof(void *) != 8)
        return;
    CHECK_EQUAL(sizeof(slotring_slot_t), 224);
    CHECK_EQUAL(offsetof(slotring_slot_t, kind), 60);
    CHECK_EQUAL(offsetof(slotring_slot_t, ticket), 64);
    CHECK_EQUAL(offsetof(slotring_slot_t, number), 96);
    CHECK_EQUAL(offsetof(slotring_slot_t, producer), 112);
    CHECK_EQUAL(offsetof(slotring_slot_t, internal), 128);
    CHECK_EQUAL(offsetof(slotring_slot_t, reserved), 160);
    CHECK_EQUAL(sizeof(slotring_error_t), 504);
    CHECK_EQUAL(sizeof(slotring_options_t), 312);
    CHECK_EQUAL(sizeof(slotring_reader_options_t), 184);
    CHECK_EQUAL(sizeof(slotring_info_t), 528);
    CHECK_EQUAL(sizeof(slotring_stats_t), 320);
    CHECK_EQUAL(sizeof(slotring_participant_t), 264);
    CHECK_EQUAL(sizeof(slotring_reader_info_t), 352);
    CHECK_EQUAL(sizeof(slotring_blocker_t), 176);
    CHECK_EQUAL(sizeof(slotring_list_entry_t), 368);
    CHECK_EQUAL(sizeof(slotring_recovery_t), 112);
}

static void unknown_codes(void)
{
    static const int codes[] = {1, 41, -42, -43, -1000, 0x7fffffff, -0x7fffffff - 1};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        CHECK(slotring_strerror(codes[i]) != NULL && slotring_strerror(codes[i])[0] != 0);
        CHECK(slotring_error_name(codes[i]) != NULL && slotring_error_name(codes[i])[0] != 0);
    }
    CHECK(slotring_strerror(0)[0] != 0);
    CHECK(slotring_error_name(0)[0] != 0);
}

static void other_thread(void *argument)
{
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, 0); /* none yet in this one */
    slotring_ticket_t ticket;
    CHECK_CODE(slotring_ticket_at(argument, 99, &ticket), SLOTRING_E_INVALID);
}

static void last_error_is_the_threads_own(void)
{
    slotring_error_t error;
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, 0);
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 12345, &slot), SLOTRING_E_TOO_LARGE);
    thread_start(other_thread, ring);
    threads_join();
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, SLOTRING_E_TOO_LARGE);
    CHECK_CONTAINS(error.text, "12345");
    CHECK_OK(slotring_allocate(ring, 1, &slot)); /* success leaves it */
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_abort(ring, &slot));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    slotring_t *second = NULL;
    slotring_error_t given;
    CHECK_CODE(slotring_open(&second, ring_name(), &options, &given), SLOTRING_E_EXISTS);
    CHECK_CONTAINS(given.text, ring_name());
    slotring_last_error(&error);
    CHECK_EQUAL(error.code, SLOTRING_E_EXISTS);
    CHECK_STRING(error.text, given.text);
    ring_remove(ring, ring_name());
    /* what the library looks for after the error leaves no other sentence */
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, &given), SLOTRING_E_NOT_FOUND);
    slotring_last_error(&error);
    CHECK_STRING(error.text, given.text);
}

static void arguments_that_are_null(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    uint32_t count;
    uint64_t findings;
    const int invalid = SLOTRING_E_INVALID;
    CHECK_CODE(slotring_allocate(ring, 1, NULL), invalid);
    CHECK_CODE(slotring_allocate_wait(ring, 1, 0, NULL), invalid);
    CHECK_CODE(slotring_mark_ready(ring, NULL, 1), invalid);
    CHECK_CODE(slotring_abort(ring, NULL), invalid);
    CHECK_CODE(slotring_acquire_for_read(ring, &ticket, NULL), invalid);
    CHECK_CODE(slotring_release(ring, NULL), invalid);
    CHECK_CODE(slotring_ticket_at(ring, 0, NULL), invalid);
    CHECK_CODE(slotring_copy(ring, &ticket, NULL, 100, NULL), invalid);
    CHECK_CODE(slotring_copy(ring, NULL, &findings, 8, NULL), invalid);
    CHECK_CODE(slotring_copy_sequence(ring, 0, NULL, 100, NULL), invalid);
    CHECK_CODE(slotring_next(reader, 0, NULL), invalid);
    CHECK_CODE(slotring_reader_info(reader, NULL), invalid);
    CHECK_CODE(slotring_participants(ring, NULL, 1, &count), invalid);
    CHECK_CODE(slotring_participants(ring, NULL, 0, NULL), invalid);
    CHECK_CODE(slotring_list(NULL, NULL, 1, &count, NULL), invalid);
    CHECK_CODE(slotring_list(NULL, NULL, 0, NULL, NULL), invalid);
    CHECK_CODE(slotring_subscribe(ring, NULL, NULL), invalid);
    CHECK_CODE(slotring_reader_death(reader, NULL), invalid);
    CHECK_CODE(slotring_allocate_batch(ring, 1, NULL, 2, 0, &count), invalid);
    CHECK_CODE(slotring_mark_ready_batch(ring, NULL, 2, &count), invalid);
    CHECK_OK(slotring_mark_ready_batch(ring, NULL, 0, NULL));
    CHECK_CODE(slotring_next_batch(reader, 0, NULL, 2, &count), invalid);
    CHECK_CODE(slotring_info(ring, NULL), invalid);
    CHECK_CODE(slotring_get_stats(ring, NULL), invalid);
    CHECK_CODE(slotring_open(NULL, ring_name(), NULL, NULL), invalid);
    CHECK_CODE(slotring_global(NULL, 0, 0, NULL, NULL), invalid);
    CHECK_EQUAL(ring_stats(ring).slots_free, 3); /* nothing was lost on the way */
    take_now(reader, pattern_tag(1, 0));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void reader_options_are_checked(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_reader_options_t good, bad;
    slotring_reader_t *reader;
    slotring_error_t error;
    slotring_reader_options_init(&good);
    bad = good, bad.struct_size = 3;
    CHECK_CODE(slotring_subscribe(ring, &bad, &reader), SLOTRING_E_INVALID);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "struct_size 3");
    bad = good, bad.mode = 3;
    CHECK_CODE(slotring_subscribe(ring, &bad, &reader), SLOTRING_E_INVALID);
    bad = good, bad.start = 2;
    CHECK_CODE(slotring_subscribe(ring, &bad, &reader), SLOTRING_E_INVALID);
    bad = good, bad.reserved[3] = 1;
    CHECK_CODE(slotring_subscribe(ring, &bad, &reader), SLOTRING_E_INVALID);
    CHECK(reader == NULL);
    CHECK_EQUAL(ring_stats(ring).readers, 0);
    CHECK_OK(slotring_subscribe(ring, &good, &reader));
    CHECK_OK(slotring_unsubscribe(reader));
    ring_remove(ring, ring_name());
}

/* The struct is the caller's, who may have copied it: the hold is there once. */
static void a_copied_slot_goes_back_once(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t held, writing, copy;
    hold(ring, &ticket, &held);
    copy = held;
    CHECK_OK(slotring_release(ring, &held));
    CHECK_CODE(slotring_release(ring, &copy), SLOTRING_E_NOT_HELD);
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    copy = writing;
    CHECK_OK(slotring_mark_ready(ring, &writing, 1));
    CHECK_CODE(slotring_mark_ready(ring, &copy, 1), SLOTRING_E_STATE);
    CHECK_CODE(slotring_abort(ring, &copy), SLOTRING_E_STATE);
    CHECK_EQUAL(ring_stats(ring).published, 2);
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* An observer never blocks, so there is nothing to interrupt; and it may do nothing that changes the ring. */
static void what_an_observer_is_told(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *observer = ring_observe(ring_name());
    slotring_slot_t slot;
    CHECK_OK(slotring_interrupt(observer));
    CHECK_CODE(slotring_interrupt(NULL), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_allocate(observer, 1, &slot), SLOTRING_E_READ_ONLY);
    CHECK_CODE(slotring_recover(observer, NULL), SLOTRING_E_READ_ONLY);
    CHECK_CODE(slotring_end_stream(observer), SLOTRING_E_READ_ONLY);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* The process's own ring without a backend, with an empty choice, and of a name that is taken by another geometry. */
static void the_own_ring_is_refused(void)
{
    const char *own = getenv("SLOTRING_BACKEND");
    char before[32] = "";
    slotring_t *ring = NULL, *other;
    uint64_t written = 7, read = 7;
    (void)snprintf(before, sizeof before, "%s", own != NULL ? own : "");
    CHECK_SYSTEM(setenv("SLOTRING_BACKEND", "none-such", 1));
    CHECK_CODE(slotring_global(ring_name(), 1000, 100, &ring, NULL), SLOTRING_E_BACKEND);
    CHECK(ring == NULL);
    slotring_global_stats(&written, &read);
    CHECK_EQUAL(written + read, 0);
    slotring_global_cleanup();
    CHECK_SYSTEM(setenv("SLOTRING_BACKEND", before, 1)); /* an empty one is none */
    other = ring_create(ring_name(), 4, 100);
    slotring_error_t error;
    CHECK_CODE(slotring_global(ring_name(), 1000, 50, &ring, &error), SLOTRING_E_GEOMETRY);
    CHECK(ring == NULL);
    CHECK_EQUAL(error.code, SLOTRING_E_GEOMETRY);
    CHECK_OK(slotring_global(ring_name(), 400, 100, &ring, &error)); /* the next call tries again */
    slotring_global_stats(NULL, NULL);
    publish(ring, 1, 0);
    slotring_global_stats(&written, NULL);
    CHECK_EQUAL(written, ring_stats(other).bytes_written);
    slotring_global_cleanup();
    slotring_global_cleanup();
    CHECK_EQUAL(ring_stats(other).participants, 1); /* it did not create the ring, so it did not remove it */
    ring_remove(other, ring_name());
}

static char logged[2000];
static atomic_uint log_count;

static void log_it(void *user, const char *message)
{
    CHECK(user == &log_count);
    size_t used = strlen(logged);
    (void)snprintf(logged + used, sizeof logged - used, "%s\n", message);
    atomic_fetch_add(&log_count, 1);
}

static void dies(peer_t *test, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.client_name = "unlucky";
    slotring_t *ring = ring_open_with(name, &options);
    publish(ring, 1, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void the_log_names_the_dead(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_set_log(log_it, &log_count);
    for (int quiet = 0; quiet <= 1; quiet++) {
        peer_t peer = peer_start(BY_FORK, "error-dies", ring_name());
        peer_expect(&peer, 1);
        peer_kill(&peer);
        CHECK_OK(slotring_recover(ring, NULL));
        CHECK_AT_LEAST(atomic_load(&log_count), 1);
        char number[16];
        (void)snprintf(number, sizeof number, "%d", (int)peer.pid);
        if (quiet == 0) {
            CHECK_CONTAINS(logged, "unlucky");
            CHECK_CONTAINS(logged, number);
            slotring_set_log(NULL, NULL);
            logged[0] = 0;
        } else {
            CHECK_STRING(logged, "");
        }
    }
    ring_remove(ring, ring_name());
}

static atomic_uint logging_over, log_mixed;
static int log_users[2];

static void log_to_first(void *user, const char *message)
{
    (void)message;
    atomic_fetch_add(&log_mixed, user != &log_users[0]);
}

static void log_to_second(void *user, const char *message)
{
    (void)message;
    atomic_fetch_add(&log_mixed, user != &log_users[1]);
}

static void log_on(void *argument)
{
    (void)argument;
    while (atomic_load(&logging_over) == 0 && threads_go_on())
        sr__log("%s", "news");
}

static void the_log_is_set_while_others_log(void)
{
    thread_start(log_on, NULL);
    thread_start(log_on, NULL);
    for (unsigned long n = scaled(20000); n > 0; n--) {
        slotring_set_log(n % 2 ? log_to_first : log_to_second, &log_users[n % 2 ? 0 : 1]);
        if (n % 16 == 0)
            slotring_set_log(NULL, NULL);
    }
    atomic_store(&logging_over, 1);
    threads_join();
    slotring_set_log(NULL, NULL);
    CHECK_EQUAL(atomic_load(&log_mixed), 0);
}

/* Is in the midst of what only one process does at a time, for as long as the test likes. */
static void holds_the_lock(peer_t *test, const char *name)
{
    slotring_error_t error;
    const sr__backend_t *os = sr__backend_find(NULL, &error);
    const sr__place_config_t config = {.directory = NULL};
    sr__place_t *place;
    sr__locks_t *locks;
    CHECK_OK(os->names.place_open(&config, name, &place, &error));
    CHECK_OK(os->locks.open(place, false, NULL, &locks, &error));
    CHECK_OK(os->locks.mutex_lock(locks, (uint64_t)SECOND, NULL));
    peer_tell(test, 1);
    peer_expect(test, 2);
    os->locks.mutex_unlock(locks);
    os->locks.close(locks);
    os->names.place_close(place);
}

static void busy_after_the_lock_timeout(void)
{
    /* whoever needs the ring's lock waits lock_timeout_ns for another process that holds it; force goes without */
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.lock_timeout_ns = (uint64_t)MILLISECOND;
    slotring_t *ring = ring_open_with(ring_name(), &options), *second = NULL;
    slotring_error_t error;
    peer_t peer = peer_start(BY_EXEC, "error-holds-lock", ring_name());
    peer_expect(&peer, 1);
    options.mode = SLOTRING_ATTACH;
    CHECK_CODE(slotring_open(&second, ring_name(), &options, &error), SLOTRING_E_BUSY);
    CHECK_CONTAINS(error.text, ring_name());
    CHECK(second == NULL);
    CHECK_CODE(slotring_recover(ring, NULL), SLOTRING_E_BUSY);
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, &options, &error), SLOTRING_E_BUSY);
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, &options, &error), SLOTRING_E_BUSY);
    CHECK_EQUAL(ring_info(ring).remove_when_unused, 0);
    publish(ring, 1, 0); /* data needs no lock */
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, &options, &error));
    CHECK_EQUAL(ring_info(ring).removed, 1);
    peer_tell(&peer, 2);
    peer_join(&peer);
    CHECK_OK(slotring_close(ring));
    check_nothing_left();
}

static void version(void)
{
    CHECK_STRING(slotring_version(), SLOTRING_VERSION_STRING);
    char text[32];
    (void)snprintf(text, sizeof text, "%d.%d.%d", SLOTRING_VERSION_MAJOR, SLOTRING_VERSION_MINOR,
                   SLOTRING_VERSION_PATCH);
    CHECK_STRING(slotring_version(), text);
    CHECK_EQUAL(SLOTRING_VERSION,
                SLOTRING_VERSION_MAJOR * 1000000 + SLOTRING_VERSION_MINOR * 1000 + SLOTRING_VERSION_PATCH);
}

static const test_case_t cases[] = {
    {"every_code_has_a_name_and_a_text", every_code_has_a_name_and_a_text, 0},
    {"numbers_never_change", numbers_never_change, 0},
    {"structs_never_change", structs_never_change, 0},
    {"unknown_codes", unknown_codes, 0},
    {"last_error_is_the_threads_own", last_error_is_the_threads_own, 0},
    {"arguments_that_are_null", arguments_that_are_null, 0},
    {"reader_options_are_checked", reader_options_are_checked, 0},
    {"a_copied_slot_goes_back_once", a_copied_slot_goes_back_once, 0},
    {"what_an_observer_is_told", what_an_observer_is_told, 0},
    {"the_own_ring_is_refused", the_own_ring_is_refused, 0},
    {"the_log_names_the_dead", the_log_names_the_dead, 0},
    {"the_log_is_set_while_others_log", the_log_is_set_while_others_log, TEST_THREADS},
    {"busy_after_the_lock_timeout", busy_after_the_lock_timeout, 0},
    {"version", version, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"error-dies", dies}, {"error-holds-lock", holds_the_lock}, {NULL, NULL}};

const test_suite_t error_suite = {"error", cases, roles};
