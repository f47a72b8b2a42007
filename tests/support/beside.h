/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that stands still inside a call, and another one of its handle that uses the same publication beside it; a
 * third that stands still between its count and the shared bit already; and a producer that takes all it can get. */
#ifndef TEST_BESIDE_H
#define TEST_BESIDE_H

#include <stdbool.h>
#include <stdint.h>

#include "ring.h"
#include "trap.h"

#define SLOTS 3u
#define WORLDS 4u /* by their number: pinned or not, a ring that keeps or not */

enum fate {
    GOES_ON,
    NEVER_DOES,
    FATES,
    IS_KILLED = FATES /* with its process: in rounds of their own */
};

typedef struct operation {
    const char *name;
    void (*prepare)(void);
    void (*run)(void *context); /* stopped somewhere */
    bool may_be_gone;           /* may the publication be gone when it is stopped? */
    bool overwritten;           /* has its place in the order been taken? */
    bool with_reader, from_oldest;
} operation_t;

typedef struct act {
    const char *name;
    void (*run)(void);
} act_t;

/* One round: what happens, and what the threads have. */
typedef struct beside {
    const operation_t *operation;
    const act_t *act;
    enum fate fate;
    bool keeps, stuck;

    slotring_t *ring, *writer; /* of the threads; of a producer that takes all it can get */
    slotring_reader_t *reader, *other_reader;
    slotring_ticket_t ticket;
    slotring_slot_t mine, theirs; /* of the one that stops, of the other one */
    bool has_theirs;
    bool stopped; /* did it come to where it was to stop */
    bool beside;  /* a thread stands still: others neither wait nor turn for it */
    uint32_t turns;
    uint8_t buffer[64];
} beside_t;
extern beside_t now;

extern const act_t acts[]; /* of the other thread */
#define ACTS 7u
#define COMBINATIONS (ACTS * FATES)

/* Makes the ring, with one publication, whose ticket is now.ticket. `combination`: an act and a fate. */
void begin_round(const operation_t *operation, unsigned world, unsigned long combination);
/* Opens the handle of the threads; stops the third one; prepares the operation. */
void attach_threads(void);
/* For trap_run_to: the other thread acts, and then the fate comes. */
enum trap_answer act_beside(void *context, unsigned long done);
/* `completed`: the stopped thread went on to its end. */
void end_round(bool completed);

/* Lets a thread of `ring` take the publication, and stop while it releases it: the bit is cleared, and nobody can rely on
 * it. */
void stop_while_releasing(slotring_t *ring);
void overwrite_all(void);
void check_all_free(slotring_t *ring);

#endif
