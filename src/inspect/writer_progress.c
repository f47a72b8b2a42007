/* SPDX-License-Identifier: Apache-2.0 */
/* How far the writer of a row is, whether somebody has the row or not: for whoever makes a copy of a ring. */
#include <inttypes.h>

#include "base/error.h"
#include "inspect/blocks.h"
#include "members/enter.h"
#include "protocol/snapshot.h"

static int look(sr__member_t *member, uint32_t row, uint64_t *number, uint64_t *publications)
{
    sr__writer_sight_t sight;
    if (row >= member->view.writer_count)
        return sr__error(SLOTRING_E_INVALID,
                         "ring \"%s\" has %" PRIu32 " writers, and none of number %" PRIu32,
                         member->view.header.name, member->view.writer_count, row);
    if (!number)
        return sr__error(SLOTRING_E_INVALID, "number is NULL");
    int failed = sr__writer_look(member, row, &sight);
    if (failed)
        return failed;
    *number = sight.number;
    if (publications) /* each block has the next number when it is opened, and is listed later */
        *publications = sight.block - (sight.slot != SR__NO_SLOT && sight.block > 0);
    return 0;
}

static int progress(slotring_t *ring, uint32_t row, uint64_t *number, uint64_t *publications)
{
    int failed = sr__enter_any(ring, SR__NEED_STATE | SR__NEED_WRITERS);
    return failed ? failed : sr__leave_any(ring, look(&ring->member, row, number, publications));
}

int slotring_writer_progress(slotring_t *ring, uint32_t row, uint64_t *number, uint64_t *publications)
{
    return SR__UNCANCELLED(progress(ring, row, number, publications));
}
