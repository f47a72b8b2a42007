/* SPDX-License-Identifier: Apache-2.0 */
/* On behind what has no message for this reader: what it does not want, what is damaged, and what is gone. A reader that may
 * miss messages jumps when it fell behind.
 */
#include "traffic/readers/behind.h"
#include "base/error.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/deliver.h"
#include "traffic/readers/news.h"
#include "traffic/readers/records.h"
#include "traffic/readers/revoked.h"
#include "traffic/readers/tell.h"
#include "traffic/readers/window.h"

#define SKIPPED_AT_ONCE 64u /* publications that are not wanted: producers may be waiting for their slots */

/* What was at the cursor is not wanted. False: it is time to look around, since more of that may come for ever. */
static bool skip(slotring_reader_t *reader, uint32_t *count)
{
    reader->passed++;
    reader->skipped++;
    if (reader->given > 0)
        return reader->passed < reader->ring->member.view.slot_count;
    if (reader->passed >= SKIPPED_AT_ONCE)
        sr__cursor_settle(reader);
    if (++*count < reader->ring->member.view.slot_count)
        return true;
    atomic_store_explicit(&reader->unlooked, 1, memory_order_relaxed);
    return false;
}

/* What is at the cursor is gone. 0: the reader may go on behind that. Producers may have stopped waiting for it in this call:
 * then it is told, first of all. */
static int check_gone(slotring_reader_t *reader)
{
    int news = sr__revoked_is_due(reader) ? sr__revoked_look(reader) : 0;
    return news ? news : reader->pressure.may_miss ? 0 : sr__order_lost(reader->cursor);
}

/* A mark lies where the reader is. A batch ends before it. */
static int tell(slotring_reader_t *reader)
{
    if (reader->given > 0)
        return SLOTRING_E_EMPTY;
    if (reader->passed > 0)
        sr__cursor_settle(reader);
    return reader->only_looks ? SLOTRING_E_MARK : sr__tell_take(reader);
}

/* What lies at the reader's place is damaged, and was told. It is missed, and so is what it hides: of a block that is open the rest,
 * of a block or a message in the order all that was not given. The next call goes on behind it. */
static int pass_damaged(slotring_reader_t *reader)
{
    struct sr__followed *f = reader->damaged;
    bool is_listed = !f || !f->open;
    if (reader->only_looks)
        return SLOTRING_E_CORRUPT;
    reader->damaged = NULL;
    if (f)
        sr__records_give_up(f);
    if (is_listed)
        sr__cursor_miss(reader);
    return SLOTRING_E_CORRUPT;
}

/* The order has lost what lies at the reader's place, which was told. So it is missed, with all that is gone behind it. */
static int pass_lost(slotring_reader_t *reader)
{
    if (reader->passed > 0)
        sr__cursor_settle(reader);
    if (reader->only_looks)
        return SLOTRING_E_CORRUPT;
    sr__cursor_lose(reader);
    /* What is missing of the writers' numbers is told by this, too. */
    for (uint32_t w = 0; reader->followed && w < reader->ring->member.view.writer_count; w++)
        reader->followed[w].may_lack = true;
    return SLOTRING_E_CORRUPT;
}

int sr__deliver_behind(slotring_reader_t *reader, int code, slotring_slot_t *out)
{
    uint32_t skipped = 0;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        bool gone = code == SLOTRING_E_STALE || code == SLOTRING_E_NOT_READY;
        bool stands_still = (gone && !reader->out_holds) || code == SR__DAMAGED || code == SR__LOST;
        if (code == SR__SKIPPED && !skip(reader, &skipped))
            code = SLOTRING_E_EMPTY;
        if (code == SR__MARK)
            return tell(reader);
        if (code == SR__SKIPPED) {
            /* on to the next one */
        } else if (code == SR__PASSED) {
            reader->passed++;
        } else if (reader->given > 0) { /* a batch has no gap, and may have no room for what the order has */
            return gone || code == SR__LOOK_ORDER ? SLOTRING_E_EMPTY : code;
        } else if (stands_still && sr__window_out(reader) > 0) {
            return sr__window_before_damage(reader);
        } else if (code == SR__DAMAGED) {
            return pass_damaged(reader);
        } else if (code == SR__LOST) {
            return pass_lost(reader);
        } else if (code == SR__LOOK_ORDER) {
            /* from its beginning */
        } else if (gone || code == SLOTRING_E_EMPTY) {
            bool past = reader->history_left > 0;
            if (reader->passed > 0)
                sr__cursor_settle(reader);
            if (!gone && !past)
                return code;
            int failed = gone ? check_gone(reader) : 0;
            if (failed == SR__LOST && sr__window_out(reader) > 0)
                return sr__window_before_damage(reader);
            if (failed)
                return failed == SR__LOST ? pass_lost(reader) : failed;
            if (gone)
                sr__cursor_jump(reader, code == SLOTRING_E_STALE);
        } else {
            return code;
        }
        if (reader->given == 0 && sr__death_is_due(reader)) { /* before what comes behind it */
            if (reader->passed > 0)
                sr__cursor_settle(reader);
            return SLOTRING_E_EMPTY;
        }
        code = sr__deliver_once(reader, true, out);
        if (code == 0)
            return 0;
    }
    return sr__error(SLOTRING_E_CORRUPT, "a reader finds no end of what it missed");
}
