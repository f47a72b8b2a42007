/* SPDX-License-Identifier: Apache-2.0 */
/* The audit of pages 0 and 1: the header, which never changes, the ring's words, and the sets of those who wait and
 * of the subscriptions that gate. */
#include <string.h>

#include "base/hash.h"
#include "inspect/check.h"

#define KIND(field) SR__KIND(SR__AUDIT_STATE, sr__state_t, field)
#define AGE_MAX (UINT64_C(1) << 62) /* nanoseconds: no clock is so far ahead of another one */

/* Against the copy that was judged when the ring was opened. */
void sr__audit_header(sr__audit_t *a)
{
    _Alignas(sr__header_t) uint8_t page[SR__PAGE];
    const uint8_t *seen = (const uint8_t *)&a->view->header;
    if (a->ring->member.os->segments.read(a->ring->member.segment, 0, page, sizeof page) != 0) {
        uint64_t size = a->ring->member.os->segments.size(a->ring->member.segment);
        if (size < sizeof page)
            sr__find(a, SR__AUDIT_HEADER, SR__PAGE, size,
                     "header: the segment has %" PRIu64 " bytes, the header %u", size, SR__PAGE);
        return; /* or it cannot be read now, which says nothing of it */
    }
    for (uint32_t i = 0; i < SR__PAGE; i++) {
        uint8_t right = i < sizeof(sr__header_t) ? seen[i] : 0;
        if (page[i] != right)
            sr__find(a, SR__AUDIT_HEADER, i, page[i],
                     "header: byte %" PRIu32 " is 0x%02x; it was 0x%02x when the ring was made", i, page[i],
                     right);
    }
}

/* The owner's description: the header has its hash. */
void sr__audit_description(sr__audit_t *a)
{
    const sr__view_t *view = a->view;
    uint8_t copy[SLOTRING_DESCRIPTION_MAX];
    uint32_t bytes = view->header.meta_size;
    for (uint32_t i = 0; bytes > 0 && i < SR__PARTS; i++) {
        const sr__part_t *part = &view->header.parts[i];
        if (part->kind != SR__PART_META ||
            a->ring->member.os->segments.read(a->ring->member.segment, part->offset, copy, bytes) != 0)
            continue;
        uint64_t hash = sr__hash(SR__HASH_START, copy, bytes);
        if (hash != view->header.meta_hash)
            sr__find(a, SR__AUDIT_HEADER, SR__PAGE, hash,
                     "description: its %" PRIu32 " bytes have the hash %016" PRIx64 "; it was %016" PRIx64
                     " when the ring was made",
                     bytes, hash, view->header.meta_hash);
    }
}

static uint32_t half(const sr__half_t *word)
{
    return atomic_load_explicit(word, memory_order_seq_cst);
}

static void audit_reserved(sr__audit_t *a, const sr__state_t *s)
{
    sr__audit_zero(a, KIND(reserved1), 0, s->reserved1, sizeof s->reserved1);
    sr__audit_zero(a, KIND(reserved2), 0, s->reserved2, sizeof s->reserved2);
    sr__audit_zero(a, KIND(reserved3), 0, s->reserved3, sizeof s->reserved3);
    sr__audit_zero(a, KIND(reserved4), 0, s->reserved4, sizeof s->reserved4);
    sr__audit_zero(a, KIND(reserved32), 0, &s->reserved32, sizeof s->reserved32);
    sr__audit_zero(a, KIND(reserved5), 0, s->reserved5, sizeof s->reserved5);
    for (uint32_t e = 0; e < SR__EVENTS; e++) {
        uint32_t kind = KIND(events) + e * (uint32_t)sizeof s->events[0];
        sr__audit_zero(a, kind, 0, &s->events[e].reserved, sizeof s->events[e].reserved);
        sr__audit_zero(a, kind + 8, 0, s->events[e].reserved2, sizeof s->events[e].reserved2);
        kind = KIND(waiters) + e * (uint32_t)sizeof s->waiters[0];
        sr__audit_zero(a, kind + 16, 0, s->waiters[e].reserved, sizeof s->waiters[e].reserved);
    }
    sr__audit_zero(a, KIND(gates.reserved), 0, s->gates.reserved, sizeof s->gates.reserved);
}

/* Which slots became free last; nothing, in a ring without hot slots. */
static void audit_recent(sr__audit_t *a, const sr__state_t *s)
{
    uint32_t count = half(&s->recent_count), most = a->view->hot ? a->view->slot_count : 0;
    sr__audit_field(a, a->view->hot || count == 0, KIND(recent_count), 0, "recent_count", count,
                    "0 in a ring without hot slots");
    for (uint32_t i = 0; i < SR__RECENT; i++)
        sr__audit_field(a, half(&s->recent[i]) <= most, KIND(recent) + 4 * i, i, "recent",
                        half(&s->recent[i]),
                        "a slot's number and one more, or 0; 0 in a ring without hot slots");
}

/* The ends that were given, and the positions: a hint has no wrong value but those beyond all. */
static void audit_positions(sr__audit_t *a, const sr__state_t *s)
{
    const sr__view_t *view = a->view;
    uint64_t tail = sr__load(&s->tail), at = sr__load(&s->reap_at);
    sr__audit_field(a, tail <= a->end && a->end - tail <= view->lag, KIND(tail), 0, "tail", tail,
                    "the end of the order, or a few publications before it");
    sr__audit_field(a, at <= a->now || at - a->now < AGE_MAX, KIND(reap_at), 0, "reap_at", at,
                    "a time of the monotonic clock");
    sr__audit_field(a, sr__peek(&s->free_map_position) <= view->slot_count, KIND(free_map_position), 0,
                    "free_map_position", sr__peek(&s->free_map_position), "a slot's number");
    sr__audit_field(a, sr__peek(&s->reap_position) <= view->participant_count, KIND(reap_position), 0,
                    "reap_position", sr__peek(&s->reap_position), "a participant's number");
    sr__audit_field(a, sr__peek(&s->free_entry_hint) <= view->participant_count, KIND(free_entry_hint), 0,
                    "free_entry_hint", sr__peek(&s->free_entry_hint), "a participant's number");
    uint64_t token = sr__load(&s->span_token), p = sr__producer_number(token);
    sr__audit_field(a,
                    token == 0 ||
                        (sr__is_attached(view, (uint32_t)p) &&
                         token == sr__producer((uint32_t)p, sr__load(&view->participants[p].incarnation))),
                    KIND(span_token), 0, "span_token", token, "0, or who is attached, with its incarnation");
}

static void audit_marks(sr__audit_t *a, const sr__state_t *s)
{
    const sr__view_t *view = a->view;
    uint32_t high = half(&s->participants_high), subscriptions = half(&s->readers_high),
             writers = half(&s->writers_high);
    uint64_t holders = sr__load(&s->holders);
    bool above = false, subscription_above = false, writer_above = false,
         unknown = view->hold_words < 64 && holders >> view->hold_words != 0;
    for (uint32_t p = 0; p < view->participant_count; p++) {
        above = above || (p >= high && sr__load(&view->participants[p].incarnation) != 0);
        unknown = unknown || (sr__is_attached(view, p) && !(holders >> p / 64 & 1));
    }
    for (uint32_t r = 0; r < view->subscription_count; r++)
        subscription_above =
            subscription_above || (r >= subscriptions && sr__load(&view->subscriptions[r].state) != 0);
    for (uint32_t r = writers; r < view->writer_count; r++)
        writer_above = writer_above || sr__load(&view->writers[r].state) != 0;
    sr__audit_field(a, high <= view->participant_count && !above, KIND(participants_high), 0,
                    "participants_high", high, "above each entry that was used, and none that there is not");
    sr__audit_field(a, subscriptions <= view->subscription_count && !subscription_above, KIND(readers_high),
                    0, "readers_high", subscriptions,
                    "above each subscription that was used, and none that there is not");
    sr__audit_field(a, writers <= view->writer_count && !writer_above, KIND(writers_high), 0, "writers_high",
                    writers, "above each writer that was used, and none that there is not");
    sr__audit_field(a, !unknown, KIND(holders), 0, "holders", holders,
                    "the groups of 64 entries that have participants");
}

void sr__audit_state(sr__audit_t *a)
{
    const sr__state_t *s = a->view->state;
    uint32_t state = half(&s->state), dirty = half(&s->dirty), remove = half(&s->remove_when_unused);
    sr__audit_field(a, state == SR__LIVE || state == SR__REMOVED, KIND(state), 0, "state", state,
                    "1 (live) or 2 (removed)");
    sr__audit_field(a, dirty <= 1, KIND(dirty), 0, "dirty", dirty, "0 or 1");
    sr__audit_field(a, remove <= 1, KIND(remove_when_unused), 0, "remove_when_unused", remove, "0 or 1");
    sr__audit_field(a, half(&s->names) <= SR__NAMES_TAKEN, KIND(names), 0, "names", half(&s->names),
                    "0 to 2");
    audit_reserved(a, s);
    audit_positions(a, s);
    audit_recent(a, s);
    audit_marks(a, s);
}

static void audit_waiters(sr__audit_t *a, uint32_t event)
{
    const sr__waiters_t *set = &a->view->state->waiters[event];
    uint32_t kind = KIND(waiters) + event * (uint32_t)sizeof *set;
    for (uint32_t w = 0; w < SR__SET_WORDS; w++) {
        uint64_t bits = sr__load(&set->words[w]);
        for (uint32_t b = 0; b < 64 && bits >> b != 0; b++)
            if ((bits >> b & 1) && !sr__is_attached(a->view, w * 64 + b))
                sr__find(a, kind + 128 + 8 * w, b, bits,
                         "state page: participant %" PRIu32 " waits (event %" PRIu32 "), who is not attached",
                         w * 64 + b, event);
    }
}

/* Does subscription `r` gate, or may it do so soon? */
static bool may_gate(const sr__view_t *view, uint32_t r)
{
    uint64_t w = r < view->subscription_count ? sr__load(&view->subscriptions[r].state) : 0;
    return sr__subscription_state(w) != SR__SUBSCRIPTION_FREE &&
           (sr__subscription_flags(w) & SR__SUBSCRIPTION_IN_SET) != 0;
}

/* Does subscription `r` gate? One that joins may have come into the set, and not into its summary yet. */
static bool gates(const sr__view_t *view, uint32_t r)
{
    return r < view->subscription_count && sr__subscription_gates(sr__load(&view->subscriptions[r].state));
}

/* The subscriptions that may gate and are not in the set are found with the subscriptions. */
static void audit_gates(sr__audit_t *a)
{
    const sr__gates_t *set = &a->view->state->gates;
    uint64_t summary = sr__load(&set->summary) & UINT32_MAX, missing = 0,
             beyond = a->view->subscription_count;
    for (uint32_t w = 0; w < SR__SET_WORDS; w++) {
        uint64_t bits = sr__load(&set->words[w]);
        for (uint32_t b = 0; b < 64 && bits >> b != 0; b++) {
            if (!(bits >> b & 1))
                continue;
            missing |= (uint64_t)gates(a->view, w * 64 + b) << w / 2;
            if (!may_gate(a->view, w * 64 + b))
                sr__find(a, KIND(gates.words) + 8 * w, b, bits,
                         "state page: subscription %" PRIu32
                         " is in the set of those that hold producers back, and does not",
                         w * 64 + b);
        }
    }
    uint64_t budgets = sr__load(&set->budgets);
    sr__audit_field(a, budgets <= 1, KIND(gates.budgets), 0, "whether there was a reader with a budget",
                    budgets, "0 or 1");
    missing &= ~(sr__load(&set->summary) & UINT32_MAX);
    beyond = (beyond + 127) / 128;
    sr__audit_field(a, missing == 0 && (beyond >= 32 || summary >> beyond == 0), KIND(gates.summary), 0,
                    "the summary of those that hold producers back", summary,
                    "a bit for each two words that have one");
}

void sr__audit_sets(sr__audit_t *a)
{
    for (uint32_t event = 0; event < SR__EVENTS; event++)
        audit_waiters(a, event);
    audit_gates(a);
}
