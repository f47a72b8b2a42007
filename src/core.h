/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the core share: the private side of a handle and of a reader, and the internal calls, grouped
 * by the file that has them. The protocol and its names are in docs/design.md. */
#ifndef SR_CORE_H
#define SR_CORE_H

#include "layout/layout.h"
#include "layout/words.h"
#include "platform.h"

/* More turns than any correct ring needs: a loop that gets there works on a damaged one. */
#define SR__LOOP_LIMIT (1u << 26)

/* How long, at most, a reader of a dense stream leaves its producer alone before it looks again. */
#define SR__GAP_NS 3000u

/* ---- A view: where the parts of a ring lie in this process ------------------------------------------ */

typedef struct sr__view {
    sr__state_t *state;
    sr__participant_t *participants;
    sr__row_t *rows;
    sr__group_t *groups;
    sr__word_t *order;
    sr__word_t *hints[SR__HINT_LEVELS];
    sr__word_t *left[SR__LEFT_LEVELS];
    sr__word_t *freed[SR__FREED_LEVELS_MAX];
    uint8_t *slots;
    uint8_t *payload; /* NULL for an observer */
    /* private copies of the header, checked once; nothing below is read from the segment again */
    uint64_t slot_stride, payload_stride, slot_size;
    uint64_t order_mask; /* order length - 1 */
    uint64_t slot_mask;
    uint32_t order_bits; /* log2 of the order's length */
    uint32_t slot_bits;
    uint32_t slot_count, participant_count, row_count, group_count;
    uint32_t hint_words[SR__HINT_LEVELS];
    uint32_t left_words[SR__LEFT_LEVELS];
    uint32_t freed_levels, freed_shift; /* freed_shift: log2 of the publications of a lap */
    uint32_t hold_words;                /* of a slot */
    uint32_t lag; /* how far `tail` and `oldest` may stay behind, so that not every message moves them */
    bool keep;    /* when_full == SLOTRING_KEEP */
    sr__header_t header;
} sr__view_t;

/* ---- A handle --------------------------------------------------------------------------------------- */

/* Acquires by ticket that are open, see taken.c. */
#define SR__TAKEN_CHUNKS 16u
typedef struct sr__taken {
    _Atomic uint64_t closed;
    _Atomic uint32_t used;
    struct sr__taken_place *_Atomic chunks[SR__TAKEN_CHUNKS];
} sr__taken_t;

enum {
    SR__RING_ALIVE = 0x52494e47,
    SR__READER_ALIVE = 0x52454144,
    SR__BURIED = 0x44454144
};

struct slotring {
    _Atomic uint32_t magic;
    bool observer;
    bool one_thread;
    uint32_t me; /* participant number */
    uint64_t incarnation;
    const sr__backend_t *os;
    const _Atomic uint64_t *mark; /* changes in a forked child */
    uint64_t mark_value;
    sr__participant_t *self;
    sr__view_t view;
    uint64_t spin_ns, wait_slice_ns, lock_timeout_ns;
    uint32_t gap; /* pauses that make up SR__GAP_NS; 0 on a single processor */

    /* private to this process, shared by its threads */
    _Atomic uint64_t gate;        /* everything below it is needed by no lossless reader, present or future */
    _Atomic uint32_t gated;       /* was any there at the last look? tells overwritten from recycled */
    _Atomic uint64_t seen_end;    /* all below it was published */
    _Atomic uint64_t walked;      /* all below it is out of the walk for good */
    _Atomic uint32_t write_index; /* where the search for a free slot starts */
    uint64_t slot_mark; /* stands in each slot struct that this handle gives out, and in no other's */
    _Atomic uint64_t
        *references;        /* per slot: how often it is held by the bit, hold.c; NULL for an observer */
    _Atomic uint32_t *pins; /* per slot: how often it is held by its word, pin.c */
    sr__taken_t taken;      /* acquires by ticket that have no number in `references` */
    _Atomic uint32_t sleepers[SR__EVENTS]; /* threads of this handle that wait in its name */
    _Atomic uint64_t interrupts;           /* who is blocked, and what was asked of them: interrupt.c */
    _Atomic uint32_t administering;        /* one thread of the handle at the process mutex */
    _Atomic uint32_t told_unrepaired;      /* that this handle cannot repair was logged */
    slotring_reader_t *_Atomic
        *readers;                     /* by the number of the row, which is one reader's alone; NULL: none */
    _Atomic uint32_t readers_high;    /* no reader was ever at or above it */
    _Atomic uint64_t many_threads_at; /* when the process had several threads at the last count; 0: never */

    /* has somebody else taken the ring's files? names.c */
    _Atomic uint64_t names_looked_at;
    _Atomic uint32_t names_suspected, names_gone;
    _Atomic uint32_t names_told; /* to a producer that waited */

    uint8_t *snapshot; /* an observer's private copy of the control parts */
    uint64_t control_size;
    sr__place_t *place;
    sr__segment_t *segment;
    sr__locks_t *locks;
    sr__death_lock_t *death_lock;
    sr__waits_t *waits;
};

struct slotring_reader {
    _Atomic uint32_t magic;
    bool lossless;
    uint32_t given; /* messages out since the last release */
    slotring_t *ring;
    sr__row_t *row;
    uint32_t row_number;
    uint64_t row_word; /* ACTIVE, as this reader set it */
    uint64_t cursor;   /* next sequence */
    uint64_t start;
    /* what a lossy reader has given, and the history of one that started in the past: for sr__hold_drop */
    uint32_t *given_slots;
    uint32_t given_capacity;
    uint32_t *history;
    uint64_t history_left, history_size;
    /* how dense the stream is, see next.c */
    uint64_t burst;    /* messages since the last time that there was none */
    uint32_t patience; /* pauses before the second look */
    /* streams */
    uint64_t stream_seen;  /* generation of the last complete look */
    uint64_t death_due;    /* next look is due once the cursor is above it; SR__NO_SEQUENCE: none pending */
    uint64_t *deaths_told; /* per participant */
    bool any_death;
    bool ended; /* at that look: no stream open, and one ever was */
    slotring_participant_t death;
    _Atomic uint32_t names_told; /* this reader knows that the ring has lost its files */
};

/* The value of a call in which the calling thread cannot be cancelled: for all that opens, locks or allocates something,
 * or calls the host back. */
#define SR__UNCANCELLED(call) (sr__cancel_forbid(), sr__uncancelled_end(call))

static inline int sr__uncancelled_end(int result)
{
    sr__cancel_allow();
    return result;
}

/* error.c */
int sr__set_last(int code, int os_code, const char *text);
SR__LIKE_PRINTF(2, 3)
int sr__error(int code, const char *format, ...); /* fills the thread's last error */
int sr__plain(int code);                          /* the same with the fixed text, cheaply */
SR__LIKE_PRINTF(1, 2)
void sr__log(const char *format, ...);

/* layout.c */
typedef struct sr__geometry {
    uint64_t total_size, slot_size;
    uint32_t participants, readers, when_full, time_stamps, access;
    bool page_aligned;
} sr__geometry_t;
int sr__layout_plan(const sr__geometry_t *geometry, uint64_t page_size, sr__header_t *header,
                    slotring_error_t *error);
uint64_t sr__layout_fingerprint(void);
uint64_t sr__layout_checksum(const void *page);
uint64_t sr__layout_bitmap_words(uint64_t bits, uint32_t levels);
uint64_t sr__layout_freed_words(uint64_t order_length, uint32_t *levels);
uint64_t sr__layout_control_size(const sr__header_t *header);
/* What comes before all that grows with the number of slots: header, state, participants, rows. */
uint64_t sr__layout_constant_size(const sr__header_t *header);

/* validate.c */
int sr__header_validate(const void *page, uint64_t segment_size, const char *name, bool observe,
                        slotring_error_t *error);
/* view.c */
void sr__view_bind(sr__view_t *view, const sr__header_t *header, uint8_t *memory, bool with_payload);

static inline sr__slot_t *sr__slot(const sr__view_t *view, uint32_t index)
{
    return (sr__slot_t *)(void *)(view->slots + (uint64_t)index * view->slot_stride);
}

/* The hold word for participants 64 w … 64 w + 63. */
static inline sr__word_t *sr__hold_word(sr__slot_t *slot, uint32_t w)
{
    return w == 0 ? &slot->hold0 : (sr__word_t *)(void *)((uint8_t *)slot + 64 + (uint64_t)w * 8);
}

static inline uint64_t sr__entry(const sr__view_t *view, uint64_t sequence, uint32_t slot)
{
    return ((sequence >> view->order_bits) + 1) << view->slot_bits | slot;
}

static inline enum sr__entry_age sr__entry_age(const sr__view_t *view, uint64_t entry, uint64_t sequence)
{
    uint64_t lap = entry >> view->slot_bits, wanted = (sequence >> view->order_bits) + 1;
    return lap < wanted ? SR__OLDER : lap > wanted ? SR__NEWER : SR__CURRENT;
}

/* Which slot an entry names. Bounded: a damaged entry gives slot_count. */
static inline uint32_t sr__entry_slot(const sr__view_t *view, uint64_t entry)
{
    uint64_t slot = entry & view->slot_mask;
    return slot < view->slot_count ? (uint32_t)slot : view->slot_count;
}

static inline sr__word_t *sr__order_at(const sr__view_t *view, uint64_t sequence)
{
    return &view->order[sequence & view->order_mask];
}

/* The lines that a message needs first: the control line, and the first one of the payload. */
static inline void sr__prefetch_message(const sr__view_t *view, uint32_t slot)
{
    if (slot >= view->slot_count)
        return;
    sr__prefetch_to_read(sr__slot(view, slot));
    sr__prefetch_to_read(view->payload + (uint64_t)slot * view->payload_stride);
}

static inline void sr__prefetch_to_fill(const sr__view_t *view, uint32_t slot)
{
    if (slot >= view->slot_count)
        return;
    sr__prefetch_to_write(sr__slot(view, slot));
    sr__prefetch_to_write(view->payload + (uint64_t)slot * view->payload_stride);
}

/* One of the two for the slot that is listed at `sequence`, if one is. */
static inline void sr__prefetch_listed(const sr__view_t *view, uint64_t sequence,
                                       void (*prefetch)(const sr__view_t *view, uint32_t slot))
{
    uint64_t entry = atomic_load_explicit(sr__order_at(view, sequence), memory_order_relaxed);
    if (sr__entry_age(view, entry, sequence) == SR__CURRENT)
        prefetch(view, sr__entry_slot(view, entry));
}

/* seq_cst: every word of the protocol, unless the caller says why less is enough. */
static inline uint64_t sr__load(const sr__word_t *word)
{
    return atomic_load_explicit(word, memory_order_seq_cst);
}

/* Places at or above these were never used. */
static inline uint32_t sr__participants_high(const sr__view_t *view)
{
    uint32_t high = atomic_load_explicit(&view->state->participants_high, memory_order_seq_cst);
    return high < view->participant_count ? high : view->participant_count;
}

static inline uint32_t sr__rows_high(const sr__view_t *view)
{
    uint32_t high = atomic_load_explicit(&view->state->readers_high, memory_order_seq_cst);
    return high < view->row_count ? high : view->row_count;
}

/* [acquire.listed] Does the order have publication `sequence` in `slot`? */
static inline bool sr__is_listed(const sr__view_t *view, uint64_t sequence, uint32_t slot)
{
    return sr__load(sr__order_at(view, sequence)) == sr__entry(view, sequence, slot);
}

static inline bool sr__cas(sr__word_t *word, uint64_t expected, uint64_t desired)
{
    return atomic_compare_exchange_strong_explicit(word, &expected, desired, memory_order_seq_cst,
                                                   memory_order_seq_cst);
}

/* Statistics and words with one writer: no order wanted. */
static inline uint64_t sr__peek(const sr__word_t *word)
{
    return atomic_load_explicit(word, memory_order_relaxed);
}

static inline void sr__poke(sr__word_t *word, uint64_t value)
{
    atomic_store_explicit(word, value, memory_order_relaxed);
}

/* [hold.look] Does anybody hold the slot? */
static inline bool sr__is_held(const sr__view_t *view, sr__slot_t *slot)
{
    if (sr__load(&slot->hold0) != 0)
        return true;
    if (view->hold_words == 1)
        return false;
    /* Loaded after the slot's word was changed: a holder that is not seen here attached later, and then sees the word. */
    for (uint64_t groups = sr__load(&view->state->holders) & ~UINT64_C(1); groups; groups &= groups - 1) {
        uint32_t w = sr__lowest_bit(groups);
        if (w < view->hold_words && sr__load(sr__hold_word(slot, w)) != 0)
            return true;
    }
    return false;
}

/* Names of 48 bytes that others may be looking at: word by word, so that a look is never torn within one. */
static inline void sr__name_store(char *to, const char *from)
{
    uint64_t words[6] = {0};
    for (size_t i = 0; i < sizeof words - 1 && from[i]; i++)
        ((char *)words)[i] = from[i];
    for (size_t i = 0; i < 6; i++)
        sr__poke((sr__word_t *)(void *)to + i, words[i]);
}

static inline void sr__name_load(char to[48], const char *from)
{
    for (size_t i = 0; i < 6; i++) {
        uint64_t word = sr__peek((const sr__word_t *)(const void *)from + i);
        for (size_t b = 0; b < 8; b++)
            to[i * 8 + b] = ((const char *)&word)[b];
    }
    to[47] = '\0';
}

/* handle.c */
int sr__ring_enter_slow(slotring_t *ring); /* why a handle cannot be used */
void sr__bury(void *object);               /* frees it after 255 others, so that late calls are noticed */

/* Can the handle be used? 0, or E_CLOSED, E_FORKED, E_EVICTED, E_READ_ONLY. */
static inline int sr__enter(slotring_t *ring)
{
    if (ring && atomic_load_explicit(&ring->magic, memory_order_relaxed) == SR__RING_ALIVE &&
        !ring->observer && atomic_load_explicit(ring->mark, memory_order_relaxed) == ring->mark_value &&
        sr__load(&ring->self->incarnation) == ring->incarnation)
        return 0;
    return sr__ring_enter_slow(ring);
}
/* What a call looks at: an observer reads that, and no more, into its snapshot. */
enum sr__need {
    SR__NEED_STATE = 1u << 0,
    SR__NEED_PARTICIPANTS = 1u << 1, /* those that were ever used; with the state */
    SR__NEED_ROWS = 1u << 2,         /* likewise */
    SR__NEED_END = 1u << 3,          /* what sr__published_end looks at; with the state */
    SR__NEED_SLOTS = 1u << 4,        /* all control lines */
    SR__NEED_ORDER = 1u << 5,        /* all entries; the end among them */
    SR__NEED_ALL = 1u << 6
};
/* The same, observers welcome: renews what is needed of an observer's snapshot, which is then the caller's until
 * sr__leave_any. */
int sr__enter_any(slotring_t *ring, uint32_t needs);
/* One thread of the handle at a time does what no other may do meanwhile. False: another one was at it until
 * `deadline`. Off the data path only. */
bool sr__alone_begin(slotring_t *ring, uint64_t deadline);
void sr__alone_end(slotring_t *ring);
int sr__leave_any(slotring_t *ring, int result); /* gives `result` */

/* counters.c */
void sr__count(slotring_t *ring, enum sr__counter counter, uint64_t amount);
uint64_t sr__total(const sr__view_t *view, enum sr__counter counter);
void sr__note_sequence(slotring_t *ring, uint64_t sequence);

/* hint.c */
void sr__hint(sr__view_t *view, uint32_t slot);
bool sr__unhint(sr__view_t *view, uint32_t slot); /* true: its leaf is empty now; sr__hint_clear_up is due */
void sr__hint_clear_up(sr__view_t *view, uint32_t slot);
bool sr__hint_find(sr__view_t *view, uint32_t from, uint32_t *slot);
/* Is there any? In a full ring this is all that the search costs. */
static inline bool sr__hint_any(const sr__view_t *view)
{
    return sr__load(&view->hints[SR__HINT_LEVELS - 1][0]) != 0;
}
void sr__hint_all_free(slotring_t *ring, uint64_t most);

/* left.c */
void sr__left_mark(sr__view_t *view, uint64_t sequence);
void sr__left_clear(sr__view_t *view, uint64_t sequence);
bool sr__left_find(sr__view_t *view, uint64_t from, uint64_t *sequence);

/* freed.c */
void sr__freed_mark(sr__view_t *view, uint64_t sequence);
uint64_t sr__freed_skip(const sr__view_t *view, uint64_t from, uint64_t limit);
bool sr__freed_may_be(const sr__view_t *view, uint64_t word, uint64_t end);

/* gate.c */
uint64_t sr__gate(slotring_t *ring);                /* a fresh look */
uint64_t sr__published_end(const sr__view_t *view); /* one above the last publication */

void sr__gates_add(sr__view_t *view, uint32_t row);
void sr__gates_remove(sr__view_t *view, uint32_t row);
bool sr__gates_have(const sr__view_t *view, uint32_t row);
bool sr__any_gate(const sr__view_t *view);
uint32_t
sr__gate_owner(const sr__view_t *view); /* the participant that holds producers back; UINT32_MAX: none */

/* claim.c */
int sr__claim(slotring_t *ring, uint32_t *slot, uint64_t *word);
uint64_t sr__walk_skip(sr__view_t *view,
                       uint64_t sequence); /* the first one at or above it that may be in the walk */

/* publish.c */
int sr__publish(slotring_t *ring, uint32_t slot, uint64_t claimed, uint64_t *sequence);

/* settle.c */
void sr__settle(slotring_t *ring, uint32_t slot, uint32_t as);

/* hold.c */
/* references: number:42 | is it open:1 | clearing:1 | count:20, from the highest bit */
#define SR__COUNT UINT64_C(0xfffff)
#define SR__CLEARING (UINT64_C(1) << 20)       /* a thread is clearing the shared bit */
#define SR__NUMBER_IS_OPEN (UINT64_C(1) << 21) /* the acquire with this number is not released yet */
#define SR__NUMBER_ONE (UINT64_C(1) << 22)
#define SR__NUMBER (~(SR__COUNT | SR__CLEARING)) /* with the flag */
#define SR__HELD_BY_WORD (UINT32_C(1) << 31)     /* in *held, beside the slot: pinned */
static inline uint32_t sr__held_slot(uint32_t held)
{
    return held & ~SR__HELD_BY_WORD;
}
/* Holds what has `sequence`; *held goes to sr__hold_drop. E_STALE, E_BUSY, E_NO_MEMORY: nothing is held. */
int sr__hold_acquire(slotring_t *ring, uint32_t slot, uint64_t sequence, uint32_t *held);
void sr__hold_drop(slotring_t *ring, uint32_t held);
/* The same for a caller that may copy `key`: one close per open succeeds. */
int sr__hold_open(slotring_t *ring, uint32_t slot, uint64_t sequence, uint64_t key[2]);
bool sr__hold_close(slotring_t *ring, uint32_t slot, const uint64_t key[2]);
uint64_t sr__hold_open_count(slotring_t *ring);                  /* a look at every slot */
int sr__hold_refused(slotring_t *ring, uint32_t slot, int code); /* the thread's last error; counts E_STALE */

/* pin.c: 0, E_STALE, or E_BUSY: another participant has pinned it */
int sr__pin(slotring_t *ring, uint32_t slot, uint64_t sequence);
void sr__unpin(slotring_t *ring, uint32_t slot);

/* taken.c */
bool sr__taken_prepare(sr__taken_t *taken);
void sr__taken_drop(sr__taken_t *taken);
int sr__taken_add(sr__taken_t *taken, uint32_t held, uint64_t key[2]); /* E_NO_MEMORY */
bool sr__taken_remove(sr__taken_t *taken, uint32_t slot, const uint64_t key[2], uint32_t *held);
uint64_t sr__taken_count(sr__taken_t *taken);

/* slots.c: between slots and the caller's struct */
enum {
    SR__SLOT_NONE = 0,
    SR__SLOT_WRITING = 1,
    SR__SLOT_READING = 2,
    SR__SLOT_GIVEN = 3
};
int sr__slot_for_reading(slotring_t *ring, uint32_t index, uint64_t sequence, uint64_t kind,
                         slotring_slot_t *out);
int sr__slot_check(slotring_t *ring, const slotring_slot_t *slot, uint64_t kind);
uint64_t sr__count_claimed(slotring_t *ring); /* a look at every slot */
/* The struct names no slot any more. Not all of it: the next atomic instruction waits for every store before it. */
static inline void sr__slot_give_back(slotring_slot_t *slot)
{
    slot->data = NULL;
    slot->internal[0] = SR__SLOT_NONE;
}
void sr__ticket_make(const sr__view_t *view, uint64_t sequence, uint32_t slot, slotring_ticket_t *ticket);
int sr__ticket_check(const sr__view_t *view, const slotring_ticket_t *ticket);

/* event.c */
void sr__wake(slotring_t *ring, enum sr__event_kind kind);        /* if anybody waits */
void sr__wake_always(slotring_t *ring, enum sr__event_kind kind); /* async-signal-safe */
void sr__sleepers_come(slotring_t *ring, enum sr__event_kind kind);
void sr__sleepers_stay(slotring_t *ring, enum sr__event_kind kind); /* before each sleep: still in the set? */
void sr__sleepers_go(slotring_t *ring, enum sr__event_kind kind);
void sr__forget_sleepers(slotring_t *ring, uint32_t participant);

/* interrupt.c */
bool sr__interrupt_enter(slotring_t *ring,
                         uint32_t *seen); /* false: an interruption was waiting for this call */
bool sr__interrupt_is_raised(slotring_t *ring, uint32_t seen);
void sr__interrupt_leave(slotring_t *ring, uint32_t seen, bool told);

/* wait.c */
/* Repeats attempt(context) until it gives something other than `again`, or timeout_ns have passed. `watch`: NULL, or
 * a word that changes when an attempt has a chance. E_REMOVED, if *told is 0 and somebody else has taken the ring's files;
 * then *told is 1. */
int sr__wait_for(slotring_t *ring, enum sr__event_kind kind, int again, int64_t timeout_ns,
                 int (*attempt)(void *context), void *context, const sr__word_t *watch,
                 _Atomic uint32_t *told);

/* names.c */
uint32_t sr__names_look(slotring_t *ring);   /* a set of sr__names */
bool sr__names_were_taken(slotring_t *ring); /* by somebody else than this library */
bool sr__ring_is_removed(slotring_t *ring);  /* by whomever */
void sr__names_watch(slotring_t *ring, uint64_t now);
bool sr__names_are_news(slotring_t *ring, _Atomic uint32_t *told);

/* stream.c */
void sr__stream_open(slotring_t *ring);
bool sr__stream_close(slotring_t *ring, uint32_t participant, enum sr__stream_phase phase);
typedef struct sr__stream_counts {
    uint64_t started, ended, died;
    enum sr__stream_phase phase;
} sr__stream_counts_t;
sr__stream_counts_t sr__stream_counts(const sr__participant_t *p); /* since the ring was created */
int sr__stream_look(slotring_reader_t *reader);
void sr__stream_baseline(slotring_reader_t *reader);

/* record.c: records of several words, read as they were at one moment */
#define SR__LEFT 1 /* whom it was about has left meanwhile, and nothing is known */
typedef struct sr__person {
    uint64_t incarnation, pid, pid_namespace, start_time, uid, attached_at;
    uint64_t last_sequence;
    uint64_t counts[SR__COUNTERS]; /* since it attached */
    uint32_t life;                 /* if it was asked for */
    uint32_t backend, library;
    bool producing;
    char name[48];
} sr__person_t;
void sr__person_write(slotring_t *ring, sr__participant_t *p, const char *client_name);
int sr__person_read(slotring_t *ring, uint32_t participant, bool with_life, sr__person_t *person);
void sr__death_write(sr__participant_t *p, uint64_t last_sequence);
void sr__death_read(const sr__participant_t *p, uint64_t number, sr__person_t *dead);
typedef struct sr__account {
    uint64_t start, cursor, delivered, missed, pending;
} sr__account_t;
typedef struct sr__row_record {
    uint64_t word; /* ACTIVE */
    uint64_t bytes_read;
    sr__account_t account;
    char name[48];
} sr__row_record_t;
int sr__row_read(slotring_t *ring, uint32_t row, sr__row_record_t *record);

/* reader.c */
void sr__reader_end(slotring_reader_t *reader, bool give_back);
int sr__reader_enter(slotring_reader_t *reader);

/* process_mutex.c */
int sr__mutex_lock(slotring_t *ring, uint64_t timeout_ns, slotring_error_t *error);
void sr__mutex_unlock(slotring_t *ring);

/* repair.c */
void sr__repair(slotring_t *ring, uint32_t participant, enum sr__stream_phase as,
                slotring_recovery_t *recovery);

/* sweep.c */
#define SR__ASKED_AT_ATTACH 64u /* participants */
/* The shortest slice between two looks after the dead, and the shortest sleep. */
#define SR__SLICE_LEAST_NS UINT64_C(100000)
int sr__sweep(slotring_t *ring, uint32_t most, slotring_recovery_t *recovery,
              slotring_error_t *error);  /* mutex held by caller */
bool sr__sweep_if_due(slotring_t *ring); /* true: it repaired somebody or found hidden slots */
bool sr__sweep_if_due_at(slotring_t *ring, uint64_t now);
uint64_t sr__sweep_due_in(slotring_t *ring, uint64_t now); /* ns until then; never 0 */
/* As part of something else: what fails is logged, once for each handle. */
void sr__sweep_quietly(slotring_t *ring, uint32_t most);
bool sr__participant_is_dead(slotring_t *ring, uint32_t participant, slotring_error_t *unknown);

/* structs.c: structs that begin with struct_size; `what` is the beginning of a sentence ("options have") */
int sr__struct_check(const char *what, size_t size, size_t least, size_t own, slotring_error_t *error);
/* From the caller's, whatever version it is of; *own has the defaults. */
int sr__struct_take(const char *what, void *own, size_t own_size, size_t least, const void *given,
                    slotring_error_t *error);
/* To the caller's, whose struct_size was checked and stays as it is. */
void sr__struct_give(void *given, const void *own, size_t own_size);

/* options.c */
const sr__backend_t *sr__backend_find(const char *name, slotring_error_t *error);
int sr__name_check(const char *name, slotring_error_t *error);
int sr__options_check(const slotring_options_t *options, slotring_options_t *checked,
                      slotring_error_t *error);

/* create.c, attach.c, observe.c, participant.c: ring->os and ring->place are set. After an error the caller drops
 * what they left in *ring. */
int sr__ring_create(slotring_t *ring, const char *name, const slotring_options_t *options,
                    slotring_error_t *error);
int sr__ring_attach(slotring_t *ring, const char *name, const slotring_options_t *options,
                    slotring_error_t *error);
int sr__ring_observe(slotring_t *ring, const char *name, slotring_error_t *error);
int sr__segment_check(slotring_t *ring, const char *name, sr__header_t *header, slotring_error_t *error);
int sr__segment_bind(slotring_t *ring, const sr__header_t *header, uint32_t option_flags,
                     slotring_error_t *error);
void sr__participant_left(sr__view_t *view, uint32_t p); /* its place is free */
void sr__holders_trim(sr__view_t *view);                 /* the caller holds the process mutex */
bool sr__holders_may_shrink(const slotring_t *ring);     /* now that this handle has left */
int sr__participant_take(slotring_t *ring, const slotring_options_t *options, slotring_error_t *error);
int sr__snapshot_renew(slotring_t *ring, uint32_t needs);
int sr__snapshot_slot(slotring_t *ring,
                      uint32_t slot); /* its control line, and the entry that it says it has */
int sr__snapshot_entry(slotring_t *ring, uint64_t sequence);
int sr__look_again(slotring_t *ring, const void *at, uint64_t size);
uint32_t sr__map_flags(uint32_t option_flags);
/* Can this process have so large a ring at all? */
int sr__address_space_check(const char *name, uint64_t size, slotring_error_t *error);

/* boot.c */
bool sr__is_of_another_boot(const slotring_t *ring, const sr__header_t *header);
int sr__boot_check(const slotring_t *ring, const sr__header_t *header,
                   slotring_error_t *error); /* 0 or E_OTHER_BOOT */
int sr__boot_remove(slotring_t *ring, const sr__header_t *header, int how, bool *replaced,
                    slotring_error_t *error);

/* open.c */
slotring_t *sr__ring_make(const slotring_options_t *options, const char *name, slotring_error_t *error,
                          int *failed);
void sr__ring_drop(slotring_t *ring);
void sr__ring_drop_segment(slotring_t *ring); /* segment, locks, place, private memory; not the struct */

/* unlink.c */
enum {
    SR__UNLINK_IF_DUE = SLOTRING_UNLINK_FORCE + 1
}; /* only if removal was asked for, and nobody is left */
int sr__unlink(const char *name, int how, const slotring_options_t *options, slotring_error_t *error);
bool sr__remove_is_ordered(const sr__view_t *view); /* is the ring to go with its last user? */
int sr__remove_when_unused(slotring_t *ring);       /* by an attached handle: now, or with the last user */
bool sr__remove_if_due(slotring_t *ring);           /* the caller holds the process mutex */
int sr__remove_names(slotring_t *ring, slotring_error_t *error); /* the caller holds the process mutex */
bool sr__others_live(slotring_t *ring, char *who, size_t size);  /* `who`: their names, for an error */

/* people.c */
uint32_t sr__life_of(slotring_t *ring, uint32_t participant, const sr__person_t *person);

#endif
