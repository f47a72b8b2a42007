/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict for people, and for programs. */
#include <stdio.h>

#include "output.h"
#include "verdict.h"

const char *verdict_word(verdict_kind_t kind)
{
    static const char *const words[] = {"OK",        "IDLE",        "SLOW",  "WARNING", "BLOCKED", "FULL",
                                        "GATE SHUT", "NO PRODUCER", "ENDED", "UNUSED",  "REMOVED"};
    return words[kind];
}

void verdict_print(const verdict_t *verdict)
{
    printf("%s %s\n", verdict_word(verdict->kind), verdict->text);
    for (uint32_t i = 0; i < verdict->remedies.count; i++) {
        const remedy_t *remedy = &verdict->remedies.list[i];
        printf("  %s%s%s%s:\n    %s\n", remedy->what, remedy->cost[0] ? " (" : "", remedy->cost,
               remedy->cost[0] ? ")" : "", remedy->command);
    }
}

json_t *verdict_json(const verdict_t *verdict)
{
    json_t *json = json_object(), *remedies = json_array();
    for (uint32_t i = 0; i < verdict->remedies.count; i++) {
        const remedy_t *remedy = &verdict->remedies.list[i];
        json_array_append_new(remedies, json_pack("{s:s, s:s, s:s}", "what", remedy->what, "command",
                                                  remedy->command, "cost", remedy->cost));
    }
    json_object_set_new(json, "state", json_string(verdict_word(verdict->kind)));
    json_object_set_new(json, "text", json_string(verdict->text));
    json_object_set_new(json, "since_ns",
                        verdict->since_ns ? out_json_count(verdict->since_ns) : json_null());
    json_object_set_new(json, "who", verdict->who[0] ? json_string(verdict->who) : json_null());
    json_object_set_new(json, "pid", verdict->pid ? out_json_count(verdict->pid) : json_null());
    json_object_set_new(json, "remedies", remedies);
    return json;
}
