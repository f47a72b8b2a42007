/* SPDX-License-Identifier: Apache-2.0 */
/* Who writes records, and what it has open: for people at a console. */
#include <string.h>

#include "inspect/blocks.h"
#include "members/enter.h"
#include "protocol/seqlock.h"
#include "protocol/snapshot.h"

static uint32_t state_of(const sr__writer_sight_t *sight)
{
    if (sight->slot == SR__NO_SLOT)
        return SLOTRING_WRITER_IDLE;
    return sight->kind == SR__BLOCK ? SLOTRING_WRITER_HAS_BLOCK : SLOTRING_WRITER_HAS_MESSAGE;
}

/* The writer, and whose it is: while the row's word is the same, it is the same participant's. 0, SR__LEFT or an
 * error. */
static int describe(slotring_t *ring, uint32_t number, slotring_writer_info_t *out)
{
    sr__member_t *member = &ring->member;
    sr__view_t *view = &member->view;
    sr__writer_sight_t sight;
    sr__participant_copy_t owner;
    int code = sr__writer_look(member, number, &sight);
    if (code || sr__writer_state(sight.word) != SR__WRITER_WRITING)
        return code ? code : SR__LEFT;
    code = sr__participant_read(member, sr__writer_owner(sight.word), true, &owner);
    const sr__word_t *word = &view->writers[number].state;
    if (code >= 0)
        code = sr__look_again(member, word, sizeof *word);
    if (code < 0 || sr__load(word) != sight.word)
        return code < 0 ? code : SR__LEFT;
    *out = (slotring_writer_info_t){.row = number, .participant = sr__writer_owner(sight.word)};
    out->life = owner.life;
    out->pid = owner.pid;
    out->state = state_of(&sight);
    out->number = sight.number;
    out->slot = sight.slot;
    out->records = sight.contents.records;
    out->bytes_used = sight.contents.used;
    memcpy(out->name, owner.name, sizeof out->name);
    return 0;
}

static int list_writers(slotring_t *ring, slotring_writer_info_t *list, uint32_t capacity, uint32_t *count)
{
    int failed = sr__enter_list(ring, SR__NEED_PARTICIPANTS | SR__NEED_WRITERS, list, capacity, count);
    if (failed)
        return failed;
    const sr__view_t *view = &ring->member.view;
    for (uint32_t r = 0; r < sr__writers_high(view) && failed >= 0; r++) {
        if (sr__writer_state(sr__load(&view->writers[r].state)) != SR__WRITER_WRITING)
            continue;
        failed = *count < capacity ? describe(ring, r, &list[*count]) : 0;
        *count += failed == 0;
    }
    return sr__leave_any(ring, failed < 0 ? failed : 0);
}

int slotring_writers(slotring_t *ring, slotring_writer_info_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_writers(ring, list, capacity, count));
}
