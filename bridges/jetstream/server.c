/* SPDX-License-Identifier: Apache-2.0 */
#include "jetstream/server.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_MAX ((size_t)1000 << 10) /* below the default of max_payload, with its header */
#define UNDER_WAY 16u
#define DEFAULT_BYTES (UINT64_C(256) << 20)
#define ANSWER_MS 3000
#define AGAIN_NS INT64_C(100000000) /* a connection is asked for so often at most */

int jet_result_of(int code)
{
    switch (code) {
    case JSStreamWrongLastSequenceErr:
    case JSStreamWrongLastMsgIDErr:
        return BRIDGE_WRONG_LAST;
    case JSStreamStoreFailedErr: /* "maximum bytes exceeded": of the stream */
        return BRIDGE_FULL;
    case JSInsufficientResourcesErr:
    case JSMemoryResourcesExceededErr:
    case JSStorageResourcesExceededErr: /* of the server: it may have room again */
        return BRIDGE_FULL;
    case JSStreamNotFoundErr: /* somebody has deleted it; the next connection makes it anew */
    case JSClusterNoPeersErr:
    case JSClusterNotAvailErr:
    case JSStreamOfflineErr:
        return BRIDGE_CUT;
    default:
        return BRIDGE_REFUSED;
    }
}

static bool is_refusal(natsStatus status)
{
    return status == NATS_CONNECTION_AUTH_FAILED || status == NATS_NOT_PERMITTED ||
           status == NATS_SSL_ERROR || status == NATS_SECURE_CONNECTION_REQUIRED ||
           status == NATS_SECURE_CONNECTION_WANTED || status == NATS_INVALID_ARG;
}

/* What the client said last, without the place in its source: "(conn.c:2088): ". */
static const char *last_word(natsStatus status)
{
    const char *more = nats_GetLastError(NULL);
    if (more != NULL && more[0] == '(' && strstr(more, "): ") != NULL)
        more = strstr(more, "): ") + 3;
    return more != NULL && strcmp(more, natsStatus_GetText(status)) != 0 ? more : "";
}

int jet_fail(jet_t *jet, natsStatus status, jsErrCode code, const char *tried)
{
    const char *more = last_word(status);
    int result = code != 0 ? jet_result_of((int)code) : is_refusal(status) ? BRIDGE_REFUSED : BRIDGE_CUT;
    (void)bridge_fail(&jet->engine.error, result, "%s: %s%s%.200s", tried, natsStatus_GetText(status),
                      more[0] != 0 ? ": " : "", more);
    if (code == 0 || result == BRIDGE_CUT)
        jet_drop(jet);
    return result;
}

void jet_forget_entry(jet_t *jet)
{
    natsMsg_Destroy(jet->entry);
    jet->entry = NULL;
}

/* A subscription that is destroyed while its messages come crashes the client (libnats 3.4.1): the connection is closed first, so its
 * thread that reads has ended. */
void jet_drop(jet_t *jet)
{
    if (jet->connection != NULL)
        natsConnection_Close(jet->connection);
    jet_forget_entry(jet);
    natsSubscription_Destroy(jet->signs);
    natsSubscription_Destroy(jet->entries);
    natsSubscription_Destroy(jet->answers);
    natsInbox_Destroy(jet->inbox);
    jsCtx_Destroy(jet->context);
    natsConnection_Destroy(jet->connection);
    jet->signs = jet->entries = jet->answers = NULL;
    jet->inbox = NULL;
    jet->context = NULL;
    jet->connection = NULL;
}

/* ---- The connection --------------------------------------------------------------------------------- */

static natsStatus choose(jet_t *jet, natsOptions *o)
{
    const bridge_jetstream_options_t *wanted = &jet->options;
    int servers = 0;
    while (servers < (int)BRIDGE_JETSTREAM_SERVERS && wanted->servers[servers] != NULL)
        servers++;
    natsStatus status = natsOptions_SetServers(o, (const char **)wanted->servers, servers);
    if (status == NATS_OK)
        status = natsOptions_SetName(o, "slotring bridge");
    if (status == NATS_OK)
        status = natsOptions_SetTimeout(o, 2000);
    if (status == NATS_OK)
        status = natsOptions_SetAllowReconnect(o, false);
    if (status == NATS_OK)
        status = natsOptions_SetPingInterval(o, 1000);
    if (status == NATS_OK)
        status = natsOptions_SetMaxPingsOut(o, 2);
    if (status == NATS_OK)
        status = natsOptions_SetWriteDeadline(o, ANSWER_MS);
    if (status == NATS_OK)
        status = natsOptions_SetFailRequestsOnDisconnect(o, true);
    if (status == NATS_OK && wanted->user != NULL)
        status = natsOptions_SetUserInfo(o, wanted->user, wanted->password != NULL ? wanted->password : "");
    if (status == NATS_OK && wanted->token != NULL)
        status = natsOptions_SetToken(o, wanted->token);
    if (status == NATS_OK && wanted->credentials != NULL)
        status = natsOptions_SetUserCredentialsFromFiles(o, wanted->credentials, NULL);
    return status;
}

/* The files are read anew for each connection, so renewed certificates are taken. */
static natsStatus choose_tls(const jet_t *jet, natsOptions *o)
{
    const bridge_jetstream_options_t *wanted = &jet->options;
    natsStatus status = NATS_OK;
    if (wanted->tls)
        status = natsOptions_SetSecure(o, true);
    if (status == NATS_OK && wanted->authorities != NULL)
        status = natsOptions_LoadCATrustedCertificates(o, wanted->authorities);
    if (status == NATS_OK && wanted->certificate != NULL)
        status = natsOptions_LoadCertificatesChain(o, wanted->certificate, wanted->key);
    return status;
}

/* A server that wants to see a certificate ends a connection without one, and says nothing. */
static const char *not_reached(const jet_t *jet, natsStatus status)
{
    if (status == NATS_PROTOCOL_ERROR && jet->options.tls && jet->options.certificate == NULL)
        return "cannot reach the server (if it wants a certificate of its clients, name one: --tls-cert, "
               "--tls-key)";
    return "cannot reach the server";
}

static int reach(jet_t *jet)
{
    natsOptions *o = NULL;
    jsOptions js;
    natsStatus status = natsOptions_Create(&o);
    if (status == NATS_OK)
        status = choose(jet, o);
    if (status == NATS_OK)
        status = choose_tls(jet, o);
    if (status == NATS_OK)
        status = natsConnection_Connect(&jet->connection, o);
    natsOptions_Destroy(o);
    if (status == NATS_OK)
        status = jsOptions_Init(&js);
    if (status == NATS_OK) {
        js.Wait = ANSWER_MS;
        status = natsConnection_JetStream(&jet->context, jet->connection, &js);
    }
    if (status == NATS_OK)
        status = natsInbox_Create(&jet->inbox);
    char subject[128];
    (void)snprintf(subject, sizeof subject, "%s.>", status == NATS_OK ? jet->inbox : "");
    if (status == NATS_OK)
        status = natsConnection_SubscribeSync(&jet->answers, jet->connection, subject);
    return status == NATS_OK ? 0 : jet_fail(jet, status, 0, not_reached(jet, status));
}

/* ---- The stream ------------------------------------------------------------------------------------- */

/* A full stream refuses what comes, instead of dropping what is there: that is the back-pressure. That of a lossy remote drops what is there,
 * and has room for an entry beside the last one. */
static int judge(jet_t *jet, const jsStreamInfo *info)
{
    const jsStreamConfig *c = info->Config;
    bool drops = c->Discard == js_DiscardOld;
    if (c->Retention != js_LimitsPolicy || c->SubjectsLen != 1 || strcmp(c->Subjects[0], jet->subject) != 0 ||
        c->DenyPurge || c->MaxAge != 0)
        return bridge_fail(
            &jet->engine.error, BRIDGE_REFUSED,
            "stream %s of the server is not one of a bridge: it has to keep all within its limits, "
            "and to have the subject %s",
            jet->options.stream, jet->subject);
    if (jet->options.receives)
        return 0;
    if (drops != jet->options.drops_oldest)
        return bridge_fail(
            &jet->engine.error, BRIDGE_REFUSED,
            drops ? "stream %s of the server drops its oldest entries: it belongs to a lossy remote"
                  : "stream %s of the server refuses what has no room: it belongs to a remote that is not "
                    "lossy",
            jet->options.stream);
    if (drops && c->MaxBytes > 0 && (uint64_t)c->MaxBytes < 4 * jet->engine.entry_max)
        return bridge_fail(&jet->engine.error, BRIDGE_REFUSED,
                           "stream %s of the server takes %" PRId64 " bytes; a lossy remote needs %zu",
                           jet->options.stream, c->MaxBytes, 4 * jet->engine.entry_max);
    return 0;
}

static natsStatus find_stream(jet_t *jet, jsStreamInfo **info, jsErrCode *code)
{
    *code = 0;
    return js_GetStreamInfo(info, jet->context, jet->options.stream, NULL, code);
}

static natsStatus make_stream(jet_t *jet, jsStreamInfo **info, jsErrCode *code)
{
    const bridge_jetstream_options_t *wanted = &jet->options;
    const char *subject = jet->subject;
    jsStreamConfig c;
    natsStatus status = jsStreamConfig_Init(&c);
    c.Name = wanted->stream;
    c.Subjects = &subject;
    c.SubjectsLen = 1;
    c.Retention = js_LimitsPolicy;
    c.Discard = wanted->drops_oldest ? js_DiscardOld : js_DiscardNew;
    c.Storage = wanted->memory ? js_MemoryStorage : js_FileStorage;
    c.MaxBytes = (int64_t)(wanted->bytes > 0 ? wanted->bytes : DEFAULT_BYTES);
    c.MaxMsgs = wanted->entries > 0 ? (int64_t)wanted->entries : -1;
    c.Replicas = wanted->replicas > 0 ? wanted->replicas : 1;
    if (status == NATS_OK)
        status = js_AddStream(info, jet->context, &c, NULL, code);
    return *code == JSStreamNameExistErr ? find_stream(jet, info, code) : status; /* another one was faster */
}

/* One that is there is taken as it is: its limits are the operator's, or those of the half that made it. */
static int take_stream(jet_t *jet)
{
    jsStreamInfo *info = NULL;
    jsErrCode code;
    natsStatus status = find_stream(jet, &info, &code);
    if (code == JSStreamNotFoundErr && jet->options.receives)
        return bridge_fail(&jet->engine.error, BRIDGE_CUT,
                           "the server has no log %s; its first sender makes it", jet->options.stream);
    if (code == JSStreamNotFoundErr) {
        code = 0;
        status = make_stream(jet, &info, &code);
    }
    if (status != NATS_OK)
        return jet_fail(jet, status, code, "cannot make or find the stream");
    int failed = judge(jet, info);
    jsStreamInfo_Destroy(info);
    return failed;
}

int jet_connect(jet_t *jet)
{
    if (jet->connection != NULL && natsConnection_Status(jet->connection) == NATS_CONN_STATUS_CONNECTED)
        return 0;
    jet_drop(jet);
    int64_t left = jet->tried_ns + AGAIN_NS - bridge_now_ns();
    if (jet->tried_ns > 0 && left > 0)
        bridge_sleep_ns(left);
    jet->tried_ns = bridge_now_ns();
    jet->life++;
    jet->handed = jet->stored = jet->to_drop = jet->dropped = jet->room = 0;
    int failed = reach(jet);
    if (!failed && natsConnection_GetMaxPayload(jet->connection) < (int64_t)(jet->engine.entry_max + 4096)) {
        failed = bridge_fail(&jet->engine.error, BRIDGE_REFUSED,
                             "max_payload of the server is %" PRId64 " bytes; entries need %zu",
                             natsConnection_GetMaxPayload(jet->connection), jet->engine.entry_max + 4096);
    }
    if (!failed && !jet->options.only_looks)
        failed = take_stream(jet);
    if (failed)
        jet_drop(jet);
    return failed;
}

/* ---- Making and ending ------------------------------------------------------------------------------ */

static void close_jet(bridge_engine_t *engine)
{
    jet_t *jet = jet_of(engine);
    jet_drop(jet);
    free(jet);
}

static const bridge_engine_calls_t calls = {jet_append_if, jet_settle, jet_last, jet_read_from, jet_oldest,
                                            jet_ack,       jet_beat,   jet_hear, close_jet};

static bool is_name(const char *name)
{
    size_t length = name != NULL ? strlen(name) : 0;
    return length > 0 && length <= 64 &&
           strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") == length;
}

const char *bridge_jetstream_doubt(const bridge_jetstream_options_t *options)
{
    if (options->tls && nats_GetVersionNumber() < 0x030B00)
        return "the client of NATS here is older than 3.11, and has races when a connection over TLS ends: "
               "take a newer one";
    return NULL;
}

int bridge_jetstream_open(bridge_engine_t **engine, const bridge_jetstream_options_t *options,
                          bridge_error_t *error)
{
    *engine = NULL;
    if (options->servers[0] == NULL || !is_name(options->stream))
        return bridge_fail(error, BRIDGE_REFUSED,
                           "a server and a stream are needed; a stream has 1 to 64 letters, "
                           "digits, '-' and '_'");
    jet_t *jet = calloc(1, sizeof *jet);
    if (jet == NULL)
        return bridge_fail(error, BRIDGE_NO_MEMORY, "no memory for the engine");
    jet->engine = (bridge_engine_t){.calls = &calls, .entry_max = ENTRY_MAX, .under_way = UNDER_WAY};
    jet->options = *options;
    (void)snprintf(jet->subject, sizeof jet->subject, "slotring.%s", options->stream);
    (void)snprintf(jet->life_subject, sizeof jet->life_subject, "%s.life", jet->subject);
    int code = jet_connect(jet);
    if (code != BRIDGE_OK && code != BRIDGE_CUT && code != BRIDGE_FULL) {
        *error = jet->engine.error;
        close_jet(&jet->engine);
        return code;
    }
    *engine = &jet->engine;
    return 0;
}
