/* SPDX-License-Identifier: Apache-2.0 */
/* A reader that asks for marks is told of each mark once, before the first message that lies behind it, or where such a
 * message would be. It looks at the order's entry first and then at the word that counts the marks: one load, of a line that
 * hardly changes. A mark that is not counted by then gets a place behind that entry (marks.c).
 *
 * All of this is the reader's own memory, so a kill leaves nothing. What a durable reader leaves to the next one says marks_done.c.
 */
#include "traffic/readers/tell.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "members/enter.h"
#include "traffic/readers/marks_done.h"
#include "traffic/readers/records.h"

int sr__tell_make(slotring_reader_t *reader)
{
    reader->told = calloc(1, sizeof *reader->told);
    return reader->told ? 0 : sr__plain(SLOTRING_E_NO_MEMORY);
}

void sr__tell_free(slotring_reader_t *reader)
{
    if (reader->told)
        free(reader->told->waiting);
    free(reader->told);
    reader->told = NULL;
}

/* [tell.copy] Copies mark `number`. 0, with its place; SR__MARK_GONE; an error. */
static int copy_placed(slotring_reader_t *reader, enum sr__mark_class class, uint64_t number,
                       sr__mark_copy_t *copy)
{
    sr__member_t *member = &reader->ring->member;
    /* [tell.again] The copy ends with a second look at the number of marks: was this one displaced meanwhile? */
    int code = sr__mark_copy(member, class, number, copy);
    if (code != 0 || !sr__mark_is_pending(copy->place))
        return code;
    sr__mark_place(member, class, number);
    return sr__mark_copy(member, class, number, copy);
}

/* The first mark of a class that this reader is to be told of. SR__MARK_GONE: there is none. */
static int next_of(slotring_reader_t *reader, enum sr__mark_class class, uint64_t word, sr__mark_copy_t *copy)
{
    struct sr__told *told = reader->told;
    const sr__word_t *marks = &reader->ring->member.view.state->marks;
    for (uint32_t turn = 0; turn < SR__LOOP_LIMIT; turn++) {
        uint64_t *next = &told->next[class], count = sr__marks_of(word, class);
        if (*next > count)
            break;
        if (*next == count)
            return SR__MARK_GONE;
        if (count - *next > SR__MARKS_KEPT)
            *next = count - SR__MARKS_KEPT;
        int code = copy_placed(reader, class, *next, copy);
        if (code != SR__MARK_GONE)
            return code;
        word = sr__load(marks);
    }
    return sr__error(SLOTRING_E_CORRUPT, "the ring had more marks than it has");
}

/* [tell.look] Looks whether a mark is to be told before the message at `at`. */
int sr__tell_look(slotring_reader_t *reader, uint64_t at)
{
    struct sr__told *told = reader->told;
    if (sr__marks_done_go_on(reader) && reader->taken_over)
        return sr__plain(SLOTRING_E_EVICTED);
    uint64_t word = sr__load(&reader->ring->member.view.state->marks);
    sr__mark_copy_t run, other;
    int run_code = next_of(reader, SR__RUN_MARKS, word, &run);
    int other_code = run_code < 0 ? run_code : next_of(reader, SR__OTHER_MARKS, word, &other);
    if (other_code < 0)
        return other_code;
    bool is_run = run_code == 0 && (other_code != 0 || run.serial < other.serial);
    bool any = is_run || other_code == 0;
    if (any) {
        told->found = is_run ? run : other;
        told->found_class = is_run ? SR__RUN_MARKS : SR__OTHER_MARKS;
    }
    told->due = any ? told->found.place : SR__NO_SEQUENCE;
    told->seen = word;
    return any && told->due <= at ? SR__MARK : 0;
}

/* All marks below `serial` were told, were displaced before that, or are none of this reader's. */
static void account_up_to(struct sr__told *told, uint64_t serial)
{
    if (serial > told->accounted)
        told->accounted = serial;
}

int sr__tell_take(slotring_reader_t *reader)
{
    struct sr__told *told = reader->told;
    int failed = sr__marks_done_reserve(reader);
    if (failed)
        return failed;
    told->mark = told->found;
    told->any = told->fresh = true;
    told->not_told = told->found.serial > told->accounted ? told->found.serial - told->accounted : 0;
    account_up_to(told, told->found.serial + 1);
    told->next[told->found_class]++;
    told->due = 0; /* there may be another one at the same place */
    return sr__plain(SLOTRING_E_MARK);
}

/* Of a start in the past nobody knows any more which of the marks that were displaced lie behind it: they do not count. */
static int join_behind_displaced(slotring_reader_t *reader, enum sr__mark_class class, uint64_t count)
{
    sr__mark_copy_t mark;
    uint64_t next = reader->told->next[class];
    int code = next > 0 && next < count ? copy_placed(reader, class, next, &mark) : SR__MARK_GONE;
    if (code == 0)
        account_up_to(reader->told, mark.serial);
    return code < 0 ? code : 0;
}

/* Is the reader told of this mark? What was made since a durable subscription began is its next owner's too, wherever that began: of
 * the marks at its start some were made when it was there. */
static bool is_due(const struct sr__told *told, const sr__mark_copy_t *mark, uint64_t start)
{
    return told->goes_on ? mark->serial >= told->accounted : mark->place > start;
}

/* Back along the marks of a class to the last one of which the reader is not told. */
static int join_class(slotring_reader_t *reader, enum sr__mark_class class, uint64_t count, uint64_t start)
{
    struct sr__told *told = reader->told;
    uint64_t *next = &told->next[class];
    for (*next = count; *next > 0 && count - *next < SR__MARKS_KEPT; --*next) {
        sr__mark_copy_t mark;
        int code = copy_placed(reader, class, *next - 1, &mark);
        if (code < 0)
            return code;
        if (code == SR__MARK_GONE)
            break;
        if (is_due(told, &mark, start)) {
            told->first = mark.serial < told->first ? mark.serial : told->first;
            continue;
        }
        if (class == SR__RUN_MARKS) {
            told->mark = mark;
            told->any = true;
        }
        account_up_to(told, mark.serial + 1);
        return 0;
    }
    return told->goes_on ? 0 : join_behind_displaced(reader, class, count);
}

/* [tell.join] Loads how many marks there are, after the end at which the reader begins, or from which it went back. What lies at or
 * before its start is not told; the last run among that is the run in which it begins. Who goes on with a durable subscription is not
 * told of what earlier owners were done with. */
int sr__tell_join(slotring_reader_t *reader, uint64_t start)
{
    uint64_t word = sr__load(&reader->ring->member.view.state->marks);
    reader->told->first = sr__marks_total(word);
    int failed = join_class(reader, SR__RUN_MARKS, sr__marks_of(word, SR__RUN_MARKS), start);
    if (!failed)
        failed = join_class(reader, SR__OTHER_MARKS, sr__marks_of(word, SR__OTHER_MARKS), start);
    return failed;
}

/* Of a subscription that was never told of marks those at its cursor lie before it, as at a start. */
int sr__tell_go_on(slotring_reader_t *reader, uint64_t cursor)
{
    int failed = sr__marks_done_take(reader);
    if (failed || !reader->told)
        return failed;
    failed = sr__tell_join(reader, cursor);
    if (!failed && !reader->told->goes_on)
        sr__marks_done_start(reader);
    return failed;
}

int slotring_reader_mark(slotring_reader_t *reader, slotring_mark_t *mark)
{
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (!mark)
        return sr__error(SLOTRING_E_INVALID, "mark is NULL");
    if (!reader->told)
        return sr__error(SLOTRING_E_STATE, "this reader did not ask for marks (SLOTRING_TELL_MARKS)");
    if (!reader->told->any)
        return sr__error(SLOTRING_E_STATE, "this reader was told of no mark, and it began in no run");
    sr__mark_give(&reader->told->mark, mark);
    mark->not_told = reader->told->not_told;
    return 0;
}
