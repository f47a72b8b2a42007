/* SPDX-License-Identifier: Apache-2.0 */
/* Marks beside the order: begin and end of a run, marks of users, gaps. A mark needs no slot. Its place is the sequence of
 * the first publication behind it, and every reader that asks for marks meets it there.
 *
 *   maker    has the process mutex: gives the last mark its place, if it has none; fills in the next entry; counts it (the
 *            word `marks`, seq_cst); loads the end of the order; gives it as the place, if nobody else has
 *   reader   loads the order's entry, THEN the word `marks` (tell.c). An entry that was there before the mark was
 *            counted lies before the mark, since its place is an end that was loaded after that
 *
 * The place is pending at first, with the number of the mark; a compare-and-swap gives it, the only one that succeeds. So a
 * mark never has two places, and a helper that was stopped does not give an old end to a later mark in the same entry. A mark
 * is made only when the one before it has its place: places never fall.
 *
 * A kill leaves: an entry that is not counted, which the next maker fills in anew; or a mark whose place is pending, which
 * the next one that looks gives it. The repair of the dead maker wakes everybody.
 */
#include "protocol/marks.h"

#include <string.h>

#include "base/error.h"
#include "protocol/event.h"
#include "protocol/gate.h"
#include "protocol/snapshot.h"

#define LOOKS 64 /* at marks that are displaced all the time */

static sr__mark_t *entry_of(const sr__view_t *view, enum sr__mark_class class, uint64_t number)
{
    return &view->marks[(uint64_t) class * SR__MARK_ENTRIES + number % SR__MARK_ENTRIES];
}

static void copy_fields(const sr__mark_t *entry, sr__mark_copy_t *copy)
{
    uint64_t shape = sr__peek(&entry->shape);
    copy->place = sr__load(&entry->place);
    copy->serial = sr__peek(&entry->serial);
    copy->run = sr__peek(&entry->run);
    copy->value = sr__peek(&entry->value);
    copy->time = sr__peek(&entry->time);
    copy->offset = sr__peek(&entry->offset);
    copy->maker = sr__peek(&entry->maker);
    copy->kind = (uint32_t)(shape & 0xff);
    copy->size = (uint32_t)(shape >> 8 & 0xff);
    for (uint32_t i = 0; i < SR__MARK_BYTES; i++)
        copy->bytes[i] = (uint8_t)(sr__peek(&entry->bytes[i / 8]) >> i % 8 * 8);
}

static int check_copy(const sr__mark_copy_t *copy, enum sr__mark_class class)
{
    bool known = copy->kind >= SLOTRING_MARK_RUN_BEGIN && copy->kind <= SLOTRING_MARK_GAP;
    if (known && sr__mark_class_of(copy->kind) == class && copy->size <= SR__MARK_BYTES)
        return 0;
    return sr__error(SLOTRING_E_CORRUPT, "mark %llu has kind %u and %u bytes",
                     (unsigned long long)copy->number, copy->kind, copy->size);
}

int sr__mark_copy(sr__member_t *member, enum sr__mark_class class, uint64_t number, sr__mark_copy_t *copy)
{
    const sr__mark_t *entry = entry_of(&member->view, class, number);
    sr__word_t *marks = &member->view.state->marks;
    copy->number = number;
    int failed = member->observer ? sr__look_again(member, entry, sizeof *entry) : 0;
    if (failed)
        return failed;
    copy_fields(entry, copy);
    /* Acquire, in sr__look_again: pairs with the release fence in sr__mark_make. Who has copied a field of the mark that
     * displaces this one sees that so many were counted. */
    failed = sr__look_again(member, marks, sizeof *marks);
    if (failed)
        return failed;
    return sr__mark_is_kept(number, sr__marks_of(sr__load(marks), class)) ? check_copy(copy, class)
                                                                          : SR__MARK_GONE;
}

int sr__mark_last(sr__member_t *member, enum sr__mark_class class, sr__mark_copy_t *copy)
{
    for (int look = 0; look < LOOKS; look++) {
        uint64_t count = sr__marks_of(sr__load(&member->view.state->marks), class);
        int code = count > 0 ? sr__mark_copy(member, class, count - 1, copy) : SR__MARK_GONE;
        if (code != SR__MARK_GONE || count == 0)
            return code;
    }
    return sr__error(SLOTRING_E_CORRUPT, "the marks of the ring change all the time");
}

int sr__mark_latest(sr__member_t *member, sr__mark_copy_t *copy)
{
    sr__mark_copy_t other;
    int code = sr__mark_last(member, SR__RUN_MARKS, copy);
    int other_code = code < 0 ? code : sr__mark_last(member, SR__OTHER_MARKS, &other);
    if (other_code == 0 && (code == SR__MARK_GONE || other.serial > copy->serial))
        *copy = other;
    return other_code < 0 || code == SR__MARK_GONE ? other_code : code;
}

void sr__mark_give(const sr__mark_copy_t *copy, slotring_mark_t *out)
{
    memset(out, 0, sizeof *out);
    out->number = copy->serial;
    out->place = sr__mark_is_pending(copy->place) ? UINT64_MAX : copy->place;
    out->kind = copy->kind;
    out->size = copy->size;
    out->run = copy->run;
    out->value = copy->value;
    out->time_ns = copy->time;
    out->gap = copy->kind == SLOTRING_MARK_GAP ? copy->value : 0;
    out->offset = copy->offset;
    out->participant = sr__producer_number(copy->maker);
    out->incarnation = sr__producer_incarnation(copy->maker);
    memcpy(out->bytes, copy->bytes, sizeof out->bytes);
}

/* [marks.place] Gives a mark its place: the end of the order, loaded after the mark was counted. */
void sr__mark_place(sr__member_t *member, enum sr__mark_class class, uint64_t number)
{
    sr__word_t *place = &entry_of(&member->view, class, number)->place;
    if (sr__load(place) == (SR__MARK_PENDING | number))
        sr__cas(place, SR__MARK_PENDING | number, sr__published_end(&member->view));
}

/* Along the marks that may be gaps, the last one first. */
typedef struct gaps {
    sr__member_t *member;
    uint64_t left;        /* that were not looked at */
    uint64_t count;       /* of them all, at the beginning */
    sr__mark_copy_t mark; /* the one that is looked at */
    bool any;             /* it is one */
} gaps_t;

static gaps_t gaps_begin(sr__member_t *member)
{
    uint64_t count = sr__marks_of(sr__load(&member->view.state->marks), SR__OTHER_MARKS);
    return (gaps_t){.member = member, .left = count, .count = count};
}

/* The one before. SR__MARK_GONE: there is none, or it was displaced. */
static int gaps_next(gaps_t *gaps)
{
    if (gaps->left == 0)
        return SR__MARK_GONE;
    uint64_t number = gaps->left - 1;
    if (!gaps->member->observer)
        sr__mark_place(gaps->member, SR__OTHER_MARKS, number);
    sr__mark_copy_t mark;
    int code = sr__mark_copy(gaps->member, SR__OTHER_MARKS, number, &mark);
    if (code != 0)
        return code;
    gaps->mark = mark;
    gaps->any = true;
    gaps->left--;
    return 0;
}

/* What holds before all of them that are kept. SR__MARK_GONE: there may have been gaps before. */
static int offset_before(const gaps_t *gaps, uint64_t *offset)
{
    uint64_t first = gaps->member->view.header.first_sequence;
    const sr__mark_copy_t *oldest = &gaps->mark;
    *offset = first;
    if (gaps->left == 0)
        return 0;
    uint64_t before =
        gaps->any ? oldest->offset - (oldest->kind == SLOTRING_MARK_GAP ? oldest->value : 0) : first + 1;
    return before == first ? 0 : SR__MARK_GONE;
}

int sr__mark_offset_at(sr__member_t *member, uint64_t position, uint64_t *offset)
{
    gaps_t gaps = gaps_begin(member);
    int code;
    while ((code = gaps_next(&gaps)) == 0)
        if (gaps.mark.place <= position) {
            *offset = gaps.mark.offset;
            return 0;
        }
    return code < 0 ? code : offset_before(&gaps, offset);
}

int sr__mark_sequence_of(sr__member_t *member, uint64_t number, uint64_t *sequence)
{
    gaps_t gaps = gaps_begin(member);
    uint64_t limit = UINT64_MAX, offset; /* limit: place of the mark behind */
    int code;
    while ((code = gaps_next(&gaps)) == 0) {
        if (!sr__mark_is_pending(gaps.mark.place) && number >= gaps.mark.place + gaps.mark.offset) {
            offset = gaps.mark.offset;
            break;
        }
        limit = sr__mark_is_pending(gaps.mark.place) ? limit : gaps.mark.place;
    }
    if (code == SR__MARK_GONE)
        code = offset_before(&gaps, &offset);
    if (code != 0)
        return code;
    *sequence = number < offset ? 0 : number - offset;
    *sequence = *sequence < limit ? *sequence : limit;
    return 0;
}

/* The caller has the process mutex: nobody else changes the word. */
static int complete(sr__member_t *member, sr__mark_copy_t *mark, enum sr__mark_class class, uint64_t word)
{
    sr__mark_copy_t last;
    for (uint32_t c = 0; c < SR__MARK_CLASSES; c++)
        if (sr__marks_of(word, (enum sr__mark_class)c) > 0)
            sr__mark_place(member, (enum sr__mark_class)c, sr__marks_of(word, (enum sr__mark_class)c) - 1);
    int code = sr__mark_latest(member, &last);
    if (code < 0)
        return code;
    mark->number = sr__marks_of(word, class);
    mark->serial = sr__marks_total(word);
    mark->offset = code == 0 ? last.offset : member->view.header.first_sequence;
    if (mark->kind == SLOTRING_MARK_GAP)
        mark->offset += mark->value;
    mark->maker = sr__producer(member->me, member->incarnation);
    return 0;
}

/* [marks.fill] Fills in the entry, which nobody reads before it is counted. Release: who reads the mark that was there before,
 * and sees a field of this one, sees how many were counted before it. */
static void fill(sr__mark_t *entry, const sr__mark_copy_t *mark)
{
    atomic_thread_fence(memory_order_release);
    sr__poke(&entry->place, SR__MARK_PENDING | mark->number);
    sr__poke(&entry->serial, mark->serial);
    sr__poke(&entry->shape, (uint64_t)mark->size << 8 | mark->kind);
    sr__poke(&entry->run, mark->run);
    sr__poke(&entry->value, mark->value);
    sr__poke(&entry->time, mark->time);
    sr__poke(&entry->offset, mark->offset);
    sr__poke(&entry->maker, mark->maker);
    for (uint32_t w = 0; w < SR__MARK_BYTES / 8; w++) {
        uint64_t bytes = 0;
        for (uint32_t i = 0; i < 8; i++)
            bytes |= (uint64_t)mark->bytes[w * 8 + i] << i * 8;
        sr__poke(&entry->bytes[w], bytes);
    }
}

int sr__mark_make(sr__member_t *member, sr__mark_copy_t *mark)
{
    enum sr__mark_class class = sr__mark_class_of(mark->kind);
    sr__word_t *marks = &member->view.state->marks;
    uint64_t word = sr__load(marks), most = class == SR__RUN_MARKS ? SR__RUNS_MAX : SR__OTHERS_MAX;
    if (sr__marks_of(word, class) >= most)
        return sr__error(SLOTRING_E_SIZE, "the ring has had %llu marks of this kind, and counts no more",
                         (unsigned long long)most);
    int failed = complete(member, mark, class, word);
    if (failed)
        return failed;
    sr__mark_t *entry = entry_of(&member->view, class, mark->number);
    fill(entry, mark);
    /* [marks.count] Counts the mark. seq_cst: the end that becomes its place is loaded later. */
    atomic_store_explicit(marks, sr__marks_and_one(word, class), memory_order_seq_cst);
    sr__mark_place(member, class, mark->number);
    mark->place = sr__load(&entry->place);
    sr__wake(member, SR__PUBLISHED_EVENT);
    sr__wake(member, SR__GATHERED_EVENT);
    return 0;
}
