/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery in order. A reader that gates needs no hold: its cursor protects what it reads. Any other one holds each
 * message that it gives. A reader that may miss messages jumps when it fell behind.
 */
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/counters.h"
#include "protocol/hold.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/descriptor.h"
#include "traffic/readers/durable.h"
#include "traffic/readers/gathering.h"
#include "traffic/readers/newest.h"
#include "traffic/readers/news.h"
#include "traffic/readers/next.h"
#include "traffic/readers/open_blocks.h"
#include "traffic/readers/pace.h"
#include "traffic/readers/put_back.h"
#include "traffic/readers/records.h"
#include "traffic/readers/revoked.h"
#include "traffic/readers/tell.h"
#include "traffic/readers/wanted.h"
#include "traffic/slots.h"
#include "traffic/span.h"
#include "traffic/verify.h"
#include "traffic/wait.h"

typedef struct delivery {
    slotring_reader_t *reader;
    slotring_slot_t *slots;
} delivery_t;

static int lost(uint64_t sequence)
{
    return sr__error(SLOTRING_E_CORRUPT,
                     "the order has lost sequence %llu before a reader had it that producers wait for",
                     (unsigned long long)sequence);
}

/* What a writer wrote, or a span. A block: one record of it. */
SR__APART int give_of_writer(slotring_reader_t *reader, uint32_t slot, uint64_t sequence, uint64_t content,
                             slotring_slot_t *out)
{
    if (sr__content_kind(content) == SR__BLOCK)
        return sr__records_ordered(reader, slot, sequence, out);
    bool by_writer = sr__content_writer(content) != SR__NO_WRITER;
    int code =
        by_writer && reader->followed ? sr__records_message(reader, slot, sr__content_writer(content)) : 0;
    if (code == 0 && reader->wanted.filters && sr__is_unwanted_held(reader, slot, sequence)) {
        if (by_writer && reader->followed)
            sr__records_pass_over(reader, 1);
        return SR__SKIPPED;
    }
    if (code == 0 && sr__content_for_reading(reader->ring, slot, sequence, content, SR__SLOT_GIVEN, out) != 0)
        code = SR__DAMAGED;
    reader->passed += code == 0;
    return code;
}

/* One message of what is listed with `sequence` in `slot`, and stays. SR__PASSED: nothing that it wants is in there. */
SR__INLINE int give_listed(slotring_reader_t *reader, uint32_t slot, uint64_t sequence, slotring_slot_t *out)
{
    uint64_t content = sr__peek(&sr__slot(&reader->ring->member.view, slot)->content);
    if (content != SR__PLAIN_MESSAGE)
        return give_of_writer(reader, slot, sequence, content, out);
    int failed = sr__slot_for_reading(reader->ring, slot, sequence, SR__SLOT_GIVEN, out);
    reader->passed += failed == 0;
    return failed ? SR__DAMAGED : 0; /* its length is damaged */
}

/* [next.give] Gives the next message. One message at `sequence`. E_EMPTY: none yet. */
SR__INLINE int give_in_place(slotring_reader_t *reader, uint64_t sequence, slotring_slot_t *out)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    enum sr__entry_age age = sr__entry_age(view, entry, sequence);
    if (age == SR__OLDER)
        return SLOTRING_E_EMPTY;
    uint32_t slot = sr__entry_slot(view, entry);
    if (age == SR__NEWER || slot >= view->slot_count)
        return lost(sequence);
    sr__prefetch_message(view, slot); /* both lines at once */
    sr__prefetch_listed(view, sequence + 2, sr__prefetch_message);
    return give_listed(reader, slot, sequence, out);
}

/* [next.give] The same for a reader that holds the message. */
SR__INLINE int give_held(slotring_reader_t *reader, uint64_t sequence, slotring_slot_t *out)
{
    slotring_t *ring = reader->ring;
    sr__view_t *view = &ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    enum sr__entry_age age = sr__entry_age(view, entry, sequence);
    if (age == SR__OLDER)
        return SLOTRING_E_EMPTY;
    if (age == SR__NEWER)
        return SLOTRING_E_STALE;
    uint32_t slot = sr__entry_slot(view, entry);
    if (slot >= view->slot_count)
        return sr__error(SLOTRING_E_CORRUPT, "the order names a slot past the last one, %u",
                         view->slot_count - 1);
    if (sr__batch_holds(reader, slot)) /* as this publication, or as what is open there now */
        return sr__load(&sr__slot(view, slot)->sequence) == sequence
                   ? give_listed(reader, slot, sequence, out)
                   : SLOTRING_E_NOT_READY;
    if (sr__batch_is_full(reader))
        return SLOTRING_E_EMPTY;
    uint32_t held;
    int failed = sr__hold_acquire(&ring->member, slot, sequence, &held);
    if (failed == SLOTRING_E_STALE && reader->pressure.has_budget)
        failed = sr__hold_withdrawn(&ring->member, slot, sequence, &held); /* it gets that, too */
    if (failed == SLOTRING_E_STALE)
        return SLOTRING_E_NOT_READY; /* listed here, but gone */
    if (failed)
        return sr__hold_refused(&ring->member, slot, failed); /* it is there, and may be asked for again */
    int code = give_listed(reader, slot, sequence, out);
    if (code == 0)
        sr__batch_hold(reader, held);
    else
        sr__hold_drop(&ring->member, held);
    return code;
}

/* Is a mark to be told before what is at `at`? 0, SR__MARK or an error. */
static int mark_before(slotring_reader_t *reader, uint64_t at)
{
    return sr__tell_is_due(reader, at) ? sr__tell_look(reader, at) : 0;
}

/* A message of the history. */
static int give_past(slotring_reader_t *reader, slotring_slot_t *out)
{
    if (reader->history_left == reader->passed)
        return SLOTRING_E_EMPTY; /* a batch ends with the history */
    uint64_t at = reader->history_left - 1 - reader->passed;
    uint32_t slot = sr__held_slot(reader->history[at]); /* the newest is history[0] */
    uint64_t sequence = sr__load(&sr__slot(&reader->ring->member.view, slot)->sequence);
    int mark = mark_before(reader, sequence);
    return mark ? mark : give_listed(reader, slot, sequence, out);
}

#define OPEN_EVERY 64u /* messages of the order after which what is open is looked at, too */

/* A message of the order, or of a block that is open. */
SR__INLINE int give_present(slotring_reader_t *reader, slotring_slot_t *out)
{
    uint64_t at = reader->cursor + reader->passed;
    if (reader->open_count > 0 && ++reader->turn % OPEN_EVERY == 0 &&
        sr__open_blocks_give(reader, at, out) == 0)
        return 0;
    int code = reader->pressure.holds_messages ? give_held(reader, at, out) : give_in_place(reader, at, out);
    return code == SLOTRING_E_EMPTY ? sr__open_blocks_give(reader, at, out) : code;
}

/* The same where a message more or less does not matter. */
SR__APART int give_present_again(slotring_reader_t *reader, slotring_slot_t *out)
{
    return give_present(reader, out);
}

/* One message for a reader that does not want all, or is told of marks. */
SR__APART int give_selected(slotring_reader_t *reader, slotring_slot_t *out)
{
    const sr__view_t *view = &reader->ring->member.view;
    atomic_store_explicit(&reader->unlooked, 0, memory_order_relaxed);
    if (reader->history_left > 0)
        return give_past(reader, out);
    if (reader->wanted.latest) {
        sr__skip_to_newest(reader);
        if (reader->given == 0 && sr__death_is_due(reader)) /* of what it has passed over */
            return SLOTRING_E_EMPTY;
    }
    uint64_t at = reader->cursor + reader->passed, entry = sr__load(sr__order_at(view, at));
    uint32_t slot = sr__entry_slot(view, entry);
    enum sr__entry_age age = sr__entry_age(view, entry, at);
    int mark = mark_before(reader, at); /* after the entry */
    if (mark)
        return mark;
    if (age == SR__OLDER) /* not give_present, which may find there what nobody has judged */
        return sr__open_blocks_give(reader, at, out);
    if (age == SR__CURRENT && slot < view->slot_count && reader->wanted.filters &&
        sr__is_unwanted(reader, slot, at))
        return SR__SKIPPED;
    return give_present_again(reader, out);
}

SR__INLINE int give_once(slotring_reader_t *reader, bool again, slotring_slot_t *out)
{
    if (reader->looks_first)
        return give_selected(reader, out);
    if (reader->history_left > 0)
        return give_past(reader, out);
    return again ? give_present_again(reader, out) : give_present(reader, out);
}

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
    return news ? news : reader->pressure.may_miss ? 0 : lost(reader->cursor);
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
SR__APART int pass_damaged(slotring_reader_t *reader)
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

/* There was no message, with `code`: what comes behind what has none, is not wanted, or is gone. */
SR__APART int give_after(slotring_reader_t *reader, int code, slotring_slot_t *out)
{
    uint32_t skipped = 0;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        bool gone = code == SLOTRING_E_STALE || code == SLOTRING_E_NOT_READY;
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
        } else if (code == SR__DAMAGED) {
            return pass_damaged(reader);
        } else if (code == SR__LOOK_ORDER) {
            /* from its beginning */
        } else if (gone || code == SLOTRING_E_EMPTY) {
            bool past = reader->history_left > 0;
            if (reader->passed > 0)
                sr__cursor_settle(reader);
            if (!gone && !past)
                return code;
            int failed = gone ? check_gone(reader) : 0;
            if (failed)
                return failed;
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
        code = give_once(reader, true, out);
        if (code == 0)
            return 0;
    }
    return sr__error(SLOTRING_E_CORRUPT, "a reader finds no end of what it missed");
}

/* A message that is there now, of the history first. */
SR__INLINE int give(slotring_reader_t *reader, slotring_slot_t *out)
{
    int code = give_once(reader, false, out);
    return code == 0 ? 0 : give_after(reader, code, out);
}

static bool is_unlooked(slotring_reader_t *reader)
{
    return atomic_load_explicit(&reader->unlooked, memory_order_relaxed) != 0;
}

static int attempt(void *context)
{
    delivery_t *d = context;
    slotring_reader_t *reader = d->reader;
    for (;;) {
        int failed = sr__revoked_is_due(reader) ? sr__revoked_look(reader) : 0;
        if (failed)
            return failed;
        if (sr__stream_is_due(reader)) {
            int news = sr__stream_look(reader);
            if (news == SLOTRING_E_PRODUCER_DIED)
                return sr__plain(news);
            reader->ended = news == SLOTRING_E_END;
        }
        int code = give(reader, &d->slots[0]); /* after the look: what ended before it is in the order */
        if (code != SLOTRING_E_EMPTY)
            return code;
        if (sr__death_is_due(reader))
            continue; /* a publication without a message lay before it */
        if (!reader->ended || is_unlooked(reader))
            return code;
        failed = sr__records_end(reader);
        return failed ? failed : reader->waits_at_end ? SLOTRING_E_EMPTY : sr__plain(SLOTRING_E_END);
    }
}

/* The block that was kept from the last call has nothing more, or it is time to look around. */
static int attempt_anew(delivery_t *d)
{
    if (d->reader->held > 0)
        sr__batch_drop(d->reader);
    return attempt(d);
}

int sr__next_look(slotring_reader_t *reader)
{
    slotring_slot_t slot;
    delivery_t d = {.reader = reader, .slots = &slot};
    reader->only_looks = true;
    int code = sr__records_go_on(reader, &slot) ? 0 : attempt_anew(&d);
    reader->only_looks = false;
    if (code == 0)
        sr__put_back(reader, &slot);
    bool is_news = code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED || code == SLOTRING_E_REVOKED ||
                   code == SLOTRING_E_MARK;
    return is_news ? 0 : code;
}

/* Where the next message shows first, most likely. */
static const sr__word_t *place_of_news(const slotring_reader_t *reader)
{
    const sr__word_t *next_record = sr__open_blocks_watch(reader);
    return next_record ? next_record : sr__order_at(&reader->ring->member.view, reader->cursor);
}

/* Nothing was there. */
SR__APART int wait_for_news(slotring_reader_t *reader, int64_t timeout_ns, delivery_t *delivery)
{
    sr__wait_t wait = {.ring = reader->ring,
                       .kind = SR__PUBLISHED_EVENT,
                       .again = SLOTRING_E_EMPTY,
                       .attempt = attempt,
                       .context = delivery,
                       .told = &reader->names_told,
                       .busy = &reader->unlooked,
                       .stopped = &reader->stopped};
    if (reader->wake_messages > 1)
        return sr__gather(reader, &wait, timeout_ns);
    sr__leave_producer_alone(reader);
    int code = attempt(delivery);
    if (code != SLOTRING_E_EMPTY)
        return code;
    wait.watch = place_of_news(reader);
    return sr__wait_for(&wait, timeout_ns);
}

/* The reader's descriptor is not readable any more: then one more look, since what came before that was not told. */
SR__APART int lower_descriptor(delivery_t *d)
{
    if (!sr__descriptor_lower(d->reader))
        return SLOTRING_E_EMPTY;
    int code = attempt(d);
    sr__descriptor_ask(d->reader, code != SLOTRING_E_EMPTY || is_unlooked(d->reader));
    return code;
}

/* Statistics. Not for each record, which would cost more than the record. Of a durable reader what is acknowledged counts: the
 * rest is given to the next one again. */
SR__APART void count_given(slotring_reader_t *reader)
{
    if (reader->durable && reader->given > 0)
        return;
    sr__subscription_t *subscription = reader->subscription;
    sr__poke(&subscription->bytes_read, sr__peek(&subscription->bytes_read) + reader->bytes_given);
    sr__count(&reader->ring->member, SR__BYTES_READ, reader->bytes_given);
    sr__poke(&subscription->records, sr__peek(&subscription->records) + reader->records_given);
    reader->records_given = reader->bytes_given = 0;
}

/* So many messages with so many bytes were given. */
SR__INLINE void account(slotring_reader_t *reader, uint64_t bytes)
{
    reader->since_empty += reader->given;
    if (reader->records_given > 0) {
        reader->bytes_given += bytes;
        if (reader->passed > 0)
            count_given(reader);
        return;
    }
    sr__poke(&reader->subscription->bytes_read, sr__peek(&reader->subscription->bytes_read) + bytes);
    sr__count(&reader->ring->member, SR__BYTES_READ, bytes);
}

/* Goes on with a batch whose first message is given, up to one that is not what its producer published: E_CHECKSUM. */
SR__APART int fill_verified(slotring_reader_t *reader, slotring_slot_t *slot, uint32_t max, uint32_t *count)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint64_t bytes = slot->length;
    int damaged = sr__verify(view, slot);
    while (!damaged && reader->given < max) {
        slot = sr__slot_after(slot, reader->slot_struct_size);
        if (!sr__records_go_on(reader, slot) && give(reader, slot) != 0)
            break;
        reader->given++;
        bytes += slot->length;
        damaged = sr__verify(view, slot);
    }
    *count = reader->given;
    account(reader, bytes);
    return damaged;
}

static int deliver(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slots, uint32_t max,
                   uint32_t *count)
{
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (!slots || max == 0)
        return sr__error(SLOTRING_E_INVALID, "slots must not be NULL, max must be at least 1");
    if (reader->given > 0)
        return sr__error(SLOTRING_E_STATE,
                         "the %u messages given last are not released yet (slotring_reader_release)",
                         reader->given);
    delivery_t d = {.reader = reader, .slots = slots};
    int code = sr__records_go_on(reader, slots) ? 0 : attempt_anew(&d);
    if (code == SLOTRING_E_EMPTY && timeout_ns == 0 && sr__reap_if_due(reader->ring))
        code = attempt(&d);
    if (code == SLOTRING_E_EMPTY && reader->records_given > 0)
        count_given(reader);
    if (code == SLOTRING_E_EMPTY && timeout_ns != 0)
        code = wait_for_news(reader, timeout_ns, &d);
    if (code == SLOTRING_E_EMPTY && reader->descriptor)
        code = lower_descriptor(&d);
    if (code == SLOTRING_E_EMPTY)
        return sr__plain(timeout_ns == 0 ? SLOTRING_E_EMPTY : SLOTRING_E_TIMEOUT);
    if (code != 0)
        return code;
    reader->given = 1;
    if (reader->verifies)
        return fill_verified(reader, slots, max, count);
    uint64_t bytes = slots[0].length;
    slotring_slot_t *slot = sr__slot_after(slots, reader->slot_struct_size);
    for (; reader->given < max && (sr__records_go_on(reader, slot) || give(reader, slot) == 0);
         reader->given++) {
        bytes += slot->length;
        slot = sr__slot_after(slot, reader->slot_struct_size);
    }
    *count = reader->given;
    account(reader, bytes);
    return 0;
}

/* May the reader be used? As sr__reader_enter, in place. */
SR__INLINE bool may_be_used(const slotring_reader_t *reader)
{
    return reader && atomic_load_explicit(&reader->magic, memory_order_relaxed) == SR__READER_ALIVE &&
           sr__enter(reader->ring) == 0;
}

int slotring_next(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slot)
{
    uint32_t count;
    /* One record after the other, by the shortest way. */
    if (reader && reader->run > 0 && may_be_used(reader) && slot && reader->given == 0 &&
        sr__records_go_on(reader, slot)) {
        reader->given = 1;
        reader->since_empty++;
        reader->bytes_given += slot->length;
        if (reader->passed > 0)
            count_given(reader);
        return reader->verifies ? sr__verify(&reader->ring->member.view, slot) : 0;
    }
    return deliver(reader, timeout_ns, slot, 1, &count);
}

int slotring_next_batch(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slots, uint32_t max,
                        uint32_t *count)
{
    if (!count)
        return sr__error(SLOTRING_E_INVALID, "count is NULL");
    *count = 0;
    return deliver(reader, timeout_ns, slots, max, count);
}

/* A release is the acknowledgement. */
SR__APART int release_durable(slotring_reader_t *reader)
{
    if (reader->passed > 0)
        sr__cursor_settle(reader);
    else
        sr__durable_acknowledge(reader);
    if (reader->records_given > 0)
        count_given(reader);
    return sr__durable_release(reader);
}

int slotring_reader_release(slotring_reader_t *reader)
{
    int failed = may_be_used(reader) ? 0 : sr__reader_enter(reader);
    if (failed)
        return failed;
    if (reader->given == 0)
        return sr__error(SLOTRING_E_NOT_HELD, "nothing is given, or it was released already");
    reader->given = 0;
    if (reader->durable)
        return release_durable(reader);
    if (reader->passed > 0 || (reader->held > 0 && !sr__records_keep(reader)))
        sr__cursor_settle(reader);
    return 0;
}
