/* SPDX-License-Identifier: Apache-2.0 */
/* Delivery in order: the calls, and what each of them does once. It looks at the news, gives what is there, and waits if that is
 * nothing. deliver.h gives one message; behind.c goes on where there is none for this reader.
 */
#include "traffic/readers/next.h"
#include "base/error.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/counters.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/behind.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/deliver.h"
#include "traffic/readers/descriptor.h"
#include "traffic/readers/durable.h"
#include "traffic/readers/gathering.h"
#include "traffic/readers/given.h"
#include "traffic/readers/marks_done.h"
#include "traffic/readers/member_give.h"
#include "traffic/readers/news.h"
#include "traffic/readers/open_records.h"
#include "traffic/readers/pace.h"
#include "traffic/readers/put_back.h"
#include "traffic/readers/records.h"
#include "traffic/readers/release_window.h"
#include "traffic/readers/revoked.h"
#include "traffic/readers/window.h"
#include "traffic/slots.h"
#include "traffic/verify.h"
#include "traffic/wait.h"

typedef struct delivery {
    slotring_reader_t *reader;
    slotring_slot_t *slots;
} delivery_t;

/* A message that is there now, of the history first. */
SR__INLINE int give(slotring_reader_t *reader, slotring_slot_t *out)
{
    int code = sr__deliver_once(reader, false, out);
    return code == 0 ? 0 : sr__deliver_behind(reader, code, out);
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
            if (news == SLOTRING_E_PRODUCER_DIED || news == SLOTRING_E_SOURCE_LOST)
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
    bool is_news = code == SLOTRING_E_END || code == SLOTRING_E_PRODUCER_DIED ||
                   code == SLOTRING_E_SOURCE_LOST || code == SLOTRING_E_REVOKED || code == SLOTRING_E_MARK;
    return is_news ? 0 : code;
}

/* Where the next message shows first, most likely. */
static const sr__word_t *place_of_news(const slotring_reader_t *reader)
{
    const sr__word_t *next_record = sr__open_records_watch(reader);
    return next_record ? next_record : sr__order_at(&reader->ring->member.view, sr__reader_position(reader));
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
                       .reader = reader};
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

/* So many messages with so many bytes were given. */
SR__INLINE void account(slotring_reader_t *reader, uint64_t bytes)
{
    reader->since_empty += reader->given;
    if (reader->records_given > 0) {
        reader->bytes_given += bytes;
        if (reader->passed > 0)
            sr__count_given(reader);
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
    failed = reader->given > 0 ? sr__may_be_given(reader) : 0;
    if (failed)
        return failed;
    delivery_t d = {.reader = reader, .slots = slots};
    int code = sr__records_go_on(reader, slots) ? 0 : attempt_anew(&d);
    if (code == SLOTRING_E_EMPTY && timeout_ns == 0 && sr__reap_if_due(reader->ring))
        code = attempt(&d);
    if (code == SLOTRING_E_EMPTY && reader->records_given > 0)
        sr__count_given(reader);
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
            sr__count_given(reader);
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

/* No message is given. A durable reader may have been told of a mark, with which it is done now. */
SR__APART int release_mark(slotring_reader_t *reader)
{
    return sr__marks_done_go_on(reader)
               ? sr__durable_release(reader)
               : sr__error(SLOTRING_E_NOT_HELD, "nothing is given, or it was released already");
}

/* A release is the acknowledgement. */
SR__APART int release_apart(slotring_reader_t *reader)
{
    if (reader->window)
        return sr__release_window(reader);
    int failed = reader->share ? sr__member_release(reader) : 0;
    if (reader->share)
        sr__count_given(reader);
    if (reader->share)
        return failed;
    if (reader->passed > 0)
        sr__cursor_settle(reader);
    else
        sr__durable_acknowledge(reader);
    if (reader->records_given > 0)
        sr__count_given(reader);
    return sr__durable_release(reader);
}

int slotring_reader_release(slotring_reader_t *reader)
{
    int failed = may_be_used(reader) ? 0 : sr__reader_enter(reader);
    if (failed)
        return failed;
    if (reader->given == 0 && sr__window_out(reader) == 0)
        return release_mark(reader);
    reader->given = 0;
    if (reader->releases_apart)
        return release_apart(reader);
    if (reader->passed > 0 || (reader->held > 0 && !sr__records_keep(reader)))
        sr__cursor_settle(reader);
    return 0;
}
