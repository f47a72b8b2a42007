/* SPDX-License-Identifier: Apache-2.0 */
/* slotring bridge status: how a log stands at the server, and its ends on this host: who waits for whom. Only looks. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "bridge_here.h"
#include "bridge_parts.h"
#include "common.h"
#include "culprit.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "remedy.h"
#include "wire.h"

#define LISTEN_NS UINT64_C(1500000000)

static struct {
    int json;
} given;

static struct poptOption table[] = {{"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print JSON", NULL},
                                    BRIDGE_SERVER_OPTIONS,
                                    RING_PLACE_OPTIONS,
                                    ARGS_HELP,
                                    POPT_TABLEEND};

static const args_shape_t shape = {"bridge status", "LOG",
                                   "Says how log LOG stands at the server, which rings of this host are its "
                                   "source and its copy, and who waits for whom.\n"
                                   "  slotring bridge status daq --server nats://builder:4222\n",
                                   1, 1};

typedef struct status {
    bridge_jetstream_options_t server;
    bridge_here_t here;
    bridge_error_t trouble; /* why the server does not say more; code 0: none */
    bridge_jetstream_state_t log;
    bool has_last;   /* the log has a last entry, and it is one of a sender */
    uint64_t number; /* behind it */
    bool has_sign;   /* of life, of a sender on another host */
    wire_sign_t sign;
    bool waits;
    char verdict[700];
    char command[900]; /* what helps, as a shell reads it; "": nothing that is known here */
} status_t;

/* ---- Looking ---------------------------------------------------------------------------------------- */

/* A sender gives one each half a second. */
static void listen(status_t *s, bridge_engine_t *engine)
{
    uint8_t bytes[BRIDGE_SIGN_MAX];
    size_t size;
    int code = BRIDGE_AGAIN;
    for (uint64_t end = host_clock_ns() + LISTEN_NS; code == BRIDGE_AGAIN && host_clock_ns() < end;) {
        code = engine->calls->hear(engine, bytes, &size);
        if (code == BRIDGE_AGAIN)
            host_sleep(LISTEN_NS / 50);
    }
    s->has_sign = code == BRIDGE_OK && wire_get_sign(bytes, size, &s->sign);
}

static void look_at_log(status_t *s)
{
    bridge_engine_t *engine;
    bridge_entry_t entry;
    wire_header_t header;
    s->server.only_looks = true;
    if (bridge_jetstream_open(&engine, &s->server, &s->trouble) != BRIDGE_OK)
        return;
    int code = bridge_jetstream_look(engine, &s->log);
    if (code == BRIDGE_OK && s->log.is_there)
        code = engine->calls->last(engine, &entry);
    if (code != BRIDGE_OK)
        s->trouble = engine->error;
    else if (s->log.is_there && entry.size > 0 && wire_get_header(entry.bytes, entry.size, &header)) {
        s->has_last = true;
        s->number = header.after.number;
    }
    if (code == BRIDGE_OK && s->log.is_there && !s->here.source.is_there)
        listen(s, engine);
    engine->calls->close(engine);
}

/* ---- Who waits for whom ----------------------------------------------------------------------------- */

/* The last entry stays in any case; and what was read is dropped a few entries at a time. */
static uint64_t unread(const status_t *s)
{
    const bridge_end_t *target = &s->here.target;
    if (target->is_there && target->is_manned && s->has_last && target->number >= s->number)
        return 0;
    return s->log.entries > 1 ? s->log.entries - 1 : 0;
}

/* An entry more has no room. What entries take is not known before they come: as much as those that are there. */
static bool log_is_full(const status_t *s)
{
    const bridge_jetstream_state_t *log = &s->log;
    if (log->drops_oldest)
        return false;
    uint64_t one = log->entries > 0 ? log->bytes / log->entries : 0;
    return (log->entries_max > 0 && log->entries >= log->entries_max) ||
           (log->bytes_max > 0 && log->entries > 0 && log->bytes_max - log->bytes <= one);
}

static bool stands_still(const bridge_end_t *end)
{
    return end->is_manned && culprit_stands_still(end->life);
}

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(status_t *s, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(s->verdict, sizeof s->verdict, format, arguments);
    va_end(arguments);
}

static void propose_for_ring(status_t *s, const char *command, const char *ring, const char *more)
{
    out_append(s->command, sizeof s->command, "slotring %s ", command);
    remedy_quote(s->command, sizeof s->command, ring);
    out_append(s->command, sizeof s->command, "%s%s", more, ring_place_words());
}

/* What keeps the receiver from reading on, as far as this host knows it. */
static void blame_receiver(status_t *s, const char *who)
{
    const bridge_end_t *t = &s->here.target;
    if (!t->is_there || !t->is_manned) {
        say(s, "%s for a receiver, of which this host knows nothing; where the copy is to be:", who);
        propose_for_ring(s, "bridge receive", t->is_there ? t->ring : s->server.stream,
                         bridge_server_words(&s->server, t->is_there ? t->ring : s->server.stream));
    } else if (stands_still(t)) {
        say(s, "%s for the receiver, process %" PRIu64 ", which is %s", who, t->pid, out_life(t->life));
        remedy_to_continue(s->command, sizeof s->command, t->life, t->pid);
    } else if (t->blocked_ns > 0) {
        char slowest[120] = "";
        if (t->reader_lag > 0)
            snprintf(slowest, sizeof slowest, ": reader \"%s\" there is %" PRIu64 " messages behind",
                     t->reader, t->reader_lag);
        say(s, "%s for the receiver, and that for room in ring %s%s", who, t->ring, slowest);
        propose_for_ring(s, "stat", t->ring, "");
    } else {
        say(s, "%s for the receiver, process %" PRIu64 ", which reads", who, t->pid);
    }
}

static void blame_sender(status_t *s)
{
    const bridge_end_t *source = &s->here.source;
    if (source->to_send > 0)
        say(s, "%" PRIu64 " messages of ring %s wait for %s", source->to_send, source->ring,
            source->is_manned ? "their sender" : "a sender, and its producers with them");
    else
        say(s, "ring %s has %s", source->ring, source->is_manned ? "a sender" : "no sender");
    if (!source->is_manned) {
        propose_for_ring(s, "bridge send", source->ring, bridge_server_words(&s->server, source->ring));
        return;
    }
    out_append(s->verdict, sizeof s->verdict, ", process %" PRIu64 ", which is %s", source->pid,
               out_life(source->life));
    remedy_to_continue(s->command, sizeof s->command, source->life, source->pid);
}

static void judge(status_t *s)
{
    const bridge_end_t *source = &s->here.source;
    s->waits = true;
    if (s->trouble.code != BRIDGE_OK) {
        say(s, "both ends wait for the server: %s", s->trouble.text);
    } else if (!s->log.is_there) {
        say(s, "the server has no log %s; its first sender makes it, on the host of the ring:",
            s->server.stream);
        propose_for_ring(s, "bridge send", s->server.stream,
                         bridge_server_words(&s->server, s->server.stream));
    } else if (source->is_there && (!source->is_manned || stands_still(source))) {
        blame_sender(s);
    } else if (log_is_full(s)) {
        blame_receiver(s, "the sender waits for room in the log, which waits");
    } else if (unread(s) > 0) {
        blame_receiver(s, "the log waits");
    } else if (!source->is_there && !s->has_sign) {
        say(s, "the log waits for a sender: none gives a sign of life; on the host of the ring:");
        propose_for_ring(s, "bridge send", s->server.stream,
                         bridge_server_words(&s->server, s->server.stream));
    } else {
        s->waits = false;
        say(s, "nobody waits");
    }
}

/* ---- Printing --------------------------------------------------------------------------------------- */

static void print_end(const char *what, const bridge_end_t *end, const char *does)
{
    if (!end->is_there)
        printf("  %-9s not on this host", what);
    else if (end->is_manned)
        printf("  %-9s ring %s, %s by process %" PRIu64 " (%s); ", what, end->ring, does, end->pid,
               out_life(end->life));
    else
        printf("  %-9s ring %s, %s by nobody; ", what, end->ring, does);
}

static void print_log(const status_t *s)
{
    const bridge_jetstream_state_t *log = &s->log;
    if (s->trouble.code != BRIDGE_OK || !log->is_there) {
        printf("  %-9s %s\n", "log", s->trouble.code != BRIDGE_OK ? "not known" : "there is none");
        return;
    }
    printf("  %-9s %" PRIu64 " entr%s, %s", "log", log->entries, log->entries == 1 ? "y" : "ies",
           out_bytes(log->bytes).text);
    if (log->bytes_max > 0)
        printf(" of %s", out_bytes(log->bytes_max).text);
    printf(", on %" PRIu64 " server%s", log->replicas, log->replicas == 1 ? "" : "s");
    if (s->has_last)
        printf(", next message %" PRIu64, s->number);
    if (log->entries > 0 && host_time_of_day_ns() >= log->last_at_ns)
        printf("; the last entry came %s ago",
               out_duration((double)(host_time_of_day_ns() - log->last_at_ns) / 1e9).text);
    printf("\n");
}

static void print_words(const status_t *s)
{
    printf("%s%s\n", s->waits ? "WAITS: " : "OK: ", s->verdict);
    if (s->command[0] != '\0')
        printf("    %s\n", s->command);
    print_end("source", &s->here.source, "sent");
    if (!s->here.source.is_there && s->has_sign) {
        char host[WIRE_HOST_SIZE];
        out_safe_name(s->sign.host, sizeof host, host);
        printf("; sent by process %" PRIu64 " on host %s; next message %" PRIu64 "\n", s->sign.pid, host,
               s->sign.number);
    } else if (!s->here.source.is_there)
        printf("\n");
    else
        printf("next message %" PRIu64 ", %" PRIu64 " not in the log\n", s->here.source.number,
               s->here.source.to_send);
    print_log(s);
    print_end("copy", &s->here.target, "received");
    if (s->here.target.is_there)
        printf("next message %" PRIu64, s->here.target.number);
    printf("\n");
}

static json_t *end_json(const bridge_end_t *end, bool is_source)
{
    if (!end->is_there)
        return json_null();
    json_t *json = json_object();
    json_object_set_new(json, "ring", json_string(end->ring));
    json_object_set_new(json, "pid", end->is_manned ? out_json_count(end->pid) : json_null());
    json_object_set_new(json, "life", end->is_manned ? json_string(out_life(end->life)) : json_null());
    json_object_set_new(json, "next", out_json_count(end->number));
    if (is_source)
        json_object_set_new(json, "to_send", out_json_count(end->to_send));
    else
        json_object_set_new(json, "blocked_seconds", json_real((double)end->blocked_ns / 1e9));
    return json;
}

static json_t *log_json(const status_t *s)
{
    const bridge_jetstream_state_t *log = &s->log;
    if (s->trouble.code != BRIDGE_OK || !log->is_there)
        return json_null();
    json_t *json = json_object();
    json_object_set_new(json, "entries", out_json_count(log->entries));
    json_object_set_new(json, "bytes", out_json_count(log->bytes));
    json_object_set_new(json, "bytes_max", log->bytes_max > 0 ? out_json_count(log->bytes_max) : json_null());
    json_object_set_new(json, "drops_oldest", json_boolean(log->drops_oldest));
    json_object_set_new(json, "replicas", out_json_count(log->replicas));
    json_object_set_new(json, "next", s->has_last ? out_json_count(s->number) : json_null());
    return json;
}

/* Of a sender on another host. */
static json_t *sign_json(const status_t *s)
{
    if (!s->has_sign)
        return json_null();
    json_t *json = json_object();
    json_object_set_new(json, "host", out_json_text(s->sign.host, sizeof s->sign.host));
    json_object_set_new(json, "pid", out_json_count(s->sign.pid));
    json_object_set_new(json, "next", out_json_count(s->sign.number));
    return json;
}

static void print_json(const status_t *s)
{
    json_t *json = json_object();
    json_object_set_new(json, "name", json_string(s->server.stream));
    json_object_set_new(json, "waits", json_boolean(s->waits));
    json_object_set_new(json, "verdict", json_string(s->verdict));
    json_object_set_new(json, "command", s->command[0] != '\0' ? json_string(s->command) : json_null());
    json_object_set_new(json, "source", end_json(&s->here.source, true));
    json_object_set_new(json, "sender", sign_json(s));
    json_object_set_new(json, "log", log_json(s));
    json_object_set_new(json, "copy", end_json(&s->here.target, false));
    json_object_set_new(json, "error",
                        s->trouble.code != BRIDGE_OK ? json_string(s->trouble.text) : json_null());
    out_json_print(stdout, json, false);
}

int bridge_part_status(int argc, const char **argv)
{
    static status_t s; /* large */
    slotring_options_t place;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&place);
    if (bridge_server(args.operands[0], &s.server))
        code = bridge_look_here(s.server.stream, &place, &s.here);
    if (code == EXIT_DONE) {
        look_at_log(&s);
        judge(&s);
        given.json ? print_json(&s) : print_words(&s);
        code = s.trouble.code != BRIDGE_OK ? EXIT_ERROR : s.log.is_there ? EXIT_DONE : EXIT_NOT_FOUND;
    }
    args_free(&args);
    return out_finish(code);
}
