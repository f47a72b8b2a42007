/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader has had of each writer, and what it has not: the number of the next message, and what was missed or passed over
 * before that. */
#include "traffic/readers/followed.h"

#include <stdlib.h>

#include "base/error.h"
#include "protocol/counters.h"
#include "traffic/readers/missed.h"
#include "traffic/readers/revoked.h"
#include "traffic/readers/wanted.h"

int sr__records_make(slotring_reader_t *reader)
{
    uint32_t writers = reader->ring->member.view.writer_count;
    reader->openings_seen = SR__NO_SEQUENCE;
    if (writers == 0)
        return 0;
    reader->followed = calloc(writers, sizeof *reader->followed);
    reader->open_writers = calloc(writers, sizeof *reader->open_writers);
    return reader->followed && reader->open_writers ? 0 : SLOTRING_E_NO_MEMORY;
}

void sr__records_free(slotring_reader_t *reader)
{
    free(reader->followed);
    free(reader->open_writers);
    reader->followed = NULL;
    reader->open_writers = NULL;
}

void sr__records_miss(slotring_reader_t *reader, uint64_t from, uint64_t to)
{
    sr__word_t *missed = &reader->subscription->records_missed;
    uint64_t count = reader->wanted.latest ? 0 : sr__wanted_between(&reader->wanted, from, to);
    if (count > 0)
        sr__missed_note(reader, sr__peek(&reader->account->jump_missed));
    /* Release: after the note. Pairs with sr__subscription_read. */
    atomic_store_explicit(missed, sr__peek(missed) + count, memory_order_release);
    sr__count(&reader->ring->member, SR__RECORDS_MISSED, count);
    sr__records_pass_over(reader, to - from - count);
}

void sr__records_past(slotring_reader_t *reader, uint32_t slot)
{
    const sr__slot_t *s = sr__slot(&reader->ring->member.view, slot);
    uint32_t writer = sr__content_writer(sr__peek(&s->content));
    if (writer >= reader->ring->member.view.writer_count)
        return;
    struct sr__followed *f = &reader->followed[writer];
    f->next = sr__begin_of(sr__peek(&s->number),
                           sr__peek(&s->skipped)); /* the slots are looked at from the newest to the oldest */
    f->known = true;
}

/* What comes next of this writer is `number`. 0, or the order has lost what lies between. */
static int come_to(slotring_reader_t *reader, struct sr__followed *f, uint64_t number)
{
    if (f->known && number > f->next) {
        if (!reader->pressure.may_miss && !f->may_lack && !sr__revoked_is_due(reader)) {
            f->may_lack =
                reader->given == 0 && !reader->only_looks; /* it is told once, and the next call goes on */
            return sr__error(SLOTRING_E_CORRUPT,
                             "messages %llu to %llu of a writer are lost that producers wait for",
                             (unsigned long long)f->next, (unsigned long long)number - 1);
        }
        sr__records_miss(reader, f->next, number);
    }
    if (!f->known || number > f->next)
        f->next = number;
    f->known = true;
    f->may_lack = false;
    return 0;
}

/* Where the numbers of the row began later than this reader: none is below that. `most`: what the row is known to have reached, loaded
 * before. Relaxed: the row had it before its first block. */
static void begin_with_the_row(const slotring_reader_t *reader, struct sr__followed *f, uint64_t most)
{
    const sr__writer_t *row = &reader->ring->member.view.writers[f - reader->followed];
    uint64_t first = sr__peek(&row->first);
    if (f->next < first && first <= most)
        f->next = first;
}

bool sr__records_follow(const slotring_reader_t *reader, struct sr__followed *f, uint64_t begin)
{
    begin_with_the_row(reader, f, begin);
    return f->known && begin <= f->next;
}

/* What the writer skipped counts as missed, once, with the first thing behind it. Nobody could have it, so no reader is damaged.
 * Several owners of a durable subscription may come to this place, one after the other: there it does not count. */
int sr__records_meet(slotring_reader_t *reader, struct sr__followed *f, uint64_t number, uint64_t skipped)
{
    uint64_t begin = sr__begin_of(number, skipped);
    if (f->next < begin)
        begin_with_the_row(reader, f, begin);
    int failed = come_to(reader, f, begin);
    if (failed || f->next >= number)
        return failed;
    if (!reader->durable)
        sr__records_miss(reader, f->next, number);
    f->next = number;
    return 0;
}

int sr__records_message(slotring_reader_t *reader, uint32_t slot, uint32_t writer)
{
    sr__view_t *view = &reader->ring->member.view;
    if (writer >= view->writer_count) {
        sr__error(SLOTRING_E_CORRUPT, "slot %u has a message of writer %u; the ring has %u", slot, writer,
                  view->writer_count);
        return SR__DAMAGED;
    }
    struct sr__followed *f = &reader->followed[writer];
    const sr__slot_t *s = sr__slot(view, slot);
    uint64_t number = sr__peek(&s->number);
    if (f->known && number < f->next)
        return SR__PASSED;
    int failed = sr__records_meet(reader, f, number, sr__peek(&s->skipped));
    if (!failed)
        f->next++;
    return failed;
}

/* What it holds of the past has told where that begins: what lies before is gone. */
void sr__records_resume(slotring_reader_t *reader, uint32_t writer, uint64_t number, bool gap)
{
    struct sr__followed *f = &reader->followed[writer];
    if (f->known && f->next > number)
        sr__records_miss(reader, number, f->next);
    else
        f->next = number;
    f->known = true;
    f->may_lack = gap;
}

/* Has no stream changed since the look that found the end? Who writes changes its stream first, and says so before it writes. */
static bool is_end_still(const slotring_reader_t *reader)
{
    return sr__load(&reader->ring->member.view.state->stream_generation) == reader->stream_seen;
}

int sr__records_end(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->member.view;
    for (uint32_t writer = 0; reader->followed && writer < sr__writers_high(view); writer++) {
        struct sr__followed *f = &reader->followed[writer];
        uint64_t total = sr__load(&view->writers[writer].total);
        begin_with_the_row(reader, f, total);
        if (!f->known || f->next >= total)
            continue;
        if (!reader->pressure.may_miss && !f->may_lack && !sr__revoked_is_due(reader)) {
            if (!is_end_still(reader))
                continue;
            return come_to(reader, f, total);
        }
        sr__records_miss(reader, f->next, total);
        f->next = total;
    }
    return 0;
}
