/* SPDX-License-Identifier: Apache-2.0 */
/* slotring bridge receive: makes a copy of a ring from the log of a server. */
#include <inttypes.h>

#include "args.h"
#include "bridge_parts.h"
#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "receiver.h"

static struct {
    char *silence;
    int json, quiet;
} given;

static struct poptOption table[] = {
    {"silence", 0, POPT_ARG_STRING, &given.silence, 0,
     "Tell readers that the source is lost after S seconds without a sign of life of the sender (default 5)",
     "S"},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print the summary as JSON", NULL},
    {"quiet", 'q', POPT_ARG_NONE, &given.quiet, 0, "No words about waiting, and no summary in words", NULL},
    BRIDGE_SERVER_OPTIONS,
    RING_SHAPE_OPTIONS,
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "bridge receive", "NAME",
    "Publishes what is in a log at the server in ring NAME of this host, until it is stopped. If there is no "
    "such ring, it makes\n"
    "one, of the shape of the source unless options say another. Nobody else may write there.\n"
    "  slotring bridge receive daq --server nats://builder:4222\n"
    "  slotring bridge receive board1 --remote daq --size 4G --slot-size 1M\n",
    1, 1};

static void print_json(const char *ring, const bridge_jetstream_options_t *server,
                       const bridge_receiver_report_t *r, int code)
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
    json_object_set_new(json, "holes", out_json_count(r->holes));
    json_object_set_new(json, "marks_missed", out_json_count(r->marks_missed));
    json_object_set_new(json, "came_again", out_json_count(r->again));
    json_object_set_new(json, "returns", out_json_count(r->returns));
    json_object_set_new(json, "silences", out_json_count(r->silences));
    json_object_set_new(json, "next", out_json_count(r->next));
    json_object_set_new(json, "exit_code", json_integer(code));
    out_json_print(stdout, json, false);
}

static void print_words(const bridge_receiver_report_t *r)
{
    char more[200] = "";
    if (r->gaps > 0)
        out_append(more, sizeof more, "; %" PRIu64 " missing in %" PRIu64 " gaps", r->missing, r->gaps);
    if (r->holes > 0)
        out_append(more, sizeof more, ", %" PRIu64 " of which no sender told", r->holes);
    out_error("received %" PRIu64 " messages, %s, and %" PRIu64 " marks%s", r->messages,
              out_bytes(r->bytes).text, r->marks, more);
}

static bool values(bridge_receiver_options_t *options)
{
    slotring_options_t *place = &options->place;
    if (!ring_shape(place) || !args_seconds("--silence", given.silence, &options->silence_ns))
        return false;
    if (given.silence && options->silence_ns < INT64_C(1000000000)) {
        out_error("--silence %s: at least 1 second; a sender gives a sign each half a second", given.silence);
        return false;
    }
    if (place->total_size != 0 && place->slot_size == 0) {
        out_error("--size and --slots go with --slot-size here: the source has slots of its own size");
        return false;
    }
    return true;
}

static int receive_ring(bridge_receiver_options_t *options, const bridge_jetstream_options_t *server)
{
    bridge_receiver_report_t report = {0};
    bridge_error_t error = {0};
    int code = bridge_begin("receive", server, options->ring, given.quiet, &options->place, &options->engine);
    if (code != EXIT_DONE)
        return code;
    (void)bridge_receive(options, &report, &error);
    options->engine->calls->close(options->engine);
    code = bridge_report(&error, server, options->ring, &options->place);
    if (given.json)
        print_json(options->ring, server, &report, code);
    else if (!given.quiet)
        print_words(&report);
    return code;
}

int bridge_part_receive(int argc, const char **argv)
{
    bridge_receiver_options_t options = {.stop = {bridge_asks_stop, NULL}};
    bridge_jetstream_options_t server;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    options.ring = args.operands[0];
    ring_options(&options.place);
    if (!given.quiet)
        options.say.say = bridge_says;
    bool is_right = bridge_server(options.ring, &server) && values(&options);
    server.receives = true;
    if (is_right)
        code = receive_ring(&options, &server);
    args_free(&args);
    return out_finish(code);
}
