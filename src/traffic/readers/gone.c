/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/gone.h"

/* [gone.look] Looks whether a message is still there. What is there now may go before it is read, and is missed then as by any
 * lossy reader. */
bool sr__is_gone(const slotring_reader_t *reader, uint64_t sequence, bool *newer)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    enum sr__entry_age age = sr__entry_age(view, entry, sequence);
    uint32_t slot = sr__entry_slot(view, entry);
    *newer = age == SR__NEWER;
    if (age != SR__CURRENT || slot >= view->slot_count)
        return age != SR__OLDER;
    const sr__slot_t *s = sr__slot(view, slot);
    return sr__presence(sr__load(&s->word), sr__load(&s->sequence), sequence) == SR__ABSENT;
}
