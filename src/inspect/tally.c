/* SPDX-License-Identifier: Apache-2.0 */
/* What each participant has of the ring: what it holds, writes and reads. */
#include "inspect/tally.h"

#include <stdlib.h>

#include "inspect/blocks.h"
#include "protocol/span.h"

int sr__tally_writers(sr__member_t *member, sr__tally_t *tallies)
{
    const sr__view_t *view = &member->view;
    for (uint32_t r = 0; r < sr__writers_high(view); r++) {
        sr__writer_sight_t sight;
        if (sr__writer_state(sr__load(&view->writers[r].state)) != SR__WRITER_WRITING)
            continue;
        int failed = sr__writer_look(member, r, &sight);
        if (failed)
            return failed;
        uint32_t owner = sr__writer_owner(sight.word);
        if (sr__writer_state(sight.word) != SR__WRITER_WRITING || owner >= view->participant_count)
            continue;
        tallies[owner].writers++;
        tallies[owner].bytes += sight.contents.bytes;
    }
    return 0;
}

sr__tally_t *sr__tally(const sr__view_t *view)
{
    sr__tally_t *tallies = calloc(view->participant_count, sizeof *tallies);
    for (uint32_t i = 0; tallies && i < view->slot_count; i++) {
        sr__slot_t *slot = sr__slot(view, i);
        uint64_t w = sr__peek(&slot->word), sequence = sr__peek(&slot->sequence);
        if (sr__is_being_written(view, i, w, sequence) && sr__owner(w) < view->participant_count)
            tallies[sr__owner(w)].writing++;
        uint32_t pinner = sr__pinner(w);
        if (pinner < view->participant_count &&
            !(sr__peek(sr__hold_word(slot, pinner / 64)) >> pinner % 64 & 1)) /* a slot counts once */
            tallies[pinner].held += sr__slots_of(view, slot);
        for (uint32_t h = 0; h < view->hold_words; h++) {
            uint64_t bits = sr__peek(sr__hold_word(slot, h));
            for (uint32_t b = 0; bits; b++, bits >>= 1)
                if ((bits & 1) && h * 64 + b < view->participant_count)
                    tallies[h * 64 + b].held += sr__slots_of(view, slot);
        }
    }
    for (uint32_t r = 0; tallies && r < sr__subscriptions_high(view); r++) {
        uint64_t w = sr__load(&view->subscriptions[r].state);
        if (sr__subscription_state(w) == SR__SUBSCRIPTION_ACTIVE &&
            sr__subscription_owner(w) < view->participant_count)
            tallies[sr__subscription_owner(w)].readers++;
    }
    return tallies;
}
