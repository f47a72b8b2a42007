/* SPDX-License-Identifier: Apache-2.0 */
/* The overview for people. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "host.h"
#include "output.h"
#include "overview.h"
#include "table.h"

static const table_column_t columns[] = {
    {"RING", 0, true},   {"STATE", 0, true},      {"FILL", 2, false},     {"RATE", 1, false},
    {"BYTES", 6, false}, {"LAG", 1, false},       {"BEHIND", 8, true},    {"LOSS", 3, false},
    {"", 7, false},      {"LAST", 6, false},      {"PRODUCERS", 9, true}, {"OWNER", 9, true},
    {"AGE", 10, false},  {"BLOCKED BY", 4, true},
};

/* ---- Of one ring ---------------------------------------------------------------------------------- */

static const snapshot_t *before_of(const overview_ring_t *ring)
{
    return ring->watch.has_before ? &ring->watch.before : NULL;
}

static uint64_t published(const snapshot_t *at)
{
    return at->stats.published + at->stats.records;
}

static uint64_t lost(const snapshot_t *at)
{
    return at->stats.missed + at->stats.records_missed;
}

static const slotring_reader_info_t *farthest_behind(const snapshot_t *now)
{
    const slotring_reader_info_t *found = NULL;
    for (uint32_t i = 0; i < now->reader_count; i++)
        if (!found || now->readers[i].lag > found->lag)
            found = &now->readers[i];
    return found;
}

static void add_lag(table_t *table, const snapshot_t *now)
{
    const slotring_reader_info_t *reader = farthest_behind(now);
    char name[SLOTRING_CLIENT_NAME_MAX + 1] = "";
    if (reader && reader->lag > 0)
        out_safe_name(reader->name, sizeof name, name);
    if (reader)
        table_cell(table, "%" PRIu64, reader->lag);
    else
        table_cell(table, "-");
    table_cell(table, "%s", name);
}

static void add_last(table_t *table, const snapshot_t *now)
{
    uint64_t age = now->age_ns > now->stats.idle_ns ? now->age_ns : now->stats.idle_ns;
    if (age > 0)
        table_cell(table, "%s", out_duration((double)age * 1e-9).text);
    else
        table_cell(table, "-");
}

/* Whose fault the verdict is, with the process. */
static void add_culprit(table_t *table, const verdict_t *verdict)
{
    if (!verdict->who[0])
        table_cell(table, "%s", "");
    else if (verdict->pid > 0)
        table_cell(table, "%s, pid %" PRIu64, verdict->who, verdict->pid);
    else
        table_cell(table, "%s, nobody has it", verdict->who);
}

static void add_owner(table_t *table, const snapshot_t *now)
{
    char owner[64];
    snapshot_owner(now, owner, sizeof owner);
    table_cell(table, "%s", owner);
}

static void add_age(table_t *table, const snapshot_t *now)
{
    uint64_t age_ns = host_age_ns(now->info.created_ns);
    table_cell(table, "%s", age_ns > 0 ? out_duration((double)age_ns * 1e-9).text : "-");
}

static void add_seen(table_t *table, const overview_ring_t *ring)
{
    const snapshot_t *now = &ring->watch.now, *before = before_of(ring);
    char producers[NAMES_SHOWN];
    double rate = snapshot_rate(now, before, published(now), before ? published(before) : 0);
    double bytes =
        snapshot_rate(now, before, now->stats.bytes_written, before ? before->stats.bytes_written : 0);
    double loss = snapshot_rate(now, before, lost(now), before ? lost(before) : 0);
    snapshot_producers(now, producers, sizeof producers);
    table_cell(table, "%s", verdict_word(ring->verdict.kind));
    table_cell(table, "%.0f %%", 100 * snapshot_fill(now));
    table_cell(table, "%s", rate < 0 ? "-" : out_per_second(rate).text);
    table_cell(table, "%s", bytes < 0 ? "-" : out_rate(bytes).text);
    add_lag(table, now);
    table_cell(table, "%" PRIu64, lost(now));
    table_cell(table, "%s", loss <= 0 ? "" : out_per_second(loss).text);
    add_last(table, now);
    table_cell(table, "%s", producers);
    add_owner(table, now);
    add_age(table, now);
    add_culprit(table, &ring->verdict);
}

/* In the last column, which alone may be wide. */
static void add_unseen(table_t *table, const overview_ring_t *ring)
{
    char text[sizeof ring->watch.error_text];
    out_safe_name(ring->watch.error_text, sizeof text, text);
    table_cell(table, "%s", ring->watch.error == SLOTRING_E_NOT_FOUND ? "GONE" : "UNREADABLE");
    for (uint32_t i = 2; i + 1 < sizeof columns / sizeof *columns; i++)
        table_cell(table, "%s", "");
    table_cell(table, "%s", text);
}

/* ---- Of all --------------------------------------------------------------------------------------- */

/* The first line is the verdict on the worst, with what to do about it; on rings that are all well, it sums up. */
static void add_first_line(page_t *page, const overview_t *overview)
{
    const overview_ring_t *worst = overview->rings[0];
    char name[SLOTRING_NAME_MAX + 8], why[sizeof worst->watch.error_text];
    double rate = 0;
    uint32_t well = 0;
    out_safe_name(worst->name, sizeof name, name);
    out_safe_name(worst->watch.error_text, sizeof why, why);
    for (uint32_t i = 0; i < overview->count; i++) {
        const overview_ring_t *ring = overview->rings[i];
        const snapshot_t *before = before_of(ring);
        well += ring->watch.has_now && ring->verdict.kind == VERDICT_OK;
        if (ring->watch.has_now && before)
            rate += snapshot_rate(&ring->watch.now, before, published(&ring->watch.now), published(before));
    }
    if (well == overview->count)
        page_add(page, PAGE_ALWAYS, PAGE_GOOD, 2, "OK %" PRIu32 " ring%s, %s msg/s", well,
                 well == 1 ? "" : "s", out_count_per_second(rate).text);
    else if (worst->watch.has_now)
        verdict_page_of(page, &worst->verdict, name);
    else
        page_add(page, PAGE_ALWAYS, PAGE_WARN, 2, "%s: %s", name, why);
}

static page_style_t style_of(const overview_t *overview, const overview_ring_t *ring)
{
    if (overview->chosen && strcmp(overview->chosen, ring->name) == 0)
        return PAGE_MARKED;
    if (!ring->watch.has_now)
        return PAGE_WARN;
    page_style_t style = verdict_style(ring->verdict.kind);
    return style == PAGE_GOOD || style == PAGE_HEAD ? PAGE_PLAIN : style;
}

/* The first ring of those that are shown: the one that is chosen is among them. */
static uint32_t first_shown(const page_t *page, const overview_t *overview)
{
    for (uint32_t i = page->most; overview->chosen && i < overview->count; i++)
        if (strcmp(overview->chosen, overview->rings[i]->name) == 0)
            return i + 1 - page->most;
    return 0;
}

void overview_page(page_t *page, const void *what)
{
    const overview_t *overview = what;
    table_t table;
    if (overview->count == 0) {
        page_add(page, PAGE_ALWAYS, PAGE_HEAD, 0, "there is no ring");
        return;
    }
    add_first_line(page, overview);
    page_add(page, PAGE_ALL, PAGE_PLAIN, 0, "%s", "");
    table_begin(&table, columns, sizeof columns / sizeof *columns);
    uint32_t first = first_shown(page, overview), rest = overview->count - first;
    uint32_t shown = rest < page->most ? rest : page->most;
    table.passed = overview->count - shown;
    for (uint32_t i = first; i < first + shown; i++) {
        const overview_ring_t *ring = overview->rings[i];
        char name[SLOTRING_NAME_MAX + 8];
        out_safe_name(ring->name, sizeof name, name);
        table_row(&table, overview->count - i, style_of(overview, ring));
        table_cell(&table, "%s", name);
        if (ring->watch.has_now)
            add_seen(&table, ring);
        else
            add_unseen(&table, ring);
    }
    table_end(&table, page, PAGE_ALWAYS, "rings");
}
