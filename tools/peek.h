/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages slotring peek shows, and how it gets them: an observer copies one, if it is still there. */
#ifndef SLOTRING_TOOL_PEEK_H
#define SLOTRING_TOOL_PEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "look.h"

typedef struct peek {
    slotring_t *ring;
    look_t look;
    uint64_t last;     /* messages to begin with */
    uint64_t sequence; /* with --sequence */
    bool tagged;       /* only messages with this tag */
    uint64_t tag, every;
    uint64_t count;  /* messages in all; UINT64_MAX: any number */
    uint64_t shown;  /* messages */
    uint64_t missed; /* with --follow: gone before they could be copied */
    uint64_t blocks; /* slots with records that were passed over */
    unsigned char *buffer;
    uint64_t size; /* of buffer */
    int code;      /* of what went wrong with a message, and did not end the command */
} peek_t;

/* Each gives 0, or an exit code after it was reported. The message peek->sequence. */
int peek_one(peek_t *peek);
/* The sequence that the next publication will have. */
int peek_next_sequence(peek_t *peek, uint64_t *next);
/* The newest peek->last of those that are wanted, below `next`. */
int peek_last(peek_t *peek, uint64_t next);
/* Those that come, from `at` on. */
int peek_follow(peek_t *peek, uint64_t at);

#endif
