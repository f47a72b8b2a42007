/* SPDX-License-Identifier: Apache-2.0 */
/* Sequences and numbers. The number of a publication is its sequence in the ring that this one is a copy of: its sequence here,
 * and what the marks of gaps before it add. */
#include <inttypes.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/marks.h"
#include "protocol/snapshot.h"

static int forgotten(const slotring_t *ring, const char *what, uint64_t value)
{
    return sr__error(SLOTRING_E_STALE,
                     "%s %" PRIu64
                     " lies so far back in ring \"%s\" that the gaps of that time are forgotten",
                     what, value, ring->member.view.header.name);
}

static int number_of(slotring_t *ring, uint64_t sequence, uint64_t *number)
{
    int failed = sr__enter_any(ring, SR__NEED_STATE);
    if (failed)
        return failed;
    uint64_t offset = 0;
    int code = number ? sr__mark_offset_at(&ring->member, sequence, &offset)
                      : sr__error(SLOTRING_E_INVALID, "number is NULL");
    if (code == 0)
        *number = sequence + offset;
    if (code == SR__MARK_GONE)
        code = forgotten(ring, "sequence", sequence);
    return sr__leave_any(ring, code);
}

static int sequence_of(slotring_t *ring, uint64_t number, uint64_t *sequence)
{
    int failed = sr__enter_any(ring, SR__NEED_STATE);
    if (failed)
        return failed;
    int code = sequence ? sr__mark_sequence_of(&ring->member, number, sequence)
                        : sr__error(SLOTRING_E_INVALID, "sequence is NULL");
    if (code == SR__MARK_GONE)
        code = forgotten(ring, "number", number);
    return sr__leave_any(ring, code);
}

int slotring_number_of(slotring_t *ring, uint64_t sequence, uint64_t *number)
{
    return SR__UNCANCELLED(number_of(ring, sequence, number));
}

int slotring_sequence_of(slotring_t *ring, uint64_t number, uint64_t *sequence)
{
    return SR__UNCANCELLED(sequence_of(ring, number, sequence));
}
