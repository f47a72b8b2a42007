/* SPDX-License-Identifier: Apache-2.0 */
/* A handle and a reader, as this process has them. docs/design.md has the names. */
#ifndef SR_HANDLE_H
#define SR_HANDLE_H

#include "layout/view.h"
#include "platform.h"

/* How long, at most, a reader of a dense stream leaves its producer alone before it looks again. */
#define SR__BACKOFF_NS 3000u

/* Acquires by ticket that are open, see taken.c. */
#define SR__TAKEN_CHUNKS 16u
typedef struct sr__taken {
    _Atomic uint64_t closed;
    _Atomic uint32_t used;
    struct sr__taken_entry *_Atomic chunks[SR__TAKEN_CHUNKS];
} sr__taken_t;

enum {
    SR__RING_ALIVE = 0x52494e47,
    SR__READER_ALIVE = 0x52454144,
    SR__TOMBSTONE = 0x44454144
};

/* What the steps of protocol/ may touch: the ring as a participant or an observer sees it, and what it knows of the
 * ring in its own memory. Its threads share all of it. */
typedef struct sr__member {
    bool observer;
    bool one_thread;
    uint32_t me; /* participant number */
    uint64_t incarnation;
    const sr__backend_t *os;
    sr__participant_t *self;
    sr__view_t view;

    _Atomic uint64_t gate;        /* everything below it is needed by no lossless reader, present or future */
    _Atomic uint32_t gated;       /* was any there at the last look? tells overwritten from recycled */
    _Atomic uint64_t seen_end;    /* all below it was published */
    _Atomic uint64_t walked;      /* all below it is out of the walk for good */
    _Atomic uint32_t write_index; /* where the search for a free slot starts */
    _Atomic uint64_t
        *hold_counts;       /* per slot: how often it is held by the bit, hold.c; NULL for an observer */
    _Atomic uint32_t *pins; /* per slot: how often it is held by its word, pin.c */
    sr__taken_t taken;      /* acquires by ticket that have no number in `hold_counts` */
    _Atomic uint32_t sleepers[SR__EVENTS]; /* threads of this handle that wait in its name */

    uint8_t *snapshot; /* an observer's private copy of the control parts */
    uint64_t control_size;
    sr__segment_t *segment;
    sr__locks_t *locks;
    sr__waits_t *waits;
} sr__member_t;

/* The rest of a handle: its limits, its threads, its readers, and what has to be closed. */
struct slotring {
    /* First: its address is the handle's, so that a call needs no second register for it. */
    sr__member_t member;
    _Atomic uint32_t magic;
    const _Atomic uint64_t *mark; /* changes in a forked child */
    uint64_t mark_value;
    uint64_t spin_ns, wait_slice_ns, lock_timeout_ns;
    uint32_t backoff_pauses; /* pauses that make up SR__BACKOFF_NS; 0 on a single processor */
    uint64_t slot_mark;      /* stands in each slot struct that this handle gives out, and in no other's */

    /* private to this process, shared by its threads */
    _Atomic uint64_t interrupts;      /* who is blocked, and what was asked of them: interrupt.c */
    _Atomic uint64_t administering;   /* one thread of the handle at the process mutex: alone.c */
    _Atomic uint32_t told_unrepaired; /* that this handle cannot repair was logged */
    slotring_reader_t *_Atomic
        *readers; /* by the number of the subscription, which is one reader's alone; NULL: none */
    _Atomic uint32_t readers_high;    /* no reader was ever at or above it */
    _Atomic uint64_t many_threads_at; /* when the process had several threads at the last count; 0: never */

    /* has somebody else taken the ring's files? names.c */
    _Atomic uint64_t names_looked_at;
    _Atomic uint32_t names_suspected, names_gone;
    _Atomic uint32_t names_told; /* to a producer that waited */

    sr__place_t *place;
    sr__death_lock_t *death_lock;
};

/* What producers do for a reader, and what the reader does for itself. A step asks for the one part that it needs. */
typedef struct sr__pressure {
    const char *name;
    bool gates;          /* producers wait for it: nothing at or above its cursor is reclaimed */
    bool holds_messages; /* it holds each message that it gives; else the gate alone protects the message */
    bool may_miss;       /* it passes over what is gone, and counts that; else a gap is damage */
    bool holds_past;     /* it holds what it is to get from the past until it has had it */
} sr__pressure_t;

struct slotring_reader {
    _Atomic uint32_t magic;
    sr__pressure_t pressure;
    uint32_t given; /* messages out since the last release */
    slotring_t *ring;
    sr__subscription_t *subscription;
    uint32_t subscription_number;
    uint64_t subscription_word; /* ACTIVE, as this reader set it */
    uint64_t cursor;            /* next sequence */
    uint64_t start;
    /* what a reader that holds its messages has given, and what it holds of the past: for sr__hold_drop */
    uint32_t *given_slots;
    uint32_t given_capacity;
    uint32_t *history;
    uint64_t history_left, history_size;
    /* how dense the stream is, see next.c */
    uint64_t since_empty; /* messages since the last time that there was none */
    uint32_t backoff;     /* pauses before the second look */
    /* streams */
    uint64_t stream_seen;  /* generation of the last complete look */
    uint64_t death_due;    /* next look is due once the cursor is above it; SR__NO_SEQUENCE: none pending */
    uint64_t *deaths_told; /* per participant */
    bool any_death;
    bool ended; /* at that look: no stream open, and one ever was */
    slotring_participant_t death;
    _Atomic uint32_t names_told; /* this reader knows that the ring has lost its files */
};

#endif
