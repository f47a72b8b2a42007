/* SPDX-License-Identifier: Apache-2.0 */
/* slotring create: makes a ring. */
#include <inttypes.h>

#include "args.h"
#include "common.h"
#include "create.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "shape.h"

static struct {
    char *file;
    int exist_ok, json;
} given;

static struct poptOption table[] = {
    {"file", 'f', POPT_ARG_STRING, &given.file, 0,
     "Make all rings that FILE describes, or none, instead of NAME", "FILE"},
    RING_SHAPE_OPTIONS,
    {"exist-ok", 'e', POPT_ARG_NONE, &given.exist_ok, 0,
     "Be content with a ring that exists, if it is the same", NULL},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Describe the ring as JSON", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "create", "NAME, or --file FILE",
    "Makes the ring NAME and commits all its memory, so that too little of it is an error now.\n"
    "  slotring create daq --size 4G --slot-size 1M --time coarse\n"
    "  slotring create --file rings.json    all rings of an experiment, or none\n",
    0, 1};

json_t *create_json(const slotring_info_t *info)
{
    json_t *json = json_object();
    json_object_set_new(json, "name", out_json_text(info->name, sizeof info->name));
    json_object_set_new(json, "id", out_json_id(info->ring_id));
    json_object_set_new(json, "backend", out_json_text(info->backend, sizeof info->backend));
    json_object_set_new(json, "slots", out_json_count(info->slot_count));
    json_object_set_new(json, "slot_size", out_json_count(info->slot_size));
    json_object_set_new(json, "total_size", out_json_count(info->total_size));
    json_object_set_new(json, "segment_size", out_json_count(info->segment_size));
    json_object_set_new(json, "max_participants", json_integer(info->max_participants));
    json_object_set_new(json, "max_readers", json_integer(info->max_readers));
    json_object_set_new(json, "max_writers", json_integer(info->max_writers));
    json_object_set_new(json, "max_groups", json_integer(info->max_groups));
    json_object_set_new(json, "max_holds", json_integer(info->max_holds));
    json_object_set_new(json, "when_full", json_string(out_when_full(info->when_full)));
    json_object_set_new(json, "hot_slots", json_boolean(info->hot_slots));
    json_object_set_new(json, "time_stamps", json_string(out_time_stamps(info->time_stamps)));
    json_object_set_new(json, "access", json_string(out_access(info->access)));
    json_object_set_new(json, "lossless_for", json_string(out_lossless_for(info->lossless_for)));
    json_object_set_new(json, "lossless_group", out_json_group(info));
    json_object_set_new(json, "budget_messages", json_integer(info->budget_messages));
    json_object_set_new(json, "budget_ns", out_json_count(info->budget_ns));
    json_object_set_new(json, "prefaulted", json_boolean(info->granted & SLOTRING_PREFAULT));
    json_object_set_new(json, "huge_pages", json_boolean(info->granted & SLOTRING_HUGE_PAGES));
    json_object_set_new(json, "locked", json_boolean(info->granted & SLOTRING_LOCK_MEMORY));
    json_object_set_new(json, "persistent", json_boolean(info->capabilities & SLOTRING_CAN_PERSIST));
    json_object_set_new(json, "checksums", json_boolean(info->checksums));
    json_object_set_new(json, "numa_node", out_json_node(info->numa_node));
    json_object_set_new(json, "memory_node", out_json_node(info->memory_node));
    return json;
}

void create_print(const slotring_info_t *info)
{
    char grant[OUT_GRANT];
    printf("ring %s: %" PRIu64 " slots of %s = %s in a segment of %s\n", info->name, info->slot_count,
           out_bytes(info->slot_size).text, out_bytes(info->total_size).text,
           out_bytes(info->segment_size).text);
    printf("when full: %s%s; time stamps: %s; access: %s; at most %" PRIu32 " participants, %" PRIu32
           " readers, %" PRIu32 " writers of records\n",
           out_when_full(info->when_full), out_hot(info->hot_slots), out_time_stamps(info->time_stamps),
           out_access(info->access), info->max_participants, info->max_readers, info->max_writers);
    if (info->max_groups > 0)
        printf("at most %" PRIu32 " groups of readers\n", info->max_groups);
    if (info->max_holds < info->slot_count)
        printf("a process holds at most %" PRIu32 " slot%s that producers do not wait for\n", info->max_holds,
               info->max_holds == 1 ? "" : "s");
    if (info->checksums)
        printf("each message has a checksum\n");
    if (out_grant(info, grant, sizeof grant))
        printf("%s\n", grant);
    if (info->numa_node != SLOTRING_NO_NUMA_NODE)
        printf("memory of NUMA node %" PRIu32 "\n", info->numa_node);
}

int create_stay(const slotring_info_t *info, int code)
{
    if (code == EXIT_DONE && !(info->capabilities & SLOTRING_CAN_PERSIST)) {
        out_error(
            "this system removes a ring with its last user, so this command stays; stop it to remove what it "
            "made (Ctrl-C)");
        host_await_stop();
    }
    return code;
}

static int describe(slotring_t *ring, uint32_t asked)
{
    slotring_info_t info = {.struct_size = sizeof info};
    if (slotring_info(ring, &info) < 0)
        return report_last("cannot describe the new ring");
    ring_warn_refused(&info, asked);
    if (given.json)
        out_json_print(stdout, create_json(&info), false);
    else
        create_print(&info);
    return create_stay(&info, out_finish(EXIT_DONE));
}

static int create_one(const char *name)
{
    slotring_options_t options;
    slotring_t *ring;
    ring_options(&options);
    options.mode = given.exist_ok ? SLOTRING_CREATE_OR_ATTACH : SLOTRING_CREATE;
    int code = ring_shape(&options) ? ring_open(&ring, name, &options) : EXIT_USAGE;
    if (code == EXIT_DONE) {
        code = describe(ring, options.flags);
        ring_close(ring);
    }
    return code;
}

/* A file says everything of its rings but where they are. */
static bool alone(const char *name)
{
    const char *shape_option = ring_shape_first_given();
    if (name)
        out_error("\"%s\" is one argument too many: the rings and their names stand in %s", name, given.file);
    else if (shape_option)
        out_error("--%s goes with a NAME; write it as a field of a ring in %s", shape_option, given.file);
    return !name && !shape_option;
}

int command_create(int argc, const char **argv)
{
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    const char *name = args.count > 0 ? args.operands[0] : NULL;
    if (given.file)
        code = alone(name) ? create_from_file(given.file, given.exist_ok, given.json) : EXIT_USAGE;
    else if (name)
        code = create_one(name);
    else
        out_error("expects %s; try \"slotring create --help\"", shape.operands);
    args_free(&args);
    return code;
}
