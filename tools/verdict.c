/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

#define BLOCKED_NS \
    UINT64_C(200000000) /* producers that have waited so long wait for somebody who stands still */
#define IDLE_NS UINT64_C(1000000000)
#define LONGER_NS \
    UINT64_C(500000000) /* nothing came for so much longer than the call waits: it waited before */
#define SLOW_SHARE 0.1  /* of the time that producers wait */

#define SAY(verdict, ...) out_append((verdict)->text, sizeof(verdict)->text, __VA_ARGS__)

static void accuse(verdict_t *verdict, const culprit_t *culprit)
{
    out_safe_name(culprit->name, sizeof verdict->who, verdict->who);
    verdict->pid = culprit->reader && culprit->reader->left_ns > 0 ? 0 : culprit->pid;
    culprit_say(culprit, verdict->text, sizeof verdict->text);
    remedy_for_culprit(&verdict->remedies, culprit);
}

static out_text_t duration(uint64_t ns)
{
    return out_duration((double)ns * 1e-9);
}

/* ---- It cannot go on ------------------------------------------------------------------------------ */

static bool is_gone(verdict_t *verdict, const snapshot_t *now)
{
    if (now->info.removed) {
        verdict->kind = VERDICT_REMOVED;
        SAY(verdict, "nobody new can join; end the programs that have this ring, and start them again");
        remedy_add(&verdict->remedies, "take its name away first", "rm --force", "",
                   "a process that has the ring keeps it until its end");
        return true;
    }
    if (now->info.unused != 1)
        return false;
    verdict->kind = VERDICT_UNUSED;
    SAY(verdict, "its last user was killed; it goes with the next create, rm or gc --remove");
    remedy_add(&verdict->remedies, "remove it now", "rm", "", "what nobody has read is lost");
    return true;
}

/* Messages that are there because nobody has freed them. */
static uint64_t count_kept(const snapshot_t *now)
{
    const slotring_stats_t *stats = &now->stats;
    uint64_t kept = stats->published > stats->freed ? stats->published - stats->freed : 0;
    return kept < stats->slots_ready ? kept : stats->slots_ready;
}

/* Who only keeps less than nobody has freed is not to blame. A reader is: it has still to read what was freed. */
static bool is_full(verdict_t *verdict, const snapshot_t *now)
{
    uint64_t kept = count_kept(now);
    culprit_t culprit;
    if (now->info.when_full != SLOTRING_KEEP || now->stats.slots_free > 0 ||
        (culprit_worst(&culprit, now) && (culprit.why == SLOTRING_BLOCKS_BY_LAG || culprit.slots > kept)))
        return false;
    verdict->kind = VERDICT_FULL;
    SAY(verdict, "keeps %" PRIu64 " messages that nobody has freed (slotring_free)", kept);
    if (now->stats.blocked > 0) {
        verdict->since_ns = now->stats.blocked_ns;
        SAY(verdict, "; a producer has waited for %s", duration(verdict->since_ns).text);
    }
    remedy_add(&verdict->remedies, "look at the program that frees them, or end the ring", "rm --force", "",
               "all that nobody has read is lost");
    return true;
}

/* Does a producer wait for so long that somebody stands still? One that waits again and again, for a moment each time, does if
 * nothing comes of it. */
static bool somebody_waits(const slotring_stats_t *stats)
{
    return stats->blocked > 0 && (stats->blocked_ns >= BLOCKED_NS || stats->idle_ns >= IDLE_NS);
}

/* The ring knows since when a call waits, and not that this producer has waited before. */
static void say_since(verdict_t *verdict, const slotring_stats_t *stats)
{
    verdict->since_ns = stats->blocked_ns;
    SAY(verdict, "since %s ", duration(stats->blocked_ns).text);
    if (stats->idle_ns > stats->blocked_ns + LONGER_NS)
        SAY(verdict, "(nothing was published for %s) ", duration(stats->idle_ns).text);
}

static bool is_blocked(verdict_t *verdict, const snapshot_t *now)
{
    culprit_t culprit;
    bool waits = somebody_waits(&now->stats);
    if (!culprit_worst(&culprit, now))
        return false;
    /* A producer that does not wait in a call finds the ring full all the same. */
    if (!waits && (now->stats.producers == 0 || culprit.slots < now->info.slot_count ||
                   culprit.life == SLOTRING_LIFE_RUNNING))
        return false;
    verdict->kind = VERDICT_BLOCKED;
    if (waits)
        say_since(verdict, &now->stats);
    SAY(verdict, "by ");
    accuse(verdict, &culprit);
    return true;
}

/* ---- It does not go on ---------------------------------------------------------------------------- */

/* Whoever comes next will wait for it. */
static void add_to_come(verdict_t *verdict, const snapshot_t *now)
{
    culprit_t culprit;
    if (!culprit_to_come(&culprit, now))
        return;
    SAY(verdict, "; the next will wait for ");
    accuse(verdict, &culprit);
}

static bool has_ended(verdict_t *verdict, const snapshot_t *now)
{
    const slotring_stats_t *stats = &now->stats;
    if (stats->producers > 0 || stats->producers_started == 0)
        return false;
    verdict->kind = VERDICT_ENDED;
    SAY(verdict,
        "after %" PRIu64 " messages: of %" PRIu64 " producers %" PRIu64 " ended and %" PRIu64 " died",
        stats->published, stats->producers_started, stats->producers_ended, stats->producers_died);
    add_to_come(verdict, now);
    return true;
}

static bool has_shut_gate(verdict_t *verdict, const snapshot_t *now)
{
    char arguments[32];
    if (now->run.kind != SLOTRING_MARK_RUN_END || !now->gate[0])
        return false;
    verdict->kind = VERDICT_GATE_SHUT;
    SAY(verdict, "after run %" PRIu64 ": %s", now->run.run, now->gate);
    snprintf(arguments, sizeof arguments, " begin %" PRIu64, now->run.run + 1);
    remedy_add(&verdict->remedies, "begin the next run all the same", "mark", arguments, "");
    return true;
}

static bool is_warned_of(verdict_t *verdict, const snapshot_t *now)
{
    culprit_t culprit;
    bool over = now->stats.producers == 0 && now->stats.producers_started > 0;
    if (over || !culprit_to_come(&culprit, now))
        return false;
    verdict->kind = VERDICT_WARNING;
    SAY(verdict, "producers will wait for ");
    accuse(verdict, &culprit);
    return true;
}

static bool has_no_producer(verdict_t *verdict, const snapshot_t *now)
{
    if (now->stats.producers > 0)
        return false;
    verdict->kind = VERDICT_NO_PRODUCER;
    SAY(verdict, "has published in this ring so far");
    return true;
}

static bool is_idle(verdict_t *verdict, const snapshot_t *now)
{
    culprit_t culprit;
    if (now->stats.idle_ns < IDLE_NS)
        return false;
    verdict->kind = VERDICT_IDLE;
    SAY(verdict, "for %s: ", duration(now->stats.idle_ns).text);
    if (culprit_silent(&culprit, now))
        accuse(verdict, &culprit);
    else
        SAY(verdict, "the ring has room, and %" PRIu64 " producer%s not publish", now->stats.producers,
            now->stats.producers == 1 ? " does" : "s do");
    return true;
}

/* ---- It goes on ----------------------------------------------------------------------------------- */

static void say_rate(verdict_t *verdict, const snapshot_t *now, const snapshot_t *before)
{
    double rate = before ? snapshot_rate(now, before, now->stats.published + now->stats.records,
                                         before->stats.published + before->stats.records)
                         : -1;
    if (rate >= 0)
        SAY(verdict, "%s msg/s", out_count_per_second(rate).text);
    else
        SAY(verdict, "%" PRIu64 " messages", now->stats.published);
}

/* The share of the time between two looks that producers waited. The ring counts a wait when it ends; one that goes on has lasted since
 * before the look, or for a part of it. */
static double share_of_waiting(const snapshot_t *now, const snapshot_t *before)
{
    if (!before || now->time_ns <= before->time_ns)
        return 0;
    double look = (double)(now->time_ns - before->time_ns);
    double ended = snapshot_rate(now, before, now->stats.waited_ns, before->stats.waited_ns) * 1e-9;
    double now_on = now->stats.blocked > 0 ? (double)now->stats.blocked_ns / look : 0;
    double share = ended > now_on ? ended : now_on;
    return share < 1 ? share : 1; /* of one that began before the look, or of several producers */
}

static void is_moving(verdict_t *verdict, const snapshot_t *now, const snapshot_t *before)
{
    culprit_t culprit;
    double share = share_of_waiting(now, before);
    say_rate(verdict, now, before);
    if (share < SLOW_SHARE || !culprit_worst(&culprit, now))
        return;
    verdict->kind = VERDICT_SLOW;
    SAY(verdict, ", producers wait %.0f %% of the time for ", share * 100);
    accuse(verdict, &culprit);
}

void verdict_of(verdict_t *verdict, const snapshot_t *now, const snapshot_t *before, const char *place)
{
    *verdict = (verdict_t){.kind = VERDICT_OK, .remedies = {.ring = now, .place = place}};
    if (is_gone(verdict, now) || is_full(verdict, now) || is_blocked(verdict, now) ||
        is_warned_of(verdict, now) || has_shut_gate(verdict, now) || has_ended(verdict, now) ||
        has_no_producer(verdict, now) || is_idle(verdict, now))
        return;
    is_moving(verdict, now, before);
}
