/* SPDX-License-Identifier: Apache-2.0 */
/* Readers whose tickets come through a queue, in a storm of choices. A plain lossless reader feeds the queue. A ticket leaves it later
 * than younger ones, by up to the reader's window. Until the reader is revoked no ticket comes too late, and its account says that it
 * was given everything. */
#include <string.h>

#include "prove.h"

#define A_MOMENT (20 * MILLISECOND)
#define A_BUDGET (2 * MILLISECOND)
#define DEPTH 32u
#define HELD 3u

typedef struct queued {
    slotring_t *ring;
    slotring_reader_t *source, *reader;
    entry_t *entry;
    slotring_ticket_t queue[DEPTH]; /* oldest first */
    slotring_slot_t held[HELD];
    uint32_t length, held_count, window;
    uint64_t start, given;
    uint64_t safe_from; /* tickets from here on cannot come too late; UINT64_MAX: it is revoked */
    bool was_revoked, keep;
} queued_t;

static void check_account(queued_t *q)
{
    slotring_reader_info_t info;
    CHECK_OK(slotring_reader_info(q->reader, &info));
    CHECK_EQUAL(info.delivered + info.passed_over + info.missed, info.cursor - info.start);
    CHECK_AT_LEAST(q->given, info.delivered);
    if (q->was_revoked || q->keep)
        return;
    CHECK_EQUAL(info.passed_over + info.missed, 0);
    if (q->length == 0)
        CHECK_EQUAL(info.delivered, q->given);
}

static void let_go(queued_t *q, uint32_t which)
{
    pattern_check(&q->held[which]);
    CHECK_OK(slotring_release(q->ring, &q->held[which]));
    q->held[which] = q->held[--q->held_count];
}

/* Puts the next ticket into the queue, if there is one. */
static void feed(queued_t *q)
{
    slotring_slot_t slot;
    int code = slotring_next(q->source, q->length == 0 ? A_MOMENT : 0, &slot);
    if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_EMPTY || code == SLOTRING_E_END ||
        code == SLOTRING_E_PRODUCER_DIED)
        return;
    CHECK_OK(code);
    note_read(q->entry, &slot);
    if (slot.sequence >= q->start)
        q->queue[q->length++] = slot.ticket;
    CHECK_OK(slotring_reader_release(q->source));
}

static void is_told_of_revocation(queued_t *q)
{
    q->was_revoked = true;
    q->safe_from = UINT64_MAX;
    atomic_fetch_add(&journal->revoked, 1);
    if (slotring_reader_rearm(q->reader) == 0) /* else it is too far behind */
        q->safe_from = ring_stats(q->ring).published;
}

/* A ticket that is at most as late as the window allows. */
static uint32_t choose(const queued_t *q, uint32_t *seed)
{
    uint32_t candidates = 1;
    while (candidates < q->length && q->queue[candidates].sequence - q->queue[0].sequence <= q->window)
        candidates++;
    return prove_random(seed) % candidates;
}

static void give(queued_t *q, uint32_t *seed)
{
    uint32_t which = choose(q, seed);
    slotring_ticket_t *ticket = &q->queue[which];
    slotring_slot_t *slot = &q->held[q->held_count];
    int code = slotring_reader_acquire_ticket(q->reader, ticket, slot);
    if (code == SLOTRING_E_BUSY)
        return;
    if (code == SLOTRING_E_REVOKED) {
        is_told_of_revocation(q);
        return;
    }
    if (code == SLOTRING_E_STALE && !q->keep && ticket->sequence >= q->safe_from) {
        /* It may have been revoked just now: then the next call says so. */
        CHECK_CODE(slotring_reader_acquire_ticket(q->reader, ticket, slot), SLOTRING_E_REVOKED);
        is_told_of_revocation(q);
        return;
    }
    if (code != SLOTRING_E_STALE) {
        CHECK_OK(code);
        CHECK_EQUAL(slot->sequence, ticket->sequence);
        note_read(q->entry, slot);
        q->given++;
        q->held_count++;
    }
    q->length--;
    memmove(ticket, ticket + 1, (q->length - which) * sizeof *ticket);
}

static void read_for_a_while(queued_t *q, uint32_t *seed)
{
    uint64_t wanted = prove_random(seed) % 1024;
    while (q->given < wanted && !storm_ending()) {
        if (q->length < DEPTH && (q->length == 0 || prove_random(seed) % 2 == 0))
            feed(q);
        else
            give(q, seed);
        if (q->held_count > 0 && (q->held_count == HELD || prove_random(seed) % 2 == 0))
            let_go(q, prove_random(seed) % q->held_count);
        if (prove_random(seed) % 16 == 0)
            check_account(q);
    }
    while (q->length > 0 || q->held_count > 0) {
        if (q->held_count > 0)
            let_go(q, 0);
        if (q->length > 0)
            give(q, seed);
    }
    check_account(q);
}

void acts_queued(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    uint64_t half = ring_info(ring).slot_count / 2;
    entry_t *entry = journal_entry();
    while (!storm_ending()) {
        queued_t q = {.ring = ring, .entry = entry, .window = prove_random(&seed) % (uint32_t)half};
        slotring_reader_options_t options = reader_options(SLOTRING_BUDGETED, SLOTRING_FROM_NOW);
        slotring_reader_info_t info;
        options.flags = SLOTRING_BY_TICKET;
        options.window = q.window;
        options.budget_messages = 1 + prove_random(&seed) % 4;
        options.budget_ns = A_BUDGET;
        q.keep = ring_info(ring).when_full ==
                 SLOTRING_KEEP; /* a witness frees each message: then a ticket is too late */
        q.source = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
        q.reader = subscribe_with(ring, &options); /* all its messages come through the queue */
        CHECK_OK(slotring_reader_info(q.reader, &info));
        q.start = q.safe_from = info.start;
        read_for_a_while(&q, &seed);
        CHECK_OK(slotring_unsubscribe(q.reader));
        CHECK_OK(slotring_unsubscribe(q.source));
        atomic_fetch_add(&journal->choices, 1);
        atomic_fetch_add(&journal->queued, q.given);
    }
    CHECK_OK(slotring_close(ring));
}
