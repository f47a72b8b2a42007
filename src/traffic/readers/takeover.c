/* SPDX-License-Identifier: Apache-2.0 */
/* Taking a durable subscription over: the next owner goes on at the first message that was not acknowledged.
 *
 * Names are made and dropped under the process mutex, so that no two subscriptions have one name. They are taken over by
 * one CAS, from nobody. A kill at any step leaves a subscription of the next owner, which repair leaves to nobody again; the owner
 * after that does all steps anew, from the state that it finds.
 */
#include "traffic/readers/takeover.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/process_mutex.h"
#include "members/reap.h"
#include "protocol/counters.h"
#include "protocol/gate.h"
#include "protocol/life.h"
#include "traffic/readers/acks.h"
#include "traffic/readers/durable.h"
#include "traffic/readers/marks_done.h"
#include "traffic/readers/missed.h"
#include "traffic/readers/owned_word.h"
#include "traffic/readers/past.h"
#include "traffic/readers/records.h"
#include "traffic/readers/tell.h"
#include "traffic/readers/wanted.h"

#define LOOKS 64u /* at a row that changes all the time */

/* What lies between the cursor of a subscription that was revoked and the place where its next owner goes on. All 0: nothing. */
typedef struct sr__gap {
    uint64_t to;                  /* the cursor then */
    uint64_t missed, passed_over; /* of the gap */
    uint64_t missed_before;       /* with the last owner */
} sr__gap_t;

static bool is_durable(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & SR__SUBSCRIPTION_DURABLE) != 0;
}

/* [takeover.find] Looks for the durable subscription of this name. The name is written before the state says durable, and not
 * again until the state says FREE: so it belongs to the state that is the same before and after. */
bool sr__named_look(const sr__view_t *view, const char *name, sr__named_t *found)
{
    for (uint32_t r = 0; r < sr__subscriptions_high(view); r++) {
        const sr__subscription_t *subscription = &view->subscriptions[r];
        char own[48];
        for (uint32_t look = 0; look < LOOKS; look++) {
            uint64_t word = sr__load(&subscription->state);
            if (!is_durable(word))
                break;
            sr__name_load(own, subscription->name);
            atomic_thread_fence(memory_order_acquire);
            if (sr__load(&subscription->state) != word)
                continue;
            if (strcmp(own, name) != 0)
                break;
            *found = (sr__named_t){.row = r, .word = word};
            return true;
        }
    }
    return false;
}

int sr__named_repair(slotring_t *ring, bool locked)
{
    slotring_error_t why;
    int failed = locked ? 0 : sr__mutex_lock(ring, ring->lock_timeout_ns, &why);
    if (failed)
        return failed;
    failed = sr__reap(ring, UINT32_MAX, NULL, &why);
    if (!locked)
        sr__mutex_unlock(ring);
    return failed ? sr__set_last(failed, why.os_code, why.text) : 0;
}

static int owned(slotring_t *ring, const char *name, uint32_t owner)
{
    sr__participant_copy_t who;
    sr__participant_read(&ring->member, owner, false, &who);
    return sr__error(SLOTRING_E_SUBSCRIBED,
                     "durable subscription \"%s\" of ring \"%s\" belongs to process %" PRIu64
                     " (%s), which lives: one reader at a time can have it",
                     name, ring->member.view.header.name, who.pid, who.name);
}

int sr__named_find(slotring_t *ring, const char *name, bool locked, sr__named_t *found)
{
    for (uint32_t look = 0; look < LOOKS; look++) {
        if (!sr__named_look(&ring->member.view, name, found))
            return SR__NO_SUCH_NAME;
        uint32_t owner = sr__subscription_owner(found->word);
        if (owner == SR__NOBODY)
            return 0;
        slotring_error_t unknown = {0};
        if (sr__is_attached(&ring->member.view, owner) &&
            !sr__participant_is_dead(&ring->member, owner, &unknown)) {
            if (sr__load(&ring->member.view.subscriptions[found->row].state) == found->word)
                return owned(ring, name, owner);
            continue;
        }
        int failed = sr__named_repair(ring, locked);
        if (failed)
            return failed;
    }
    return sr__error(SLOTRING_E_BUSY,
                     "durable subscription \"%s\" of ring \"%s\" changes its owner all the time", name,
                     ring->member.view.header.name);
}

/* ---- Its next owner -------------------------------------------------------------------------------------- */

/* [takeover.account] Begins the reader's copy of the account with what the last owner had. The generation is stored last: from
 * then on this copy counts, and says the same. A jump that was not made is forgotten, and is made anew. What the last owner held
 * of the past is gone with it: it was missed. The last word that an owner stores is read first, so the words fit together even
 * if that owner lives. The number that was missed so. */
static uint64_t take_account(slotring_reader_t *reader, uint64_t cursor, const sr__gap_t *gap)
{
    sr__account_words_t *both = reader->subscription->accounts;
    const sr__account_words_t *last = sr__account_of(reader->subscription, reader->subscription_word);
    sr__account_words_t *own = last == &both[0] ? &both[1] : &both[0];
    uint64_t pending = sr__load(&last->pending);
    uint64_t passed_over = sr__load(&last->jump_passed_over), missed = sr__load(&last->jump_missed);
    if (cursor < sr__load(&last->jump_to)) {
        passed_over = sr__load(&last->passed_over);
        missed = sr__load(&last->missed);
        pending = 0; /* counts with the jump */
    }
    reader->start = sr__load(&last->start);
    if (pending + gap->missed > 0)
        sr__missed_note(reader, missed);
    missed += pending;
    sr__poke(&own->start, reader->start);
    sr__poke(&own->missed, missed);
    sr__poke(&own->passed_over, passed_over);
    sr__poke(&own->jump_to, gap->to);
    sr__poke(&own->jump_missed, missed + gap->missed);
    sr__poke(&own->jump_passed_over, passed_over + gap->passed_over);
    sr__poke(&own->pending, reader->pending);
    /* Release: who sees the generation sees the copy. */
    atomic_store_explicit(&own->generation, sr__durable_generation(reader), memory_order_release);
    reader->account = own;
    return pending;
}

/* [takeover.progress] Finds what was acknowledged of each writer. gap: the last owner held messages of the past, which are gone. */
static void take_progress(slotring_reader_t *reader, bool gap)
{
    const sr__view_t *view = &reader->ring->member.view;
    for (uint32_t writer = 0; reader->followed && writer < view->writer_count; writer++) {
        uint64_t number = sr__owned_take(reader, sr__progress(view, reader->subscription_number, writer));
        if (number != SR__NO_NUMBER)
            sr__records_resume(reader, writer, number, gap);
    }
}

/* [takeover.own] Makes the reader the owner: one CAS from nobody, with a new generation. One that was revoked gates again from
 * here on, and keeps the flag until its reader was told. False: somebody else was faster. */
static bool own(slotring_reader_t *reader, const sr__named_t *named)
{
    sr__view_t *view = &reader->ring->member.view;
    uint64_t word = sr__subscription_word(SR__SUBSCRIPTION_ACTIVE, reader->ring->member.me,
                                          sr__subscription_flags(named->word) | SR__SUBSCRIPTION_GATES,
                                          sr__subscription_generation(named->word) + 1);
    if (!sr__cas(&view->subscriptions[named->row].state, named->word, word))
        return false;
    reader->subscription_number = named->row;
    reader->subscription = &view->subscriptions[named->row];
    reader->subscription_word = reader->quiet_word = word;
    return true;
}

/* Of those that are gone: nobody has missed them. */
static uint64_t acknowledged_below(const slotring_reader_t *reader, uint64_t to)
{
    uint64_t acks = sr__number(sr__load(&reader->subscription->acks));
    return reader->has_acks ? sr__acks_count(acks, reader->cursor, to) : 0;
}

/* [takeover.gap] What is at the cursor of a subscription that was revoked may be gone. It gates again since it was taken over:
 * what is published from the end on that is found now nobody takes before the reader had it (as in subscribe.c). Of what
 * lies before, the reader holds what is there, as a past; the rest was missed. The account that says so counts once the cursor
 * is at the end. */
static int close_gap(slotring_reader_t *reader, sr__gap_t *gap)
{
    uint64_t end = sr__published_end(&reader->ring->member.view), gone, passed_over;
    if (end < reader->cursor)
        return sr__error(SLOTRING_E_CORRUPT, "the cursor of subscription %" PRIu32 " is past the end",
                         reader->subscription_number);
    int failed = sr__past_hold(reader, end, reader->cursor, &gone, &passed_over);
    if (failed)
        return failed;
    gap->to = end;
    uint64_t acknowledged = acknowledged_below(reader, reader->cursor + gone);
    gap->missed = sr__wanted_between(&reader->wanted, reader->cursor, reader->cursor + gone) - acknowledged;
    gap->passed_over = passed_over + gone - gap->missed - acknowledged;
    return 0;
}

/* From where the last owner stopped. */
static int go_on(slotring_reader_t *reader)
{
    bool revoked = (sr__subscription_flags(reader->subscription_word) & SR__SUBSCRIPTION_REVOKED) != 0;
    sr__gap_t gap = {0};
    /* [takeover.cursor] The cursor first: while the account is copied nobody moves it. */
    reader->cursor = sr__owned_take(reader, &reader->subscription->cursor);
    sr__acks_take_over(reader);
    int failed = revoked ? close_gap(reader, &gap) : 0;
    if (failed)
        return failed;
    gap.missed_before = take_account(reader, reader->cursor, &gap);
    take_progress(reader, revoked || gap.missed_before > 0);
    sr__count(&reader->ring->member, SR__MISSED, gap.missed_before + gap.missed);
    failed = sr__tell_go_on(reader, reader->cursor);
    if (failed || !revoked)
        return failed;
    /* With what the owners before it were not told. */
    uint64_t lost = sr__peek(&reader->subscription->lost);
    sr__poke(&reader->subscription->lost, gap.missed + (lost & SR__LOST_TOLD ? 0 : lost));
    reader->quiet_word = 0; /* its first call tells it */
    /* [takeover.move] Moves the cursor over the gap: one store, from which on the account counts it. */
    reader->cursor = gap.to;
    if (reader->has_acks)
        sr__acks_leave(reader, gap.to);
    else
        sr__durable_cursor(reader, gap.to);
    return 0;
}

int sr__named_check_wanted(const slotring_reader_t *reader, const char *name, const sr__named_t *named)
{
    const sr__view_t *view = &reader->ring->member.view;
    const sr__subscription_t *subscription = &view->subscriptions[named->row];
    uint64_t mask = sr__peek(&subscription->mask), match = sr__peek(&subscription->match);
    uint32_t every = atomic_load_explicit(&subscription->every, memory_order_relaxed);
    uint32_t asked = reader->wanted.every > 1 ? reader->wanted.every : 1;
    if (mask == reader->wanted.mask && match == reader->wanted.match && (every > 1 ? every : 1) == asked)
        return 0;
    return sr__error(SLOTRING_E_INVALID,
                     "%s \"%s\" of ring \"%s\" wants every %" PRIu32 " with tag_mask 0x%" PRIx64
                     " and tag_match 0x%" PRIx64
                     "; a reader that %s it wants the same (slotring_forget ends it)",
                     sr__subscription_is_group(named->word) ? "group" : "durable subscription", name,
                     view->header.name, every > 1 ? every : 1, mask, match,
                     sr__subscription_is_group(named->word) ? "joins" : "goes on with");
}

static int check_is_single(const slotring_reader_t *reader, const char *name, const sr__named_t *named)
{
    if (!sr__subscription_is_group(named->word))
        return 0;
    return sr__error(SLOTRING_E_INVALID,
                     "\"%s\" of ring \"%s\" is a group of readers: join it with SLOTRING_GROUP", name,
                     reader->ring->member.view.header.name);
}

int sr__take_over(slotring_reader_t *reader, const char *name, bool locked)
{
    sr__named_t named;
    for (uint32_t turn = 0; turn < LOOKS; turn++) {
        int code = sr__named_find(reader->ring, name, locked, &named);
        if (!code)
            code = check_is_single(reader, name, &named);
        if (!code)
            code = sr__named_check_wanted(reader, name, &named);
        if (code)
            return code;
        if (!own(reader, &named))
            continue;
        return go_on(reader);
    }
    return sr__error(SLOTRING_E_BUSY,
                     "other readers take durable subscription \"%s\" of ring \"%s\" all the time", name,
                     reader->ring->member.view.header.name);
}

/* [takeover.begin] Notes what was acknowledged of each writer so far, before anybody can take the subscription over. */
void sr__durable_begin(slotring_reader_t *reader)
{
    const sr__view_t *view = &reader->ring->member.view;
    sr__acks_begin(reader);
    sr__marks_done_begin(reader);
    for (uint32_t writer = 0; reader->followed && writer < view->writer_count; writer++) {
        const struct sr__followed *f = &reader->followed[writer];
        atomic_store_explicit(
            sr__progress(view, reader->subscription_number, writer),
            sr__numbered(f->known ? f->next : SR__NO_NUMBER, sr__durable_generation(reader)),
            memory_order_seq_cst);
    }
}
