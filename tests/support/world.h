/* SPDX-License-Identifier: Apache-2.0 */
/* A ring with one survivor, who knows what must be in it, and victims that are killed inside operations. The
 * survivor's lossless reader has to get every publication once, whole and in order; what a victim published must be
 * the first of what it tried to; every slot must come back; and the statistics may lack no more than the operation
 * that the victim was in. */
#ifndef TEST_WORLD_H
#define TEST_WORLD_H

#include "process.h"
#include "ring.h"

#define WORLD_SLOTS_MAX 32u
#define SURVIVOR 9u /* who writes, in the tags */
#define VICTIM 1u
#define OTHER_VICTIM 2u

typedef struct world {
    slotring_t *ring;
    slotring_reader_t *reader;
    uint32_t slots;
    bool keep;
    uint64_t expected;   /* the reader's next sequence */
    uint64_t number;     /* of the survivor's next message */
    uint64_t read_next;  /* number of its next message that the reader gets */
    uint64_t victims[3]; /* in this round: next number that the reader gets, by writer */
    uint64_t last_length[3];
    uint64_t bytes;  /* in this round: of what the reader got */
    uint64_t deaths; /* that the reader was told */
    uint64_t killed; /* in this round */
    slotring_stats_t before;
    uint64_t uncounted_before;
    slotring_slot_t held[WORLD_SLOTS_MAX];
    uint64_t held_tags[WORLD_SLOTS_MAX];
    uint32_t held_count;
    slotring_ticket_t target; /* for the victim */
    pid_t stopped;            /* a second victim, standing inside an operation; 0: none */
    bool quiet;               /* the reader has been left behind on purpose */
} world_t;

/* The world that the running test and its victims (which inherit it) are in. */
extern world_t world;

/* For `prepare` and `disturb`. */
slotring_ticket_t world_publish(world_t *w);      /* and read it */
slotring_ticket_t world_publish_only(world_t *w); /* the reader stays behind until the end of the round */
bool world_try_publish(world_t *w);               /* if there is a slot */
void world_read(world_t *w);                      /* all there is */
void world_hold(world_t *w, const slotring_ticket_t *ticket);
void world_empty(world_t *w);               /* every slot FREE */
void world_fill(world_t *w);                /* no slot FREE, everything read */
slotring_ticket_t world_oldest(world_t *w); /* of the publications that are there */
/* A slot in this state by somebody else than the survivor, COMMIT only if it is not listed; slots if there is none. */
uint32_t world_slot_in(world_t *w, uint32_t state);

/* A new ring with its survivor; and the end of it. flags: of slotring_options_t. */
void world_open(world_t *w, uint32_t slots, bool keep, uint32_t flags);
void world_close(world_t *w);
/* Around each round: before the victim starts, and after it was killed (world.killed says how many were), when all
 * must be as it should; the victim must have published between `least` and `most` messages. */
void world_begin(world_t *w);
void world_check(world_t *w, uint64_t least, uint64_t most);

/* For the victims. */
void victim_message(slotring_slot_t *slot, uint32_t writer, uint64_t number, uint64_t *length);
void victim_publishes(slotring_t *ring, uint64_t from,
                      uint64_t to);                /* its messages from `from` to before `to` */
void victim_takes(slotring_reader_t *reader);      /* the next message, if there is one */
void victim_frees(peer_t *test, const char *name); /* a victim that frees world.target */

#endif
