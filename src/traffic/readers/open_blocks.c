/* SPDX-License-Identifier: Apache-2.0 */
/* The blocks that writers have open. A block is read as soon as its writer's row names it; it is not in the order yet.
 * A lossless reader needs no hold for that, since the block will be listed at or above its cursor. Any other reader holds
 * the slot from a call that gives records until their release.
 *
 * A block that is open is older than nothing of its writer that is listed. So where the number of its first record says
 * that something lies between, the order is read first.
 */
#include "traffic/readers/open_blocks.h"

#include "base/error.h"
#include "protocol/hold.h"
#include "protocol/record.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/out_holds.h"
#include "traffic/readers/records.h"

/* -- finding a block that is open -- */

typedef struct opened {
    uint64_t claimed, number, block;
    uint32_t slot, held;
    bool is_held;
    enum sr__content_kind kind;
} opened_t;

static void let_go(slotring_reader_t *reader, const opened_t *o)
{
    if (o->is_held)
        sr__hold_drop(&reader->ring->member, o->held);
}

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
static int find_open(slotring_reader_t *reader, uint32_t writer, opened_t *o)
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
    o->block = sr__content_block(content);
    o->kind = sr__content_kind(content) == SR__BLOCK ? SR__BLOCK : SR__MESSAGE;
    if (sr__content_writer(content) == writer)
        return 1;
    let_go(reader, o);
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
        opened_t o;
        f->next = sr__load(&view->writers[writer].total);
        if (find_open(reader, writer, &o) != 1)
            continue;
        f->next = o.number;
        let_go(reader, &o);
    }
}

#define JOIN_LOOKS 64 /* at a writer that closes one block after the other */

/* What one writer has open, and what it has closed by then: counted before and after the look, so both are of one
 * moment. A count alone may have a message in it that is not listed yet, and that this reader is to get. */
static int find_start(slotring_reader_t *reader, uint32_t writer, opened_t *o, uint64_t *total)
{
    const sr__writer_t *row = &reader->ring->member.view.writers[writer];
    for (int look = 0;; look++) {
        *total = sr__load(&row->total);
        int found = find_open(reader, writer, o);
        if (look == JOIN_LOOKS || sr__load(&row->total) == *total)
            return found;
        if (found == 1)
            let_go(reader, o);
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
        opened_t o;
        uint64_t total = 0;
        if (!skip && reader->pressure.may_miss) {
            f->known = true; /* from the oldest: as sr__open_blocks_before found it */
            continue;
        }
        int found = writer < sr__writers_high(view) ? find_start(reader, writer, &o, &total) : 0;
        f->known = skip || found == 1;
        f->next = found == 1 ? o.number : total;
        if (found != 1)
            continue;
        uint8_t *bytes = sr__block_bytes(view, o.slot);
        uint64_t place = 0, header;
        while (skip && o.kind == SR__BLOCK &&
               sr__record_look(bytes, sr__block_size(view), place, &header) == SR__RECORD_THERE) {
            place += sr__record_size(header);
            f->next++;
        }
        let_go(reader, &o);
    }
}

/* -- what is open -- */

static bool is_listed_at(const sr__view_t *view, uint64_t cursor)
{
    return sr__entry_age(view, sr__load(sr__order_at(view, cursor)), cursor) != SR__OLDER;
}

/* Does a hold of this batch, or of what is out, keep the block that was picked up? Its slot may have become another's since, and
 * be held as that: what is held keeps its version. */
static bool is_held(const slotring_reader_t *reader, const struct sr__followed *f)
{
    const sr__slot_t *s = sr__slot(&reader->ring->member.view, f->slot);
    return (sr__batch_holds(reader, f->slot) || sr__out_holds(reader, f->slot)) &&
           sr__version(sr__load(&s->word)) == sr__version(f->claimed);
}

/* One block after the other. But one that a reader without a gate picked up may be gone, with the place where it waits
 * for the next record. */
static bool is_to_be_read(slotring_reader_t *reader, uint32_t writer)
{
    struct sr__followed *f = &reader->followed[writer];
    uint32_t held;
    if (!f->open || !reader->pressure.holds_messages || is_held(reader, f))
        return true;
    int failed = sr__hold_open_block(&reader->ring->member, f->slot, f->claimed, &held);
    if (failed != SLOTRING_E_STALE) {
        if (!failed)
            sr__hold_drop(&reader->ring->member, held);
        return true;
    }
    f->block = 0;
    f->open = false;
    return false;
}

/* Picks up what one writer has open. SR__LOOK_ORDER: older messages of it are listed. */
static int pick_up(slotring_reader_t *reader, uint32_t writer, uint64_t cursor)
{
    struct sr__followed *f = &reader->followed[writer];
    if (f->block != 0 && is_to_be_read(reader, writer))
        /* By its number: slots of one writer may be claimed with the same word. */
        return sr__load(&reader->ring->member.view.writers[writer].block) == f->block ? 0 : SR__LOOK_ORDER;
    opened_t o;
    int found = find_open(reader, writer, &o);
    if (found != 1)
        return found;
    int code = 0;
    if (o.kind == SR__BLOCK && o.block > f->done) {
        /* After the name was loaded: what was listed before is seen here. */
        if ((!f->known || o.number > f->next) && is_listed_at(&reader->ring->member.view, cursor))
            code = SR__LOOK_ORDER;
        else
            code = sr__records_come_to(reader, f, o.number);
        if (code == 0) {
            sr__records_begin_block(&reader->ring->member.view, f, o.slot, o.block, o.number);
            f->claimed = o.claimed;
            f->open = true;
        }
    }
    let_go(reader, &o);
    return code;
}

/* Which writers have a block that this reader has picked up: each of them once. */
static void list_open(slotring_reader_t *reader, uint32_t high)
{
    reader->open_count = 0;
    for (uint32_t writer = 0; writer < high; writer++)
        if (reader->followed[writer].open)
            reader->open_writers[reader->open_count++] = writer;
    if (reader->open_first >= reader->open_count)
        reader->open_first = 0;
}

/* Looks at all rows. SR__LOOK_ORDER: at some of them again, after the order. */
static int pick_all_up(slotring_reader_t *reader, uint64_t cursor)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t openings = sr__load(&view->state->openings);
    if (openings == reader->openings_seen)
        return 0;
    uint32_t high = sr__writers_high(view);
    bool again = false;
    for (uint32_t writer = 0; writer < high; writer++) {
        int code = pick_up(reader, writer, cursor);
        if (code < 0)
            return code;
        again = again || code == SR__LOOK_ORDER;
    }
    list_open(reader, high);
    reader->openings_seen = again ? reader->openings_seen : openings;
    return again ? SR__LOOK_ORDER : 0;
}

/* A record of an open block, in the name of one reader. The slot of one that holds: bit, then word. */
static int read_open(slotring_reader_t *reader, uint32_t writer, slotring_slot_t *out)
{
    sr__member_t *member = &reader->ring->member;
    sr__view_t *view = &member->view;
    struct sr__followed *f = &reader->followed[writer];
    uint8_t *bytes = f->bytes;
    if (sr__block_size(view) - f->place >= SR__RECORD_HEADER &&
        sr__glance(sr__record_word(bytes, f->place)) == 0)
        return SLOTRING_E_EMPTY; /* not held yet: a look that costs nobody anything, and proves nothing else */
    bool was_held = !reader->pressure.holds_messages || is_held(reader, f);
    uint32_t held = 0;
    uint64_t slots = 0;
    if (!was_held) {
        if (sr__batch_is_full(reader))
            return SLOTRING_E_EMPTY;
        int failed = sr__hold_open_block(member, f->slot, f->claimed, &held);
        reader->run = 0;
        if (failed == SLOTRING_E_STALE) { /* listed, and gone by now: the order tells how much is missed */
            f->block = 0;
            f->open = false;
            return SR__PASSED;
        }
        if (failed)
            return sr__hold_refused(member, f->slot, failed);
        if ((failed = sr__batch_count(reader, f->slot, &slots)) != 0) {
            sr__hold_drop(member, held);
            return failed;
        }
    }
    int code = sr__records_read(reader, f, SR__NO_SEQUENCE, out);
    if (code == SR__PASSED)
        sr__records_end_block(f);
    if (!was_held && code == 0) {
        sr__batch_hold(reader, held, slots);
    } else if (!was_held) {
        sr__hold_drop(member, held);
        sr__holds_remove(member, slots);
    }
    return code;
}

/* One look at each of them. SR__PASSED: one came to its end, or is gone, so its writer may have another one open. */
static int look_at_open(slotring_reader_t *reader, slotring_slot_t *out)
{
    bool passed = false;
    for (uint32_t i = 0; i < reader->open_count; i++) {
        uint32_t at = reader->open_first + i;
        at -= at >= reader->open_count ? reader->open_count : 0;
        uint32_t writer = reader->open_writers[at];
        if (!reader->followed[writer].open)
            continue;
        int code = read_open(reader, writer, out);
        if (code == SR__PASSED)
            passed = true;
        if (code == SR__PASSED || code == SLOTRING_E_EMPTY)
            continue;
        reader->open_first = at; /* who wrote one writes more; the turn goes on when there is none */
        return code;
    }
    reader->open_first = reader->open_first + 1 < reader->open_count ? reader->open_first + 1 : 0;
    return passed ? SR__PASSED : SLOTRING_E_EMPTY;
}

/* Where one block ends in this look, the next one of its writer may have been named before it: so it is looked for in the
 * same look. Else a reader would fall asleep beside a record that is there. */
int sr__open_blocks_give(slotring_reader_t *reader, uint64_t cursor, slotring_slot_t *out)
{
    if (!reader->followed)
        return SLOTRING_E_EMPTY;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        int news = pick_all_up(reader, cursor);
        if (news < 0)
            return news;
        int code = look_at_open(reader, out);
        if (code == SR__PASSED)
            continue;
        if (code == SLOTRING_E_EMPTY && news == SR__LOOK_ORDER &&
            is_listed_at(&reader->ring->member.view, cursor))
            return SR__LOOK_ORDER;
        return code;
    }
    return sr__error(SLOTRING_E_CORRUPT, "a reader finds no end of what is open");
}

const sr__word_t *sr__open_blocks_watch(const slotring_reader_t *reader)
{
    if (reader->open_count != 1)
        return NULL;
    const sr__view_t *view = &reader->ring->member.view;
    const struct sr__followed *f = &reader->followed[reader->open_writers[0]];
    if (!f->open || sr__block_size(view) - f->place < SR__RECORD_HEADER)
        return NULL;
    return sr__record_word(sr__block_bytes(view, f->slot), f->place);
}
