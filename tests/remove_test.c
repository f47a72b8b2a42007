/* SPDX-License-Identifier: Apache-2.0 */
/* Removing rings: when the last user goes, however it goes; against opening and closing at the same moment; and
 * removals that are refused. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"

static void attached(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    publish(ring, 1, 0);
    peer_tell(test, 1);
    if (peer_hear(test) == 2)
        CHECK_OK(slotring_close(ring));
    else
        (void)peer_hear(test);
}

/* A ring that is to go when its last user, a helper, does. */
static peer_t make_doomed_ring(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_start(BY_EXEC, "remove-attached", ring_name());
    peer_expect(&peer, 1);
    CHECK_OK(slotring_close(ring));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL));
    return peer;
}

static void check_order(slotring_t *ring, slotring_t *viewer, uint32_t expected)
{
    slotring_list_entry_t entry;
    uint32_t count = 0;
    CHECK_EQUAL(ring_info(ring).remove_when_unused, expected);
    CHECK_EQUAL(ring_info(viewer).remove_when_unused, expected);
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_OK(entry.status);
    CHECK_EQUAL(entry.remove_when_unused, expected);
}

static void when_unused_can_be_seen(void)
{
    /* by those who use it, by observers and in the list: whoever stays attached keeps the ring */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
    slotring_t *viewer = ring_open_with(ring_name(), &options);
    check_order(ring, viewer, 0);
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), SLOTRING_E_BUSY);
    check_order(ring, viewer, 0);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL));
    check_order(ring, viewer, 1);
    CHECK_OK(slotring_close(viewer));
    CHECK_OK(slotring_close(ring));
    check_nothing_left();
}

static void when_unused_by_closing(void)
{
    peer_t peer = make_doomed_ring();
    peer_tell(&peer, 2);
    peer_join(&peer);
    check_nothing_left();
}

static void when_unused_by_a_kill(void)
{
    /* nobody was left to remove it; who comes next does, and does not join a ring that was to go */
    for (uint32_t mode = SLOTRING_CREATE_OR_ATTACH; mode <= SLOTRING_ATTACH; mode++) {
        check_context("mode %u", mode);
        peer_t peer = make_doomed_ring();
        peer_kill(&peer);
        slotring_options_t options = ring_options(mode, 0, 0);
        if (mode != SLOTRING_ATTACH)
            options = ring_options(mode, 7, 200);
        slotring_t *ring = NULL;
        slotring_error_t error;
        int code = slotring_open(&ring, ring_name(), &options, &error);
        if (mode == SLOTRING_ATTACH) {
            CHECK_CODE(code, SLOTRING_E_NOT_FOUND);
        } else {
            if (code != 0)
                FAIL("%s: %s", slotring_error_name(code), error.text);
            CHECK_EQUAL(ring_info(ring).slot_count, 7);
            ring_remove(ring, ring_name());
        }
        check_nothing_left();
    }
    check_context("%s", "");
}

static void closes_at_once(peer_t *test, const char *name)
{
    for (;;) {
        slotring_t *ring = ring_create(name, 2, 64);
        peer_tell(test, 1);
        CHECK_OK(slotring_close(ring));
        if (peer_hear(test) != 2)
            return;
    }
}

static void when_unused_against_closing(void)
{
    /* the last user closes at the very moment of the request: one of the two removes it */
    peer_t peer = peer_start(BY_FORK, "remove-closes", ring_name());
    unsigned long rounds = scaled(700);
    for (unsigned long i = 0; i < rounds; i++) {
        peer_expect(&peer, 1);
        int code = slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL);
        CHECK(code == 0 || code == SLOTRING_E_NOT_FOUND);
        peer_tell(&peer, i + 1 < rounds ? 2 : 3); /* its next creation fails if the ring is still there */
    }
    peer_join(&peer);
    check_nothing_left();
}

/* Opens, uses, closes and removes one name, over and over. */
static void storms_on_a_name(peer_t *test, const char *name)
{
    peer_tell(test, 1);
    unsigned random = (unsigned)getpid();
    for (uint64_t n = 0; !peer_speaks(test, 0); n++) {
        random = random * 1664525u + 1013904223u;
        slotring_options_t options = ring_options(random >> 30, 3, 64);
        slotring_t *ring = NULL;
        slotring_error_t error;
        int code = slotring_open(&ring, name, &options, &error);
        if (code != 0 && code != SLOTRING_E_EXISTS && code != SLOTRING_E_NOT_FOUND && code != SLOTRING_E_BUSY)
            FAIL("open (mode %u) gave %s: %s", options.mode, slotring_error_name(code), error.text);
        if (code == 0 && options.mode != SLOTRING_OBSERVE)
            publish(ring, 1, n);
        if (code == 0)
            CHECK_OK(slotring_close(ring));
        code = slotring_unlink(name, (int)(random >> 20 & 1), NULL, &error);
        if (code != 0 && code != SLOTRING_E_NOT_FOUND && code != SLOTRING_E_BUSY)
            FAIL("unlink (how %u) gave %s: %s", random >> 20 & 1, slotring_error_name(code), error.text);
    }
}

static void storm_on_a_name(void)
{
    /* created, opened, closed and removed by four at once, who are killed now and then */
    peer_t peers[4];
    unsigned long rounds = scaled(60);
    for (int p = 0; p < 4; p++) {
        peers[p] = peer_start(BY_FORK, "remove-storms", ring_name());
        peer_expect(&peers[p], 1);
    }
    for (unsigned long i = 0; i < rounds; i++) {
        int p = (int)(i % 4);
        CHECK(!peer_speaks(&peers[p],
                           2 + (int)(i * 7 % 5))); /* a failed helper has ended, and its pipe speaks */
        peer_kill(&peers[p]);
        peers[p] = peer_start(BY_FORK, "remove-storms", ring_name());
        peer_expect(&peers[p], 1);
    }
    for (int p = 0; p < 4; p++) {
        peer_tell(&peers[p], 2);
        peer_join(&peers[p]);
    }
    int code = slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL);
    CHECK(code == 0 || code == SLOTRING_E_NOT_FOUND);
    check_nothing_left();
}

static void a_lock_file_that_is_gone(void)
{
    /* somebody's rm: said so, not taken for a ring that is coming or going, and removed by force */
    CHECK_OK(slotring_close(ring_create(ring_name(), 4, 100)));
    CHECK_SYSTEM(unlink(ring_lock_path(ring_name())));
    for (uint32_t mode = SLOTRING_CREATE_OR_ATTACH; mode <= SLOTRING_ATTACH; mode += 2) {
        slotring_options_t options = ring_options(mode, 0, 0);
        slotring_t *ring = NULL;
        slotring_error_t error;
        CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_CORRUPT);
        CHECK_CONTAINS(error.text, "lock");
    }
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    check_nothing_left();
}

static void a_lone_lock_file(void)
{
    /* what a creator leaves that is killed at the wrong moment is in nobody's way */
    file_write(ring_lock_path(ring_name()), "", 0);
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = NULL;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_NOT_FOUND);
    ring_remove(ring_create(ring_name(), 4, 100), ring_name());
    file_write(ring_lock_path(ring_name()), "", 0);
    uint32_t count = 9;
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL)); /* removes it */
    CHECK_EQUAL(count, 0);
    check_nothing_left();
    file_write(ring_lock_path(ring_name()), "", 0);
    CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), SLOTRING_E_NOT_FOUND);
    check_nothing_left();
}

static void a_removal_that_got_no_further(void)
{
    /* a ring that says it is removed and has its names still: who attaches finishes that. Another word is damage. */
    for (uint32_t state = 2; state <= 77; state += 75) {
        check_context("state %u", state);
        CHECK_OK(slotring_close(ring_create(ring_name(), 4, 100)));
        size_t size;
        uint8_t *memory = ring_map(ring_name(), &size);
        sr__view_t view;
        sr__header_t header;
        memcpy(&header, memory, sizeof header);
        sr__view_bind(&view, &header, memory, true);
        atomic_store(&view.state->state, state);
        ring_unmap(memory);
        slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
        slotring_t *ring = NULL;
        slotring_error_t error;
        CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error),
                   state == SR__REMOVED ? SLOTRING_E_NOT_FOUND : SLOTRING_E_CORRUPT);
        if (state != SR__REMOVED) {
            CHECK_CONTAINS(error.text, "77");
            CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
        }
        check_nothing_left();
    }
    check_context("%s", "");
}

static void may_not_remove(peer_t *test, const char *name)
{
    (void)test;
    CHECK_SYSTEM(setgroups(0, NULL));
    CHECK_SYSTEM(setgid(65533));
    CHECK_SYSTEM(setuid(65533));
    slotring_error_t error;
    CHECK_CODE(slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, &error), SLOTRING_E_ACCESS);
    CHECK_CODE(slotring_unlink(name, SLOTRING_UNLINK_FORCE, NULL, &error), SLOTRING_E_ACCESS);
    CHECK(strlen(error.text) > 20);
}

static void a_refused_removal_changes_nothing(void)
{
    NEEDS_POSIX("users that a test could become");
    /* who may take part may still not remove a file that is another's from a sticky directory */
    if (geteuid() != 0)
        SKIP("only root can become another user");
    CHECK_SYSTEM(chmod(directory_path(), 01777));
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.access = ring_shares_users() ? SLOTRING_ACCESS_ALL : SLOTRING_ACCESS_OWNER;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    CHECK_OK(slotring_close(ring));
    peer_t peer = peer_fork(may_not_remove, ring_name());
    peer_join(&peer);
    ring = ring_attach(ring_name());
    read_once(ring, &ticket);
    CHECK_EQUAL(ring_info(ring).removed, 0);
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"when_unused_can_be_seen", when_unused_can_be_seen, 0},
    {"when_unused_by_closing", when_unused_by_closing, 0},
    {"when_unused_by_a_kill", when_unused_by_a_kill, 0},
    {"when_unused_against_closing", when_unused_against_closing, 0},
    {"storm_on_a_name", storm_on_a_name, 0},
    {"a_lock_file_that_is_gone", a_lock_file_that_is_gone, 0},
    {"a_lone_lock_file", a_lone_lock_file, 0},
    {"a_removal_that_got_no_further", a_removal_that_got_no_further, 0},
    {"a_refused_removal_changes_nothing", a_refused_removal_changes_nothing, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"remove-attached", attached},
    {"remove-closes", closes_at_once},
    {"remove-storms", storms_on_a_name},
    {NULL, NULL},
};

const test_suite_t remove_suite = {"remove", cases, roles};
