/* SPDX-License-Identifier: Apache-2.0 */
/* The newest message of a writer at or below a number, by the number alone: for who saw the number elsewhere, or goes along what a
 * writer wrote. A look, not a hold: who uses the ticket finds out whether the message is still there.
 */
#include <inttypes.h>

#include "base/error.h"
#include "inspect/blocks.h"
#include "members/enter.h"
#include "protocol/snapshot.h"
#include "traffic/ticket.h"

#define LOOKS 16

/* What a slot has of the writer. */
typedef struct found {
    uint32_t slot; /* SR__NO_SLOT: none */
    uint64_t content;
    uint64_t first; /* number of its message, or of its first record */
} found_t;

/* The slot in the order whose numbers begin highest, at `number` or below: of all that are there it alone may have it. */
static found_t find(const sr__view_t *view, uint32_t row, uint64_t number)
{
    found_t best = {.slot = SR__NO_SLOT};
    for (uint32_t i = 0; i < view->slot_count; i++) {
        const sr__slot_t *s = sr__slot(view, i);
        uint64_t content = sr__peek(&s->content), first = sr__peek(&s->number), w = sr__load(&s->word);
        if (sr__content_writer(content) == row && first <= number && !sr__is_withdrawn(w) &&
            (sr__is_committed(w) || sr__slot_state(w) == SR__RECLAIM) &&
            (best.slot == SR__NO_SLOT || first > best.first))
            best = (found_t){.slot = i, .content = content, .first = first};
    }
    return best;
}

static bool is_same(const sr__slot_t *s, const found_t *found)
{
    return sr__peek(&s->content) == found->content && sr__peek(&s->number) == found->first;
}

/* 1 the ticket is made; 0 the slot has something else by now; negative: error. */
static int make_ticket(slotring_t *ring, uint32_t row, uint64_t number, const found_t *found,
                       slotring_ticket_t *ticket)
{
    sr__member_t *member = &ring->member;
    sr__slot_t *s = sr__slot(&member->view, found->slot);
    sr__contents_t contents = {0};
    int failed = member->observer ? sr__snapshot_slot(member, found->slot) : 0;
    if (failed || !is_same(s, found))
        return failed;
    if (sr__content_kind(found->content) != SR__BLOCK) {
        failed = sr__ticket_at(ring, found->slot, ticket);
        return failed == SLOTRING_E_NOT_READY || failed == SLOTRING_E_INVALID ? 0 : failed ? failed : 1;
    }
    failed = sr__block_contents(member, found->slot, false, &contents);
    if (!failed)
        failed = sr__look_again(member, s, sizeof *s);
    if (failed || !is_same(s, found) || contents.records == 0)
        return failed;
    uint64_t newest = found->first + contents.records - 1;
    sr__record_ticket(&member->view, row, found->slot, sr__content_block(found->content),
                      number < newest ? number : newest, ticket);
    return 1;
}

static int ticket_of_writer(slotring_t *ring, uint32_t row, uint64_t number, slotring_ticket_t *ticket)
{
    sr__member_t *member = &ring->member;
    const sr__view_t *view = &member->view;
    if (!ticket || row >= view->header.writers)
        return sr__error(SLOTRING_E_INVALID, "writer %" PRIu32 " of %" PRIu32 " (0 is the first), ticket %s",
                         row, view->header.writers, ticket ? "given" : "NULL");
    for (int look = 0; look < LOOKS && row < sr__writers_high(view); look++) {
        sr__writer_sight_t sight;
        int code = sr__writer_look(member, row, &sight);
        if (code)
            return code;
        uint64_t records = sight.contents.records;
        if (sight.slot != SR__NO_SLOT && sight.kind == SR__BLOCK && records > 0 &&
            number >= sight.number - records) {
            sr__record_ticket(view, row, sight.slot, sight.block,
                              number < sight.number ? number : sight.number - 1, ticket);
            return 0;
        }
        code = member->observer ? sr__snapshot_renew(member, SR__NEED_SLOTS) : 0;
        if (code)
            return code;
        found_t found = find(view, row, number);
        if (found.slot == SR__NO_SLOT)
            break;
        code = make_ticket(ring, row, number, &found, ticket);
        if (code != 0)
            return code < 0 ? code : 0;
    }
    return sr__error(SLOTRING_E_NOT_READY,
                     "no message of writer %" PRIu32 " at or below %" PRIu64 " is there", row, number);
}

int slotring_ticket_of_writer(slotring_t *ring, uint32_t row, uint64_t number, slotring_ticket_t *ticket)
{
    int failed = sr__enter_any(ring, SR__NEED_WRITERS);
    return failed ? failed : sr__leave_any(ring, ticket_of_writer(ring, row, number, ticket));
}
