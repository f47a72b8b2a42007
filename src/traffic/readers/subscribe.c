/* SPDX-License-Identifier: Apache-2.0 */
/* Subscribing. A reader has a subscription of the ring: the cursor of one that gates holds producers back, the cursor
 * of any other one is only for accounting. A kill leaves a subscription JOIN(p) or ACTIVE(p), which repair sets FREE,
 * and hold bits, which repair drops.
 */
#include <string.h>

#include "base/error.h"
#include "base/structs.h"
#include "members/enter.h"
#include "members/reap.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "traffic/readers/news.h"
#include "traffic/readers/properties.h"
#include "traffic/readers/reader.h"

void slotring_reader_options_init(slotring_reader_options_t *options)
{
    memset(options, 0, sizeof *options);
    options->struct_size = sizeof *options;
}

/* [subscribe.join] Takes a free subscription. A free subscription, as JOIN(me). */
static bool take_subscription(slotring_t *ring, uint32_t flags, uint32_t *number, uint64_t *word)
{
    sr__view_t *view = &ring->member.view;
    for (uint32_t r = 0; r < view->subscription_count; r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (sr__subscription_state(w) != SR__SUBSCRIPTION_FREE)
            continue;
        sr__raise_high(&view->state->readers_high, r + 1);
        *word = sr__subscription_word(SR__SUBSCRIPTION_JOIN, ring->member.me, flags,
                                      sr__subscription_generation(w) + 1);
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
static void write_subscription(sr__subscription_t *subscription, const char *name)
{
    atomic_thread_fence(memory_order_release);
    sr__poke(&subscription->missed, 0);
    sr__poke(&subscription->jump_to, 0);
    sr__poke(&subscription->jump_missed, 0);
    sr__poke(&subscription->pending, 0);
    sr__poke(&subscription->bytes_read, 0);
    sr__name_store(subscription->name, name);
}

/* [subscribe.activate] Makes the subscription ACTIVE and finds its start. ACTIVE first, then the end of the
 * order once more: a producer whose gate was computed before it saw this subscription reclaims only below
 * an end that it loaded earlier, which is at or below this one. */
static uint64_t activate(slotring_reader_t *reader, uint64_t joined)
{
    slotring_t *ring = reader->ring;
    sr__view_t *view = &ring->member.view;
    sr__subscription_t *subscription = reader->subscription;
    uint64_t at = sr__published_end(view);
    atomic_store_explicit(&subscription->start, at, memory_order_seq_cst);
    atomic_store_explicit(&subscription->cursor, at, memory_order_seq_cst);
    reader->subscription_word =
        sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, ring->member.me, sr__subscription_flags(joined),
                              sr__subscription_generation(joined));
    atomic_store_explicit(&subscription->state, reader->subscription_word, memory_order_seq_cst);
    at = sr__published_end(view);
    /* `start` first: what lies between the two ends was not delivered, and must not look like it for a moment. */
    atomic_store_explicit(&subscription->start, at, memory_order_seq_cst);
    atomic_store_explicit(&subscription->cursor, at, memory_order_seq_cst);
    return at;
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
    return take_subscription(ring, flags, number, word) ||
           (sr__reap_if_due(ring) && take_subscription(ring, flags, number, word));
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
    sr__properties_t properties;
    if (!failed)
        failed = sr__properties_choose(&options, &properties);
    if (failed)
        return failed;
    slotring_reader_t *reader = sr__reader_make(ring, properties.pressure);
    if (!reader)
        return sr__plain(SLOTRING_E_NO_MEMORY);
    uint64_t joined;
    if (!take_subscription_after_reaping(ring, properties.pressure->gates ? SR__SUBSCRIPTION_GATES : 0,
                                         &reader->subscription_number, &joined)) {
        sr__reader_free(reader);
        return sr__error(SLOTRING_E_READERS,
                         "all %u subscriptions of ring \"%s\" are taken; create it with more (max_readers)",
                         ring->member.view.subscription_count, ring->member.view.header.name);
    }
    reader->subscription = &ring->member.view.subscriptions[reader->subscription_number];
    write_subscription(reader->subscription, options.name ? options.name : ring->member.self->name);
    sr__stream_baseline(reader);
    reader->start = reader->cursor = activate(reader, joined);
    atomic_store_explicit(&reader->magic, SR__READER_ALIVE, memory_order_relaxed);
    sr__reader_link(reader);
    if (properties.start->begin && (failed = properties.start->begin(reader)) != 0) {
        sr__reader_end(reader, true);
        return failed;
    }
    sr__wake(&ring->member,
             SR__SPACE_EVENT); /* a producer may have seen the subscription at its first, lower cursor */
    *out = reader;
    return 0;
}

int slotring_subscribe(slotring_t *ring, const slotring_reader_options_t *given, slotring_reader_t **out)
{
    sr__cancel_point();
    return SR__UNCANCELLED(subscribe(ring, given, out));
}
