/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer has open: a block of records, or one whole message. Its slot is CLAIMED and not in the order; the
 * writer's row names it, so readers find the records that are committed, and repair finds what to publish. It is listed
 * when it is closed, as every publication.
 *
 * A message is named when it is complete. So what was named is always listed.
 *
 * A kill leaves: CLAIMED(p) without a name, repaired to FREE; CLAIMED(p) with a name, of which repair makes COMMIT(p), a
 * block sealed behind its last committed record; COMMIT(p) named and not listed, which repair lists; a name of what is
 * listed, which repair takes away.
 */
#include "protocol/block.h"
#include "protocol/counters.h"
#include "protocol/event.h"
#include "protocol/free_map.h"
#include "protocol/freed.h"
#include "protocol/publish.h"
#include "protocol/record.h"
#include "protocol/span.h"

/* Tells readers that a block was opened or closed. */
static void openings_changed(sr__view_t *view)
{
    atomic_fetch_add_explicit(&view->state->openings, 1, memory_order_seq_cst);
}

void sr__block_claimed(sr__member_t *member, sr__block_t *block, enum sr__content_kind kind, uint32_t slot,
                       uint64_t word)
{
    sr__view_t *view = &member->view;
    block->slot = slot;
    block->kind = kind;
    block->bytes = sr__block_bytes(view, slot);
    block->size = sr__block_size(view);
    block->place = block->written = 0;
    block->number = sr__peek(&block->row->total);
    block->skipped = 0;
    block->word = word;
}

void sr__block_skip(sr__block_t *block, uint64_t count)
{
    block->number += count;
    block->skipped = count;
    /* Relaxed: the name releases it. */
    sr__poke(&block->row->skipped, sr__peek(&block->row->skipped) + count);
}

void sr__block_name(sr__member_t *member, sr__block_t *block, uint64_t length, uint64_t tag, uint64_t time)
{
    sr__slot_t *s = sr__slot(&member->view, block->slot);
    sr__writer_t *row = block->row;
    uint64_t number = (sr__peek(&row->block) + 1) & SR__BLOCK_NUMBER;
    /* [block.fields] Says in the slot what it is. Relaxed: the name releases it. */
    sr__poke(&s->content, sr__content(block->kind, block->row_number, number));
    sr__poke(&s->number, block->number);
    sr__poke(&s->skipped, block->skipped);
    sr__poke(&s->length, length);
    sr__poke(&s->time, time);
    sr__poke(&s->tag, tag);
    sr__poke(&s->producer, sr__producer(member->me, member->incarnation));
    if (block->kind == SR__BLOCK && block->size >= SR__RECORD_HEADER)
        sr__poke(sr__record_word(block->bytes, 0), 0);
    /* Release: who sees one of these after a look at `claimed` sees there what came before, so not the block before. */
    atomic_store_explicit(&row->slot, block->slot, memory_order_release);
    atomic_store_explicit(&row->block, number, memory_order_release);
    /* [block.name] Names the slot in the row. From now on readers may read it, and repair publishes what is committed. */
    atomic_store_explicit(&row->claimed, block->word, memory_order_seq_cst);
    openings_changed(&member->view);
}

/* [block.unname] Takes the name away: the slot is listed. Whoever waits for space looked at it while it
 * was CLAIMED, and whoever waits for news waits at a place of it that will not change any more: both are woken. */
static void unname(sr__member_t *member, sr__writer_t *row)
{
    atomic_store_explicit(&row->claimed, 0, memory_order_seq_cst);
    openings_changed(&member->view);
}

/* Says that nothing follows the last record. */
static void seal(uint8_t *bytes, uint64_t size, uint64_t place)
{
    /* [block.end] Stores the end behind the last record, if a header fits there. Release, as any header. */
    if (size - place >= SR__RECORD_HEADER)
        atomic_store_explicit(sr__record_word(bytes, place), SR__RECORD_COMMITTED | SR__RECORD_END,
                              memory_order_release);
}

/* [block.total] Counts what is closed. Before it is listed: who sees it in the order finds it counted. What is named is
 * always listed, so what is counted is never taken back. Release: who sees the count sees the end of the block. */
static void count(sr__writer_t *row, uint64_t next_number)
{
    atomic_store_explicit(&row->total, next_number, memory_order_release);
}

int sr__block_close(sr__member_t *member, sr__block_t *block, uint64_t *sequence)
{
    if (block->kind == SR__BLOCK) {
        seal(block->bytes, block->size, block->place);
        sr__poke(&sr__slot(&member->view, block->slot)->length, block->place);
    } else {
        block->number++;
    }
    count(block->row, block->number);
    int failed = sr__publish(member, block->slot, block->word, sequence);
    if (failed)
        return failed;
    /* [block.freed] Looks whether all its records were freed by now. Before the name is gone: repair looks at what a row
     * names. */
    if (block->kind == SR__BLOCK)
        sr__freed_look(member, block->slot, 0, member->me);
    block->word = 0;
    unname(member, block->row);
    return 0;
}

int sr__block_abort(sr__member_t *member, sr__block_t *block)
{
    uint64_t word = block->word;
    block->word = 0;
    if (block->kind == SR__SPAN)
        return sr__span_abort(member, block->slot, word);
    if (!sr__cas(&sr__slot(&member->view, block->slot)->word, word, sr__to_free(word)))
        return SLOTRING_E_STATE;
    sr__free_map_set(&member->view, block->slot);
    return 0;
}

/* Behind the last record that is committed. */
static uint64_t find_end(uint8_t *bytes, uint64_t size, uint64_t *records, uint64_t *length)
{
    uint64_t place = 0, header;
    *records = *length = 0;
    for (; sr__record_look(bytes, size, place, &header) == SR__RECORD_THERE; ++*records) {
        place += sr__record_size(header);
        *length += sr__record_length(header);
    }
    return place;
}

/* The messages in the slot that the dead one had named; the bytes of them. */
static uint64_t messages_in(sr__view_t *view, uint32_t slot, uint64_t *messages, uint64_t *place)
{
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t bytes = sr__peek(&s->length);
    *messages = 1;
    *place = bytes;
    if (sr__content_kind(sr__peek(&s->content)) == SR__BLOCK)
        *place = find_end(sr__block_bytes(view, slot), sr__block_size(view), messages, &bytes);
    return bytes;
}

/* The dead one, or a repairer before this one, was killed before COMMIT. */
static void commit_for(sr__view_t *view, sr__writer_t *row, uint32_t slot, uint64_t claimed, uint64_t commit)
{
    sr__slot_t *s = sr__slot(view, slot);
    uint64_t messages, place;
    messages_in(view, slot, &messages, &place);
    if (sr__content_kind(sr__peek(&s->content)) == SR__BLOCK) {
        seal(sr__block_bytes(view, slot), sr__block_size(view), place);
        sr__poke(&s->length, place);
    }
    count(row, sr__peek(&s->number) + messages);
    sr__cas(&s->word, claimed, commit);
}

/* And here between COMMIT and the order. Gives the bytes of the messages. */
static uint64_t list_for(sr__member_t *member, uint32_t slot, uint32_t dead)
{
    uint64_t messages, place, sequence, bytes = messages_in(&member->view, slot, &messages, &place);
    sr__list(member, slot, dead, &sequence);
    return bytes;
}

/* Is the slot COMMIT, and not in the order? What is listed leaves COMMIT before its place in the order goes to another:
 * so, COMMIT after that look too, it never was listed. */
static bool is_unlisted(const sr__view_t *view, uint32_t slot, uint64_t commit)
{
    const sr__slot_t *s = sr__slot(view, slot);
    if (sr__load(&s->word) != commit)
        return false;
    uint64_t at = sr__load(&s->sequence);
    return (at == SR__NO_SEQUENCE || !sr__is_listed(view, at, slot)) && sr__load(&s->word) == commit;
}

void sr__block_repair(sr__member_t *member, sr__writer_t *row, uint32_t dead)
{
    sr__view_t *view = &member->view;
    uint64_t claimed = sr__load(&row->claimed), slot = sr__load(&row->slot), bytes = 0;
    if (claimed == 0)
        return;
    if (slot < view->slot_count && sr__slot_state(claimed) == SR__CLAIMED && sr__owner(claimed) == dead) {
        uint64_t commit = sr__with_state(claimed, SR__COMMIT, dead);
        if (sr__load(&sr__slot(view, (uint32_t)slot)->word) == claimed)
            commit_for(view, row, (uint32_t)slot, claimed, commit);
        if (is_unlisted(view, (uint32_t)slot, commit))
            bytes = list_for(member, (uint32_t)slot, dead);
        sr__freed_look(member, (uint32_t)slot, 0, dead);
    }
    unname(member, row);
    /* In the name of the dead one. Last: a repairer that is killed counts too little, and the next one not twice. */
    atomic_fetch_add_explicit(&view->participants[dead].counters[SR__BYTES_WRITTEN], bytes,
                              memory_order_relaxed);
}
