/* SPDX-License-Identifier: Apache-2.0 */
/* Who publishes how much: the messages that an observer sees go by, or as many of them as it can. */
#ifndef SLOTRING_TOOL_SAMPLE_H
#define SLOTRING_TOOL_SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

enum {
    SAMPLE_PRODUCERS = 256 /* that are told apart; those of further ones count as nobody's */
};

typedef struct sample_producer {
    uint32_t index;
    uint64_t incarnation, messages;
} sample_producer_t;

typedef struct sample {
    uint64_t next;                     /* sequence to look at */
    uint64_t seen, passed;             /* messages; passed: too fast to be looked at */
    uint64_t last_ns;                  /* the time stamp of the message before; 0: none */
    uint64_t steps, least_ns, most_ns; /* between two time stamps that follow each other */
    double sum_ns;
    uint32_t count;
    sample_producer_t producers[SAMPLE_PRODUCERS];
} sample_t;

/* Begins with the next message that will be published. */
void sample_begin(sample_t *sample, uint64_t published);
/* Looks at what has come, below the sequence `end`. False: the ring cannot be looked at any more. */
bool sample_look(sample_t *sample, slotring_t *ring, uint64_t end);
/* Messages of this participant that were seen: not those of writers, which have numbers of their own. */
uint64_t sample_of(const sample_t *sample, const slotring_participant_t *participant);

#endif
