/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of the writers: whose they are, what they have open, and what their readers were given. */
#include "inspect/blocks.h"
#include "inspect/check.h"
#include "protocol/snapshot.h"

#define KIND(field) SR__KIND(SR__AUDIT_WRITER, sr__writer_t, field)

/* The row's words, which its owner writes one after the other. */
typedef struct row {
    uint32_t number;
    uint64_t word, claimed, slot, block, total, first, skipped;
} row_t;

static row_t load_row(const sr__view_t *view, uint32_t r)
{
    const sr__writer_t *w = &view->writers[r];
    return (row_t){r,
                   sr__load(&w->state),
                   sr__load(&w->claimed),
                   sr__load(&w->slot),
                   sr__load(&w->block),
                   sr__load(&w->total),
                   sr__load(&w->first),
                   sr__load(&w->skipped)};
}

static bool is_same(const sr__view_t *view, const row_t *row)
{
    const sr__writer_t *w = &view->writers[row->number];
    return sr__load(&w->claimed) == row->claimed && sr__load(&w->block) == row->block &&
           sr__load(&w->total) == row->total;
}

static void audit_state(sr__audit_t *a, const row_t *row)
{
    uint32_t state = sr__writer_state(row->word), owner = sr__writer_owner(row->word);
    sr__audit_field(a, state <= SR__WRITER_WRITING, KIND(state), row->number, "state", row->word,
                    "0 (free) or 1 (writing), with its owner and a generation");
    if (state == SR__WRITER_FREE)
        sr__audit_field(a, owner == 0, KIND(state) + 1, row->number, "state", row->word,
                        "a generation and nothing else while it is free");
    else if (!sr__is_attached(a->view, owner))
        sr__find(a, KIND(state) + 1, row->number, row->word,
                 "writer %" PRIu32 " belongs to participant %" PRIu32 ", who is not attached", row->number,
                 owner);
}

/* A block has room for so many records, each with a header. */
static bool can_have(const sr__audit_t *a, uint64_t blocks, uint64_t messages)
{
    uint64_t most = sr__block_size(a->view) / SR__RECORD_HEADER;
    most = most > 0 ? most : 1; /* a message of its own */
    return messages / most + (messages % most != 0) <= blocks;
}

static void audit_numbers(sr__audit_t *a, const row_t *row)
{
    sr__audit_field(a, row->slot < a->view->slot_count, KIND(slot), row->number, "slot", row->slot,
                    "a slot's number");
    sr__audit_field(a, row->block <= SR__BLOCK_NUMBER, KIND(block), row->number, "block", row->block,
                    "a block's number");
    /* A kill while the numbers begin leaves `first` above `total`, and no block. */
    uint64_t counted = row->total > row->first ? row->total - row->first : 0;
    sr__audit_field(a, row->block == 0 || row->first <= row->total, KIND(first), row->number, "first",
                    row->first, "at most its total");
    sr__audit_field(a, can_have(a, row->block, counted - (row->skipped < counted ? row->skipped : counted)),
                    KIND(total), row->number, "total", row->total, "as many messages as its blocks can have");
}

/* What is open begins behind what is counted; or it is being closed, and counted. */
static bool is_counted(sr__audit_t *a, const row_t *row, uint64_t content, uint64_t begin, uint64_t number)
{
    sr__contents_t contents = {.records = 1};
    if (begin == row->total)
        return true;
    if (sr__content_kind(content) == SR__BLOCK &&
        sr__block_contents(&a->ring->member, (uint32_t)row->slot, true, &contents) != 0)
        return true; /* it cannot be read now, which says nothing of it */
    return number + contents.records == row->total || !is_same(a->view, row);
}

/* The named slot is claimed, with that word; or the order had it, and it may be anybody's by now. */
static void audit_name(sr__audit_t *a, const row_t *row)
{
    const sr__slot_t *s = sr__slot(a->view, (uint32_t)row->slot);
    uint64_t w = sr__load(&s->word), content = sr__peek(&s->content), number = sr__peek(&s->number);
    uint64_t begin = sr__begin_of(number, sr__peek(&s->skipped));
    if (w == row->claimed) {
        bool its_own = sr__content_writer(content) == row->number && sr__content_block(content) == row->block;
        if (!is_same(a->view, row))
            return;
        if (!its_own)
            sr__find(a, KIND(slot) + 1, row->number, content,
                     "writer %" PRIu32 " has block %" PRIu64 " open in slot %" PRIu64
                     ", which has content 0x%" PRIx64,
                     row->number, row->block, row->slot, content);
        if (its_own && !is_counted(a, row, content, begin, number))
            sr__find(a, KIND(total) + 1, row->number, row->total,
                     "writer %" PRIu32 ": total is %" PRIu64 "; its open block begins with message %" PRIu64,
                     row->number, row->total, begin);
        return;
    }
    bool before = sr__version(w) < sr__version(row->claimed);
    bool another = sr__version(w) == sr__version(row->claimed) && sr__slot_state(w) == SR__CLAIMED;
    if (before || another)
        sr__find(a, KIND(claimed) + 1, row->number, row->claimed,
                 "writer %" PRIu32 " has slot %" PRIu64 " open as 0x%" PRIx64 ", which is 0x%" PRIx64,
                 row->number, row->slot, row->claimed, w);
}

/* What an open block has is reached by its name alone. */
static int audit_open_block(sr__audit_t *a, uint32_t i, uint64_t w, const row_t *row)
{
    sr__contents_t contents;
    int failed = sr__block_contents(&a->ring->member, i, true, &contents);
    const sr__slot_t *s = sr__slot(a->view, i);
    if (!failed)
        failed = sr__look_again(&a->ring->member, s, sizeof *s);
    if (failed || sr__load(&s->word) != w || !is_same(a->view, row))
        return failed;
    if (contents.end == SR__RECORD_DAMAGED)
        sr__find(a, KIND(block) + 1, i, contents.used,
                 "slot %" PRIu32 ": what is %" PRIu64
                 " bytes from the start of the open block of writer %" PRIu32 " does not fit",
                 i, contents.used, row->number);
    if (contents.records > 0 && (row->claimed != w || row->slot != i))
        sr__find(a, KIND(claimed) + 2, row->number, row->claimed,
                 "writer %" PRIu32 " has block %" PRIu64 " in slot %" PRIu32 ", claimed as 0x%" PRIx64
                 ", and does not name it",
                 row->number, row->block, i, w);
    return 0;
}

/* A slot that is claimed, and was not given to a writer since, may say what it had before. Then that is counted. */
static int audit_claimed(sr__audit_t *a, uint32_t i)
{
    const sr__slot_t *s = sr__slot(a->view, i);
    uint64_t w = sr__load(&s->word), content = sr__peek(&s->content);
    uint32_t writer = sr__content_writer(content);
    if (sr__slot_state(w) != SR__CLAIMED || sr__content_kind(content) != SR__BLOCK ||
        writer >= a->view->writer_count)
        return 0;
    row_t row = load_row(a->view, writer);
    if (sr__content_block(content) != row.block ||
        sr__begin_of(sr__peek(&s->number), sr__peek(&s->skipped)) != row.total ||
        sr__writer_owner(row.word) != sr__owner(w))
        return 0;
    return audit_open_block(a, i, w, &row);
}

static void audit_row(sr__audit_t *a, uint32_t r)
{
    row_t row = load_row(a->view, r);
    audit_state(a, &row);
    audit_numbers(a, &row);
    sr__audit_zero(a, KIND(reserved), r, a->view->writers[r].reserved, sizeof a->view->writers[r].reserved);
    bool claimed = sr__slot_state(row.claimed) == SR__CLAIMED && !sr__is_retired(row.claimed) &&
                   !sr__is_withdrawn(row.claimed) && sr__writer_state(row.word) == SR__WRITER_WRITING &&
                   sr__owner(row.claimed) == sr__writer_owner(row.word);
    sr__audit_field(a, row.claimed == 0 || claimed, KIND(claimed), r, "claimed", row.claimed,
                    "0, or the word of a slot that its owner claimed");
    if (claimed && row.slot < a->view->slot_count)
        audit_name(a, &row);
}

/* How many messages writers have committed. */
static int count_all(sr__audit_t *a, uint64_t *all)
{
    *all = 0;
    for (uint32_t r = 0; r < a->view->writer_count; r++) {
        sr__writer_sight_t sight;
        int failed = sr__writer_look(&a->ring->member, r, &sight);
        if (failed)
            return failed;
        uint64_t first = sr__load(&a->view->writers[r].first);
        *all += sight.number > first ? sight.number - first : 0;
    }
    return 0;
}

/* No reader, present or past, had or missed more than there was. Counted after the reader's word was loaded. */
static void audit_readers(sr__audit_t *a)
{
    uint64_t all = 0;
    for (uint32_t r = 0; r < a->view->subscription_count; r++) {
        const sr__subscription_t *reader = &a->view->subscriptions[r];
        uint64_t records = sr__load(&reader->records), missed = sr__load(&reader->records_missed);
        uint64_t passed_over = sr__load(&reader->records_passed_over);
        if ((records > all || missed > all || passed_over > all) && count_all(a, &all) != 0)
            return; /* it cannot be read now, which says nothing of it */
        sr__audit_field(a, records <= all, SR__KIND(SR__AUDIT_SUBSCRIPTION, sr__subscription_t, records), r,
                        "records", records, "at most what writers wrote");
        sr__audit_field(a, missed <= all,
                        SR__KIND(SR__AUDIT_SUBSCRIPTION, sr__subscription_t, records_missed), r,
                        "records_missed", missed, "at most what writers wrote");
        sr__audit_field(a, passed_over <= all,
                        SR__KIND(SR__AUDIT_SUBSCRIPTION, sr__subscription_t, records_passed_over), r,
                        "records_passed_over", passed_over, "at most what writers wrote");
    }
}

void sr__audit_writers(sr__audit_t *a)
{
    for (uint32_t r = 0; r < a->view->writer_count; r++)
        audit_row(a, r);
    for (uint32_t i = 0; i < a->view->slot_count; i++)
        if (audit_claimed(a, i) != 0)
            break;
    audit_readers(a);
}
