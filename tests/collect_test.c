/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that were to go with their last user, when that one is killed: who only looks says so and removes nothing; the next
 * creation, slotring_unlink and slotring_collect remove them; whoever lives keeps them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "members/options.h"
#include "support/files.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"

/* ---- Rings without users ---------------------------------------------------------------------------- */

static const char *name_from(const char *base, unsigned number)
{
    static char name[4][SLOTRING_NAME_MAX + 8];
    static unsigned turn;
    turn = (turn + 1) % 4;
    (void)snprintf(name[turn], sizeof name[turn], "%.180s.%u", base, number);
    return name[turn];
}

static const char *name_of(unsigned number)
{
    return name_from(ring_name(), number);
}

/* "FIRST COUNT HOW BASE": makes these rings, orders their removal unless HOW is `k`, and is killed as their only user. */
static void makes(peer_t *test, const char *argument)
{
    unsigned first = 0, count = 0;
    char how = 0, base[SLOTRING_NAME_MAX];
    CHECK_EQUAL(sscanf(argument, "%u %u %c %199s", &first, &count, &how, base), 4);
    for (unsigned i = first; i < first + count; i++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
        if (how == 'o')
            options.access = SLOTRING_ACCESS_ALL_OBSERVE;
        slotring_t *ring = NULL;
        CHECK_OK(slotring_open(&ring, name_from(base, i), &options, NULL));
        publish(ring, 1, 7);
        if (how != 'k')
            CHECK_OK(slotring_unlink(name_from(base, i), SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL));
    }
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static peer_t start_users(unsigned first, unsigned count, char how)
{
    char argument[300];
    (void)snprintf(argument, sizeof argument, "%u %u %c %s", first, count, how, ring_name());
    peer_t peer = peer_start(BY_EXEC, "collect-makes", argument);
    peer_expect(&peer, 1);
    for (unsigned i = first; i < first + count && i < first + 4; i++)
        ring_keep(name_of(i)); /* where a ring does not outlive its users, an observer keeps it */
    return peer;
}

static void leave(unsigned first, unsigned count, char how)
{
    peer_t peer = start_users(first, count, how);
    peer_kill(&peer);
}

static uint32_t rings_there(void)
{
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL));
    return count;
}

static slotring_list_entry_t listed(const char *name)
{
    static slotring_list_entry_t list[16];
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, list, 16, &count, NULL));
    for (uint32_t i = 0; i < count && i < 16; i++)
        if (strcmp(list[i].name, name) == 0)
            return list[i];
    FAIL("ring \"%s\" is not in the list", name);
}

/* ---- What was reported ------------------------------------------------------------------------------ */

static struct {
    unsigned calls, removed;
    slotring_error_t last;
    char name[SLOTRING_NAME_MAX + 8];
} told;

static void note_outcome(void *user, const char *name, const slotring_error_t *error)
{
    CHECK(user == &told);
    told.calls++;
    told.removed += error->code == 0;
    told.last = *error;
    (void)snprintf(told.name, sizeof told.name, "%s", name);
}

static void collects(unsigned expected)
{
    uint32_t removed = 99;
    slotring_error_t error;
    memset(&told, 0, sizeof told);
    CHECK_OK(slotring_collect(NULL, note_outcome, &told, &removed, &error));
    CHECK_EQUAL(removed, expected);
    CHECK_EQUAL(told.removed, expected);
}

/* ---- Looking ---------------------------------------------------------------------------------------- */

static void look(const char *name, uint32_t ordered, uint32_t unused)
{
    slotring_list_entry_t entry = listed(name);
    CHECK_OK(entry.status);
    CHECK_EQUAL(entry.remove_when_unused, ordered);
    CHECK_EQUAL(entry.unused, unused);
    slotring_t *viewer = ring_observe(name);
    CHECK_EQUAL(ring_info(viewer).remove_when_unused, ordered);
    CHECK_EQUAL(ring_info(viewer).unused, unused);
    check_ring(viewer);
    CHECK_OK(slotring_close(viewer));
}

static void who_looks_says_it_and_removes_nothing(void)
{
    leave(0, 1, 'k');
    look(name_of(0), 0, 0);
    peer_t user = start_users(1, 1, 'r');
    look(name_of(1), 1, 0);
    slotring_t *ring = ring_attach(name_of(1));
    peer_kill(&user);
    CHECK_EQUAL(ring_info(ring).unused, 0); /* by itself */
    look(name_of(1), 1, 0);
    CHECK_OK(slotring_recover(ring, NULL));
    look(name_of(1), 1, 0);
    CHECK_OK(slotring_close(ring)); /* the last one: it goes */
    CHECK_EQUAL(rings_there(), 1);
    leave(2, 1, 'r');
    for (int turn = 0; turn < 3; turn++)
        look(name_of(2), 1, 1);
    CHECK_EQUAL(rings_there(), 2);
    CHECK_OK(slotring_unlink(name_of(0), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL)); /* and the other one goes */
    check_nothing_left();
}

/* ---- Removing --------------------------------------------------------------------------------------- */

static void collecting_removes_what_nobody_uses(void)
{
    leave(0, 3, 'r');
    leave(3, 1, 'k');
    peer_t user = start_users(4, 1, 'r'); /* a creation, which removes them */
    CHECK_EQUAL(rings_there(), 2);
    collects(0);
    CHECK_EQUAL(told.calls, 0);
    peer_kill(&user);
    collects(1);
    CHECK_EQUAL(told.calls, 1);
    CHECK_STRING(told.name, name_of(4));
    CHECK_EQUAL(rings_there(), 1);
    collects(0);
    CHECK_OK(slotring_unlink(name_of(3), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    check_nothing_left();
}

static void a_creation_removes_them(void)
{
    for (uint32_t mode = SLOTRING_CREATE_OR_ATTACH; mode <= SLOTRING_CREATE; mode++) {
        check_context("mode %u", mode);
        leave(0, 3, 'r');
        CHECK_EQUAL(rings_there(), 3);
        slotring_options_t options = ring_options(mode, 2, 64);
        slotring_t *ring = ring_open_with(name_of(9), &options);
        CHECK_EQUAL(rings_there(), 1);
        ring_remove(ring, name_of(9));
    }
    check_context("%s", "");
}

static void a_removal_removes_them(void)
{
    for (int how = SLOTRING_UNLINK_IF_UNUSED; how <= SLOTRING_UNLINK_FORCE; how++) {
        check_context("how %d", how);
        slotring_t *ring = ring_create(name_of(9), 2, 64);
        leave(0, 3, 'r');
        CHECK_OK(slotring_close(ring));
        CHECK_OK(slotring_unlink(name_of(9), how, NULL, NULL));
        check_nothing_left();
        leave(0, 1, 'r');
        CHECK_CODE(slotring_unlink(name_of(9), how, NULL, NULL), SLOTRING_E_NOT_FOUND);
        check_nothing_left();
    }
    check_context("%s", "");
}

static void an_error_is_none_of_theirs(void)
{
    /* the caller's error is about its own ring, whatever became of the others */
    slotring_error_t error;
    leave(0, 1, 'r');
    CHECK_CODE(slotring_unlink(name_of(9), SLOTRING_UNLINK_IF_UNUSED, NULL, &error), SLOTRING_E_NOT_FOUND);
    CHECK_CONTAINS(error.text, name_of(9));
    slotring_error_t last;
    slotring_last_error(&last);
    CHECK_STRING(last.text, error.text);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    options.directory = "/no/such/folder";
    CHECK_CODE(slotring_collect(&options, note_outcome, &told, NULL, &error), SLOTRING_E_NOT_FOUND);
    CHECK_OK(slotring_collect(NULL, NULL, NULL, NULL, NULL));
    check_nothing_left();
}

/* A creation looks at 32 rings at most; a collection at all. */
static void a_crowded_folder(void)
{
    if (!ring_persists())
        SKIP("a ring goes with its last user here, and no observer keeps so many");
    leave(0, 40, 'r');
    CHECK_EQUAL(rings_there(), 40);
    slotring_t *ring = ring_create(name_of(40), 2, 64);
    CHECK_EQUAL(rings_there(), 9);
    collects(8);
    CHECK_EQUAL(rings_there(), 1);
    ring_remove(ring, name_of(40));
}

/* ---- Who is in the way ------------------------------------------------------------------------------ */

static void has_the_lock(peer_t *test, const char *name)
{
    sr__place_config_t config = {0};
    const sr__backend_t *os = sr__backend_find(NULL, NULL);
    sr__place_t *place;
    sr__locks_t *locks;
    CHECK_OK(os->names.place_open(&config, name, &place, NULL));
    CHECK_OK(os->locks.open(place, false, NULL, &locks, NULL));
    CHECK_OK(os->locks.mutex_lock(locks, 0, NULL));
    peer_tell(test, 1);
    peer_expect(test, 2);
    os->locks.mutex_unlock(locks);
    os->locks.close(locks);
    os->names.place_close(place);
}

static void who_has_the_lock_is_not_waited_for(void)
{
    leave(0, 1, 'r');
    peer_t peer = peer_start(BY_EXEC, "collect-has-the-lock", name_of(0));
    peer_expect(&peer, 1);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    options.lock_timeout_ns = UINT64_MAX;
    slotring_t *ring = ring_open_with(name_of(9), &options);
    CHECK_EQUAL(rings_there(), 2);
    options.lock_timeout_ns = 1;
    uint32_t removed = 99;
    memset(&told, 0, sizeof told);
    CHECK_OK(slotring_collect(&options, note_outcome, &told, &removed, NULL));
    CHECK_EQUAL(removed, 0);
    CHECK_EQUAL(told.calls, 1);
    CHECK_CODE(told.last.code, SLOTRING_E_BUSY);
    CHECK_STRING(told.name, name_of(0));
    peer_tell(&peer, 2);
    peer_join(&peer);
    collects(1);
    ring_remove(ring, name_of(9));
}

static void a_lock_file_that_is_gone_is_reported(void)
{
    leave(0, 1, 'r');
    CHECK_SYSTEM(remove(ring_lock_path(name_of(0))));
    slotring_list_entry_t entry = listed(name_of(0));
    CHECK_EQUAL((int64_t)entry.status, SLOTRING_E_CORRUPT);
    CHECK_EQUAL(entry.unused, UINT32_MAX);
    collects(0);
    CHECK_EQUAL(told.calls, 1);
    CHECK_CODE(told.last.code, SLOTRING_E_CORRUPT);
    CHECK_CONTAINS(told.last.text, "by force");
    CHECK_OK(slotring_unlink(name_of(0), SLOTRING_UNLINK_FORCE, NULL, NULL));
    check_nothing_left();
}

/* Another user, who may look at the ring and no more. */
static void may_only_look(peer_t *test, const char *name)
{
    CHECK_SYSTEM(setgroups(0, NULL));
    CHECK_SYSTEM(setgid(65533));
    CHECK_SYSTEM(setuid(65533));
    slotring_t *viewer = ring_observe(name);
    CHECK_EQUAL(ring_info(viewer).remove_when_unused, 1);
    CHECK_EQUAL(ring_info(viewer).unused, UINT32_MAX);
    CHECK_OK(slotring_close(viewer));
    CHECK_EQUAL(listed(name).unused, UINT32_MAX);
    collects(0);
    CHECK_EQUAL(told.calls, 1);
    CHECK_STRING(told.name, name);
    CHECK_CODE(told.last.code, SLOTRING_E_ACCESS);
    CHECK(strlen(told.last.text) > 20);
    CHECK_OK(slotring_close(ring_create(ring_name(), 2, 64))); /* which the other ring does not disturb */
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    peer_tell(test, 1);
}

static void another_users_ring_is_reported(void)
{
    NEEDS_POSIX("users that a test could become");
    if (geteuid() != 0)
        SKIP("only root can become another user");
    if (!ring_shares_users())
        SKIP("one user here");
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    leave(0, 1, 'o');
    peer_t peer = peer_fork(may_only_look, name_of(0));
    peer_expect(&peer, 1);
    peer_join(&peer);
    look(name_of(0), 1, 1);
    collects(1);
    check_nothing_left();
}

/* ---- Beside those who come -------------------------------------------------------------------------- */

/* Makes a ring or joins it, orders its removal and uses it: as long as it does, the ring is there. */
static void comes_and_goes(peer_t *test, const char *name)
{
    peer_tell(test, 1);
    for (uint64_t n = 0; !peer_speaks(test, 0); n++) {
        slotring_options_t options = ring_options(SLOTRING_CREATE_OR_ATTACH, 3, 64);
        slotring_t *ring = NULL;
        slotring_error_t error;
        int code = slotring_open(&ring, name, &options, &error);
        if (code == SLOTRING_E_BUSY)
            continue;
        if (code != 0)
            FAIL("%s: %s", slotring_error_name(code), error.text);
        CHECK_EQUAL(ring_info(ring).removed, 0);
        code = slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL);
        CHECK(code == 0 || code == SLOTRING_E_BUSY);
        slotring_slot_t slot;
        do { /* of three slots: the others may have written over it before it is read */
            slotring_ticket_t ticket = publish(ring, 1, n);
            code = slotring_acquire_for_read(ring, &ticket, &slot);
        } while (code == SLOTRING_E_STALE);
        CHECK_OK(code);
        pattern_check(&slot);
        CHECK_OK(slotring_release(ring, &slot));
        CHECK_EQUAL(ring_info(ring).removed, 0);
        CHECK_OK(slotring_close(ring));
    }
}

static void beside_those_who_come(void)
{
    peer_t peers[3];
    for (int p = 0; p < 3; p++) {
        peers[p] = peer_start(BY_EXEC, "collect-comes", name_of(0));
        peer_expect(&peers[p], 1);
    }
    unsigned long rounds = scaled(30);
    for (unsigned long i = 0; i < rounds; i++) {
        int p = (int)(i % 3);
        for (int turn = 0; turn < 20; turn++)
            CHECK_OK(slotring_collect(NULL, NULL, NULL, NULL, NULL));
        CHECK(!peer_speaks(&peers[p], 0)); /* a failed helper has ended, and its pipe speaks */
        peer_kill(&peers[p]);
        peers[p] = peer_start(BY_EXEC, "collect-comes", name_of(0));
        peer_expect(&peers[p], 1);
    }
    for (int p = 0; p < 3; p++) {
        peer_tell(&peers[p], 2);
        peer_join(&peers[p]);
    }
    CHECK_OK(slotring_collect(NULL, NULL, NULL, NULL, NULL));
    (void)slotring_unlink(name_of(0), SLOTRING_UNLINK_IF_UNUSED, NULL,
                          NULL); /* its order may have been refused */
    check_nothing_left();
}

static const test_case_t cases[] = {
    {"who_looks_says_it_and_removes_nothing", who_looks_says_it_and_removes_nothing, 0},
    {"collecting_removes_what_nobody_uses", collecting_removes_what_nobody_uses, 0},
    {"a_creation_removes_them", a_creation_removes_them, 0},
    {"a_removal_removes_them", a_removal_removes_them, 0},
    {"an_error_is_none_of_theirs", an_error_is_none_of_theirs, 0},
    {"a_crowded_folder", a_crowded_folder, 0},
    {"who_has_the_lock_is_not_waited_for", who_has_the_lock_is_not_waited_for, 0},
    {"a_lock_file_that_is_gone_is_reported", a_lock_file_that_is_gone_is_reported, 0},
    {"another_users_ring_is_reported", another_users_ring_is_reported, 0},
    {"beside_those_who_come", beside_those_who_come, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"collect-makes", makes},
    {"collect-has-the-lock", has_the_lock},
    {"collect-comes", comes_and_goes},
    {NULL, NULL},
};

const test_suite_t collect_suite = {"collect", cases, roles};
