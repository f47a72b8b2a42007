/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that is a member of a group. */
#ifndef SR_MEMBER_H
#define SR_MEMBER_H

#include "protocol/group.h"
#include "traffic/readers/properties.h"
#include "traffic/readers/takeover.h"

/* Private to a reader. */
typedef struct sr__share {
    uint32_t group;  /* its number in the ring */
    uint64_t limits; /* that its options ask for; 0: those of the group */
    bool default_letters;
    sr__search_t search;
    /* The message taken last is a block of records, of which some are left: where the next one is, and its number. */
    bool in_block;
    uint32_t slot;
    uint64_t place, number;
    uint32_t count, capacity; /* what it has in its hands */
    sr__take_t taken[];
} sr__share_t;

int sr__member_make(slotring_reader_t *reader,
                    const sr__properties_t *properties); /* this reader is to be one. E_NO_MEMORY */
static inline uint64_t sr__member_group_word(const slotring_reader_t *reader)
{
    return reader->share ? (uint64_t)reader->share->group + 1 : 0;
}

/* A place for a new group. E_READERS: all are taken. Under the process mutex. */
int sr__member_find_place(slotring_reader_t *reader);
void sr__member_make_group(slotring_reader_t *reader);
/* Finds the group of this name, which is the reader's from now on. 0; SR__NO_SUCH_NAME; E_INVALID: the name is that of a durable
 * subscription of one reader; E_REVOKED: the group is closed. */
int sr__member_find(slotring_reader_t *reader, const char *name, bool locked, sr__named_t *named);
/* The reader's subscription, which is JOIN, becomes that of a member. */
void sr__member_begin(slotring_reader_t *reader, uint64_t joined);
/* False: the group's state has changed since it was found. The reader has no subscription then. */
bool sr__member_join(slotring_reader_t *reader, const sr__named_t *named);

/* Gives back what it has in its hands, before its subscription goes. */
void sr__member_leave(slotring_reader_t *reader);

#endif
