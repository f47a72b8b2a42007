/* SPDX-License-Identifier: Apache-2.0 */
/* Structs that begin with struct_size, of programs that were built with another version of the library: one rule for
 * those that the caller fills, one for those that the library fills. */
#include <stdio.h>
#include <string.h>

#include "support/ring.h"
#include "support/suite.h"

#define ROOM 8192u /* what a newer program has, at most, and bytes beyond that are nobody's to touch */

/* A struct of each kind, with room for a newer version behind it. */
typedef struct sized {
    const char *name;
    size_t own, least; /* this version's size, and the first one's */
    bool filled_by_caller;
    int (*call)(slotring_t *ring, void *room);
} sized_t;

static int open_another(slotring_t *ring, void *room)
{
    slotring_t *another = NULL;
    slotring_error_t error;
    (void)ring;
    int code = slotring_open(&another, ring_name(), room, &error);
    if (another)
        CHECK_OK(slotring_close(another));
    return code;
}

static int unlink_another(slotring_t *ring, void *room)
{
    slotring_error_t error;
    (void)ring;
    int code = slotring_unlink(ring_name_of("-none"), SLOTRING_UNLINK_IF_UNUSED, room, &error);
    return code == SLOTRING_E_NOT_FOUND ? 0 : code;
}

static int list_all(slotring_t *ring, void *room)
{
    uint32_t count;
    (void)ring;
    return slotring_list(room, NULL, 0, &count, NULL);
}

static int subscribe_another(slotring_t *ring, void *room)
{
    slotring_reader_t *reader = NULL;
    int code = slotring_subscribe(ring, room, &reader);
    if (reader)
        CHECK_OK(slotring_unsubscribe(reader));
    return code;
}

static int get_info(slotring_t *ring, void *room)
{
    return slotring_info(ring, room);
}

static int get_stats(slotring_t *ring, void *room)
{
    return slotring_get_stats(ring, room);
}

static int recover(slotring_t *ring, void *room)
{
    return slotring_recover(ring, room);
}

#define SIZED(type, by_caller, call)                                              \
    {                                                                             \
#type ", " #call, sizeof(type), offsetof(type, reserved), by_caller, call \
    }
static const sized_t all[] = {
    SIZED(slotring_options_t, true, open_another), SIZED(slotring_options_t, true, unlink_another),
    SIZED(slotring_options_t, true, list_all),     SIZED(slotring_reader_options_t, true, subscribe_another),
    SIZED(slotring_info_t, false, get_info),       SIZED(slotring_stats_t, false, get_stats),
    SIZED(slotring_recovery_t, false, recover),
};
#define ALL (sizeof all / sizeof all[0])

static union {
    size_t struct_size;
    uint64_t aligned;
    unsigned char bytes[ROOM];
} room;

/* As the program's own version of the struct would be, `size` bytes of it; what lies beyond is not the library's. */
static void prepare_room(const sized_t *one, size_t size)
{
    memset(room.bytes, 0xcc, sizeof room.bytes);
    if (one->filled_by_caller)
        memset(room.bytes, 0, size < ROOM ? size : ROOM);
    room.struct_size = size;
}

static void check_untouched_from(size_t from)
{
    for (size_t i = from; i < ROOM; i++)
        if (room.bytes[i] != 0xcc)
            FAIL("byte %zu was written, the struct has %zu", i, from);
}

static void sizes_that_are_none(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (size_t i = 0; i < ALL; i++) {
        const sized_t *one = &all[i];
        const size_t wrong[] = {0, 1, sizeof(size_t), one->least - 1, 4097, SIZE_MAX / 2, SIZE_MAX};
        for (size_t w = 0; w < sizeof wrong / sizeof wrong[0]; w++) {
            char number[32];
            slotring_error_t error;
            check_context("%s, %zu bytes", one->name, wrong[w]);
            prepare_room(one, one->own);
            room.struct_size = wrong[w];
            CHECK_CODE(one->call(ring, room.bytes), SLOTRING_E_INVALID);
            slotring_last_error(&error);
            (void)snprintf(number, sizeof number, "struct_size %zu", wrong[w]); /* what was given, … */
            CHECK_CONTAINS(error.text, number);
            (void)snprintf(number, sizeof number, "has %zu", one->own); /* … and what there is */
            CHECK_CONTAINS(error.text, number);
            if (!one->filled_by_caller)
                check_untouched_from(sizeof(size_t));
        }
    }
    check_context("%s", "");
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* Any size between the first version's and the greatest is one that some version has. */
static void sizes_of_other_versions(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (size_t i = 0; i < ALL; i++) {
        const sized_t *one = &all[i];
        const size_t good[] = {one->least, one->own - 1, one->own, one->own + 1, one->own + 64, 4096};
        for (size_t g = 0; g < sizeof good / sizeof good[0]; g++) {
            check_context("%s, %zu bytes", one->name, good[g]);
            prepare_room(one, good[g]);
            CHECK_OK(one->call(ring, room.bytes));
            CHECK_EQUAL(room.struct_size, good[g]);
            check_untouched_from(good[g]);
            for (size_t b = one->own; b < good[g]; b++) /* no field that this library knows */
                CHECK_EQUAL(room.bytes[b], 0);
        }
    }
    check_context("%s", "");
    ring_remove(ring, ring_name());
}

/* A newer program that uses what this library does not know is told so, rather than served without it. */
static void options_that_are_not_known(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    for (size_t i = 0; i < ALL; i++) {
        const sized_t *one = &all[i];
        if (!one->filled_by_caller)
            continue;
        for (size_t at = one->own; at <= one->own + 64; at += 64) {
            char number[32];
            slotring_error_t error;
            check_context("%s, byte %zu", one->name, at);
            prepare_room(one, one->own + 65);
            room.bytes[at] = 1;
            CHECK_CODE(one->call(ring, room.bytes), SLOTRING_E_INVALID);
            slotring_last_error(&error);
            (void)snprintf(number, sizeof number, "struct_size %zu", one->own + 65);
            CHECK_CONTAINS(error.text, number);
            (void)snprintf(number, sizeof number, "knows %zu", one->own);
            CHECK_CONTAINS(error.text, number);
        }
    }
    check_context("%s", "");
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* What an older program gets is as right as what this version's gets. */
static void values_in_short_structs(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    publish(ring, 1, 0);
    for (size_t i = 0; i < ALL; i++) {
        static unsigned char whole[4096];
        const sized_t *one = &all[i];
        if (one->filled_by_caller)
            continue;
        check_context("%s", one->name);
        prepare_room(one, one->own);
        CHECK_OK(one->call(ring, room.bytes));
        memcpy(whole, room.bytes, one->own);
        prepare_room(one, one->least);
        CHECK_OK(one->call(ring, room.bytes));
        CHECK(memcmp(whole + sizeof(size_t), room.bytes + sizeof(size_t), one->least - sizeof(size_t)) == 0);
    }
    check_context("%s", "");
    ring_remove(ring, ring_name());
}

/* As a binding calls them: whatever the sizes, nothing is written beyond the struct. */
static void options_of_any_size(void)
{
    static const size_t sizes[] = {0,   1, sizeof(size_t), 2 * sizeof(size_t) + 1, sizeof(slotring_options_t),
                                   4096};
    for (size_t i = 0; i < 2 * (sizeof sizes / sizeof sizes[0]); i++) {
        const size_t size = sizes[i / 2], expected[2] = {size, 1000};
        check_context("%zu bytes", size);
        memset(room.bytes, 0xcc, sizeof room.bytes);
        if (i % 2)
            slotring_reader_options_prepare((void *)room.bytes, size, 1000);
        else
            slotring_options_prepare((void *)room.bytes, size, 1000);
        check_untouched_from(size);
        CHECK(memcmp(room.bytes, expected, size < sizeof expected ? size : sizeof expected) == 0);
        for (size_t b = sizeof expected; b < size; b++)
            CHECK_EQUAL(room.bytes[b], 0);
    }
    check_context("%s", "");
    slotring_options_t options;
    slotring_reader_options_t reading;
    slotring_options_init(&options);
    slotring_reader_options_init(&reading);
    CHECK_EQUAL(options.struct_size, sizeof options);
    CHECK_EQUAL(reading.struct_size, sizeof reading);
    CHECK_EQUAL(options.slot_struct_size, sizeof(slotring_slot_t));
    CHECK_EQUAL(reading.slot_struct_size, sizeof(slotring_slot_t));
}

/* A later version of the library gives reserved words a meaning, and so no struct of a program changes its size. Each struct has eight
 * from the closed state on, less those that have a meaning since then. Who uses one writes here how many are left. */
#define ROOM_IN(type, left)                          \
    {                                                \
#type, sizeof((type *)NULL)->reserved, left, \
    }

static void each_has_words_to_spare(void)
{
    static const struct {
        const char *name;
        size_t bytes, left;
    } structs[] = {
        ROOM_IN(slotring_options_t, 8),        ROOM_IN(slotring_reader_options_t, 8),
        ROOM_IN(slotring_writer_options_t, 8), ROOM_IN(slotring_run_gate_t, 8),
        ROOM_IN(slotring_mark_t, 8),           ROOM_IN(slotring_slot_t, 8),
        ROOM_IN(slotring_info_t, 6),           ROOM_IN(slotring_stats_t, 8),
        ROOM_IN(slotring_participant_t, 8),    ROOM_IN(slotring_reader_info_t, 8),
        ROOM_IN(slotring_writer_info_t, 8),    ROOM_IN(slotring_blocker_t, 8),
        ROOM_IN(slotring_list_entry_t, 7),     ROOM_IN(slotring_recovery_t, 8),
        ROOM_IN(slotring_letter_t, 8),
    };
    for (size_t i = 0; i < sizeof structs / sizeof structs[0]; i++) {
        check_context("%s", structs[i].name);
        CHECK_EQUAL(structs[i].bytes, structs[i].left * sizeof(uint64_t));
    }
    check_context("%s", "");
}

static const test_case_t cases[] = {
    {"sizes_that_are_none", sizes_that_are_none, 0},
    {"sizes_of_other_versions", sizes_of_other_versions, 0},
    {"options_that_are_not_known", options_that_are_not_known, 0},
    {"values_in_short_structs", values_in_short_structs, 0},
    {"options_of_any_size", options_of_any_size, 0},
    {"each_has_words_to_spare", each_has_words_to_spare, 0},
    {NULL, NULL, 0},
};

const test_suite_t struct_suite = {"struct", cases, NULL};
