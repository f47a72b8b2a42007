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

/* Where a record was found by its ticket, see record_find.c. */
#define SR__PLACES 16u
typedef struct sr__place_note {
    _Atomic uint64_t version; /* odd while one thread writes the rest */
    _Atomic uint64_t content; /* of the block's slot: which block it is */
    _Atomic uint64_t number, place;
} sr__place_note_t;

enum {
    SR__RING_ALIVE = 0x52494e47,
    SR__READER_ALIVE = 0x52454144,
    SR__READER_BY_TICKET = 0x5254494b, /* alive, and no reader for the calls that read in order */
    SR__WRITER_ALIVE = 0x57524954,
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
        *hold_counts; /* per slot: how often it is held by the bit, hold_count.c; NULL for an observer */
    _Atomic uint32_t *pins;         /* per slot: how often it is held by its word, pin.c */
    _Atomic uint64_t holds;         /* slots that are held, holds.h */
    uint64_t holds_limit;           /* … at most; UINT64_MAX: there is no limit */
    sr__taken_t taken;              /* acquires by ticket that have no number in `hold_counts` */
    _Atomic uint64_t *_Atomic kept; /* per slot: holds that a ticket ends, kept.c; NULL before the first */
    _Atomic uint64_t budget_ends;   /* when the next reader in the way is over its budget; 0: none is */
    _Atomic uint32_t sleepers[SR__EVENTS]; /* threads of this handle that wait in its name */
    sr__place_note_t places[SR__PLACES];

    uint8_t *snapshot; /* an observer's private copy of the control parts */
    uint64_t control_size;
    sr__segment_t *segment;
    sr__locks_t *locks;
    sr__waits_t *waits;
} sr__member_t;

/* The rest of a handle: its limits, its threads, its readers, and what has to be closed. */
struct slotring_t {
    /* First: its address is the handle's, so that a call needs no second register for it. */
    sr__member_t member;
    _Atomic uint32_t magic;
    const _Atomic uint64_t *mark; /* changes in a forked child */
    uint64_t mark_value;
    uint64_t spin_ns, wait_slice_ns, lock_timeout_ns;
    uint32_t backoff_pauses;       /* pauses that make up SR__BACKOFF_NS; 0 on a single processor */
    size_t slot_struct_size;       /* of each slot struct in the caller's arrays */
    int (*wait_check)(void *user); /* NULL, or whether a wait is to end */
    void *wait_check_user;
    bool is_proxy; /* it publishes for a producer elsewhere: end_stream.c */
    _Atomic bool
        told_end; /* a proxy that told the death of that producer, or that the way to it is lost; publishes no more */
    uint64_t slot_mark; /* stands in each slot struct that this handle gives out, and in no other's */

    /* private to this process, shared by its threads */
    _Atomic uint64_t interrupts;      /* who is blocked, and what was asked of them: interrupt.c */
    _Atomic uint32_t stopped;         /* no call of the handle is to wait: stop.c */
    _Atomic uint64_t administering;   /* one thread of the handle at the process mutex: alone.c */
    _Atomic uint32_t told_unrepaired; /* that this handle cannot repair was logged */
    slotring_reader_t *_Atomic
        *readers; /* by the number of the subscription, which is one reader's alone; NULL: none */
    _Atomic uint32_t readers_high; /* no reader was ever at or above it */
    slotring_writer_t *_Atomic
        *writers; /* by the number of the row, which is one writer's alone; NULL: none */
    _Atomic uint32_t writers_open;
    _Atomic uint64_t many_threads_at; /* when the process had several threads at the last count; 0: never */

    /* has somebody else taken the ring's files? names.c */
    _Atomic uint64_t names_looked_at;
    _Atomic uint32_t names_suspected, names_gone;
    _Atomic uint32_t names_told; /* to a producer that waited */

    sr__place_t *place;
    sr__death_lock_t *death_lock;
    struct sr__watcher
        *_Atomic watchers[SR__EVENTS]; /* threads that wait in others' place: watcher.c; NULL: none */
};

/* What producers do for a reader, and what the reader does for itself. A step asks for the one part that it needs. */
typedef struct sr__pressure {
    const char *name;
    bool gates;          /* producers wait for it: nothing at or above its cursor is reclaimed */
    bool holds_messages; /* it holds each message that it gives; else the gate alone protects the message */
    bool may_miss;       /* it passes over what is gone, and counts that; else a gap is damage */
    bool holds_past;     /* it holds what it is to get from the past until it has had it */
    bool has_budget;     /* producers stop waiting for it when it takes too long; revoked.c */
} sr__pressure_t;

/* Which messages a reader wants: wanted.h. */
typedef struct sr__wanted {
    bool filters; /* not all */
    bool latest;  /* the newest only */
    uint32_t every;
    uint64_t mask, match;
} sr__wanted_t;

struct slotring_reader {
    _Atomic uint32_t magic;
    sr__pressure_t pressure;
    sr__wanted_t wanted;
    bool
        looks_first; /* it does not take each message as it comes: it filters, is told of marks, or has a window */
    bool waits_at_end; /* the end of all streams is no news */
    bool
        only_looks; /* it is not its call that looks: what is to be told once stays to be told; sr__next_look */
    uint32_t given;          /* messages out since the last release */
    uint32_t passed;         /* publications that these, and what was not wanted, have brought to their end */
    uint32_t skipped;        /* of these publications: not wanted */
    uint32_t held;           /* holds since the last release */
    uint64_t held_slots;     /* … and the slots of these, as they count: batch.h */
    size_t slot_struct_size; /* as in the handle, for this reader's batches */
    slotring_t *ring;
    sr__subscription_t *subscription;
    sr__account_words_t *account; /* the copy of its account that is this reader's */
    bool durable;                 /* SLOTRING_DURABLE: others may take the subscription over */
    bool taken_over;              /* … and somebody has */
    bool wants_acks, has_acks; /* … what is acknowledged above the cursor is asked for, and is kept: acks.h */
    uint32_t subscription_number;
    uint64_t subscription_word; /* ACTIVE, as this reader set it; others may change its flags */
    uint64_t quiet_word; /* while the state is this word, a call need not look at it; 0: each call looks */
    uint64_t armed;      /* producers wait for it from this sequence on */
    bool ends_when_revoked, is_over;
    uint64_t cursor; /* next sequence */
    uint64_t start;
    /* what a reader that holds its messages has given, and what it holds of the past: for sr__hold_drop */
    uint32_t *given_slots;
    uint32_t given_capacity;
    uint32_t *history;
    uint64_t history_left, history_size;
    uint64_t pending;          /* of what is left: wanted, as far as that was known at the start */
    _Atomic uint32_t unlooked; /* a call ended before it had looked at all that is there */
    /* writers, see records.c */
    struct sr__followed *followed;  /* by the number of the writer; NULL: the ring has none */
    struct sr__followed *at_cursor; /* whose block is at the cursor, if one is read there */
    struct sr__followed *damaged;   /* with SR__DAMAGED */
    uint32_t *open_writers;         /* whose open blocks are read */
    uint32_t open_count, open_first;
    uint64_t openings_seen;              /* at the last complete look at what is open */
    uint64_t records_given, bytes_given; /* not counted yet */
    uint32_t turn;
    struct sr__followed *current; /* whose record was given last */
    bool may_keep;                /* hold that block from one call to the next */
    uint32_t run;  /* records that may be given of it now; 0: it is not known whether there is one */
    bool verifies; /* SLOTRING_VERIFY */
    slotring_slot_t record_model; /* what the records of its block have in common */
    /* gathering.c: how many messages are to be there before a sleep ends, and for how long they may gather; 0: one, at once */
    uint64_t wake_messages, wake_ns;
    /* how dense the stream is, see pace.c */
    uint64_t since_empty; /* messages since the last time that there was none */
    uint64_t empty_at;    /* the cursor then */
    uint32_t looks;       /* that found at most one message, and nothing behind it */
    uint32_t backoff;     /* pauses before the second look */
    /* streams */
    uint64_t stream_seen;  /* generation of the last complete look */
    uint64_t death_due;    /* next look is due once the cursor is above it; SR__NO_SEQUENCE: none pending */
    uint64_t *deaths_told; /* per participant */
    bool any_death;
    bool ended; /* at that look: no stream open, and one ever was */
    slotring_participant_t death;
    _Atomic uint32_t names_told; /* this reader knows that the ring has lost its files */
    _Atomic uint32_t stopped;    /* no call of this reader is to wait: stop.c */
    uint32_t
        interrupts_told; /* how many the handle had had when this reader was told the last: interrupt.c */
    struct sr__descriptor *descriptor; /* NULL, or what the host's event loop waits for: descriptor.c */
    struct sr__told *told;             /* marks: tell.h; NULL: it does not ask for them */
    struct sr__share *share;           /* it is a member of a group: member.h; else NULL */
    struct sr__window *window;         /* several calls' messages are out at a time: window.h; else NULL */
    struct sr__out_hold
        *out_holds; /* … by slot, which of these it holds: out_holds.h; NULL: none, it reads in place */
    struct sr__by_ticket *by_ticket; /* it is read by ticket: by_ticket.h; else NULL */
    bool releases_apart;             /* a release does more than to move the cursor: durable, or a window */
};

#endif
