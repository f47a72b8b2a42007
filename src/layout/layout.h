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

#define SR__LAYOUT_VERSION 5u
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
    SR__PART_GROUPS,        /* sr__group_t each */
    SR__PART_TAKES,         /* sr__word_t each: as many for each group, see below */
    SR__PART_ORDER,         /* sr__word_t each */
    SR__PART_FREE_MAP,      /* sr__word_t each, SR__FREE_MAP_LEVELS levels one after the other */
    SR__PART_SLOTS,         /* sr__slot_t with its hold words, `stride` bytes each */
    SR__PART_PAYLOAD,       /* slot contents, `stride` bytes each */
    SR__PART_META,          /* the owner's description, SR__PAGE bytes; only if there is one */
    SR__PART_DEFERRED,      /* sr__word_t each, SR__DEFERRED_LEVELS levels one after the other */
    SR__PART_WITHDRAWN,     /* sr__word_t each, as many levels as it takes */
    SR__PART_WRITERS,       /* sr__writer_t each */
    SR__PART_MARKS,         /* sr__mark_t each, SR__MARK_ENTRIES for each class */
    SR__PART_OFFSETS, /* sr__word_t each, for each subscription: the offset of numbers at its start, by its reader */
    SR__PART_PROGRESS, /* sr__word_t each: `writers` of them for each row that may be durable */
    SR__PARTS = 16,    /* entries of the table */
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

/* Features that a ring may have and not every library knows: header.incompat. */
#define SR__FEATURE_SUMS UINT64_C(1) /* each message has a checksum of its bytes: sum.h */
#define SR__FEATURE_HOT UINT64_C(2)  /* publications go when they are passed: protocol/passed.c */
#define SR__FEATURES (SR__FEATURE_SUMS | SR__FEATURE_HOT) /* that this version knows */

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
    uint8_t lineage_id[16]; /* of the ring that this one is a copy of; else ring_id */
    uint8_t boot_id[16];
    uint64_t first_sequence; /* number of the first publication */
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
    uint32_t meta_size; /* bytes of the owner's description; 0: none */
    uint32_t payload_alignment;
    uint64_t owner;     /* uid of the creator */
    uint32_t writers;   /* of records */
    uint32_t numa_node; /* that the ring was made for, plus 1; 0: none */
    uint64_t meta_hash; /* of the owner's description */
    uint64_t
        largest_budget; /* of readers of other users, as in a subscription; with LOSSLESS_FOR_OWNER, else 0 */
    uint32_t lossless_for; /* without a budget */
    uint32_t absence_ms; /* how long producers wait for a durable subscription that nobody has; 0: for ever */
    uint64_t reserved[4];
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

/* ---- Participants ----------------------------------------------------------------------------------- */

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
    sr__word_t blocked_at; /* since when a call waits for slots; 0: none does. By its own threads (since.c) */
    uint64_t reserved0[13];
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
    SR__SUBSCRIPTION_REVOKED = 1u << 2, /* its reader is to be told that producers wait for it no more */
    SR__SUBSCRIPTION_GROUP = 1u << 3,   /* durable: a group, which belongs to nobody; else: a member of one */
    SR__SUBSCRIPTION_STARTING = 1u << 4, /* its start is being found: its account says nothing yet */
    SR__SUBSCRIPTION_LOSSY = 1u << 5,    /* its reader was told that */
    SR__SUBSCRIPTION_DURABLE = 1u << 6,  /* it outlives its owner, by its name: takeover.c */
    SR__SUBSCRIPTION_BY_HAND = 1u << 7,  /* with one of the two: the ring's owner wanted that */
    SR__SUBSCRIPTION_ARM = 1u << 8, /* how often it was armed again: the eight highest bits, which wrap */
};
#define SR__SUBSCRIPTION_ARMS 0xff00u
/* Of those that hold producers back, and may do so again. */
#define SR__SUBSCRIPTION_IN_SET (SR__SUBSCRIPTION_GATES | SR__SUBSCRIPTION_REVOKED | SR__SUBSCRIPTION_LOSSY)

/* budget: messages:32 | milliseconds:32, from the highest bit. 0: none */
#define SR__BUDGET_MESSAGES_MAX (1u << 23)
#define SR__BUDGET_MS_MAX (1u << 30)

/* What a reader has had: account_at in protocol/seqlock.c. A durable subscription has two copies, of which the one with the
 * higher generation counts: who takes the subscription over prepares the other one, and stores its generation last. Any
 * other subscription has the first copy alone. */
typedef struct sr__account_words {
    sr__word_t start;
    sr__word_t missed;           /* total before the latest jump */
    sr__word_t passed_over;      /* that it does not want: total before the latest jump */
    sr__word_t jump_to;          /* cursor after the latest jump */
    sr__word_t jump_missed;      /* totals once that jump is made */
    sr__word_t jump_passed_over; /* … */
    sr__word_t pending;          /* history still to be delivered, once that jump is made */
    sr__word_t generation;       /* of the subscription, when its owner began this copy */
} sr__account_words_t;

/* Rows that may be durable in a ring with writers: each has a word for each of these. */
#define SR__PROGRESS_ROWS 64u

typedef struct sr__subscription {
    /* line 0: state by CAS, of a reader that can be revoked by producers, too; the rest by the reader alone, but for
     * revoked_at */
    sr__word_t state;
    /* sequence:52 | generation:12. The generation is that of a durable subscription, else 0: whose subscription was taken
     * over meanwhile moves the cursor no more. */
    sr__word_t cursor;
    /* Of a durable subscription: when it was left, on the monotonic clock, and by which process. By its owner, or by who
     * repairs that, before the owner is nobody. */
    sr__word_t left_at;
    sr__word_t left_by;
    uint64_t reserved0[3];
    sr__word_t bytes_read;
    sr__word_t
        lost; /* messages that it missed by its latest revocation. SR__LOST_TOLD: of a durable one, and it was told */
    /* marks:24 | messages:40, records too: what it had missed before it first missed something after so many marks of runs */
    sr__word_t missed_before;
    sr__word_t mask; /* it wants the tags that, under this mask, are `match` */
    sr__word_t match;
    sr__word_t budget; /* 0: it has none */
    sr__half_t every;  /* it wants the numbers that this divides; 0 and 1: all */
    sr__half_t
        revoked_at;     /* seconds of the clock, plus 1. Stored before REVOKED, by who sets that; 0: never */
    sr__word_t records; /* that it was given, and that it missed */
    sr__word_t records_missed;
    /* line 1 */
    char name[48];
    sr__word_t group; /* of a group, and of a member of one: the group's number + 1; else 0 */
    sr__word_t records_passed_over;
    sr__half_t latest; /* 1: it wants the newest message only */
    /* Both by producers alone: when one last found it in its way (milliseconds of the clock); and since when, and at which
     * cursor, its present time runs. A stall: time:32 | tag:8 | sequence:24; the tag tells which reader, and which of its
     * arms. 0: it has not begun. CAS */
    sr__half_t seen;
    sr__word_t stall;
    uint64_t reserved1[6];
    /* line 2 */
    sr__account_words_t accounts[2];
} sr__subscription_t;

/* ---- Writers of records ----------------------------------------------------------------------------- */

/* writer state word: state:4 | owner:12 | generation:48 */
enum sr__writer_state {
    SR__WRITER_FREE = 0,
    SR__WRITER_WRITING = 1
};

/* What a writer has open. State by CAS; the rest by its owner alone, or by who repairs that. `block` and `total` go on
 * when the row gets another owner: the numbers of a row are never given twice. */
typedef struct sr__writer {
    sr__word_t state;
    sr__word_t claimed; /* word of the open block's slot; 0: none is open */
    sr__word_t slot;
    sr__word_t block; /* number of its latest block */
    sr__word_t total; /* messages in all that is closed: the number of the next one, if nothing is open */
    uint64_t reserved[11];
} sr__writer_t;

/* ---- Marks beside the order ------------------------------------------------------------------------- */

/* Each class has a table of its own, so that user marks and gaps never displace the marks of runs. */
enum sr__mark_class {
    SR__RUN_MARKS = 0,
    SR__OTHER_MARKS = 1,
    SR__MARK_CLASSES = 2
};

#define SR__MARKS_KEPT 64u /* the last ones of a class; one more entry is being filled in */
#define SR__MARK_ENTRIES (SR__MARKS_KEPT + 1)
#define SR__MARK_BYTES 48u
#define SR__RUNS_MAX UINT64_C(0xffffff)
#define SR__OTHERS_MAX UINT64_C(0xffffffffff)
#define SR__MARK_PENDING \
    (UINT64_C(1) << 63) /* of a place: none yet. Below: the number of the mark in its class */

/* Mark n of its class is in entry n mod SR__MARK_ENTRIES. Its maker writes it under the process mutex, before it counts it;
 * `place` is then changed once, by anybody, by CAS from pending (protocol/marks.c). */
typedef struct sr__mark {
    sr__word_t place;  /* sequence of the first publication behind it */
    sr__word_t serial; /* how many marks of both classes were made before it */
    sr__word_t shape;  /* kind:8 | bytes:8 */
    sr__word_t run;
    sr__word_t value; /* of a gap: how many numbers are missing */
    sr__word_t time;
    sr__word_t offset; /* from its place on: number of a publication less its sequence */
    sr__word_t maker;  /* participant | incarnation << 12 */
    uint64_t reserved0;
    sr__word_t bytes[SR__MARK_BYTES / 8];
    uint64_t reserved;
} sr__mark_t;

/* ---- Groups: several readers share one subscription ------------------------------------------------ */

/* The subscription of a group is a durable one that belongs to nobody. Each member has a subscription of its own, which says of
 * which group it is; no producer waits for that. */
typedef struct sr__group {
    sr__word_t
        row; /* the group's subscription + 1, by who makes the group, under the process mutex; 0: none yet */
    sr__word_t next;    /* everything below it was taken once. CASed forward by members */
    sr__word_t offered; /* bumped after messages were offered again */
    /* How often messages were given again, of all below `place`: total:28 | place:36. By CAS, by whoever moves the cursor. */
    sr__word_t redelivered;
    uint64_t reserved[12];
} sr__group_t;

/* What became of a message of a group: its take word, of which each group has one for 2^k messages, as many as there are slots or
 * more. lap:40 | tries:8 | state:4 | owner:12, from the lowest bit owner first. By CAS. The lap is 1 + the number of the message
 * div the number of words, so 0 is right at first: a word of an earlier lap says that nobody has had the message of this lap. */
enum sr__take_state {
    SR__TAKE_NONE = 0,    /* only in a word that is 0 */
    SR__TAKE_TAKEN = 1,   /* its owner has it in its hands. Repair: OFFERED, with one try more */
    SR__TAKE_OFFERED = 2, /* somebody had it, and did not acknowledge it. Owner: nobody */
    SR__TAKE_DONE = 3     /* acknowledged. Owner: nobody */
};
#define SR__TRIES_MAX 255u

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
    SR__PIECE =
        5, /* at rest: a part of a span, which goes with its head. Owner: nobody. Repair: by the head */
};
#define SR__NOBODY 4095u
#define SR__RETIRED \
    (UINT64_C(1) << 16) /* out of the walk; who removes the last reason to keep it reclaims it */
#define SR__WITHDRAWN (UINT64_C(1) << 17) /* gone by ticket */
#define SR__VERSION_ONE (UINT64_C(1) << 18)
#define SR__NO_SEQUENCE UINT64_MAX

/* content word: kind:4 | writer:12 | block:48. */
enum sr__content_kind {
    SR__MESSAGE = 0, /* one message takes the slot */
    SR__BLOCK = 1,   /* records, one after the other: record.h */
    SR__OPEN_SPAN =
        2,        /* the head of a span that is being written: span.h. block: version of the claimed word */
    SR__SPAN = 4, /* the head of a span: its pieces go when it goes. No other kind has this bit */
};
#define SR__NO_WRITER 4095u /* as SLOTRING_WRITERS_MAX: no row has it */

typedef struct sr__slot {
    /* First 64 bytes: all that a message of a ring with up to 64 participants needs. */
    sr__word_t word;
    sr__word_t sequence; /* "pub" in the protocol: of its publication, or SR__NO_SEQUENCE */
    sr__word_t
        length; /* these five: written by the owner while CLAIMED. Of a block: bytes used, once it is closed */
    sr__word_t time;
    sr__word_t tag;
    sr__word_t producer; /* participant | incarnation << 12 */
    sr__word_t content;
    sr__word_t hold0; /* participants 0 to 63 that hold it */
    /* The next 64: what only a message of a writer has, and the checksum. */
    sr__word_t number; /* of the message, or of the block's first record, among those of its writer */
    sr__word_t sum;    /* of the message, with SR__FEATURE_SUMS; else 0. Written by the owner while CLAIMED */
    /* Of a span (span.h), written by the owner while CLAIMED: a link to the piece behind this slot, 0 behind the last; and
     * which span it is a part of: a link to the head, as that was claimed. Of the head: how far the freeing of its pieces is,
     * by who has the head CLAIMED, or repairs that. */
    sr__word_t next;
    sr__word_t part_of;
    sr__word_t freeing_current;
    sr__word_t freeing_following;
    uint64_t reserved[2];
    /* Participants 64 and above that hold it: hold word w, from 1 on, lies at 128 + 8 (w - 1). */
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
_Static_assert(sizeof(sr__state_t) == 8 * SR__LINE + 4 * 640, "layout");
_Static_assert(sizeof(sr__death_t) == SR__LINE, "layout");
_Static_assert(sizeof(sr__participant_t) == 768, "layout");
_Static_assert(sizeof(sr__subscription_t) == 3 * SR__LINE, "layout");
_Static_assert(sizeof(sr__group_t) == 128, "layout");
_Static_assert(sizeof(sr__slot_t) == 128, "layout");
_Static_assert(offsetof(sr__slot_t, hold0) == 56, "layout");
_Static_assert(sizeof(sr__writer_t) == SR__LINE, "layout");
_Static_assert(sizeof(sr__mark_t) == SR__LINE, "layout");
_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "64-bit atomics must be lock-free and address-free");

#endif
