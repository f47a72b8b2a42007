/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks that writers have open. A block is read as soon as its writer's row names it; it is not in the order yet.
 * A lossless reader needs no hold for that, since the block will be listed at or above its cursor. Any other reader holds
 * the slot from a call that gives records until their release. open_records.c gives the records.
 */
#include "traffic/readers/open_blocks.h"

#include "protocol/hold.h"
#include "protocol/record.h"
#include "traffic/readers/records.h"

/* Is this version of the slot still claimed, or closed and not in the order yet? */
static bool is_unlisted(const sr__view_t *view, uint32_t slot, uint64_t claimed)
{
    const sr__slot_t *s = sr__slot(view, slot);
    uint64_t w = sr__load(&s->word);
    return w == claimed || (w == sr__with_state(claimed, SR__COMMIT, sr__owner(claimed)) &&
                            sr__is_being_written(view, slot, w, sr__load(&s->sequence)));
}

/* [open_blocks.pick] Finds what a writer has open. The name is loaded before and after the slot's number, so the two belong
 * together. The slot's word is the one that was claimed, with its version: then the block is not listed yet, and will
 * be listed at or above the cursor of a reader that gates, so it stays. Any other reader holds the slot: its bit
 * first, then the word. 1: there is one; 0: there is none; negative: error. */
int sr__open_blocks_find(slotring_reader_t *reader, uint32_t writer, sr__opened_t *o)
{
    sr__member_t *member = &reader->ring->member;
    sr__view_t *view = &member->view;
    sr__writer_t *row = &view->writers[writer];
    uint64_t slot;
    o->is_held = false;
    o->claimed = sr__load(&row->claimed);
    if (o->claimed == 0)
        return 0;
    slot = sr__load(&row->slot);
    if (sr__load(&row->claimed) != o->claimed || slot >= view->slot_count)
        return 0;
    o->slot = (uint32_t)slot;
    sr__slot_t *s = sr__slot(view, o->slot);
    if (reader->pressure.holds_messages) {
        int failed = sr__hold_open_block(member, o->slot, o->claimed, &o->held);
        if (failed == SLOTRING_E_STALE)
            return 0;
        if (failed)
            return sr__hold_refused(member, o->slot, failed);
        o->is_held = true;
    } else if (!is_unlisted(view, o->slot, o->claimed)) {
        return 0; /* the order has it */
    }
    uint64_t content = sr__peek(&s->content);
    o->number = sr__peek(&s->number);
    o->skipped = sr__peek(&s->skipped);
    o->block = sr__content_block(content);
    o->kind = sr__content_kind(content) == SR__BLOCK ? SR__BLOCK : SR__MESSAGE;
    if (sr__content_writer(content) == writer)
        return 1;
    sr__open_blocks_let_go(reader, o);
    return 0;
}

/* A reader that may miss messages, and is to begin with the oldest, counts from here on what is not there any more when
 * it comes to it. Before the end of the order is loaded: of what is listed at or above that end, nothing lies below. The
 * count first: what is counted then and not listed at the end is named still. */
void sr__open_blocks_before(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->member.view;
    for (uint32_t writer = 0; writer < sr__writers_high(view); writer++) {
        struct sr__followed *f = &reader->followed[writer];
        sr__opened_t o;
        f->next = sr__load(&view->writers[writer].total);
        if (sr__open_blocks_find(reader, writer, &o) != 1)
            continue;
        f->next = sr__begin_of(o.number, o.skipped);
        sr__open_blocks_let_go(reader, &o);
    }
}

#define JOIN_LOOKS 64 /* at a writer that closes one block after the other */

/* What one writer has open, and what it has closed by then: counted before and after the look, so both are of one
 * moment. A count alone may have a message in it that is not listed yet, and that this reader is to get. */
static int find_start(slotring_reader_t *reader, uint32_t writer, sr__opened_t *o, uint64_t *total)
{
    const sr__writer_t *row = &reader->ring->member.view.writers[writer];
    for (int look = 0;; look++) {
        *total = sr__load(&row->total);
        int found = sr__open_blocks_find(reader, writer, o);
        if (look == JOIN_LOOKS || sr__load(&row->total) == *total)
            return found;
        if (found == 1)
            sr__open_blocks_let_go(reader, o);
    }
}

/* [open_blocks.join] Finds where this reader starts. Its subscription is ACTIVE, and the end of the order was loaded after
 * that: what is not listed by now stays. What is committed in a block by now is not for a reader from now. What is
 * counted and listed lies below it, wherever it is met. */
void sr__open_blocks_join(slotring_reader_t *reader, bool skip)
{
    sr__view_t *view = &reader->ring->member.view;
    for (uint32_t writer = 0; writer < view->writer_count; writer++) {
        struct sr__followed *f = &reader->followed[writer];
        sr__opened_t o;
        uint64_t total = 0;
        if (!skip && reader->pressure.may_miss) {
            f->known = true; /* from the oldest: as sr__open_blocks_before found it */
            continue;
        }
        int found = writer < sr__writers_high(view) ? find_start(reader, writer, &o, &total) : 0;
        f->known = skip || found == 1;
        f->next = found != 1 ? total : skip ? o.number : sr__begin_of(o.number, o.skipped);
        if (found != 1)
            continue;
        uint8_t *bytes = sr__block_bytes(view, o.slot);
        uint64_t place = 0, header;
        while (skip && o.kind == SR__BLOCK &&
               sr__record_look(bytes, sr__block_size(view), place, &header) == SR__RECORD_THERE) {
            place += sr__record_size(header);
            f->next++;
        }
        sr__open_blocks_let_go(reader, &o);
    }
}
