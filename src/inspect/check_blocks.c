/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of what writers closed: each block that is listed is sealed behind its last record, and counted; what one
 * writer wrote is listed in the order of its numbers, without a gap that was not there. */
#include <string.h>

#include "inspect/blocks.h"
#include "inspect/check.h"
#include "protocol/snapshot.h"

#define KIND(field) SR__KIND(SR__AUDIT_SLOT, sr__slot_t, field)
#define ROW(field) SR__KIND(SR__AUDIT_WRITER, sr__writer_t, field)

typedef struct listed {
    uint64_t sequence, word, length, number, skipped, block;
    uint32_t slot, writer;
    enum sr__content_kind kind;
    sr__contents_t contents;
} listed_t;

/* Is there something of a writer at `t`, and still there after a look at its records? */
static bool load_listed(sr__audit_t *a, uint64_t t, listed_t *l)
{
    sr__view_t *view = a->view;
    sr__member_t *member = &a->ring->member;
    uint64_t entry = sr__load(sr__order_at(view, t));
    l->slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, t) != SR__CURRENT || l->slot >= view->slot_count)
        return false;
    const sr__slot_t *s = sr__slot(view, l->slot);
    l->word = sr__load(&s->word);
    if (sr__load(&s->sequence) != t || !sr__is_committed(l->word))
        return false;
    uint64_t content = sr__peek(&s->content);
    l->sequence = t;
    l->length = sr__peek(&s->length);
    l->number = sr__peek(&s->number);
    l->skipped = sr__peek(&s->skipped);
    l->block = sr__content_block(content);
    l->writer = sr__content_writer(content);
    l->kind = (enum sr__content_kind)sr__content_kind(content);
    l->contents = (sr__contents_t){.records = 1};
    if (content == 0 || l->writer >= view->writer_count || (l->kind > SR__BLOCK && l->kind != SR__SPAN) ||
        (l->kind == SR__BLOCK && sr__block_contents(member, l->slot, false, &l->contents) != 0) ||
        sr__look_again(member, s, sizeof *s) != 0)
        return false;
    uint64_t w = sr__load(&s->word);
    return sr__version(w) == sr__version(l->word) && sr__load(&s->sequence) == t && sr__is_committed(w);
}

static void audit_seal(sr__audit_t *a, const listed_t *l)
{
    if (l->contents.end != SR__RECORD_LAST)
        sr__find(a, KIND(content) + 1, l->slot, l->contents.used,
                 "slot %" PRIu32 ": the records of writer %" PRIu32 " are damaged %" PRIu64
                 " bytes from its start",
                 l->slot, l->writer, l->contents.used);
    else if (l->contents.used != l->length)
        sr__find(a, KIND(length) + 1, l->slot, l->length,
                 "slot %" PRIu32 " says %" PRIu64 " bytes of records, it has %" PRIu64, l->slot, l->length,
                 l->contents.used);
}

/* Blocks whose numbers follow one another have numbers of messages that do. Between others, some are gone. */
static void audit_succession(sr__audit_t *a, const listed_t *l)
{
    const sr__met_t *met = &a->met[l->writer];
    if (met->any && (l->block <= met->block || l->number < met->next ||
                     (l->block == met->block + 1 && sr__begin_of(l->number, l->skipped) != met->next)))
        sr__find(a, KIND(number), l->slot, l->number,
                 "writer %" PRIu32 ": block %" PRIu64 " with message %" PRIu64
                 " is listed as sequence %" PRIu64 ", after block %" PRIu64 " up to message %" PRIu64,
                 l->writer, l->block, l->number, l->sequence, met->block, met->next);
}

static void audit_skipped(sr__audit_t *a, const listed_t *l)
{
    sr__audit_field(a, l->skipped <= l->number, KIND(skipped), l->slot, "skipped", l->skipped,
                    "at most the number of its first message");
}

/* What is listed is counted; and if it is the latest, nothing else is. */
static void audit_total(sr__audit_t *a, uint32_t r)
{
    const sr__writer_t *row = &a->view->writers[r];
    const sr__met_t *met = &a->met[r];
    uint64_t block = sr__load(&row->block), total = sr__load(&row->total);
    if (!met->any || sr__load(&row->block) != block)
        return;
    sr__audit_field(a, met->block <= block, ROW(block) + 2, r, "block", block,
                    "at least the number of its latest block in the order");
    sr__audit_field(a, met->next <= total && (met->block != block || met->next == total), ROW(total) + 2, r,
                    "total", total, "the number of the message behind its latest block in the order");
}

void sr__audit_blocks(sr__audit_t *a)
{
    sr__view_t *view = a->view;
    uint64_t length = view->order_mask + 1, start = a->end > length ? a->end - length : 0;
    memset(a->met, 0, view->writer_count * sizeof *a->met);
    for (uint64_t t = start; view->writer_count > 0 && t < a->end; t++) {
        listed_t l;
        if (!load_listed(a, t, &l))
            continue;
        if (l.kind == SR__BLOCK)
            audit_seal(a, &l);
        audit_skipped(a, &l);
        audit_succession(a, &l);
        uint32_t writer = l.writer;
        a->met[writer] = (sr__met_t){true, l.block, l.number + l.contents.records, t};
    }
    for (uint32_t r = 0; r < view->writer_count; r++)
        audit_total(a, r);
}
