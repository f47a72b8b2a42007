/* SPDX-License-Identifier: Apache-2.0 */
#include "snapshot.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

/* What an operator should know before the next run: did readers miss something? 0, or an exit code after it was reported. */
static int look_at_gate(snapshot_t *snapshot, slotring_t *ring)
{
    slotring_run_gate_t wanted = {.struct_size = sizeof wanted, .nothing_dropped = 1};
    slotring_error_t error;
    if (snapshot->run.kind != SLOTRING_MARK_RUN_END || slotring_run_gate(ring, &wanted) == 0)
        return EXIT_DONE;
    slotring_last_error(&error);
    if (error.code != SLOTRING_E_STATE)
        return report_last("cannot look at the readers");
    snprintf(snapshot->gate, sizeof snapshot->gate, "%s", error.text);
    return EXIT_DONE;
}

/* When the newest message was published. It may have gone meanwhile. */
static void look_at_newest(snapshot_t *snapshot, slotring_t *ring)
{
    slotring_slot_t message = {0};
    uint64_t published = snapshot->stats.published, now;
    int result;
    if (snapshot->info.time_stamps == SLOTRING_TIME_NONE || published == 0)
        return;
    result = slotring_copy_sequence(ring, published - 1, NULL, 0, &message);
    now = host_clock_ns();
    if ((result == 0 || result == SLOTRING_E_SIZE || result == SLOTRING_E_CHECKSUM) && message.time_ns > 0 &&
        message.time_ns < now)
        snapshot->age_ns = now - message.time_ns;
}

int snapshot_take(snapshot_t *snapshot, slotring_t *ring)
{
    *snapshot = (snapshot_t){
        .time_ns = host_clock_ns(), .time_of_day_ns = host_time_of_day_ns(), .owner = UINT64_MAX};
    snapshot->info.struct_size = sizeof snapshot->info;
    snapshot->stats.struct_size = sizeof snapshot->stats;
    if (slotring_info(ring, &snapshot->info) < 0)
        return report_last("cannot look at the ring");
    uint64_t length;
    if (slotring_description(ring, snapshot->description, sizeof snapshot->description, &length) < 0)
        return report_last("cannot read the description");
    int code = slotring_run(ring, &snapshot->run);
    if (code < 0 && code != SLOTRING_E_EMPTY)
        return report_last("cannot read the marks");
    if (slotring_get_stats(ring, &snapshot->stats) < 0)
        return report_last("cannot read the statistics");
    look_at_newest(snapshot, ring);
    code = look_at_gate(snapshot, ring);
    if (code != EXIT_DONE)
        return code;
    if (!ring_participants(ring, &snapshot->participants, &snapshot->participant_count) ||
        !ring_readers(ring, &snapshot->readers, &snapshot->reader_count) ||
        !ring_writers(ring, &snapshot->writers, &snapshot->writer_count) ||
        !ring_blockers(ring, &snapshot->blockers, &snapshot->blocker_count)) {
        slotring_error_t error;
        slotring_last_error(&error);
        snapshot_free(snapshot);
        return error.code ? exit_code_of(error.code) : EXIT_NO_SPACE;
    }
    return EXIT_DONE;
}

void snapshot_free(snapshot_t *snapshot)
{
    free(snapshot->participants);
    free(snapshot->readers);
    free(snapshot->writers);
    free(snapshot->blockers);
    *snapshot = (snapshot_t){0};
}

bool snapshot_same_ring(const snapshot_t *now, const snapshot_t *before)
{
    return memcmp(now->info.ring_id, before->info.ring_id, sizeof now->info.ring_id) == 0;
}

void snapshot_owner(const snapshot_t *now, char *text, size_t size)
{
    char user[64];
    snprintf(text, size, "?");
    if (now->owner == UINT64_MAX)
        return;
    host_user_name(now->owner, user, sizeof user);
    out_safe_name(user, size < sizeof user ? size : sizeof user, text);
}

double snapshot_fill(const snapshot_t *now)
{
    double slots = (double)now->info.slot_count;
    return slots > 0 ? (slots - (double)now->stats.slots_free) / slots : 0;
}

void snapshot_producers(const snapshot_t *now, char *text, size_t size)
{
    uint32_t more = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < now->participant_count; i++) {
        const slotring_participant_t *one = &now->participants[i];
        char name[sizeof one->name];
        if (!one->producing)
            continue;
        out_safe_name(one->name, sizeof name, name);
        if (strlen(text) + strlen(name) + sizeof ", , and 4294967295 more" > size)
            more++;
        else
            out_append(text, size, "%s%s", text[0] ? ", " : "", name);
    }
    if (more > 0)
        out_append(text, size, "%s%" PRIu32 " more", text[0] ? ", and " : "", more);
}

double snapshot_rate(const snapshot_t *now, const snapshot_t *before, uint64_t count_now,
                     uint64_t count_before)
{
    double seconds;
    if (!before || now->time_ns <= before->time_ns)
        return -1;
    seconds = (double)(now->time_ns - before->time_ns) * 1e-9;
    return count_now > count_before ? (double)(count_now - count_before) / seconds : 0;
}

const slotring_participant_t *snapshot_participant_before(const slotring_participant_t *now,
                                                          const snapshot_t *before)
{
    for (uint32_t i = 0; before && i < before->participant_count; i++) {
        const slotring_participant_t *then = &before->participants[i];
        if (then->index == now->index && then->incarnation == now->incarnation)
            return then;
    }
    return NULL;
}

const slotring_reader_info_t *snapshot_reader_before(const slotring_reader_info_t *now,
                                                     const snapshot_t *before)
{
    for (uint32_t i = 0; before && i < before->reader_count; i++) {
        const slotring_reader_info_t *then = &before->readers[i];
        if (then->row == now->row && then->pid == now->pid && then->start == now->start)
            return then;
    }
    return NULL;
}

/* The numbers of a row go on with its next writer. */
const slotring_writer_info_t *snapshot_writer_before(const slotring_writer_info_t *now,
                                                     const snapshot_t *before)
{
    for (uint32_t i = 0; before && i < before->writer_count; i++)
        if (before->writers[i].row == now->row)
            return &before->writers[i];
    return NULL;
}
