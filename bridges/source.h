/* SPDX-License-Identifier: Apache-2.0 */
/* The ring that is sent: what its reader is given, in the order in which it has to travel. */
#ifndef BRIDGE_SOURCE_H
#define BRIDGE_SOURCE_H

#include "bridge.h"
#include "pack.h"
#include "slotring/slotring.h"

/* One thing that travels. */
typedef struct item {
    uint32_t kind; /* WIRE_MESSAGE, WIRE_RECORD, WIRE_MARK, WIRE_GAP, WIRE_DEATH or WIRE_END */
    /* Of the publication: the message, or the slot with the record; if that is open still, of the next one. Else of the next one behind
     * it; of a gap: the first that is missing. */
    uint64_t number;
    uint64_t count; /* of a gap: how many numbers */
    bool is_told;   /* of a gap: the ring tells of it by a mark */
    uint32_t how;   /* of a death: as in slotring_end_by_proxy */
    slotring_slot_t slot;
    slotring_mark_t mark;
    pack_producer_t who; /* of a message or a death */
    bool takes_slot;     /* it has another slot than the message before it */
} item_t;

#define SOURCE_KNOWN 64u

typedef struct source {
    slotring_t *ring;
    slotring_info_t info;
    pack_producer_t known[SOURCE_KNOWN]; /* the producers that were asked for last */
    uint32_t known_count, known_next;
    bool has_writers;                          /* publications of writers are known to be there */
    uint64_t revoked, damaged, marks_not_told; /* how often; see bridge_sender_report_t */
} source_t;

/* What is asked of the producers. */
typedef struct source_wish {
    uint32_t pressure; /* enum bridge_pressure */
    uint64_t budget_messages, budget_ns;
    uint32_t start;  /* of a first sender */
    uint32_t window; /* messages that may be out at a time */
} source_wish_t;

/* A subscription, and where it stands. */
typedef struct feed {
    source_t *source;
    slotring_reader_t *reader; /* NULL: not yet */
    uint32_t pressure;         /* enum bridge_pressure */
    uint64_t number;           /* of the next publication that it will give */
    bool tells_end;            /* a WIRE_END is wanted when no stream is open any more */
    bool has_ended;            /* and was given */
    bool is_empty;             /* the last look found nothing */
    bool is_full;              /* nothing more comes until what is out is released */
    bool is_revoked;           /* producers do not wait for it: it has a budget, and was over it */
    bool had_any;              /* the subscription, before this reader began */
    uint64_t missed;           /* publications that the reader missed, as far as they were told */
    uint32_t slot;             /* of the last message */
} feed_t;

int bridge_source_open(source_t *source, const char *name, const slotring_options_t *options,
                       bridge_error_t *error);
void bridge_source_close(source_t *source);

/* The durable subscription of a lossless remote.
 *   start, cursor  out: numbers of the first message that it was ever to get, and of the next one. */
int bridge_source_subscribe(source_t *source, const char *remote, uint32_t start_from, uint32_t window,
                            feed_t *feed, uint64_t *start, uint64_t *cursor, bridge_error_t *error);
/* That of another one, which dies with its process.
 *   number  where the log ends; NULL: it has nothing yet, and the first message is as the wish says. What the ring no longer has from there
 *           on shows as a gap.
 * BRIDGE_AGAIN: not now. */
int bridge_source_listen(source_t *source, const char *remote, const source_wish_t *wish,
                         const uint64_t *number, feed_t *feed, bridge_error_t *error);
/* Has producers wait again for a reader that was over its budget, once it has caught up. */
void bridge_source_rearm(feed_t *feed);
/* Ends what is out up to this message. */
int bridge_source_release(feed_t *feed, const slotring_slot_t *slot, bridge_error_t *error);

/* Another one over what the ring still has from `number` on. BRIDGE_AGAIN: it has nothing of that. */
int bridge_source_look_back(source_t *source, uint32_t pressure, uint64_t number, feed_t *feed,
                            bridge_error_t *error);

/* A producer as its frame names it. */
void bridge_source_note(pack_producer_t *who, const slotring_participant_t *participant);
/* The producers that live, at most PACK_PRODUCERS, and how many died so far. BRIDGE_AGAIN: they are more. */
int bridge_source_lives(source_t *source, pack_producer_t *who, uint32_t *count, uint64_t *deaths,
                        bridge_error_t *error);
/* Has a writer ever published? Then has_writers says so. */
int bridge_source_look_for_writers(source_t *source, bridge_error_t *error);

#define FEED_ITEMS 2u /* that a look may give: what is missing before a message, and the message */

/* What is missing, and was not told, since nothing came behind it. */
int feed_rest(feed_t *feed, item_t items[FEED_ITEMS], unsigned *count, bridge_error_t *error);
/* Waits for so long for what comes next. BRIDGE_AGAIN: nothing, or is_full. */
int feed_take(feed_t *feed, int64_t timeout_ns, item_t items[FEED_ITEMS], unsigned *count,
              bridge_error_t *error);

#endif
