/* SPDX-License-Identifier: Apache-2.0 */
/* Packing and unpacking of the words that several processes change: slot words, order entries, subscription states,
 * stream words. Pure functions; layout.h has the formats. */
#ifndef SR_WORDS_H
#define SR_WORDS_H

#include <stdbool.h>

#include "layout/layout.h"

/* -- incarnations -- */

/* Is the participant entry with this incarnation in use? Attaching makes it odd, leaving and repair make it even. */
static inline bool sr__in_use(uint64_t incarnation)
{
    return incarnation % 2 == 1;
}

/* -- slot words -- */

static inline uint32_t sr__owner(uint64_t word)
{
    return (uint32_t)(word & 0xfff);
}

static inline uint32_t sr__slot_state(uint64_t word)
{
    return (uint32_t)(word >> 12) & 0xf;
}

static inline bool sr__is_retired(uint64_t word)
{
    return (word & SR__RETIRED) != 0;
}

static inline bool sr__is_withdrawn(uint64_t word)
{
    return (word & SR__WITHDRAWN) != 0;
}

static inline uint64_t sr__version(uint64_t word)
{
    return word >> 18;
}

/* `from` with another state and owner; version and flags stay. */
static inline uint64_t sr__with_state(uint64_t from, enum sr__slot_state state, uint32_t owner)
{
    return (from & ~UINT64_C(0xffff)) | (uint64_t)state << 12 | owner;
}

/* CLAIMED -> PIECE: same version, no flags. */
static inline uint64_t sr__piece(uint64_t from)
{
    return (from & ~(SR__VERSION_ONE - 1)) | (uint64_t)SR__PIECE << 12 | SR__NOBODY;
}

/* -- links of a span: version:40 | slot + 1:24; 0: none. The version's six highest bits are left out. -- */

#define SR__LINK_SLOT UINT64_C(0xffffff)

static inline uint64_t sr__link(uint32_t slot, uint64_t word)
{
    return sr__version(word) << 24 | ((uint64_t)slot + 1);
}

/* Of a link that is not 0. */
static inline uint32_t sr__link_slot(uint64_t link)
{
    return (uint32_t)(link & SR__LINK_SLOT) - 1;
}

/* Is `word`, of the slot that the link names, of the version that was linked? */
static inline bool sr__link_fits(uint64_t link, uint64_t word)
{
    return (sr__version(word) << 24 | (link & SR__LINK_SLOT)) == link;
}

/* The word `producer` of a slot. */
static inline uint64_t sr__producer(uint32_t participant, uint64_t incarnation)
{
    return incarnation << 12 | participant;
}

static inline uint32_t sr__producer_number(uint64_t producer)
{
    return (uint32_t)(producer & 0xfff);
}

static inline uint64_t sr__producer_incarnation(uint64_t producer)
{
    return producer >> 12;
}

/* Committed by its producer: a publication if its number is in the order. */
static inline bool sr__is_committed(uint64_t word)
{
    return sr__slot_state(word) == SR__COMMIT || sr__slot_state(word) == SR__PUBLISHED;
}

/* FREE or RECLAIM -> CLAIMED(owner): a new version, no flags. */
static inline uint64_t sr__claimed(uint64_t from, uint32_t owner)
{
    return ((from + SR__VERSION_ONE) & ~(SR__VERSION_ONE - 1)) | (uint64_t)SR__CLAIMED << 12 | owner;
}

/* Any -> FREE: same version, no flags. */
static inline uint64_t sr__to_free(uint64_t from)
{
    return (from & ~(SR__VERSION_ONE - 1)) | (uint64_t)SR__FREE << 12 | SR__NOBODY;
}

/* Who holds a PUBLISHED slot by its word; NOBODY: it is not pinned. */
static inline uint32_t sr__pinner(uint64_t word)
{
    return sr__slot_state(word) == SR__PUBLISHED ? sr__owner(word) : SR__NOBODY;
}

/* Pinned -> PUBLISHED by nobody; flags and version stay. */
static inline uint64_t sr__unpinned(uint64_t from)
{
    return sr__with_state(from, SR__PUBLISHED, SR__NOBODY);
}

/* Any -> PUBLISHED and retired; withdrawn is kept, and so is a pin. */
static inline uint64_t sr__retired(uint64_t from)
{
    return sr__with_state(from, SR__PUBLISHED, sr__pinner(from)) | SR__RETIRED;
}

/* What a slot's word and sequence say of publication `wanted`: may it be read there? */
enum sr__presence {
    SR__ABSENT,
    SR__PRESENT,
    SR__PRESENT_IF_LISTED
};

static inline enum sr__presence sr__presence(uint64_t word, uint64_t sequence, uint64_t wanted)
{
    if (sequence != wanted || sr__is_withdrawn(word))
        return SR__ABSENT;
    switch (sr__slot_state(word)) {
    case SR__PUBLISHED:
    case SR__RECLAIM:
        return SR__PRESENT;
    case SR__COMMIT:
        return SR__PRESENT_IF_LISTED;
    default:
        return SR__ABSENT;
    }
}

/* -- order entries: lap + 1 above the slot; 0 is empty -- */

enum sr__entry_age {
    SR__OLDER = -1,
    SR__CURRENT = 0,
    SR__NEWER = 1
};

/* -- subscription states -- */

static inline uint64_t sr__subscription_word(enum sr__subscription_state state, uint32_t owner,
                                             uint32_t flags, uint32_t generation)
{
    return (uint64_t)generation << 32 | (uint64_t)(flags & 0xffff) << 16 | (uint64_t)owner << 4 | state;
}

static inline uint32_t sr__subscription_state(uint64_t word)
{
    return (uint32_t)word & 0xf;
}

static inline uint32_t sr__subscription_owner(uint64_t word)
{
    return (uint32_t)(word >> 4) & 0xfff;
}

static inline uint32_t sr__subscription_flags(uint64_t word)
{
    return (uint32_t)(word >> 16) & 0xffff;
}

static inline uint32_t sr__subscription_generation(uint64_t word)
{
    return (uint32_t)(word >> 32);
}

/* Has it found its start? Then it gets what is published from now on, and its account is right. */
static inline bool sr__subscription_has_started(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & SR__SUBSCRIPTION_STARTING) == 0;
}

/* Is it one that its owner has left, and that its next owner takes over? */
static inline bool sr__subscription_is_left(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & SR__SUBSCRIPTION_DURABLE) != 0 &&
           sr__subscription_owner(word) == SR__NOBODY;
}

/* Of a group, and of a member of one. */
static inline bool sr__subscription_is_group(uint64_t word)
{
    const uint32_t both = SR__SUBSCRIPTION_GROUP | SR__SUBSCRIPTION_DURABLE;
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & both) == both;
}

static inline bool sr__subscription_is_member(uint64_t word)
{
    const uint32_t both = SR__SUBSCRIPTION_GROUP | SR__SUBSCRIPTION_DURABLE;
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & both) == SR__SUBSCRIPTION_GROUP;
}

/* -- take words of groups: lap:40 | tries:8 | state:4 | owner:12 -- */

static inline uint64_t sr__take_word(uint64_t lap, uint32_t tries, enum sr__take_state state, uint32_t owner)
{
    return lap << 24 | (uint64_t)(tries < SR__TRIES_MAX ? tries : SR__TRIES_MAX) << 16 |
           (uint64_t)state << 12 | owner;
}

static inline uint32_t sr__take_owner(uint64_t word)
{
    return (uint32_t)word & 0xfff;
}

static inline uint32_t sr__take_state(uint64_t word)
{
    return (uint32_t)(word >> 12) & 0xf;
}

static inline uint32_t sr__take_tries(uint64_t word)
{
    return (uint32_t)(word >> 16) & 0xff;
}

#define SR__TAKE_LAP (UINT64_MAX >> 24)

static inline uint64_t sr__take_lap(uint64_t word)
{
    return word >> 24;
}

/* -- a group's total: total:28 | place:36 -- */

#define SR__PLACE_BITS 36
#define SR__PLACE_MASK ((UINT64_C(1) << SR__PLACE_BITS) - 1)

static inline uint64_t sr__total_word(uint64_t total, uint64_t place)
{
    return total << SR__PLACE_BITS | (place & SR__PLACE_MASK);
}

static inline uint64_t sr__total_of(uint64_t word)
{
    return word >> SR__PLACE_BITS;
}

/* -- cursors, and what a durable subscription has acknowledged of a writer: a number:52 | generation:12 -- */

#define SR__NUMBER_BITS 52
#define SR__NUMBER_MASK ((UINT64_C(1) << SR__NUMBER_BITS) - 1)
#define SR__NO_NUMBER SR__NUMBER_MASK /* of a writer: nothing was met yet */

static inline uint64_t sr__numbered(uint64_t number, uint32_t generation)
{
    return (number & SR__NUMBER_MASK) | (uint64_t)generation << SR__NUMBER_BITS;
}

static inline uint64_t sr__number(uint64_t word)
{
    return word & SR__NUMBER_MASK;
}

/* By how many generations is the word older? Negative: it is newer. */
static inline int32_t sr__generations_behind(uint64_t word, uint32_t generation)
{
    uint32_t behind = (generation - (uint32_t)(word >> SR__NUMBER_BITS)) & 0xfff;
    return behind < 0x800 ? (int32_t)behind : (int32_t)behind - 0x1000;
}

/* Which copy of a subscription's account counts. */
static inline const sr__account_words_t *sr__account_of(const sr__subscription_t *subscription, uint64_t word)
{
    const sr__account_words_t *both = subscription->accounts;
    if ((sr__subscription_flags(word) & SR__SUBSCRIPTION_DURABLE) == 0)
        return &both[0];
    uint32_t first = (uint32_t)sr__load(&both[0].generation),
             second = (uint32_t)sr__load(&both[1].generation);
    return first - second < UINT32_C(0x80000000) ? &both[0] : &both[1];
}

/* Does this subscription hold producers back? Unknown ways of doing so are treated as the strongest one. */
static inline bool sr__subscription_gates(uint64_t word)
{
    return sr__subscription_state(word) == SR__SUBSCRIPTION_ACTIVE &&
           (sr__subscription_flags(word) & (SR__SUBSCRIPTION_GATES | SR__SUBSCRIPTION_PINS)) != 0;
}

/* Is it the same subscription of the same reader? Its flags may have changed. */
static inline bool sr__subscription_same(uint64_t word, uint64_t other)
{
    return ((word ^ other) & ~(UINT64_C(0xffff) << 16)) == 0;
}

static inline uint64_t sr__subscription_with(uint64_t word, uint32_t flags)
{
    return sr__subscription_word(sr__subscription_state(word), sr__subscription_owner(word), flags,
                                 sr__subscription_generation(word));
}

/* Producers wait for it no more, and its reader does not know yet. */
static inline uint64_t sr__subscription_revoked(uint64_t word)
{
    uint32_t flags = sr__subscription_flags(word) & ~(uint32_t)SR__SUBSCRIPTION_GATES;
    return sr__subscription_with(word, flags | SR__SUBSCRIPTION_REVOKED);
}

/* The ring's owner wants that. in_place: only its gate protects what its reader has in its hands, so it stays until the reader
 * knows. */
static inline uint64_t sr__subscription_revoked_by_hand(uint64_t word, bool in_place)
{
    uint32_t flags = sr__subscription_flags(word) | SR__SUBSCRIPTION_REVOKED | SR__SUBSCRIPTION_BY_HAND;
    return sr__subscription_with(word, in_place ? flags : flags & ~(uint32_t)SR__SUBSCRIPTION_GATES);
}

/* Its reader knows. */
static inline uint64_t sr__subscription_lossy(uint64_t word)
{
    uint32_t flags =
        sr__subscription_flags(word) & ~(uint32_t)(SR__SUBSCRIPTION_GATES | SR__SUBSCRIPTION_REVOKED);
    return sr__subscription_with(word, flags | SR__SUBSCRIPTION_LOSSY);
}

/* Producers wait for it again. The count of arms makes it another word than before the revocation. */
static inline uint64_t sr__subscription_armed(uint64_t word)
{
    uint32_t flags = sr__subscription_flags(word),
             arms = (flags + SR__SUBSCRIPTION_ARM) & SR__SUBSCRIPTION_ARMS;
    flags &= ~(uint32_t)(SR__SUBSCRIPTION_LOSSY | SR__SUBSCRIPTION_BY_HAND | SR__SUBSCRIPTION_ARMS);
    return sr__subscription_with(word, flags | SR__SUBSCRIPTION_GATES | arms);
}

/* -- budgets, and how long somebody has been in the way -- */

static inline uint64_t sr__budget(uint32_t messages, uint32_t ms)
{
    return (uint64_t)messages << 32 | ms;
}

static inline uint32_t sr__budget_messages(uint64_t budget)
{
    return (uint32_t)(budget >> 32);
}

static inline uint32_t sr__budget_ms(uint64_t budget)
{
    return (uint32_t)budget;
}

#define SR__BUDGET_MS 100u /* of who names no time */

/* Of these messages and nanoseconds, which are within their limits; 0: the default. Milliseconds are whole ones, upwards. */
static inline uint64_t sr__budget_or_default(uint64_t messages, uint64_t ns, uint32_t slots)
{
    uint64_t ms = ns / 1000000 + (ns % 1000000 != 0);
    if (messages == 0)
        messages = slots < 4 ? 1 : slots / 4;
    messages = messages < SR__BUDGET_MESSAGES_MAX ? messages : SR__BUDGET_MESSAGES_MAX;
    return sr__budget((uint32_t)messages, ms == 0 ? SR__BUDGET_MS : (uint32_t)ms);
}

#define SR__STALL_SEQUENCE UINT64_C(0xffffff)

/* Of the subscription with this state word. */
static inline uint64_t sr__stall(uint64_t subscription, uint64_t cursor, uint32_t time_ms)
{
    uint64_t tag =
        (sr__subscription_generation(subscription) + (sr__subscription_flags(subscription) >> 8)) & 0xff;
    return (uint64_t)time_ms << 32 | tag << 24 | (cursor & SR__STALL_SEQUENCE);
}

static inline bool sr__stall_is_of(uint64_t stall, uint64_t subscription)
{
    return stall != 0 && ((stall ^ sr__stall(subscription, 0, 0)) >> 24 & 0xff) == 0;
}

static inline uint32_t sr__stall_time(uint64_t stall)
{
    return (uint32_t)(stall >> 32);
}

/* How many messages were acknowledged since. */
static inline uint32_t sr__stall_progress(uint64_t stall, uint64_t cursor)
{
    return (uint32_t)((cursor - stall) & SR__STALL_SEQUENCE);
}

/* -- writer states, and what is in a slot -- */

static inline uint64_t sr__writer_word(enum sr__writer_state state, uint32_t owner, uint64_t generation)
{
    return generation << 16 | (uint64_t)owner << 4 | state;
}

static inline uint32_t sr__writer_state(uint64_t word)
{
    return (uint32_t)word & 0xf;
}

static inline uint32_t sr__writer_owner(uint64_t word)
{
    return (uint32_t)(word >> 4) & 0xfff;
}

static inline uint64_t sr__writer_generation(uint64_t word)
{
    return word >> 16;
}

#define SR__BLOCK_NUMBER (UINT64_MAX >> 16)

static inline uint64_t sr__content(enum sr__content_kind kind, uint32_t writer, uint64_t block)
{
    return block << 16 | (uint64_t)writer << 4 | kind;
}

/* One message, of no writer. */
#define SR__PLAIN_MESSAGE ((uint64_t)SR__NO_WRITER << 4 | SR__MESSAGE)

static inline uint32_t sr__content_kind(uint64_t content)
{
    return (uint32_t)content & 0xf;
}

static inline uint32_t sr__content_writer(uint64_t content)
{
    return (uint32_t)(content >> 4) & 0xfff;
}

static inline uint64_t sr__content_block(uint64_t content)
{
    return content >> 16;
}

/* -- marks: runs:24 | others:40 -- */

/* How many marks of a class there were. */
static inline uint64_t sr__marks_of(uint64_t word, enum sr__mark_class class)
{
    return class == SR__RUN_MARKS ? word >> 40 : word & SR__OTHERS_MAX;
}

static inline uint64_t sr__marks_total(uint64_t word)
{
    return sr__marks_of(word, SR__RUN_MARKS) + sr__marks_of(word, SR__OTHER_MARKS);
}

/* The word with one more of the class. */
static inline uint64_t sr__marks_and_one(uint64_t word, enum sr__mark_class class)
{
    return word + (class == SR__RUN_MARKS ? UINT64_C(1) << 40 : 1);
}

/* Is mark `number` still in its table, if there were `count` of its class? */
static inline bool sr__mark_is_kept(uint64_t number, uint64_t count)
{
    return number < count && count - number <= SR__MARKS_KEPT;
}

/* -- missed before: marks:24 | messages:40 -- */

static inline uint64_t sr__missed_before(uint64_t marks, uint64_t messages)
{
    return marks << 40 | (messages & SR__OTHERS_MAX);
}

/* After how many marks of runs it was noted. */
static inline uint64_t sr__missed_marks(uint64_t word)
{
    return word >> 40;
}

/* What was missed since, of `total`. The count in the word wraps. */
static inline uint64_t sr__missed_since(uint64_t word, uint64_t total)
{
    return (total - word) & SR__OTHERS_MAX;
}

/* The same for who only looks: a group goes on when a member joins, which changes its generation. */
static inline bool sr__subscription_goes_on(uint64_t word, uint64_t other)
{
    return sr__subscription_same(word, other) ||
           (sr__subscription_is_group(word) && sr__subscription_is_group(other));
}

/* -- `lost` of a subscription: told:1 | messages:63 -- */

#define SR__LOST_TOLD (UINT64_C(1) << 63)

static inline uint64_t sr__lost_messages(uint64_t word)
{
    return word & ~SR__LOST_TOLD;
}

/* -- stream words: phase:4 | starts:20 | ends:20 | deaths:20 -- */

#define SR__STREAM_COUNT UINT64_C(0xfffff)

static inline uint32_t sr__stream_phase(uint64_t word)
{
    return (uint32_t)word & 0xf;
}

static inline uint32_t sr__stream_starts(uint64_t word)
{
    return (uint32_t)(word >> 4 & SR__STREAM_COUNT);
}

static inline uint32_t sr__stream_ends(uint64_t word)
{
    return (uint32_t)(word >> 24 & SR__STREAM_COUNT);
}

static inline uint32_t sr__stream_deaths(uint64_t word)
{
    return (uint32_t)(word >> 44 & SR__STREAM_COUNT);
}

/* The next word: `phase` entered, its count one higher. */
static inline uint64_t sr__stream_step(uint64_t word, enum sr__stream_phase phase)
{
    uint32_t shift = phase == SR__STREAMING ? 4 : phase == SR__ENDED ? 24 : 44;
    uint64_t count = (word >> shift) + 1;
    word &= ~(SR__STREAM_COUNT << shift) & ~UINT64_C(0xf);
    return word | (count & SR__STREAM_COUNT) << shift | phase;
}

#endif
