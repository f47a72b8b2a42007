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

page_style_t verdict_style(verdict_kind_t kind)
{
    switch (kind) {
    case VERDICT_OK:
        return PAGE_GOOD;
    case VERDICT_BLOCKED:
    case VERDICT_FULL:
    case VERDICT_REMOVED:
        return PAGE_BAD;
    case VERDICT_SLOW:
    case VERDICT_WARNING:
    case VERDICT_GATE_SHUT:
        return PAGE_WARN;
    default:
        return PAGE_HEAD;
    }
}

void verdict_page_of(page_t *page, const verdict_t *verdict, const char *name)
{
    page_add(page, PAGE_ALWAYS, verdict_style(verdict->kind), 2, "%s %s%s%s", verdict_word(verdict->kind),
             name, name[0] ? ": " : "", verdict->text);
    for (uint32_t i = 0; i < verdict->remedies.count; i++) {
        const remedy_t *remedy = &verdict->remedies.list[i];
        char command[sizeof remedy->command + 8];
        page_add(page, PAGE_ALWAYS, PAGE_PLAIN, 4, "  %s%s%s%s:", remedy->what, remedy->cost[0] ? " (" : "",
                 remedy->cost, remedy->cost[0] ? ")" : "");
        snprintf(command, sizeof command, "    %s", remedy->command);
        page_add_whole(page, PAGE_ALWAYS, PAGE_HEAD, command);
    }
}

void verdict_page(page_t *page, const verdict_t *verdict)
{
    verdict_page_of(page, verdict, "");
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
