/* SPDX-License-Identifier: Apache-2.0 */
/* What a group does not want. A member that comes to it passes over it: one CAS of its take word, from the word that says that nobody
 * has had it, to PASSED. So it is never TAKEN, and nobody has to give it back. The cursor passes it as it passes what is done.
 *
 * A kill leaves: nothing, or a message that is PASSED at the cursor, which the next one that acknowledges or passes over anything
 * moves the cursor over, or repair; or a message that is counted, and that the cursor has yet to pass.
 */
#include "protocol/group_pass.h"
#include "protocol/record.h"
#include "protocol/snapshot.h"
#include "protocol/wants.h"

#define LOOKS 64u /* at a group whose cursor moves all the time */

/* Has the block a record that is wanted? What is damaged a member is told. */
static bool has_wanted_record(const sr__view_t *view, const sr__wanted_t *wanted, uint32_t slot)
{
    uint8_t *bytes = sr__block_bytes(view, slot);
    uint64_t size = sr__block_size(view), number = sr__peek(&sr__slot(view, slot)->number), place = 0, header;
    for (;; place += sr__record_size(header), number++) { /* ends: each record takes 8 bytes or more */
        enum sr__record_sight sight = sr__record_glance(bytes, size, place, &header);
        if (sight != SR__RECORD_THERE)
            return sight == SR__RECORD_DAMAGED;
        if (sr__wants(wanted, number, sr__record_glance_tag(bytes, place, header)))
            return true;
    }
}

/* [group_pass.look] Looks at the number and the tag of a message that nobody has had. As long as its take word says that, the cursor of
 * the group does not pass it, so what lies in its slot is the message. The bytes of a message are not touched; of a block the
 * headers of its records are. */
bool sr__group_is_unwanted(const sr__view_t *view, const sr__wanted_t *wanted, uint64_t sequence)
{
    uint64_t entry = sr__load(sr__order_at(view, sequence));
    uint32_t slot = sr__entry_slot(view, entry);
    if (sr__entry_age(view, entry, sequence) != SR__CURRENT || slot >= view->slot_count)
        return false;
    const sr__slot_t *s = sr__slot(view, slot);
    uint64_t content = sr__peek(&s->content);
    if (sr__content_kind(content) == SR__BLOCK)
        return !has_wanted_record(view, wanted, slot);
    uint64_t number = sr__content_has_writer(content) ? sr__peek(&s->number) : sequence;
    return !sr__wants(wanted, number, sr__peek(&s->tag));
}

/* [group_pass.pass] Passes over a message. Release: the look comes before it. Only a member does it, which keeps the group from
 * being forgotten: so the take words do not begin anew meanwhile. */
bool sr__group_pass(const sr__view_t *view, uint32_t group, uint64_t sequence, uint64_t word)
{
    return sr__cas(sr__take_at(view, group, sequence), word,
                   sr__take_word(sr__lap_of(view, sequence), 0, SR__TAKE_PASSED, SR__NOBODY));
}

bool sr__group_selects(const sr__subscription_t *subscription)
{
    return sr__peek(&subscription->mask) != 0 ||
           atomic_load_explicit(&subscription->every, memory_order_relaxed) > 1;
}

/* [group_pass.count] Counts the message at the cursor: one CAS of a total that also says, in 12 bits, which message it counted last.
 * The total is loaded, and then the cursor again: if the cursor still stands, the total is of this time. At each 2048th message the
 * total is brought up to date even if that one was wanted: so the message that was counted last is never 4096 away, and none
 * is taken for another one. */
bool sr__group_count_passed(sr__group_t *group, const sr__word_t *cursor, uint64_t at, bool passed)
{
    uint64_t total = sr__load(&group->passed_over), t = sr__number(at);
    if (sr__load(cursor) != at)
        return false;
    if ((total & SR__PASSED_PLACE_MASK) == ((t + 1) & SR__PASSED_PLACE_MASK))
        return true;
    return sr__cas(&group->passed_over, total, sr__passed_word(sr__passed_total(total) + passed, t + 1));
}

/* The message at the cursor may be counted already. */
static bool is_counted_ahead(const sr__view_t *view, uint32_t group, uint64_t total, uint64_t t)
{
    uint64_t word = sr__load(sr__take_at(view, group, t));
    return (total & SR__PASSED_PLACE_MASK) == ((t + 1) & SR__PASSED_PLACE_MASK) &&
           sr__laps_ahead(view, word, t) == 0 && sr__take_state(word) == SR__TAKE_PASSED;
}

int sr__group_passed_over(sr__member_t *member, uint32_t group, uint32_t row, uint64_t *cursor,
                          uint64_t *passed_over)
{
    const sr__view_t *view = &member->view;
    const sr__word_t *place = &view->subscriptions[row].cursor;
    for (uint32_t look = 0; look < LOOKS; look++) {
        *cursor = sr__number(sr__load(place));
        int failed = sr__look_again(member, &view->groups[group], sizeof view->groups[group]);
        if (!failed)
            failed = sr__look_again(member, sr__take_at(view, group, *cursor), sizeof(sr__word_t));
        if (failed)
            return failed;
        uint64_t total = sr__load(&view->groups[group].passed_over);
        *passed_over = sr__passed_total(total) - is_counted_ahead(view, group, total, *cursor);
        failed = sr__look_again(member, place, sizeof *place);
        if (failed || sr__number(sr__load(place)) == *cursor)
            return failed;
    }
    return 0;
}
