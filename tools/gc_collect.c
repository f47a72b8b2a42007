/* SPDX-License-Identifier: Apache-2.0 */
/* gc --remove: removes the rings that would go, says how many messages went with each, and why the others stay. */
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "gc.h"
#include "list.h"
#include "output.h"
#include "words.h"

typedef struct outcome {
    json_t *removed, *left, *stays;
    json_t *lost; /* the name of each ring that would go: what went with it */
    bool json;
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
    if (!outcome->json) {
        char safe[SLOTRING_NAME_MAX + 1];
        out_safe_name(name, sizeof safe, safe);
        out_error("%s stays: %s", safe, words_of(error).text);
    }
}

/* Nobody uses these rings, so what is in them stays the same until they go. */
static int look_before(const slotring_options_t *options, outcome_t *outcome)
{
    slotring_list_entry_t *list;
    uint32_t count;
    int code = list_fetch(options, &list, &count);
    for (uint32_t i = 0; i < count; i++) {
        char lost[GC_LOST];
        if (!gc_would_go(&list[i]))
            continue;
        gc_lost_with(options, list[i].name, lost);
        json_object_set_new(outcome->lost, list[i].name, json_string(lost));
    }
    free(list);
    return code;
}

static bool was_reported(const outcome_t *outcome, const char *name)
{
    for (size_t i = 0; i < json_array_size(outcome->left); i++)
        if (strcmp(json_string_value(json_object_get(json_array_get(outcome->left, i), "name")), name) == 0)
            return true;
    return false;
}

static int look_after(const slotring_options_t *options, outcome_t *outcome)
{
    slotring_list_entry_t *list;
    uint32_t count;
    int code = list_fetch(options, &list, &count);
    for (uint32_t i = 0; i < count; i++) {
        if (was_reported(outcome, list[i].name))
            continue;
        if (outcome->json)
            json_array_append_new(outcome->stays, gc_stays_json(options, &list[i]));
        else
            gc_print_stays(options, &list[i]);
    }
    free(list);
    return code;
}

static void print_removed(const outcome_t *outcome)
{
    for (size_t i = 0; i < json_array_size(outcome->removed); i++) {
        const char *name = json_string_value(json_array_get(outcome->removed, i));
        const char *lost = json_string_value(json_object_get(outcome->lost, name));
        printf("removed %s%s%s\n", name, lost && lost[0] ? ": " : "", lost ? lost : "");
    }
}

static void collect(const slotring_options_t *options, outcome_t *outcome)
{
    slotring_error_t error;
    outcome->code = look_before(options, outcome);
    if (outcome->code != EXIT_DONE)
        return;
    if (slotring_collect(options, note, outcome, NULL, &error) < 0) {
        outcome->code = report(&error);
        return;
    }
    if (!outcome->json)
        print_removed(outcome);
    int code = look_after(options, outcome);
    outcome->code = outcome->code == EXIT_DONE ? code : outcome->code;
    if (outcome->json)
        out_json_print(stdout,
                       json_pack("{s:O, s:O, s:O}", "removed", outcome->removed, "left", outcome->left,
                                 "stays", outcome->stays),
                       false);
}

int gc_collect(const slotring_options_t *options, bool json)
{
    outcome_t outcome = {.code = EXIT_DONE, .json = json};
    outcome.removed = json_array();
    outcome.left = json_array();
    outcome.stays = json_array();
    outcome.lost = json_object();
    collect(options, &outcome);
    json_decref(outcome.removed);
    json_decref(outcome.left);
    json_decref(outcome.stays);
    json_decref(outcome.lost);
    return outcome.code;
}
