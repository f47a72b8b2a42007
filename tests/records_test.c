/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of any size through a writer: visible when the call returns, whole, in order, numbered without a gap; what a
 * lossy reader misses is counted; what one writer does holds up no other. */
#include <string.h>

#include "protocol/record.h"
#include "support/internals.h"
#include "support/process.h"
#include "support/records.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define NO_WAIT 0

typedef struct shape {
    uint64_t slots, slot_size;
    uint32_t when_full, time_stamps;
} shape_t;

static slotring_t *ring_of(const shape_t *shape)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, shape->slots, shape->slot_size);
    options.when_full = shape->when_full;
    options.time_stamps = shape->time_stamps;
    return ring_open_with(ring_name(), &options);
}

static void finish(slotring_t *ring)
{
    check_ring_at_rest(ring);
    ring_remove(ring, ring_name());
}

/* ---- Damage ---------------------------------------------------------------------------------------------- */

/* An end that somebody wrote into a block hides the records behind it: a reader that is owed them is told so. */
static void what_a_false_end_hides_is_no_end(void)
{
    slotring_t *ring = ring_of(&(shape_t){8, 256, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE});
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = writer_open(ring);
    slotring_slot_t slot;
    for (uint64_t n = 0; n < 4; n++)
        CHECK_OK(slotring_writer_append(writer, "12345678", 8, n, NO_WAIT));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    sr__word_t *header = sr__record_word(sr__block_bytes(&ring->member.view, 0), 2 * 16);
    uint64_t right = sr__load(header);
    sr__poke(header, right | SR__RECORD_END);
    for (uint64_t n = 0; n < 2; n++) {
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.tag, n);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_CORRUPT);
    CHECK_EQUAL(records_missed(reader), 0);
    CHECK_CODE(slotring_next(reader, FOR_EVER, &slot), SLOTRING_E_END); /* told once; then it is counted */
    CHECK_EQUAL(records_missed(reader), 2);
    sr__poke(header, right);
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

/* ---- One writer ------------------------------------------------------------------------------------------ */

static const shape_t shapes[] = {
    {8, 1, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE},     {8, 7, SLOTRING_OVERWRITE, SLOTRING_TIME_MONOTONIC},
    {8, 8, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE},     {8, 8, SLOTRING_OVERWRITE, SLOTRING_TIME_MONOTONIC},
    {8, 16, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE},    {8, 16, SLOTRING_OVERWRITE, SLOTRING_TIME_MONOTONIC},
    {8, 24, SLOTRING_OVERWRITE, SLOTRING_TIME_COARSE},  {8, 31, SLOTRING_OVERWRITE, SLOTRING_TIME_MONOTONIC},
    {8, 62, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE},    {8, 64, SLOTRING_OVERWRITE, SLOTRING_TIME_MONOTONIC},
    {8, 100, SLOTRING_OVERWRITE, SLOTRING_TIME_COARSE}, {8, 1000, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE},
    {2, 8, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE},     {2, 100, SLOTRING_OVERWRITE, SLOTRING_TIME_MONOTONIC},
    {3, 4096, SLOTRING_OVERWRITE, SLOTRING_TIME_NONE},  {8, 100, SLOTRING_KEEP, SLOTRING_TIME_NONE},
    {3, 16, SLOTRING_KEEP, SLOTRING_TIME_MONOTONIC},    {4, 1000, SLOTRING_KEEP, SLOTRING_TIME_COARSE},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

/* Small tags and large ones: a record has room for a small one in its header. */
static void write_and_read(const shape_t *shape, uint32_t mode, uint32_t start, uint32_t producer)
{
    slotring_t *ring = ring_of(shape);
    slotring_reader_t *reader = subscribe(ring, mode, start);
    slotring_writer_t *writer = writer_open(ring);
    slotring_slot_t slot;
    uint64_t time = 0;
    for (uint64_t n = 0; n < scaled(300); n++) {
        check_context("slots of %d bytes, keep %d, stamps %u, mode %u, start %u, producer %u: message %d",
                      (int)shape->slot_size, shape->when_full == SLOTRING_KEEP, shape->time_stamps, mode,
                      start, producer, (int)n);
        CHECK_OK(record_append(writer, producer, n, shape->slot_size, NO_WAIT));
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.tag, pattern_tag(producer, n));
        CHECK_EQUAL(slot.number, n);
        CHECK_EQUAL(slot.writer, 0);
        CHECK_EQUAL(slot.producer, ring_info(ring).participant);
        record_check(&slot, shape->slot_size);
        CHECK_EQUAL(slot.time_ns != 0, shape->time_stamps != SLOTRING_TIME_NONE);
        CHECK_AT_LEAST(slot.time_ns, time);
        time = slot.time_ns;
        if (shape->when_full == SLOTRING_KEEP) /* whoever has read it lets it go */
            CHECK_OK(slotring_free(ring, &slot.ticket));
        CHECK_OK(slotring_reader_release(reader));
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
        if (n % 16 == 0)
            check_ring(ring);
    }
    CHECK_OK(slotring_writer_close(writer));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_EQUAL(records_missed(reader), 0);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_EQUAL(records_total(ring, 0), scaled(300));
    finish(ring);
    check_context("%s", "");
}

static void every_size_at_once(void)
{
    for (size_t i = 0; i < SHAPES; i++)
        for (uint32_t how = 0; how < 4; how++)
            write_and_read(&shapes[i], how & 1 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS,
                           how & 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW, how % 3);
}

/* The reader comes behind the writer, in batches of several sizes; the writer writes batches, too. */
static void in_batches(void)
{
    enum {
        MOST = 9
    };
    for (uint32_t how = 0; how < 16; how++) {
        uint64_t slot_size = how & 8 ? 4096 : 200, most = how & 8 ? 900 : 200;
        slotring_t *ring = ring_create(ring_name(), 40, slot_size);
        slotring_reader_t *reader = subscribe(ring, how & 1 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS,
                                              how & 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW);
        slotring_writer_t *writer = writer_open(ring);
        uint8_t bytes[MOST][4096];
        slotring_message_t messages[MOST];
        slotring_slot_t slots[MOST];
        uint64_t written = 0, read = 0;
        for (uint32_t round = 0; round < scaled(100); round++) {
            check_context("way %u, round %u", how, round);
            uint32_t count = 1 + round % MOST, done = 0;
            for (uint32_t i = 0; i < count; i++) {
                messages[i].tag = pattern_tag(how & 4 ? 7 : 0, written + i);
                messages[i].size = record_length(messages[i].tag, most);
                messages[i].data = messages[i].size == 0 && i % 2 ? NULL : bytes[i];
                pattern_fill(bytes[i], messages[i].size, messages[i].tag);
            }
            CHECK_OK(slotring_writer_append_batch(writer, messages, count, NO_WAIT, &done));
            CHECK_EQUAL(done, count);
            written += count;
            while (read < written) {
                CHECK_OK(
                    slotring_next_batch(reader, NO_WAIT, slots, 1 + (round + (uint32_t)read) % MOST, &count));
                for (uint32_t i = 0; i < count; i++, read++) {
                    CHECK_EQUAL(slots[i].number, read);
                    CHECK_EQUAL(slots[i].tag, pattern_tag(how & 4 ? 7 : 0, read));
                    record_check(&slots[i], most);
                }
                for (uint32_t i = 0; i < count; i++)
                    record_check(&slots[i], most); /* all of them stay until the release */
                CHECK_OK(slotring_reader_release(reader));
            }
            CHECK_CODE(slotring_next_batch(reader, NO_WAIT, slots, MOST, &count), SLOTRING_E_EMPTY);
        }
        CHECK_OK(slotring_writer_close(writer));
        CHECK_OK(slotring_unsubscribe(reader));
        finish(ring);
    }
}

/* ---- Where a reader starts ------------------------------------------------------------------------------- */

/* `before` messages are committed when the reader comes; a slot is open then, in most cases. */
static void join(uint32_t mode, uint32_t start, uint64_t before)
{
    const uint64_t most = 30;
    slotring_t *ring = ring_create(ring_name(), 8, 256);
    slotring_writer_t *writer = writer_open(ring);
    uint64_t first = start == SLOTRING_FROM_NOW ? before : 0;
    for (uint64_t n = 0; n < before; n++)
        CHECK_OK(record_append(writer, 1, n, most, NO_WAIT));
    slotring_reader_t *reader = subscribe(ring, mode, start);
    slotring_slot_t slot;
    for (; first < before; first++)
        record_take_now(reader, pattern_tag(1, first), first, most);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    for (uint64_t n = before; n < before + 12; n++) {
        CHECK_OK(record_append(writer, 1, n, most, NO_WAIT));
        if (n % 3 == 2) /* what came meanwhile, some of it in a slot that is closed by now */
            for (; first <= n; first++)
                record_take_now(reader, pattern_tag(1, first), first, most);
    }
    for (; first < before + 12; first++)
        record_take_now(reader, pattern_tag(1, first), first, most);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
    CHECK_EQUAL(records_missed(reader), 0);
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

static void joined_while_a_slot_is_open(void)
{
    for (uint32_t how = 0; how < 4; how++)
        for (uint64_t before = 0; before < 24; before++) {
            check_context("way %u, %d messages before", how, (int)before);
            join(how & 1 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS,
                 how & 2 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW, before);
        }
}

/* ---- Reservations ---------------------------------------------------------------------------------------- */

static void reserve_and_commit(slotring_writer_t *writer, uint64_t number, uint64_t size, uint64_t most)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_reserve(writer, size, NO_WAIT, &slot));
    CHECK_AT_LEAST(slot.capacity, size);
    CHECK_EQUAL(slot.number, number);
    CHECK_EQUAL((uintptr_t)slot.data % 8, 0);
    memset(slot.data, 0xbb, (size_t)slot.capacity); /* all of it is the caller's */
    slot.tag = pattern_tag(2, number);
    uint64_t length = record_length(slot.tag, most);
    pattern_fill(slot.data, length, slot.tag);
    CHECK_OK(slotring_writer_commit(writer, &slot, length));
    CHECK(slot.data == NULL);
    CHECK_CODE(slotring_writer_commit(writer, &slot, length), SLOTRING_E_STATE);
    CHECK_CODE(slotring_writer_cancel(writer, &slot), SLOTRING_E_STATE);
}

static void reserve_and_cancel(slotring_writer_t *writer, uint64_t size)
{
    slotring_slot_t slot;
    CHECK_OK(slotring_writer_reserve(writer, size, NO_WAIT, &slot));
    memset(slot.data, 0xcc, (size_t)slot.capacity);
    CHECK_CODE(slotring_writer_commit(writer, &slot, slot.capacity + 1), SLOTRING_E_TOO_LARGE);
    CHECK_OK(slotring_writer_cancel(writer, &slot));
    CHECK(slot.data == NULL);
    CHECK_CODE(slotring_writer_commit(writer, &slot, 1), SLOTRING_E_STATE);
}

/* Committed shorter, cancelled, records and whole slots by turns: nothing but what is committed is ever there. */
static void reservations(void)
{
    static const uint64_t slot_sizes[] = {8, 16, 24, 100, 1000};
    for (uint32_t how = 0; how < 10; how++) {
        uint64_t size = slot_sizes[how / 2], most = size < 60 ? size : 60;
        slotring_t *ring = ring_create(ring_name(), 6, size);
        slotring_reader_t *reader =
            subscribe(ring, how & 1 ? SLOTRING_LOSSY : SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        slotring_writer_t *writer = writer_open(ring);
        slotring_slot_t slot;
        for (uint64_t n = 0; n < scaled(200); n++) {
            check_context("slots of %d bytes, reader %u, message %d", (int)size, how & 1, (int)n);
            uint64_t length = record_length(pattern_tag(2, n), most);
            if (n % 3 == 0)
                reserve_and_cancel(writer, n % 2 ? size : n % (size + 1));
            CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
            reserve_and_commit(writer, n, n % 7 == 1 ? size : length, most);
            if (n % 4 == 0)
                reserve_and_cancel(writer, size);
            record_take_now(reader, pattern_tag(2, n), n, most);
        }
        check_ring(ring);
        CHECK_OK(slotring_writer_reserve(writer, how & 1 ? 1 : size, NO_WAIT, &slot));
        CHECK_OK(slotring_writer_close(writer)); /* cancels it */
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
        CHECK_OK(slotring_unsubscribe(reader));
        finish(ring);
    }
}

static void one_reservation_at_a_time(void)
{
    slotring_t *ring = ring_create(ring_name(), 6, 200);
    slotring_writer_t *writer = writer_open(ring), *other = writer_open(ring);
    slotring_slot_t slot, second, copy;
    slotring_message_t message = {"abc", 3, 1};
    uint32_t done = 7;
    for (uint64_t size = 3; size <= 200; size += 197) {
        CHECK_OK(slotring_writer_reserve(writer, size, NO_WAIT, &slot));
        copy = slot;
        CHECK_CODE(slotring_writer_reserve(writer, 1, NO_WAIT, &second), SLOTRING_E_STATE);
        CHECK_CODE(slotring_writer_append(writer, "abc", 3, 1, NO_WAIT), SLOTRING_E_STATE);
        CHECK_CODE(slotring_writer_append_batch(writer, &message, 1, NO_WAIT, &done), SLOTRING_E_STATE);
        CHECK_EQUAL(done, 0);
        CHECK_CODE(slotring_writer_commit(other, &slot, 1), SLOTRING_E_STATE);
        CHECK_CODE(slotring_mark_ready(ring, &slot, 1), SLOTRING_E_STATE);
        CHECK_CODE(slotring_abort(ring, &slot), SLOTRING_E_STATE);
        CHECK_CODE(slotring_release(ring, &slot), SLOTRING_E_NOT_HELD);
        CHECK_CODE(slotring_end_stream(ring), SLOTRING_E_STATE);
        CHECK_OK(slotring_writer_commit(writer, &slot, 2));
        CHECK_CODE(slotring_writer_commit(writer, &copy, 2), SLOTRING_E_STATE);
        CHECK_OK(slotring_writer_reserve(writer, size, NO_WAIT, &slot));
        CHECK_CODE(slotring_writer_cancel(writer, &copy), SLOTRING_E_STATE); /* of the one before */
        CHECK_OK(slotring_writer_cancel(writer, &slot));
    }
    CHECK_OK(slotring_writer_close(other));
    CHECK_OK(slotring_writer_close(writer));
    CHECK_CODE(slotring_writer_append(writer, "abc", 3, 1, NO_WAIT), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_writer_close(writer), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_writer_close(NULL), SLOTRING_E_CLOSED);
    CHECK_OK(slotring_end_stream(ring));
    finish(ring);
}

/* ---- Errors ---------------------------------------------------------------------------------------------- */

static void wrong_arguments(void)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100), *observer = ring_observe(ring_name());
    slotring_writer_t *writer = (slotring_writer_t *)1;
    slotring_writer_options_t options;
    slotring_slot_t slot;
    slotring_error_t error;
    uint8_t bytes[101] = {0};
    uint32_t done;
    CHECK_CODE(slotring_writer_open(ring, NULL, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_open(NULL, NULL, &writer), SLOTRING_E_CLOSED);
    CHECK(writer == NULL);
    CHECK_CODE(slotring_writer_open(observer, NULL, &writer), SLOTRING_E_READ_ONLY);
    slotring_writer_options_init(&options);
    options.reserved[3] = 1;
    CHECK_CODE(slotring_writer_open(ring, &options, &writer), SLOTRING_E_INVALID);
    slotring_writer_options_init(&options);
    CHECK_OK(slotring_writer_open(ring, &options, &writer));
    CHECK_CODE(slotring_writer_append(writer, NULL, 1, 0, NO_WAIT), SLOTRING_E_INVALID);
    CHECK_OK(slotring_writer_append(writer, NULL, 0, 0, NO_WAIT));
    uint64_t all = ring_info(ring).total_size; /* what is larger than a slot takes several */
    CHECK_CODE(slotring_writer_append(writer, bytes, all + 1, 0, NO_WAIT), SLOTRING_E_TOO_LARGE);
    slotring_last_error(&error);
    CHECK_CONTAINS(error.text, "bytes do not fit into a ring of");
    CHECK_CONTAINS(error.text, "100");
    CHECK_CODE(slotring_writer_append(writer, bytes, UINT64_MAX, 0, NO_WAIT), SLOTRING_E_TOO_LARGE);
    CHECK_CODE(slotring_writer_reserve(writer, UINT64_MAX - 7, NO_WAIT, &slot), SLOTRING_E_TOO_LARGE);
    CHECK_CODE(slotring_writer_reserve(writer, 1, NO_WAIT, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_commit(writer, NULL, 1), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_cancel(writer, NULL), SLOTRING_E_INVALID);
    CHECK_CODE(slotring_writer_append_batch(writer, NULL, 1, NO_WAIT, &done), SLOTRING_E_INVALID);
    CHECK_OK(slotring_writer_append_batch(writer, NULL, 0, NO_WAIT, NULL));
    slotring_message_t some[3] = {{bytes, 1, 0}, {bytes, all + 1, 0}, {bytes, 1, 0}};
    CHECK_CODE(slotring_writer_append_batch(writer, some, 3, NO_WAIT, &done), SLOTRING_E_TOO_LARGE);
    CHECK_EQUAL(done, 1); /* and what stands before the wrong one is there */
    some[1] = (slotring_message_t){NULL, 1, 0};
    CHECK_CODE(slotring_writer_append_batch(writer, some, 3, NO_WAIT, &done), SLOTRING_E_INVALID);
    CHECK_EQUAL(done, 1);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_EQUAL(records_total(ring, 0), 3);
    CHECK_OK(slotring_close(observer));
    finish(ring);
}

static void as_many_writers_as_the_ring_admits(void)
{
    static const struct {
        uint64_t slots;
        uint32_t asked, got;
    } rows[] = {{1, 0, 0}, {1, 5, 0}, {2, 0, 1}, {3, 9, 2}, {8, 3, 3}, {80, 0, 64}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        slotring_writer_t *writers[64], *more;
        slotring_options_t options = ring_options(SLOTRING_CREATE, rows[i].slots, 64);
        options.max_writers = rows[i].asked;
        slotring_t *ring = ring_open_with(ring_name(), &options), *other = ring_attach(ring_name());
        for (uint32_t w = 0; w < rows[i].got; w++) {
            writers[w] = writer_open(w % 2 ? ring : other);
            CHECK_OK(record_append(writers[w], w, 0, 8, NO_WAIT));
        }
        check_context("%d slots, %u writers asked for", (int)rows[i].slots, rows[i].asked);
        CHECK_CODE(slotring_writer_open(ring, NULL, &more), SLOTRING_E_WRITERS);
        CHECK(more == NULL);
        slotring_ticket_t ticket = publish(ring, 100, 0); /* one slot is left, always */
        read_once(ring, &ticket);
        if (rows[i].got > 0) {
            CHECK_OK(slotring_writer_close(writers[0]));
            more = writer_open(ring);
            CHECK_OK(slotring_writer_append(more, "x", 1, 5, NO_WAIT));
            CHECK_EQUAL(records_total(ring, 0), 1);
        }
        CHECK_OK(slotring_close(other)); /* with its writers */
        check_ring(ring);
        CHECK_OK(slotring_close(ring));
        ring = ring_attach(ring_name());
        for (uint32_t w = 0; w < rows[i].got; w++)
            CHECK_EQUAL(records_total(ring, w), w == 0 ? 2 : 1);
        finish(ring);
    }
}

/* A lossless reader that stands: the writer gets what it is told, and has changed nothing. */
static void full(void)
{
    for (uint32_t how = 0; how < 2; how++) {
        uint64_t most = how ? 200 : 40;
        slotring_t *ring = ring_create(ring_name(), 4, 200), *readers = ring_attach(ring_name());
        slotring_reader_t *reader = subscribe(readers, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        slotring_writer_t *writer = writer_open(ring);
        uint64_t written = 0, read = 0;
        slotring_slot_t slot;
        for (uint32_t round = 0; round < 20; round++) {
            int code;
            while ((code = record_append(writer, 1, written, most, NO_WAIT)) == 0)
                written++;
            CHECK_EQUAL(code, SLOTRING_E_FULL);
            CHECK_CODE(record_append(writer, 1, written, most, MILLISECOND), SLOTRING_E_TIMEOUT);
            CHECK_CODE(slotring_writer_reserve(writer, 200, NO_WAIT, &slot), SLOTRING_E_FULL);
            CHECK(!records_open(ring, 0)); /* who waits keeps nothing back */
            for (uint64_t until = round % 2 ? written : read + 1; read < until; read++)
                record_take_now(reader, pattern_tag(1, read), read, most);
            if (round % 2)
                CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
            check_ring(ring);
        }
        CHECK_AT_LEAST(written, 40);
        CHECK_AT_LEAST(ring_stats(ring).full, 60);
        for (; read < written; read++)
            record_take_now(reader, pattern_tag(1, read), read, most);
        CHECK_OK(slotring_writer_close(writer));
        CHECK_OK(slotring_close(readers));
        finish(ring);
    }
}

/* A batch that finds no room for all writes what it can. */
static void a_batch_into_the_last_slot(void)
{
    slotring_t *ring = ring_create(ring_name(), 3, 256);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_writer_t *writer = writer_open(ring);
    slotring_message_t messages[64];
    uint32_t done, read = 0;
    static const uint8_t zeros[32];
    for (uint32_t i = 0; i < 64; i++)
        messages[i] = (slotring_message_t){zeros, i % 32, i};
    CHECK_OK(slotring_writer_append_batch(writer, messages, 64, NO_WAIT, &done));
    CHECK_AT_LEAST(done, 12);
    CHECK_AT_LEAST(63, done);
    uint32_t before = done;
    CHECK_CODE(slotring_writer_append_batch(writer, messages + done, 64 - done, NO_WAIT, &done),
               SLOTRING_E_FULL);
    CHECK_EQUAL(done, 0);
    slotring_slot_t slot;
    for (; read < before; read++) {
        CHECK_OK(slotring_next(reader, NO_WAIT, &slot));
        CHECK_EQUAL(slot.tag, read);
        CHECK_EQUAL(slot.length, read % 32);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(slotring_writer_append_batch(writer, messages + before, 64 - before, NO_WAIT, &done));
    CHECK_AT_LEAST(done, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_writer_close(writer));
    finish(ring);
}

/* The stream of a handle with an open writer cannot be ended, and ends with the writer's handle. */
static void end_of_stream(void)
{
    slotring_t *ring = ring_create(ring_name(), 6, 100), *other = ring_attach(ring_name());
    slotring_reader_t *reader = subscribe(other, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_slot_t slot;
    slotring_writer_t *writer = writer_open(ring);
    CHECK_EQUAL(ring_stats(ring).producers, 1);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_end_stream(ring), SLOTRING_E_STATE);
    CHECK_OK(record_append(writer, 1, 0, 20, NO_WAIT));
    CHECK_CODE(slotring_end_stream(ring), SLOTRING_E_STATE);
    CHECK_OK(slotring_writer_close(writer));
    CHECK_OK(slotring_end_stream(ring));
    record_take_now(reader, pattern_tag(1, 0), 0, 20);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
    writer = writer_open(ring);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_EMPTY);
    CHECK_OK(record_append(writer, 1, 1, 20, NO_WAIT));
    CHECK_OK(slotring_close(ring)); /* with the writer open */
    record_take_now(reader, pattern_tag(1, 1), 1, 20);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
    CHECK_CODE(slotring_writer_append(writer, "x", 1, 1, NO_WAIT), SLOTRING_E_CLOSED);
    CHECK_CODE(slotring_writer_close(writer), SLOTRING_E_CLOSED);
    CHECK_OK(slotring_unsubscribe(reader));
    finish(other);
}

/* A slot that stays open is none that a wait of this thread could make free. */
static void waits_for_itself(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 3, 100);
    options.flags = SLOTRING_ONE_THREAD;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_writer_t *writer = writer_open(ring), *other = writer_open(ring);
    slotring_slot_t slot;
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    CHECK_OK(record_append(writer, 1, 0, 20, NO_WAIT));
    slotring_ticket_t ticket = publish(ring, 3, 0); /* and not read */
    CHECK_OK(slotring_allocate(ring, 1, &slot));
    slotring_slot_t more;
    CHECK_CODE(record_append(other, 2, 0, 20, PATIENCE), SLOTRING_E_STATE);
    CHECK_CODE(slotring_allocate_wait(ring, 1, PATIENCE, &more), SLOTRING_E_STATE);
    CHECK_CODE(slotring_writer_reserve(writer, 100, PATIENCE, &more), SLOTRING_E_STATE);
    CHECK_OK(slotring_abort(ring, &slot));
    CHECK_OK(record_append(other, 2, 0, 20, PATIENCE));
    take_now(reader, ticket.sequence == 0 ? pattern_tag(3, 0) : 0);
    record_take_now(reader, pattern_tag(1, 0), 0, 20);
    record_take_now(reader, pattern_tag(2, 0), 0, 20);
    CHECK_OK(slotring_unsubscribe(reader));
    CHECK_OK(slotring_writer_close(other));
    CHECK_OK(slotring_writer_close(writer));
    finish(ring);
}

/* ---- Loss ------------------------------------------------------------------------------------------------ */

/* What a lossy reader had of each writer: numbers rise, and the steps between them are what it missed. */
typedef struct had {
    uint64_t next, delivered, missed;
} had_t;

static void note(had_t *had, const slotring_slot_t *slot)
{
    CHECK_AT_LEAST(slot->number, had->next);
    had->missed += slot->number - had->next;
    had->delivered++;
    had->next = slot->number + 1;
}

#define LOSS_WRITERS 3u

static void read_some(slotring_reader_t *reader, had_t *had, uint32_t most_messages, uint64_t most)
{
    slotring_slot_t slots[5];
    uint32_t count;
    while (most_messages > 0) {
        uint32_t wanted = most_messages < 5 ? most_messages : 5;
        int code = slotring_next_batch(reader, NO_WAIT, slots, wanted, &count);
        if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_END)
            return;
        CHECK_OK(code);
        for (uint32_t i = 0; i < count; i++) {
            CHECK(slots[i].writer < LOSS_WRITERS);
            CHECK_EQUAL(pattern_number(slots[i].tag), slots[i].number);
            CHECK_EQUAL(pattern_producer(slots[i].tag), slots[i].writer);
            record_check(&slots[i], most);
            note(&had[slots[i].writer], &slots[i]);
        }
        CHECK_OK(slotring_reader_release(reader));
        most_messages -= count;
    }
}

/* Readers at several paces; writers that write records, whole slots, and stand for a while. */
static void lose_some(uint32_t start, uint32_t pace, uint64_t most)
{
    slotring_t *ring = ring_create(ring_name(), 7, 300);
    slotring_reader_t *reader = NULL;
    slotring_writer_t *writers[LOSS_WRITERS];
    uint64_t written[LOSS_WRITERS] = {0};
    had_t had[LOSS_WRITERS] = {{0}};
    uint32_t random = pace * 77 + start;
    for (uint32_t w = 0; w < LOSS_WRITERS; w++)
        writers[w] = writer_open(ring);
    if (start == SLOTRING_FROM_NOW)
        for (; written[0] < 5; written[0]++)
            CHECK_OK(record_append(writers[0], 0, written[0], most, NO_WAIT));
    reader = subscribe(ring, SLOTRING_LOSSY, start);
    had[0].next = written[0];
    for (uint32_t round = 0; round < scaled(400); round++) {
        random = random * 1664525u + 1013904223u;
        uint32_t w = (random >> 20) % LOSS_WRITERS, burst = (random >> 10) % 32;
        if (w == 2 && round % 50 < 45)
            burst = burst % 2;
        for (; burst > 0; burst--, written[w]++)
            CHECK_OK(record_append(writers[w], w, written[w], most, NO_WAIT));
        if (round % pace == 0)
            read_some(reader, had, (random >> 8) % 64, most);
    }
    for (uint32_t w = 0; w < LOSS_WRITERS; w++)
        CHECK_OK(slotring_writer_close(writers[w]));
    CHECK_OK(slotring_end_stream(ring));
    slotring_slot_t slot;
    read_some(reader, had, UINT32_MAX, most);
    CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
    uint64_t missed = 0, first = start == SLOTRING_FROM_NOW ? 5 : 0;
    for (uint32_t w = 0; w < LOSS_WRITERS; w++) {
        had[w].missed += written[w] - had[w].next; /* the last ones */
        CHECK_EQUAL(records_total(ring, w), written[w]);
        CHECK_EQUAL(had[w].delivered + had[w].missed, written[w] - (w == 0 ? first : 0));
        missed += had[w].missed;
    }
    CHECK_EQUAL(records_missed(reader), missed);
    if (pace > 3)
        CHECK_AT_LEAST(missed, 1);
    CHECK_OK(slotring_unsubscribe(reader));
    finish(ring);
}

static void loss_is_exact(void)
{
    for (uint32_t how = 0; how < 8; how++)
        for (uint32_t pace = 1; pace < 40; pace = pace * 2 + 1) {
            check_context("way %u, pace %u", how, pace);
            lose_some(how & 1 ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW, pace,
                      how & 2   ? 300
                      : how & 4 ? 100
                                : 24);
        }
}

/* Never reads until the end. */
static void all_is_lost(void)
{
    for (uint32_t start = 0; start < 2; start++) {
        check_context("start %u", start);
        slotring_t *ring = ring_create(ring_name(), 3, 100);
        slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSY, start);
        slotring_writer_t *writer = writer_open(ring);
        for (uint64_t n = 0; n < 50; n++)
            CHECK_OK(record_append(writer, 0, n, 20, NO_WAIT));
        CHECK_OK(slotring_writer_close(writer));
        for (uint64_t n = 0; n < 3; n++)
            publish(ring, 1, n);
        CHECK_OK(slotring_end_stream(ring));
        slotring_slot_t slot;
        for (uint64_t n = 0; n < 3; n++)
            take_now(reader, pattern_tag(1, n));
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
        CHECK_EQUAL(records_missed(reader), 50);
        CHECK_CODE(slotring_next(reader, NO_WAIT, &slot), SLOTRING_E_END);
        CHECK_EQUAL(records_missed(reader), 50); /* once */
        CHECK_OK(slotring_unsubscribe(reader));
        finish(ring);
    }
}

static const test_case_t cases[] = {
    {"what_a_false_end_hides_is_no_end", what_a_false_end_hides_is_no_end, 0},
    {"every_size_at_once", every_size_at_once, 0},
    {"in_batches", in_batches, 0},
    {"joined_while_a_slot_is_open", joined_while_a_slot_is_open, 0},
    {"reservations", reservations, 0},
    {"one_reservation_at_a_time", one_reservation_at_a_time, 0},
    {"wrong_arguments", wrong_arguments, 0},
    {"as_many_writers_as_the_ring_admits", as_many_writers_as_the_ring_admits, 0},
    {"full", full, 0},
    {"a_batch_into_the_last_slot", a_batch_into_the_last_slot, 0},
    {"end_of_stream", end_of_stream, 0},
    {"waits_for_itself", waits_for_itself, 0},
    {"loss_is_exact", loss_is_exact, 0},
    {"all_is_lost", all_is_lost, 0},
    {NULL, NULL, 0},
};

const test_suite_t records_suite = {"records", cases, NULL};
