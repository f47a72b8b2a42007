/* SPDX-License-Identifier: Apache-2.0 */
/* slotring gc: the rings that were to go with their last user, when that one was killed. Says which; removes them if it is
 * told to. */
#include <inttypes.h>
#include <stdlib.h>

#include "args.h"
#include "common.h"
#include "cost.h"
#include "exit_codes.h"
#include "gc.h"
#include "list.h"
#include "output.h"

static struct {
    int remove, foreign, json;
} given;

static struct poptOption table[] = {{"remove", 0, POPT_ARG_NONE, &given.remove, 0,
                                     "Remove them; without this option nothing is removed", NULL},
                                    {"foreign", 0, POPT_ARG_NONE, &given.foreign, 0,
                                     "Only the files of NAME..., which are another user's or no rings", NULL},
                                    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print JSON", NULL},
                                    RING_PLACE_OPTIONS,
                                    ARGS_HELP,
                                    POPT_TABLEEND};

static const args_shape_t shape = {
    "gc", "[--foreign NAME...]",
    "Says which rings were to go with their last user (rm --when-unused) and have no user any more,\n"
    "and why the others stay. Removes nothing without --remove.\n"
    "  slotring gc                  what would go\n"
    "  slotring gc --remove         now it goes\n"
    "  slotring gc --foreign daq    what stands in the way of a ring daq, and may go\n",
    0, -1};

/* ---- Looking -------------------------------------------------------------------------------------- */

static json_t *goes_json(const slotring_options_t *options, const slotring_list_entry_t *entry)
{
    json_t *json = json_object();
    cost_t cost;
    bool known = cost_of(options, entry->name, &cost);
    json_object_set_new(json, "name", out_json_text(entry->name, sizeof entry->name));
    json_object_set_new(json, "segment_size", out_json_count(entry->segment_size));
    json_object_set_new(json, "published", out_json_count(entry->published));
    json_object_set_new(json, "messages", known ? out_json_count(cost.messages) : json_null());
    return json;
}

static json_t *look_json(const slotring_options_t *options, const slotring_list_entry_t *list, uint32_t count)
{
    json_t *go = json_array(), *stay = json_array();
    for (uint32_t i = 0; i < count; i++) {
        if (gc_would_go(&list[i]))
            json_array_append_new(go, goes_json(options, &list[i]));
        else
            json_array_append_new(stay, gc_stays_json(options, &list[i]));
    }
    return json_pack("{s:o, s:o}", "would_remove", go, "stays", stay);
}

static void print_goes(const slotring_options_t *options, const slotring_list_entry_t *entry)
{
    char safe[sizeof entry->name], lost[GC_LOST];
    out_safe_name(entry->name, sizeof safe, safe);
    gc_lost_with(options, entry->name, lost);
    printf("would remove %s: %s, %" PRIu64 " publications went through it%s%s\n", safe,
           out_bytes(entry->segment_size).text, entry->published, lost[0] ? "; " : "", lost);
}

static void look_text(const slotring_options_t *options, const slotring_list_entry_t *list, uint32_t count)
{
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        any = any || gc_would_go(&list[i]);
        if (gc_would_go(&list[i]))
            print_goes(options, &list[i]);
        else
            gc_print_stays(options, &list[i]);
    }
    if (any)
        printf("Nothing was removed. To remove: slotring gc%s --remove\n", ring_place_words());
}

static int look(const slotring_options_t *options)
{
    slotring_list_entry_t *list;
    uint32_t count;
    int code = list_fetch(options, &list, &count);
    if (code != EXIT_DONE)
        return code;
    if (given.json)
        out_json_print(stdout, look_json(options, list, count), false);
    else
        look_text(options, list, count);
    free(list);
    return EXIT_DONE;
}

static bool sensible(const args_t *args)
{
    if (given.foreign && args->count == 0)
        out_error("--foreign expects NAME...; try \"slotring gc --help\"");
    else if (!given.foreign && args->count > 0)
        out_error(
            "\"%s\" is one argument too many, expects none without --foreign; try \"slotring gc --help\"",
            args->operands[0]);
    else
        return true;
    return false;
}

int command_gc(int argc, const char **argv)
{
    slotring_options_t options;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    if (sensible(&args)) {
        if (given.foreign)
            code = gc_foreign(&options, args.operands, given.remove, given.json);
        else
            code = given.remove ? gc_collect(&options, given.json) : look(&options);
    }
    args_free(&args);
    return out_finish(code);
}
