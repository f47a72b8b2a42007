/* SPDX-License-Identifier: Apache-2.0 */
/* slotring rm: removes rings. */
#include <inttypes.h>
#include <stdlib.h>

#include "args.h"
#include "common.h"
#include "cost.h"
#include "exit_codes.h"
#include "list.h"
#include "output.h"

static struct {
    int force, when_unused, all_unused, json;
} given;

static struct poptOption table[] = {
    {"force", 'f', POPT_ARG_NONE, &given.force, 0,
     "Remove it although it is in use (its users go on with the nameless ring) or is not a sound ring", NULL},
    {"when-unused", 'w', POPT_ARG_NONE, &given.when_unused, 0,
     "If it is in use, remove it with its last user", NULL},
    {"all-unused", 'a', POPT_ARG_NONE, &given.all_unused, 0, "Remove every ring that no living process uses",
     NULL},
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Say as JSON what was removed", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {
    "rm", "[NAME...]",
    "Removes rings. Refuses while living processes use one, and says who they are.\n"
    "  slotring rm daq\n"
    "  slotring rm --all-unused\n",
    0, -1};

static void print_users(const char *name, const slotring_options_t *how)
{
    slotring_options_t options = *how;
    slotring_participant_t *list;
    slotring_t *ring;
    uint32_t count;
    options.mode = SLOTRING_OBSERVE;
    if (slotring_open(&ring, name, &options, NULL) < 0)
        return; /* gone meanwhile, or not ours to look into */
    if (ring_participants(ring, &list, &count)) {
        for (uint32_t i = 0; i < count; i++) {
            char safe[sizeof list[i].name];
            out_safe_name(list[i].name, sizeof safe, safe);
            fprintf(stderr, "  used by \"%s\" (pid %" PRIu64 ", %s)\n", safe, list[i].pid,
                    out_life(list[i].life));
        }
        if (count > 0)
            fprintf(stderr, "  --when-unused removes it with the last of them, --force removes it now\n");
        free(list);
    }
    slotring_close(ring);
}

/* What was kept for somebody does not go without a word. */
static void print_lost(const char *name, const cost_t *cost)
{
    char lost[300];
    cost_text(cost, lost, sizeof lost);
    if (lost[0] && !given.json)
        printf("%s: %s\n", name, lost);
}

static int remove_one(const char *name, int how, const slotring_options_t *options, json_t *removed)
{
    slotring_error_t error;
    cost_t cost;
    int code;
    bool kept = cost_of(options, name, &cost) && (cost.keeps || cost.durable[0]);
    if (slotring_unlink(name, how, options, &error) == 0) {
        json_array_append_new(removed, out_json_text(name, SLOTRING_NAME_MAX + 1));
        if (kept && how != SLOTRING_UNLINK_WHEN_UNUSED)
            print_lost(name, &cost);
        return EXIT_DONE;
    }
    if (given.all_unused && (error.code == SLOTRING_E_BUSY || error.code == SLOTRING_E_NOT_FOUND ||
                             error.code == SLOTRING_E_ACCESS || error.code == SLOTRING_E_OWNER))
        return EXIT_DONE;
    code = report_open(&error, name, options);
    if (error.code == SLOTRING_E_BUSY)
        print_users(name, options);
    return code;
}

/* Rings that the caller may not remove and what is not a ring are left alone without a word: nobody named them. */
static int remove_unused(const slotring_options_t *options, json_t *removed)
{
    slotring_list_entry_t *list;
    uint32_t count;
    int code = list_fetch(options, &list, &count);
    if (code != EXIT_DONE)
        return code;
    for (uint32_t i = 0; i < count; i++) {
        int one;
        if (list[i].status != SLOTRING_OK && list[i].status != SLOTRING_E_OTHER_BOOT)
            continue;
        one = remove_one(list[i].name, SLOTRING_UNLINK_IF_UNUSED, options, removed);
        if (code == EXIT_DONE)
            code = one;
    }
    free(list);
    return code;
}

static int remove_named(const char **names, const slotring_options_t *options, json_t *removed)
{
    int how = SLOTRING_UNLINK_IF_UNUSED, code = EXIT_DONE;
    if (given.when_unused)
        how = SLOTRING_UNLINK_WHEN_UNUSED;
    if (given.force)
        how = SLOTRING_UNLINK_FORCE;
    for (; *names; names++) { /* all of them; the first failure is the exit code */
        int one = remove_one(*names, how, options, removed);
        if (code == EXIT_DONE)
            code = one;
    }
    return code;
}

static bool sensible(const args_t *args)
{
    if (given.all_unused && (args->count > 0 || given.force || given.when_unused))
        out_error("--all-unused goes without names, --force and --when-unused");
    else if (given.force && given.when_unused)
        out_error("--force and --when-unused exclude each other; give one of them");
    else if (!given.all_unused && args->count == 0)
        out_error("expects NAME...; try \"slotring rm --help\"");
    else
        return true;
    return false;
}

int command_rm(int argc, const char **argv)
{
    slotring_options_t options;
    json_t *removed;
    args_t args;
    int code = EXIT_USAGE;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    ring_options(&options);
    removed = json_array();
    if (sensible(&args)) {
        code = given.all_unused ? remove_unused(&options, removed)
                                : remove_named(args.operands, &options, removed);
        if (given.json) {
            out_json_print(stdout, json_pack("{s:O}", "removed", removed), false);
        } else if (given.all_unused) {
            for (size_t i = 0; i < json_array_size(removed); i++)
                printf("removed %s\n", json_string_value(json_array_get(removed, i)));
        }
    }
    json_decref(removed);
    args_free(&args);
    return out_finish(code);
}
