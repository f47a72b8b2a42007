/* SPDX-License-Identifier: Apache-2.0 */
/* slotring gc: the rings that were to go with their last user, when that one was killed. Says which; removes them if it is
 * told to. */
#include <inttypes.h>
#include <stdlib.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "list.h"
#include "output.h"

static struct {
    int remove, json;
} given;

static struct poptOption table[] = {{"remove", 0, POPT_ARG_NONE, &given.remove, 0,
                                     "Remove them; without this option nothing is removed", NULL},
                                    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Print JSON", NULL},
                                    RING_PLACE_OPTIONS,
                                    ARGS_HELP,
                                    POPT_TABLEEND};

static const args_shape_t shape = {
    "gc", "",
    "Says which rings were to go with their last user (rm --when-unused) and have no user any more,\n"
    "and why the others stay. Removes nothing without --remove.\n"
    "  slotring gc                  what would go\n"
    "  slotring gc --remove         now it goes\n",
    0, 0};

/* ---- Looking -------------------------------------------------------------------------------------- */

static bool would_go(const slotring_list_entry_t *entry)
{
    return entry->status == SLOTRING_OK && entry->lock_file == SLOTRING_LOCK_FILE_THERE && entry->unused == 1;
}

static const char *why_it_stays(const slotring_list_entry_t *entry)
{
    if (entry->lock_file != SLOTRING_LOCK_FILE_THERE)
        return "its lock file is not its own: remove it with slotring rm --force";
    if (entry->status != SLOTRING_OK)
        return slotring_strerror(entry->status);
    if (!entry->remove_when_unused)
        return "it was never to go with its last user: slotring rm removes it";
    return entry->unused == 0 ? "it is in use" : "this user has no right to know whether it is in use";
}

static json_t *look_json(const slotring_list_entry_t *list, uint32_t count)
{
    json_t *go = json_array(), *stay = json_array();
    for (uint32_t i = 0; i < count; i++) {
        json_t *entry = json_object();
        json_object_set_new(entry, "name", out_json_text(list[i].name, sizeof list[i].name));
        if (would_go(&list[i])) {
            json_object_set_new(entry, "segment_size", out_json_count(list[i].segment_size));
            json_object_set_new(entry, "published", out_json_count(list[i].published));
        } else {
            json_object_set_new(entry, "why", json_string(why_it_stays(&list[i])));
        }
        json_array_append_new(would_go(&list[i]) ? go : stay, entry);
    }
    return json_pack("{s:o, s:o}", "would_remove", go, "stays", stay);
}

static void look_text(const slotring_list_entry_t *list, uint32_t count)
{
    bool any = false;
    for (uint32_t i = 0; i < count; i++) {
        char safe[sizeof list[i].name];
        out_safe_name(list[i].name, sizeof safe, safe);
        any = any || would_go(&list[i]);
        if (would_go(&list[i]))
            printf("would remove %s: %s, %" PRIu64 " publications went through it\n", safe,
                   out_bytes(list[i].segment_size).text, list[i].published);
        else
            printf("%s stays: %s\n", safe, why_it_stays(&list[i]));
    }
    if (any)
        printf("Nothing was removed. To remove: slotring gc --remove\n");
}

static int look(const slotring_options_t *options)
{
    slotring_list_entry_t *list;
    uint32_t count;
    int code = list_fetch(options, &list, &count);
    if (code != EXIT_DONE)
        return code;
    if (given.json)
        out_json_print(stdout, look_json(list, count), false);
    else
        look_text(list, count);
    free(list);
    return EXIT_DONE;
}

/* ---- Removing ------------------------------------------------------------------------------------- */

typedef struct outcome {
    json_t *removed, *left;
    int code;
} outcome_t;

/* What is another user's to remove is said, and no failure. */
static int failure_of(int error)
{
    return error == SLOTRING_E_ACCESS || error == SLOTRING_E_OWNER ? EXIT_DONE : exit_code_of(error);
}

static void note(void *user, const char *name, const slotring_error_t *error)
{
    outcome_t *outcome = user;
    json_t *text = out_json_text(name, SLOTRING_NAME_MAX + 1), *entry;
    if (error->code == 0) {
        json_array_append_new(outcome->removed, text);
        return;
    }
    entry = json_object();
    json_object_set_new(entry, "name", text);
    json_object_set_new(entry, "error", json_string(slotring_error_name(error->code)));
    json_object_set_new(entry, "text", out_json_text(error->text, sizeof error->text));
    json_array_append_new(outcome->left, entry);
    if (outcome->code == EXIT_DONE)
        outcome->code = failure_of(error->code);
    if (!given.json) {
        char safe[SLOTRING_NAME_MAX + 1];
        out_safe_name(name, sizeof safe, safe);
        out_error("%s stays: %s", safe, error->text[0] ? error->text : slotring_strerror(error->code));
    }
}

static int collect(const slotring_options_t *options)
{
    slotring_error_t error;
    outcome_t outcome = {.code = EXIT_DONE};
    uint32_t removed;
    outcome.removed = json_array();
    outcome.left = json_array();
    if (slotring_collect(options, note, &outcome, &removed, &error) < 0)
        outcome.code = report(&error);
    else if (given.json)
        out_json_print(stdout, json_pack("{s:O, s:O}", "removed", outcome.removed, "left", outcome.left),
                       false);
    for (size_t i = 0; i < json_array_size(outcome.removed) && !given.json; i++)
        printf("removed %s\n", json_string_value(json_array_get(outcome.removed, i)));
    json_decref(outcome.removed);
    json_decref(outcome.left);
    return outcome.code;
}

int command_gc(int argc, const char **argv)
{
    slotring_options_t options;
    args_t args;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    args_free(&args);
    ring_options(&options);
    return out_finish(given.remove ? collect(&options) : look(&options));
}
