/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that are no rings, or rings no longer, or not ours: refused with the reason, never used, never a
 * fault. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/apr.h"
#include "support/files.h"
#include "support/internals.h"
#include "support/posix_calls.h"
#include "support/registry.h"
#include "support/ring.h"
#include "support/suite.h"

/* Attaching and observing must both give `code`, with a sentence, and listing must say the same. */
static void check_refused(int code, const char *said)
{
    for (uint32_t mode = SLOTRING_CREATE_OR_ATTACH; mode <= SLOTRING_OBSERVE; mode++) {
        if (mode == SLOTRING_CREATE)
            continue;
        slotring_options_t options = ring_options(mode, 0, 0);
        slotring_t *ring = NULL;
        slotring_error_t error = {0};
        int result = slotring_open(&ring, ring_name(), &options, &error);
        if (result == 0)
            FAIL("mode %u: opened, expected %s", mode, slotring_error_name(code));
        if (result != code)
            FAIL("mode %u: %s (%s), expected %s", mode, slotring_error_name(result), error.text,
                 slotring_error_name(code));
        CHECK(ring == NULL);
        CHECK(strlen(error.text) > 20);
        CHECK_CONTAINS(error.text, said);
    }
}

/* Never a crash and never a ring that is used: any refusal is right. */
static void check_refused_somehow(void)
{
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    for (int observe = 0; observe <= 1; observe++) {
        options.mode = observe ? SLOTRING_OBSERVE : SLOTRING_ATTACH;
        slotring_t *ring = NULL;
        slotring_error_t error = {0};
        int code = slotring_open(&ring, ring_name(), &options, &error);
        if (code == 0)
            FAIL("a damaged ring was opened (mode %u)", options.mode);
        CHECK(strlen(error.text) > 20);
    }
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

static void foreign_files(void)
{
    static const struct {
        size_t size;
        int fill;
        int code;
    } rows[] = {
        {0, 0, SLOTRING_E_NOT_A_RING},       {1, 'x', SLOTRING_E_NOT_A_RING},
        {100, 0, SLOTRING_E_NOT_A_RING},     {4096, 0, SLOTRING_E_NOT_A_RING},
        {4096, 0xff, SLOTRING_E_NOT_A_RING}, {100000, 'x', SLOTRING_E_NOT_A_RING},
    };
    /* where the file leads to a ring, an empty one is what a killed creator left, and not foreign */
    size_t first = ring_persists() ? 0 : 1;
    for (size_t i = first; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("%zu bytes of %02x", rows[i].size, (unsigned)rows[i].fill);
        void *data = malloc(rows[i].size + 1);
        CHECK(data != NULL);
        memset(data, rows[i].fill, rows[i].size);
        file_write(ring_path(ring_name()), data, rows[i].size);
        free(data);
        check_refused(rows[i].code, ring_name());
        slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
        slotring_t *ring = NULL;
        CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_EXISTS);
        CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), rows[i].code);
        CHECK_EQUAL(file_size(ring_path(ring_name())), rows[i].size); /* not touched */
        remove_by_force();
    }
    check_context("%s", "");
}

/* Cuts the ring's memory to so many bytes, or adds zeros. */
static void cut_ring(size_t left)
{
    char object[300];
    uint64_t page = sr__backends[0]->system.page_size();
    if (over_apr() && registry_object_path(ring_path(ring_name()), object, sizeof object))
        CHECK_SYSTEM(truncate(object, (off_t)(page + left))); /* its first page is APR's */
    else if (registry_object_path(ring_path(ring_name()), object, sizeof object))
        CHECK_SYSTEM(truncate(object, (off_t)left));
    else
        CHECK_SYSTEM(truncate(ring_path(ring_name()), (off_t)left));
}

static void truncated(void)
{
    NEEDS_POSIX("segments that change their size");
    make_ring();
    size_t size = ring_size(ring_name());
    for (size_t left = 0; left < size; left += left < 3 * 4096 ? 1024 : 4096) {
        check_context("%zu of %zu bytes", left, size);
        cut_ring(left);
        if (left >= 4096)
            check_refused(SLOTRING_E_TRUNCATED, "");
        else
            check_refused_somehow();
        remove_by_force();
        make_ring();
    }
    check_context("%s", "");
    cut_ring(over_apr() ? size - 4096 : size - 1); /* there pages are looked for, and not bytes */
    check_refused(SLOTRING_E_TRUNCATED, "");
    remove_by_force();
}

typedef void (*damage_fn)(sr__header_t *header);

static void sign(sr__header_t *header)
{
    header->checksum = sr__layout_checksum(header);
}

static void other_version(sr__header_t *header)
{
    header->layout_version = 77;
    sign(header);
}

static void other_endian(sr__header_t *header)
{
    uint8_t *bytes = (uint8_t *)header, swapped[8];
    for (int i = 0; i < 8; i++)
        swapped[i] = bytes[7 - i];
    memcpy(bytes, swapped, 8);
}

static void other_endian_mark(sr__header_t *header)
{
    header->endian_mark = 0x04030201;
    sign(header);
}

static void other_fingerprint(sr__header_t *header)
{
    header->fingerprint ^= 1;
    sign(header);
}

static void unknown_feature(sr__header_t *header)
{
    header->incompat = UINT64_C(1) << 63;
    sign(header);
}

static void other_checksum(sr__header_t *header)
{
    header->checksum ^= 1;
}

static void another_name(sr__header_t *header)
{
    header->name[0] ^= 1;
}

static void another_lock_file(sr__header_t *header)
{
    header->lock_object++;
    sign(header);
}

static void another_backend(sr__header_t *header)
{
    header->backend += 100;
    sign(header);
}

static void group_without_its_bit(sr__header_t *header)
{
    header->lossless_group = 7;
    sign(header);
}

static void group_in_a_ring_for_all(sr__header_t *header)
{
    header->compat = SR__COMPAT_LOSSLESS_GROUP;
    sign(header);
}

static void stamps(void)
{
    static const struct {
        damage_fn damage;
        int code;
        const char *said;
    } rows[] = {
        {other_version, SLOTRING_E_VERSION, "77"},
        {other_endian, SLOTRING_E_ENDIAN, ""},
        {other_endian_mark, SLOTRING_E_ENDIAN, ""},
        {other_fingerprint, SLOTRING_E_VERSION, ""},
        {unknown_feature, SLOTRING_E_FEATURE, "8000000000000000"},
        {other_checksum, SLOTRING_E_CORRUPT, ""},
        {another_name, SLOTRING_E_CORRUPT, ""},
        {another_backend, SLOTRING_E_BACKEND, ""},
        {group_without_its_bit, SLOTRING_E_CORRUPT, "does not add up"},
        {group_in_a_ring_for_all, SLOTRING_E_CORRUPT, "does not add up"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        check_context("row %zu", i);
        make_ring();
        size_t size;
        sr__header_t *header = ring_map(ring_name(), &size);
        rows[i].damage(header);
        ring_unmap(header);
        check_refused(rows[i].code, rows[i].said);
        CHECK_CODE(slotring_unlink(ring_name(), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL), rows[i].code);
        remove_by_force();
    }
    check_context("%s", "");
}

static void features_for_observers(void)
{
    make_ring();
    size_t size;
    sr__header_t *header = ring_map(ring_name(), &size);
    header->ro_compat = 4;
    header->compat = 8;
    sign(header);
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = NULL;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_FEATURE);
    ring = ring_observe(ring_name()); /* looking is allowed */
    CHECK_EQUAL(ring_stats(ring).published, 6);
    CHECK_OK(slotring_close(ring));
    header->ro_compat = 0;
    sign(header);
    ring_unmap(header);
    ring = ring_attach(ring_name());
    ring_remove(ring, ring_name());
}

static void replaced_lock_file(void)
{
    make_ring();
    size_t size;
    sr__header_t *header = ring_map(ring_name(), &size);
    another_lock_file(header);
    ring_unmap(header);
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = NULL;
    int code = slotring_open(&ring, ring_name(), &options, NULL);
    CHECK(code != 0);
    remove_by_force();
}

static void every_bit_of_the_header(void)
{
    /* the checksum notices each single bit; an observer and a participant both say so */
    make_ring();
    size_t size;
    uint8_t *bytes = ring_map(ring_name(), &size);
    /* each byte, and each bit of some byte; where little work is asked for, each bit of some byte */
    unsigned long step = scaled(100) >= 100 ? 5 : scaled(100) >= 20 ? 13 : 67;
    for (size_t bit = 0; bit < 4096 * 8; bit += step) {
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        check_context("bit %zu of byte %zu", bit % 8, bit / 8);
        check_refused_somehow();
        bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    check_context("%s", "");
    ring_unmap(bytes);
    slotring_t *ring = ring_attach(ring_name());
    check_ring(ring);
    ring_remove(ring, ring_name());
}

static void payload_before_the_control_parts(void)
{
    /* everything in range and signed, but in an order that this library never makes */
    make_ring();
    size_t size;
    sr__header_t *header = ring_map(ring_name(), &size);
    uint64_t shift = 0; /* by what the payload, which comes last, takes */
    for (int i = 0; i < SR__PARTS; i++)
        if (header->parts[i].kind == SR__PART_PAYLOAD)
            shift = size - header->parts[i].offset;
    CHECK_AT_LEAST(shift, 4 * 5000);
    for (int i = 0; i < SR__PARTS; i++) {
        sr__part_t *part = &header->parts[i];
        if (part->kind == SR__PART_PAYLOAD)
            part->offset = SR__PAGE;
        else if (part->kind != SR__PART_NONE)
            part->offset += shift;
    }
    sign(header);
    ring_unmap(header);
    check_refused(SLOTRING_E_CORRUPT, "");
    slotring_list_entry_t entry;
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL));
    CHECK_EQUAL(entry.status, SLOTRING_E_CORRUPT);
    remove_by_force();
}

/* Uses a ring that somebody has scribbled over. Codes do not matter; it must return, and not fault. */
static void use_whatever_it_is(slotring_t *ring)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_participant_t people[4];
    slotring_reader_info_t rows[4];
    slotring_blocker_t blockers[4];
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    uint32_t count;
    uint64_t findings;
    static uint8_t buffer[5000];
    audit_without_pauses(ring);
    (void)slotring_get_stats(ring, &stats);
    (void)slotring_participants(ring, people, 4, &count);
    (void)slotring_readers(ring, rows, 4, &count);
    (void)slotring_blockers(ring, blockers, 4, &count);
    (void)slotring_check(ring, NULL, NULL, &findings);
    for (uint32_t i = 0; i < 5; i++) {
        if (slotring_ticket_at(ring, i, &ticket) == 0) {
            (void)slotring_copy(ring, &ticket, buffer, sizeof buffer, NULL);
            if (slotring_acquire_for_read(ring, &ticket, &slot) == 0) {
                CHECK(slot.length <= 5000); /* whatever it says, it lies within the slot */
                (void)slotring_release(ring, &slot);
            }
        }
        if (slotring_allocate(ring, 1, &slot) == 0) {
            memset(slot.data, 1, (size_t)slot.capacity);
            (void)slotring_mark_ready(ring, &slot, 1);
        }
    }
    slotring_reader_t *reader = NULL;
    slotring_reader_options_t options;
    slotring_reader_options_init(&options);
    for (uint32_t mode = 0; mode < 4; mode++) {
        options.mode = mode % 2;
        options.start = mode / 2;
        if (slotring_subscribe(ring, &options, &reader) != 0)
            continue;
        for (int i = 0; i < 10 && slotring_next(reader, 0, &slot) == 0; i++) {
            CHECK(slot.length <= 5000);
            (void)slotring_reader_release(reader);
        }
        (void)slotring_unsubscribe(reader);
    }
    (void)slotring_recover(ring, NULL);
}

static void signed_random_headers(void)
{
    /* who can write the segment can also compute the checksum: geometry that lies must not lead astray */
    make_ring();
    size_t size;
    uint8_t *bytes = ring_map(ring_name(), &size);
    uint8_t good[4096];
    memcpy(good, bytes, sizeof good);
    unsigned random = 4711;
    unsigned long rounds = scaled(1500), opened = 0;
    for (unsigned long i = 0; i < rounds; i++) {
        memcpy(bytes, good, sizeof good);
        for (int change = 0; change < 1 + (int)(i % 3); change++) {
            random = random * 1664525u + 1013904223u;
            size_t at = 16 + (random >> 8) % (sizeof(sr__header_t) - 16);
            random = random * 1664525u + 1013904223u;
            static const uint8_t values[] = {0, 1, 0x7f, 0x80, 0xff, 0x10};
            bytes[at] = values[(random >> 12) % 6];
        }
        sign((sr__header_t *)(void *)bytes);
        check_context("round %lu", i);
        slotring_options_t options = ring_options(i % 2 == 0 ? SLOTRING_ATTACH : SLOTRING_OBSERVE, 0, 0);
        options.lock_timeout_ns = MILLISECOND;
        slotring_t *ring = NULL;
        if (slotring_open(&ring, ring_name(), &options, NULL) == 0) {
            opened++;
            use_whatever_it_is(ring);
            CHECK_OK(slotring_close(ring));
        }
    }
    CHECK_AT_LEAST(rounds, opened);
    ring_unmap(bytes);
    remove_by_force();
}

/* In a helper, so that a fault or an endless loop is its own. */
static void scribble(peer_t *test, const char *argument)
{
    unsigned random = (unsigned)strtoul(argument, NULL, 10);
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 5000);
    char name[SLOTRING_NAME_MAX + 1];
    (void)snprintf(name, sizeof name, "scribble-%s", argument);
    unsigned long rounds = scaled(30);
    for (unsigned long i = 0; i < rounds; i++) {
        slotring_t *ring = ring_open_with(name, &options);
        slotring_t *observer = ring_observe(name);
        for (uint64_t n = 0; n < 6; n++)
            publish(ring, 1, n);
        size_t size;
        uint8_t *bytes = ring_map(name, &size);
        size_t control = (size_t)ring_info(ring).payload_offset;
        for (int change = 0; change < 200; change++) {
            random = random * 1664525u + 1013904223u;
            size_t at = 4096 + (random >> 4) % (control - 4096);
            random = random * 1664525u + 1013904223u;
            bytes[at] = (uint8_t)(random >> 16);
        }
        use_whatever_it_is(observer);
        use_whatever_it_is(ring);
        CHECK_OK(slotring_close(observer));
        (void)slotring_close(ring);
        ring_unmap(bytes);
        int code = slotring_unlink(name, SLOTRING_UNLINK_FORCE, NULL, NULL);
        CHECK(code == 0 ||
              code == SLOTRING_E_NOT_FOUND); /* a scribbled word may have said: remove when unused */
    }
    peer_tell(test, 1);
}

static void scribbled_control_words(void)
{
    for (int i = 0; i < 2; i++) {
        char argument[16];
        (void)snprintf(argument, sizeof argument, "%d", 17 + i);
        peer_t peer = peer_start(BY_FORK, "bad-segment-scribble", argument);
        peer_expect(&peer, 1);
        peer_join(&peer);
    }
    check_nothing_left();
}

static void not_a_plain_file(void)
{
    NEEDS_POSIX("symbolic links and pipes for everybody");
    const char *path = ring_path(ring_name());
    char other[600];
    (void)snprintf(other, sizeof other, "%s/elsewhere", directory_path());

    make_ring(); /* a good ring behind a symbolic link */
    CHECK_SYSTEM(rename(path, other));
    CHECK_SYSTEM(symlink(other, path));
    check_refused_somehow();
    CHECK_SYSTEM(unlink(path));

    CHECK_SYSTEM(link(other, path)); /* with two names */
    check_refused_somehow();
    CHECK_SYSTEM(unlink(path));

    CHECK_SYSTEM(rename(other, path)); /* and with one again */
    slotring_t *ring = ring_attach(ring_name());
    ring_remove(ring, ring_name());

    CHECK_SYSTEM(mkdir(path, 0700));
    check_refused(SLOTRING_E_NOT_A_RING, "");
    CHECK_SYSTEM(rmdir(path));

    CHECK_SYSTEM(mkfifo(path, 0600)); /* must not block either */
    check_refused(SLOTRING_E_NOT_A_RING, "");
    slotring_options_t options = ring_options(SLOTRING_CREATE, 2, 64);
    ring = NULL;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, NULL), SLOTRING_E_EXISTS);
    CHECK_SYSTEM(unlink(path));

    CHECK_SYSTEM(symlink("/nonexistent/target", path));
    check_refused_somehow();
    CHECK(slotring_open(&ring, ring_name(), &options, NULL) != 0);
    CHECK_SYSTEM(unlink(path));
    (void)unlink(ring_lock_path(ring_name()));
    slotring_list_entry_t entry;
    uint32_t count;
    CHECK_OK(slotring_list(NULL, &entry, 1, &count, NULL)); /* takes leftover lock files with it */
    CHECK_EQUAL(count, 0);
    check_nothing_left();
}

static void listed_with_the_reason(void)
{
    make_ring();
    size_t size;
    sr__header_t *header = ring_map(ring_name(), &size);
    other_version(header);
    ring_unmap(header);
    slotring_list_entry_t list[2];
    uint32_t count = 0;
    CHECK_OK(slotring_list(NULL, list, 2, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_STRING(list[0].name, ring_name());
    CHECK_EQUAL(list[0].status, SLOTRING_E_VERSION);
    remove_by_force();
}

static const test_case_t cases[] = {
    {"foreign_files", foreign_files, 0},
    {"truncated", truncated, 0},
    {"stamps", stamps, 0},
    {"features_for_observers", features_for_observers, 0},
    {"replaced_lock_file", replaced_lock_file, 0},
    {"every_bit_of_the_header", every_bit_of_the_header, 0},
    {"payload_before_the_control_parts", payload_before_the_control_parts, 0},
    {"signed_random_headers", signed_random_headers, 0},
    {"scribbled_control_words", scribbled_control_words, 0},
    {"not_a_plain_file", not_a_plain_file, 0},
    {"listed_with_the_reason", listed_with_the_reason, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"bad-segment-scribble", scribble}, {NULL, NULL}};

const test_suite_t bad_segment_suite = {"bad_segment", cases, roles};
