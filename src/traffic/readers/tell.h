/* SPDX-License-Identifier: Apache-2.0 */
/* Telling a reader of marks. */
#ifndef SR_TELL_H
#define SR_TELL_H

#include "protocol/marks.h"

/* A durable reader has gone on from it, and is done with it when its cursor has come to the place: marks_done.c. */
struct sr__waiting_mark {
    uint64_t before; /* sr__window_place, where the mark was told */
    uint64_t serial;
};

/* What a reader that asks for marks knows of them. */
struct sr__told {
    uint64_t seen;                   /* the word `marks` at the last complete look */
    uint64_t due;                    /* place of the next mark; SR__NO_SEQUENCE: there is none */
    uint64_t next[SR__MARK_CLASSES]; /* number of the next one of each class */
    uint64_t accounted; /* serial: all marks below were told, or displaced, or are not this reader's */
    bool any;           /* `mark` is one */
    enum sr__mark_class found_class; /* of `found`, which is to be told next */
    sr__mark_copy_t found, mark;     /* mark: told last, or the run in which the reader began */
    uint64_t not_told;               /* displaced between `mark` and the one that was told before it */
    /* Of a durable reader. */
    bool goes_on;   /* an earlier owner was done with all marks below `accounted` */
    bool fresh;     /* it has not gone on from `mark` */
    uint64_t first; /* serial: all marks below lie before its start */
    uint32_t waiting_count, waiting_room;
    struct sr__waiting_mark *waiting; /* the oldest first */
};

int sr__tell_make(slotring_reader_t *reader);
void sr__tell_free(slotring_reader_t *reader);
/* The reader begins at `start`. */
int sr__tell_join(slotring_reader_t *reader, uint64_t start);
/* The reader is the next owner of a durable subscription, at `cursor`. */
int sr__tell_go_on(slotring_reader_t *reader, uint64_t cursor);

/* Is a look at the marks due, for a reader that is at `at`? After the order's entry was loaded there. */
static inline bool sr__tell_is_due(const slotring_reader_t *reader, uint64_t at)
{
    const struct sr__told *told = reader->told;
    return told && (sr__load(&reader->ring->member.view.state->marks) != told->seen || at >= told->due);
}

/* SR__MARK: one is to be told before what is at `at`, told->found. 0: none. */
int sr__tell_look(slotring_reader_t *reader, uint64_t at);
/* Tells it: E_MARK. */
int sr__tell_take(slotring_reader_t *reader);

#endif
