/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there, and who reads: for people at a console. */
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "inspect/tally.h"
#include "members/enter.h"
#include "protocol/gate.h"
#include "protocol/seqlock.h"
#include "protocol/since.h"
#include "protocol/snapshot.h"

/* 0, SR__LEFT or an error, as sr__participant_read. */
static int describe(slotring_t *ring, uint32_t index, const sr__tally_t *tally, slotring_participant_t *out)
{
    sr__participant_copy_t copy;
    int code = sr__participant_read(&ring->member, index, true, &copy);
    *out = (slotring_participant_t){.index = index, .life = copy.life, .incarnation = copy.incarnation};
    out->pid = copy.pid;
    out->pid_namespace = copy.pid_namespace;
    out->start_time = copy.start_time;
    out->uid = copy.uid;
    out->producing = copy.producing;
    out->readers = tally->readers;
    out->writers = tally->writers;
    out->slots_writing = tally->writing;
    out->slots_held = tally->held;
    out->bytes_written = copy.counts[SR__BYTES_WRITTEN] + tally->bytes;
    out->bytes_read = copy.counts[SR__BYTES_READ];
    out->full = copy.counts[SR__FULL];
    out->waits = copy.counts[SR__WAITS];
    out->waited_ns = copy.counts[SR__WAITED_NS];
    out->last_sequence = copy.last_sequence;
    out->blocked_ns = sr__for_how_long(copy.blocked_at, ring->member.os->system.clock_ns());
    sr__participant_origin(&copy, out);
    memcpy(out->name, copy.name, sizeof out->name);
    return code;
}

static int list_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity,
                             uint32_t *count)
{
    int failed = sr__enter_list(ring, SR__NEED_TALLY, list, capacity, count);
    if (failed)
        return failed;
    sr__tally_t *tallies = sr__tally(&ring->member.view);
    if (!tallies)
        return sr__leave_any(ring, sr__plain(SLOTRING_E_NO_MEMORY));
    failed = sr__tally_writers(&ring->member, tallies);
    for (uint32_t p = 0; p < sr__participants_high(&ring->member.view) && failed >= 0; p++) {
        if (!sr__is_attached(&ring->member.view, p))
            continue;
        failed = *count < capacity ? describe(ring, p, &tallies[p], &list[*count]) : 0;
        *count += failed == 0;
    }
    free(tallies);
    return sr__leave_any(ring, failed < 0 ? failed : 0);
}

int slotring_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_participants(ring, list, capacity, count));
}
