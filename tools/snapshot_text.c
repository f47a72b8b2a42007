/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot for people. */
#include <inttypes.h>
#include <string.h>

#include "common.h"
#include "output.h"
#include "snapshot.h"

static void print_ring(const snapshot_t *now)
{
    const slotring_info_t *info = &now->info;
    char name[sizeof info->name];
    out_safe_name(info->name, sizeof name, name);
    printf("ring %s%s: %" PRIu64 " slots of %s = %s, when full: %s%s, time stamps: %s, access: %s%s\n", name,
           info->removed              ? " (REMOVED)"
           : info->unused == 1        ? " (UNUSED, GOES WITH THE NEXT CREATE, RM OR GC)"
           : info->remove_when_unused ? " (GOES WITH ITS LAST USER)"
                                      : "",
           info->slot_count, out_bytes(info->slot_size).text, out_bytes(info->total_size).text,
           out_when_full(info->when_full), out_hot(info->hot_slots), out_time_stamps(info->time_stamps),
           out_access(info->access), info->checksums ? ", checksums" : "");
    out_print_grant(info);
    if (info->numa_node != SLOTRING_NO_NUMA_NODE)
        printf("memory      of NUMA node %" PRIu32 "\n", info->numa_node);
}

#define SHOWN_IDLE_NS UINT64_C(1000000000) /* less is no standstill */
#define DESCRIPTION_SHOWN 160u             /* bytes; all of it is in the JSON form */

/* The first line of the description. */
static void print_description(const snapshot_t *now)
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
    printf("description %s%s\n", safe, length < size && length == DESCRIPTION_SHOWN ? " ..." : "");
}

static void print_run(const snapshot_t *now)
{
    const slotring_mark_t *run = &now->run;
    if (run->kind == SLOTRING_MARK_RUN_BEGIN)
        printf("run         %" PRIu64 ", since sequence %" PRIu64 "\n", run->run, run->place);
    else if (run->kind == SLOTRING_MARK_RUN_END)
        printf("run         none; run %" PRIu64 " has ended before sequence %" PRIu64 "\n", run->run,
               run->place);
}

/* "  name  1234 (12/s)", without the rate when there is none. */
static void print_count(const char *what, uint64_t count, double rate)
{
    printf("  %s %" PRIu64, what, count);
    if (rate >= 0)
        printf(" (%s)", out_per_second(rate).text);
}

static void print_bytes(const char *what, uint64_t bytes, double rate)
{
    printf("  %s %s", what, out_bytes(bytes).text);
    if (rate >= 0)
        printf(" (%s)", out_rate(rate).text);
}

/* Back-pressure: how long producers have waited for a slot, and which share of the interval that is. */
static void print_waited(const snapshot_t *now, const snapshot_t *before)
{
    uint64_t waited = now->stats.waited_ns;
    printf("  producers waited %s", out_duration((double)waited * 1e-9).text);
    if (before)
        printf(" (%.0f %%)", snapshot_rate(now, before, waited, before->stats.waited_ns) * 1e-7);
}

/* What stands still now. A call may be one of many that its program makes one after the other: how long it waits is not how long the
 * producer does. */
static void print_standing(const slotring_stats_t *s)
{
    if (s->blocked > 0)
        printf("waiting     %" PRIu64 " producer%s for a slot now, the oldest of these calls for %s\n",
               s->blocked, s->blocked == 1 ? "" : "s", out_duration((double)s->blocked_ns * 1e-9).text);
    if (s->idle_ns >= SHOWN_IDLE_NS)
        printf("idle        nothing was published for %s\n", out_duration((double)s->idle_ns * 1e-9).text);
}

static void print_totals(const snapshot_t *now, const snapshot_t *before)
{
    const slotring_stats_t *s = &now->stats, *b = before ? &before->stats : s;
#define RATE(field) snapshot_rate(now, before, s->field, b->field)
    double slots = (double)now->info.slot_count, used = 100 * (slots - (double)s->slots_free) / slots;
    printf("slots       free %" PRIu64 "  writing %" PRIu64 "  ready %" PRIu64 "  of them held %" PRIu64
           "  (%.0f %% in use)\n",
           s->slots_free, s->slots_writing, s->slots_ready, s->slots_held, used);
    printf("messages  ");
    print_count("published", s->published, RATE(published));
    printf("  oldest there %" PRIu64 "\n", s->oldest);
    if (s->records > 0 || s->writers > 0) {
        printf("records   ");
        print_count("written", s->records, RATE(records));
        print_count("missed by lossy readers", s->records_missed, RATE(records_missed));
        printf("  writers %" PRIu64 "\n", s->writers);
    }
    printf("bytes     ");
    print_bytes("written", s->bytes_written, RATE(bytes_written));
    print_bytes("read", s->bytes_read, RATE(bytes_read));
    printf("\nloss      ");
    print_count("overwritten", s->overwritten, RATE(overwritten));
    print_count("missed by lossy readers", s->missed, RATE(missed));
    print_count("stale", s->stale, RATE(stale));
    printf("\nspace     ");
    print_count("found full", s->full, RATE(full));
    print_waited(now, before);
    print_count("recycled", s->recycled, RATE(recycled));
    print_count("freed", s->freed, RATE(freed));
    print_count("aborted", s->aborted, RATE(aborted));
    printf("\n");
    print_standing(s);
    printf("producers   live %" PRIu64 "  started %" PRIu64 "  ended %" PRIu64 "  died %" PRIu64
           "   participants repaired %" PRIu64 "\n",
           s->producers, s->producers_started, s->producers_ended, s->producers_died, s->repaired);
#undef RATE
}

static void print_unless_unknown(uint64_t count)
{
    if (count == UINT64_MAX)
        printf("  %7s", "?");
    else
        printf("  %7" PRIu64, count);
}

static void print_participants(const snapshot_t *now, const snapshot_t *before)
{
    if (now->participant_count == 0) {
        printf("\nnobody is attached\n");
        return;
    }
    printf("\n%4s  %8s  %-20s  %-8s  %-8s  %7s  %7s  %9s  %11s  %9s  %11s  %s\n", "NR", "PID", "PARTICIPANT",
           "LIFE", "PRODUCES", "WRITING", "HOLDS", "WRITTEN", "", "READ", "", "WAITED");
    for (uint32_t i = 0; i < now->participant_count; i++) {
        const slotring_participant_t *p = &now->participants[i];
        const slotring_participant_t *b = snapshot_participant_before(p, before);
        char name[sizeof p->name];
        out_safe_name(p->name, sizeof name, name);
        printf("%4" PRIu32 "  %8" PRIu64 "  ", p->index, p->pid);
        out_cell(name, 20);
        printf("  %-8s  %-8s", out_life(p->life),
               p->proxy       ? p->producing ? "proxy" : "no, proxy"
               : p->producing ? "yes"
                              : "no");
        print_unless_unknown(p->slots_writing);
        print_unless_unknown(p->slots_held);
        printf("  %9s  %11s", out_bytes(p->bytes_written).text,
               b ? out_rate(snapshot_rate(now, before, p->bytes_written, b->bytes_written)).text : "");
        printf("  %9s  %11s  %s\n", out_bytes(p->bytes_read).text,
               b ? out_rate(snapshot_rate(now, before, p->bytes_read, b->bytes_read)).text : "",
               out_duration((double)(p->waited_ns + p->blocked_ns) * 1e-9).text);
    }
}

/* "all", or "latest every 3 tag 0x1/0x3 (passed over 12)", and "; window 8; marks; budget 25 in 100 ms; revoked 12 s ago, lost 4". */
static void print_wanted(const slotring_reader_info_t *r)
{
    uint64_t passed_over = r->passed_over + r->records_passed_over;
    bool all = r->wanted == SLOTRING_WANTS_ALL && r->every <= 1 && r->tag_mask == 0;
    printf("%s", all ? "all" : r->wanted == SLOTRING_WANTS_LATEST ? "latest" : "some:");
    if (r->every > 1)
        printf(" every %" PRIu32, r->every);
    if (r->tag_mask != 0)
        printf(" tag 0x%" PRIx64 "/0x%" PRIx64, r->tag_match, r->tag_mask);
    if (!all)
        printf(" (passed over %" PRIu64 ")", passed_over);
    if (r->flags & SLOTRING_BY_TICKET)
        printf(" by ticket, passed over %" PRIu64, passed_over);
    if (r->window != 0)
        printf("; window %" PRIu32, r->window);
    if (r->flags & SLOTRING_TELL_MARKS)
        printf("; marks");
    if (r->budget_messages != 0)
        printf("; budget %" PRIu64 " in %s", r->budget_messages,
               out_duration((double)r->budget_ns * 1e-9).text);
    if (r->revoked)
        printf("; revoked %s ago, lost %" PRIu64, out_duration((double)r->revoked_ns * 1e-9).text, r->lost);
    if (r->group != 0 && r->durable)
        printf("; %" PRIu32 " member%s, redelivered %" PRIu64, r->members, r->members == 1 ? "" : "s",
               r->redelivered);
    if (r->tries != 0)
        printf(", dead letters %" PRIu64, r->dead_lettered);
    if (r->left_ns > 0)
        printf("; nobody for %s", out_duration((double)r->left_ns * 1e-9).text);
    printf("\n");
}

static const char *reader_kind(const slotring_reader_info_t *r)
{
    if (r->group != 0)
        return r->durable ? "group" : "member";
    return r->durable ? "durable" : out_reader_mode(r->mode);
}

static void print_readers(const snapshot_t *now, const snapshot_t *before)
{
    if (now->reader_count == 0)
        return;
    printf("\n%4s  %8s  %-20s  %-8s  %-8s  %12s  %9s  %12s  %12s  %7s  %12s  %12s  %s\n", "NR", "PID",
           "READER", "LIFE", "MODE", "DELIVERED", "", "MISSED", "LAG", "HISTORY", "RECORDS", "MISSED",
           "WANTS");
    for (uint32_t i = 0; i < now->reader_count; i++) {
        const slotring_reader_info_t *r = &now->readers[i];
        const slotring_reader_info_t *b = snapshot_reader_before(r, before);
        char name[sizeof r->name];
        out_safe_name(r->name, sizeof name, name);
        printf("%4" PRIu32 "  %8" PRIu64 "  ", r->row, r->pid);
        out_cell(name, 20);
        printf("  %-8s  %-8s  %12" PRIu64 "  %9s  %12" PRIu64 "  %12" PRIu64 "  %7" PRIu64 "  %12" PRIu64
               "  %12" PRIu64 "  ",
               r->left_ns > 0 ? "nobody" : out_life(r->life), reader_kind(r), r->delivered,
               b ? out_per_second(snapshot_rate(now, before, r->delivered, b->delivered)).text : "",
               r->missed, r->lag, r->pending, r->records, r->records_missed);
        print_wanted(r);
    }
}

static void print_writers(const snapshot_t *now, const snapshot_t *before)
{
    if (now->writer_count == 0)
        return;
    printf("\n%4s  %8s  %-20s  %-8s  %12s  %9s  %-8s  %8s  %12s  %s\n", "NR", "PID", "WRITER", "LIFE",
           "WRITTEN", "", "KEEPS", "SLOT", "RECORDS", "BYTES");
    for (uint32_t i = 0; i < now->writer_count; i++) {
        const slotring_writer_info_t *w = &now->writers[i];
        const slotring_writer_info_t *b = snapshot_writer_before(w, before);
        char name[sizeof w->name], slot[16] = "-";
        out_safe_name(w->name, sizeof name, name);
        if (w->slot != UINT32_MAX)
            snprintf(slot, sizeof slot, "%" PRIu32, w->slot);
        printf("%4" PRIu32 "  %8" PRIu64 "  ", w->row, w->pid);
        out_cell(name, 20);
        printf("  %-8s  %12" PRIu64 "  %9s  %-8s  %8s  %12" PRIu64 "  %s\n", out_life(w->life), w->number,
               b ? out_per_second(snapshot_rate(now, before, w->number, b->number)).text : "",
               out_writer_state(w->state), slot, w->records, out_bytes(w->bytes_used).text);
    }
}

static void print_blockers(const snapshot_t *now)
{
    char sentence[256];
    if (now->blocker_count == 0) {
        if (now->info.when_full == SLOTRING_KEEP && now->stats.slots_free == 0)
            printf("\nin the way of producers: the ring is full and keeps what nobody has freed\n");
        else
            printf("\nnobody stands in the way of producers\n");
        return;
    }
    printf("\nin the way of producers, worst first:\n");
    for (uint32_t i = 0; i < now->blocker_count; i++) {
        (void)slotring_blocker_to_text(&now->blockers[i], sentence, sizeof sentence);
        printf("  %s\n", sentence);
    }
}

void snapshot_print(const snapshot_t *now, const snapshot_t *before)
{
    print_ring(now);
    print_description(now);
    print_run(now);
    print_totals(now, before);
    print_participants(now, before);
    print_readers(now, before);
    print_writers(now, before);
    print_blockers(now);
}
