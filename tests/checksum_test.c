/* SPDX-License-Identifier: Apache-2.0 */
/* Checksums of messages: noted by the producer of each message, and a byte that changes afterwards is found by whoever looks. */
#include <stdio.h>
#include <string.h>

#include "support/internals.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define SLOT_SIZE 4096u
#define NO_WAIT 0
#define LARGE 3000u /* bytes of a message that takes a slot of its own */
#define SMALL 100u

static slotring_options_t summing_options(uint32_t mode)
{
    slotring_options_t options = ring_options(mode, 16, SLOT_SIZE);
    options.flags = SLOTRING_CHECKSUMS;
    return options;
}

static slotring_t *create_summing(void)
{
    slotring_options_t options = summing_options(SLOTRING_CREATE);
    return ring_open_with(ring_name(), &options);
}

static slotring_reader_t *subscribe_verifying(slotring_t *ring, uint32_t mode, uint32_t start)
{
    slotring_reader_options_t options = reader_options(mode, start);
    options.flags = SLOTRING_VERIFY;
    return subscribe_with(ring, &options);
}

static slotring_ticket_t publish_bytes(slotring_t *ring, uint64_t length)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, length, &slot));
    memset(slot.data, (int)length, (size_t)length);
    CHECK_OK(slotring_mark_ready(ring, &slot, length));
    return slot.ticket;
}

static uint8_t *payload(slotring_t *ring, const slotring_slot_t *slot)
{
    return (uint8_t *)ring_info(ring).payload + slot->offset;
}

/* ---- What is noted ------------------------------------------------------------------------------------ */

static void check_noted(slotring_t *ring, const slotring_slot_t *slot)
{
    uint64_t noted = sr__peek(&sr__slot(&ring->member.view, slot->index)->sum);
    const sr__summed_t summed = {
        .length = slot->length, .tag = slot->tag, .time = slot->time_ns, .number = slot->number};
    CHECK_EQUAL(noted,
                sr__crc32c_by_tables(sr__sum_begin(&summed), payload(ring, slot), (size_t)slot->length));
    CHECK_OK(slotring_verify(ring, slot));
}

static void each_length_is_summed(void)
{
    static const uint64_t lengths[] = {0, 1, 7, 8, 9, 63, 64, 1000, 1535, 1536, 1537, SLOT_SIZE};
    slotring_t *ring = create_summing();
    slotring_slot_t slot;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        check_context("%u bytes", (unsigned)lengths[i]);
        slotring_ticket_t ticket = publish_bytes(ring, lengths[i]);
        CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
        check_noted(ring, &slot);
        CHECK_OK(slotring_release(ring, &slot));
    }
    check_context("%s", "");
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

static void each_way_to_publish_sums(void)
{
    slotring_t *ring = create_summing();
    slotring_reader_t *reader = subscribe_verifying(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_t *second =
        ring_attach(ring_name()); /* that does not ask for checksums, and writes them all the same */
    slotring_slot_t slots[3], slot;
    uint32_t count;
    CHECK_OK(slotring_allocate_batch(second, 10, slots, 3, NO_WAIT, &count));
    for (uint32_t i = 0; i < 3; i++) {
        memset(slots[i].data, (int)i + 1, 10);
        slots[i].length = i * 5;
    }
    CHECK_OK(slotring_mark_ready_batch(second, slots, 3, NULL));
    slotring_writer_t *writer = writer_open(second);
    uint8_t bytes[LARGE];
    memset(bytes, 7, sizeof bytes);
    CHECK_OK(slotring_writer_append(writer, bytes, LARGE, 1, NO_WAIT));
    CHECK_OK(slotring_writer_append(writer, bytes, SMALL, UINT64_MAX, NO_WAIT));
    const slotring_message_t messages[] = {{bytes, 0, 2}, {bytes, 1, UINT64_C(1) << 26}, {bytes, LARGE, 4}};
    CHECK_OK(slotring_writer_append_batch(writer, messages, 3, NO_WAIT, &count));
    CHECK_EQUAL(count, 3);
    for (uint64_t size = SMALL; size <= LARGE; size += LARGE - SMALL) {
        CHECK_OK(slotring_writer_reserve(writer, size, NO_WAIT, &slot));
        memset(slot.data, 9, (size_t)size);
        CHECK_OK(slotring_writer_commit(writer, &slot, size - 1));
    }
    static const uint64_t lengths[] = {0, 5, 10, LARGE, SMALL, 0, 1, LARGE, SMALL - 1, LARGE - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        check_context("message %zu", i);
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.length, lengths[i]);
        CHECK_OK(slotring_verify(ring, &slot));
        CHECK_OK(slotring_reader_release(reader));
    }
    check_context("%s", "");
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_close(second));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* As the bytes are summed in each build, of whatever word size and byte order. */
static void a_sum_is_the_same_everywhere(void)
{
    slotring_t *ring = create_summing();
    slotring_slot_t slot;
    CHECK_OK(slotring_allocate(ring, 9, &slot));
    memcpy(slot.data, "123456789", 9);
    CHECK_OK(slotring_mark_ready(ring, &slot, 9));
    CHECK_EQUAL(sr__peek(&sr__slot(&ring->member.view, slot.index)->sum), 0xc66b21a0);
    ring_remove(ring, ring_name());
}

/* ---- A byte that changes ------------------------------------------------------------------------------- */

enum kind {
    PLAIN,     /* a publication */
    OF_WRITER, /* one of a writer, in a slot of its own */
    IN_OPEN,   /* a record in a block that is open */
    IN_CLOSED, /* a record in a block that is closed */
    STAMPED,   /* the same, with a time and a tag behind it */
    KINDS
};
static const char *const kind_names[KINDS] = {"a publication", "a message of a writer",
                                              "a record in an open block", "a record in a closed block",
                                              "a record with a tag"};

#define BAD 2u /* which of the messages is the damaged one */
#define MESSAGES 5u

/* Writes MESSAGES messages. The writer stays open, or is NULL. */
static slotring_writer_t *write_all(slotring_t *ring, enum kind kind)
{
    uint8_t bytes[LARGE];
    uint64_t length = kind == PLAIN || kind == OF_WRITER ? LARGE : SMALL;
    slotring_writer_t *writer = kind == PLAIN ? NULL : writer_open(ring);
    for (uint64_t n = 0; n < MESSAGES; n++) {
        memset(bytes, (int)n + 1, sizeof bytes);
        if (kind == PLAIN)
            publish_bytes(ring, length);
        else
            CHECK_OK(
                slotring_writer_append(writer, bytes, length, kind == STAMPED ? UINT64_MAX - n : n, NO_WAIT));
    }
    if (kind != IN_CLOSED && kind != STAMPED)
        return writer;
    CHECK_OK(slotring_writer_close(writer));
    return NULL;
}

typedef struct scene {
    slotring_t *ring, *observer;
    slotring_reader_t *reader; /* lossless, verifying, from before the first message */
    slotring_writer_t *writer;
    slotring_slot_t bad; /* held by ticket */
} scene_t;

static scene_t set_scene(enum kind kind)
{
    slotring_slot_t slot;
    scene_t s = {.ring = create_summing()};
    slotring_reader_t *finder = subscribe(s.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    s.reader = subscribe_verifying(s.ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    s.observer = ring_observe(ring_name());
    s.writer = write_all(s.ring, kind);
    for (uint32_t n = 0; n < MESSAGES; n++) {
        CHECK_OK(slotring_next(finder, NO_WAIT, &slot));
        if (n == BAD)
            CHECK_OK(slotring_acquire_for_read(s.ring, &slot.ticket, &s.bad));
        CHECK_OK(slotring_reader_release(finder));
    }
    CHECK_OK(slotring_unsubscribe(finder));
    return s;
}

static void end_scene(scene_t *s)
{
    CHECK_OK(slotring_release(s->ring, &s->bad));
    CHECK_OK(slotring_unsubscribe(s->reader));
    if (s->writer)
        CHECK_OK(slotring_writer_close(s->writer));
    CHECK_OK(slotring_close(s->observer));
    check_ring_at_rest(s->ring);
    ring_remove(s->ring, ring_name());
}

typedef struct found {
    uint64_t count;
    char text[512];
} found_t;

static void note(void *user, const char *finding)
{
    found_t *found = user;
    (void)snprintf(found->text, sizeof found->text, "%s", finding);
    found->count++;
}

static void check_finds(slotring_t *ring, uint64_t expected, const char *part)
{
    found_t found = {0};
    CHECK_OK(slotring_check(ring, note, &found, NULL));
    if (found.count != expected)
        FAIL("slotring_check found %llu, the last one: %s", (unsigned long long)found.count, found.text);
    if (expected > 0)
        CHECK_CONTAINS(found.text, part);
}

static void check_copies(scene_t *s, int code)
{
    uint8_t copy[SLOT_SIZE];
    slotring_t *const rings[] = {s->ring, s->observer};
    for (size_t i = 0; i < 2; i++) {
        slotring_slot_t info = {0};
        memset(copy, 0, sizeof copy);
        CHECK_CODE(slotring_copy(rings[i], &s->bad.ticket, copy, sizeof copy, &info), code);
        CHECK_EQUAL(info.length, s->bad.length); /* it is there all the same */
        CHECK_EQUAL(memcmp(copy, s->bad.data, (size_t)info.length), 0);
        if (s->bad.kind == SLOTRING_KIND_SLOT)
            CHECK_CODE(slotring_copy_sequence(rings[i], s->bad.sequence, copy, sizeof copy, NULL), code);
    }
}

/* Of the message that the scene holds, everybody says `code`. */
static void check_all_say(scene_t *s, int code, const char *part)
{
    slotring_error_t error;
    CHECK_CODE(slotring_verify(s->ring, &s->bad), code);
    slotring_last_error(&error);
    if (code != 0)
        CHECK_CONTAINS(error.text, part);
    check_copies(s, code);
    check_finds(s->ring, code != 0, part);
    check_finds(s->observer, code != 0, part);
}

static void a_changed_byte_is_found(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        check_context("%s", kind_names[kind]);
        scene_t s = set_scene(kind);
        uint8_t *bytes = payload(s.ring, &s.bad);
        for (uint64_t at = 0; at < s.bad.length; at += s.bad.length / 3) {
            check_all_say(&s, 0, "");
            bytes[at] ^= 0x10;
            check_all_say(&s, SLOTRING_E_CHECKSUM, "checksum");
            bytes[at] ^= 0x10;
        }
        end_scene(&s);
    }
    check_context("%s", "");
}

/* The message is given, and the reader goes on. */
static void a_reader_is_told_and_goes_on(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        check_context("%s", kind_names[kind]);
        scene_t s = set_scene(kind);
        slotring_slot_t slot;
        slotring_reader_info_t info;
        payload(s.ring, &s.bad)[s.bad.length - 1] ^= 1;
        for (uint32_t n = 0; n < MESSAGES; n++) {
            CHECK_CODE(slotring_next(s.reader, NO_WAIT, &slot), n == BAD ? SLOTRING_E_CHECKSUM : 0);
            CHECK_EQUAL(slot.length, s.bad.length);
            if (n == BAD)
                CHECK(same_ticket(&slot.ticket, &s.bad.ticket) && slot.data == s.bad.data);
            CHECK_CODE(slotring_next(s.reader, NO_WAIT, &slot), SLOTRING_E_STATE);
            CHECK_OK(slotring_reader_release(s.reader));
        }
        CHECK_CODE(slotring_next(s.reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
        info = reader_info(s.reader);
        CHECK_EQUAL(info.missed + info.records_missed, 0);
        CHECK_EQUAL(info.bytes_read, MESSAGES * s.bad.length);
        payload(s.ring, &s.bad)[s.bad.length - 1] ^= 1;
        end_scene(&s);
    }
    check_context("%s", "");
}

static void a_batch_ends_with_it(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        check_context("%s", kind_names[kind]);
        scene_t s = set_scene(kind);
        slotring_slot_t slots[MESSAGES];
        uint32_t count;
        payload(s.ring, &s.bad)[0] ^= 0x80;
        CHECK_CODE(slotring_next_batch(s.reader, NO_WAIT, slots, MESSAGES, &count), SLOTRING_E_CHECKSUM);
        CHECK_EQUAL(count, BAD + 1);
        CHECK(same_ticket(&slots[BAD].ticket, &s.bad.ticket));
        for (uint32_t i = 0; i < count; i++)
            CHECK_CODE(slotring_verify(s.ring, &slots[i]), i == BAD ? SLOTRING_E_CHECKSUM : 0);
        CHECK_OK(slotring_reader_release(s.reader));
        CHECK_OK(slotring_next_batch(s.reader, NO_WAIT, slots, MESSAGES, &count));
        CHECK_EQUAL(count, MESSAGES - BAD - 1);
        CHECK_OK(slotring_reader_release(s.reader));
        payload(s.ring, &s.bad)[0] ^= 0x80;
        end_scene(&s);
    }
    check_context("%s", "");
}

static void lossy_readers_and_the_past(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        check_context("%s", kind_names[kind]);
        scene_t s = set_scene(kind);
        slotring_slot_t slot;
        payload(s.ring, &s.bad)[0] ^= 0x80;
        for (uint32_t mode = SLOTRING_LOSSLESS; mode <= SLOTRING_LOSSY; mode++) {
            slotring_reader_t *reader = subscribe_verifying(s.ring, mode, SLOTRING_FROM_OLDEST);
            for (uint32_t n = 0; n < MESSAGES; n++) {
                CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), n == BAD ? SLOTRING_E_CHECKSUM : 0);
                CHECK_OK(slotring_reader_release(reader));
            }
            CHECK_OK(slotring_unsubscribe(reader));
        }
        payload(s.ring, &s.bad)[0] ^= 0x80;
        end_scene(&s);
    }
    check_context("%s", "");
}

/* ---- A sum that changes ---------------------------------------------------------------------------------- */

/* Where the sum of the message stands. */
static sr__word_t *sum_of(slotring_t *ring, const slotring_slot_t *slot)
{
    if (slot->kind == SLOTRING_KIND_SLOT)
        return &sr__slot(&ring->member.view, slot->index)->sum;
    uint8_t *header = payload(ring, slot) - SR__RECORD_HEADER;
    return sr__record_word(header, sr__record_size(sr__load(sr__record_word(header, 0))) - 8);
}

static void a_changed_sum_is_found(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        scene_t s = set_scene(kind);
        sr__word_t *sum = sum_of(s.ring, &s.bad);
        const uint64_t right = sr__load(sum);
        for (unsigned bit = 0; bit < 66; bit++) {
            const uint64_t wrong = bit < 64 ? right ^ UINT64_C(1) << bit : bit == 64 ? 0 : UINT64_MAX;
            check_context("%s, sum %llx instead of %llx", kind_names[kind], (unsigned long long)wrong,
                          (unsigned long long)right);
            sr__poke(sum, wrong);
            CHECK_CODE(slotring_verify(s.ring, &s.bad), SLOTRING_E_CHECKSUM);
            if (bit % 16 != 0 && bit < 64)
                continue;
            check_copies(&s, SLOTRING_E_CHECKSUM);
            found_t found = {0};
            CHECK_OK(slotring_check(s.ring, note, &found, NULL));
            CHECK_AT_LEAST(found.count, 1); /* more than 32 bits are a finding of their own, too */
        }
        sr__poke(sum, right);
        check_context("%s", kind_names[kind]);
        check_all_say(&s, 0, "");
        end_scene(&s);
    }
    check_context("%s", "");
}

/* A word beside the bytes that the sum covers. */
static void check_word_is_covered(scene_t *s, sr__word_t *word, unsigned first, unsigned bits,
                                  const char *name)
{
    const uint64_t right = sr__load(word);
    uint8_t copy[SLOT_SIZE];
    for (unsigned bit = first; bit < first + bits; bit++) {
        check_context("%s, bit %u", name, bit);
        sr__poke(word, right ^ UINT64_C(1) << bit);
        CHECK_CODE(slotring_verify(s->ring, &s->bad), SLOTRING_E_CHECKSUM);
        CHECK_CODE(slotring_copy(s->ring, &s->bad.ticket, copy, sizeof copy, NULL), SLOTRING_E_CHECKSUM);
        CHECK_CODE(slotring_copy(s->observer, &s->bad.ticket, copy, sizeof copy, NULL), SLOTRING_E_CHECKSUM);
        if (bit % 16 == first % 16) {
            found_t found = {0};
            CHECK_OK(slotring_check(s->ring, note, &found, NULL));
            CHECK_AT_LEAST(found.count, 1);
        }
    }
    sr__poke(word, right);
}

/* Length, tag, time and number, of each kind of message. */
static void a_changed_word_beside_it_is_found(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        scene_t s = set_scene(kind);
        sr__slot_t *slot = sr__slot(&s.ring->member.view, s.bad.index);
        sr__word_t *header = sr__record_word(payload(s.ring, &s.bad) - SR__RECORD_HEADER, 0);
        if (kind <= OF_WRITER) {
            check_word_is_covered(&s, &slot->tag, 0, 64, kind_names[kind]);
            check_word_is_covered(&s, &slot->time, 0, 64, kind_names[kind]);
            check_word_is_covered(&s, &slot->length, 0, 9, kind_names[kind]);
        } else {
            check_word_is_covered(&s, header, SR__RECORD_LENGTH_SHIFT, 2, kind_names[kind]);
            check_word_is_covered(&s, header, SR__RECORD_TAG_SHIFT, kind == STAMPED ? 0 : 26,
                                  kind_names[kind]);
        }
        if (kind == OF_WRITER)
            check_word_is_covered(&s, &slot->number, 0, 64, kind_names[kind]);
        if (kind == STAMPED)
            check_word_is_covered(&s, header + 1 + (SMALL + 7) / 8, 0, 64, "a tag of its own");
        check_context("%s", kind_names[kind]);
        check_all_say(&s, 0, "");
        end_scene(&s);
    }
    check_context("%s", "");
}

static void a_record_without_a_sum_is_found(void)
{
    scene_t s = set_scene(IN_CLOSED);
    sr__word_t *header = sr__record_word(payload(s.ring, &s.bad) - SR__RECORD_HEADER, 0);
    const uint64_t right = sr__load(header);
    /* A small tag becomes one of its own, so that the record is as long as before. */
    sr__poke(header, (right & ~SR__RECORD_HAS_SUM) | SR__RECORD_HAS_TAG);
    check_all_say(&s, SLOTRING_E_CHECKSUM, "no checksum");
    sr__poke(header, right);
    end_scene(&s);
}

/* ---- What cannot be verified ------------------------------------------------------------------------------ */

static void rings_without_checksums(void)
{
    slotring_t *ring = ring_create(ring_name(), 16, SLOT_SIZE), *second = NULL;
    slotring_error_t error;
    slotring_slot_t slot;
    slotring_reader_t *reader;
    slotring_reader_options_t options;
    CHECK_EQUAL(ring_info(ring).checksums, 0);
    slotring_ticket_t ticket = publish_bytes(ring, SMALL);
    CHECK_EQUAL(sr__peek(&sr__slot(&ring->member.view, ticket.slot)->sum), 0);
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    CHECK_CODE(slotring_verify(ring, &slot), SLOTRING_E_UNSUPPORTED);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "was made without SLOTRING_CHECKSUMS");
    CHECK_OK(slotring_release(ring, &slot));
    slotring_reader_options_init(&options);
    options.flags = SLOTRING_VERIFY;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_UNSUPPORTED);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "was made without SLOTRING_CHECKSUMS");
    options.flags = UINT32_C(1) << 31;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    options.flags = 0;
    options.reserved[sizeof options.reserved / sizeof options.reserved[0] - 1] = 1;
    CHECK_CODE(slotring_subscribe(ring, &options, &reader), SLOTRING_E_INVALID);
    slotring_options_t attaching = summing_options(SLOTRING_ATTACH);
    CHECK_CODE(slotring_open(&second, ring_name(), &attaching, &error), SLOTRING_E_GEOMETRY);
    CHECK_CONTAINS(error.text, "has no checksums");
    ring_remove(ring, ring_name());
}

static void slots_that_have_no_message(void)
{
    slotring_t *ring = create_summing();
    slotring_options_t attaching = summing_options(SLOTRING_ATTACH);
    slotring_t *second = ring_open_with(ring_name(), &attaching);
    slotring_slot_t slot = {0}, copy;
    CHECK_EQUAL(ring_info(ring).checksums, 1);
    CHECK_CODE(slotring_verify(ring, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_verify(NULL, &slot), SLOTRING_E_CLOSED);
    CHECK_OK(slotring_allocate(ring, SMALL, &slot));
    CHECK_CODE(slotring_verify(ring, &slot), SLOTRING_E_STATE);
    CHECK_OK(slotring_mark_ready(ring, &slot, SMALL));
    CHECK_CODE(slotring_verify(ring, &slot), SLOTRING_E_STATE);
    slotring_ticket_t ticket = slot.ticket;
    CHECK_OK(slotring_acquire_for_read(ring, &ticket, &slot));
    CHECK_CODE(slotring_verify(second, &slot), SLOTRING_E_NOT_OWNER);
    copy = slot;
    CHECK_OK(slotring_verify(ring, &copy));
    CHECK_OK(slotring_release(ring, &slot));
    CHECK_CODE(slotring_verify(ring, &slot), SLOTRING_E_STATE);
    for (uint64_t n = 0; n < 40; n++) /* the slot becomes another message's */
        publish(ring, 1, n);
    CHECK_CODE(slotring_verify(ring, &copy), SLOTRING_E_STALE);
    slotring_t *observer = ring_observe(ring_name());
    CHECK_CODE(slotring_verify(observer, &copy), SLOTRING_E_READ_ONLY);
    CHECK_OK(slotring_close(observer));
    CHECK_OK(slotring_close(second));
    ring_remove(ring, ring_name());
}

/* A message that was released, and whose slot another producer has claimed and begins to write. */
static void nothing_is_said_of_what_was_released(void)
{
    for (enum kind kind = 0; kind < KINDS; kind++) {
        check_context("%s", kind_names[kind]);
        scene_t s = set_scene(kind);
        slotring_slot_t copy = s.bad, next;
        if (s.writer) {
            CHECK_OK(slotring_writer_close(s.writer));
            s.writer = NULL;
        }
        CHECK_OK(slotring_unsubscribe(s.reader));
        CHECK_OK(slotring_verify(s.ring, &copy));
        CHECK_OK(slotring_release(s.ring, &s.bad));
        do {
            CHECK_OK(slotring_allocate(s.ring, 10, &next));
            memset(next.data, 0x77, SLOT_SIZE);
        } while (next.index != copy.index);
        CHECK_CODE(slotring_verify(s.ring, &copy), SLOTRING_E_STALE);
        CHECK_OK(slotring_close(s.observer));
        ring_remove(s.ring, ring_name());
    }
    check_context("%s", "");
}

static void a_ring_that_keeps(void)
{
    slotring_options_t options = summing_options(SLOTRING_CREATE);
    options.when_full = SLOTRING_KEEP;
    options.time_stamps = SLOTRING_TIME_COARSE;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_writer_t *writer = writer_open(ring);
    slotring_reader_t *reader = subscribe_verifying(ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    for (uint64_t n = 0; n < 60; n++) {
        slotring_slot_t slot;
        CHECK_OK(record_append(writer, 1, n, 1000, NO_WAIT));
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        record_check(&slot, 1000);
        CHECK_OK(slotring_verify(ring, &slot));
        CHECK_OK(slotring_reader_release(reader));
        CHECK_OK(slotring_free(ring, &slot.ticket));
    }
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_writer_close(writer));
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Others at work ---------------------------------------------------------------------------------------- */

static _Atomic int looked;

static void writes_all_the_time(void *context)
{
    slotring_t *ring = context;
    slotring_writer_t *writer = writer_open(ring);
    for (uint64_t n = 0; atomic_load(&looked) == 0; n++) {
        publish(ring, 1, n);
        CHECK_OK(record_append(writer, 2, n, LARGE, NO_WAIT));
    }
    CHECK_OK(slotring_writer_close(writer));
}

static void what_changes_in_use_is_no_finding(void)
{
    slotring_t *ring = create_summing(), *observer = ring_observe(ring_name());
    atomic_store(&looked, 0);
    thread_start(writes_all_the_time, ring);
    for (unsigned long n = 0; n < scaled(60); n++) {
        check_finds(ring, 0, "");
        check_finds(observer, 0, "");
    }
    atomic_store(&looked, 1);
    threads_join();
    CHECK_OK(slotring_close(observer));
    ring_remove(ring, ring_name());
}

static const test_case_t cases[] = {
    {"each_length_is_summed", each_length_is_summed, 0},
    {"each_way_to_publish_sums", each_way_to_publish_sums, 0},
    {"a_sum_is_the_same_everywhere", a_sum_is_the_same_everywhere, 0},
    {"a_changed_byte_is_found", a_changed_byte_is_found, 0},
    {"a_reader_is_told_and_goes_on", a_reader_is_told_and_goes_on, 0},
    {"a_batch_ends_with_it", a_batch_ends_with_it, 0},
    {"lossy_readers_and_the_past", lossy_readers_and_the_past, 0},
    {"a_changed_sum_is_found", a_changed_sum_is_found, 0},
    {"a_changed_word_beside_it_is_found", a_changed_word_beside_it_is_found, 0},
    {"a_record_without_a_sum_is_found", a_record_without_a_sum_is_found, 0},
    {"rings_without_checksums", rings_without_checksums, 0},
    {"slots_that_have_no_message", slots_that_have_no_message, 0},
    {"nothing_is_said_of_what_was_released", nothing_is_said_of_what_was_released, 0},
    {"a_ring_that_keeps", a_ring_that_keeps, 0},
    {"what_changes_in_use_is_no_finding", what_changes_in_use_is_no_finding, TEST_THREADS},
    {NULL, NULL, 0},
};

const test_suite_t checksum_suite = {"checksum", cases, NULL};
