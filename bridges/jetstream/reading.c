/* SPDX-License-Identifier: Apache-2.0 */
/* Entries come by an ordered consumer: in the order of their sequences, with flow control, and without redeliveries by a clock. What is
 * acknowledged is purged from the stream, which keeps the rest whoever reads. So the log is the same with a receiver and without one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "jetstream/server.h"

#define MILLISECOND INT64_C(1000000)
#define DROP_ENTRIES 8u            /* are purged together */
#define DROP_NS (20 * MILLISECOND) /* unless they have waited so long */

static int give(jet_t *jet, natsMsg *msg, uint64_t sequence, bridge_entry_t *entry)
{
    jet_forget_entry(jet);
    jet->entry = msg;
    *entry = (bridge_entry_t){.sequence = sequence, .life = jet->life};
    entry->bytes = (const uint8_t *)natsMsg_GetData(msg);
    entry->size = (size_t)natsMsg_GetDataLength(msg);
    return BRIDGE_OK;
}

static int look(jet_t *jet, uint64_t *first, uint64_t *last)
{
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    natsStatus status = js_GetStreamInfo(&info, jet->context, jet->options.stream, NULL, &code);
    if (status != NATS_OK)
        return jet_fail(jet, status, code, "cannot look at the stream");
    *first = info->State.FirstSeq;
    *last = info->State.LastSeq;
    jsStreamInfo_Destroy(info);
    return 0;
}

int bridge_jetstream_look(bridge_engine_t *engine, bridge_jetstream_state_t *state)
{
    jet_t *jet = jet_of(engine);
    jsStreamInfo *info = NULL;
    jsErrCode code = 0;
    *state = (bridge_jetstream_state_t){0};
    int failed = jet_connect(jet);
    if (failed)
        return failed;
    natsStatus status = js_GetStreamInfo(&info, jet->context, jet->options.stream, NULL, &code);
    if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr)
        return BRIDGE_OK;
    if (status != NATS_OK)
        return jet_fail(jet, status, code, "cannot look at the stream");
    *state = (bridge_jetstream_state_t){.is_there = true,
                                        .first = info->State.FirstSeq,
                                        .last = info->State.LastSeq,
                                        .entries = info->State.Msgs,
                                        .bytes = info->State.Bytes,
                                        .replicas = (uint64_t)info->Config->Replicas,
                                        .last_at_ns = (uint64_t)info->State.LastTime};
    state->drops_oldest = info->Config->Discard == js_DiscardOld;
    state->entries_max = info->Config->MaxMsgs > 0 ? (uint64_t)info->Config->MaxMsgs : 0;
    state->bytes_max = info->Config->MaxBytes > 0 ? (uint64_t)info->Config->MaxBytes : 0;
    jsStreamInfo_Destroy(info);
    return BRIDGE_OK;
}

int jet_oldest(bridge_engine_t *engine, uint64_t *sequence)
{
    jet_t *jet = jet_of(engine);
    uint64_t last;
    int failed = jet_connect(jet);
    return failed ? failed : look(jet, sequence, &last);
}

int jet_last(bridge_engine_t *engine, bridge_entry_t *entry)
{
    jet_t *jet = jet_of(engine);
    natsMsg *msg = NULL;
    jsErrCode code = 0;
    uint64_t first = 0, last = 0;
    int failed = jet_connect(jet);
    if (failed)
        return failed;
    natsStatus status = js_GetLastMsg(&msg, jet->context, jet->options.stream, jet->subject, NULL, &code);
    if (status == NATS_OK)
        return give(jet, msg, natsMsg_GetSequence(msg), entry);
    if (status != NATS_NOT_FOUND || (code != 0 && code != JSNoMessageFoundErr))
        return jet_fail(jet, status, code, "cannot read the last entry");
    if ((failed = look(jet, &first, &last)) != 0)
        return failed;
    *entry = (bridge_entry_t){.sequence = last, .life = jet->life};
    return BRIDGE_OK;
}

/* ---- Reading on ------------------------------------------------------------------------------------- */

static int subscribe(jet_t *jet, uint64_t sequence)
{
    jsSubOptions o;
    jsErrCode code = 0;
    uint64_t first = 0, last = 0;
    int failed = look(jet, &first, &last);
    if (failed)
        return failed;
    if (sequence > last + 1)
        return bridge_fail(&jet->engine.error, BRIDGE_LOST,
                           "the stream ends at %" PRIu64 ", and had %" PRIu64, last, sequence - 1);
    jet->next = sequence > first ? sequence : first > 0 ? first : 1;
    jet->from_start = sequence == 0;
    natsStatus status = jsSubOptions_Init(&o);
    o.Stream = jet->options.stream;
    o.Ordered = true;
    o.Config.DeliverPolicy = js_DeliverByStartSequence;
    o.Config.OptStartSeq = jet->next;
    o.Config.Heartbeat = 1000 * MILLISECOND;
    if (status == NATS_OK)
        status = js_SubscribeSync(&jet->entries, jet->context, jet->subject, NULL, &o, &code);
    return status == NATS_OK ? 0 : jet_fail(jet, status, 0, "cannot read the stream");
}

static int drop_now(jet_t *jet)
{
    jsOptions o;
    jsErrCode code = 0;
    if (jet->to_drop <= jet->dropped)
        return 0;
    natsStatus status = jsOptions_Init(&o);
    o.Stream.Purge.Sequence = jet->to_drop + 1;
    if (status == NATS_OK)
        status = js_PurgeStream(jet->context, jet->options.stream, &o, &code);
    if (status != NATS_OK)
        return jet_fail(jet, status, code, "cannot acknowledge");
    jet->dropped = jet->to_drop;
    jet->dropped_ns = bridge_now_ns();
    return 0;
}

static int sequence_of(jet_t *jet, natsMsg *msg, uint64_t *sequence)
{
    jsMsgMetaData *meta = NULL;
    natsStatus status = natsMsg_GetMetaData(&meta, msg);
    if (status != NATS_OK) {
        natsMsg_Destroy(msg);
        return jet_fail(jet, status, 0, "an entry without a sequence");
    }
    *sequence = meta->Sequence.Stream;
    jsMsgMetaData_Destroy(meta);
    return 0;
}

int jet_read_from(bridge_engine_t *engine, uint64_t sequence, int64_t timeout_ns, bridge_entry_t *entry)
{
    jet_t *jet = jet_of(engine);
    natsMsg *msg = NULL;
    bool goes_on = jet->entries != NULL && (sequence == 0 ? jet->from_start : sequence == jet->next);
    if (jet->entries != NULL && !goes_on) /* a subscription ends with its connection alone */
        jet_drop(jet);
    int failed = jet_connect(jet);
    if (!failed && sequence == 0)
        jet->begun = jet->life;
    if (!failed && jet->begun != jet->life)
        return bridge_fail(&engine->error, BRIDGE_LOST, "the server was away");
    if (!failed && jet->entries == NULL)
        failed = subscribe(jet, sequence);
    if (failed)
        return failed;
    natsStatus status = natsSubscription_NextMsg(&msg, jet->entries, timeout_ns / MILLISECOND + 1);
    if (status == NATS_TIMEOUT && natsConnection_Status(jet->connection) == NATS_CONN_STATUS_CONNECTED) {
        failed = drop_now(jet);
        return failed ? failed : BRIDGE_AGAIN;
    }
    if (status != NATS_OK)
        return jet_fail(jet, status, 0, "cannot read on");
    failed = sequence_of(jet, msg, &jet->next);
    if (failed)
        return failed;
    jet->from_start = false;
    return give(jet, msg, jet->next++, entry);
}

int jet_ack(bridge_engine_t *engine, uint64_t sequence, uint64_t life)
{
    jet_t *jet = jet_of(engine);
    if (life != jet->life || jet->connection == NULL)
        return BRIDGE_OK;
    jet->to_drop = sequence > jet->to_drop ? sequence : jet->to_drop;
    bool is_due = jet->to_drop - jet->dropped >= DROP_ENTRIES || bridge_now_ns() - jet->dropped_ns >= DROP_NS;
    return is_due ? drop_now(jet) : 0;
}
