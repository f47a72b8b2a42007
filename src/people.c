/* SPDX-License-Identifier: Apache-2.0 */
/* Who is there, who reads, and who stands in the way: for people at a console. */
#include <stdlib.h>

#include "core.h"

typedef struct tally {
    uint64_t writing, held;
    uint32_t readers;
} tally_t;

static uint64_t since_attach(const sr__participant_t *p, enum sr__counter counter)
{
    return sr__peek(&p->counters[counter]) - p->base[counter];
}

/* The lock decides where it can be asked; the system is asked whether the living one is stopped. */
uint32_t sr__life_of(slotring_t *ring, uint32_t participant)
{
    if (participant >= ring->view.participant_count)
        return SLOTRING_LIFE_UNKNOWN;
    const sr__participant_t *p = &ring->view.participants[participant];
    uint32_t life = ring->os->life(p->pid, p->pid_namespace, p->start_time);
    if (ring->locks) {
        bool dead = sr__participant_is_dead(ring, participant);
        if (dead)
            return SLOTRING_LIFE_DEAD;
        if (life == SLOTRING_LIFE_DEAD)
            return SLOTRING_LIFE_RUNNING;
    }
    return life;
}

static bool in_use(const sr__view_t *view, uint32_t p)
{
    return sr__load(&view->participants[p].incarnation) % 2 == 1;
}

static bool is_being_written(const sr__view_t *view, uint32_t i, uint64_t w)
{
    uint64_t sequence = sr__peek(&sr__slot(view, i)->sequence);
    return sr__slot_state(w) == SR__CLAIMED ||
           (sr__slot_state(w) == SR__COMMIT &&
            (sequence == SR__NO_SEQUENCE || !sr__is_listed(view, sequence, i)));
}

/* A slot in work is told from a published one by the order. */
#define NEED_TALLY (SR__NEED_PARTICIPANTS | SR__NEED_ROWS | SR__NEED_SLOTS | SR__NEED_ORDER)

/* What each participant holds, writes and reads. NULL: no memory. */
static tally_t *tally(const sr__view_t *view)
{
    tally_t *tallies = calloc(view->participant_count, sizeof *tallies);
    for (uint32_t i = 0; tallies && i < view->slot_count; i++) {
        sr__slot_t *slot = sr__slot(view, i);
        uint64_t w = sr__peek(&slot->word);
        if (is_being_written(view, i, w) && sr__owner(w) < view->participant_count)
            tallies[sr__owner(w)].writing++;
        uint32_t pinner = sr__pinner(w);
        if (pinner < view->participant_count &&
            !(sr__peek(sr__hold_word(slot, pinner / 64)) >> pinner % 64 & 1)) /* a slot counts once */
            tallies[pinner].held++;
        for (uint32_t h = 0; h < view->hold_words; h++) {
            uint64_t bits = sr__peek(sr__hold_word(slot, h));
            for (uint32_t b = 0; bits; b++, bits >>= 1)
                if ((bits & 1) && h * 64 + b < view->participant_count)
                    tallies[h * 64 + b].held++;
        }
    }
    for (uint32_t r = 0; tallies && r < sr__rows_high(view); r++) {
        uint64_t w = sr__load(&view->rows[r].state);
        if (sr__row_state(w) == SR__ROW_ACTIVE && sr__row_owner(w) < view->participant_count)
            tallies[sr__row_owner(w)].readers++;
    }
    return tallies;
}

static void describe(slotring_t *ring, uint32_t index, const tally_t *tally, slotring_participant_t *out)
{
    const sr__participant_t *p = &ring->view.participants[index];
    *out = (slotring_participant_t){.index = index};
    out->life = sr__life_of(ring, index);
    out->incarnation = sr__load(&p->incarnation);
    out->pid = p->pid;
    out->pid_namespace = p->pid_namespace;
    out->start_time = p->start_time;
    out->uid = p->uid;
    out->producing = sr__stream_phase(sr__load(&p->stream)) == SR__STREAMING;
    out->readers = tally->readers;
    out->slots_writing = tally->writing;
    out->slots_held = tally->held;
    out->bytes_written = since_attach(p, SR__BYTES_WRITTEN);
    out->bytes_read = since_attach(p, SR__BYTES_READ);
    out->full = since_attach(p, SR__FULL);
    out->waits = since_attach(p, SR__WAITS);
    out->waited_ns = since_attach(p, SR__WAITED_NS);
    out->last_sequence = sr__peek(&p->last_sequence);
    sr__name_load(out->name, p->name);
}

static int enter_list(slotring_t *ring, uint32_t needs, const void *list, uint32_t capacity, uint32_t *count)
{
    int failed = sr__enter_any(ring, needs);
    if (!failed && (!count || (!list && capacity > 0)))
        failed = sr__leave_any(
            ring, sr__error(SLOTRING_E_INVALID, "count is NULL, or list is NULL with a capacity"));
    if (!failed)
        *count = 0;
    return failed;
}

static int list_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity,
                             uint32_t *count)
{
    int failed = enter_list(ring, NEED_TALLY, list, capacity, count);
    if (failed)
        return failed;
    tally_t *tallies = tally(&ring->view);
    if (!tallies)
        return sr__leave_any(ring, sr__plain(SLOTRING_E_NO_MEMORY));
    for (uint32_t p = 0; p < sr__participants_high(&ring->view); p++) {
        if (!in_use(&ring->view, p))
            continue;
        uint64_t incarnation = sr__load(&ring->view.participants[p].incarnation);
        if (*count < capacity) {
            describe(ring, p, &tallies[p], &list[*count]);
            if (sr__load(&ring->view.participants[p].incarnation) != incarnation)
                continue; /* it left meanwhile */
        }
        ++*count;
    }
    free(tallies);
    return sr__leave_any(ring, 0);
}

int slotring_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_participants(ring, list, capacity, count));
}

static void describe_row(slotring_t *ring, uint32_t number, uint64_t word, uint64_t end,
                         slotring_reader_info_t *out)
{
    const sr__row_t *row = &ring->view.rows[number];
    sr__account_t account = sr__row_account(row);
    *out = (slotring_reader_info_t){.row = number, .participant = sr__row_owner(word)};
    out->mode = sr__row_gates(word) ? SLOTRING_LOSSLESS : SLOTRING_LOSSY;
    out->life = sr__life_of(ring, out->participant);
    if (out->participant < ring->view.participant_count)
        out->pid = ring->view.participants[out->participant].pid;
    out->start = account.start;
    out->cursor = account.cursor;
    out->delivered = account.delivered;
    out->missed = account.missed;
    out->pending = account.pending;
    out->lag = (end > account.cursor ? end - account.cursor : 0) + account.pending;
    out->bytes_read = sr__peek(&row->bytes_read);
    sr__name_load(out->name, row->name);
}

static int list_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity, uint32_t *count)
{
    int failed =
        enter_list(ring, SR__NEED_PARTICIPANTS | SR__NEED_ROWS | SR__NEED_END, list, capacity, count);
    if (failed)
        return failed;
    uint64_t end = sr__published_end(&ring->view);
    for (uint32_t r = 0; r < sr__rows_high(&ring->view); r++) {
        uint64_t w = sr__load(&ring->view.rows[r].state);
        if (sr__row_state(w) != SR__ROW_ACTIVE)
            continue;
        if (*count < capacity) {
            describe_row(ring, r, w, end, &list[*count]);
            if (sr__load(&ring->view.rows[r].state) != w)
                continue; /* it left meanwhile: what was seen may be half another's */
        }
        ++*count;
    }
    return sr__leave_any(ring, 0);
}

int slotring_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_readers(ring, list, capacity, count));
}

static int describe_reader(slotring_reader_t *reader, slotring_reader_info_t *info)
{
    int failed = sr__reader_enter(reader);
    if (!failed && !info)
        failed = sr__error(SLOTRING_E_INVALID, "info is NULL");
    if (!failed)
        describe_row(reader->ring, reader->row_number, reader->row_word,
                     sr__published_end(&reader->ring->view), info);
    return failed;
}

int slotring_reader_info(slotring_reader_t *reader, slotring_reader_info_t *info)
{
    return SR__UNCANCELLED(describe_reader(reader, info));
}

/* -- who stands in the way -- */

typedef struct blockers {
    slotring_t *ring;
    slotring_blocker_t *all;
    uint32_t count;
} blockers_t;

static void add_blocker(blockers_t *b, uint32_t why, uint32_t participant, uint32_t row, uint64_t slots)
{
    slotring_blocker_t *blocker = &b->all[b->count++];
    *blocker = (slotring_blocker_t){.why = why, .participant = participant, .row = row, .slots = slots};
    blocker->life = sr__life_of(b->ring, participant);
    const sr__view_t *view = &b->ring->view;
    if (participant < view->participant_count)
        blocker->pid = view->participants[participant].pid;
    sr__name_load(blocker->name, row < view->row_count ? view->rows[row].name
                                 : participant < view->participant_count
                                     ? view->participants[participant].name
                                     : "");
}

/* Only a reader that has not passed the oldest publication keeps a producer from reclaiming it. */
static void add_laggards(blockers_t *b)
{
    sr__view_t *view = &b->ring->view;
    uint64_t oldest = sr__load(&view->state->oldest), end = sr__published_end(view);
    for (uint32_t r = 0; r < sr__rows_high(view); r++) {
        uint64_t w = sr__load(&view->rows[r].state), cursor = sr__load(&view->rows[r].cursor);
        if (sr__row_gates(w) && cursor <= oldest && cursor < end)
            add_blocker(b, SLOTRING_BLOCKS_BY_LAG, sr__row_owner(w), r, end - cursor);
    }
}

static int by_weight(const void *a, const void *b)
{
    const slotring_blocker_t *left = a, *right = b;
    return left->slots > right->slots ? -1 : left->slots < right->slots;
}

static int list_blockers(slotring_t *ring, slotring_blocker_t *list, uint32_t capacity, uint32_t *count)
{
    int failed = enter_list(ring, NEED_TALLY, list, capacity, count);
    if (failed)
        return failed;
    sr__view_t *view = &ring->view;
    blockers_t b = {.ring = ring};
    tally_t *tallies = tally(view);
    b.all = calloc((size_t)view->row_count + 2 * (size_t)view->participant_count, sizeof *b.all);
    if (tallies && b.all) {
        add_laggards(&b);
        for (uint32_t p = 0; p < view->participant_count; p++) {
            if (tallies[p].held)
                add_blocker(&b, SLOTRING_BLOCKS_BY_HOLDING, p, UINT32_MAX, tallies[p].held);
            if (tallies[p].writing)
                add_blocker(&b, SLOTRING_BLOCKS_BY_WRITING, p, UINT32_MAX, tallies[p].writing);
        }
        qsort(b.all, b.count, sizeof *b.all, by_weight);
        for (uint32_t i = 0; i < b.count && i < capacity; i++)
            list[i] = b.all[i];
        *count = b.count;
    } else {
        failed = sr__plain(SLOTRING_E_NO_MEMORY);
    }
    free(tallies);
    free(b.all);
    return sr__leave_any(ring, failed);
}

int slotring_blockers(slotring_t *ring, slotring_blocker_t *list, uint32_t capacity, uint32_t *count)
{
    return SR__UNCANCELLED(list_blockers(ring, list, capacity, count));
}
