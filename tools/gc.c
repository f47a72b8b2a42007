/* SPDX-License-Identifier: Apache-2.0 */
/* slotring gc: removes the rings that were to go with their last user, when that one was killed. */
#include <inttypes.h>

#include "args.h"
#include "common.h"
#include "exit_codes.h"
#include "output.h"

static struct {
    int json;
} given;

static struct poptOption table[] = {
    {"json", 'j', POPT_ARG_NONE, &given.json, 0, "Say as JSON what was removed, and what was not", NULL},
    RING_PLACE_OPTIONS,
    ARGS_HELP,
    POPT_TABLEEND};

static const args_shape_t shape = {"gc", "",
                                   "Removes the rings that were to go with their last user (rm "
                                   "--when-unused) and that nobody uses any more,\n"
                                   "and says which.\n",
                                   0, 0};

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

int command_gc(int argc, const char **argv)
{
    slotring_options_t options;
    slotring_error_t error;
    outcome_t outcome = {.code = EXIT_DONE};
    uint32_t removed;
    args_t args;
    if (args_parse(&args, &shape, table, argc, argv) != 0)
        return args_result();
    args_free(&args);
    ring_options(&options);
    outcome.removed = json_array();
    outcome.left = json_array();
    if (slotring_collect(&options, note, &outcome, &removed, &error) < 0)
        outcome.code = report(&error);
    else if (given.json)
        out_json_print(stdout, json_pack("{s:O, s:O}", "removed", outcome.removed, "left", outcome.left),
                       false);
    for (size_t i = 0; i < json_array_size(outcome.removed) && !given.json; i++)
        printf("removed %s\n", json_string_value(json_array_get(outcome.removed, i)));
    json_decref(outcome.removed);
    json_decref(outcome.left);
    return out_finish(outcome.code);
}
