/* SPDX-License-Identifier: Apache-2.0 */
/* How many marks lie at the end of a ring, for whoever makes a copy of another one there. */
#include "base/error.h"
#include "members/enter.h"
#include "protocol/gate.h"
#include "protocol/marks.h"
#include "protocol/snapshot.h"

/* The marks of a class that lie at `end`, the last one first, and behind the last gap there: their serial is `*from` at least. */
static int count_of(sr__member_t *member, enum sr__mark_class class, uint64_t end, uint64_t *from,
                    uint64_t *count)
{
    sr__mark_copy_t mark;
    int code = 0;
    for (uint64_t n = sr__marks_of(sr__load(&member->view.state->marks), class); n > 0; n--) {
        if (!member->observer)
            sr__mark_place(member, class, n - 1); /* one whose maker was killed before it had a place */
        code = sr__mark_copy(member, class, n - 1, &mark);
        if (code != 0 || mark.serial < *from || mark.place < end)
            break;
        if (mark.kind == SLOTRING_MARK_GAP) {
            *from = mark.serial + 1;
            break;
        }
        ++*count;
    }
    return code == SR__MARK_GONE ? 0 : code;
}

static int marks_behind(slotring_t *ring, uint64_t *count)
{
    int failed = sr__enter_any(ring, SR__NEED_STATE | SR__NEED_END);
    if (failed)
        return failed;
    uint64_t end = sr__published_end(&ring->member.view), from = 0, found = 0;
    int code = count ? 0 : sr__error(SLOTRING_E_INVALID, "count is NULL");
    if (code == 0)
        code = count_of(&ring->member, SR__OTHER_MARKS, end, &from, &found);
    if (code == 0)
        code = count_of(&ring->member, SR__RUN_MARKS, end, &from, &found);
    if (code == 0)
        *count = found;
    return sr__leave_any(ring, code);
}

int slotring_marks_behind(slotring_t *ring, uint64_t *count)
{
    return SR__UNCANCELLED(marks_behind(ring, count));
}
