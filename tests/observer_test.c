/* SPDX-License-Identifier: Apache-2.0 */
/* What can be seen: statistics, participants, readers, who is in the way, the rings of the host; by participants
 * and by observers, who can change nothing. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "support/files.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

static void an_observer_changes_nothing(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_ticket_t ticket = publish(ring, 1, 0), at;
    slotring_t *observer = ring_observe(ring_name());
    slotring_slot_t slot = {0};
    slotring_reader_t *reader = NULL;
    uint32_t count;
    const int read_only = SLOTRING_E_READ_ONLY;
    CHECK_CODE(slotring_allocate(observer, 1, &slot), read_only);
    CHECK_CODE(slotring_allocate_wait(observer, 1, FOR_EVER, &slot), read_only);
    CHECK_CODE(slotring_allocate_batch(observer, 1, &slot, 1, 0, &count), read_only);
    CHECK_CODE(slotring_mark_ready(observer, &slot, 1), read_only);
    CHECK_CODE(slotring_mark_ready_batch(observer, &slot, 1, NULL), read_only);
    CHECK_CODE(slotring_abort(observer, &slot), read_only);
    CHECK_CODE(slotring_end_stream(observer), read_only);
    CHECK_CODE(slotring_acquire_for_read(observer, &ticket, &slot), read_only);
    CHECK_CODE(slotring_release(observer, &slot), read_only);
    CHECK_CODE(slotring_free(observer, &ticket), read_only);
    CHECK_CODE(slotring_subscribe(observer, NULL, &reader), read_only);
    CHECK_CODE(slotring_recover(observer, NULL), read_only);
    CHECK_OK(slotring_interrupt(observer)); /* which never blocks */
    CHECK(reader == NULL);
    CHECK_EQUAL(ring_stats(ring).participants, 1);
    CHECK_OK(slotring_ticket_at(observer, ticket.slot, &at));
    CHECK(same_ticket(&at, &ticket));
    slotring_info_t info = ring_info(observer);
    CHECK_EQUAL(info.participant, UINT32_MAX);
    CHECK(info.payload == NULL);
    CHECK_EQUAL(info.slot_count, 4);
    CHECK(memcmp(info.ring_id, ticket.ring_id, 16) == 0);
    CHECK_OK(slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL));
    CHECK_OK(slotring_close(ring)); /* an observer keeps no ring in place */
    check_nothing_left();
    CHECK_EQUAL(ring_stats(observer).published, 1); /* and can look at its remains */
    CHECK_OK(slotring_close(observer));
}

static void sees_what_is_new(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *observer = ring_observe(ring_name());
    CHECK_EQUAL(ring_stats(observer).published, 0);
    for (uint64_t n = 0; n < 10; n++) {
        publish(ring, 1, n);
        slotring_stats_t mine = ring_stats(ring), theirs = ring_stats(observer);
        CHECK(memcmp(&mine, &theirs, sizeof mine) == 0);
        CHECK_EQUAL(theirs.published, n + 1);
    }
    check_ring(observer);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static void copies(slotring_t *ring, slotring_t *viewer)
{
    uint8_t buffer[200] = {0};
    slotring_slot_t info;
    slotring_ticket_t ticket = publish(ring, 1, 0);
    memset(&info, 0xff, sizeof info);
    CHECK_OK(slotring_copy(viewer, &ticket, buffer, sizeof buffer, &info));
    CHECK(info.data == NULL);
    CHECK_EQUAL(info.tag, pattern_tag(1, 0));
    CHECK_EQUAL(info.sequence, ticket.sequence);
    CHECK_EQUAL(info.index, ticket.slot);
    CHECK_EQUAL(info.length, pattern_length(info.tag, 100));
    CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
    CHECK_OK(slotring_copy(viewer, &ticket, buffer, info.length, NULL)); /* exactly enough */
    uint8_t before[200];
    memcpy(before, buffer, sizeof before);
    uint64_t length = info.length;
    CHECK_CODE(slotring_copy(viewer, &ticket, buffer, length - 1, &info), SLOTRING_E_SIZE);
    CHECK_EQUAL(info.length, length);
    CHECK(memcmp(before, buffer, sizeof before) == 0);
    CHECK_OK(slotring_copy_sequence(viewer, ticket.sequence, buffer, sizeof buffer, &info));
    CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
    CHECK_CODE(slotring_copy_sequence(viewer, ticket.sequence + 1, buffer, sizeof buffer, &info),
               SLOTRING_E_NOT_READY);
    CHECK_CODE(slotring_copy_sequence(viewer, UINT64_MAX, buffer, sizeof buffer, &info),
               SLOTRING_E_NOT_READY);
    CHECK_EQUAL(ring_stats(ring).slots_held, 0);
    for (uint64_t n = 1; n <= 4; n++)
        publish(ring, 1, n);
    CHECK_CODE(slotring_copy(viewer, &ticket, buffer, sizeof buffer, &info), SLOTRING_E_STALE);
    CHECK_CODE(slotring_copy_sequence(viewer, ticket.sequence, buffer, sizeof buffer, &info),
               SLOTRING_E_STALE);
}

static void copies_by_ticket_and_sequence(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *observer = ring_observe(ring_name());
    copies(ring, ring);
    copies(ring, observer);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

/* Publishes as fast as it can until the test says stop. */
static void overwrites(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    for (uint64_t n = 0; !peer_speaks(test, 0); n++) {
        for (int burst = 0; burst < 50; burst++)
            publish(ring, 1, n);
        if (n == 0)
            peer_tell(test, 1);
    }
    CHECK_OK(slotring_close(ring));
}

static void copies_under_an_overwriting_producer(void)
{
    /* all of a message or nothing, although nothing is held and the producer never waits */
    slotring_t *ring = ring_create(ring_name(), 2, 3000), *observer = ring_observe(ring_name());
    peer_t peer = peer_start(BY_EXEC, "observer-overwrites", ring_name());
    peer_expect(&peer, 1);
    static uint8_t buffer[3000];
    uint64_t good = 0, gone = 0;
    unsigned long rounds = scaled(60000);
    for (unsigned long i = 0; i < rounds || good == 0 || gone == 0; i++) { /* until both have been seen */
        slotring_t *viewer = i % 2 == 0 ? observer : ring;
        slotring_ticket_t ticket;
        slotring_slot_t info;
        if (slotring_ticket_at(viewer, i / 2 % 2, &ticket) != 0)
            continue;
        int code = i % 4 < 2 ? slotring_copy(viewer, &ticket, buffer, sizeof buffer, &info)
                             : slotring_copy_sequence(viewer, ticket.sequence, buffer, sizeof buffer, &info);
        if (code == SLOTRING_E_STALE) {
            gone++;
            continue;
        }
        CHECK_OK(code);
        CHECK_EQUAL(info.sequence, ticket.sequence);
        CHECK_EQUAL(info.length, pattern_length(info.tag, 3000));
        CHECK_EQUAL(pattern_verify(buffer, info.length, info.tag), info.length);
        good++;
    }
    peer_tell(&peer, 2);
    peer_join(&peer);
    check_ring(observer);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static void who_is_attached(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 8, 100);
    options.client_name = "first";
    slotring_t *ring = ring_open_with(ring_name(), &options);
    options = ring_options(SLOTRING_ATTACH, 0, 0);
    options.client_name = "second";
    slotring_t *other = ring_open_with(ring_name(), &options), *observer = ring_observe(ring_name());
    slotring_ticket_t ticket = publish(ring, 1, 0);
    slotring_slot_t held, writing;
    hold(other, &ticket, &held);
    CHECK_OK(slotring_allocate(other, 1, &writing));
    slotring_reader_t *reader = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_participant_t list[3];
    uint32_t count = 0;
    for (int viewer = 0; viewer < 2; viewer++) {
        memset(list, 0, sizeof list);
        CHECK_OK(slotring_participants(viewer == 0 ? ring : observer, list, 3, &count));
        CHECK_EQUAL(count, 2);
        int first = strcmp(list[0].name, "first") == 0 ? 0 : 1;
        slotring_participant_t *a = &list[first], *b = &list[1 - first];
        CHECK_STRING(a->name, "first");
        CHECK_STRING(b->name, "second");
        CHECK_EQUAL(a->pid, getpid());
        CHECK_EQUAL(a->uid, own_user());
        CHECK_EQUAL(a->life, SLOTRING_LIFE_RUNNING);
        CHECK_EQUAL(a->incarnation % 2, 1);
        CHECK_EQUAL(a->producing, 1);
        CHECK_EQUAL(a->last_sequence, 0);
        CHECK_EQUAL(a->bytes_written, held.length);
        CHECK_EQUAL(a->slots_writing, 0);
        CHECK_EQUAL(b->slots_writing, 1);
        CHECK_EQUAL(b->slots_held, 1);
        CHECK_EQUAL(b->readers, 1);
        CHECK_EQUAL(b->bytes_read, held.length);
        CHECK_EQUAL(b->last_sequence, UINT64_MAX);
    }
    CHECK_OK(slotring_participants(ring, list, 1, &count)); /* too small a list is filled as far as it goes */
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_participants(ring, NULL, 0, &count));
    CHECK_EQUAL(count, 2);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(other));
    ring_remove(ring, ring_name());
}

static void who_is_subscribed(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *observer = ring_observe(ring_name());
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    options.name = "the-reader";
    options.mode = SLOTRING_LOSSLESS;
    slotring_reader_t *reader;
    for (uint64_t n = 0; n < 5; n++)
        publish(ring, 1, n);
    CHECK_OK(slotring_subscribe(ring, &options, &reader));
    for (uint64_t n = 5; n < 9; n++)
        publish(ring, 1, n);
    take_now(reader, pattern_tag(1, 5));
    slotring_reader_info_t list[2], mine;
    uint32_t count = 0;
    CHECK_OK(slotring_readers(observer, list, 2, &count));
    CHECK_EQUAL(count, 1);
    CHECK_STRING(list[0].name, "the-reader");
    CHECK_EQUAL(list[0].pid, getpid());
    CHECK_EQUAL(list[0].participant, ring_info(ring).participant);
    CHECK_EQUAL(list[0].mode, SLOTRING_LOSSLESS);
    CHECK_EQUAL(list[0].start, 5);
    CHECK_EQUAL(list[0].cursor, 6);
    CHECK_EQUAL(list[0].delivered, 1);
    CHECK_EQUAL(list[0].missed, 0);
    CHECK_EQUAL(list[0].lag, 3);
    CHECK_OK(slotring_reader_info(reader, &mine));
    CHECK(memcmp(&mine, &list[0], sizeof mine) == 0);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_readers(observer, list, 2, &count));
    CHECK_EQUAL(count, 0);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static void who_is_in_the_way(void)
{
    slotring_t *ring = ring_create(ring_name(), 8, 100), *observer = ring_observe(ring_name());
    slotring_t *writer = ring_attach(ring_name()), *holder = ring_attach(ring_name()),
               *laggard = ring_attach(ring_name());
    slotring_blocker_t list[8];
    uint32_t count = 9;
    CHECK_OK(slotring_blockers(observer, list, 8, &count));
    CHECK_EQUAL(count, 0);
    slotring_slot_t writing[1], held[2];
    CHECK_OK(slotring_allocate(writer, 1, &writing[0]));
    slotring_ticket_t tickets[2] = {publish(ring, 1, 0), publish(ring, 1, 1)};
    hold(holder, &tickets[0], &held[0]);
    hold(holder, &tickets[1], &held[1]);
    slotring_reader_t *reader = subscribe(laggard, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    for (uint64_t n = 2; n < 7; n++)
        publish(ring, 1, n);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate(ring, 1, &slot), SLOTRING_E_FULL);
    for (int viewer = 0; viewer < 2; viewer++) {
        CHECK_OK(slotring_blockers(viewer == 0 ? ring : observer, list, 8, &count));
        CHECK_EQUAL(count, 3);
        CHECK_EQUAL(list[0].why, SLOTRING_BLOCKS_BY_LAG); /* worst first */
        CHECK_EQUAL(list[0].slots, 5);
        CHECK_EQUAL(list[0].participant, ring_info(laggard).participant);
        CHECK(list[0].row != UINT32_MAX);
        CHECK_EQUAL(list[1].why, SLOTRING_BLOCKS_BY_HOLDING);
        CHECK_EQUAL(list[1].slots, 2);
        CHECK_EQUAL(list[1].participant, ring_info(holder).participant);
        CHECK_EQUAL(list[1].row, UINT32_MAX);
        CHECK_EQUAL(list[2].why, SLOTRING_BLOCKS_BY_WRITING);
        CHECK_EQUAL(list[2].slots, 1);
        CHECK_EQUAL(list[2].participant, ring_info(writer).participant);
        CHECK_EQUAL(list[2].pid, getpid());
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(laggard));
    CHECK_OK(slotring_close(holder));
    CHECK_OK(slotring_close(writer));
    CHECK_OK(slotring_blockers(ring, list, 8, &count));
    CHECK_EQUAL(count, 0);
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static void rings_of_the_host(void)
{
    slotring_list_entry_t list[4];
    uint32_t count = 9;
    CHECK_OK(slotring_list(NULL, list, 4, &count, NULL));
    CHECK_EQUAL(count, 0);
    const char *names[3] = {ring_name_of("-a"), ring_name_of("-b"), ring_name_of("-c")};
    slotring_t *rings[3];
    for (uint64_t i = 0; i < 3; i++) {
        rings[i] = ring_create(names[i], 4 + i, 100);
        for (uint64_t n = 0; n < i; n++)
            publish(rings[i], 1, n);
    }
    slotring_t *second = ring_attach(names[2]);
    file_write(ring_path("not-a-ring"), "hello", 5);
    CHECK_OK(slotring_list(NULL, list, 4, &count, NULL));
    const uint32_t all = over_registry() ? 3 : 4; /* there the name stands in the file, and not in its own */
    CHECK_EQUAL(count, all);
    uint32_t found = 0;
    for (uint32_t e = 0; e < all; e++) {
        if (strcmp(list[e].name, "not-a-ring") == 0)
            CHECK_EQUAL(list[e].status, SLOTRING_E_NOT_A_RING);
        for (uint32_t i = 0; i < 3; i++) {
            if (strcmp(list[e].name, names[i]) != 0)
                continue;
            found++;
            CHECK_EQUAL(list[e].status, 0);
            CHECK_EQUAL(list[e].participants, i == 2 ? 2 : 1);
            CHECK_EQUAL(list[e].slot_count, 4 + i);
            CHECK_EQUAL(list[e].slot_size, 100);
            CHECK_EQUAL(list[e].published, i);
            CHECK_EQUAL(list[e].owner, own_user());
            CHECK_EQUAL(list[e].segment_size, ring_size(names[i]));
            CHECK_EQUAL(list[e].segment_size, ring_info(rings[i]).segment_size);
            CHECK_STRING(list[e].backend, ring_info(rings[i]).backend);
        }
    }
    CHECK_EQUAL(found, 3);
    CHECK_OK(slotring_list(NULL, list, 1, &count, NULL)); /* counts all, fills what fits */
    CHECK_EQUAL(count, all);
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL));
    CHECK_EQUAL(count, all);
    CHECK_OK(slotring_unlink("not-a-ring", SLOTRING_UNLINK_FORCE, NULL, NULL));
    CHECK_OK(slotring_close(second));
    for (int i = 0; i < 3; i++) {
        CHECK_OK(slotring_close(rings[i]));
        CHECK_OK(slotring_unlink(names[i], SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    }
    check_nothing_left();
}

static void struct_sizes_are_checked(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    slotring_info_t info = {0};
    slotring_stats_t stats = {0};
    slotring_recovery_t recovery = {0};
    CHECK_CODE(slotring_info(ring, &info), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_info(ring, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_get_stats(ring, &stats), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_get_stats(ring, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_recover(ring, &recovery), SLOTRING_E_INVALID);
    struct { /* of a program that knows more fields than the library */
        slotring_info_t known;
        uint64_t more[4];
    } newer;
    memset(&newer, 0xcc, sizeof newer);
    newer.known.struct_size = sizeof newer;
    CHECK_OK(slotring_info(ring, &newer.known));
    CHECK_EQUAL(newer.known.slot_count, 4);
    CHECK_EQUAL(newer.known.struct_size, sizeof newer);
    ring_remove(ring, ring_name());
}

static void lists_that_are_null(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    uint32_t count = 9;
    CHECK_CODE(slotring_readers(ring, NULL, 1, &count), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_readers(ring, NULL, 0, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_blockers(ring, NULL, 1, &count), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_blockers(ring, NULL, 0, NULL), SLOTRING_E_INVALID);
    CHECK_OK(slotring_readers(ring, NULL, 0, &count));
    CHECK_EQUAL(count, 0);
    CHECK_OK(slotring_check(ring, NULL, NULL, NULL));
    ring_remove(ring, ring_name());
}

/* Places that are none, for the calls without a handle. */
static void places_that_are_none(void)
{
    static const struct {
        const char *directory, *backend, *trusted_owner;
        uint64_t reserved;
        int code;
        const char *said;
    } rows[] = {
        {"/no/such/directory", NULL, NULL, 0, SLOTRING_E_NOT_FOUND, "/no/such/directory"},
        {NULL, "no-such-backend", NULL, 0, SLOTRING_E_BACKEND, "no-such-backend"},
        {NULL, NULL, "no-such-user", 0, SLOTRING_E_INVALID, "no-such-user"},
        {NULL, NULL, NULL, 1, SLOTRING_E_INVALID, "reserved"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slotring_options_t options = ring_options(SLOTRING_OBSERVE, 0, 0);
        options.directory = rows[i].directory;
        options.backend = rows[i].backend;
        options.trusted_owner = rows[i].trusted_owner;
        options.reserved[0] = (uint32_t)(rows[i].reserved);
        slotring_error_t error;
        uint32_t count = 9;
        check_context("row %zu", i);
        CHECK_CODE(slotring_list(&options, NULL, 0, &count, &error), rows[i].code);
        CHECK_EQUAL(count, 0);
        CHECK_CONTAINS(error.text, rows[i].said);
        CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, &options, &error), rows[i].code);
        CHECK_CONTAINS(error.text, rows[i].said);
    }
    check_context("%s", "");
}

static const test_case_t cases[] = {
    {"an_observer_changes_nothing", an_observer_changes_nothing, 0},
    {"sees_what_is_new", sees_what_is_new, 0},
    {"copies_by_ticket_and_sequence", copies_by_ticket_and_sequence, 0},
    {"copies_under_an_overwriting_producer", copies_under_an_overwriting_producer, 0},
    {"who_is_attached", who_is_attached, 0},
    {"who_is_subscribed", who_is_subscribed, 0},
    {"who_is_in_the_way", who_is_in_the_way, 0},
    {"rings_of_the_host", rings_of_the_host, 0},
    {"struct_sizes_are_checked", struct_sizes_are_checked, 0},
    {"lists_that_are_null", lists_that_are_null, 0},
    {"places_that_are_none", places_that_are_none, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"observer-overwrites", overwrites}, {NULL, NULL}};

const test_suite_t observer_suite = {"observer", cases, roles};
