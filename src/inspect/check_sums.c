/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the checksums, in a ring that has them: the bytes of each message that is in the ring, and of each record, against
 * the sum that its producer noted. Whoever looks holds nothing: it copies the bytes piece by piece, and afterwards looks whether the
 * slot is still what it was.
 */
#include <stdio.h>

#include "inspect/blocks.h"
#include "inspect/check.h"
#include "layout/plan.h"
#include "protocol/snapshot.h"
#include "protocol/span.h"
#include "protocol/sum.h"

#define SUM (SR__KIND(SR__AUDIT_SLOT, sr__slot_t, sum) + 1)
#define RECORD_SUM (SUM + 1)

/* A private copy of a part of a slot's payload. */
#define PIECE 16384u
typedef struct piece {
    sr__member_t *member;
    uint32_t slot;
    uint64_t start, end; /* bytes of the slot that it has */
    uint64_t words[PIECE / 8];
} piece_t;

/* Whole words: the payload of a slot begins and ends at a multiple of 64 bytes. */
SR__RACES static void copy_words(uint64_t *to, const uint8_t *from, uint64_t size)
{
    for (uint64_t i = 0; i < (size + 7) / 8; i++)
        to[i] = ((const volatile uint64_t *)(const void *)from)[i];
}

static int fill(piece_t *p, uint64_t start)
{
    const sr__view_t *view = &p->member->view;
    uint64_t size = view->payload_stride - start, at = p->slot * view->payload_stride + start;
    p->start = start;
    p->end = start + (size < PIECE ? size : PIECE);
    /* Acquire, on both sides of the copy: it comes after the look before it, and before the one after it. */
    atomic_thread_fence(memory_order_acquire);
    int failed = 0;
    if (p->member->observer)
        failed = p->member->os->segments.read(p->member->segment, sr__layout_control_size(&view->header) + at,
                                              p->words, (size_t)(p->end - start));
    else
        copy_words(p->words, view->payload + at, p->end - start);
    atomic_thread_fence(memory_order_acquire);
    return failed;
}

/* The bytes from `place` on, as many as there are in one piece. False: they cannot be read. */
static bool bytes_at(piece_t *p, uint64_t place, const uint8_t **bytes, uint64_t *there)
{
    if ((place < p->start || place >= p->end) && fill(p, place & ~UINT64_C(7)) != 0)
        return false;
    *bytes = (const uint8_t *)p->words + (place - p->start);
    *there = p->end - place;
    return true;
}

/* Adds them to *sum. */
static bool sum_bytes(piece_t *p, uint64_t place, uint64_t size, uint32_t *sum)
{
    while (size > 0) {
        const uint8_t *bytes;
        uint64_t there;
        if (!bytes_at(p, place, &bytes, &there))
            return false;
        there = there < size ? there : size;
        *sum = sr__sum(&p->member->view, *sum, bytes, there);
        place += there;
        size -= there;
    }
    return true;
}

/* Places of words are multiples of 8. */
static bool word_at(piece_t *p, uint64_t place, uint64_t *word)
{
    const uint8_t *bytes;
    uint64_t there;
    if (!bytes_at(p, place, &bytes, &there))
        return false;
    memcpy(word, bytes, sizeof *word);
    return true;
}

/* What a slot has, while one looks. */
typedef struct sight {
    uint64_t word, sequence, content, length, number, sum;
    sr__summed_t summed; /* of a message */
} sight_t;

static sight_t look(const sr__slot_t *s)
{
    return (sight_t){.word = sr__load(&s->word),
                     .sequence = sr__load(&s->sequence),
                     .content = sr__peek(&s->content),
                     .length = sr__peek(&s->length),
                     .number = sr__peek(&s->number),
                     .sum = sr__peek(&s->sum),
                     .summed = sr__summed_of(s)};
}

/* The same message, or the same block, as before the bytes were copied? */
static bool is_same(sr__audit_t *a, uint32_t slot, const sight_t *before)
{
    sr__slot_t *s = sr__slot(a->view, slot);
    if (sr__look_again(&a->ring->member, s, sizeof *s) != 0)
        return false;
    sight_t now = look(s);
    return sr__version(now.word) == sr__version(before->word) && sr__slot_state(now.word) != SR__FREE &&
           now.content == before->content && now.number == before->number &&
           (sr__slot_state(before->word) == SR__CLAIMED || now.sequence == before->sequence);
}

/* All bytes of a message, in its slot and in those behind that. False: they cannot be read, or are not all there. */
static bool sum_message(sr__audit_t *a, piece_t *p, const sr__summed_t *summed, uint32_t *sum)
{
    const sr__view_t *view = a->view;
    uint64_t done = 0, part, word, length = summed->length;
    uint32_t head = p->slot;
    for (*sum = sr__sum_begin(summed); done < length; done += part) {
        if (done > 0 && !sr__span_follow(view, head, SR__PIECE, SR__NOBODY, &p->slot, &word))
            return false;
        p->start = p->end = 0;
        part = length - done < view->slot_size ? length - done : view->slot_size;
        if (!sum_bytes(p, 0, part, sum))
            return false;
    }
    return true;
}

static void audit_message(sr__audit_t *a, piece_t *p, const sight_t *s)
{
    uint32_t found, slot = p->slot;
    bool fits = s->length <= a->view->slot_size ||
                ((s->content & SR__SPAN) && sr__slots_for(a->view, s->length) <= a->view->slot_count);
    bool read = fits && sum_message(a, p, &s->summed, &found);
    p->slot = slot;
    if (!read || found == s->sum || !is_same(a, slot, s))
        return;
    sr__find(a, SUM, p->slot, s->sum ^ (uint64_t)found << 32,
             "slot %" PRIu32 ", sequence %" PRIu64 ": its %" PRIu64 " bytes have the checksum %08" PRIx32
             ", its producer noted %08" PRIx64,
             p->slot, s->sequence, s->length, found, s->sum);
}

static void find_record(sr__audit_t *a, const piece_t *p, const sight_t *s, uint64_t number, uint64_t length,
                        uint32_t found, const uint64_t *noted)
{
    char what[48];
    if (noted)
        snprintf(what, sizeof what, "its producer noted %08" PRIx64, *noted);
    else
        snprintf(what, sizeof what, "no checksum stands behind them");
    sr__find(a, RECORD_SUM, p->slot, number ^ (uint64_t)found << 32,
             "slot %" PRIu32 ", message %" PRIu64 " of writer %" PRIu32 ": its %" PRIu64
             " bytes have the checksum %08" PRIx32 ", %s",
             p->slot, number, sr__content_writer(s->content), length, found, what);
}

/* With what stands behind the message. */
static bool begin_record(piece_t *p, uint64_t place, uint64_t header, uint64_t number, uint32_t *sum)
{
    uint64_t at = place + SR__RECORD_HEADER + ((sr__record_length(header) + 7) & ~UINT64_C(7));
    sr__summed_t summed = {.length = sr__record_length(header), .number = number};
    summed.tag = header >> SR__RECORD_TAG_SHIFT & (SR__RECORD_TAG_LEAST - 1);
    if (header & SR__RECORD_HAS_TIME) {
        if (!word_at(p, at, &summed.time))
            return false;
        at += 8;
    }
    if ((header & SR__RECORD_HAS_TAG) && !word_at(p, at, &summed.tag))
        return false;
    *sum = sr__sum_begin(&summed);
    return true;
}

/* Along the headers. What is damaged there is found with the blocks. */
static void audit_block(sr__audit_t *a, piece_t *p, const sight_t *s)
{
    uint64_t size = sr__block_size(a->view), header, noted;
    uint32_t first = a->count;
    for (uint64_t place = 0, number = s->number; size - place >= SR__RECORD_HEADER; number++) {
        uint32_t found;
        if (!word_at(p, place, &header) || sr__record_judge(size, place, header) != SR__RECORD_THERE)
            break;
        uint64_t length = sr__record_length(header), next = place + sr__record_size(header);
        bool has_sum = (header & SR__RECORD_HAS_SUM) != 0;
        if (!begin_record(p, place, header, number, &found))
            break;
        if (!sum_bytes(p, place + SR__RECORD_HEADER, length, &found) || !word_at(p, next - 8, &noted))
            break;
        if (!has_sum || found != noted)
            find_record(a, p, s, number, length, found, has_sum ? &noted : NULL);
        place = next;
    }
    if (a->count > first && !is_same(a, p->slot, s))
        a->count = first;
}

/* Is there a message, or a block, that readers may have? One that is open is named by its writer's row. */
static bool has_message(sr__audit_t *a, uint32_t slot, const sight_t *s)
{
    if (sr__slot_state(s->word) == SR__COMMIT)
        return !sr__is_being_written(a->view, slot, s->word, s->sequence);
    return sr__is_committed(s->word);
}

static void audit_open_blocks(sr__audit_t *a, piece_t *p)
{
    for (uint32_t row = 0; row < sr__writers_high(a->view); row++) {
        sr__writer_sight_t writer;
        if (sr__writer_look(&a->ring->member, row, &writer) != 0 || writer.slot == SR__NO_SLOT ||
            writer.kind != SR__BLOCK)
            continue;
        sight_t s = look(sr__slot(a->view, writer.slot));
        if (sr__slot_state(s.word) != SR__CLAIMED || sr__content_writer(s.content) != row ||
            sr__content_block(s.content) != writer.block)
            continue;
        p->slot = writer.slot;
        p->start = p->end = 0;
        audit_block(a, p, &s);
    }
}

void sr__audit_sums(sr__audit_t *a)
{
    piece_t p = {.member = &a->ring->member};
    if (!sr__has_sums(a->view))
        return;
    for (p.slot = 0; p.slot < a->view->slot_count; p.slot++) {
        sight_t s = look(sr__slot(a->view, p.slot));
        p.start = p.end = 0;
        if (!has_message(a, p.slot, &s))
            continue;
        if (sr__content_kind(s.content) == SR__BLOCK)
            audit_block(a, &p, &s);
        else
            audit_message(a, &p, &s);
    }
    audit_open_blocks(a, &p);
}
