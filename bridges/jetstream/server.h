/* SPDX-License-Identifier: Apache-2.0 */
/* The connection to the server, and its stream. The client never reconnects by itself: each connection is another life of the engine, so
 * whatever was under way in the one before is known to be in doubt. */
#ifndef BRIDGE_JETSTREAM_SERVER_H
#define BRIDGE_JETSTREAM_SERVER_H

#include <nats/nats.h>

#include "jetstream/jetstream.h"

typedef struct jet {
    bridge_engine_t engine;
    bridge_jetstream_options_t options;
    char subject[96], life_subject[104];
    natsConnection *connection;
    jsCtx *context;
    uint64_t life;
    int64_t tried_ns; /* when it was last asked for a connection */

    natsInbox *inbox; /* of the answers to what was appended */
    natsSubscription *answers;
    uint64_t batch;          /* of the entries that follow each other; after an error a new one begins */
    uint64_t handed, stored; /* sequences of this batch; equal: nothing is under way */
    int64_t heard_ns;        /* when nothing was under way, or an answer came */
    uint64_t room;           /* bytes that the stream surely takes, since it was looked at last */

    natsSubscription *signs; /* of life; NULL: nobody asked for them */
    natsSubscription *entries;
    uint64_t next;   /* sequence that they give next */
    uint64_t begun;  /* life in which reading began with the oldest entry */
    bool from_start; /* they begin with the oldest, and have given nothing */
    natsMsg *entry;  /* the one that was given last */
    uint64_t to_drop, dropped;
    int64_t dropped_ns;
} jet_t;

static inline jet_t *jet_of(bridge_engine_t *engine)
{
    return (jet_t *)engine;
}

/* A connection, and a stream as it has to be. BRIDGE_CUT: not now. */
int jet_connect(jet_t *jet);
/* Ends the connection. */
void jet_drop(jet_t *jet);
void jet_forget_entry(jet_t *jet);
/* Notes what the client said, and drops the connection unless the server has answered. Gives BRIDGE_CUT or BRIDGE_REFUSED. */
int jet_fail(jet_t *jet, natsStatus status, jsErrCode code, const char *tried);
/* What a code of the server stands for. */
int jet_result_of(int code);

/* appending.c */
int jet_append_if(bridge_engine_t *engine, uint64_t last, const void *bytes, size_t size);
int jet_settle(bridge_engine_t *engine, int64_t timeout_ns, uint64_t *stored);
/* reading.c */
int jet_last(bridge_engine_t *engine, bridge_entry_t *entry);
int jet_read_from(bridge_engine_t *engine, uint64_t sequence, int64_t timeout_ns, bridge_entry_t *entry);
int jet_oldest(bridge_engine_t *engine, uint64_t *sequence);
int jet_ack(bridge_engine_t *engine, uint64_t sequence, uint64_t life);
/* signs.c */
int jet_beat(bridge_engine_t *engine, const void *bytes, size_t size);
int jet_hear(bridge_engine_t *engine, void *bytes, size_t *size);

#endif
