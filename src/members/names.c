/* SPDX-License-Identifier: Apache-2.0 */
/* Has somebody else taken the ring's files away: a cleaner of temporary files, an operator's rm, whoever unmounted the
 * folder? Those attached go on, but nobody can join them, and a newcomer makes another ring of the same name. Whoever
 * reaps looks, once a second, and tells the others by a word of the state; those that are blocked are told once.
 *
 * A removal by this library takes the same names away, with the process mutex held but by force. So what is found is
 * believed when two reaps in a row find it, and with the mutex held, a ring that is not REMOVED has lost its files.
 */
#include "members/names.h"
#include "base/error.h"
#include "members/process_mutex.h"

#define LOOK_NS UINT64_C(1000000000)
#define FILES_GONE ((uint32_t)SR__SEGMENT_GONE | SR__LOCK_GONE | SR__LOCK_OTHER)

uint32_t sr__names_look(slotring_t *ring)
{
    const sr__header_t *h = &ring->member.view.header;
    sr__identity_t lock = {.device = h->lock_device, .object = h->lock_object};
    return ring->member.os->names.look(ring->place, ring->member.segment, lock, ring->member.locks);
}

/* For those who look at the word; it never falls. What is none of its values counts as the lowest. */
static void raise_word(sr__state_t *state, uint32_t to)
{
    uint32_t now = atomic_load_explicit(&state->names, memory_order_seq_cst);
    while ((now < to || now > SR__NAMES_TAKEN) &&
           !atomic_compare_exchange_weak_explicit(&state->names, &now, to, memory_order_seq_cst,
                                                  memory_order_seq_cst))
        ;
}

static uint32_t word(const slotring_t *ring)
{
    uint32_t now = atomic_load_explicit(&ring->member.view.state->names, memory_order_seq_cst);
    return now <= SR__NAMES_TAKEN ? now : (uint32_t)SR__NAMES_STAND;
}

static bool is_removed(const slotring_t *ring)
{
    return atomic_load_explicit(&ring->member.view.state->state, memory_order_seq_cst) == SR__REMOVED;
}

bool sr__names_were_taken(slotring_t *ring)
{
    return word(ring) == SR__NAMES_TAKEN ||
           (!is_removed(ring) && (sr__names_look(ring) & (FILES_GONE | SR__FOLDER_GONE)));
}

bool sr__ring_is_removed(slotring_t *ring)
{
    return is_removed(ring) || sr__names_were_taken(ring);
}

/* This handle knows. */
static void note(slotring_t *ring)
{
    if (!atomic_exchange_explicit(&ring->names_gone, 1, memory_order_relaxed))
        sr__log(
            "ring \"%s\": its files were removed by somebody else; those attached go on, nobody new can join",
            ring->member.view.header.name);
}

/* The word first: a ring that is REMOVED and not taken was removed by this library. Without the mutex, if it
 * cannot be had at all: the host has closed its descriptor, and there is no name to open it by. */
static void conclude(slotring_t *ring)
{
    sr__state_t *state = ring->member.view.state;
    int failed = sr__mutex_lock(ring, 0, NULL);
    if (failed == SLOTRING_E_BUSY)
        return;
    if (!is_removed(ring) && (failed || (sr__names_look(ring) & FILES_GONE))) {
        raise_word(state, SR__NAMES_TAKEN);
        atomic_store_explicit(&state->state, SR__REMOVED, memory_order_seq_cst);
        note(ring);
    }
    if (!failed)
        sr__mutex_unlock(ring);
}

/* For the one that reaps. */
void sr__names_watch(slotring_t *ring, uint64_t now)
{
    uint64_t last = atomic_load_explicit(&ring->names_looked_at, memory_order_relaxed);
    bool suspected = atomic_load_explicit(&ring->names_suspected, memory_order_relaxed);
    if (is_removed(ring) || (!suspected && last != 0 && now - last < LOOK_NS))
        return;
    uint32_t found = sr__names_look(ring) & (FILES_GONE | SR__FOLDER_GONE);
    atomic_store_explicit(&ring->names_looked_at, now, memory_order_relaxed);
    bool concludes = found && suspected;
    atomic_store_explicit(&ring->names_suspected, found && !suspected, memory_order_relaxed);
    if (concludes && (found & FILES_GONE)) {
        conclude(ring);
    } else if (concludes) {
        raise_word(ring->member.view.state, SR__NAMES_DOUBTED);
        note(ring);
    }
}

/* Others doubt it: is the place gone for this process, too? */
static bool doubts(slotring_t *ring)
{
    uint64_t now = ring->member.os->system.clock_ns(),
             last = atomic_load_explicit(&ring->names_looked_at, memory_order_relaxed);
    if (last != 0 && now - last < LOOK_NS)
        return false;
    atomic_store_explicit(&ring->names_looked_at, now, memory_order_relaxed);
    return (sr__names_look(ring) & (FILES_GONE | SR__FOLDER_GONE)) != 0;
}

/* For a call that is blocked: is it to be told? Once for each `told`; NULL: never. */
bool sr__names_are_news(slotring_t *ring, _Atomic uint32_t *told)
{
    uint32_t now = word(ring);
    if (now == SR__NAMES_STAND || !told || atomic_load_explicit(told, memory_order_relaxed))
        return false;
    if (now != SR__NAMES_TAKEN && !atomic_load_explicit(&ring->names_gone, memory_order_relaxed) &&
        !doubts(ring))
        return false;
    note(ring);
    return !atomic_exchange_explicit(told, 1, memory_order_relaxed);
}
