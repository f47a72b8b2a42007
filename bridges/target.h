/* SPDX-License-Identifier: Apache-2.0 */
/* The copy: a ring with the lineage and the numbers of the source, in which a proxy publishes for each producer there. */
#ifndef BRIDGE_TARGET_H
#define BRIDGE_TARGET_H

#include "bridge.h"
#include "lock.h"
#include "reached.h"
#include "slotring/slotring.h"

/* Producers of the source that have published here. */
typedef struct proxy {
    uint64_t index, incarnation;
    slotring_t *handle;
    bool is_open; /* its stream */
} proxy_t;

/* A large message that is being filled. */
typedef struct filling {
    bool is_there;
    slotring_t *handle;
    slotring_writer_t *writer; /* of a writer's message */
    slotring_slot_t slot;
    uint64_t filled, total;
} filling_t;

/* A writer of the source, in the same row here. */
typedef struct target_writer {
    slotring_writer_t *writer; /* NULL: none is open */
    slotring_t *handle;        /* its proxy's */
} target_writer_t;

typedef struct target {
    const char *name;
    const slotring_options_t *options; /* as the caller gave them */
    const bridge_stop_t *stop;
    bridge_waits_t *waits;
    bridge_error_t *error;
    bridge_lock_t lock;
    slotring_t *ring;         /* NULL: not opened yet */
    slotring_options_t place; /* how a proxy opens it */
    bool keeps_times;
    uint64_t next;       /* number of the next message that is no writer's */
    uint64_t marks_here; /* marks that were made since the last message or gap */
    target_writer_t *writers;
    uint32_t writer_count, counting_row;
    uint64_t passed;   /* numbers that are no messages, since they were slots of writers at the source */
    reached_t reached; /* so far each writer is */
    proxy_t *proxies;
    uint32_t proxy_count, proxy_room;
    filling_t filling;
    uint64_t filling_number; /* of the message, or of the writer's */
} target_t;

/* Attaches to the ring, or makes it as the header says, and finds out where it ends. */
int bridge_target_open(target_t *target, const wire_header_t *header);
void bridge_target_close(target_t *target);

/* A producer of the source, by its frame. NULL: *target->error says why. */
proxy_t *bridge_target_proxy(target_t *target, const wire_frame_t *who);
/* The same, if it has published here; else NULL. */
proxy_t *bridge_target_known(target_t *target, const wire_frame_t *who);

/* Number target->next, or the message of a writer, whole or a part of it; waits for room. */
int bridge_target_message(target_t *target, proxy_t *proxy, const wire_frame_t *frame);
/* Gives up a message that is not complete. */
void bridge_target_give_up(target_t *target);
int bridge_target_gap(target_t *target, uint64_t count);
int bridge_target_mark(target_t *target, const wire_frame_t *frame);
int bridge_target_death(target_t *target, proxy_t *proxy, uint32_t how);
int bridge_target_end(target_t *target);
/* These live, and no others. `deaths` of the others were not told. */
int bridge_target_lives(target_t *target, const wire_frame_t *who, uint32_t count, uint64_t deaths);
/* The way to all producers is lost. */
int bridge_target_lost(target_t *target);
/* A call found no room: is there a reason to ask again? */
int bridge_target_wait(target_t *target, int code);

/* ---- writers.c: writers of the target --------------------------------------------------------------- */

/* Where each one is, and where messages of none are. `source_writers`: so many rows the source has. */
int bridge_writers_find(target_t *target, uint32_t source_writers);
/* They give up what they have open, and are closed; the next message of each opens it again. */
void bridge_writers_rest(target_t *target);
/* Those of one handle, for good. */
void bridge_writers_leave(target_t *target, const slotring_t *handle);
/* The next `count` numbers are no messages. proxy: whose message comes behind them, or NULL. */
int bridge_target_pass(target_t *target, proxy_t *proxy, uint64_t count);
/* Room for a message, with its number; those before it are missing. And its end. */
int bridge_target_begin_record(target_t *target, proxy_t *proxy, const wire_frame_t *frame);
int bridge_target_commit_record(target_t *target, const wire_frame_t *frame, slotring_writer_t *writer,
                                slotring_slot_t *slot);

#endif
