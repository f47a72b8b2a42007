/* SPDX-License-Identifier: Apache-2.0 */
/* A ring with one survivor, who knows what must be in it, and a victim that is stepped along one path through one
 * operation and killed after its n-th instruction. The survivor's lossless reader has to get every publication once,
 * whole and in order; what the victim published must be the first of what it tried to; every slot must come back;
 * and the statistics may lack no more than the operation that the victim was in. */
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

typedef struct path {
    const char *what;
    uint32_t slots;
    bool keep;
    bool sleeps; /* waits for time: killed around its system calls rather than everywhere */
    void (*prepare)(world_t *world); /* before each round */
    role_fn victim;                  /* one operation between step_begin and step_end */
    bool (*disturb)(world_t *world); /* asked before each instruction until it says that it has acted */
    uint64_t messages;               /* what the victim publishes when nobody disturbs it */
} path_t;

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
/* A slot in this state by somebody else than the survivor; slots if there is none. */
uint32_t world_slot_in(world_t *w, uint32_t state);

/* The test: kills at every instruction of the path, or, in the time that a test has, at a comb of them. */
void kill_on_path(const path_t *path);

/* For the victims. */
void victim_message(slotring_slot_t *slot, uint32_t writer, uint64_t number, uint64_t *length);

#endif
