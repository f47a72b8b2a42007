/* SPDX-License-Identifier: Apache-2.0 */
/* Observing: no mapping and no lock, only reads into private memory. Nothing that others do to the segment can make
 * an observer fault, and nothing that it does can reach the ring.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "layout/plan.h"
#include "members/boot.h"
#include "members/opening.h"
#include "members/segment.h"

int sr__ring_observe(slotring_t *ring, const char *name, slotring_error_t *error)
{
    sr__header_t header;
    ring->member.me = UINT32_MAX;
    int failed = ring->member.os->segments.open(ring->place, false, &ring->member.segment, error);
    if (!failed)
        failed = sr__segment_check(ring, name, &header, error);
    if (!failed)
        failed = sr__boot_check(ring, &header, error);
    if (failed)
        return failed;
    ring->member.control_size = sr__layout_control_size(&header);
    if (ring->member.control_size > SIZE_MAX / 2 ||
        !(ring->member.snapshot = calloc(1, (size_t)ring->member.control_size)))
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0,
                        "no memory for a copy of the control data: %" PRIu64 " bytes",
                        ring->member.control_size);
    sr__view_bind(&ring->member.view, &header, ring->member.snapshot, false);
    ring->member.os->segments.leave_out(ring->member.segment,
                                        0); /* where an observer has a mapping, it has a copy too */
    return 0;
}
