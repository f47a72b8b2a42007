/* SPDX-License-Identifier: Apache-2.0 */
/* A reader in this process's memory: made, known to its handle, ended. Here are the calls that begin and end one. */
#include <stdlib.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/make.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/hold.h"
#include "protocol/left.h"
#include "protocol/passed.h"
#include "traffic/interrupt.h"
#include "traffic/readers/batch.h"
#include "traffic/readers/by_ticket.h"
#include "traffic/readers/descriptor.h"
#include "traffic/readers/grant.h"
#include "traffic/readers/member.h"
#include "traffic/readers/properties.h"
#include "traffic/readers/reader.h"
#include "traffic/readers/reader_options.h"
#include "traffic/readers/records.h"
#include "traffic/readers/tell.h"
#include "traffic/readers/window.h"

#define GIVEN_MAX 1024u /* slots that a reader which holds its messages gives at once */

static void free_reader(slotring_reader_t *reader)
{
    free(reader->given_slots);
    free(reader->history);
    free(reader->deaths_told);
    sr__tell_free(reader);
    free(reader->share);

    sr__records_free(reader);
    sr__window_free(reader);
    sr__by_ticket_free(reader);
    reader->given_slots = reader->history = NULL;
    reader->deaths_told = NULL;
    reader->share = NULL;

    sr__bury(reader);
}

static slotring_reader_t *make(slotring_t *ring, const sr__pressure_t *pressure)
{
    slotring_reader_t *reader = calloc(1, sizeof *reader);
    if (!reader)
        return NULL;
    reader->ring = ring;
    reader->interrupts_told = sr__interrupts_so_far(ring);
    reader->pressure = *pressure;
    reader->given_capacity =
        ring->member.view.slot_count < GIVEN_MAX ? ring->member.view.slot_count : GIVEN_MAX;
    reader->given_slots = calloc(reader->given_capacity, sizeof *reader->given_slots);
    reader->deaths_told = calloc(ring->member.view.participant_count, sizeof *reader->deaths_told);
    if (!reader->given_slots || !reader->deaths_told || sr__records_make(reader) != 0) {
        free_reader(reader);
        return NULL;
    }
    return reader;
}

/* The subscription is this reader's alone from JOIN to FREE, and so is its entry here: no lock. Release: who finds
 * the reader there (close) finds it complete. */
static void link_reader(slotring_reader_t *reader)
{
    sr__raise_high(&reader->ring->readers_high, reader->subscription_number + 1);
    atomic_store_explicit(&reader->ring->readers[reader->subscription_number], reader, memory_order_release);
}

static void unlink_reader(slotring_reader_t *reader)
{
    atomic_store_explicit(&reader->ring->readers[reader->subscription_number], NULL, memory_order_release);
}

static void drop_holds(slotring_reader_t *reader)
{
    while (reader->history_left > 0)
        sr__history_drop(reader);
    if (reader->out_holds && sr__window_out(reader) > 0)
        sr__window_empty(reader);
    sr__batch_drop(reader);
}

/* [reader.end] Gives a subscription back that ends with its reader. */
static void end_subscription(slotring_reader_t *reader)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t word = reader->subscription_word;
    if (reader->pressure.gates && sr__subscription_same(sr__load(&reader->subscription->state), word)) {
        word = sr__gates_leave(view, reader->subscription_number, word);
        sr__gates_remove(view, reader->subscription_number);
    }
    sr__subscription_free(view, reader->subscription_number, word);
}

/* Gives the holds and the subscription of a reader back. give_back: not in a forked child, nor after an eviction. */
void sr__reader_end(slotring_reader_t *reader, bool give_back)
{
    slotring_t *ring = reader->ring;
    unlink_reader(reader);
    sr__descriptor_end(reader);
    if (give_back) {
        drop_holds(reader);
        if (reader->share && !reader->pressure.gates) /* else its group was still being made */
            sr__member_leave(reader);
        if (sr__subscription_flags(reader->subscription_word) & SR__SUBSCRIPTION_DURABLE)
            /* [reader.leave] Leaves a durable subscription to its next owner. */
            sr__subscription_leave(&ring->member, reader->subscription, reader->subscription_word,
                                   ring->member.me);
        else
            end_subscription(reader);
        if (ring->member.view.hot)
            sr__free_passed(&ring->member, ring->member.me);
        sr__wake(&ring->member, SR__SPACE_EVENT);
    }
    atomic_store_explicit(&reader->magic, SR__TOMBSTONE, memory_order_relaxed);
    free_reader(reader);
}

/* The reader is not to be. What it has of the ring goes back, unless its participant was taken for dead. */
static int give_up(slotring_reader_t *reader, int code)
{
    if (reader->subscription)
        sr__reader_end(reader, code != SLOTRING_E_EVICTED);
    else
        free_reader(reader);
    return code;
}

static slotring_reader_t *make_as_asked(slotring_t *ring, const slotring_reader_options_t *options,
                                        const sr__properties_t *properties)
{
    slotring_reader_t *reader = make(ring, properties->pressure);
    if (!reader)
        return NULL;
    reader->slot_struct_size = options->slot_struct_size;
    reader->verifies = (options->flags & SLOTRING_VERIFY) != 0;
    reader->durable = properties->life->durable;
    reader->wake_messages = properties->wake_messages;
    reader->wake_ns = properties->wake_ns;
    reader->wanted = properties->wanted;
    reader->waits_at_end = properties->waits_at_end;
    bool is_told = (options->flags & SLOTRING_TELL_MARKS) != 0,
         by_ticket = (options->flags & SLOTRING_BY_TICKET) != 0,
         has_window = options->window > 0 && !by_ticket;
    reader->looks_first = properties->wanted.filters || is_told || has_window;
    reader->releases_apart = reader->durable || has_window;
    /* What is out then a lossless one reads in place, under the gate that goes. */
    reader->wants_acks = reader->durable && has_window && options->window <= SR__ACKS_WINDOW;
    bool in_place = !reader->pressure.holds_messages;
    reader->ends_when_revoked = properties->ends_when_revoked || (has_window && in_place);
    if ((is_told && sr__tell_make(reader) != 0) ||
        (has_window && sr__window_make(reader, options->window) != 0) ||
        (by_ticket && sr__by_ticket_make(reader, options->window) != 0)) {
        free_reader(reader);
        return NULL;
    }
    return reader;
}

static int subscribe(slotring_t *ring, const slotring_reader_options_t *given, slotring_reader_t **out)
{
    if (!out)
        return sr__error(SLOTRING_E_INVALID, "reader is NULL");
    *out = NULL;
    slotring_reader_options_t options;
    int failed = sr__enter(ring);
    if (!failed)
        failed = sr__reader_options_take(ring, given, &options);
    sr__properties_t properties;
    if (!failed)
        failed = sr__properties_choose(&options, ring->member.view.slot_count, &properties);
    if (!failed)
        failed = sr__grant_check(ring, &options, &properties);
    if (!failed)
        failed = sr__reader_options_check_start(ring, properties.start);
    if (failed)
        return failed;
    slotring_reader_t *reader = make_as_asked(ring, &options, &properties);
    if (!reader)
        return sr__plain(SLOTRING_E_NO_MEMORY);
    failed = properties.life->begin(reader, &options, &properties);
    if (failed)
        return give_up(reader, failed);
    atomic_store_explicit(&reader->subscription->flags, options.flags, memory_order_relaxed);
    atomic_store_explicit(&reader->subscription->window, options.window, memory_order_relaxed);
    atomic_store_explicit(&reader->magic, reader->by_ticket ? SR__READER_BY_TICKET : SR__READER_ALIVE,
                          memory_order_relaxed);
    link_reader(reader);
    if (ring->member.view.hot)
        sr__free_passed(&ring->member, ring->member.me); /* what lies before the first lossless reader */
    sr__wake(&ring->member,
             SR__SPACE_EVENT); /* a producer may have seen the subscription at its first, lower cursor */
    sr__wake(&ring->member, SR__GATHERED_EVENT); /* or waits for readers */
    *out = reader;
    return 0;
}

int slotring_subscribe(slotring_t *ring, const slotring_reader_options_t *given, slotring_reader_t **out)
{
    sr__cancel_point();
    return SR__UNCANCELLED(subscribe(ring, given, out));
}

static int unsubscribe(slotring_reader_t *reader)
{
    if (!sr__reader_is_alive(reader))
        return sr__error(SLOTRING_E_CLOSED, "the reader is closed");
    (void)reader->ring->member.os->system
        .process_mark(); /* a fork handler of the host's may be here before the library's */
    int failed = sr__enter(reader->ring);
    sr__reader_end(reader, failed == 0);
    return failed;
}

int slotring_unsubscribe(slotring_reader_t *reader)
{
    return SR__UNCANCELLED(unsubscribe(reader));
}
