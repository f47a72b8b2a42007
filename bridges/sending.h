/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of a sender: the queue between the ring and the log.
 *
 *   items   head … packed … tail   what was taken from the ring, and is not known to be stored. Messages from head on are out: the ring
 *                                  keeps them, and its producers wait for them.
 *   ways    entries that were handed to the engine, and up to which item each one goes. When it is stored, head moves there. */
#ifndef BRIDGE_SENDING_H
#define BRIDGE_SENDING_H

#include "pack.h"
#include "sender.h"
#include "source.h"

typedef struct way {
    uint64_t sequence;
    uint64_t end; /* of items */
} way_t;

/* Who lives, as a sender that begins asked the ring: for the target, which the sender before may have told less. */
typedef struct lives {
    bool is_wanted;  /* and not told yet */
    uint64_t number; /* all that others published lies before it */
    uint64_t deaths;
    uint32_t count;
    pack_producer_t who[PACK_PRODUCERS];
} lives_t;

typedef struct sending {
    const bridge_sender_options_t *options;
    bridge_sender_report_t *report;
    bridge_error_t *error;
    bridge_engine_t *engine;
    bridge_waits_t waits;
    int64_t pack_ns;
    source_t source;
    feed_t feed;
    uint64_t began; /* number of the first message that the subscription was ever to get */
    item_t *items;
    uint32_t capacity, window;
    uint64_t head, packed, tail;
    uint64_t held, held_max; /* slots of what is out, of a remote that is not lossless */
    way_t *ways;
    uint32_t way_count;
    pack_t pack;
    wire_place_t place;   /* behind what is in the entries and in the pack */
    reached_t reached;    /* so far each writer is there */
    uint64_t part_offset; /* so much of items[packed] is in entries already */
    uint64_t last;        /* sequence of the last entry that was handed over */
    uint8_t id[16];
    uint64_t slots_out; /* of the messages in the queue */
    /* What was stored: behind the last message that is no writer's; the source's mark behind the last one; so far each writer. */
    uint64_t number_done, marks_done;
    reached_t reached_done;
    int64_t looked_ns;   /* when the log was last looked at, or appended to */
    int64_t beat_ns;     /* when the last sign of life was given */
    bool must_look_back; /* for marks that the log may have lost before this sender began */
    bool must_drain;     /* before anything more is taken */
    bool is_new;         /* the log has no entry at all */
    uint64_t
        turn; /* of the latest: an entry that the receiver has to reach before the next message is taken */
    unsigned turn_tries;
    reached_t looked;  /* rows of which this sender has found out where the log ends */
    reached_t written; /* so far each writer was, before the subscription was found empty */
    bool may_look, has_looked;
    uint64_t deaths;        /* of producers that are told, up to `place` */
    uint64_t deaths_before; /* when this sender began */
    lives_t lives;
    uint64_t first; /* sequence of the first entry of this sender */
    bool has_log;   /* the log has an entry of this sender: a foreign one behind it fences this sender off */
} sending_t;

/* Slots that this message keeps from producers while it is out. */
static inline uint64_t sending_slots_of(const sending_t *s, const item_t *item)
{
    uint64_t slot_size = s->source.info.slot_size;
    if (item->kind != WIRE_MESSAGE || s->options->pressure == BRIDGE_LOSSLESS)
        return s->options->pressure != BRIDGE_LOSSLESS && item->takes_slot;
    return item->slot.length > slot_size ? (item->slot.length + slot_size - 1) / slot_size : 1;
}

static inline item_t *sending_item(const sending_t *s, uint64_t index)
{
    return &s->items[index % s->capacity];
}

/* ---- sending.c: into entries, and to the engine ---------------------------------------------------- */

/* Between two steps, and two tries: gives a sign of life when one is due. True: it was asked to stop. */
bool sending_pauses(sending_t *s);
/* Is all of it in the log, or on the way there? */
bool sending_has(const sending_t *s, const item_t *item);
/* An empty entry. */
int sending_begin_entry(sending_t *s);
/* Packs what was taken, and sends each entry that is full. */
int sending_pack(sending_t *s);
/* Sends the entry, unless it is empty. */
int sending_flush(sending_t *s);
/* Packs this one item, which is not in the queue. */
int sending_add(sending_t *s, const item_t *item);
/* Sends what is packed, and waits until all is stored. */
int sending_finish(sending_t *s);
/* The log has refused an entry, since it is full. */
void sending_is_full(sending_t *s);
/* Releases what is stored by now; waits for all of it for so long. BRIDGE_AGAIN: not all is stored. */
int sending_settle(sending_t *s, int64_t timeout_ns);
/* Takes the items before `end` from the queue, and releases their messages. */
int sending_pop(sending_t *s, uint64_t end);

/* ---- turns.c: the latest ----------------------------------------------------------------------------- */

/* May the next message be taken? BRIDGE_AGAIN: not yet, and a while has passed. */
int sending_turn(sending_t *s);

/* ---- looking.c: what the engine has lost ------------------------------------------------------------- */

/* Sends again what the ring has of what was released, before the message `end`; tells the rest. */
int sending_look_back(sending_t *s, uint64_t end);
/* The same of the writer of this message, which is about to be packed, if it is the first one of it. */
int sending_look_before(sending_t *s, const item_t *item);
/* The same of all writers; the subscription was found empty, and all that it gave is stored. */
int sending_look_when_empty(sending_t *s);

/* ---- lives.c: who lives ------------------------------------------------------------------------------ */

/* Asks the ring who lives, if the log had another sender. */
int sending_ask_who_lives(sending_t *s);
/* Has all come that others had published? */
bool sending_may_say_who_lives(const sending_t *s);
/* Says so, behind all that was taken, and waits until it is stored. */
int sending_say_who_lives(sending_t *s);

/* ---- resuming.c: where to go on --------------------------------------------------------------------- */

/* Goes back to what the log has, at the beginning or after an error; asks again until there is an answer. If the log has no entry of this
 * sender, it says that it has begun. From then on the one before is fenced off. */
int sending_resume(sending_t *s);
/* Has the log still what it acknowledged? BRIDGE_WRONG_LAST: no. For a sender that has nothing to send, which would not notice. */
int sending_look(sending_t *s);

#endif
