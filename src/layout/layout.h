/* SPDX-License-Identifier: Apache-2.0 */
/* The layout of a ring in shared memory. docs/design.md draws it with offsets.
 *
 * Fixed-width, naturally aligned fields only; no pointers, no type whose size depends on compiler or word size.
 * Lines of 128 bytes separate words that different processes write (64-byte lines are fetched in pairs). All new
 * memory is zero, and zero is the right initial value of everything but what create.c stores.
 * Any change here is a new SR__LAYOUT_VERSION.
 */
#ifndef SR_LAYOUT_H
#define SR_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/atomics.h"

#define SR__LAYOUT_VERSION 3u
#define SR__MAGIC UINT64_C(0x474e4952544f4c53) /* "SLOTRING" on a little-endian machine */
#define SR__ENDIAN_MARK UINT32_C(0x01020304)
#define SR__PAGE 4096u /* of the layout, whatever the machine's pages are */
#define SR__LINE 128u

/* ---- Page 0: constant after creation, checksummed --------------------------------------------------- */

enum sr__part_kind {
    SR__PART_NONE = 0,
    SR__PART_STATE,         /* one sr__state_t */
    SR__PART_PARTICIPANTS,  /* sr__participant_t each */
    SR__PART_SUBSCRIPTIONS, /* sr__subscription_t each */
    SR__PART_GROUPS,        /* reserved for competing consumers: count 0 in this version */
    SR__PART_TAKES,         /* reserved, count 0 */
    SR__PART_ORDER,         /* sr__word_t each */
    SR__PART_FREE_MAP,      /* sr__word_t each, SR__FREE_MAP_LEVELS levels one after the other */
    SR__PART_SLOTS,         /* sr__slot_t with its hold words, `stride` bytes each */
    SR__PART_PAYLOAD,       /* slot contents, `stride` bytes each */
    SR__PART_META,          /* reserved for metadata beside the payload, count 0 */
    SR__PART_DEFERRED,      /* sr__word_t each, SR__DEFERRED_LEVELS levels one after the other */
    SR__PART_WITHDRAWN,     /* sr__word_t each, as many levels as it takes */
    SR__PARTS = 16,         /* entries of the table */
};

typedef struct sr__part {
    uint32_t kind;
    uint32_t flags;  /* 0 in this version */
    uint32_t object; /* which memory object it lies in; 0: this segment, the only one in this version */
    uint32_t reserved;
    uint64_t stride; /* bytes */
    uint64_t offset; /* bytes from the start of the object */
    uint64_t count;
} sr__part_t;

typedef struct sr__header {
    uint64_t magic;
    uint32_t layout_version;
    uint32_t endian_mark;
    uint64_t fingerprint; /* of all struct sizes and offsets, see layout.c */
    uint64_t checksum;    /* of page 0 with this field zero */
    uint64_t incompat;    /* features: unknown ones forbid attaching */
    uint64_t ro_compat;   /* unknown ones allow observing only */
    uint64_t compat;      /* unknown ones are harmless */
    uint64_t segment_size;
    uint8_t ring_id[16];
    uint8_t lineage_id[16]; /* same for the re-creations of a ring, to resume by sequence; now = ring_id */
    uint8_t boot_id[16];
    uint64_t first_sequence; /* 0 in this version */
    uint64_t lock_device;    /* identity of the lock file */
    uint64_t lock_object;
    uint64_t slot_size; /* as asked for; the payload part has the stride */
    uint32_t slot_count;
    uint32_t slot_bits; /* ceil(log2 slot_count): bits of the slot in an order entry */
    uint32_t participants;
    uint32_t readers;
    uint32_t backend; /* sr__backend_t.kind */
    uint32_t when_full;
    uint32_t time_stamps;
    uint32_t access;
    uint32_t meta_size; /* 0 in this version */
    uint32_t payload_alignment;
    uint64_t owner; /* uid of the creator */
    uint64_t reserved[8];
    char name[208];
    sr__part_t parts[SR__PARTS];
} sr__header_t;

/* ---- Page 1: the ring's mutable words --------------------------------------------------------------- */

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
    SR__EVENTS = 2
};

/* A set of waiting participants. summary: bit w is set while words[w] may be non-zero (a hint upwards only). */
typedef struct sr__waiters {
    sr__word_t summary;
    uint64_t reserved[15];
    sr__word_t words[SR__SET_WORDS];
} sr__waiters_t;

/* The set of subscriptions that may hold producers back, so that a look at the gate costs what there is, not what
 * there could be or once was. Who subscribes is in it before its subscription is ACTIVE, who leaves is out of it
 * before its subscription is FREE. summary: groups:32 | count:32. A group is two words; its bit is set while one of
 * them may be non-zero. */
typedef struct sr__gates {
    sr__word_t summary;
    uint64_t reserved[15];
    sr__word_t words[SR__SET_WORDS];
} sr__gates_t;

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
    /* line 2: the frontier, CASed forward by walkers (protocol: docs/design.md) */
    sr__word_t frontier;
    uint64_t reserved3[15];
    /* line 3: start of the current reaping slice, CASed by its one reaper; next slot whose bit in the free map is
     * looked at; next participant to ask for; below it no entry is free where nobody has died. The last three are
     * hints: any value is right. */
    sr__word_t reap_at;
    sr__word_t free_map_position;
    sr__word_t reap_position;
    sr__word_t free_entry_hint;
    uint64_t reserved4[12];
    /* line 4: bumped after every change of a participant's stream word; high-water marks, only raised; which groups
     * of 64 entries have participants, or had them (bit p / 64) */
    sr__word_t stream_generation;
    sr__half_t participants_high; /* participants at or above it were never used */
    sr__half_t readers_high;
    sr__word_t holders;
    uint64_t reserved5[13];
    /* lines 5 and 6: the event words, one line each */
    struct {
        sr__half_t event;
        uint32_t reserved;
        uint64_t reserved2[15];
    } events[SR__EVENTS];
    sr__waiters_t waiters[SR__EVENTS];
    sr__gates_t gates;
} sr__state_t;

/* ---- Participants ----------------------------------------------------------------------------------- */

/* Counters are cumulative over the incarnations of an entry: totals are plain sums, whoever is killed when. `base`
 * holds their values at the start of this incarnation. Only the participant writes them. */
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
    uint64_t reserved[7];
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
    uint64_t reserved0[14];
    /* line 5: the deaths here that have even numbers */
    sr__death_t even_death;
} sr__participant_t;

/* ---- Subscriptions --------------------------------------------------------------------------------- */

/* subscription state word: state:4 | owner:12 | flags:16 | generation:32 */
enum sr__subscription_state {
    SR__SUBSCRIPTION_FREE = 0,
    SR__SUBSCRIPTION_JOIN = 1,
    SR__SUBSCRIPTION_ACTIVE = 2
};
enum sr__subscription_flags {
    SR__SUBSCRIPTION_GATES = 1u << 0,   /* nothing at or above its cursor is reclaimed: a lossless reader */
    SR__SUBSCRIPTION_PINS = 1u << 1,    /* reserved */
    SR__SUBSCRIPTION_REVOKED = 1u << 2, /* reserved */
    SR__SUBSCRIPTION_PAUSED = 1u << 3,  /* reserved */
};

typedef struct sr__subscription {
    /* line 0: state by CAS; the rest by the reader alone */
    sr__word_t state;
    sr__word_t cursor;
    sr__word_t start;
    sr__word_t missed;      /* total before the latest jump; see sr__subscription_account() */
    sr__word_t jump_to;     /* cursor after the latest jump */
    sr__word_t jump_missed; /* total once that jump is made */
    sr__word_t pending;     /* history still to be delivered */
    sr__word_t bytes_read;
    sr__word_t wanted;   /* reserved: sequence to be woken for */
    sr__word_t filtered; /* reserved */
    sr__word_t mask;     /* reserved: filter by tag */
    sr__word_t match;
    uint64_t lag_budget;   /* reserved */
    uint32_t sample_every; /* reserved */
    sr__half_t wake_word;  /* reserved */
    uint64_t reserved0[2];
    /* line 1 */
    char name[48];
    uint64_t reserved1[10];
} sr__subscription_t;

/* ---- Groups: reserved for competing consumers. This version makes none but lets them gate. --------------- */

enum sr__group_state {
    SR__GROUP_FREE = 0,
    SR__GROUP_MAKING = 1,
    SR__GROUP_ARMED = 2,
    SR__GROUP_OPEN = 3
};

typedef struct sr__group {
    sr__word_t state; /* state:4 | owner:12 */
    sr__word_t cursor;
    sr__word_t next;
    sr__word_t members;
    uint64_t reserved[12];
} sr__group_t;

/* ---- Slots ------------------------------------------------------------------------------------------ */

/* slot word: owner:12 | state:4 | flags:2 | version:46, from the lowest bit. */
enum sr__slot_state {
    SR__FREE = 0,    /* anybody may claim it */
    SR__CLAIMED = 1, /* owner writes into it. Repair: FREE */
    SR__RECLAIM = 2, /* owner looks whether it is held. Repair: FREE or retired */
    SR__COMMIT =
        3, /* listed: at rest; else owner is listing it. Repair: PUBLISHED, or as RECLAIM, withdrawn */
    SR__PUBLISHED =
        4, /* at rest: retired or withdrawn, or its producer has left. Owner: nobody, or who pins it.
                          Repair: nobody */
};
#define SR__NOBODY 4095u
#define SR__RETIRED \
    (UINT64_C(1) << 16) /* out of the walk; who removes the last reason to keep it reclaims it */
#define SR__WITHDRAWN (UINT64_C(1) << 17) /* gone by ticket */
#define SR__VERSION_ONE (UINT64_C(1) << 18)
#define SR__NO_SEQUENCE UINT64_MAX

typedef struct sr__slot {
    /* First 64 bytes: all that a message of a ring with up to 64 participants needs. */
    sr__word_t word;
    sr__word_t sequence; /* "pub" in the protocol: of its publication, or SR__NO_SEQUENCE */
    sr__word_t length;   /* these five: written by the owner while CLAIMED */
    sr__word_t time;
    sr__word_t tag;
    sr__word_t producer;  /* participant | incarnation << 12 */
    uint32_t meta_length; /* reserved, as the next six */
    uint16_t record_count;
    uint8_t kind;
    uint8_t part;
    sr__word_t hold0; /* participants 0 to 63 that hold it */
    uint32_t link;
    uint32_t checksum;
    sr__word_t hold_more[7]; /* participants 64 and above: word w lies at 64 + 8 w, also past this struct */
} sr__slot_t;

/* ---- Bitmaps ------------------------------------------------------------------------------------------ */

/* The free map: a bitmap of slots that may be FREE; always four levels of 64, so that a search costs the same for
 * any ring. */
#define SR__FREE_MAP_LEVELS 4u
/* The same for the positions of the order: publications that were withdrawn and are deferred (deferred.c). */
#define SR__DEFERRED_LEVELS 5u
/* Which publications were withdrawn (withdrawn.c): 16 a word, at least so many. */
#define SR__WITHDRAWN_LEAST 64u
#define SR__WITHDRAWN_LEVELS_MAX 8u

_Static_assert(sizeof(sr__part_t) == 40, "layout");
_Static_assert(sizeof(sr__header_t) <= SR__PAGE, "layout");
_Static_assert(sizeof(sr__waiters_t) == 640, "layout");
_Static_assert(sizeof(sr__state_t) == 7 * SR__LINE + 3 * 640, "layout");
_Static_assert(sizeof(sr__death_t) == SR__LINE, "layout");
_Static_assert(sizeof(sr__participant_t) == 768, "layout");
_Static_assert(sizeof(sr__subscription_t) == 256, "layout");
_Static_assert(sizeof(sr__group_t) == 128, "layout");
_Static_assert(sizeof(sr__slot_t) == 128, "layout");
_Static_assert(offsetof(sr__slot_t, hold0) == 56, "layout");
_Static_assert(offsetof(sr__slot_t, hold_more) == 72, "layout");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics must be lock-free and address-free");

#endif
