/* SPDX-License-Identifier: Apache-2.0 */
#include "culprit.h"

#include <inttypes.h>

#include "output.h"

/* ---- Finding it ----------------------------------------------------------------------------------- */

static const slotring_participant_t *participant_of(const snapshot_t *now, uint32_t index, uint64_t pid)
{
    for (uint32_t i = 0; i < now->participant_count; i++)
        if (now->participants[i].index == index && now->participants[i].pid == pid)
            return &now->participants[i];
    return NULL;
}

bool culprit_stands_still(uint32_t life)
{
    return life == SLOTRING_LIFE_STOPPED || life == SLOTRING_LIFE_FROZEN;
}

/* Of a group, the member that stands still has what the others cannot go on without. */
static const slotring_reader_info_t *standing_member(const snapshot_t *now, uint32_t group)
{
    for (uint32_t i = 0; i < now->reader_count; i++)
        if (now->readers[i].group == group && !now->readers[i].durable &&
            culprit_stands_still(now->readers[i].life))
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

bool culprit_worst(culprit_t *culprit, const snapshot_t *now)
{
    const slotring_blocker_t *found = NULL;
    for (uint32_t i = 0; i < now->blocker_count; i++) {
        const slotring_blocker_t *one = &now->blockers[i];
        if (!found || one->slots > found->slots ||
            (one->slots == found->slots && culprit_stands_still(one->life) &&
             !culprit_stands_still(found->life)))
            found = one;
    }
    if (found)
        from_blocker(culprit, now, found);
    return found != NULL;
}

bool culprit_to_come(culprit_t *culprit, const snapshot_t *now)
{
    for (uint32_t i = 0; i < now->reader_count; i++) {
        const slotring_reader_info_t *reader = &now->readers[i];
        if (reader->mode == SLOTRING_LOSSY || reader->revoked || (reader->group != 0 && !reader->durable))
            continue;
        from_reader(culprit, now, reader);
        if (reader->left_ns > 0 || culprit_stands_still(culprit->life))
            return true;
    }
    return false;
}

bool culprit_silent(culprit_t *culprit, const snapshot_t *now)
{
    for (uint32_t i = 0; i < now->participant_count; i++) {
        const slotring_participant_t *one = &now->participants[i];
        if (!one->producing || !culprit_stands_still(one->life))
            continue;
        *culprit = (culprit_t){.life = one->life, .pid = one->pid, .name = one->name, .participant = one};
        return true;
    }
    return false;
}

/* ---- Naming it ------------------------------------------------------------------------------------ */

static void say_process(const culprit_t *culprit, char *text, size_t size)
{
    if (culprit->participant || culprit->pid > 0)
        out_append(text, size, ", pid %" PRIu64, culprit->pid);
    out_append(text, size, ", %s",
               culprit->life == SLOTRING_LIFE_UNKNOWN ? "of unknown state" : out_life(culprit->life));
}

static void say_reader(const culprit_t *culprit, const char *name, char *text, size_t size)
{
    const slotring_reader_info_t *reader = culprit->reader;
    const char *kind = reader->group ? "group" : reader->durable ? "durable subscription" : "reader";
    out_append(text, size, "%s \"%s\"", kind, name);
    if (reader->left_ns > 0)
        out_append(text, size, ", which nobody has had for %s",
                   out_duration((double)reader->left_ns * 1e-9).text);
    else if (reader->group == 0 || culprit->participant)
        say_process(culprit, text, size);
    out_append(text, size, ", %" PRIu64 " message%s behind", culprit->messages,
               culprit->messages == 1 ? "" : "s");
}

void culprit_say(const culprit_t *culprit, char *text, size_t size)
{
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    out_safe_name(culprit->name, sizeof name, name);
    if (culprit->reader) {
        say_reader(culprit, name, text, size);
        return;
    }
    out_append(text, size, "%s\"%s\"", culprit->why ? "" : "producer ", name);
    say_process(culprit, text, size);
    if (culprit->why == SLOTRING_BLOCKS_BY_RECORDS)
        out_append(text, size, ", a writer of which keeps a slot for records");
    else if (culprit->why)
        out_append(text, size, ", which %s %" PRIu64 " slots",
                   culprit->why == SLOTRING_BLOCKS_BY_WRITING ? "is writing" : "holds", culprit->slots);
}
