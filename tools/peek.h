/* SPDX-License-Identifier: Apache-2.0 */
/* Which messages slotring peek shows, and how it gets them: an observer copies one, if it is still there. */
#ifndef SLOTRING_TOOL_PEEK_H
#define SLOTRING_TOOL_PEEK_H

#include <stdbool.h>
#include <stdint.h>

#include "look.h"
#include "peek_list.h"

/* What comes next of the records of one writer. */
typedef struct peek_row {
    uint64_t next;            /* number */
    slotring_ticket_t ticket; /* of a record of the slot that was looked at last; flags 0: none */
} peek_row_t;

typedef struct peek {
    slotring_t *ring;
    look_t look;
    uint64_t last;     /* messages to begin with */
    uint64_t sequence; /* with --sequence */
    bool tagged;       /* only messages with this tag */
    uint64_t tag, every;
    bool by_writer; /* only messages of this writer */
    uint32_t writer;
    uint64_t number; /* with --number */
    uint64_t count;  /* messages in all; UINT64_MAX: any number */
    uint64_t shown;  /* messages */
    uint64_t missed; /* gone before they could be copied */
    uint64_t places; /* of the order, likewise: messages, or slots with records, which count for themselves */
    uint64_t next;   /* sequence of what comes next */
    peek_row_t *rows;
    uint32_t row_count;
    unsigned char *buffer;
    uint64_t size; /* of buffer */
    int code;      /* of what went wrong with a message, and did not end the command */
} peek_t;

/* ---- Messages ------------------------------------------------------------------------------------- */

/* A message by its ticket, or without one by its sequence. */
typedef struct peek_what {
    const slotring_ticket_t *ticket;
    uint64_t sequence;
} peek_what_t;

/* Is it there, and wanted? Only its control data are looked at. 0: yes; 1: not wanted; else an error of the library. */
int peek_look(const peek_t *peek, peek_what_t what, slotring_slot_t *message);
/* Shows it, if it is wanted. 0: done with it; else why it is not there, or *code, which was reported. */
int peek_show(peek_t *peek, peek_what_t what, int *code);

/* Each gives 0, or an exit code after it was reported. What comes next, in the order and of each writer. */
int peek_begin(peek_t *peek);
/* The message peek->sequence. */
int peek_one(peek_t *peek);
/* The message peek->number of peek->writer. */
int peek_number(peek_t *peek);
/* The newest peek->last of those that are wanted, before what comes next. */
int peek_last(peek_t *peek);
/* Those that come. */
int peek_follow(peek_t *peek);

/* ---- Messages of writers -------------------------------------------------------------------------- */

/* The newest `most` of each writer, or of peek->writer, into the list. Without --writer only records: others have sequences. */
int peek_writers_find(peek_t *peek, uint64_t most, peek_list_t *list);
/* Shows what writers have written since. *any: there was something. */
int peek_writers_follow(peek_t *peek, bool *any);

#endif
