/* SPDX-License-Identifier: Apache-2.0 */
#include "protocol/there.h"

#include "protocol/group_members.h"
#include "protocol/seqlock.h"

bool sr__somebody_has(const sr__view_t *view, uint32_t row, uint64_t word)
{
    return !sr__subscription_is_left(word) || sr__group_row_has_members(view, row);
}

bool sr__reader_is_there(sr__member_t *member, uint32_t row, uint64_t word)
{
    if (sr__subscription_is_group(word))
        return sr__group_works(member, row);
    sr__participant_copy_t owner;
    return sr__participant_read(member, sr__subscription_owner(word), true, &owner) == 0 &&
           owner.life != SLOTRING_LIFE_DEAD;
}
