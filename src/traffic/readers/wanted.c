/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/wanted.h"

/* [wanted.look] Looks at the tag of a publication that nobody need hold. Whoever claims the slot takes the sequence out
 * before anything else is stored (claim.c): as long as it stands, what was loaded before belongs to it. Acquire: the second
 * load of the sequence comes after the others. */
bool sr__is_unwanted(const slotring_reader_t *reader, uint32_t slot, uint64_t sequence)
{
    const sr__slot_t *s = sr__slot(&reader->ring->member.view, slot);
    if (sr__load(&s->sequence) != sequence)
        return false;
    uint64_t content = sr__peek(&s->content), tag = sr__peek(&s->tag);
    atomic_thread_fence(memory_order_acquire);
    if (sr__load(&s->sequence) != sequence || content != SR__PLAIN_MESSAGE)
        return false;
    return !sr__wants(&reader->wanted, sequence, tag);
}

bool sr__is_unwanted_held(const slotring_reader_t *reader, uint32_t slot, uint64_t sequence)
{
    const sr__slot_t *s = sr__slot(&reader->ring->member.view, slot);
    uint64_t content = sr__peek(&s->content);
    if (sr__content_kind(content) == SR__BLOCK)
        return false;
    bool by_writer = sr__content_has_writer(content);
    return !sr__wants(&reader->wanted, by_writer ? sr__peek(&s->number) : sequence, sr__peek(&s->tag));
}
