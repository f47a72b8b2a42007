/* SPDX-License-Identifier: Apache-2.0 */
/* What a participant that was given the right to write can still do to a ring, as SECURITY.md says: this, and no more. */
#include <stdio.h>
#include <string.h>

#include "support/apr.h"
#include "support/files.h"
#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/ring.h"
#include "support/suite.h"

/* Overwrites the payload, and forges a message's length and tag. */
static void destroys(peer_t *test, const char *name)
{
    size_t size;
    uint8_t *memory = ring_map(name, &size);
    sr__view_t view;
    sr__header_t header;
    memcpy(&header, memory, sizeof header);
    sr__view_bind(&view, &header, memory, true);
    memset(view.payload, 0xee, size - (size_t)(view.payload - memory));
    for (uint32_t i = 0; i < view.slot_count; i++) {
        sr__poke(&sr__slot(&view, i)->length, 3);
        sr__poke(&sr__slot(&view, i)->tag, 4711);
    }
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void contents_are_not_safe(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    char beside[SLOTRING_NAME_MAX + 1];
    (void)snprintf(beside, sizeof beside, "%s", ring_name_of("-beside"));
    slotring_t *other = ring_create(beside, 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0), safe = publish(other, 1, 0);
    slotring_slot_t slot;
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    peer_t peer = peer_start(BY_EXEC, "hostile-writer-destroys", ring_name());
    peer_expect(&peer, 1);
    CHECK_EQUAL(*(const uint8_t *)slot.data, 0xee); /* even while it is held */
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    CHECK_EQUAL(slot.tag, 4711); /* and a ticket is no seal */
    CHECK_EQUAL(slot.length, 3);
    CHECK_OK(slotring_release(ring, &slot));
    read_once(other, &safe); /* another ring is another segment */
    peer_kill(&peer);
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_unlink(beside, SLOTRING_UNLINK_FORCE, NULL, NULL));
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* Takes the process mutex, and keeps it. */
static void keeps_the_lock(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_error_t error;
    CHECK_OK(sr__mutex_lock(ring, 1000000000, &error));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void the_lock_can_be_kept(void)
{
    /* joining, repairing and removing wait, with an error that says for whom; the data does not */
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_start(BY_EXEC, "hostile-writer-keeps-the-lock", ring_name());
    peer_expect(&peer, 1);
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.lock_timeout_ns = MILLISECOND;
    slotring_t *another = NULL;
    slotring_error_t error;
    char pid[40];
    CHECK_CODE(slotring_open(&another, ring_name(), &options, &error), SLOTRING_E_BUSY);
    (void)snprintf(pid, sizeof pid, "process %llu ", (unsigned long long)peer.pid);
    CHECK_CONTAINS(error.text, pid);
    slotring_ticket_t ticket = publish(ring, 1, 0);
    read_once(ring, &ticket);
    slotring_t *observer = ring_observe(ring_name());
    CHECK_EQUAL(ring_stats(observer).published, 1);
    CHECK_OK(slotring_close(observer));
    peer_kill(&peer);
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* ---- Truncation --------------------------------------------------------------------------------------- */

static void reads_on(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_slot_t slot;
    slotring_ticket_t ticket;
    CHECK_OK(slotring_ticket_at(ring, 3, &ticket));
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    peer_tell(test, 1);
    peer_expect(test, 2);
    volatile uint8_t byte = *(const volatile uint8_t *)slot.data;
    (void)byte;
}

static bool is_gone(int code)
{
    return code == SLOTRING_E_TRUNCATED || code == SLOTRING_E_NOT_A_RING || code == SLOTRING_E_CORRUPT;
}

/* An observer, as it was attached, and one that comes now. */
static void check_observers(slotring_t *observer, size_t left)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_participant_t people[2];
    uint32_t count = 0;
    uint8_t buffer[5000];
    slotring_list_entry_t entry;
    slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
    slotring_t *late = NULL;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK(is_gone(entry.status));
    CHECK_EQUAL(entry.segment_size, left);
    CHECK(is_gone(slotring_open(&late, ring_name(), &options, NULL)));
    CHECK_CODE(slotring_copy_sequence(observer, 3, buffer, sizeof buffer, NULL), SLOTRING_E_TRUNCATED);
    int code = slotring_get_stats(observer, &stats);
    CHECK(code == SLOTRING_E_TRUNCATED ||
          (code == 0 && left > 4096)); /* the control parts may still be there */
    CHECK_EQUAL(slotring_check(observer, NULL, NULL, NULL), code);
    CHECK_EQUAL(slotring_participants(observer, people, 2, &count), code);
}

static void truncation_ends_those_who_map(void)
{
    NEEDS_POSIX("segments that change their size");
    if (over_apr())
        SKIP("over APR the segment is not the file that has the ring's name");
    slotring_t *ring = ring_create(ring_name(), 4, 5000);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    size_t size = ring_size(ring_name()), control = (size_t)ring_info(ring).payload_offset;
    CHECK_OK(slotring_close(ring)); /* or this process were ended, too */
    slotring_t *observer = ring_observe(ring_name());
    peer_t peer = peer_start(BY_EXEC, "hostile-writer-reads-on", ring_name());
    peer_expect(&peer, 1);
    CHECK_SYSTEM(truncate(ring_memory_path(ring_name()), (off_t)control));
    peer_tell(&peer, 2);
    int status = peer_wait(&peer);
#if defined(__SANITIZE_ADDRESS__)
    CHECK(!WIFEXITED(status) || WEXITSTATUS(status) != 0); /* reports SIGBUS in its own way */
#else
    CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
#endif
    for (size_t left = control; left <= size; left = left > 0 ? left - 4096 : size + 1) {
        check_context("%zu of %zu bytes", left, size);
        CHECK_SYSTEM(truncate(ring_memory_path(ring_name()), (off_t)left));
        check_observers(observer, left);
    }
    check_context("%s", "");
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, NULL, NULL));
    check_nothing_left();
}

static const test_case_t cases[] = {
    {"contents_are_not_safe", contents_are_not_safe, 0},
    {"the_lock_can_be_kept", the_lock_can_be_kept, 0},
    {"truncation_ends_those_who_map", truncation_ends_those_who_map, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"hostile-writer-destroys", destroys},
    {"hostile-writer-keeps-the-lock", keeps_the_lock},
    {"hostile-writer-reads-on", reads_on},
    {NULL, NULL},
};

const test_suite_t hostile_writer_suite = {"hostile_writer", cases, roles};
