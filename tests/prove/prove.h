/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_prove: processes that use one ring, some of which are killed and stopped at random, and exact accounting
 * of every message at the end. What each did is in a journal in memory that they share, beside the ring. */
#ifndef PROVE_H
#define PROVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "followed.h"
#include "support/places.h"
#include "support/ring.h"

#define ENTRIES (UINT32_C(1) << 22)
#define WITNESSES 2
#define DURABLE 4u         /* durable subscriptions of a storm of deliveries */
#define MARKS_NOTED 65536u /* places of marks that are kept until the witnesses have been told of them */
#define GROUPS 2u
#define CHOICES 2u    /* witnesses that do not want all messages */
#define ROWS_MOST 64u /* of writers, in a ring of a storm */
#define CROWD_HANDLES \
    960u /* of a member of the crowd, at most: with four members nearly all places are taken */

/* One writer or reader for one life. Written by it alone, except `received`. */
typedef struct entry {
    _Atomic uint64_t tried;               /* messages that it was about to publish */
    _Atomic uint64_t done;                /* and for which mark_ready has returned */
    _Atomic uint64_t bytes_read;          /* of what it was given */
    _Atomic uint64_t missed;              /* by a lossy reader, as it saw it */
    _Atomic uint64_t freed;               /* by it, successfully */
    _Atomic uint64_t received[WITNESSES]; /* written by the witnesses */
    /* Of a storm of records: how many of its messages the durable subscription has acknowledged, and how many it has if a release
     * that was begun has done so. Written by the one that has the subscription. */
    _Atomic uint64_t acknowledged, releasing;
} entry_t;

typedef struct journal {
    _Atomic uint32_t entries; /* handed out so far */
    _Atomic uint32_t ending;  /* producers and mortal readers: finish and leave */
    _Atomic uint64_t last;    /* witnesses: leave once they have had this many; UINT64_MAX: not known yet */
    _Atomic uint32_t seated;  /* witnesses and members of the crowd that have all their places */
    _Atomic uint64_t deaths[WITNESSES];
    _Atomic uint64_t bytes[WITNESSES];
    _Atomic uint32_t
        small; /* the rings' directory is a small file system of the storm's own: it may be filled */
    const place_kind_t *place;                /* it is of this kind; NULL: tmpfs, over the whole directory */
    _Atomic uint64_t grown;                   /* soak: bytes of private memory, at most, since the warm-up */
    uint32_t crowd_handles;                   /* of a member */
    _Atomic uint64_t crowd;                   /* handles that the crowd has opened */
    _Atomic uint64_t records, records_missed; /* messages that a witness had, and that the lossy one missed */
    /* Of a storm of deliveries. */
    _Atomic uint64_t had[WITNESSES], told[WITNESSES]; /* messages, before they are released; marks */
    _Atomic uint64_t revoked;                         /* E_REVOKED that readers were told */
    _Atomic uint64_t drains;                          /* that came to an end */
    _Atomic uint64_t places[MARKS_NOTED];             /* of marks: number << 40 | place */
    followed_t durable[DURABLE];
    _Atomic uint64_t durable_told;       /* marks, by the one that is told of them: one above the last */
    _Atomic uint64_t offsets[WITNESSES]; /* numbers in gaps so far */
    bool deliveries;
    followed_t groups[GROUPS]; /* of a storm of groups; the first one also of a storm of records */
    _Atomic uint64_t redelivered, dead_lettered;
    _Atomic uint64_t choices; /* of a storm of choices: readers that ended */
    _Atomic uint64_t queued;  /* messages that those had whose tickets came through a queue */
    _Atomic uint64_t wanted[CHOICES],
        chosen[CHOICES];      /* by a witness of all messages, and by the one that wants them */
    _Atomic uint64_t refused; /* calls that failed, as they should, for want of something */
    entry_t entry[ENTRIES];
} journal_t;

extern journal_t *journal;

typedef struct prove_options {
    double seconds;
    uint64_t messages, slots, slot_size;
    uint32_t seed;
    uint32_t crowd; /* handles of each member; 0: no crowd */
    bool keep;
    bool sums;                 /* the ring has checksums, and each check compares them */
    bool hot;                  /* SLOTRING_HOT_SLOTS */
    bool deliveries;           /* budgets, durable readers, marks and drains */
    bool groups;               /* workers that share the messages */
    bool choices;              /* readers of each pressure, start and selection */
    bool filtered;             /* the groups do not want all of them */
    bool records;              /* writers of messages of any size, and who reads them */
    const place_kind_t *place; /* NULL: where rings lie otherwise */
} prove_options_t;

/* Numbers that follow from the seed. */
uint32_t prove_random(uint32_t *state);

/* A new line of the journal; ends the process when it is full. */
entry_t *journal_entry(void);
uint32_t journal_number(const entry_t *entry);

/* Roles (actors.c, troubled.c, crowd.c). `seed` is for their own choices. They return when the journal says so. */
typedef void (*actor_fn)(const char *name, uint32_t seed);
void acts_producer(const char *name, uint32_t seed);
void acts_lossless(const char *name, uint32_t seed);
void acts_lossy(const char *name, uint32_t seed);
void acts_by_ticket(const char *name, uint32_t seed);
void acts_threads(const char *name, uint32_t seed);
void acts_forking(const char *name, uint32_t seed);
void acts_starved(const char *name, uint32_t seed);
void acts_crowd(const char *name, uint32_t seed);
/* Lives through everything and must get everything; number 1 reads in batches. */
void acts_witness(const char *name, uint32_t number);

/* The same with messages of any size (writers.c, records.c, records_kept.c). Some of them take several slots, in a ring that has enough
 * for all who write them. */
uint64_t largest_message(slotring_t *ring);
void acts_writer(const char *name, uint32_t seed);
void acts_writer_threads(const char *name, uint32_t seed);
void acts_records_lossless(const char *name, uint32_t seed);
void acts_records_lossy(const char *name, uint32_t seed);
void acts_records_witness(const char *name, uint32_t number);
void acts_records_lossy_witness(const char *name, uint32_t seed);
void acts_records_choosy(const char *name, uint32_t seed);
void acts_records_durable(const char *name, uint32_t seed);
void acts_records_worker(const char *name, uint32_t seed);
/* The durable subscription and the group are made before the storm, and their accounts come before that of all. */
void begin_records_kept(slotring_t *ring);
void account_for_records_kept(slotring_t *ring);

/* The ways of delivery (delivery.c). note_mark is for the witnesses: `expected` is the sequence of the next message. */
void acts_budgeted(const char *name, uint32_t seed);
void acts_marker(const char *name, uint32_t seed);
void note_mark(slotring_reader_t *reader, uint32_t witness, uint64_t expected);
void note_durable_mark(slotring_reader_t *reader);
void check_number(slotring_t *ring, uint32_t witness, uint64_t sequence);

/* Durable subscriptions (durables.c). They are made before the storm, and their account comes before that of all. */
void acts_durable(const char *name, uint32_t seed);
void begin_durables(slotring_t *ring);
void note_for_durables(const slotring_slot_t *slot);
void account_for_durables(slotring_t *ring, const slotring_mark_t *last_mark);

/* Readers that choose (choosy.c), and that get their tickets through a queue (queued.c). note_for_choosy is for a witness that has every message. */
void acts_choosy(const char *name, uint32_t seed);
void acts_queued(const char *name, uint32_t seed);
void acts_choosy_witness(const char *name, uint32_t number);
void note_for_choosy(const slotring_slot_t *slot);
void account_for_choices(void);

/* Workers, members of two groups (groups.c). The groups are made before the storm, and their accounts come before that of all. */
void acts_worker(const char *name, uint32_t seed);
void begin_groups(slotring_t *ring, bool filtered);
/* For a witness that has every message. */
void note_for_groups(const slotring_slot_t *slot);
void account_for_groups(slotring_t *ring, uint64_t kills);

/* What takes all the space of a small directory; its name. */
const char *filler_path(void);

/* What the actors share: a message of `entry`, if a slot comes within `timeout_ns`. */
bool publish_next(slotring_t *ring, entry_t *entry, int64_t timeout_ns);
/* One publication that is there, by ticket; perhaps frees it. */
void read_any(slotring_t *ring, entry_t *entry, uint32_t *seed);
bool storm_ending(void);
/* Where a reader begins: now or with the oldest, at random; now, in a ring with hot slots. */
uint32_t any_start(slotring_t *ring, uint32_t *seed);
/* Checks a message that was read, and counts it. */
void note_read(entry_t *entry, const slotring_slot_t *slot);

/* storm.c, account.c, soak.c, garbage.c, places.c. They return how many faults were found. */
int storm(const prove_options_t *options);
int soak(const prove_options_t *options);
int garbage(const prove_options_t *options);
int places(const prove_options_t *options);
void account_for_all(slotring_t *ring, uint64_t kills, bool keep);
void account_for_records(slotring_t *ring, bool keep);
/* Marks and revocations, and what the durable subscriptions have still to give. Before the account of all. */
void account_for_deliveries(slotring_t *ring);

#endif
