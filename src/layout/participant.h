/* SPDX-License-Identifier: Apache-2.0 */
/* A participant in shared memory: who it is, its counters, its stream, and the deaths at its entry. */
#ifndef SR_LAYOUT_PARTICIPANT_H
#define SR_LAYOUT_PARTICIPANT_H

#include <stdbool.h>

#include "layout/header.h"

#define SR__NOBODY 4095u /* no participant has this number */
#define SR__NO_SEQUENCE UINT64_MAX

/* Counters are cumulative over the incarnations of an entry: totals are plain sums, whoever is killed when. `base`
 * holds their values at the start of this incarnation. Only the participant writes them, or who repairs it. */
enum sr__counter {
    SR__BYTES_WRITTEN,
    SR__BYTES_READ,
    SR__OVERWRITTEN,
    SR__RECYCLED,
    SR__FULL,
    SR__STALE,
    SR__MISSED,
    SR__ABORTS,
    SR__FREES,
    SR__REPAIRED,
    SR__WAITS,
    SR__WAITED_NS,
    SR__RECORDS_MISSED,
    SR__REVOCATIONS, /* of readers, by this participant */
    SR__COUNTERS = 16,
};

/* stream word: phase | starts << 4 | ends << 24 | deaths << 44, so that each step is one CAS and its count can
 * neither be lost nor doubled by a kill. 20 bits each, which wrap; ends_carried and deaths_carried make them whole
 * (stream.c), and starts are ends, deaths and the stream that is open. */
#define SR__CARRY_EVERY (UINT64_C(1) << 16)

enum sr__stream_phase {
    SR__NO_STREAM = 0,
    SR__STREAMING = 1,
    SR__ENDED = 2,
    SR__DIED = 3
};

/* Who died at an entry, written by its repairer before the death is counted. incarnation is 0 while the rest is
 * written, and never the same twice at an entry: the record's version. */
typedef struct sr__death {
    sr__word_t pid;
    sr__word_t incarnation;
    sr__word_t last_sequence;
    char name[48];
    sr__word_t
        proxy; /* the incarnation, if the dead one published for a producer elsewhere: origin_… say for which */
    sr__word_t lost; /* the incarnation, if it is not that producer that died, but the way to it */
    sr__word_t origin_pid;
    sr__word_t origin_incarnation;
    uint64_t reserved[3];
} sr__death_t;

typedef struct sr__participant {
    /* line 0: who is here, written by the participant under the process mutex while incarnation is even; last of all
     * incarnation, which is the record's version (seqlock.c) */
    sr__word_t incarnation; /* odd while in use; even by its owner at close, or by its repairer */
    sr__word_t stream;
    sr__word_t pid;
    sr__word_t pid_namespace;
    sr__word_t start_time;
    sr__word_t uid;
    sr__word_t attached_at; /* on the monotonic clock */
    sr__half_t backend;
    sr__half_t library; /* SLOTRING_VERSION */
    char name[48];
    sr__word_t ends_carried; /* ends and deaths of the stream word, in full, at most SR__CARRY_EVERY ago */
    sr__word_t deaths_carried;
    /* line 1: the deaths here that have odd numbers, the first among them */
    sr__death_t odd_death;
    /* lines 2 and 3 */
    sr__word_t counters[SR__COUNTERS];
    sr__word_t base[SR__COUNTERS];
    /* line 4: sequences of this incarnation's publications, SR__NO_SEQUENCE before the first */
    sr__word_t first_sequence;
    sr__word_t last_sequence;
    sr__word_t blocked_at; /* since when a call waits for slots; 0: none does. By its own threads (since.c) */
    /* Of who publishes for a producer elsewhere: its own incarnation, so that the word says nothing of the next one here; and that
     * producer's numbers there. Written with line 0. */
    sr__word_t proxy;
    sr__word_t origin_pid;
    sr__word_t origin_incarnation;
    uint64_t reserved0[10];
    /* line 5: the deaths here that have even numbers */
    sr__death_t even_death;
} sr__participant_t;

/* -- incarnations -- */

/* Is the participant entry with this incarnation in use? Attaching makes it odd, leaving and repair make it even. */
static inline bool sr__in_use(uint64_t incarnation)
{
    return incarnation % 2 == 1;
}

/* -- stream words: phase:4 | starts:20 | ends:20 | deaths:20 -- */

#define SR__STREAM_COUNT UINT64_C(0xfffff)

static inline uint32_t sr__stream_phase(uint64_t word)
{
    return (uint32_t)word & 0xf;
}

static inline uint32_t sr__stream_starts(uint64_t word)
{
    return (uint32_t)(word >> 4 & SR__STREAM_COUNT);
}

static inline uint32_t sr__stream_ends(uint64_t word)
{
    return (uint32_t)(word >> 24 & SR__STREAM_COUNT);
}

static inline uint32_t sr__stream_deaths(uint64_t word)
{
    return (uint32_t)(word >> 44 & SR__STREAM_COUNT);
}

/* The next word: `phase` entered, its count one higher. */
static inline uint64_t sr__stream_step(uint64_t word, enum sr__stream_phase phase)
{
    uint32_t shift = phase == SR__STREAMING ? 4 : phase == SR__ENDED ? 24 : 44;
    uint64_t count = (word >> shift) + 1;
    word &= ~(SR__STREAM_COUNT << shift) & ~UINT64_C(0xf);
    return word | (count & SR__STREAM_COUNT) << shift | phase;
}

#endif
