/* SPDX-License-Identifier: Apache-2.0 */
/* slotring bridge send: carries a ring of this host into the log of a server. */
#include <inttypes.h>

#include "args.h"
#include "bridge_parts.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "sender.h"

#define LOSSY_BYTES (UINT64_C(16) << 20)

static struct {
    char *budget, *log_size, *replicas, *pack_size, *pack_time, *window;
    int lossy, latest, oldest, memory, json, quiet;
} given;

static struct poptOption table[] = {
    {"oldest", 'O', POPT_ARG_NONE, &given.oldest, 0,
     "The first sender of a log begins with the oldest message that is there", NULL},
    {"budget", 0, POPT_ARG_STRING, &given.budget, 0,
     "Hold producers back only while at least N messages go into the log in S seconds (such as 25/0.1)",
     "N/S"},
    {"lossy", 'l', POPT_ARG_NONE, &given.lossy, 0,
     "Never hold producers back: the log drops its oldest messages; the copy tells how many are missing",
     NULL},
    {"latest", 0, POPT_ARG_NONE, &given.latest, 0,
     "With --lossy: only ever the newest message, when the receiver has got the one before", NULL},
    {"log-size", 0, POPT_ARG_STRING, &given.log_size, 0,
     "Where the log is made: bytes that it takes at most (default 256M; lossy: 16M)", "SIZE"},
    {"replicas", 0, POPT_ARG_STRING, &given.replicas, 0,
     "Where the log is made: on so many servers of the cluster (default 1)", "N"},
    {"memory", 0, POPT_ARG_NONE, &given.memory, 0,
     "Where the log is made: in the server's memory, and not on its disk; a lossy one is", NULL},
    {"pack-size", 0, POPT_ARG_STRING, &given.pack_size, 0,
     "Send small messages together, up to SIZE bytes, 8K to 1000K (default 512K)", "SIZE"},
    {"pack-time", 0, POPT_ARG_STRING, &given.pack_time, 0,
     "A message waits for others at most S seconds (default 0.005)", "S"},
    {"window", 0, POPT_ARG_STRING, &given.window, 0,
     "Messages on their way at a time (default: half of the slots, 16384 at most)", "N"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the summary as JSON", NULL},
    {"quiet", 'q', POPT_ARG_NONE, &given.quiet, 0, "No words about waiting, and no summary in words", NULL},
    BRIDGE_SERVER_OPTIONS,
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "bridge send", "NAME",
    "Carries the messages and marks of ring NAME into a log at the server, until it is stopped. Producers "
    "wait for it, as for\n"
    "each lossless reader, unless --budget or --lossy says less; and a sender that follows a killed one goes "
    "on where the log ends.\n"
    "  slotring bridge send daq --server nats://builder:4222\n",
    1, 1};

/* ---- The summary ------------------------------------------------------------------------------------ */

static void print_json(const char *ring, const bridge_jetstream_options_t *server,
                       const bridge_sender_report_t *r, int code)
{
    json_t *json = json_object();
    json_object_set_new(json, "ring", json_string(ring));
    json_object_set_new(json, "log", json_string(server->stream));
    json_object_set_new(json, "messages", out_json_count(r->messages));
    json_object_set_new(json, "bytes", out_json_count(r->bytes));
    json_object_set_new(json, "marks", out_json_count(r->marks));
    json_object_set_new(json, "entries", out_json_count(r->entries));
    json_object_set_new(json, "gaps", out_json_count(r->gaps));
    json_object_set_new(json, "missing", out_json_count(r->missing));
    json_object_set_new(json, "sent_again", out_json_count(r->resent));
    json_object_set_new(json, "log_was_full", out_json_count(r->full));
    json_object_set_new(json, "returns", out_json_count(r->returns));
    json_object_set_new(json, "revoked", out_json_count(r->revoked));
    json_object_set_new(json, "damaged", out_json_count(r->damaged));
    json_object_set_new(json, "marks_not_told", out_json_count(r->marks_not_told));
    json_object_set_new(json, "exit_code", json_integer(code));
    out_json_print(stdout, json, false);
}

static void print_words(const bridge_sender_report_t *r)
{
    char more[200] = "";
    if (r->gaps > 0)
        out_append(more, sizeof more, "; %" PRIu64 " missing in %" PRIu64 " gaps", r->missing, r->gaps);
    if (r->revoked > 0)
        out_append(more, sizeof more, "; revoked %" PRIu64 " times", r->revoked);
    if (r->resent > 0)
        out_append(more, sizeof more, "; %" PRIu64 " sent again, which the server had lost", r->resent);
    if (r->marks_not_told > 0)
        out_append(more, sizeof more, "; %" PRIu64 " marks were lost", r->marks_not_told);
    out_error("sent %" PRIu64 " messages, %s, and %" PRIu64 " marks, in %" PRIu64 " entries of the log%s",
              r->messages, out_bytes(r->bytes).text, r->marks, r->entries, more);
}

/* ---- The command ------------------------------------------------------------------------------------ */

/* What is asked of the producers. */
static bool pressure(bridge_sender_options_t *options, bridge_jetstream_options_t *server)
{
    if (given.budget && given.lossy) {
        out_error("--budget %s and --lossy exclude each other; give one of them", given.budget);
        return false;
    }
    if (given.latest && !given.lossy) {
        out_error("--latest goes with --lossy: producers do not wait for a remote that passes over messages");
        return false;
    }
    if (!args_budget("--budget", given.budget, &options->budget_messages, &options->budget_ns))
        return false;
    options->pressure = given.budget   ? BRIDGE_BUDGETED
                        : given.latest ? BRIDGE_LATEST
                        : given.lossy  ? BRIDGE_LOSSY
                                       : BRIDGE_LOSSLESS;
    server->drops_oldest = options->pressure == BRIDGE_LOSSY;
    server->memory = given.memory || given.lossy;
    if (given.lossy && server->bytes == 0)
        server->bytes = LOSSY_BYTES;
    return true;
}

static bool values(bridge_sender_options_t *options, bridge_jetstream_options_t *server)
{
    uint64_t pack = 0, window = 0, replicas = 0;
    if (!args_size("--log-size", given.log_size, 64 * 1024, INT64_MAX, &server->bytes) ||
        !args_number("--replicas", given.replicas, 1, 5, &replicas) ||
        !args_size("--pack-size", given.pack_size, 8192, 1000 * 1024, &pack) ||
        !args_seconds("--pack-time", given.pack_time, &options->pack_ns) ||
        !args_number("--window", given.window, 1, SLOTRING_SLOTS_MAX / 4, &window))
        return false;
    if (given.pack_time && options->pack_ns == 0)
        options->pack_ns = 1; /* 0 asks for the default */
    if (options->pack_ns > INT64_C(60000000000)) {
        out_error("--pack-time %s: 60 seconds at most", given.pack_time);
        return false;
    }
    server->replicas = (uint32_t)replicas;
    options->pack_bytes = (size_t)pack;
    options->window = (uint32_t)window;
    options->start = given.oldest ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW;
    return pressure(options, server);
}

static int send_ring(bridge_sender_options_t *options, const bridge_jetstream_options_t *server)
{
    bridge_sender_report_t report = {0};
    bridge_error_t error = {0};
    int code = bridge_begin("send", server, options->ring, given.quiet, &options->place, &options->engine);
    if (code != EXIT_DONE)
        return code;
    (void)bridge_send(options, &report, &error);
    options->engine->calls->close(options->engine);
    code = bridge_report(&error, server, options->ring, &options->place);
    if (given.json)
        print_json(options->ring, server, &report, code);
    else if (!given.quiet)
        print_words(&report);
    return code;
}

int bridge_part_send(int argc, const char **argv)
{
    bridge_sender_options_t options = {.stop = {bridge_asks_stop, NULL}};
    bridge_jetstream_options_t server;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    options.ring = args.operands[0];
    ring_options(&options.place);
    if (!given.quiet)
        options.say.say = bridge_says;
    if (bridge_server(options.ring, &server) && values(&options, &server)) {
        options.remote = server.stream;
        code = send_ring(&options, &server);
    }
    args_free(&args);
    return out_finish(code);
}
