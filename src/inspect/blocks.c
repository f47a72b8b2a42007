/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in a block of records, and what a writer has. Who looks holds nothing: it reads the words that name the block
 * before and after the records, as they belong together while these are the same.
 *
 * An observer has no mapping of the payload. It copies the block window by window.
 */
#include "inspect/blocks.h"

#include "layout/plan.h"
#include "protocol/snapshot.h"

#define WINDOW 4096u
#define LOOKS 16

typedef struct window {
    uint64_t words[WINDOW / 8];
    uint64_t start, end; /* bytes of the block that it has */
    bool changes;        /* the block is not closed */
} window_t;

static int copy_window(sr__member_t *member, uint32_t slot, uint64_t start, uint64_t size, void *to)
{
    uint64_t at = sr__layout_control_size(&member->view.header) + slot * member->view.payload_stride + start;
    /* Acquire, on both sides of the copy that the system makes: each copy comes after the one before. */
    atomic_thread_fence(memory_order_acquire);
    int failed = member->os->segments.read(member->segment, at, to, (size_t)size);
    atomic_thread_fence(memory_order_acquire);
    return failed;
}

/* A copy of a block that is not closed may take a header before the one in front of it is committed, and so bytes of an older block. A second copy,
 * after it, has 0 there, or what was committed since. So what both have alike is right. After some attempts the window
 * has one header, which nothing stands in front of. */
static int fill_window(sr__member_t *member, uint32_t slot, uint64_t start, window_t *w)
{
    uint64_t again[WINDOW / 8], size = sr__block_size(&member->view) - start;
    if (size > WINDOW)
        size = WINDOW;
    w->start = start;
    w->end = start + size;
    int failed = copy_window(member, slot, start, size, w->words);
    for (int look = 0; !failed && look < LOOKS; look++) {
        if (!w->changes)
            return 0;
        failed = copy_window(member, slot, start, size, again);
        if (failed || memcmp(again, w->words, (size_t)size) == 0)
            return failed;
        memcpy(w->words, again, (size_t)size);
    }
    w->end = start + SR__RECORD_HEADER;
    return failed ? failed : copy_window(member, slot, start, SR__RECORD_HEADER, w->words);
}

/* The header at `place`, of an observer's copy. */
static int look_through(sr__member_t *member, uint32_t slot, uint64_t place, window_t *w, uint64_t *header,
                        enum sr__record_sight *sight)
{
    uint64_t size = sr__block_size(&member->view);
    *sight = SR__RECORD_LAST;
    if (size - place < SR__RECORD_HEADER)
        return 0;
    int failed = place < w->start || place >= w->end ? fill_window(member, slot, place, w) : 0;
    if (!failed) {
        *header = w->words[(place - w->start) / 8];
        *sight = sr__record_judge(size, place, *header);
    }
    return failed;
}

int sr__block_contents(sr__member_t *member, uint32_t slot, bool open, sr__contents_t *out)
{
    const sr__view_t *view = &member->view;
    window_t w;
    uint64_t header = 0;
    int failed = 0;
    w.start = w.end = 0;
    w.changes = open;
    for (*out = (sr__contents_t){0};; out->used += sr__record_size(header)) {
        if (member->observer)
            failed = look_through(member, slot, out->used, &w, &header, &out->end);
        else
            out->end =
                sr__record_glance(sr__block_bytes(view, slot), sr__block_size(view), out->used, &header);
        if (failed || out->end != SR__RECORD_THERE)
            return failed;
        out->records++;
        out->bytes += sr__record_length(header);
    }
}

/* -- a writer -- */

/* What the row says that is open. `sight` has the row's words. 1: it is; 0: look again; negative: error. */
static int look_at_open(sr__member_t *member, uint32_t row, uint64_t claimed, uint64_t total,
                        sr__writer_sight_t *sight)
{
    sr__view_t *view = &member->view;
    uint64_t at = sr__load(&view->writers[row].slot);
    if (at >= view->slot_count)
        return 0;
    uint32_t slot = (uint32_t)at;
    sr__slot_t *s = sr__slot(view, slot);
    int failed = member->observer ? sr__snapshot_slot(member, slot) : 0;
    if (failed)
        return failed;
    uint64_t w = sr__load(&s->word), content = sr__peek(&s->content), number = sr__peek(&s->number);
    bool closed = w == sr__with_state(claimed, SR__COMMIT, sr__owner(claimed)) &&
                  sr__is_being_written(view, slot, w, sr__load(&s->sequence));
    if (w != claimed &&
        !closed) { /* the order has it, and it is counted: in a copy of the row that is newer than this */
        failed = sr__look_again(member, &view->writers[row], sizeof view->writers[row]);
        sight->number = sr__load(&view->writers[row].total);
        return failed ? failed : 1;
    }
    if (sr__content_writer(content) != row || sr__content_block(content) != sight->block)
        return 0;
    if (sr__content_kind(content) == SR__BLOCK)
        failed = sr__block_contents(member, slot, true, &sight->contents);
    else /* a message is named when it is complete */
        sight->contents = (sr__contents_t){.records = 1, .bytes = sr__peek(&s->length)};
    if (!failed)
        failed = sr__look_again(member, s, sizeof *s);
    if (failed)
        return failed;
    number += sight->contents.records;
    sight->number = number > total ? number : total;
    sight->slot = slot;
    sight->kind = (enum sr__content_kind)sr__content_kind(content);
    return sr__load(&s->word) == w;
}

int sr__writer_look(sr__member_t *member, uint32_t row, sr__writer_sight_t *out)
{
    sr__writer_t *r = &member->view.writers[row];
    for (int look = 0; look < LOOKS; look++) {
        int code = sr__look_again(member, r, sizeof *r);
        if (code)
            return code;
        uint64_t claimed = sr__load(&r->claimed), total = sr__load(&r->total);
        *out = (sr__writer_sight_t){.word = sr__load(&r->state), .block = sr__load(&r->block)};
        out->number = total;
        out->slot = SR__NO_SLOT;
        code = claimed == 0 ? 1 : look_at_open(member, row, claimed, total, out);
        bool found = code == 1;
        if (code >= 0)
            code = sr__look_again(member, r, sizeof *r);
        if (code)
            return code;
        if (found && sr__load(&r->claimed) == claimed && sr__load(&r->block) == out->block &&
            sr__load(&r->state) == out->word && (claimed != 0 || sr__load(&r->total) == total))
            return 0;
    }
    /* It closes one block after the other: what is counted, at some moment. */
    *out = (sr__writer_sight_t){.word = sr__load(&r->state), .block = sr__load(&r->block)};
    out->number = sr__load(&r->total);
    out->slot = SR__NO_SLOT;
    return 0;
}

/* The numbers of a row go on when another writer has it, so the sum is all that was ever committed, or skipped. */
int sr__count_written(sr__member_t *member, sr__written_t *out)
{
    const sr__view_t *view = &member->view;
    *out = (sr__written_t){0};
    for (uint32_t r = 0; r < sr__writers_high(view); r++) {
        const sr__writer_t *row = &view->writers[r];
        sr__writer_sight_t sight = {.number = sr__load(&row->total)};
        if (sr__writer_state(sr__load(&row->state)) != SR__WRITER_FREE || sr__load(&row->claimed) != 0) {
            int failed = sr__writer_look(member, r, &sight);
            if (failed)
                return failed;
        }
        out->writers += sr__writer_state(sight.word) == SR__WRITER_WRITING;
        uint64_t first = sr__peek(&row->first); /* a kill while the numbers begin leaves it above the total */
        out->records += sight.number > first ? sight.number - first : 0;
        out->open_bytes += sight.contents.bytes;
    }
    return 0;
}
