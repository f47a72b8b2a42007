/* SPDX-License-Identifier: Apache-2.0 */
/* A scene for the table of deliveries: a ring, the one who publishes into it (the test), and a reader in a process of its own
 * that does what it is told. */
#ifndef TEST_DELIVERY_H
#define TEST_DELIVERY_H

#include <stdbool.h>
#include <stdint.h>

#include "process.h"
#include "ring.h"

enum {
    DELIVERY_SLOTS = 8
};

#define DELIVERY_NAME "recorder" /* of the reader, and of a durable subscription */

/* The columns of the table (delivery_table.def), and the words in its cells. */
enum delivery_column_number {
    FULL,
    SLOW,
    STOPPED,
    KILLED,
    LEAVES,
    PRODUCER_KILLED,
    PRODUCER_ENDS,
    REMOVED,
    MADE_ANEW,
    LATE,
    OTHER_KILLED,
    MEMBER_KILLED,
    COLUMNS
};

enum delivery_cell {
    CELL_WAITS,
    CELL_REVOKED,
    CELL_MISSES,
    CELL_KEPT,
    CELL_ENDS,
    CELL_STAYS,
    CELL_TOLD,
    CELL_END,
    CELL_GOES_ON,
    CELL_APART,
    CELL_PAST_HELD,
    CELL_PAST_BUDGETED,
    CELL_PAST_FREE,
    CELL_NO_PAST,
    CELL_UNMOVED,
    CELL_ALONE,
    CELL_HANDED_ON,
    CELL_REFUSED,
};

/* The kind of reader and of ring. */
typedef struct delivery_kind {
    uint32_t mode, reader_flags;    /* of slotring_reader_options_t */
    uint32_t when_full, ring_flags; /* of slotring_options_t */
    bool short_budget;              /* one that is soon over; else it is over after the test */
} delivery_kind_t;

typedef struct scene {
    delivery_kind_t kind;
    slotring_t *ring;
    peer_t reader;
    uint64_t published;
    /* In a ring that keeps: the oldest that nobody has freed yet, and how many of them the publisher frees when it finds no
     * slot, as the program does that has to confirm them. */
    slotring_ticket_t unfreed[DELIVERY_SLOTS];
    uint32_t unfreed_count, frees;
} scene_t;

/* What the reader is told to do, and says then. */
enum delivery_order {
    ORDER_TAKE,    /* waits for the next message, and releases it */
    ORDER_LOOK,    /* the same, and does not wait */
    ORDER_GIVE,    /* waits for it, and keeps it in its hands */
    ORDER_RELEASE, /* that one */
    ORDER_INFO,    /* its account */
    ORDER_LEAVE,   /* unsubscribes and ends */
};

typedef struct delivery_answer {
    int64_t code; /* of the library */
    uint64_t tag; /* of the message, and how often it was given before */
    uint64_t deliveries;
    slotring_reader_info_t info;
} delivery_answer_t;

static inline bool is_group(const delivery_kind_t *kind)
{
    return (kind->reader_flags & SLOTRING_GROUP) != 0;
}

/* The reader's options. */
slotring_reader_options_t delivery_options(const delivery_kind_t *kind, uint32_t start);

/* The ring; and the reader in it. What subscribing gave. */
void scene_open(scene_t *scene, const delivery_kind_t *kind);
int scene_reader(scene_t *scene, uint32_t start);
slotring_t *scene_ring(const delivery_kind_t *kind, const char *name);
/* The end of both. The reader may be gone already (`there` false). */
void scene_close(scene_t *scene, bool there);

/* Publishes the next message, if there is a slot for it at once. */
bool scene_publish(scene_t *scene);
/* So many, each at once. */
void scene_publish_many(scene_t *scene, uint64_t count);
/* One, which waits for its slot. */
void scene_publish_waiting(scene_t *scene);

/* Has the reader do something. The first one returns what the library said. */
delivery_answer_t scene_order(scene_t *scene, enum delivery_order order);
/* Has it take the messages from number `from` to before `to`, which are there. */
void scene_takes(scene_t *scene, uint64_t from, uint64_t to);
/* Its account, which adds up. */
slotring_reader_info_t scene_info(scene_t *scene);

/* What the ring says of it: who producers wait for, which must be this reader and nobody else; and the only subscription there is, or, of a group, the group's. */
slotring_blocker_t scene_blocker(const scene_t *scene);
slotring_reader_info_t only_reader(slotring_t *ring);
/* It has had all there is, and `missed` messages were gone. */
void scene_account(scene_t *scene, uint64_t missed);

/* A column: how its cell is tried in a scene. Fails unless what happens is what the cell says. */
typedef struct delivery_column {
    enum delivery_column_number column;
    void (*run)(scene_t *scene, enum delivery_cell cell);
    bool joins_late;  /* the reader is not there yet */
    bool ends_reader; /* it is not there any more afterwards */
    bool closes;      /* nor is the ring */
} delivery_column_t;

/* Tries the cell of each row, in a scene of its own. Readers that are refused are so in every column. */
void delivery_try(const delivery_column_t *column);

/* The role of the reader, of another, lossless one, of another member, and of a second producer; all are given the ring's name. */
void delivery_reader(peer_t *test, const char *name);
void delivery_other(peer_t *test, const char *name);
void delivery_member(peer_t *test, const char *name);
void delivery_producer(peer_t *test, const char *name);

#endif
