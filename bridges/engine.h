/* SPDX-License-Identifier: Apache-2.0 */
/* What a bridge needs of an engine: a log of entries with the sequences 1, 2, 3 … Any number of processes on any hosts may have the
 * same log open. One of them appends, the sender; one reads and acknowledges, the receiver. An engine fulfils this with a server, or
 * with files. The bridge, and not the engine, knows what is in an entry.
 *
 *   append_if  Hands over an entry that is to have the sequence last + 1, and to be stored only if the log's last entry is `last` then.
 *              (0: the log has never had one.) So two senders cannot both append, and a repeated append stores nothing twice. The engine
 *              copies the bytes. The entry is not stored when the call returns: `settle` says when. Several may be under way; if one is not
 *              stored, none after it is.
 *              Results: BRIDGE_WRONG_LAST, BRIDGE_FULL, BRIDGE_CUT, BRIDGE_REFUSED, BRIDGE_NO_MEMORY. After CUT the entry may be stored.
 *   settle     Waits until everything that was handed over is stored, or for so long (0: only looks).
 *              stored  out, in any case: all entries up to this one are stored. The engine will not lose them by a kill of any
 *                      process; what becomes of them when a machine fails is said by each engine.
 *              Results: BRIDGE_AGAIN (not all of it yet), and those of append_if. After an error other than AGAIN nothing is under way any
 *              more, and the sender finds out by `last` what is stored.
 *   last       The last entry of the log, with its bytes. sequence 0: the log has no entry. The receiver leaves the last entry
 *              unacknowledged, so it is there.
 *              Results: BRIDGE_CUT, BRIDGE_REFUSED.
 *   read_from  The first entry with at least this sequence; waits for it. 0: the oldest one that is there.
 *              Results: BRIDGE_AGAIN (none within the time), BRIDGE_LOST (begin again with 0: the engine was away, so
 *              that acknowledgements may be lost, and entries, whose sequences others will get), BRIDGE_CUT, BRIDGE_REFUSED.
 *   oldest     The sequence of the first entry that is not acknowledged; behind the last one: there is none.
 *              Results: BRIDGE_CUT, BRIDGE_REFUSED.
 *   ack        Nobody needs this entry and those before it any more: the log may drop them, and has room again.
 *              life  of the entry (bridge_entry_t). If the log has had another life since, the call does nothing: the sequence may
 *                    stand for another entry now.
 *              Results: BRIDGE_CUT, BRIDGE_REFUSED. After either, the entry may come again.
 *   beat       Gives a sign of life of the sender to whoever hears it now. It is not stored, and it may be lost.
 *              bytes  BRIDGE_SIGN_MAX at most.
 *              Results: BRIDGE_CUT, BRIDGE_REFUSED. Neither ends what is under way, and the call waits for nobody.
 *   hear       The newest sign of life that came since the last call.
 *              bytes  out: room for BRIDGE_SIGN_MAX.
 *              Results: BRIDGE_AGAIN (none came), BRIDGE_CUT. It waits for nobody.
 *   close      Ends it. What is under way may be stored or not.
 *
 * A log of a lossy remote is never full: it drops its oldest entry for a new one, whether that is acknowledged or not. Its reader then sees a
 * jump in the sequences.
 *
 * Each call is made by one thread at a time. No call waits longer than its timeout and a few seconds for a server that does not answer. */
#ifndef BRIDGE_ENGINE_H
#define BRIDGE_ENGINE_H

#include "bridge.h"

typedef struct bridge_entry {
    uint64_t sequence;
    uint64_t life;        /* changes when the engine was away, so that it may have lost entries meanwhile */
    const uint8_t *bytes; /* the engine's, until the next call of `last` or `read_from` */
    size_t size;
} bridge_entry_t;

typedef struct bridge_engine bridge_engine_t;

#define BRIDGE_SIGN_MAX 256u

typedef struct bridge_engine_calls {
    int (*append_if)(bridge_engine_t *engine, uint64_t last, const void *bytes, size_t size);
    int (*settle)(bridge_engine_t *engine, int64_t timeout_ns, uint64_t *stored);
    int (*last)(bridge_engine_t *engine, bridge_entry_t *entry);
    int (*read_from)(bridge_engine_t *engine, uint64_t sequence, int64_t timeout_ns, bridge_entry_t *entry);
    int (*oldest)(bridge_engine_t *engine, uint64_t *sequence);
    int (*ack)(bridge_engine_t *engine, uint64_t sequence, uint64_t life);
    int (*beat)(bridge_engine_t *engine, const void *bytes, size_t size);
    int (*hear)(bridge_engine_t *engine, void *bytes, size_t *size);
    void (*close)(bridge_engine_t *engine);
} bridge_engine_calls_t;

/* An engine's own struct begins with this one. */
struct bridge_engine {
    const bridge_engine_calls_t *calls;
    size_t entry_max;     /* bytes of an entry, at most */
    uint32_t under_way;   /* entries that may be under way at a time, at least 1 */
    bridge_error_t error; /* of the last call that gave none of OK and AGAIN */
};

#endif
