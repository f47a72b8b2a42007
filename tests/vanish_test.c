/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody else takes a ring's files away: a cleaner of temporary files, an operator's rm, whoever unmounts the folder.
 * Those attached are told, once where they wait, and go on; nobody takes a removal by slotring_unlink for one of these, nor
 * what cannot be seen any more for something that is gone. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

#if defined(__linux__)
#include <sched.h>
#include <sys/mount.h>
#endif

/* ---- What is taken ---------------------------------------------------------------------------------- */

enum files {
    SEGMENT = 1,
    LOCK = 2,
    OBJECT = 4,
    REPLACED = 8
};

static const struct {
    const char *name;
    unsigned what;
    const char *finding;
} takings[] = {
    {"the segment", SEGMENT, "somebody else removed the files"},
    {"the lock file", LOCK, "is missing: nobody new can join; remove the ring by force"},
    {"both", SEGMENT | LOCK, "somebody else removed the files"},
    {"the object alone", OBJECT, "somebody else removed the files"},
    {"the lock file, another one in its place", LOCK | REPLACED, "is not the one that it was made with"},
    {"the segment, another one in its place", SEGMENT | REPLACED, "somebody else removed the files"},
};

#define TAKINGS (sizeof takings / sizeof takings[0])

/* Where the memory lies elsewhere, nothing leads to it without the entry. */
static char memory[700];

static void take_away(unsigned what)
{
    (void)snprintf(memory, sizeof memory, "%s", ring_memory_path(ring_name()));
    if (what & OBJECT)
        CHECK_SYSTEM(remove(ring_memory_path(ring_name())));
    if (what & SEGMENT)
        file_take_away(ring_path(ring_name()), (what & REPLACED) != 0);
    if (what & LOCK)
        file_take_away(ring_lock_path(ring_name()), (what & REPLACED) != 0);
}

static bool can_be_taken(unsigned what)
{
    return !(what & OBJECT) || strcmp(ring_memory_path(ring_name()), ring_path(ring_name())) != 0;
}

static void clean_up(void)
{
    (void)slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL);
    (void)remove(ring_path(ring_name()));
    (void)remove(ring_lock_path(ring_name()));
    if (memory[0] != 0)
        (void)remove(memory);
}

/* ---- What those say who are attached ---------------------------------------------------------------- */

static void keep_finding(void *user, const char *finding)
{
    (void)snprintf(user, 400, "%s", finding);
}

static void check_finds(slotring_t *ring, const char *expected)
{
    char text[400] = "";
    uint64_t findings = 0;
    CHECK_OK(slotring_check(ring, keep_finding, text, &findings));
    CHECK_EQUAL(findings, expected ? 1 : 0);
    if (expected)
        CHECK_CONTAINS(text, expected);
}

static slotring_t *create_small(void)
{
    slotring_t *ring = ring_create(ring_name(), 2, 100);
    return ring;
}

/* Waits as a reader or as a producer without a slot, long or shortly. Tells: it waits; the code; that it was removed; what the next wait
 * gives. */
static void waits(peer_t *test, const char *how)
{
    slotring_t *ring = ring_attach(how + 3); /* "rs NAME" */
    slotring_slot_t slot;
    bool reads = how[0] == 'r', shortly = how[1] == 's';
    int64_t timeout = shortly ? 20 * MILLISECOND : PATIENCE;
    slotring_reader_t *reader = reads ? subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW) : NULL;
    peer_tell(test, 1);
    int code = SLOTRING_E_TIMEOUT;
    for (int64_t end = now_ns() + PATIENCE; code == SLOTRING_E_TIMEOUT && now_ns() < end;)
        code =
            reads ? slotring_next(reader, timeout, &slot) : slotring_allocate_wait(ring, 1, timeout, &slot);
    peer_tell(test, (uint64_t)-code);
    peer_tell(test, ring_info(ring).removed);
    code = reads ? slotring_next(reader, 150 * MILLISECOND, &slot)
                 : slotring_allocate_wait(ring, 1, 150 * MILLISECOND, &slot);
    peer_tell(test, (uint64_t)-code); /* as before: told once */
    peer_expect(test, 2);
    if (reads)
        CHECK_EQUAL(take(reader), pattern_tag(1, 7)); /* and goes on */
    CHECK_OK(slotring_close(ring));
}

/* All slots in the hands of the test, so that a producer waits. */
static void wait_for(const char *how, unsigned what, const char *finding)
{
    bool reads = how[0] == 'r';
    slotring_t *ring = create_small();
    slotring_t *viewer = ring_observe(ring_name());
    slotring_slot_t slots[2];
    for (int i = 0; i < 2 && !reads; i++)
        CHECK_OK(slotring_allocate(ring, 1, &slots[i]));
    char argument[300];
    (void)snprintf(argument, sizeof argument, "%s %s", how, ring_name());
    peer_t peer = peer_start(BY_EXEC, "vanish-waits", argument);
    peer_expect(&peer, 1);
    CHECK_EQUAL(ring_info(ring).removed, 0);
    CHECK_EQUAL(ring_info(viewer).removed, 0);
    check_finds(viewer, NULL);
    take_away(what);
    peer_expect(&peer, (uint64_t)-SLOTRING_E_REMOVED);
    peer_expect(&peer, 1);
    peer_expect(&peer, (uint64_t)-SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(ring_info(ring).removed, 1);
    CHECK_EQUAL(ring_info(viewer).removed, 1);
    check_finds(ring, finding);
    check_finds(viewer, finding);
    for (int i = 0; i < 2 && !reads; i++)
        CHECK_OK(slotring_abort(ring, &slots[i]));
    publish(ring, 1, 7);
    peer_tell(&peer, 2);
    peer_join(&peer);
    CHECK_OK(slotring_close(viewer));
    CHECK_OK(slotring_close(ring));
    clean_up();
}

static void wait_after_each(const char *how)
{
    for (size_t i = 0; i < TAKINGS; i++) {
        check_context("%s, %s", how, takings[i].name);
        slotring_t *ring = create_small();
        bool can = can_be_taken(takings[i].what);
        ring_remove(ring, ring_name());
        if (can)
            wait_for(how, takings[i].what, takings[i].finding);
    }
    check_context("%s", "");
}

static void a_reader_is_told_once(void)
{
    wait_after_each("rl");
}

static void a_producer_is_told_once(void)
{
    wait_after_each("wl");
}

static void whoever_waits_shortly_is_told(void)
{
    wait_after_each("rs");
}

/* ---- What is none of these -------------------------------------------------------------------------- */

static void a_removal_by_the_library_is_none(void)
{
    slotring_t *ring = create_small();
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 50 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    CHECK_CODE(slotring_next(reader, 1500 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(ring_info(ring).removed, 1);
    check_finds(ring, NULL);
    CHECK_OK(slotring_close(ring));
    check_nothing_left();
}

static unsigned lines;
static char line[300];

static void count_lines(void *user, const char *message)
{
    (void)user;
    lines++;
    (void)snprintf(line, sizeof line, "%s", message);
}

static void it_is_logged_once(void)
{
    slotring_t *ring = create_small();
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    slotring_set_log(count_lines, NULL);
    take_away(SEGMENT | LOCK);
    CHECK_CODE(slotring_next(reader, PATIENCE, &slot), SLOTRING_E_REMOVED);
    for (int i = 0; i < 3; i++)
        CHECK_CODE(slotring_next(reader, 120 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    slotring_set_log(NULL, NULL);
    CHECK_EQUAL(lines, 1);
    CHECK_CONTAINS(line, "files were removed by somebody else");
    CHECK_CONTAINS(line, ring_name());
    CHECK_OK(slotring_close(ring));
    clean_up();
}

/* ---- The next ring of this name --------------------------------------------------------------------- */

static void is_attached(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    peer_tell(test, 1);
    peer_expect(test, 2); /* it is killed before */
    CHECK_OK(slotring_close(ring));
}

/* The lock file of the first ring stays under its name. */
static void the_next_ring_shares_no_locks(void)
{
    slotring_t *first = create_small();
    peer_t peer = peer_start(BY_EXEC, "vanish-attached", ring_name());
    peer_expect(&peer, 1);
    take_away(SEGMENT);
    char lost[700];
    (void)snprintf(lost, sizeof lost, "%s", memory);
    slotring_t *second = create_small(), *third[3];
    peer_kill(&peer);
    for (int i = 0; i < 3; i++)
        third[i] = ring_attach(ring_name());
    CHECK_EQUAL(ring_info(second).participant, 0);
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(second, &recovery));
    CHECK_EQUAL(recovery.participants, 0);
    CHECK_OK(slotring_recover(first, &recovery));
    CHECK_EQUAL(recovery.participants, 1);
    CHECK_OK(slotring_close(first));
    for (int i = 0; i < 3; i++)
        CHECK_OK(slotring_close(third[i]));
    if (over_registry()) /* nothing leads to it any more */
        CHECK_SYSTEM(remove(lost));
    ring_remove(second, ring_name());
}

/* ---- The lock file, for who only looks -------------------------------------------------------------- */

static void lists_as(int status, uint32_t lock_file)
{
    slotring_list_entry_t entry;
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL((int64_t)entry.status, (int64_t)status);
    CHECK_EQUAL(entry.lock_file, lock_file);
    CHECK_EQUAL(entry.slot_count, 2);
}

static void a_list_says_that_nobody_can_join(void)
{
    for (unsigned replaced = 0; replaced <= REPLACED; replaced += REPLACED) {
        slotring_t *ring = create_small();
        lists_as(0, SLOTRING_LOCK_FILE_THERE);
        take_away(LOCK | replaced);
        lists_as(SLOTRING_E_CORRUPT, replaced ? SLOTRING_LOCK_FILE_OTHER : SLOTRING_LOCK_FILE_MISSING);
        slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
        slotring_t *second = NULL;
        CHECK_CODE(slotring_open(&second, ring_name(), &options, NULL), SLOTRING_E_CORRUPT);
        slotring_t *viewer = ring_observe(ring_name());
        check_finds(viewer, "remove the ring by force");
        CHECK_OK(slotring_close(viewer));
        CHECK_OK(slotring_close(ring));
        clean_up();
    }
}

/* ---- Those who see something else ------------------------------------------------------------------- */

#if defined(__linux__)

static void waits_and_says(slotring_t *ring, slotring_reader_t *reader, int64_t timeout, peer_t *test)
{
    slotring_slot_t slot;
    peer_tell(test, (uint64_t)-slotring_next(reader, timeout, &slot));
    peer_tell(test, ring_info(ring).removed);
}

/* Another root, where the place is not: nothing is concluded; then the files go, and the lock file's description tells. */
static void changes_its_root(peer_t *test, const char *argument)
{
    slotring_t *ring = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_SYSTEM(chroot(argument));
    CHECK_SYSTEM(chdir("/"));
    waits_and_says(ring, reader, 1500 * MILLISECOND, test);
    peer_expect(test, 1);
    waits_and_says(ring, reader, PATIENCE, test);
    CHECK_OK(slotring_close(ring));
}

/* Another user, who may not look into the folder. */
static void gives_up_its_rights(peer_t *test, const char *argument)
{
    (void)argument;
    slotring_t *ring = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_SYSTEM(setgid(1234));
    CHECK_SYSTEM(setuid(1234));
    waits_and_says(ring, reader, 1500 * MILLISECOND, test);
    peer_expect(test, 1);
    waits_and_says(ring, reader, PATIENCE, test);
    CHECK_OK(slotring_close(ring));
}

static void hidden_from(role_fn role)
{
    slotring_t *ring = create_small();
    char other[300];
    (void)snprintf(other, sizeof other, "%s/other", directory_path());
    CHECK_SYSTEM(mkdir(other, 0700));
    peer_t peer = peer_fork(role, other);
    peer_expect(&peer, (uint64_t)-SLOTRING_E_TIMEOUT);
    peer_expect(&peer, 0);
    CHECK_EQUAL(ring_info(ring).removed, 0);
    take_away(SEGMENT | LOCK);
    peer_tell(&peer, 1);
    peer_expect(&peer, (uint64_t)-SLOTRING_E_REMOVED);
    peer_expect(&peer, 1);
    peer_join(&peer);
    CHECK_EQUAL(ring_info(ring).removed, 1);
    CHECK_OK(slotring_close(ring));
    CHECK_SYSTEM(rmdir(other));
    clean_up();
}

static void another_root_hides_and_does_not_remove(void)
{
    if (geteuid() != 0)
        SKIP("only root changes its root");
    if (over_registry())
        SKIP("death locks are asked for by name here, which needs the place");
    hidden_from(changes_its_root);
}

static void lost_rights_hide_and_do_not_remove(void)
{
    if (geteuid() != 0)
        SKIP("only root becomes another user");
    if (over_registry())
        SKIP("death locks are asked for by name here, which needs the place");
    hidden_from(gives_up_its_rights);
}

/* The folder is a mount, which goes while the ring is in use. */
static void loses_its_mount(peer_t *test, const char *folder)
{
    CHECK_SYSTEM(unshare(CLONE_NEWNS));
    CHECK_SYSTEM(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
    CHECK_SYSTEM(mount("tmpfs", folder, "tmpfs", 0, "size=2m,mode=700"));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 100);
    options.directory = folder;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    CHECK_CODE(slotring_next(reader, 150 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    CHECK_EQUAL(ring_info(ring).removed, 0);
    char entry[600], object[600] = "";
    if (over_registry()) {
        registry_entry_path(folder, ring_name(), entry, sizeof entry);
        CHECK(registry_object_path(entry, object, sizeof object));
    }
    CHECK_SYSTEM(umount2(folder, MNT_DETACH));
    waits_and_says(ring, reader, PATIENCE, test);
    check_finds(ring, "folder");
    publish(ring, 1, 7); /* and it goes on */
    CHECK_EQUAL(take(reader), pattern_tag(1, 7));
    CHECK_OK(slotring_close(ring));
    if (over_registry()) /* nothing leads to it any more */
        CHECK_SYSTEM(remove(object));
}

static void an_unmounted_folder_is_told(void)
{
    if (geteuid() != 0)
        SKIP("only root mounts");
    pid_t trial = fork();
    if (trial == 0)
        _exit(unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 ? 0 : 1);
    int status;
    CHECK_SYSTEM(waitpid(trial, &status, 0));
    if (status != 0)
        SKIP("no mount namespaces here");
    char folder[300];
    (void)snprintf(folder, sizeof folder, "%s/mount", directory_path());
    CHECK_SYSTEM(mkdir(folder, 0700));
    peer_t peer = peer_fork(loses_its_mount, folder);
    peer_expect(&peer, (uint64_t)-SLOTRING_E_REMOVED);
    peer_expect(&peer, 1);
    peer_join(&peer);
    CHECK_SYSTEM(rmdir(folder));
    check_nothing_left();
}

#else

static void another_root_hides_and_does_not_remove(void)
{
    SKIP("tried on Linux");
}

static void lost_rights_hide_and_do_not_remove(void)
{
    SKIP("tried on Linux");
}

static void an_unmounted_folder_is_told(void)
{
    SKIP("tried on Linux");
}

#endif

static const test_case_t cases[] = {
    {"a_reader_is_told_once", a_reader_is_told_once, 0},
    {"a_producer_is_told_once", a_producer_is_told_once, 0},
    {"whoever_waits_shortly_is_told", whoever_waits_shortly_is_told, 0},
    {"a_removal_by_the_library_is_none", a_removal_by_the_library_is_none, 0},
    {"it_is_logged_once", it_is_logged_once, 0},
    {"the_next_ring_shares_no_locks", the_next_ring_shares_no_locks, 0},
    {"a_list_says_that_nobody_can_join", a_list_says_that_nobody_can_join, 0},
    {"another_root_hides_and_does_not_remove", another_root_hides_and_does_not_remove, 0},
    {"lost_rights_hide_and_do_not_remove", lost_rights_hide_and_do_not_remove, 0},
    {"an_unmounted_folder_is_told", an_unmounted_folder_is_told, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"vanish-waits", waits},
    {"vanish-attached", is_attached},
    {NULL, NULL},
};

const test_suite_t vanish_suite = {"vanish", cases, roles};
