/* SPDX-License-Identifier: Apache-2.0 */
/* Each append is a request, and its answer comes to a subject that ends with the sequence that it is to have. The answers are read here, in
 * the caller's thread: the client's own asynchronous publishing has callbacks in other threads, and a list of what is pending that has to
 * be taken back after an error.
 *
 * What was under way when an error came may still lie in the server, or in a connection that is lost, and be looked at later, behind what
 * is appended anew. Its sequence may be right then, and its place in the ring would be wrong. So each entry has a name that no other one
 * ever has, and each but the first of a batch names the one before as well. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "jetstream/server.h"

#define SILENT_NS INT64_C(10000000000) /* so long without an answer: cut */
#define ADDED \
    1024u /* bytes of an entry besides its own, at most: a header with its names, the subject, the server's */

static natsStatus name_it(const jet_t *jet, natsMsg *msg, uint64_t last)
{
    char text[200];
    (void)snprintf(text, sizeof text, "%s.%" PRIu64 ".%" PRIu64, jet->inbox, jet->batch, last + 1);
    natsStatus status = natsMsgHeader_Set(msg, "Nats-Msg-Id", text);
    (void)snprintf(text, sizeof text, "%s.%" PRIu64 ".%" PRIu64, jet->inbox, jet->batch, last);
    if (status == NATS_OK && jet->handed > jet->stored)
        status = natsMsgHeader_Set(msg, "Nats-Expected-Last-Msg-Id", text);
    (void)snprintf(text, sizeof text, "%" PRIu64, last);
    /* A server takes 0 for no expectation at all, but not of a subject. */
    if (status == NATS_OK)
        status = natsMsgHeader_Set(
            msg, last > 0 ? "Nats-Expected-Last-Sequence" : "Nats-Expected-Last-Subject-Sequence", text);
    return status;
}

/* A server that refuses what is more than the limit compares without what it adds to the bytes of an entry; for one that fits but for that,
 * it drops the oldest one (seen with 2.9.10). So the room is counted here: nobody else appends, and the receiver only makes more of it. */
static int find_room(jet_t *jet, size_t size)
{
    bridge_jetstream_state_t state;
    uint64_t needed = size + ADDED;
    if (jet->options.drops_oldest)
        jet->room = needed;
    if (jet->room >= needed)
        return BRIDGE_OK;
    int failed = bridge_jetstream_look(&jet->engine, &state);
    if (failed)
        return failed;
    if (!state.is_there)
        return jet_fail(jet, NATS_NOT_FOUND, JSStreamNotFoundErr, "cannot append");
    uint64_t under_way = jet->handed > state.last ? jet->handed - state.last : 0;
    uint64_t used = state.bytes + under_way * (jet->engine.entry_max + ADDED);
    jet->room = state.bytes_max == 0 ? UINT64_MAX : state.bytes_max > used ? state.bytes_max - used : 0;
    if (jet->room >= needed)
        return BRIDGE_OK;
    if (under_way == 0 && state.entries <= 1) /* the last entry, which stays */
        return bridge_fail(&jet->engine.error, BRIDGE_REFUSED,
                           "stream %s of the server takes %" PRIu64
                           " bytes, and has never room for an entry of %zu "
                           "beside its last one, of %" PRIu64 ": it has to be larger, or the entries smaller",
                           jet->options.stream, state.bytes_max, size, state.bytes);
    return bridge_fail(&jet->engine.error, BRIDGE_FULL, "the stream is full");
}

int jet_append_if(bridge_engine_t *engine, uint64_t last, const void *bytes, size_t size)
{
    jet_t *jet = jet_of(engine);
    natsMsg *msg = NULL;
    char reply[200];
    uint64_t life = jet->life;
    bool is_under_way = jet->handed > jet->stored;
    int failed = jet_connect(jet);
    if (!failed)
        failed = find_room(jet, size);
    if (failed)
        return failed;
    if (is_under_way && jet->life != life) /* what became of it, only a look at the log tells */
        return bridge_fail(&engine->error, BRIDGE_CUT, "the connection was lost");
    if (jet->handed == jet->stored) {
        jet->handed = jet->stored = last;
        jet->heard_ns = bridge_now_ns();
    }
    if (jet->handed != last)
        return bridge_fail(&engine->error, BRIDGE_WRONG_LAST, "entry %" PRIu64 " is under way", jet->handed);
    (void)snprintf(reply, sizeof reply, "%s.%" PRIu64 ".%" PRIu64, jet->inbox, jet->batch, last + 1);
    natsStatus status = natsMsg_Create(&msg, jet->subject, reply, bytes, (int)size);
    if (status == NATS_OK)
        status = name_it(jet, msg, last);
    if (status == NATS_OK)
        status = natsConnection_PublishMsg(jet->connection, msg);
    natsMsg_Destroy(msg);
    if (status != NATS_OK)
        return jet_fail(jet, status, 0, "cannot append");
    jet->handed = last + 1;
    jet->room -= size + ADDED;
    return 0;
}

/* The number behind "NAME": in an answer, which is short and has no texts of others. */
static bool number_in(const char *text, const char *name, uint64_t *value)
{
    const char *at = strstr(text, name);
    if (at == NULL)
        return false;
    *value = strtoull(at + strlen(name), NULL, 10);
    return true;
}

/* Nothing more is under way: what is, is refused, since the one before it is not there. */
static int give_up(jet_t *jet, int result, const char *text)
{
    jet->batch++;
    jet->handed = jet->stored;
    return bridge_fail(&jet->engine.error, result, "the server did not store an entry: %.300s", text);
}

/* Does it answer to an entry of this batch? */
static bool is_of_batch(const jet_t *jet, const char *subject)
{
    size_t prefix = strlen(jet->inbox);
    return strlen(subject) > prefix && strtoull(subject + prefix + 1, NULL, 10) == jet->batch;
}

static int take_answer(jet_t *jet, natsMsg *msg)
{
    char text[512];
    uint64_t code = 0, sequence = 0;
    int size = natsMsg_GetDataLength(msg);
    if (!is_of_batch(jet, natsMsg_GetSubject(msg)))
        return 0;
    jet->heard_ns = bridge_now_ns();
    if (natsMsg_IsNoResponders(msg))
        return give_up(jet, BRIDGE_CUT, "it has no stream now");
    (void)snprintf(text, sizeof text, "%.*s", size < 500 ? size : 500, natsMsg_GetData(msg));
    if (strstr(text, "\"error\":") != NULL) {
        (void)number_in(text, "\"err_code\":", &code);
        return give_up(jet, jet_result_of((int)code), text);
    }
    if (!number_in(text, "\"seq\":", &sequence) || sequence != jet->stored + 1)
        return give_up(jet, BRIDGE_WRONG_LAST, text);
    jet->stored = sequence;
    return 0;
}

int jet_settle(bridge_engine_t *engine, int64_t timeout_ns, uint64_t *stored)
{
    jet_t *jet = jet_of(engine);
    *stored = jet->stored;
    if (jet->stored == jet->handed)
        return BRIDGE_OK;
    if (jet->connection == NULL)
        return bridge_fail(&engine->error, BRIDGE_CUT, "the connection ended");
    int64_t end = bridge_now_ns() + timeout_ns;
    for (int failed = 0; jet->stored < jet->handed;) {
        natsMsg *msg = NULL;
        int64_t left = timeout_ns > 0 ? (end - bridge_now_ns()) / 1000000 : 0;
        if (timeout_ns > 0 && left <= 0)
            left = 1;
        natsStatus status = natsSubscription_NextMsg(&msg, jet->answers, left);
        if (status == NATS_TIMEOUT) {
            if (natsConnection_Status(jet->connection) != NATS_CONN_STATUS_CONNECTED ||
                bridge_now_ns() - jet->heard_ns > SILENT_NS)
                return jet_fail(jet, NATS_CONNECTION_DISCONNECTED, 0, "no answer");
            return BRIDGE_AGAIN;
        }
        if (status != NATS_OK)
            return jet_fail(jet, status, 0, "no answer");
        failed = take_answer(jet, msg);
        natsMsg_Destroy(msg);
        *stored = jet->stored;
        if (failed)
            return failed;
    }
    return BRIDGE_OK;
}
