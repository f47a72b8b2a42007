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
    printf("ring %s%s: %" PRIu64 " slots of %s = %s, when full: %s, time stamps: %s, access: %s\n", name,
           info->removed              ? " (REMOVED)"
           : info->unused == 1        ? " (UNUSED, GOES WITH THE NEXT CREATE, RM OR GC)"
           : info->remove_when_unused ? " (GOES WITH ITS LAST USER)"
                                      : "",
           info->slot_count, out_bytes(info->slot_size).text, out_bytes(info->total_size).text,
           out_when_full(info->when_full), out_time_stamps(info->time_stamps), out_access(info->access));
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
    printf("  oldest there %" PRIu64 "\nbytes     ", s->oldest);
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
    printf("\nproducers   live %" PRIu64 "  started %" PRIu64 "  ended %" PRIu64 "  died %" PRIu64
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
        printf("  %-8s  %-8s", out_life(p->life), p->producing ? "yes" : "no");
        print_unless_unknown(p->slots_writing);
        print_unless_unknown(p->slots_held);
        printf("  %9s  %11s", out_bytes(p->bytes_written).text,
               b ? out_rate(snapshot_rate(now, before, p->bytes_written, b->bytes_written)).text : "");
        printf("  %9s  %11s  %s\n", out_bytes(p->bytes_read).text,
               b ? out_rate(snapshot_rate(now, before, p->bytes_read, b->bytes_read)).text : "",
               out_duration((double)p->waited_ns * 1e-9).text);
    }
}

static void print_readers(const snapshot_t *now, const snapshot_t *before)
{
    if (now->reader_count == 0)
        return;
    printf("\n%4s  %8s  %-20s  %-8s  %-8s  %12s  %9s  %12s  %12s  %s\n", "NR", "PID", "READER", "LIFE",
           "MODE", "DELIVERED", "", "MISSED", "LAG", "HISTORY");
    for (uint32_t i = 0; i < now->reader_count; i++) {
        const slotring_reader_info_t *r = &now->readers[i];
        const slotring_reader_info_t *b = snapshot_reader_before(r, before);
        char name[sizeof r->name];
        out_safe_name(r->name, sizeof name, name);
        printf("%4" PRIu32 "  %8" PRIu64 "  ", r->row, r->pid);
        out_cell(name, 20);
        printf("  %-8s  %-8s  %12" PRIu64 "  %9s  %12" PRIu64 "  %12" PRIu64 "  %" PRIu64 "\n",
               out_life(r->life), out_reader_mode(r->mode), r->delivered,
               b ? out_per_second(snapshot_rate(now, before, r->delivered, b->delivered)).text : "",
               r->missed, r->lag, r->pending);
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
        blocker_sentence(&now->blockers[i], sentence, sizeof sentence);
        printf("  %s\n", sentence);
    }
}

void snapshot_print(const snapshot_t *now, const snapshot_t *before)
{
    print_ring(now);
    print_totals(now, before);
    print_participants(now, before);
    print_readers(now, before);
    print_blockers(now);
}
