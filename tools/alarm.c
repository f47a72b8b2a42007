/* SPDX-License-Identifier: Apache-2.0 */
#include "alarm.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "args.h"
#include "output.h"

#define LONGEST 64u /* bytes of a limit */

static const struct {
    const char *name;
    const char *unit; /* of the figures */
    const char *example;
} kinds[ALARM_KINDS] = {
    {"lag", "%", "lag=80%"},   {"fill", "%", "fill=90%"}, {"blocked", "s", "blocked=1s"},
    {"idle", "s", "idle=10s"}, {"loss", "", "loss=1"},
};

/* ---- Reading the limits --------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length > tail && strcmp(text + length - tail, end) == 0;
}

/* Cuts the end off, if it is there. */
static bool take_unit(char *text, const char *unit)
{
    if (!ends_with(text, unit))
        return false;
    text[strlen(text) - strlen(unit)] = '\0';
    return true;
}

static bool read_percent(const char *option, char *text, double *value)
{
    uint64_t percent;
    if (!take_unit(text, "%")) {
        out_error("%s %s: expects a percentage, such as 80%%", option, text);
        return false;
    }
    if (!args_number(option, text, 1, 100, &percent))
        return false;
    *value = (double)percent;
    return true;
}

static bool read_seconds(const char *option, char *text, double *value)
{
    int64_t ns;
    double scale = take_unit(text, "ms") ? 1e-12 : take_unit(text, "min") ? 60e-9 : 1e-9;
    (void)take_unit(text, "s");
    if (!args_seconds(option, text, &ns))
        return false;
    *value = (double)ns * scale;
    return true;
}

static bool read_count(const char *option, const char *text, double *value)
{
    uint64_t count;
    if (!args_number(option, text, 1, UINT32_MAX, &count))
        return false;
    *value = (double)count;
    return true;
}

static bool read_one(alarm_kind_t kind, char *text, double *value)
{
    char option[32];
    snprintf(option, sizeof option, "--alarm %s", kinds[kind].name);
    if (kind == ALARM_LAG || kind == ALARM_FILL)
        return read_percent(option, text, value);
    return kind == ALARM_LOSS ? read_count(option, text, value) : read_seconds(option, text, value);
}

/* "CRITICAL" or "WARNING:CRITICAL". */
static bool read_limits(alarms_t *alarms, alarm_kind_t kind, char *text)
{
    char *colon = strchr(text, ':'), *critical = colon ? colon + 1 : text;
    double warning;
    if (colon)
        *colon = '\0';
    if ((colon && !read_one(kind, text, &warning)) || !read_one(kind, critical, &alarms->critical[kind]))
        return false;
    alarms->warning[kind] = colon ? warning : alarms->critical[kind];
    if (alarms->warning[kind] <= alarms->critical[kind])
        return true;
    out_error("--alarm %s: the limit of the warning comes first, and is the lower one", kinds[kind].name);
    return false;
}

static bool unknown(const char *word)
{
    char names[LONGEST] = "";
    for (size_t i = 0; i < ALARM_KINDS; i++)
        out_append(names, sizeof names, "%s%s", i ? ", " : "", kinds[i].name);
    out_error("--alarm %s: expects conditions with commas between them, each one of %s", word, names);
    return false;
}

/* One condition, "blocked=0.5s:1s". */
static bool read_condition(alarms_t *alarms, char *text)
{
    char one[] = "1", *equals = strchr(text, '=');
    if (equals)
        *equals = '\0';
    for (alarm_kind_t kind = 0; kind < ALARM_KINDS; kind++) {
        if (strcmp(kinds[kind].name, text) != 0)
            continue;
        if (!equals && kind != ALARM_LOSS) {
            out_error("--alarm %s: expects a limit, such as %s", text, kinds[kind].example);
            return false;
        }
        alarms->given[kind] = true;
        return read_limits(alarms, kind, equals ? equals + 1 : one);
    }
    return unknown(text);
}

bool alarm_parse(alarms_t *alarms, const char *text)
{
    *alarms = (alarms_t){.given = {false}};
    for (;;) {
        char one[LONGEST];
        size_t length = strcspn(text, ",");
        if (length == 0 || length >= sizeof one)
            return unknown(text);
        memcpy(one, text, length);
        one[length] = '\0';
        if (!read_condition(alarms, one))
            return false;
        if (text[length] == '\0')
            return true;
        text += length + 1;
    }
}

/* ---- Judging -------------------------------------------------------------------------------------- */

/* Of those for whom producers wait. */
static double lag_of(const snapshot_t *now)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < now->reader_count; i++)
        if (now->readers[i].mode != SLOTRING_LOSSY && now->readers[i].lag > most)
            most = now->readers[i].lag;
    return now->info.slot_count > 0 ? 100 * (double)most / (double)now->info.slot_count : 0;
}

/* Also in calls of a moment each, of which none lasts: then nothing is published all the while. */
static double blocked_of(const slotring_stats_t *stats)
{
    uint64_t ns = stats->idle_ns > stats->blocked_ns ? stats->idle_ns : stats->blocked_ns;
    return stats->blocked > 0 ? (double)ns * 1e-9 : 0;
}

static double loss_of(const snapshot_t *now, const snapshot_t *before)
{
    uint64_t missed = now->stats.missed + now->stats.records_missed;
    if (before) {
        uint64_t then = before->stats.missed + before->stats.records_missed;
        return missed > then ? (double)(missed - then) : 0;
    }
    missed = 0;
    for (uint32_t i = 0; i < now->reader_count; i++)
        missed += now->readers[i].missed + now->readers[i].records_missed;
    return (double)missed;
}

static double value_of(alarm_kind_t kind, const snapshot_t *now, const snapshot_t *before)
{
    switch (kind) {
    case ALARM_LAG:
        return lag_of(now);
    case ALARM_FILL:
        return 100 * snapshot_fill(now);
    case ALARM_BLOCKED:
        return blocked_of(&now->stats);
    case ALARM_IDLE:
        return (double)now->stats.idle_ns * 1e-9;
    default:
        return loss_of(now, before);
    }
}

static void say_value(alarm_result_t *result, alarm_kind_t kind, double value)
{
    out_append(result->text, sizeof result->text, "%s%s ", result->text[0] ? ", " : "", kinds[kind].name);
    if (kind == ALARM_BLOCKED || kind == ALARM_IDLE)
        out_append(result->text, sizeof result->text, "%s", out_duration(value).text);
    else
        out_append(result->text, sizeof result->text, "%.0f%s%s", value, kinds[kind].unit[0] ? " " : "",
                   kinds[kind].unit);
}

void alarm_judge(const alarms_t *alarms, const snapshot_t *now, const snapshot_t *before, const char *prefix,
                 alarm_result_t *result)
{
    *result = (alarm_result_t){.level = ALARM_OK};
    for (alarm_kind_t kind = 0; kind < ALARM_KINDS; kind++) {
        if (!alarms->given[kind])
            continue;
        double value = value_of(kind, now, before);
        alarm_level_t level = value >= alarms->critical[kind]  ? ALARM_CRITICAL
                              : value >= alarms->warning[kind] ? ALARM_WARNING
                                                               : ALARM_OK;
        result->level = alarm_worse(result->level, level);
        if (level != ALARM_OK)
            say_value(result, kind, value);
        out_append(result->figures, sizeof result->figures, "%s'%s%s'=%.6g%s;%.6g;%.6g",
                   result->figures[0] ? " " : "", prefix, kinds[kind].name, value, kinds[kind].unit,
                   alarms->warning[kind], alarms->critical[kind]);
    }
}

const char *alarm_word(alarm_level_t level)
{
    static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
    return words[level];
}

alarm_level_t alarm_worse(alarm_level_t a, alarm_level_t b)
{
    static const int ranks[] = {
        [ALARM_OK] = 0, [ALARM_WARNING] = 1, [ALARM_UNKNOWN] = 2, [ALARM_CRITICAL] = 3};
    return ranks[a] >= ranks[b] ? a : b;
}
