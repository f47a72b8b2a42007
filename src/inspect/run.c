/* SPDX-License-Identifier: Apache-2.0 */
/* Which run the ring is in: the last mark of a run. */
#include "base/error.h"
#include "members/enter.h"
#include "protocol/marks.h"
#include "protocol/snapshot.h"

static int last_run(slotring_t *ring, slotring_mark_t *mark)
{
    int failed = sr__enter_any(ring, SR__NEED_STATE);
    if (failed)
        return failed;
    sr__mark_copy_t last;
    int code = mark ? sr__mark_last(&ring->member, SR__RUN_MARKS, &last)
                    : sr__error(SLOTRING_E_INVALID, "mark is NULL");
    if (code == 0)
        sr__mark_give(&last, mark);
    if (code == SR__MARK_GONE)
        code = sr__error(SLOTRING_E_EMPTY, "no run has begun in ring \"%s\"", ring->member.view.header.name);
    return sr__leave_any(ring, code);
}

int slotring_run(slotring_t *ring, slotring_mark_t *mark)
{
    return SR__UNCANCELLED(last_run(ring, mark));
}
