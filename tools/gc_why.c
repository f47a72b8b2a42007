/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "cost.h"
#include "doctor.h"
#include "gc.h"
#include "output.h"

bool gc_would_go(const slotring_list_entry_t *entry)
{
    return entry->status == SLOTRING_OK && entry->lock_file == SLOTRING_LOCK_FILE_THERE && entry->unused == 1;
}

/* Living participants: the first by its name. */
static void in_use_by(const slotring_options_t *place, const char *name, char *text, size_t size)
{
    slotring_options_t options = *place;
    slotring_participant_t *list;
    slotring_t *ring;
    uint32_t count;
    snprintf(text, size, "it is in use");
    options.mode = SLOTRING_OBSERVE;
    if (slotring_open(&ring, name, &options, NULL) < 0)
        return;
    if (ring_participants(ring, &list, &count) && count > 0) {
        char safe[sizeof list->name], more[32] = "";
        out_safe_name(list->name, sizeof safe, safe);
        if (count > 1)
            snprintf(more, sizeof more, " and %" PRIu32 " more", count - 1);
        snprintf(text, size, "it is in use by \"%s\" (pid %" PRIu64 ", %s)%s", safe, list->pid,
                 out_life(list->life), more);
        free(list);
    }
    slotring_close(ring);
}

static void with_command(char *text, size_t size, const char *why, const char *command, const char *name,
                         const char *more)
{
    char line[DOCTOR_COMMAND];
    doctor_command(line, sizeof line, command, name, more);
    snprintf(text, size, "%s: %s", why, line);
}

void gc_why_it_stays(const slotring_options_t *options, const slotring_list_entry_t *entry, char *text,
                     size_t size)
{
    if (entry->lock_file != SLOTRING_LOCK_FILE_THERE)
        with_command(text, size, "its lock file is not its own, end its users and", "rm", entry->name,
                     " --force");
    else if (entry->status == SLOTRING_E_OWNER)
        with_command(text, size, "another user's, or no ring", "gc", entry->name, " --foreign");
    else if (entry->status == SLOTRING_E_OTHER_BOOT)
        with_command(text, size, slotring_strerror(entry->status), "rm", entry->name, "");
    else if (entry->status == SLOTRING_E_ACCESS)
        snprintf(text, size, "this user may not look into it");
    else if (entry->status != SLOTRING_OK)
        with_command(text, size, slotring_strerror(entry->status), "rm", entry->name, " --force");
    else if (!entry->remove_when_unused)
        with_command(text, size, "it was never to go with its last user", "rm", entry->name, "");
    else if (entry->unused == 0)
        in_use_by(options, entry->name, text, size);
    else
        snprintf(text, size, "this user has no right to know whether it is in use");
}

void gc_print_stays(const slotring_options_t *options, const slotring_list_entry_t *entry)
{
    char safe[sizeof entry->name], why[DOCTOR_REMEDY];
    out_safe_name(entry->name, sizeof safe, safe);
    gc_why_it_stays(options, entry, why, sizeof why);
    printf("%s stays: %s\n", safe, why);
}

json_t *gc_stays_json(const slotring_options_t *options, const slotring_list_entry_t *entry)
{
    char why[DOCTOR_REMEDY];
    json_t *json = json_object();
    gc_why_it_stays(options, entry, why, sizeof why);
    json_object_set_new(json, "name", out_json_text(entry->name, sizeof entry->name));
    json_object_set_new(json, "why", out_json_text(why, sizeof why));
    return json;
}

void gc_lost_with(const slotring_options_t *options, const char *name, char text[GC_LOST])
{
    cost_t cost;
    text[0] = '\0';
    if (cost_of(options, name, &cost))
        cost_text(&cost, text, GC_LOST);
}
