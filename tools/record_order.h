/* SPDX-License-Identifier: Apache-2.0 */
/* What a recording says of each message besides its bytes, in the second channel of a ring; and how far a recording is in a ring. */
#ifndef SLOTRING_TOOL_RECORD_ORDER_H
#define SLOTRING_TOOL_RECORD_ORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "bytes.h"
#include "slotring/slotring.h"

#define ORDER_ENTRY 64u /* bytes in the file */
#define ORDER_NO_WRITER UINT16_MAX

enum {
    ORDER_MESSAGE = 1,       /* belongs to the next message of the ring's first channel in this chunk */
    ORDER_GAP = 2,           /* `length` publications are missing, from `sequence` on */
    ORDER_GAP_OF_WRITER = 3, /* `length` messages of `writer` are missing, from `number` on */
    ORDER_MARK = 4,          /* mark `number` lies here, before publication `sequence` */
    /* The durable subscription that began at `sequence` has counted `length` publications as missed, of which the recording has told. */
    ORDER_ACCOUNT = 5,
};

/* Docs/recording.md has the layout. Of a ticket: ring id of the channel, sequence (of a record its number), slot, flags. */
typedef struct order_entry {
    uint64_t sequence, tag, time_ns, number, length, incarnation;
    uint32_t slot, flags;
    uint16_t producer, writer, kind, message_kind;
} order_entry_t;

void order_put(bytes_t *bytes, const order_entry_t *entry);
void order_get(const unsigned char *at, order_entry_t *entry);
void order_of_slot(const slotring_slot_t *slot, order_entry_t *entry);

/* How far a recording is in one ring. */
typedef struct place {
    uint8_t ring_id[16];
    bool begun;             /* there is something of this ring */
    uint64_t next_sequence; /* all publications below are there, or told as missing */
    uint64_t next_mark;
    bool has_account; /* the last ORDER_ACCOUNT */
    uint64_t account_start, account_missed;
    uint32_t writers; /* in next_number */
    uint64_t *next_number;
} place_t;

void place_free(place_t *place);
/* False: no memory. */
bool place_copy(place_t *to, const place_t *from);
/* Is the entry's message, or mark, in the recording already? */
bool place_has(const place_t *place, const order_entry_t *entry);
/* It is now. False: no memory. */
bool place_note(place_t *place, const order_entry_t *entry);
uint64_t place_number(const place_t *place, uint16_t writer);

/* As texts of a map of metadata: the ring's id, and the place. Adds both. */
void place_put(bytes_t *map, const place_t *place);
/* False: it is not such a text, or no memory. */
bool place_get(place_t *place, const char *id, const char *text);

void ring_id_text(const uint8_t id[16], char text[33]);
bool ring_id_read(const char *text, uint8_t id[16]);

#endif
