/* SPDX-License-Identifier: Apache-2.0 */
/* Page 1 of a ring: the words that belong to the ring as a whole, and who waits. */
#ifndef SR_LAYOUT_STATE_H
#define SR_LAYOUT_STATE_H

#include "layout/header.h"

enum sr__ring_state {
    SR__CREATING = 0,
    SR__LIVE = 1,
    SR__REMOVED = 2
};

/* Only ever raised, by whoever looked (names.c). */
enum sr__names_word {
    SR__NAMES_STAND = 0,
    SR__NAMES_DOUBTED =
        1, /* one participant finds the place gone, which others may see: each looks for itself */
    SR__NAMES_TAKEN = 2 /* the ring has lost its files, for everybody */
};

#define SR__SET_WORDS 64u /* sets of up to 4,096 participants */

enum sr__event_kind {
    SR__PUBLISHED_EVENT = 0,
    SR__SPACE_EVENT = 1,
    SR__GATHERED_EVENT =
        2, /* a reader that lets messages gather may have enough of them; or somebody subscribed */
    SR__EVENTS = 3
};

/* Who waits. armed: arms:63 | 1 while somebody may be asleep whom nobody has woken; whoever is going to sleep adds to
 * `arms`, whoever has woken all clears the lowest bit (protocol/event.c). words: the set of waiting participants, for
 * systems that wake each one by name.
 * Of the published event, armed is: arms:40 | left:20 | fenced:1 | unfenced:1 | gathers:1 | armed:1. gathers: some reader
 * lets messages gather, and wants to be woken (by the event for that) when `left` more are published. Producers count them
 * down. unfenced: some writer appends without a fence, which whoever sleeps for records makes for it. fenced: somebody
 * cannot, so writers make their fences themselves. Neither is ever taken away. `pressed`, of the gathered event alone:
 * raised by a producer that found no slot meanwhile. */
#define SR__ARMED UINT64_C(1)
#define SR__GATHERS UINT64_C(2)
#define SR__UNFENCED UINT64_C(4)
#define SR__FENCED UINT64_C(8)
#define SR__LEFT_SHIFT 4
#define SR__LEFT_MAX UINT64_C(0xfffff)
#define SR__LEFT_MASK (SR__LEFT_MAX << SR__LEFT_SHIFT)
#define SR__ONE_ARM (UINT64_C(1) << 24)

typedef struct sr__waiters {
    sr__word_t armed;
    sr__word_t pressed;
    uint64_t reserved[14];
    sr__word_t words[SR__SET_WORDS];
} sr__waiters_t;

/* The set of subscriptions that may hold producers back, so that a look at the gate costs what there is, not what
 * there could be or once was. Who subscribes is in it before its subscription is ACTIVE, who leaves is out of it
 * before its subscription is FREE. summary: groups:32 | count:32. A group is two words; its bit is set while one of
 * them may be non-zero. */
typedef struct sr__gates {
    sr__word_t summary;
    sr__word_t
        budgets; /* 1: there was a reader with a budget. Only raised, by who subscribes, before it is ACTIVE */
    uint64_t reserved[14];
    sr__word_t words[SR__SET_WORDS];
} sr__gates_t;

#define SR__RECENT 16u /* a power of two */

typedef struct sr__state {
    /* line 0: under the process mutex */
    sr__half_t state; /* sr__ring_state; CREATING -> LIVE by the creator, LIVE -> REMOVED by unlink */
    sr__half_t dirty; /* 1 while a process-mutex holder is at work; found 1: that one was killed */
    sr__half_t remove_when_unused;
    sr__half_t names;     /* sr__names_word: has somebody else taken the ring's files? */
    sr__word_t mutex_pid; /* who holds the process mutex, for people */
    uint64_t reserved1[13];
    /* line 1: a hint to the end of `order`, CASed forward by whoever sees an entry at it */
    sr__word_t tail;
    uint64_t reserved2[15];
    /* line 2: the frontier, CASed forward by walkers (protocol: docs/design.md). In a ring with hot slots, which slots
     * became free last, slot + 1 each, the latest at recent[recent_count - 1], round and round; 0: none. By whoever makes
     * a slot free or takes one, with plain stores. Hints (protocol/recent.c): any value is right. */
    sr__word_t frontier;
    sr__half_t recent_count;
    sr__half_t recent[SR__RECENT];
    uint32_t reserved3[29 - SR__RECENT];
    /* line 3: start of the current reaping slice, CASed by its one reaper; next slot whose bit in the free map is
     * looked at; next participant to ask for; below it no entry is free where nobody has died. The last three are
     * hints: any value is right. */
    sr__word_t reap_at;
    sr__word_t free_map_position;
    sr__word_t reap_position;
    sr__word_t free_entry_hint;
    sr__word_t
        span_token; /* producer that may wait while it holds a part of a span, 0: none. By CAS (token.c) */
    /* what the last reaping that found a new end of the order found, and when: by the reaper of a slice (since.c). Hints */
    sr__word_t seen_end;
    sr__word_t seen_at;
    uint64_t reserved4[9];
    /* line 4: bumped after every change of a participant's stream word; high-water marks, only raised; which groups
     * of 64 entries have participants, or had them (bit p / 64); bumped after a block of records is opened or closed; how
     * many marks there were, others:40 | runs:24, by who makes one under the process mutex */
    sr__word_t stream_generation;
    sr__half_t participants_high; /* participants at or above it were never used */
    sr__half_t readers_high;
    sr__word_t holders;
    sr__word_t openings;
    sr__half_t writers_high;
    uint32_t reserved32;
    sr__word_t marks;
    uint64_t reserved5[10];
    /* lines 5 to 7: the event words, one line each */
    struct {
        sr__half_t event;
        uint32_t reserved;
        uint64_t reserved2[15];
    } events[SR__EVENTS];
    sr__waiters_t waiters[SR__EVENTS];
    sr__gates_t gates;
} sr__state_t;

#endif
