/* SPDX-License-Identifier: Apache-2.0 */
#include "alarm_output.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

#define LINE 1024u

/* ---- Of one ring ---------------------------------------------------------------------------------- */

static void judge(const alarms_t *alarms, const overview_t *overview, const overview_ring_t *ring, bool live,
                  alarm_result_t *result)
{
    char prefix[SLOTRING_NAME_MAX + 8] = "";
    const snapshot_t *before = live && ring->watch.has_before ? &ring->watch.before : NULL;
    if (!ring->watch.has_now) {
        *result = (alarm_result_t){.level = ALARM_UNKNOWN};
        return;
    }
    if (overview->count > 1)
        snprintf(prefix, sizeof prefix, "%s.", ring->name);
    alarm_judge(alarms, &ring->watch.now, before, prefix, result);
}

/* "lag 100 %: BLOCKED since …", or why it cannot be looked at. A bar would end what people are shown. */
static void say_ring(const overview_ring_t *ring, const alarm_result_t *result, char *text, size_t size)
{
    text[0] = '\0';
    if (ring->watch.has_now)
        out_append(text, size, "%s%s%s %s", result->text, result->text[0] ? ": " : "",
                   verdict_word(ring->verdict.kind), ring->verdict.text);
    else
        out_safe_name(ring->watch.error_text, size < LINE ? size : LINE, text);
    for (char *bar = strchr(text, '|'); bar; bar = strchr(bar, '|'))
        *bar = '?';
}

/* ---- Of all --------------------------------------------------------------------------------------- */

/* Without any ring nothing is known: the name of the folder may be wrong. */
alarm_level_t alarm_level_of(const alarms_t *alarms, const overview_t *overview, bool live)
{
    alarm_level_t level = ALARM_OK;
    if (overview->count == 0 || overview->error_text[0])
        return ALARM_UNKNOWN;
    for (uint32_t i = 0; i < overview->count; i++) {
        alarm_result_t result;
        judge(alarms, overview, overview->rings[i], live, &result);
        level = alarm_worse(level, result.level);
    }
    return level;
}

/* The ring that is beyond its limits the most; of several, the one whose verdict is the worst. */
static const overview_ring_t *worst(const alarms_t *alarms, const overview_t *overview, bool live,
                                    alarm_result_t *result)
{
    const overview_ring_t *found = NULL;
    for (uint32_t i = 0; i < overview->count; i++) {
        alarm_result_t one;
        judge(alarms, overview, overview->rings[i], live, &one);
        if (found && alarm_worse(result->level, one.level) == result->level)
            continue;
        found = overview->rings[i];
        *result = one;
    }
    return found;
}

static void print_figures(const alarms_t *alarms, const overview_t *overview, bool live)
{
    const char *before = " | ";
    for (uint32_t i = 0; i < overview->count; i++) {
        alarm_result_t result;
        judge(alarms, overview, overview->rings[i], live, &result);
        if (!result.figures[0])
            continue;
        printf("%s%s", before, result.figures);
        before = " ";
    }
}

void alarm_print(const alarms_t *alarms, const overview_t *overview, bool live)
{
    alarm_result_t result = {.level = ALARM_UNKNOWN};
    const overview_ring_t *first = worst(alarms, overview, live, &result);
    char text[LINE], name[SLOTRING_NAME_MAX + 8];
    if (!first || overview->error_text[0]) {
        printf("UNKNOWN %s\n", overview->error_text[0] ? overview->error_text : "there is no ring");
        return;
    }
    say_ring(first, &result, text, sizeof text);
    out_safe_name(first->name, sizeof name, name);
    printf("%s %s: %s", alarm_word(result.level), name, text);
    print_figures(alarms, overview, live);
    printf("\n");
    for (uint32_t i = 0; i < overview->count; i++) {
        const overview_ring_t *ring = overview->rings[i];
        judge(alarms, overview, ring, live, &result);
        if (ring == first || result.level == ALARM_OK)
            continue;
        say_ring(ring, &result, text, sizeof text);
        out_safe_name(ring->name, sizeof name, name);
        printf("%s %s: %s\n", alarm_word(result.level), name, text);
    }
}

json_t *alarm_json(const alarms_t *alarms, const overview_t *overview, bool live)
{
    json_t *rings = json_array();
    for (uint32_t i = 0; i < overview->count; i++) {
        const overview_ring_t *ring = overview->rings[i];
        alarm_result_t result;
        json_t *json = watch_json(&ring->watch);
        judge(alarms, overview, ring, live, &result);
        json_object_set_new(json, "level", json_string(alarm_word(result.level)));
        json_object_set_new(json, "beyond", json_string(result.text));
        json_array_append_new(rings, json);
    }
    return json_pack("{s:s, s:o}", "level", alarm_word(alarm_level_of(alarms, overview, live)), "rings",
                     rings);
}
