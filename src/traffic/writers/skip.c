/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers that no message of a writer has. A writer that is a copy of another ring's skips what was missed there. The block that
 * is opened then says so, with its other fields: a kill before its name leaves nothing of it, and a kill after that leaves all.
 */
#include <inttypes.h>

#include "base/error.h"
#include "traffic/writers/append.h"

static int check_skip(const slotring_writer_t *writer, uint64_t count)
{
    const sr__view_t *view = &writer->ring->member.view;
    uint64_t next = sr__writer_next(writer);
    if (next > SR__WRITER_NUMBER_MAX || count > SR__WRITER_NUMBER_MAX - next)
        return sr__error(SLOTRING_E_INVALID,
                         "writer %" PRIu32 " is at number %" PRIu64 " and cannot skip %" PRIu64
                         ": it may skip up to %" PRIu64,
                         writer->block.row_number, next, count, SR__WRITER_NUMBER_MAX);
    if (sr__block_size(view) < SR__RECORD_HEADER)
        return sr__error(SLOTRING_E_UNSUPPORTED,
                         "ring \"%s\" has slots of %" PRIu64
                         " bytes, and a block of records, which says what is skipped, takes %u: create it "
                         "with larger slots",
                         view->header.name, view->slot_size, SR__RECORD_HEADER);
    return 0;
}

int slotring_writer_skip(slotring_writer_t *writer, uint64_t count, int64_t timeout_ns)
{
    int failed = sr__writer_enter(writer);
    if (failed || count == 0)
        return failed;
    failed = check_skip(writer, count);
    return failed ? failed : sr__append_skip(writer, count, timeout_ns);
}

int slotring_writer_number(slotring_writer_t *writer, uint64_t *number)
{
    int failed = sr__writer_enter(writer);
    if (failed)
        return failed;
    if (!number)
        return sr__error(SLOTRING_E_INVALID, "number is NULL");
    *number = sr__writer_next(writer);
    return 0;
}
