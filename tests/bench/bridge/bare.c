/* SPDX-License-Identifier: Apache-2.0 */
/* The bare engine: a stream of JetStream, as a program of its own would use it by libnats. Each entry names the one before, several are under
 * way, and an ordered consumer reads. It acknowledges nothing, so it has less to do than the bridge. */
#include "bench.h"

#include <nats/nats.h>
#include <stdlib.h>
#include <string.h>

#define STREAM "bare"

static jsCtx *context(const bench_t *b, natsConnection **connection)
{
    jsCtx *js = NULL;
    jsOptions o;
    natsOptions *options = NULL;
    need(natsOptions_Create(&options) == NATS_OK && natsOptions_SetURL(options, b->url) == NATS_OK &&
             natsOptions_SetTimeout(options, 5000) == NATS_OK,
         "options");
    need(natsConnection_Connect(connection, options) == NATS_OK, "the server");
    natsOptions_Destroy(options);
    need(jsOptions_Init(&o) == NATS_OK, "options of JetStream");
    o.PublishAsync.MaxPending = b->under_way;
    o.PublishAsync.StallWait = 30000;
    need(natsConnection_JetStream(&js, *connection, &o) == NATS_OK, "JetStream");
    return js;
}

static void prepare(bench_t *b)
{
    (void)b; /* the receiving end makes it: nothing of the client may be there before a fork */
}

static void receive(bench_t *b)
{
    natsConnection *connection;
    jsCtx *js = context(b, &connection);
    jsStreamConfig c;
    jsSubOptions o;
    natsSubscription *entries;
    const char *subject = STREAM ".entries";
    need(jsStreamConfig_Init(&c) == NATS_OK && jsSubOptions_Init(&o) == NATS_OK, "options");
    c.Name = STREAM;
    c.Subjects = &subject;
    c.SubjectsLen = 1;
    c.Storage = js_FileStorage;
    need(js_AddStream(NULL, js, &c, NULL, NULL) == NATS_OK, "a stream");
    o.Ordered = true;
    need(js_SubscribeSync(&entries, js, subject, NULL, &o, NULL) == NATS_OK, "a consumer");
    is_ready(b);
    for (uint64_t n = 0; n < b->units; n++) {
        natsMsg *msg;
        need(natsSubscription_NextMsg(&msg, entries, 60000) == NATS_OK, "an entry");
        take_stamp(b, natsMsg_GetData(msg));
        natsMsg_Destroy(msg);
    }
    has_ended(b);
    need(js_DeleteStream(js, STREAM, NULL, NULL) == NATS_OK, "to delete the stream");
}

static void send_all(bench_t *b)
{
    natsConnection *connection;
    jsCtx *js = context(b, &connection);
    uint8_t *buffer = calloc(1, b->unit);
    jsPubOptions o;
    need(buffer != NULL && jsPubOptions_Init(&o) == NATS_OK, "memory");
    for (uint64_t n = 0; n < b->units; n++) {
        stamp(b, n, buffer);
        o.ExpectLastSeq = n;
        o.ExpectNoMessage = n == 0;
        need(js_PublishAsync(js, STREAM ".entries", buffer, (int)b->unit, &o) == NATS_OK, "publish");
    }
    need(js_PublishAsyncComplete(js, NULL) == NATS_OK, "what was published");
    free(buffer);
}

const way_t bare_way = {"bare", prepare, receive, send_all, {NULL, NULL}, prepare};
