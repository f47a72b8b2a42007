/* SPDX-License-Identifier: Apache-2.0 */
#include "stage.h"

#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/internals.h"

slotring_options_t stage_options(uint32_t mode)
{
    slotring_options_t options = ring_options(mode, 0, 0);
    if (mode <= SLOTRING_CREATE)
        options = ring_options(mode, SLOTS, SLOT_SIZE);
    options.max_participants = 4;
    options.max_readers = 4;
    options.lock_timeout_ns = 1000000;
    return options;
}

static slotring_t *open_for(const char *name, uint32_t mode, unsigned flags)
{
    slotring_options_t options = stage_options(mode);
    if (flags & SMALL_HOUSE) {
        options.max_participants = flags & DEAD_ONE ? 2 : 1;
        options.max_readers = 1;
    }
    if (flags & FOR_A_GROUP) {
        options.lossless_for = SLOTRING_LOSSLESS_FOR_GROUP;
        options.lossless_group = STRANGE_GROUP;
    }
    slotring_t *ring = NULL;
    CHECK_OK(slotring_open(&ring, name, &options, NULL));
    return ring;
}

/* Killed in the middle of its work. */
static void works(peer_t *test, const char *name)
{
    slotring_t *ring = open_for(name, SLOTRING_ATTACH, 0);
    slotring_slot_t slot, held;
    slotring_ticket_t ticket = publish(ring, 2, 0);
    hold(ring, &ticket, &held);
    (void)subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void hogs(peer_t *test, const char *name)
{
    slotring_t *ring = open_for(name, SLOTRING_ATTACH, 0);
    slotring_slot_t slot;
    for (unsigned i = 0; i < SLOTS; i++)
        CHECK_OK(slotring_allocate(ring, 1, &slot));
    peer_tell(test, 1);
    (void)peer_hear(test);
}

static void attends(peer_t *test, const char *name)
{
    (void)open_for(name, SLOTRING_ATTACH, 0);
    peer_tell(test, 1);
    (void)peer_hear(test);
}

const test_role_t stage_roles[] = {
    {"inject-works", works}, {"inject-hogs", hogs}, {"inject-attends", attends}, {NULL, NULL}};

/* Where rings go with their last user, an observer keeps this one: no participant. */
static slotring_t *keeper;

static void killed_one(const char *role)
{
    peer_t peer = peer_start(BY_FORK, role, ring_name());
    peer_expect(&peer, 1);
    peer_kill(&peer);
}

static void doom(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    peer_t peer = peer_start(BY_FORK, "inject-attends", ring_name());
    peer_expect(&peer, 1);
    CHECK_OK(slotring_close(s->home));
    s->home = NULL;
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, &options, NULL));
    peer_kill(&peer);
}

static void fill(stage_t *s)
{
    s->other = open_for(ring_name(), SLOTRING_ATTACH, 0);
    (void)subscribe(s->other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < SLOTS; n++)
        s->ticket = publish(s->home, 1, n);
}

static void set_ring(stage_t *s, unsigned flags)
{
    s->home = open_for(ring_name(), SLOTRING_CREATE, flags);
    if (!ring_persists())
        keeper = open_for(ring_name(), SLOTRING_OBSERVE, 0);
    for (uint64_t n = 0; n < 3; n++)
        s->ticket = publish(s->home, 1, n);
    CHECK_OK(slotring_end_stream(s->home));
    if (flags & DEAD_ONE)
        killed_one("inject-works");
    if (flags & DEAD_HOG)
        killed_one("inject-hogs");
    if (flags & FULL)
        fill(s);
    if (flags & READING)
        s->reader = subscribe(s->home, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    if (flags & WATCHED)
        s->other = open_for(ring_name(), SLOTRING_OBSERVE, 0);
    if (flags & DOOMED)
        doom(s);
    if (flags & UNUSED) {
        CHECK_OK(slotring_close(s->home));
        s->home = NULL;
    }
    if (flags & DUE) {
        slotring_options_t options = stage_options(SLOTRING_ATTACH);
        CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, &options, NULL));
    }
}

static void make_old(void)
{
    size_t size;
    sr__header_t *header = ring_map(ring_name(), &size);
    memset(header->boot_id, 0x5a, sizeof header->boot_id);
    header->checksum = sr__layout_checksum(header);
    ring_unmap(header);
}

void stage_set(stage_t *s, unsigned flags)
{
    memset(s, 0, sizeof *s);
    s->flags = flags;
    if (flags & (HOME | UNUSED | DOOMED))
        set_ring(s, flags);
    if (flags & OLD)
        make_old();
    if (flags & LOST_LOCK)
        CHECK_EQUAL(remove(ring_lock_path(ring_name())), 0);
    if (flags & LONE_LOCK)
        file_write(ring_lock_path(ring_name()), "", 0);
    if (flags & FOREIGN)
        file_write(ring_path(ring_name()), "This is no ring.", 16);
}

static void close_one(slotring_t **ring)
{
    if (*ring != NULL)
        CHECK_OK(slotring_close(*ring));
    *ring = NULL;
}

void stage_clear(stage_t *s)
{
    slotring_global_cleanup();
    close_one(&s->opened);
    close_one(&s->other);
    close_one(&s->home);
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    int how = s->flags & FOREIGN ? SLOTRING_UNLINK_FORCE : SLOTRING_UNLINK_IF_UNUSED;
    slotring_error_t error;
    int code = slotring_unlink(ring_name(), how, &options, &error);
    if (code != 0 && code != SLOTRING_E_NOT_FOUND)
        FAIL("removing the ring gave %s: %s", slotring_error_name(code), error.text);
    close_one(&keeper);
    check_nothing_left();
}
