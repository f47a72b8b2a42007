/* SPDX-License-Identifier: Apache-2.0 */
/* The copy: a ring with the lineage and the numbers of the source, in which a proxy publishes for each producer there. */
#ifndef BRIDGE_TARGET_H
#define BRIDGE_TARGET_H

#include "bridge.h"
#include "lock.h"
#include "slotring/slotring.h"
#include "wire.h"

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
    slotring_slot_t slot;
    uint64_t filled, total;
} filling_t;

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
    uint64_t next;       /* number of the next publication */
    uint64_t marks_here; /* marks that were made since the number became this one */
    proxy_t *proxies;
    uint32_t proxy_count, proxy_room;
    filling_t filling;
} target_t;

/* Attaches to the ring, or makes it as the header says, and finds out where it ends. */
int bridge_target_open(target_t *target, const wire_header_t *header);
void bridge_target_close(target_t *target);

/* A producer of the source, by its frame. NULL: *target->error says why. */
proxy_t *bridge_target_proxy(target_t *target, const wire_frame_t *who);
/* The same, if it has published here; else NULL. */
proxy_t *bridge_target_known(target_t *target, const wire_frame_t *who);

/* Number target->next, whole or a part of it; waits for room. */
int bridge_target_message(target_t *target, proxy_t *proxy, const wire_frame_t *frame);
/* Gives up a message that is not complete. */
void bridge_target_give_up(target_t *target);
int bridge_target_gap(target_t *target, uint64_t count);
int bridge_target_mark(target_t *target, const wire_frame_t *frame);
int bridge_target_death(target_t *target, proxy_t *proxy, uint32_t how);
int bridge_target_end(target_t *target);
/* The way to all producers is lost. */
int bridge_target_lost(target_t *target);

#endif
