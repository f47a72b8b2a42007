/* SPDX-License-Identifier: Apache-2.0 */
/* The portable mechanisms of the POSIX backend: a folder with entries that lead to short-named memory, and locks of
 * whole files. What is the same everywhere is tested by the other suites. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"
#include "support/files.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

static void write_entry(const char *path, const char *object, const char *name)
{
    char text[600];
    int size = snprintf(text, sizeof text,
                        "slotring-posix 1\nobject %s\nsize 4096\nring %032d\nbackend 21\nname %s\n", object,
                        0, name);
    file_write(path, text, (size_t)size);
}

/* The name of an object of this test's folder. */
static void own_object(char object[SR__OBJECT_SIZE])
{
    sr__place_t place = {.directory = realpath(directory_path(), NULL)};
    CHECK(place.directory != NULL);
    sr__posix_object_name(&place, "0123456789abcdef", object);
    free(place.directory);
}

static void make_object(const char *object)
{
    int file = shm_open(object, O_CREAT | O_EXCL | O_RDWR, 0600);
    CHECK_SYSTEM(file);
    close(file);
}

static uint32_t count_rings(void)
{
    uint32_t count = 9;
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL));
    return count;
}

static int attach_code(slotring_error_t *error)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = NULL;
    return slotring_open(&ring, ring_name(), &options, error);
}

static void names_are_short_and_listed(void)
{
    /* macOS takes 31 characters for an object; a ring's name has up to 200 bytes, and cases are kept apart */
    char longest[SLOTRING_NAME_MAX + 1];
    memset(longest, 'n', sizeof longest);
    memcpy(longest, "Aö", 3);
    longest[SLOTRING_NAME_MAX] = 0;
    const char *names[] = {longest, "Run 7", "run 7"};
    slotring_t *rings[3];
    for (int i = 0; i < 3; i++) {
        rings[i] = ring_create(names[i], 2, 64);
        CHECK_AT_LEAST(31, strlen(rings[i]->member.segment->object));
    }
    slotring_list_entry_t list[4];
    uint32_t count = 0, found = 0;
    CHECK_OK(slotring_list(NULL, list, 4, &count, NULL));
    CHECK_EQUAL(count, 3);
    for (uint32_t e = 0; e < count; e++)
        for (int i = 0; i < 3; i++)
            found += strcmp(list[e].name, names[i]) == 0 && list[e].status == 0;
    CHECK_EQUAL(found, 3);
    for (int i = 0; i < 3; i++) {
        CHECK_OK(slotring_close(rings[i]));
        CHECK_OK(slotring_unlink(names[i], SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    }
    check_nothing_left();
}

/* The machine has been restarted: files are there, memory is not. */
static void lose_memory(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 64);
    char object[SR__OBJECT_SIZE];
    memcpy(object, ring->member.segment->object, sizeof object);
    CHECK_OK(slotring_close(ring));
    CHECK_SYSTEM(shm_unlink(object));
}

static void after_a_restart(void)
{
    for (int lock_too = 0; lock_too <= 1; lock_too++) {
        lose_memory();
        CHECK_CODE(attach_code(NULL), SLOTRING_E_NOT_FOUND);
        if (lock_too)
            CHECK_SYSTEM(unlink(ring_lock_path(ring_name())));
        ring_remove(ring_create(ring_name(), 2, 64), ring_name()); /* in nobody's way */
        lose_memory();
        if (lock_too)
            CHECK_SYSTEM(unlink(ring_lock_path(ring_name())));
        CHECK_EQUAL(count_rings(), 0);
        check_nothing_left();
    }
    lose_memory();
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), SLOTRING_E_NOT_FOUND);
    check_nothing_left();
}

static void journal_path(char *path, size_t size)
{
    (void)snprintf(path, size, "%s.new.0123456789abcdef", ring_path(ring_name()));
}

/* The next create, attach, list or unlink removes the memory that a journal names, and then itself. */
static void journal_of_the_killed(const char *name)
{
    char object[SR__OBJECT_SIZE], path[700];
    own_object(object);
    (void)snprintf(path, sizeof path, "%s.new.0123456789abcdef", ring_path(name));
    for (int who = 0; who < 4; who++) {
        check_context("who %d", who);
        make_object(object);
        write_entry(path, object, name);
        if (who == 0)
            ring_remove(ring_create(ring_name(), 2, 64), ring_name());
        else if (who == 1)
            CHECK_CODE(attach_code(NULL), SLOTRING_E_NOT_FOUND);
        else if (who == 2)
            CHECK_EQUAL(count_rings(), 0);
        else
            CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL),
                       SLOTRING_E_NOT_FOUND);
        check_nothing_left();
    }
    check_context("%s", "");
}

static void journal_of_the_killed_creator(void)
{
    journal_of_the_killed(ring_name());
}

static void journal_under_a_name_never_used_again(void)
{
    journal_of_the_killed("no-other-will-have-this-name");
}

static void journal_of_the_living(void)
{
    char object[SR__OBJECT_SIZE], path[700];
    own_object(object);
    journal_path(path, sizeof path);
    make_object(object);
    write_entry(path, object, ring_name());
    int creator = open(path, O_RDWR | O_CLOEXEC);
    CHECK_SYSTEM(creator);
    CHECK_SYSTEM(flock(creator, LOCK_EX));
    CHECK_EQUAL(count_rings(), 0);
    CHECK_CODE(attach_code(NULL), SLOTRING_E_NOT_FOUND);
    CHECK(access(path, F_OK) == 0 && sr__posix_object_exists(object));
    close(creator);
    CHECK_EQUAL(count_rings(), 0);
    check_nothing_left();
}

static void hostile_entries(void)
{
    /* what an entry names is opened and removed: it must be one of ours, and the name must be the ring's */
    char object[SR__OBJECT_SIZE];
    char strange[SR__OBJECT_SIZE];
    own_object(object);
    (void)snprintf(strange, sizeof strange, "/sr.test-%ld", (long)getpid());
    const struct {
        const char *object, *name, *said;
    } rows[] = {
        {strange, NULL, "did not write"},
        {"/sr.01234567.0123456789abcdef0", NULL, "did not write"},
        {"/sr.01234567.0123456789ABCDEF", NULL, "did not write"},
        {"/sr.01234567/0123456789abcdef", NULL, "did not write"},
        {"sr.01234567.0123456789abcdef", NULL, "did not write"},
        {object, "another", "one hash"},
        {object, "", "did not write"},
    };
    make_object(strange);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slotring_error_t error;
        check_context("row %zu", i);
        write_entry(ring_path(ring_name()), rows[i].object, rows[i].name ? rows[i].name : ring_name());
        if (rows[i].name != NULL && rows[i].name[0] != 0)
            make_object(object); /* without it, it would be what a restart of the machine leaves */
        CHECK_CODE(attach_code(&error), SLOTRING_E_NOT_A_RING);
        CHECK_CONTAINS(error.text, rows[i].said);
        CHECK_EQUAL(count_rings(), 0);
        CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
        check_nothing_left();
    }
    check_context("%s", "");
    CHECK(sr__posix_object_exists(strange));
    CHECK_SYSTEM(shm_unlink(strange));
}

static void other_mechanisms(void)
{
    /* a ring of a build with others is refused with a reason, wherever they meet */
    char path[700];
    slotring_error_t error;
    (void)snprintf(path, sizeof path, "%s/slotring.%s", directory_path(), ring_name());
    file_write(path, "x", 1);
    CHECK_CODE(attach_code(&error), SLOTRING_E_BACKEND);
    CHECK_CONTAINS(error.text, "mechanisms");
    CHECK_SYSTEM(unlink(path));
    CHECK_OK(slotring_close(ring_create(ring_name(), 2, 64)));
    size_t size;
    sr__header_t *header = ring_map(ring_name(), &size);
    header->backend = 1;
    header->checksum = sr__layout_checksum(header);
    ring_unmap(header);
    CHECK_CODE(attach_code(&error), SLOTRING_E_BACKEND);
    CHECK_CONTAINS(error.text, "mechanisms");
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    check_nothing_left();
}

static void a_question_is_no_owner(void)
{
    /* a shared lock for a moment is somebody who asks; one that stays is of a stopped process, and costs a place */
    slotring_t *ring = ring_create(ring_name(), 2, 64);
    sr__locks_t *locks;
    sr__place_t *place;
    sr__death_lock_t *lock;
    char path[800];
    CHECK_OK(sr__posix_place_open(NULL, ring_name(), &place, NULL));
    CHECK_OK(sr__posix_locks_open(place, false, NULL, &locks, NULL));
    CHECK_OK(sr__posix_death_lock_take(locks, 7, &lock, NULL));
    CHECK_EQUAL(sr__posix_death_lock_query(locks, 7, NULL), 1);
    sr__death_lock_t *second;
    CHECK_CODE(sr__posix_death_lock_take(locks, 7, &second, NULL), SLOTRING_E_BUSY);
    sr__posix_death_lock_release(lock);
    CHECK_EQUAL(sr__posix_death_lock_query(locks, 7, NULL), 0);
    (void)snprintf(path, sizeof path, "%s/7", locks->deaths);
    int asks = open(path, O_RDONLY | O_CLOEXEC);
    CHECK_SYSTEM(asks);
    CHECK_SYSTEM(flock(asks, LOCK_SH));
    CHECK_EQUAL(sr__posix_death_lock_query(locks, 7, NULL), 0); /* questions do not meet */
    CHECK_CODE(sr__posix_death_lock_take(locks, 7, &lock, NULL), SLOTRING_E_BUSY);
    close(asks);
    CHECK_OK(sr__posix_death_lock_take(locks, 7, &lock, NULL));
    sr__posix_death_lock_release(lock);
    CHECK_SYSTEM(unlink(path));
    CHECK(sr__posix_death_lock_query(locks, 7, NULL) < 0); /* removed by hand: says nothing */
    sr__posix_locks_close(locks);
    sr__posix_place_close(place);
    ring_remove(ring, ring_name());
}

static void closes_all(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t writing, slot;
    CHECK_OK(slotring_allocate(ring, 1, &writing));
    for (int file = 3; file < 256; file++)
        if (file != test->in && file != test->out)
            (void)close(file);
    peer_tell(test, 1);
    peer_expect(test, 2); /* repaired by now */
    CHECK_CODE(slotring_mark_ready(ring, &writing, 1), SLOTRING_E_EVICTED);
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_EVICTED);
    CHECK_OK(slotring_close(ring));
    ring = ring_attach(name); /* and may come back */
    publish(ring, 2, 0);
    CHECK_OK(slotring_close(ring));
}

static void descriptors_closed(void)
{
    /* a host that closes what is not its own gives its locks up: it is taken for dead, and is told */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_fork(closes_all, ring_name());
    peer_expect(&peer, 1);
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    CHECK_EQUAL(recovery.participants, 1);
    publish(ring, 1, 0);
    peer_tell(&peer, 2);
    peer_join(&peer);
    CHECK_EQUAL(ring_stats(ring).published, 2);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void folder_of_the_removed(void)
{
    /* the locks of a ring that was removed by force stay for those who live, and go with the last, even if killed */
    char folder[700], file[800];
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    (void)snprintf(folder, sizeof folder, "%s", ring->member.locks->deaths);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    CHECK_EQUAL(count_rings(), 0);
    CHECK(access(folder, F_OK) == 0);
    CHECK_OK(slotring_close(ring));
    check_nothing_left();
    (void)snprintf(folder, sizeof folder, "%s.77.%lu", ring_lock_path(ring_name()), (unsigned long)geteuid());
    (void)snprintf(file, sizeof file, "%s/0", folder);
    CHECK_SYSTEM(mkdir(folder, 0700));
    file_write(file, "", 0);
    CHECK_EQUAL(count_rings(), 0);
    check_nothing_left();
}

static const test_case_t cases[] = {
    {"names_are_short_and_listed", names_are_short_and_listed, 0},
    {"after_a_restart", after_a_restart, 0},
    {"journal_of_the_killed", journal_of_the_killed_creator, 0},
    {"journal_under_a_name_never_used_again", journal_under_a_name_never_used_again, 0},
    {"journal_of_the_living", journal_of_the_living, 0},
    {"hostile_entries", hostile_entries, 0},
    {"other_mechanisms", other_mechanisms, 0},
    {"a_question_is_no_owner", a_question_is_no_owner, 0},
    {"descriptors_closed", descriptors_closed, 0},
    {"folder_of_the_removed", folder_of_the_removed, 0},
    {NULL, NULL, 0},
};

const test_suite_t registry_suite = {"registry", cases, NULL};
