/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing and leaving. A subscription of the ring per reader: a lossless one's cursor holds producers back, a lossy
 * one's is only for accounting.
 * A kill leaves a subscription JOIN(p) or ACTIVE(p), which repair sets FREE, and hold bits, which repair drops.
 */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/structs.h"
#include "members/enter.h"
#include "members/make.h"
#include "members/reap.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/hold.h"
#include "traffic/readers/news.h"
#include "traffic/readers/reader.h"

#define GIVEN_MAX 1024u /* slots that a lossy reader gives at once */

void slotring_reader_options_init(slotring_reader_options_t *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

static void free_reader(slotring_reader_t *reader)
{
    free(reader->given_slots);
    free(reader->history);
    free(reader->deaths_told);
    reader->given_slots = reader->history = NULL;
    reader->deaths_told = NULL;
    sr__bury(reader);
}

static slotring_reader_t *make_reader(slotring_t *ring, bool lossless)
{
    slotring_reader_t *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->ring = ring;
    reader->lossless = lossless;
    reader->given_capacity = ring->view.slot_count < GIVEN_MAX ? ring->view.slot_count : GIVEN_MAX;
    reader->given_slots = calloc(reader->given_capacity, sizeof *reader->given_slots);
    reader->deaths_told = calloc(ring->view.participant_count, sizeof *reader->deaths_told);
    if (!reader->given_slots || !reader->deaths_told) {
        free_reader(reader);
        return NULL;
    }
    return reader;
}

/* For who looks at all subscriptions: those at or above it were never used. */
static void raise_high(sr__half_t *high, uint32_t to)
{
    uint32_t seen = atomic_load_explicit(high, memory_order_seq_cst);
    while (seen < to && !atomic_compare_exchange_weak_explicit(high, &seen, to, memory_order_seq_cst,
                                                               memory_order_seq_cst))
        ;
}

/* [subscribe.join] A free subscription, as JOIN(me). */
static bool take_row(slotring_t *ring, uint32_t flags, uint32_t *number, uint64_t *word)
{
    sr__view_t *view = &ring->view;
    for (uint32_t r = 0; r < view->subscription_count; r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (sr__subscription_state(w) != SR__SUBSCRIPTION_FREE)
            continue;
        raise_high(&view->state->readers_high, r + 1);
        *word =
            sr__subscription_word(SR__SUBSCRIPTION_JOIN, ring->me, flags, sr__subscription_generation(w) + 1);
        if (sr__cas(&view->subscriptions[r].state, w, *word)) {
            if (flags & SR__SUBSCRIPTION_GATES)
                sr__gates_add(view, r);
            *number = r;
            return true;
        }
    }
    return false;
}

/* The subscription's record begins: JOIN with a new generation comes before what is written now, for who copies
 * between two looks at the state (seqlock.c), and ACTIVE after it. */
static void write_row(sr__subscription_t *subscription, const char *name)
{
    atomic_thread_fence(memory_order_release);
    sr__poke(&subscription->missed, 0);
    sr__poke(&subscription->jump_to, 0);
    sr__poke(&subscription->jump_missed, 0);
    sr__poke(&subscription->pending, 0);
    sr__poke(&subscription->bytes_read, 0);
    sr__name_store(subscription->name, name);
}

/* [subscribe.activate] ACTIVE first, then the end of the order once more: a producer whose gate was computed before
 * it saw this subscription reclaims only below an end that it loaded earlier, which is at or below this one. */
static uint64_t activate(slotring_reader_t *reader, uint64_t joined)
{
    slotring_t *ring = reader->ring;
    sr__view_t *view = &ring->view;
    sr__subscription_t *subscription = reader->subscription;
    uint64_t at = sr__published_end(view);
    atomic_store_explicit(&subscription->start, at, memory_order_seq_cst);
    atomic_store_explicit(&subscription->cursor, at, memory_order_seq_cst);
    reader->subscription_word =
        sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, ring->me, sr__subscription_flags(joined),
                              sr__subscription_generation(joined));
    atomic_store_explicit(&subscription->state, reader->subscription_word, memory_order_seq_cst);
    at = sr__published_end(view);
    /* `start` first: what lies between the two ends was not delivered, and must not look like it for a moment. */
    atomic_store_explicit(&subscription->start, at, memory_order_seq_cst);
    atomic_store_explicit(&subscription->cursor, at, memory_order_seq_cst);
    return at;
}

/* How far back from `end` is there no gap? With `keep` the holds stay, newest first: *count of them, also after an
 * error. */
static int hold_history(slotring_reader_t *reader, uint64_t end, bool keep, uint64_t *count)
{
    slotring_t *ring = reader->ring;
    sr__view_t *view = &ring->view;
    for (*count = 0; *count < view->slot_count && *count < end; ++*count) {
        uint64_t t = end - 1 - *count, entry = sr__load(sr__order_at(view, t));
        uint32_t slot = sr__entry_slot(view, entry), held;
        if (sr__entry_age(view, entry, t) != SR__CURRENT || slot >= view->slot_count)
            break;
        int failed = sr__hold_acquire(ring, slot, t, &held);
        if (failed == SLOTRING_E_STALE)
            break;
        if (failed)
            return sr__hold_refused(ring, slot, failed);
        if (keep)
            reader->history[*count] = held;
        else
            sr__hold_drop(ring, held);
    }
    return 0;
}

/* [subscribe.history] A start in the past: a lossless reader holds what is there until it has had it; a lossy one
 * only starts earlier. */
static int start_in_past(slotring_reader_t *reader)
{
    sr__subscription_t *subscription = reader->subscription;
    if (reader->lossless) {
        reader->history = calloc(reader->ring->view.slot_count, sizeof *reader->history);
        if (!reader->history)
            return sr__plain(SLOTRING_E_NO_MEMORY);
    }
    uint64_t back;
    int failed = hold_history(reader, reader->cursor, reader->lossless, &back);
    if (reader->lossless) {
        reader->history_size = reader->history_left = back;
        sr__poke(&subscription->pending, back);
    } else if (!failed) {
        reader->cursor -= back;
        sr__poke(&subscription->cursor, reader->cursor);
    }
    if (failed)
        return failed; /* whoever subscribes ends the reader, and what it holds */
    reader->start -= back;
    /* Release, and last: who sees this start also sees what is pending, or the cursor, that goes with it, and does not
     * count the past as delivered (account_at, seqlock.c). */
    atomic_store_explicit(&subscription->start, reader->start, memory_order_release);
    return 0;
}

/* The subscription is this reader's alone from JOIN to FREE, and so is its entry here: no lock. Release: who finds
 * the reader there (close) finds it complete. */
static void link_reader(slotring_reader_t *reader)
{
    raise_high(&reader->ring->readers_high, reader->subscription_number + 1);
    atomic_store_explicit(&reader->ring->readers[reader->subscription_number], reader, memory_order_release);
}

static void unlink_reader(slotring_reader_t *reader)
{
    atomic_store_explicit(&reader->ring->readers[reader->subscription_number], NULL, memory_order_release);
}

static int check_options(const slotring_reader_options_t *given, slotring_reader_options_t *options)
{
    slotring_reader_options_init(options);
    if (!given)
        return 0;
    int failed = sr__struct_take("reader options have", options, sizeof *options,
                                 offsetof(slotring_reader_options_t, reserved), given, NULL);
    if (failed)
        return failed;
    if (options->mode > SLOTRING_LOSSY || options->start > SLOTRING_FROM_OLDEST)
        return sr__error(SLOTRING_E_INVALID,
                         "reader options have mode %u and start %u; the last ones known are 1 and 1",
                         options->mode, options->start);
    for (size_t i = 0; i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        if (options->reserved[i] != 0)
            return sr__error(SLOTRING_E_INVALID,
                             "reader options have a reserved field that is not zero: an option that "
                             "this version does not know, or a struct that nothing prepared");
    return 0;
}

static bool take_subscription_after_reaping(slotring_t *ring, uint32_t flags, uint32_t *number,
                                            uint64_t *word)
{
    return take_row(ring, flags, number, word) ||
           (sr__reap_if_due(ring) && take_row(ring, flags, number, word));
}

static int subscribe(slotring_t *ring, const slotring_reader_options_t *given, slotring_reader_t **out)
{
    if (!out)
        return sr__error(SLOTRING_E_INVALID, "reader is NULL");
    *out = NULL;
    slotring_reader_options_t options;
    int failed = sr__enter(ring);
    if (!failed)
        failed = check_options(given, &options);
    if (failed)
        return failed;
    bool lossless = options.mode == SLOTRING_LOSSLESS;
    slotring_reader_t *reader = make_reader(ring, lossless);
    if (!reader)
        return sr__plain(SLOTRING_E_NO_MEMORY);
    uint64_t joined;
    if (!take_subscription_after_reaping(ring, lossless ? SR__SUBSCRIPTION_GATES : 0,
                                         &reader->subscription_number, &joined)) {
        free_reader(reader);
        return sr__error(SLOTRING_E_READERS,
                         "all %u subscriptions of ring \"%s\" are taken; create it with more (max_readers)",
                         ring->view.subscription_count, ring->view.header.name);
    }
    reader->subscription = &ring->view.subscriptions[reader->subscription_number];
    write_row(reader->subscription, options.name ? options.name : ring->self->name);
    sr__stream_baseline(reader);
    reader->start = reader->cursor = activate(reader, joined);
    atomic_store_explicit(&reader->magic, SR__READER_ALIVE, memory_order_relaxed);
    link_reader(reader);
    if (options.start == SLOTRING_FROM_OLDEST && (failed = start_in_past(reader)) != 0) {
        sr__reader_end(reader, true);
        return failed;
    }
    sr__wake(ring,
             SR__SPACE_EVENT); /* a producer may have seen the subscription at its first, lower cursor */
    *out = reader;
    return 0;
}

int slotring_subscribe(slotring_t *ring, const slotring_reader_options_t *given, slotring_reader_t **out)
{
    sr__cancel_point();
    return SR__UNCANCELLED(subscribe(ring, given, out));
}

static void drop_holds(slotring_reader_t *reader)
{
    if (reader->lossless)
        while (reader->history_left > 0)
            sr__hold_drop(reader->ring, reader->history[--reader->history_left]);
    else
        while (reader->given > 0)
            sr__hold_drop(reader->ring, reader->given_slots[--reader->given]);
}

/* [reader.end] give_back: not in a forked child, nor after an eviction. */
void sr__reader_end(slotring_reader_t *reader, bool give_back)
{
    slotring_t *ring = reader->ring;
    unlink_reader(reader);
    if (give_back) {
        drop_holds(reader);
        if (reader->lossless && sr__load(&reader->subscription->state) == reader->subscription_word)
            sr__gates_remove(&ring->view, reader->subscription_number);
        sr__cas(&reader->subscription->state, reader->subscription_word,
                sr__subscription_word(SR__SUBSCRIPTION_FREE, 0, 0,
                                      sr__subscription_generation(reader->subscription_word)));
        sr__wake(ring, SR__SPACE_EVENT);
    }
    atomic_store_explicit(&reader->magic, SR__TOMBSTONE, memory_order_relaxed);
    free_reader(reader);
}

static int unsubscribe(slotring_reader_t *reader)
{
    if (!reader || atomic_load_explicit(&reader->magic, memory_order_relaxed) != SR__READER_ALIVE)
        return sr__error(SLOTRING_E_CLOSED, "the reader is closed");
    (void)reader->ring->os->system
        .process_mark(); /* a fork handler of the host's may be here before the library's */
    int failed = sr__enter(reader->ring);
    sr__reader_end(reader, failed == 0);
    return failed;
}

int slotring_unsubscribe(slotring_reader_t *reader)
{
    return SR__UNCANCELLED(unsubscribe(reader));
}
