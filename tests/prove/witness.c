/* SPDX-License-Identifier: Apache-2.0 */
/* A lossless reader that lives through everything: it must get each message of each writer once and in order, and all
 * of them in one order without gaps. In a ring that keeps it frees what it has had. */
#include "prove.h"

typedef struct witness {
    slotring_t *ring;
    uint32_t number;
    bool keep;
    uint64_t expected;
    entry_t *entry;
} witness_t;

static void testify(witness_t *w, const slotring_slot_t *slot)
{
    pattern_check(slot);
    CHECK_EQUAL(slot->sequence, w->expected);
    w->expected++;
    uint32_t writer = pattern_producer(slot->tag);
    CHECK_AT_LEAST(atomic_load(&journal->entries), writer + 1);
    entry_t *entry = &journal->entry[writer];
    CHECK_EQUAL(pattern_number(slot->tag), atomic_load(&entry->received[w->number]));
    CHECK_AT_LEAST(atomic_load(&entry->tried), pattern_number(slot->tag) + 1);
    atomic_fetch_add(&entry->received[w->number], 1);
    atomic_fetch_add(&journal->bytes[w->number], slot->length);
    if (w->number == 0) {
        note_for_groups(slot);
        note_for_choosy(slot);
        note_for_durables(slot);
    }
    if (journal->deliveries)
        check_number(w->ring, w->number, slot->sequence);
}

static void free_it(witness_t *w, const slotring_slot_t *slot)
{
    int code = slotring_free(w->ring, &slot->ticket);
    CHECK(code == 0 || code == SLOTRING_E_STALE); /* somebody was first */
    if (code == 0)
        atomic_fetch_add(&w->entry->freed, 1);
}

void acts_witness(const char *name, uint32_t number)
{
    witness_t w = {.ring = ring_attach(name), .number = number, .entry = journal_entry()};
    w.keep = ring_info(w.ring).when_full == SLOTRING_KEEP;
    slotring_reader_options_t options = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.flags = journal->deliveries ? SLOTRING_TELL_MARKS : 0;
    slotring_reader_t *reader = subscribe_with(w.ring, &options);
    slotring_slot_t slots[8];
    atomic_fetch_add(&journal->seated, 1);
    for (;;) {
        uint32_t count = 0;
        uint64_t last =
            atomic_load(&journal->last); /* before the look: a mark may come while nothing is found */
        int code = slotring_next_batch(reader, 20 * MILLISECOND, slots, number == 0 ? 1 : 8, &count);
        if (code == SLOTRING_E_PRODUCER_DIED) {
            atomic_fetch_add(&journal->deaths[number], 1);
            continue;
        }
        if (code == SLOTRING_E_MARK) {
            note_mark(reader, number, w.expected);
            continue;
        }
        if (code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_END) {
            if (w.expected >= last)
                break;
            continue;
        }
        CHECK_OK(code);
        for (uint32_t i = 0; i < count; i++) {
            testify(&w, &slots[i]);
            if (w.keep && number == 0)
                free_it(&w, &slots[i]);
        }
        atomic_store(&journal->had[number], w.expected);
        CHECK_OK(slotring_reader_release(reader));
    }
    CHECK_EQUAL(w.expected, atomic_load(&journal->last));
    if (journal->deliveries) {
        slotring_reader_info_t info;
        CHECK_OK(slotring_reader_info(reader, &info));
        CHECK_EQUAL(info.gap, atomic_load(&journal->offsets[number]));
    }
    CHECK_OK(slotring_close(w.ring));
}
