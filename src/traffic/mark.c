/* SPDX-License-Identifier: Apache-2.0 */
/* Making marks. Under the process mutex, since a mark must come after the one before it, and a run must be begun before it
 * ends. A mark needs no slot. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/process_mutex.h"
#include "protocol/gate.h"
#include "protocol/marks.h"
#include "protocol/snapshot.h"

/* Is this run to begin, or to end? Judged by the last mark of a run, which no other mark displaces. */
static int check_run(sr__member_t *member, sr__mark_copy_t *mark)
{
    sr__mark_copy_t last;
    int code = sr__mark_last(member, SR__RUN_MARKS, &last);
    if (code < 0)
        return code;
    bool running = code == 0 && last.kind == SLOTRING_MARK_RUN_BEGIN;
    if (mark->kind == SLOTRING_MARK_RUN_BEGIN && running)
        return sr__error(SLOTRING_E_STATE, "run %" PRIu64 " cannot begin: run %" PRIu64 " has not ended",
                         mark->run, last.run);
    if (mark->kind == SLOTRING_MARK_RUN_END && !running)
        return sr__error(SLOTRING_E_STATE, "run %" PRIu64 " cannot end: no run has begun", mark->run);
    if (mark->kind == SLOTRING_MARK_RUN_END && last.run != mark->run)
        return sr__error(SLOTRING_E_STATE, "run %" PRIu64 " cannot end: run %" PRIu64 " has begun", mark->run,
                         last.run);
    if (sr__mark_class_of(mark->kind) == SR__OTHER_MARKS)
        mark->run = running ? last.run : 0;
    return 0;
}

/* Are there so many numbers left? */
static int check_gap(sr__member_t *member, const sr__mark_copy_t *mark)
{
    sr__mark_copy_t last;
    int code = mark->kind == SLOTRING_MARK_GAP ? sr__mark_latest(member, &last) : 0;
    if (code < 0 || mark->kind != SLOTRING_MARK_GAP)
        return code;
    uint64_t offset = code == 0 ? last.offset : member->view.header.first_sequence;
    uint64_t next = sr__published_end(&member->view) + offset;
    if (next <= SLOTRING_NUMBER_MAX && mark->value <= SLOTRING_NUMBER_MAX - next)
        return 0;
    return sr__error(SLOTRING_E_SIZE,
                     "a gap of %" PRIu64 " behind number %" PRIu64 " leads beyond the highest one, %" PRIu64,
                     mark->value, next, SLOTRING_NUMBER_MAX);
}

static int make_locked(slotring_t *ring, sr__mark_copy_t *mark)
{
    int failed = check_run(&ring->member, mark);
    if (!failed)
        failed = check_gap(&ring->member, mark);
    mark->time = ring->member.os->system.clock_ns();
    return failed ? failed : sr__mark_make(&ring->member, mark);
}

static int make(slotring_t *ring, sr__mark_copy_t *mark, slotring_mark_t *made)
{
    int failed = sr__mutex_lock(ring, ring->lock_timeout_ns, NULL);
    if (failed)
        return failed;
    failed = make_locked(ring, mark);
    sr__mutex_unlock(ring);
    if (!failed && made)
        sr__mark_give(mark, made);
    return failed;
}

static int check_mark(uint32_t kind, const void *bytes, uint32_t size)
{
    if (kind < SLOTRING_MARK_RUN_BEGIN || kind > SLOTRING_MARK_USER)
        return sr__error(SLOTRING_E_INVALID, "the kind of a mark is %" PRIu32 "; it must be from %d to %d",
                         kind, SLOTRING_MARK_RUN_BEGIN, SLOTRING_MARK_USER);
    if (size > SLOTRING_MARK_BYTES_MAX)
        return sr__error(SLOTRING_E_SIZE, "a mark has %" PRIu32 " bytes; the limit is %u", size,
                         SLOTRING_MARK_BYTES_MAX);
    if (size > 0 && !bytes)
        return sr__error(SLOTRING_E_INVALID, "bytes is NULL, and size is %" PRIu32, size);
    return 0;
}

static int mark(slotring_t *ring, uint32_t kind, uint64_t run, uint64_t value, const void *bytes,
                uint32_t size, slotring_mark_t *made)
{
    int failed = sr__enter(ring);
    if (!failed)
        failed = check_mark(kind, bytes, size);
    if (failed)
        return failed;
    sr__mark_copy_t wanted = {.kind = kind, .run = run, .value = value, .size = size};
    if (size > 0)
        memcpy(wanted.bytes, bytes, size);
    return make(ring, &wanted, made);
}

int slotring_mark(slotring_t *ring, uint32_t kind, uint64_t run, uint64_t value, const void *bytes,
                  uint32_t size, slotring_mark_t *made)
{
    return SR__UNCANCELLED(mark(ring, kind, run, value, bytes, size, made));
}

static int publish_gap(slotring_t *ring, uint64_t count, slotring_mark_t *made)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    if (count == 0)
        return sr__error(SLOTRING_E_INVALID, "a gap of 0 is none");
    sr__mark_copy_t wanted = {.kind = SLOTRING_MARK_GAP, .value = count};
    return make(ring, &wanted, made);
}

int slotring_publish_gap(slotring_t *ring, uint64_t count, slotring_mark_t *made)
{
    return SR__UNCANCELLED(publish_gap(ring, count, made));
}
