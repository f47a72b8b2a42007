/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that slotring peek may show: found first, put in order, and then shown. */
#ifndef SLOTRING_TOOL_PEEK_LIST_H
#define SLOTRING_TOOL_PEEK_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "slotring/slotring.h"

typedef struct peek_item {
    slotring_ticket_t ticket;
    uint64_t time_ns;  /* 0: none */
    uint64_t sequence; /* UINT64_MAX: of a record whose slot is still written */
    uint64_t number;
    uint32_t writer;
} peek_item_t;

typedef struct peek_list {
    peek_item_t *items;
    size_t count, room;
} peek_list_t;

/* False: no memory. */
bool peek_list_add(peek_list_t *list, const slotring_slot_t *message);
/* The oldest first: by time stamps; without these by the places of slots in the ring, where records of a slot that is still written come
 * last. */
void peek_list_sort(peek_list_t *list);
void peek_list_free(peek_list_t *list);

#endif
