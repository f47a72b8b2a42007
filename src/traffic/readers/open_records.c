/* SPDX-License-Identifier: Apache-2.0 */
/* Giving the records of the blocks that writers have open, before the order has these blocks. A reader picks up what each writer has
 * open (open_blocks.c), and then reads one record after the other.
 *
 * A block that is open is older than nothing of its writer that is listed. So where the number of its first record says
 * that something lies between, the order is read first.
 */
#include "traffic/readers/open_records.h"

#include "base/error.h"
#include "protocol/hold.h"
#include "protocol/record.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/open_blocks.h"
#include "traffic/readers/out_holds.h"
#include "traffic/readers/records.h"

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
    sr__opened_t o;
    int found = sr__open_blocks_find(reader, writer, &o);
    if (found != 1)
        return found;
    int code = 0;
    if (o.kind == SR__BLOCK && o.block > f->done) {
        /* After the name was loaded: what was listed before is seen here. */
        if ((!f->known || o.number > f->next) && is_listed_at(&reader->ring->member.view, cursor) &&
            !sr__records_follow(reader, f, sr__begin_of(o.number, o.skipped)))
            code = SR__LOOK_ORDER;
        else
            code = sr__records_meet(reader, f, o.number, o.skipped);
        if (code == 0) {
            sr__records_begin_block(&reader->ring->member.view, f, o.slot, o.block, o.number);
            f->claimed = o.claimed;
            f->open = true;
        }
    }
    sr__open_blocks_let_go(reader, &o);
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
int sr__open_records_give(slotring_reader_t *reader, uint64_t cursor, slotring_slot_t *out)
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

const sr__word_t *sr__open_records_watch(const slotring_reader_t *reader)
{
    if (reader->open_count != 1)
        return NULL;
    const sr__view_t *view = &reader->ring->member.view;
    const struct sr__followed *f = &reader->followed[reader->open_writers[0]];
    if (!f->open || sr__block_size(view) - f->place < SR__RECORD_HEADER)
        return NULL;
    return sr__record_word(sr__block_bytes(view, f->slot), f->place);
}
