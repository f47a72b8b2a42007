/* SPDX-License-Identifier: Apache-2.0 */
/* Writers: opened, known to their handle, ended. A writer has a row of the ring, which names what it has open. A kill
 * leaves the row WRITING(p) with or without a name, which repair ends (repair.c).
 */
#include <stdlib.h>

#include "base/error.h"
#include "members/make.h"
#include "members/process_mutex.h"
#include "members/reap.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/gather.h"
#include "protocol/life.h"
#include "protocol/record.h"
#include "protocol/stream.h"
#include "protocol/sum.h"
#include "traffic/end_stream.h"
#include "traffic/writers/writer.h"
#include "traffic/writers/writer_options.h"

int sr__writer_closed(void)
{
    return sr__error(SLOTRING_E_CLOSED, "the writer is closed");
}

/* [writer.row] Takes a free row, or the one that is asked for. Its block and total go on from its last owner's. */
static bool take_row(slotring_t *ring, const slotring_writer_options_t *options, uint32_t *number,
                     uint64_t *word)
{
    sr__view_t *view = &ring->member.view;
    bool any = (options->flags & SLOTRING_WRITER_AT_ROW) == 0;
    uint32_t end = any ? view->writer_count : options->row + 1;
    for (uint32_t i = any ? 0 : options->row; i < end; i++) {
        uint64_t w = sr__load(&view->writers[i].state);
        if (sr__writer_state(w) != SR__WRITER_FREE ||
            atomic_load_explicit(&ring->writers[i],
                                 memory_order_relaxed)) /* this handle's: the ring is damaged */
            continue;
        sr__raise_high(&view->state->writers_high, i + 1);
        *word = sr__writer_word(SR__WRITER_WRITING, ring->member.me, sr__writer_generation(w) + 1);
        *number = i;
        if (sr__cas(&view->writers[i].state, w, *word))
            return true;
    }
    return false;
}

/* [writer.unfenced] Says that who sleeps makes the fences of this writer's records. In the word that sleepers change when
 * they arm: either they see it then, or the writer's next look finds them armed. */
static bool leave_fences(sr__member_t *member)
{
    sr__word_t *word = &member->view.state->waiters[SR__PUBLISHED_EVENT].armed;
    uint64_t armed = sr__load(word);
    if ((armed & SR__FENCED) != 0 || !member->os->waits.join_fences())
        return false;
    if ((armed & SR__UNFENCED) == 0)
        atomic_fetch_or_explicit(word, SR__UNFENCED, memory_order_seq_cst);
    return true;
}

/* The numbers of a row that nobody ever wrote in begin where its owner says, and never below where they are: readers may have seen
 * that. `first` before `total`; each owner of such a row stores both, so a kill between the two leaves nothing that stays. Release:
 * who sees the total sees where it begins. */
static void begin_numbers(sr__writer_t *row, const slotring_writer_options_t *options)
{
    if (sr__load(&row->block) != 0)
        return;
    uint64_t begin = sr__peek(&row->total);
    if ((options->flags & SLOTRING_WRITER_FIRST_NUMBER) != 0 && options->first_number > begin)
        begin = options->first_number;
    sr__poke(&row->first, begin);
    atomic_store_explicit(&row->total, begin, memory_order_release);
}

static int all_are_taken(const sr__view_t *view)
{
    return sr__error(SLOTRING_E_WRITERS,
                     "all %u writers of ring \"%s\" are taken; create it with more (max_writers, and more "
                     "slots than writers)",
                     view->writer_count, view->header.name);
}

/* The row that is asked for was taken. If its owner has died, it is not for the next slice to find that out. 0: it may be had now. */
static int look_at_owner(slotring_t *ring, uint32_t row)
{
    sr__member_t *member = &ring->member;
    uint64_t word = sr__load(&member->view.writers[row].state);
    uint32_t owner = sr__writer_owner(word);
    slotring_error_t why = {0};
    if (sr__writer_state(word) == SR__WRITER_FREE)
        return 0;
    if (owner >= member->view.participant_count || !sr__participant_is_dead(member, owner, &why))
        return sr__error(SLOTRING_E_WRITERS,
                         "writer %u of ring \"%s\" is taken, by participant %u (slotring stat)", row,
                         member->view.header.name, owner);
    int failed = sr__mutex_lock(ring, ring->lock_timeout_ns, &why);
    if (failed)
        return sr__set_last(failed, why.os_code, why.text);
    failed = sr__reap(ring, UINT32_MAX, NULL, &why);
    sr__mutex_unlock(ring);
    return failed ? sr__set_last(failed, why.os_code, why.text) : 0;
}

static int find_row(slotring_t *ring, const slotring_writer_options_t *options, uint32_t *row, uint64_t *word)
{
    if (take_row(ring, options, row, word) || (sr__reap_if_due(ring) && take_row(ring, options, row, word)))
        return 0;
    if ((options->flags & SLOTRING_WRITER_AT_ROW) == 0)
        return all_are_taken(&ring->member.view);
    int failed = look_at_owner(ring, options->row);
    if (failed || take_row(ring, options, row, word))
        return failed;
    return sr__error(SLOTRING_E_WRITERS, "writer %u of ring \"%s\" was taken by another participant just now",
                     options->row, ring->member.view.header.name);
}

/* The longest message that goes into a block: with all that a record may have, it fills half of it. -1: not even an empty
 * record is sure to fit. */
static int64_t largest_record(uint64_t block_size, uint64_t around)
{
    uint64_t room = block_size / 2;
    if (block_size < around)
        return -1;
    uint64_t largest = room < around ? 0 : (room - around) & ~UINT64_C(7);
    return (int64_t)(largest < SR__RECORD_LENGTH_MAX ? largest : SR__RECORD_LENGTH_MAX);
}

static int open_writer(slotring_t *ring, const slotring_writer_options_t *given, slotring_writer_t **out)
{
    if (!out)
        return sr__error(SLOTRING_E_INVALID, "writer is NULL");
    *out = NULL;
    slotring_writer_options_t options;
    int failed = sr__enter(ring);
    if (!failed)
        failed = sr__writer_options_take(&ring->member.view, given, &options);
    if (!failed && atomic_load_explicit(&ring->told_end, memory_order_relaxed))
        failed = sr__producer_is_over(ring);
    if (failed)
        return failed;
    sr__view_t *view = &ring->member.view;
    slotring_writer_t *writer = calloc(1, sizeof *writer);
    if (!writer)
        return sr__plain(SLOTRING_E_NO_MEMORY);
    uint32_t row;
    failed = find_row(ring, &options, &row, &writer->row_word);
    if (failed) {
        free(writer);
        return failed;
    }
    begin_numbers(&view->writers[row], &options);
    writer->ring = ring;
    writer->room = -1;
    writer->looks_for = SR__ARMED | SR__GATHERS | (leave_fences(&ring->member) ? SR__FENCED : 0);
    writer->block.row = &view->writers[row];
    writer->block.row_number = row;
    writer->rest = (view->header.time_stamps != SLOTRING_TIME_NONE ? SR__RECORD_HAS_TIME : 0) |
                   (sr__has_sums(view) ? SR__RECORD_HAS_SUM : 0);
    writer->largest =
        largest_record(sr__block_size(view), SR__RECORD_HEADER + (sr__has_sums(view) ? 24 : 16));
    atomic_store_explicit(&writer->magic, SR__WRITER_ALIVE, memory_order_relaxed);
    atomic_fetch_add_explicit(&ring->writers_open, 1, memory_order_relaxed);
    /* Release: who finds the writer there (close) finds it complete. */
    atomic_store_explicit(&ring->writers[row], writer, memory_order_release);
    if (sr__stream_phase(sr__load(&ring->member.self->stream)) != SR__STREAMING)
        sr__stream_open(&ring->member);
    *out = writer;
    return 0;
}

int slotring_writer_open(slotring_t *ring, const slotring_writer_options_t *options,
                         slotring_writer_t **writer)
{
    sr__cancel_point();
    return SR__UNCANCELLED(open_writer(ring, options, writer));
}

int sr__writer_seal(slotring_writer_t *writer)
{
    sr__block_t *block = &writer->block;
    sr__member_t *member = &writer->ring->member;
    writer->room = -1;
    if (block->word == 0)
        return 0;
    uint64_t written = block->written;
    bool message = block->kind != SR__BLOCK; /* records were told when they came */
    int failed = sr__block_close(member, block, &writer->sequence);
    if (failed)
        return failed;
    sr__count(member, SR__BYTES_WRITTEN, written);
    sr__tell(member, message ? 1 : 0);
    sr__wake(member, SR__SPACE_EVENT);
    return 0;
}

int sr__writer_abort(slotring_writer_t *writer)
{
    sr__member_t *member = &writer->ring->member;
    int failed = sr__block_abort(member, &writer->block);
    if (failed)
        return failed;
    sr__count(member, SR__ABORTS, 1);
    sr__wake(member, SR__SPACE_EVENT);
    return 0;
}

/* give_back: not in a forked child, nor after an eviction. */
void sr__writer_end(slotring_writer_t *writer, bool give_back)
{
    slotring_t *ring = writer->ring;
    atomic_store_explicit(&ring->writers[writer->block.row_number], NULL, memory_order_release);
    if (give_back) {
        if (writer->block.word != 0 && writer->block.kind != SR__BLOCK)
            sr__writer_abort(writer);
        sr__writer_seal(writer);
        sr__cas(&writer->block.row->state, writer->row_word,
                sr__writer_word(SR__WRITER_FREE, 0, sr__writer_generation(writer->row_word)));
    }
    atomic_fetch_sub_explicit(&ring->writers_open, 1, memory_order_relaxed);
    atomic_store_explicit(&writer->magic, SR__TOMBSTONE, memory_order_relaxed);
    sr__bury(writer);
}

static int close_writer(slotring_writer_t *writer)
{
    if (!writer || atomic_load_explicit(&writer->magic, memory_order_relaxed) != SR__WRITER_ALIVE)
        return sr__writer_closed();
    (void)writer->ring->member.os->system
        .process_mark(); /* a fork handler of the host's may be here before the library's */
    int failed = sr__enter(writer->ring);
    sr__writer_end(writer, failed == 0);
    return failed;
}

int slotring_writer_close(slotring_writer_t *writer)
{
    return SR__UNCANCELLED(close_writer(writer));
}

/* An open block is no pointer of the caller's, unless it reserved a place there. */
uint64_t sr__count_open_blocks(slotring_t *ring)
{
    uint64_t open = 0;
    for (uint32_t i = 0; ring->writers && i < ring->member.view.writer_count; i++) {
        const slotring_writer_t *writer = atomic_load_explicit(&ring->writers[i], memory_order_acquire);
        open += writer && writer->block.word != 0 && !writer->reserved;
    }
    return open;
}
