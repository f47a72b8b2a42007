/* SPDX-License-Identifier: Apache-2.0 */
/* The engine NATS JetStream: the log is a stream of a server. */
#ifndef BRIDGE_JETSTREAM_H
#define BRIDGE_JETSTREAM_H

#include "engine.h"

#define BRIDGE_JETSTREAM_SERVERS 8u

typedef struct bridge_jetstream_options {
    const char
        *servers[BRIDGE_JETSTREAM_SERVERS]; /* "nats://host:4222"; the others NULL. They are of one cluster */
    const char *user, *password, *token;    /* NULL: none */
    const char *credentials;                /* NULL, or a file with a token and a key of the user */
    bool tls;                               /* with certificates of the system, or with these files */
    const char *authorities;       /* NULL, or a file: who may have signed the server's certificate */
    const char *certificate, *key; /* NULL, or files: of this client */
    const char *stream; /* name: letters, digits, '-' and '_', 64 at most. It is made if there is none */
    uint64_t
        bytes; /* room of the log; 0: 256 MiB. It has to have room for the largest message, and an entry more */
    uint64_t entries;  /* 0: no limit */
    uint32_t replicas; /* 0: 1 */
    bool memory;       /* the server keeps it in memory only */
    bool
        drops_oldest; /* of a lossy remote: the stream drops its oldest entries, instead of refusing what comes */
    bool receives;   /* it takes the stream as its sender made it, and waits for that */
    bool only_looks; /* it makes no stream, and appends nothing */
} bridge_jetstream_options_t;

/* What speaks against these options with the client of this machine, in a sentence; NULL: nothing. */
const char *bridge_jetstream_doubt(const bridge_jetstream_options_t *options);

/* Makes the engine, and asks the server once. A server that does not answer is no error: the engine goes on asking. The texts must stay. */
int bridge_jetstream_open(bridge_engine_t **engine, const bridge_jetstream_options_t *options,
                          bridge_error_t *error);

/* The stream, as the server sees it. */
typedef struct bridge_jetstream_state {
    bool is_there;
    uint64_t first, last;                            /* sequences; last < first: it has none */
    uint64_t entries, entries_max, bytes, bytes_max; /* limits: 0: none */
    uint64_t replicas;
    bool drops_oldest;
    uint64_t last_at_ns; /* when the last entry was stored, by the server's clock; since 1970, UTC */
} bridge_jetstream_state_t;

int bridge_jetstream_look(bridge_engine_t *engine, bridge_jetstream_state_t *state);

#endif
