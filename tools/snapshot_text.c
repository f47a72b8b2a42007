/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot for people: what is to be known of the ring as a whole. */
#include <inttypes.h>
#include <string.h>

#include "common.h"
#include "host.h"
#include "output.h"
#include "snapshot.h"
#include "snapshot_text.h"

#define LABEL 12u                          /* characters before the first item of a line */
#define SHOWN_IDLE_NS UINT64_C(1000000000) /* less is no standstill */
#define DESCRIPTION_SHOWN 160u             /* bytes; all of it is in the JSON form */
#define LINE 1024u

/* ---- What it is ----------------------------------------------------------------------------------- */

static void add_ring(page_t *page, const snapshot_t *now)
{
    const slotring_info_t *info = &now->info;
    char name[sizeof info->name], grant[OUT_GRANT], owner[64], age[OUT_TEXT + 8] = "";
    out_safe_name(info->name, sizeof name, name);
    snapshot_owner(now, owner, sizeof owner);
    uint64_t age_ns = host_age_ns(info->created_ns);
    if (age_ns > 0)
        snprintf(age, sizeof age, ", age: %s", out_duration((double)age_ns * 1e-9).text);
    page_add(page, PAGE_ALWAYS, PAGE_PLAIN, LABEL,
             "ring %s%s: %" PRIu64
             " slots of %s = %s, when full: %s%s, time stamps: %s, owner: %s, access: %s%s%s",
             name,
             info->removed              ? " (REMOVED)"
             : info->unused == 1        ? " (UNUSED, GOES WITH THE NEXT CREATE, RM OR GC)"
             : info->remove_when_unused ? " (GOES WITH ITS LAST USER)"
                                        : "",
             info->slot_count, out_bytes(info->slot_size).text, out_bytes(info->total_size).text,
             out_when_full(info->when_full), out_hot(info->hot_slots), out_time_stamps(info->time_stamps),
             owner, out_access(info->access), info->checksums ? ", checksums" : "", age);
    if (out_grant(info, grant, sizeof grant))
        page_add(page, PAGE_ALL, PAGE_PLAIN, LABEL, "%s", grant);
    if (info->numa_node != SLOTRING_NO_NUMA_NODE)
        page_add(page, PAGE_ALL, PAGE_PLAIN, LABEL, "memory      of NUMA node %" PRIu32, info->numa_node);
}

/* The first line of the description. */
static void add_description(page_t *page, const snapshot_t *now)
{
    char first[DESCRIPTION_SHOWN + 1], safe[sizeof first];
    uint32_t size = now->info.description_size, length = 0;
    while (length < size && length < DESCRIPTION_SHOWN && now->description[length] != '\n' &&
           now->description[length] != '\r')
        length++;
    if (size == 0)
        return;
    memcpy(first, now->description, length);
    first[length] = '\0';
    out_safe_name(first, sizeof first, safe);
    page_add(page, PAGE_ALL, PAGE_PLAIN, LABEL, "description %s%s", safe,
             length < size && length == DESCRIPTION_SHOWN ? " ..." : "");
}

static void add_run(page_t *page, const snapshot_t *now)
{
    const slotring_mark_t *run = &now->run;
    if (run->kind == SLOTRING_MARK_RUN_BEGIN)
        page_add(page, PAGE_MORE, PAGE_PLAIN, LABEL, "run         %" PRIu64 ", since sequence %" PRIu64,
                 run->run, run->place);
    else if (run->kind == SLOTRING_MARK_RUN_END)
        page_add(page, PAGE_MORE, PAGE_PLAIN, LABEL,
                 "run         none; run %" PRIu64 " has ended before sequence %" PRIu64, run->run,
                 run->place);
}

/* ---- What went through it ------------------------------------------------------------------------- */

typedef struct line {
    char text[LINE];
} line_t;

#define SAY(line, ...) out_append((line)->text, sizeof(line)->text, __VA_ARGS__)

/* "  name  1234 (12/s)", without the rate when there is none. */
static void say_count(line_t *line, const char *what, uint64_t count, double rate)
{
    SAY(line, "  %s %" PRIu64, what, count);
    if (rate >= 0)
        SAY(line, " (%s)", out_per_second(rate).text);
}

static void say_bytes(line_t *line, const char *what, uint64_t bytes, double rate)
{
    SAY(line, "  %s %s", what, out_bytes(bytes).text);
    if (rate >= 0)
        SAY(line, " (%s)", out_rate(rate).text);
}

/* Back-pressure: how long producers have waited for a slot, and which share of the interval that is. */
static void say_waited(line_t *line, const snapshot_t *now, const snapshot_t *before)
{
    uint64_t waited = now->stats.waited_ns;
    SAY(line, "  producers waited %s", out_duration((double)waited * 1e-9).text);
    if (before)
        SAY(line, " (%.0f %%)", snapshot_rate(now, before, waited, before->stats.waited_ns) * 1e-7);
}

static void add_line(page_t *page, uint32_t matters, const line_t *line)
{
    page_add(page, matters, PAGE_PLAIN, LABEL, "%s", line->text);
}

#define RATE(field) snapshot_rate(now, before, now->stats.field, before ? before->stats.field : 0)

static void add_messages(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    const slotring_stats_t *s = &now->stats;
    line_t messages = {"messages  "}, records = {"records   "}, bytes = {"bytes     "};
    say_count(&messages, "published", s->published, RATE(published));
    SAY(&messages, "  oldest there %" PRIu64, s->oldest);
    if (now->age_ns > 0)
        SAY(&messages, "  the last one %s ago", out_duration((double)now->age_ns * 1e-9).text);
    add_line(page, PAGE_ALWAYS, &messages);
    if (s->records > 0 || s->writers > 0) {
        say_count(&records, "written", s->records, RATE(records));
        say_count(&records, "missed by lossy readers", s->records_missed, RATE(records_missed));
        SAY(&records, "  writers %" PRIu64, s->writers);
        add_line(page, PAGE_USUAL, &records);
    }
    say_bytes(&bytes, "written", s->bytes_written, RATE(bytes_written));
    say_bytes(&bytes, "read", s->bytes_read, RATE(bytes_read));
    add_line(page, PAGE_USUAL, &bytes);
}

static void add_space(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    const slotring_stats_t *s = &now->stats;
    line_t loss = {"loss      "}, space = {"space     "};
    say_count(&loss, "overwritten", s->overwritten, RATE(overwritten));
    say_count(&loss, "missed by lossy readers", s->missed, RATE(missed));
    say_count(&loss, "stale", s->stale, RATE(stale));
    add_line(page, PAGE_USUAL, &loss);
    say_count(&space, "found full", s->full, RATE(full));
    say_waited(&space, now, before);
    say_count(&space, "recycled", s->recycled, RATE(recycled));
    say_count(&space, "freed", s->freed, RATE(freed));
    say_count(&space, "aborted", s->aborted, RATE(aborted));
    add_line(page, PAGE_MORE, &space);
}

/* What stands still now. A call may be one of many that its program makes one after the other: how long it waits is not how long
 * the producer does. */
static void add_standing(page_t *page, const slotring_stats_t *s)
{
    if (s->blocked > 0)
        page_add(page, PAGE_USUAL, PAGE_PLAIN, LABEL,
                 "waiting     %" PRIu64 " producer%s for a slot now, the oldest of these calls for %s",
                 s->blocked, s->blocked == 1 ? "" : "s", out_duration((double)s->blocked_ns * 1e-9).text);
    if (s->idle_ns >= SHOWN_IDLE_NS)
        page_add(page, PAGE_USUAL, PAGE_PLAIN, LABEL, "idle        nothing was published for %s",
                 out_duration((double)s->idle_ns * 1e-9).text);
}

static void add_producers(page_t *page, const snapshot_t *now)
{
    const slotring_stats_t *s = &now->stats;
    line_t line = {"producers "};
    char names[NAMES_SHOWN];
    snapshot_producers(now, names, sizeof names);
    SAY(&line, "  live %" PRIu64 "%s%s%s  started %" PRIu64 "  ended %" PRIu64 "  died %" PRIu64,
        s->producers, names[0] ? " (" : "", names, names[0] ? ")" : "", s->producers_started,
        s->producers_ended, s->producers_died);
    SAY(&line, "  participants repaired %" PRIu64, s->repaired);
    add_line(page, PAGE_USUAL, &line);
}

static void add_totals(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    const slotring_stats_t *s = &now->stats;
    page_add(page, PAGE_ALWAYS, PAGE_PLAIN, LABEL,
             "slots       free %" PRIu64 "  writing %" PRIu64 "  ready %" PRIu64 "  of them held %" PRIu64
             "  (%.0f %% in use)",
             s->slots_free, s->slots_writing, s->slots_ready, s->slots_held, 100 * snapshot_fill(now));
    add_messages(page, now, before);
    add_space(page, now, before);
    add_standing(page, s);
    add_producers(page, now);
}

/* ---- Who is in the way ---------------------------------------------------------------------------- */

static void add_blockers(page_t *page, const snapshot_t *now)
{
    char sentence[256];
    if (now->blocker_count == 0) {
        bool keeps = now->info.when_full == SLOTRING_KEEP && now->stats.slots_free == 0;
        page_add(page, PAGE_ALL, PAGE_PLAIN, 0, "%s", "");
        page_add(page, PAGE_MORE, PAGE_PLAIN, 0, "%s",
                 keeps ? "in the way of producers: the ring is full and keeps what nobody has freed"
                       : "nobody stands in the way of producers");
        return;
    }
    page_add(page, PAGE_ALL, PAGE_PLAIN, 0, "%s", "");
    page_add(page, PAGE_MORE, PAGE_PLAIN, 0, "in the way of producers, worst first:");
    for (uint32_t i = 0; i < now->blocker_count && i < page->most; i++) {
        (void)slotring_blocker_to_text(&now->blockers[i], sentence, sizeof sentence);
        page_add(page, PAGE_MORE, PAGE_PLAIN, 4, "  %s", sentence);
    }
    if (now->blocker_count > page->most)
        page_add(page, PAGE_MORE, PAGE_PLAIN, 0, "  and %" PRIu32 " more", now->blocker_count - page->most);
}

void snapshot_page(page_t *page, const snapshot_t *now, const snapshot_t *before)
{
    add_ring(page, now);
    add_description(page, now);
    add_run(page, now);
    add_totals(page, now, before);
    snapshot_tables(page, now, before);
    add_blockers(page, now);
}
