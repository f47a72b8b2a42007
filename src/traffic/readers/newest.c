/* SPDX-License-Identifier: Apache-2.0 */
#include "traffic/readers/newest.h"

#include "protocol/gate.h"
#include "traffic/readers/cursor.h"
#include "traffic/readers/records.h"

/* Has publication `at` something for a reader that wants the newest? Not what is gone or withdrawn, nor a block that it has read
 * while that was open. */
static bool may_be_newest(const slotring_reader_t *reader, uint64_t at)
{
    const sr__view_t *view = &reader->ring->member.view;
    uint64_t entry = sr__load(sr__order_at(view, at));
    uint32_t slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, at) != SR__CURRENT || slot >= view->slot_count)
        return false;
    const sr__slot_t *s = sr__slot(view, slot);
    uint64_t content = sr__peek(&s->content);
    uint32_t writer = sr__content_writer(content);
    if (sr__presence(sr__load(&s->word), sr__load(&s->sequence), at) == SR__ABSENT)
        return false;
    return sr__content_kind(content) != SR__BLOCK || writer >= view->writer_count || !reader->followed ||
           sr__records_unread(reader, writer, sr__content_block(content));
}

/* A reader that wants the newest only passes over what is older. */
void sr__skip_to_newest(slotring_reader_t *reader)
{
    uint64_t own = reader->cursor + reader->passed, to = sr__published_end(&reader->ring->member.view);
    if (reader->given > 0 || to <= own + 1)
        return;
    for (to--; to > own && !may_be_newest(reader, to); to--)
        ;
    if (to == own)
        return;
    sr__records_jump(reader);
    uint64_t delivered = reader->passed - reader->skipped;
    uint64_t passed_over = to - reader->cursor - delivered;
    reader->passed = reader->skipped = 0;
    sr__cursor_move(reader, to, 0, passed_over);
}
