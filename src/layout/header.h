/* SPDX-License-Identifier: Apache-2.0 */
/* Page 0 of a ring: what was decided when the ring was created. It is constant and has a checksum. */
#ifndef SR_LAYOUT_HEADER_H
#define SR_LAYOUT_HEADER_H

#include "base/atomics.h"

#define SR__LAYOUT_VERSION 5u
#define SR__MAGIC UINT64_C(0x474e4952544f4c53) /* "SLOTRING" on a little-endian machine */
#define SR__ENDIAN_MARK UINT32_C(0x01020304)
#define SR__PAGE 4096u /* of the layout, whatever the machine's pages are */
#define SR__LINE 128u

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
/* In header.compat: members of the group `lossless_group` have the rights of the owner's readers, too. Whoever overlooks the
 * bit grants these to the owner alone, which is stricter. */
#define SR__COMPAT_LOSSLESS_GROUP UINT64_C(1)

typedef struct sr__header {
    uint64_t magic;
    uint32_t layout_version;
    uint32_t endian_mark;
    uint64_t fingerprint; /* of all struct sizes and offsets, see stamps.c */
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
    uint32_t
        lossless_for;    /* without a budget: LOSSLESS_FOR_ALL, or _OWNER, also where a group has the right */
    uint32_t absence_ms; /* how long producers wait for a durable subscription that nobody has; 0: for ever */
    uint32_t holds;      /* slots that a participant may hold */
    uint32_t lossless_group; /* gid, with SR__COMPAT_LOSSLESS_GROUP; else 0 */
    uint64_t created_ns;     /* on the clock of time stamps; 0: its maker did not say */
    uint64_t reserved[2];
    char name[208];
    sr__part_t parts[SR__PARTS];
} sr__header_t;

static inline bool sr__has_lossless_group(const sr__header_t *header)
{
    return (header->compat & SR__COMPAT_LOSSLESS_GROUP) != 0;
}

/* Slots that a participant may hold: as asked for, 0: an eighth of them. */
static inline uint32_t sr__holds_or_default(uint32_t asked, uint32_t slots)
{
    if (asked == 0)
        return slots < 8 ? 1 : slots / 8;
    return asked < slots ? asked : slots;
}

#endif
