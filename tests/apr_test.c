/* SPDX-License-Identifier: Apache-2.0 */
/* What APR leaves to chance: objects that are not complete, not theirs, cut or gone; names that a kill would leak;
 * locks of rings that were removed. The same for every backend is in the other suites, which run over APR, too. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform.h"
#include "support/apr.h"
#include "support/files.h"
#include "support/ring.h"
#include "support/suite.h"

/* Each test here is about one backend: over any other it has nothing to say, and there it is not listed. */
extern const sr__backend_t sr__apr_backend;

static const char *object_path(void)
{
    static char path[300];
    if (!apr_object_path(ring_path(ring_name()), path, sizeof path))
        FAIL("%s is no entry", ring_path(ring_name()));
    return path;
}

static void make_ring(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 5000);
    for (uint64_t n = 0; n < 6; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_close(ring));
}

static void remove_by_force(void)
{
    slotring_error_t error;
    int code = slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, &error);
    if (code != 0)
        FAIL("removing by force gave %s: %s", slotring_error_name(code), error.text);
    check_nothing_left();
}

/* Attaching and observing fail alike, with a sentence and without a fault. */
static void check_refused(int code)
{
    for (uint32_t mode = SLOTRING_ATTACH; mode <= SLOTRING_OBSERVE; mode++) {
        slotring_options_t options = ring_options(mode, 0, 0);
        slotring_t *ring = NULL;
        slotring_error_t error = {0};
        int result = slotring_open(&ring, ring_name(), &options, &error);
        if (result != code)
            FAIL("mode %u: %s (%s), expected %s", mode, slotring_error_name(result), error.text,
                 slotring_error_name(code));
        CHECK(strlen(error.text) > 20);
    }
}

static void says_what_it_cannot(void)
{
    make_ring();
    slotring_t *ring = ring_attach(ring_name());
    slotring_info_t info = ring_info(ring);
    CHECK_STRING(info.backend, "apr");
    CHECK_EQUAL(info.capabilities, SLOTRING_CAN_PERSIST); /* no wake-ups, one user */
    CHECK_EQUAL((uintptr_t)info.payload % 64, 0);         /* APR's own 8 bytes do not shift it */
    ring_remove(ring, ring_name());
}

/* ---- Objects ---------------------------------------------------------------------------------------- */

static void write_size(uint64_t size)
{
    int file = open(object_path(), O_WRONLY | O_CLOEXEC);
    CHECK_SYSTEM(file);
    CHECK_EQUAL(pwrite(file, &size, sizeof(size_t), 0), sizeof(size_t));
    close(file);
}

static void an_object_that_is_not_complete(void)
{
    /* between the creator's shm_open, its ftruncate, and its store of the size: apr_shm_attach gives success, with an
     * address near zero, where it does not run into the end of the file */
    static const long sizes[] = {0, 8, 4096, 4104, 65536};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        check_context("%ld bytes", sizes[i]);
        make_ring();
        CHECK_SYSTEM(truncate(object_path(), 0));
        CHECK_SYSTEM(truncate(object_path(), sizes[i]));
        check_refused(SLOTRING_E_NOT_A_RING);
        slotring_list_entry_t entry;
        uint32_t count = 0;
        CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
        CHECK_EQUAL(count, 1);
        CHECK(entry.status != 0);
        remove_by_force();
    }
    check_context("%s", "");
}

/* Reads all that there is through a reader and by copying. */
static void read_all(slotring_t *ring)
{
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    for (uint64_t n = 2; n < 6; n++)
        take_now(reader, pattern_tag(1, n));
    CHECK_OK(slotring_unsubscribe(reader));
    check_ring(ring);
}

static void a_stored_size_that_is_wrong(void)
{
    /* apr_shm_attach believes it. What cannot be is refused; what can be mapped is used as far as it is really there */
    static const struct {
        uint64_t size;
        int code;
    } rows[] = {
        {0, SLOTRING_E_NOT_A_RING},
        {8, SLOTRING_E_NOT_A_RING},
        {4096, SLOTRING_E_NOT_A_RING},
        {3 * 4096, SLOTRING_E_TRUNCATED},
        {UINT64_C(1) << 30, 0},
        {UINT64_C(1) << 40, 0},
        {UINT64_C(1) << 60, SLOTRING_E_NOT_A_RING},
        {UINT64_MAX, SLOTRING_E_NOT_A_RING},
        {UINT64_MAX - 8, SLOTRING_E_NOT_A_RING},
    };
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    const uint64_t largest = UINT64_C(1) << 30; /* a sanitizer's own memory is in the way of more */
#else
    const uint64_t largest = UINT64_MAX;
#endif
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].size > largest && rows[i].code == 0)
            continue;
        check_context("stored size %llu", (unsigned long long)rows[i].size);
        make_ring();
        write_size(rows[i].size);
        if (rows[i].code != 0) {
            check_refused(rows[i].code);
        } else {
            slotring_t *ring = ring_attach(ring_name()), *observer = ring_observe(ring_name());
            read_all(ring);
            check_ring(observer);
            CHECK_OK(slotring_close(observer));
            CHECK_OK(slotring_close(ring));
        }
        remove_by_force();
    }
    check_context("%s", "");
}

static void anothers_object(void)
{
    /* an object whose path has the same hash, or that somebody has put there: it does not bear the entry's id */
    make_ring();
    int file = open(object_path(), O_RDWR | O_CLOEXEC);
    CHECK_SYSTEM(file);
    static const char text[] = "slotring-apr 0123456789abcdef0123456789abcdef\n";
    CHECK_EQUAL(pwrite(file, text, sizeof text - 1, 64), sizeof text - 1);
    close(file);
    check_refused(SLOTRING_E_NOT_A_RING);
    remove_by_force();
}

static void cut_under_an_observer(void)
{
    /* what others do to the memory is no fault of who only looks at it */
    make_ring();
    slotring_t *observer = ring_observe(ring_name());
    slotring_stats_t stats = {.struct_size = sizeof stats};
    uint8_t buffer[5000];
    slotring_slot_t slot;
    CHECK_SYSTEM(truncate(object_path(), 4096));
    CHECK(slotring_get_stats(observer, &stats) != 0);
    CHECK(slotring_copy_sequence(observer, 5, buffer, sizeof buffer, &slot) != 0);
    CHECK_OK(slotring_close(observer));
    remove_by_force();
}

static void an_object_that_is_gone(void)
{
    /* the machine was restarted, or somebody removed it: the entry is nobody's ring, and in nobody's way */
    make_ring();
    CHECK_SYSTEM(unlink(object_path()));
    check_refused(SLOTRING_E_NOT_FOUND);
    slotring_t *ring = ring_create(ring_name(), 3, 200);
    CHECK_EQUAL(ring_info(ring).slot_count, 3);
    ring_remove(ring, ring_name());
    make_ring();
    CHECK_SYSTEM(unlink(object_path()));
    uint32_t count = 9;
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL));
    CHECK_EQUAL(count, 0);
    check_nothing_left();
    make_ring();
    CHECK_SYSTEM(unlink(object_path()));
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), SLOTRING_E_NOT_FOUND);
    check_nothing_left();
}

static void other_spellings_of_the_directory(void)
{
    /* APR hashes the path as it is spelled; the entry holds the spelling of the one who created the ring */
    make_ring();
    char other[700];
    const char *last = strrchr(directory_path(), '/');
    (void)snprintf(other, sizeof other, "%s/..%s/./", directory_path(), last);
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.directory = other;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    read_all(ring);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, &options, NULL));
    check_nothing_left();
}

/* ---- Names that a kill would leak --------------------------------------------------------------------- */

/* Makes a segment, which does not have the ring's name yet. */
static void creates_half(peer_t *test, const char *name)
{
    const sr__backend_t *os = &sr__apr_backend;
    sr__place_t *place;
    sr__segment_t *segment;
    sr__segment_config_t config = {.size = 16 * os->system.page_size()};
    CHECK_OK(os->names.place_open(NULL, name, &place, NULL));
    CHECK_OK(os->segments.create(place, &config, 0, &segment, NULL));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static int attach(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = NULL;
    return slotring_open(&ring, ring_name(), &options, NULL);
}

static int list(void)
{
    uint32_t count = 9;
    int code = slotring_list(NULL, NULL, 0, &count, NULL);
    CHECK_EQUAL(count, 0);
    return code;
}

static int unlink_it(void)
{
    return slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL);
}

static int create_and_remove(void)
{
    ring_remove(ring_create(ring_name(), 4, 100), ring_name());
    return 0;
}

/* Whoever comes across what a killed one left. */
static const struct {
    const char *name;
    int (*run)(void);
    int code;
} cleaners[] = {
    {"attach", attach, SLOTRING_E_NOT_FOUND},
    {"list", list, 0},
    {"unlink", unlink_it, SLOTRING_E_NOT_FOUND},
    {"create", create_and_remove, 0},
};

static void clean_up_after_the_creator_of(const char *name)
{
    for (size_t i = 0; i < sizeof cleaners / sizeof cleaners[0]; i++) {
        check_context("%s", cleaners[i].name);
        peer_t peer = peer_start(BY_EXEC, "apr-creates-half", name);
        peer_expect(&peer, 1);
        CHECK_EQUAL(apr_objects(directory_path(), false), 1);
        CHECK_CODE(attach(), SLOTRING_E_NOT_FOUND); /* its creator is at work: nobody touches it */
        CHECK_OK(list());
        peer_stop(&peer);
        CHECK_CODE(unlink_it(), SLOTRING_E_NOT_FOUND); /* … or stopped */
        CHECK_EQUAL(apr_objects(directory_path(), false), 1);
        peer_kill(&peer);
        CHECK_EQUAL(apr_objects(directory_path(), false), 1);
        CHECK_CODE(cleaners[i].run(), cleaners[i].code);
        check_nothing_left();
    }
    check_context("%s", "");
}

static void a_killed_creators_object(void)
{
    clean_up_after_the_creator_of(ring_name());
}

static void a_killed_creators_object_of_a_name_never_used_again(void)
{
    clean_up_after_the_creator_of("no-other-will-have-this-name");
}

static void a_killed_removers_object(void)
{
    /* it has taken the entry's name away, and not yet the object's */
    for (size_t i = 0; i < sizeof cleaners / sizeof cleaners[0]; i++) {
        check_context("%s", cleaners[i].name);
        make_ring();
        char journal[800];
        (void)snprintf(journal, sizeof journal, "%s.new.0123456789abcdef0123456789abcdef",
                       ring_path(ring_name()));
        CHECK_SYSTEM(rename(ring_path(ring_name()), journal));
        CHECK_CODE(cleaners[i].run(), cleaners[i].code);
        check_context("%s, then list", cleaners[i].name);
        CHECK_OK(list()); /* its lock file, too */
        check_nothing_left();
    }
    check_context("%s", "");
}

static void a_creator_beside_a_killed_one(void)
{
    /* its journal is its own: cleaning up takes what is the dead one's */
    peer_t dead = peer_start(BY_EXEC, "apr-creates-half", ring_name());
    peer_t alive = peer_start(BY_EXEC, "apr-creates-half", ring_name());
    peer_expect(&dead, 1);
    peer_expect(&alive, 1);
    CHECK_EQUAL(apr_objects(directory_path(), false), 2);
    peer_kill(&dead);
    CHECK_OK(list());
    CHECK_EQUAL(apr_objects(directory_path(), false), 1);
    peer_kill(&alive);
    CHECK_OK(list());
    check_nothing_left();
}

/* ---- Locks ------------------------------------------------------------------------------------------ */

static void dies_in_a_removed_ring(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void locks_of_a_removed_ring(void)
{
    /* its participants still know who of them lives, whoever has the name by now */
    slotring_t *old = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_start(BY_EXEC, "apr-dies-in-removed", ring_name());
    peer_expect(&peer, 1);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_t *second = ring_attach(ring_name());
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(old, &recovery));
    CHECK_EQUAL(recovery.participants, 0);
    CHECK_EQUAL(ring_stats(old).slots_writing, 1);
    peer_kill(&peer);
    CHECK_OK(slotring_recover(old, &recovery));
    CHECK_EQUAL(recovery.participants, 1);
    CHECK_EQUAL(ring_stats(old).slots_writing, 0);
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 0);
    CHECK_OK(slotring_close(old));
    CHECK_OK(slotring_close(second));
    ring_remove(ring, ring_name());
}

/* Asks for everybody's locks all the time. */
static void asks_on(peer_t *test, const char *name)
{
    slotring_t *observed = ring_attach(name);
    slotring_participant_t list[4];
    uint32_t count;
    peer_tell(test, 1);
    while (!peer_speaks(test, 0))
        for (int i = 0; i < 100; i++)
            CHECK_OK(slotring_participants(observed, list, 4, &count));
    CHECK_OK(slotring_close(observed));
}

static void questions_are_in_nobodys_way(void)
{
    /* a question takes the lock for a moment: who wants it for life must not take that for an owner */
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.max_participants = 3;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    peer_t peer = peer_start(BY_EXEC, "apr-asks-on", ring_name());
    peer_expect(&peer, 1);
    for (unsigned long i = 0; i < scaled(1000); i++)
        CHECK_OK(slotring_close(ring_attach(ring_name()))); /* there is one place, and it is always free */
    peer_tell(&peer, 1);
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

/* ---- Kills at random moments -------------------------------------------------------------------------- */

static void produces_on(peer_t *test, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE_OR_ATTACH, 0, 0);
    peer_tell(test, 1);
    slotring_t *ring = ring_open_with(name, &options);
    for (uint64_t n = 0;; n++)
        publish(ring, 2, n);
}

static void reads_on(peer_t *test, const char *name)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE_OR_ATTACH, 0, 0);
    peer_tell(test, 1);
    slotring_t *ring = ring_open_with(name, &options);
    for (uint32_t turn = 0;; turn++) {
        slotring_reader_t *reader = subscribe(ring, turn % 2, SLOTRING_FROM_NOW);
        for (int i = 0; i < 50; i++) {
            slotring_slot_t slot;
            if (slotring_next(reader, MILLISECOND, &slot) != 0)
                continue;
            pattern_check(&slot);
            CHECK_OK(slotring_reader_release(reader));
        }
        CHECK_OK(slotring_unsubscribe(reader));
    }
}

static void kills_at_random_moments(void)
{
    /* of a producer or of a reader, while they open, work, or wait; after each the others get on */
    slotring_t *ring = ring_create(ring_name(), 8, 200);
    static const char *const roles[2] = {"apr-produces", "apr-reads"};
    peer_t peers[2];
    unsigned random = 4711;
    for (int p = 0; p < 2; p++) {
        peers[p] = peer_start(BY_FORK, roles[p], ring_name());
        peer_expect(&peers[p], 1);
    }
    unsigned long kills = scaled(200);
    for (unsigned long i = 0; i < kills; i++) {
        random = random * 1664525u + 1013904223u;
        CHECK(!peer_speaks(&peers[i % 2], 0)); /* it would, if it had failed */
        (void)usleep(random >> 8 & 8191);      /* the moment; nothing is waited for */
        peer_kill(&peers[i % 2]);
        slotring_ticket_t ticket = publish(ring, 1, i);
        slotring_slot_t slot;
        int code = slotring_acquire_for_read(ring, &ticket, &slot);
        CHECK(code == 0 || code == SLOTRING_E_STALE); /* the producer may have come round already */
        if (code == 0)
            CHECK_OK(slotring_release(ring, &slot));
        peers[i % 2] = peer_start(i % 10 == 0 ? BY_EXEC : BY_FORK, roles[i % 2], ring_name());
        peer_expect(&peers[i % 2], 1);
    }
    for (int p = 0; p < 2; p++)
        peer_kill(&peers[p]);
    CHECK_OK(slotring_end_stream(ring));
    check_recovered(ring, 1);
    printf("killed %lu times\n", kills + 2);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"says_what_it_cannot", says_what_it_cannot, 0},
    {"an_object_that_is_not_complete", an_object_that_is_not_complete, 0},
    {"a_stored_size_that_is_wrong", a_stored_size_that_is_wrong, 0},
    {"anothers_object", anothers_object, 0},
    {"cut_under_an_observer", cut_under_an_observer, 0},
    {"an_object_that_is_gone", an_object_that_is_gone, 0},
    {"other_spellings_of_the_directory", other_spellings_of_the_directory, 0},
    {"a_killed_creators_object", a_killed_creators_object, 0},
    {"a_killed_creators_object_of_a_name_never_used_again",
     a_killed_creators_object_of_a_name_never_used_again, 0},
    {"a_killed_removers_object", a_killed_removers_object, 0},
    {"a_creator_beside_a_killed_one", a_creator_beside_a_killed_one, 0},
    {"locks_of_a_removed_ring", locks_of_a_removed_ring, 0},
    {"questions_are_in_nobodys_way", questions_are_in_nobodys_way, 0},
    {"kills_at_random_moments", kills_at_random_moments, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"apr-creates-half", creates_half},
    {"apr-dies-in-removed", dies_in_a_removed_ring},
    {"apr-asks-on", asks_on},
    {"apr-produces", produces_on},
    {"apr-reads", reads_on},
    {NULL, NULL},
};

const test_suite_t apr_suite = {"own", cases, roles};
