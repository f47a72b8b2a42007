/* SPDX-License-Identifier: Apache-2.0 */
/* What an operation finds: a ring in some condition, or none. And the operations themselves. */
#ifndef TEST_INJECT_STAGE_H
#define TEST_INJECT_STAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "inject.h"
#include "support/ring.h"
#include "support/suite.h"

#define SLOTS 4u
#define SLOT_SIZE 64u
#define STRANGE_GROUP 54321u /* this process is not in it */

enum stage_flags {
    HOME = 1u << 0,         /* a ring with three messages, and a handle to it */
    UNUSED = 1u << 1,       /* a ring with three messages that nobody has open */
    DOOMED = 1u << 2,       /* that ring was to go with its last user, who was killed */
    DUE = 1u << 3,          /* the ring is to go with its last user, who is HOME */
    LONE_LOCK = 1u << 4,    /* a lock file without a ring */
    DEAD_ONE = 1u << 5,     /* a participant was killed that held a message, wrote one, and was subscribed */
    DEAD_HOG = 1u << 6,     /* one was killed that was writing into every slot */
    FULL = 1u << 7,         /* a lossless reader of another handle has read nothing, and every slot is full */
    SMALL_HOUSE = 1u << 8,  /* room for one participant more, and one reader */
    WATCHED = 1u << 9,      /* an observer's handle in `other` */
    FOREIGN = 1u << 10,     /* something else has the ring's name */
    READING = 1u << 11,     /* `reader` is HOME's, lossless, and has had everything */
    OLD = 1u << 13,         /* with UNUSED: that ring is from before a restart of the machine */
    LOST_LOCK = 1u << 14,   /* and its lock file is lost */
    FOR_A_GROUP = 1u << 15, /* HOME lets a strange group have lossless readers */
    MAY_END = 1u << 12      /* not of the stage: the operation waits, so a cancelled thread may end in it */
};

typedef struct stage {
    unsigned flags;
    slotring_t *home, *other, *opened;
    slotring_reader_t *reader;
    slotring_ticket_t ticket; /* of the last message */
    slotring_error_t error;   /* of a call that has such a parameter */
    bool has_error, has_no_sentence;
} stage_t;

void stage_set(stage_t *s, unsigned flags);
/* Closes and removes everything. */
void stage_clear(stage_t *s);
/* The options of every opening here: they do not wait for long. */
slotring_options_t stage_options(uint32_t mode);

typedef struct operation {
    const char *name;
    unsigned flags;
    int (*run)(stage_t *s); /* the call, or the few, whose failure is tried */
    int expected;           /* without any failure */
    int later;              /* when it is done again after it has failed in between; usually the same */
    const int *documented;  /* what slotring.h allows, 0 at the end */
} operation_t;

extern const operation_t open_operations[], unlink_operations[], look_operations[], use_operations[],
    dead_operations[];

extern const test_role_t stage_roles[];

#endif
