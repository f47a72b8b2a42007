/* SPDX-License-Identifier: Apache-2.0 */
/* Ending a stream: that of this handle, and, by a proxy, that of the producer elsewhere for which it publishes.
 * A proxy tells the death of its producer, or that the way to it was lost. A death here is told as every death is: who, then the
 * count, then the generation (stream.c). The process mutex keeps apart who tells and who repairs. A kill before the count leaves a
 * record that counts for nothing, and a stream that is open: repair then tells that the way was lost. A kill after the count
 * leaves nothing to tell, and repair bumps the generation.
 */
#include "traffic/end_stream.h"

#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "members/process_mutex.h"
#include "protocol/seqlock.h"

int sr__producer_is_over(const slotring_t *ring)
{
    return sr__error(
        SLOTRING_E_STATE,
        "this handle of ring \"%s\" told the end of the producer for which it published: open another "
        "handle for the next one",
        ring->member.view.header.name);
}

static int check(slotring_t *ring)
{
    int failed = sr__enter(ring);
    if (failed)
        return failed;
    uint32_t writers = atomic_load_explicit(&ring->writers_open, memory_order_relaxed);
    if (writers > 0)
        return sr__error(SLOTRING_E_STATE, "%" PRIu32 " writers of this handle are open: close them first",
                         writers);
    return 0;
}

int slotring_end_stream(slotring_t *ring)
{
    int failed = check(ring);
    if (failed)
        return failed;
    if (sr__stream_phase(sr__load(&ring->member.self->stream)) == SR__STREAMING)
        sr__stream_close(&ring->member, ring->member.me, SR__ENDED);
    return 0;
}

/* Writes down who died, and counts it (seqlock.write, stream.close). The caller has the process mutex. */
static int tell(slotring_t *ring, uint32_t how)
{
    int failed = sr__enter(ring); /* it may have been taken for dead while it waited */
    if (failed)
        return failed;
    sr__participant_t *self = ring->member.self;
    if (sr__stream_phase(sr__load(&self->stream)) != SR__STREAMING)
        return sr__error(
            SLOTRING_E_STATE,
            "this handle of ring \"%s\" has published nothing since its stream ended, so there is no "
            "producer whose end it could tell",
            ring->member.view.header.name);
    /* First: the stream is not opened again, so an incarnation dies once, and no version of a record comes twice. */
    atomic_store_explicit(&ring->told_end, true, memory_order_seq_cst);
    sr__death_write(self, sr__peek(&self->last_sequence), how == SLOTRING_SOURCE_LOST);
    sr__stream_close(&ring->member, ring->member.me, SR__DIED);
    return 0;
}

static int end_by_proxy(slotring_t *ring, uint32_t how)
{
    slotring_error_t why;
    int failed = check(ring);
    if (failed)
        return failed;
    if (how != SLOTRING_PRODUCER_DIED && how != SLOTRING_SOURCE_LOST)
        return sr__error(SLOTRING_E_INVALID,
                         "how is %" PRIu32 "; it is SLOTRING_PRODUCER_DIED (1) or SLOTRING_SOURCE_LOST (2)",
                         how);
    if (!ring->is_proxy)
        return sr__error(SLOTRING_E_STATE,
                         "this handle of ring \"%s\" publishes for itself: only one that was opened with "
                         "SLOTRING_PROXY tells the end of another producer",
                         ring->member.view.header.name);
    failed = sr__mutex_lock(ring, ring->lock_timeout_ns, &why);
    if (failed)
        return sr__set_last(failed, why.os_code, why.text);
    failed = tell(ring, how);
    sr__mutex_unlock(ring);
    return failed;
}

int slotring_end_by_proxy(slotring_t *ring, uint32_t how)
{
    sr__cancel_point();
    return SR__UNCANCELLED(end_by_proxy(ring, how));
}
