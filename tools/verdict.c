/* SPDX-License-Identifier: Apache-2.0 */
#include "verdict.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "output.h"

#define BLOCKED_NS \
    UINT64_C(200000000) /* producers that have waited so long wait for somebody who stands still */
#define IDLE_NS UINT64_C(1000000000)
#define SLOW_SHARE 0.1 /* of the time that producers wait */

#if defined(__GNUC__)
__attribute__((format(printf, 2, 3)))
#endif
static void
say(verdict_t *verdict, const char *format, ...)
{
    size_t length = strlen(verdict->text);
    va_list values;
    va_start(values, format);
    vsnprintf(verdict->text + length, sizeof verdict->text - length, format, values);
    va_end(values);
}

/* ---- Who it is ------------------------------------------------------------------------------------ */

static const slotring_participant_t *participant_of(const snapshot_t *now, uint32_t index, uint64_t pid)
{
    for (uint32_t i = 0; i < now->participant_count; i++)
        if (now->participants[i].index == index && now->participants[i].pid == pid)
            return &now->participants[i];
    return NULL;
}

static bool stands_still(uint32_t life)
{
    return life == SLOTRING_LIFE_STOPPED || life == SLOTRING_LIFE_FROZEN;
}

/* Of a group, the member that stands still has what the others cannot go on without. */
static const slotring_reader_info_t *standing_member(const snapshot_t *now, uint32_t group)
{
    for (uint32_t i = 0; i < now->reader_count; i++)
        if (now->readers[i].group == group && !now->readers[i].durable && stands_still(now->readers[i].life))
            return &now->readers[i];
    return NULL;
}

static void use_member(culprit_t *culprit, const snapshot_t *now)
{
    const slotring_reader_info_t *member = standing_member(now, culprit->reader->group);
    if (!member)
        return;
    culprit->life = member->life;
    culprit->pid = member->pid;
    culprit->participant = participant_of(now, member->participant, member->pid);
}

static void from_reader(culprit_t *culprit, const snapshot_t *now, const slotring_reader_info_t *reader)
{
    *culprit = (culprit_t){.why = SLOTRING_BLOCKS_BY_LAG,
                           .life = reader->life,
                           .pid = reader->pid,
                           .name = reader->name,
                           .reader = reader,
                           .slots = reader->lag,
                           .messages = reader->lag};
    culprit->participant = participant_of(now, reader->participant, reader->pid);
    if (reader->group != 0 && reader->durable)
        use_member(culprit, now);
}

static void from_blocker(culprit_t *culprit, const snapshot_t *now, const slotring_blocker_t *blocker)
{
    for (uint32_t i = 0; blocker->why == SLOTRING_BLOCKS_BY_LAG && i < now->reader_count; i++) {
        if (now->readers[i].row != blocker->row)
            continue;
        from_reader(culprit, now, &now->readers[i]);
        culprit->slots = blocker->slots;
        culprit->messages = blocker->messages;
        return;
    }
    *culprit = (culprit_t){.why = blocker->why,
                           .life = blocker->life,
                           .pid = blocker->pid,
                           .name = blocker->name,
                           .slots = blocker->slots,
                           .messages = blocker->messages};
    culprit->participant = participant_of(now, blocker->participant, blocker->pid);
}

/* The worst; of several that block as much, one that does not run. */
static bool worst(culprit_t *culprit, const snapshot_t *now)
{
    const slotring_blocker_t *found = NULL;
    for (uint32_t i = 0; i < now->blocker_count; i++) {
        const slotring_blocker_t *one = &now->blockers[i];
        if (!found || one->slots > found->slots ||
            (one->slots == found->slots && stands_still(one->life) && !stands_still(found->life)))
            found = one;
    }
    if (found)
        from_blocker(culprit, now, found);
    return found != NULL;
}

/* A reader for which producers will wait, and which does not read now. */
static bool will_block(culprit_t *culprit, const snapshot_t *now)
{
    for (uint32_t i = 0; i < now->reader_count; i++) {
        const slotring_reader_info_t *reader = &now->readers[i];
        if (reader->mode == SLOTRING_LOSSY || reader->revoked || (reader->group != 0 && !reader->durable))
            continue;
        from_reader(culprit, now, reader);
        if (reader->left_ns > 0 || stands_still(culprit->life))
            return true;
    }
    return false;
}

static void name_process(verdict_t *verdict, const culprit_t *culprit)
{
    if (culprit->participant || culprit->pid > 0)
        say(verdict, ", pid %" PRIu64, culprit->pid);
    say(verdict, ", %s",
        culprit->life == SLOTRING_LIFE_UNKNOWN ? "of unknown state" : out_life(culprit->life));
}

static void name_reader(verdict_t *verdict, const culprit_t *culprit, const char *name)
{
    const slotring_reader_info_t *reader = culprit->reader;
    const char *kind = reader->group ? "group" : reader->durable ? "durable subscription" : "reader";
    say(verdict, "%s \"%s\"", kind, name);
    if (reader->left_ns > 0)
        say(verdict, ", which nobody has had for %s", out_duration((double)reader->left_ns * 1e-9).text);
    else if (reader->group == 0 || culprit->participant)
        name_process(verdict, culprit);
    say(verdict, ", %" PRIu64 " message%s behind", culprit->messages, culprit->messages == 1 ? "" : "s");
}

static void name_culprit(verdict_t *verdict, const culprit_t *culprit)
{
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    out_safe_name(culprit->name, sizeof name, name);
    snprintf(verdict->who, sizeof verdict->who, "%s", name);
    verdict->pid = culprit->reader && culprit->reader->left_ns > 0 ? 0 : culprit->pid;
    if (culprit->reader) {
        name_reader(verdict, culprit, name);
        return;
    }
    say(verdict, "\"%s\"", name);
    name_process(verdict, culprit);
    if (culprit->why == SLOTRING_BLOCKS_BY_RECORDS)
        say(verdict, ", a writer of which keeps a slot for records");
    else
        say(verdict, ", which %s %" PRIu64 " slots",
            culprit->why == SLOTRING_BLOCKS_BY_WRITING ? "is writing" : "holds", culprit->slots);
}

static void accuse(verdict_t *verdict, const culprit_t *culprit)
{
    name_culprit(verdict, culprit);
    remedy_for_culprit(&verdict->remedies, culprit);
}

/* ---- What it is ----------------------------------------------------------------------------------- */

static bool is_gone(verdict_t *verdict, const snapshot_t *now)
{
    if (now->info.removed) {
        verdict->kind = VERDICT_REMOVED;
        say(verdict, "nobody new can join; end the programs that have this ring, and start them again");
        remedy_add(&verdict->remedies, "take its name away first", "rm --force", "",
                   "a process that has the ring keeps it until its end");
        return true;
    }
    if (now->info.unused != 1)
        return false;
    verdict->kind = VERDICT_UNUSED;
    say(verdict, "its last user was killed; it goes with the next create, rm or gc --remove");
    remedy_add(&verdict->remedies, "remove it now", "rm", "", "what nobody has read is lost");
    return true;
}

static bool is_full(verdict_t *verdict, const snapshot_t *now)
{
    if (now->info.when_full != SLOTRING_KEEP || now->stats.slots_free > 0 || now->blocker_count > 0)
        return false;
    verdict->kind = VERDICT_FULL;
    say(verdict, "keeps %" PRIu64 " messages that nobody has freed (slotring_free)", now->stats.slots_ready);
    if (now->stats.blocked > 0) {
        verdict->since_ns = now->stats.blocked_ns;
        say(verdict, "; a producer has waited for %s", out_duration((double)verdict->since_ns * 1e-9).text);
    }
    remedy_add(&verdict->remedies, "look at the program that frees them, or end the ring", "rm --force", "",
               "all that nobody has read is lost");
    return true;
}

static bool is_blocked(verdict_t *verdict, const snapshot_t *now)
{
    const slotring_stats_t *stats = &now->stats;
    culprit_t culprit;
    bool waits = stats->blocked > 0 && stats->blocked_ns >= BLOCKED_NS;
    if (!worst(&culprit, now))
        return false;
    /* A producer that does not wait in a call finds the ring full all the same. */
    if (!waits && (stats->producers == 0 || culprit.slots < now->info.slot_count ||
                   culprit.life == SLOTRING_LIFE_RUNNING))
        return false;
    verdict->kind = VERDICT_BLOCKED;
    if (waits) {
        verdict->since_ns = stats->blocked_ns;
        say(verdict, "since %s ", out_duration((double)stats->blocked_ns * 1e-9).text);
    }
    say(verdict, "by ");
    accuse(verdict, &culprit);
    return true;
}

static bool has_no_producer(verdict_t *verdict, const snapshot_t *now)
{
    const slotring_stats_t *stats = &now->stats;
    if (stats->producers > 0)
        return false;
    if (stats->producers_started == 0) {
        verdict->kind = VERDICT_NO_PRODUCER;
        say(verdict, "has published in this ring so far");
        return true;
    }
    verdict->kind = VERDICT_ENDED;
    say(verdict,
        "after %" PRIu64 " messages: of %" PRIu64 " producers %" PRIu64 " ended and %" PRIu64 " died",
        stats->published, stats->producers_started, stats->producers_ended, stats->producers_died);
    return true;
}

static bool has_shut_gate(verdict_t *verdict, const snapshot_t *now)
{
    char arguments[32];
    if (now->run.kind != SLOTRING_MARK_RUN_END || !now->gate[0])
        return false;
    verdict->kind = VERDICT_GATE_SHUT;
    say(verdict, "after run %" PRIu64 ": %s", now->run.run, now->gate);
    snprintf(arguments, sizeof arguments, " begin %" PRIu64, now->run.run + 1);
    remedy_add(&verdict->remedies, "begin the next run all the same", "mark", arguments, "");
    return true;
}

static void say_rate(verdict_t *verdict, const snapshot_t *now, const snapshot_t *before)
{
    double rate = before ? snapshot_rate(now, before, now->stats.published + now->stats.records,
                                         before->stats.published + before->stats.records)
                         : -1;
    if (rate >= 0)
        say(verdict, "%s msg/s", out_count_per_second(rate).text);
    else
        say(verdict, "%" PRIu64 " messages", now->stats.published);
}

static bool is_warned_of(verdict_t *verdict, const snapshot_t *now)
{
    culprit_t culprit;
    if (!will_block(&culprit, now))
        return false;
    verdict->kind = VERDICT_WARNING;
    say(verdict, "producers will wait for ");
    accuse(verdict, &culprit);
    return true;
}

static bool is_idle(verdict_t *verdict, const snapshot_t *now)
{
    if (now->stats.idle_ns < IDLE_NS)
        return false;
    verdict->kind = VERDICT_IDLE;
    say(verdict, "for %s: ", out_duration((double)now->stats.idle_ns * 1e-9).text);
    for (uint32_t i = 0; i < now->participant_count; i++) {
        const slotring_participant_t *one = &now->participants[i];
        culprit_t culprit = {.life = one->life, .pid = one->pid, .name = one->name, .participant = one};
        char name[sizeof one->name];
        if (!one->producing || !stands_still(one->life))
            continue;
        out_safe_name(one->name, sizeof name, name);
        snprintf(verdict->who, sizeof verdict->who, "%s", name);
        verdict->pid = one->pid;
        say(verdict, "producer \"%s\"", name);
        name_process(verdict, &culprit);
        remedy_for_culprit(&verdict->remedies, &culprit);
        return true;
    }
    say(verdict, "the ring has room, and %" PRIu64 " producer%s not publish", now->stats.producers,
        now->stats.producers == 1 ? " does" : "s do");
    return true;
}

static void is_moving(verdict_t *verdict, const snapshot_t *now, const snapshot_t *before)
{
    culprit_t culprit;
    double share =
        before ? snapshot_rate(now, before, now->stats.waited_ns, before->stats.waited_ns) * 1e-9 : 0;
    say_rate(verdict, now, before);
    if (share < SLOW_SHARE || !worst(&culprit, now))
        return;
    verdict->kind = VERDICT_SLOW;
    say(verdict, ", producers wait %.0f %% of the time for ", share * 100);
    accuse(verdict, &culprit);
}

void verdict_of(verdict_t *verdict, const snapshot_t *now, const snapshot_t *before, const char *place)
{
    *verdict = (verdict_t){.kind = VERDICT_OK, .remedies = {.ring = now, .place = place}};
    if (is_gone(verdict, now) || is_full(verdict, now) || is_blocked(verdict, now) ||
        is_warned_of(verdict, now) || has_shut_gate(verdict, now) || has_no_producer(verdict, now) ||
        is_idle(verdict, now))
        return;
    is_moving(verdict, now, before);
}
