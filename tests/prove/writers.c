/* SPDX-License-Identifier: Apache-2.0 */
/* Writers of a storm of records: messages of any size, one by one, in batches and in place; one process has several threads. */
#include <pthread.h>
#include <string.h>

#include "prove.h"
#include "support/records.h"

#define A_MOMENT (20 * MILLISECOND)
#define BATCH 6u
#define LARGEST 4096u /* bytes of a message */

uint64_t largest_message(slotring_t *ring)
{
    slotring_info_t info = ring_info(ring);
    bool spans = info.slot_count >= 16 && 3 * info.slot_size + 1 <= LARGEST;
    return spans ? 3 * info.slot_size + 1 : info.slot_size;
}

/* ---- Writers --------------------------------------------------------------------------------------------- */

static bool is_no_room(int code)
{
    return code == SLOTRING_E_FULL || code == SLOTRING_E_TIMEOUT;
}

static void append_one(slotring_writer_t *writer, entry_t *entry, uint64_t most)
{
    uint64_t number = atomic_load(&entry->done);
    atomic_store(&entry->tried, number + 1);
    int code = record_append(writer, journal_number(entry), number, most, A_MOMENT);
    if (is_no_room(code))
        return;
    CHECK_OK(code);
    atomic_store(&entry->done, number + 1);
}

static void append_batch(slotring_writer_t *writer, entry_t *entry, uint64_t most)
{
    static _Thread_local uint8_t bytes[BATCH][LARGEST];
    slotring_message_t messages[BATCH];
    uint64_t number = atomic_load(&entry->done);
    uint32_t done = 0;
    for (uint32_t i = 0; i < BATCH; i++) {
        messages[i].tag = pattern_tag(journal_number(entry), number + i);
        messages[i].size = record_length(messages[i].tag, most);
        messages[i].data = bytes[i];
        pattern_fill(bytes[i], messages[i].size, messages[i].tag);
    }
    atomic_store(&entry->tried, number + BATCH);
    int code = slotring_writer_append_batch(writer, messages, BATCH, A_MOMENT, &done);
    if (!is_no_room(code))
        CHECK_OK(code);
    atomic_store(&entry->done, number + done);
}

static void reserve_one(slotring_t *ring, slotring_writer_t *writer, entry_t *entry, uint64_t most,
                        bool commits)
{
    uint64_t number = atomic_load(&entry->done), tag = pattern_tag(journal_number(entry), number),
             length = record_length(tag, most);
    slotring_slot_t slot;
    int code = slotring_writer_reserve(writer, length, A_MOMENT, &slot);
    if (is_no_room(code))
        return;
    CHECK_OK(code);
    uint8_t bytes[LARGEST];
    if (!commits) {
        memset(bytes, 0xbb, sizeof bytes);
        CHECK_OK(slotring_scatter(ring, &slot, 0, bytes, slot.capacity < LARGEST ? slot.capacity : LARGEST));
        CHECK_OK(slotring_writer_cancel(writer, &slot));
        return;
    }
    slot.tag = tag;
    pattern_fill(bytes, length, tag);
    CHECK_OK(slotring_scatter(ring, &slot, 0, bytes, length));
    atomic_store(&entry->tried, number + 1);
    CHECK_OK(slotring_writer_commit(writer, &slot, length));
    atomic_store(&entry->done, number + 1);
}

/* NULL: the rows of the dead are not repaired yet. */
static slotring_writer_t *open_writer(slotring_t *ring)
{
    slotring_writer_t *writer;
    int code = slotring_writer_open(ring, NULL, &writer);
    if (code == SLOTRING_E_WRITERS)
        return NULL;
    CHECK_OK(code);
    return writer;
}

static void write_for_a_while(slotring_t *ring, entry_t *entry, uint32_t *seed)
{
    uint64_t most = largest_message(ring);
    slotring_writer_t *writer = open_writer(ring);
    for (uint32_t i = prove_random(seed) % 512; writer && i > 0 && !storm_ending(); i--) {
        uint32_t what = prove_random(seed) % 32;
        if (what < 2)
            append_batch(writer, entry, most);
        else if (what < 6)
            reserve_one(ring, writer, entry, most, what > 2);
        else
            append_one(writer, entry, most);
    }
    if (writer)
        CHECK_OK(slotring_writer_close(writer));
}

void acts_writer(const char *name, uint32_t seed)
{
    slotring_t *ring = ring_attach(name);
    entry_t *entry = journal_entry();
    while (!storm_ending()) {
        write_for_a_while(ring, entry, &seed);
        if (prove_random(&seed) % 8 == 0)
            CHECK_OK(slotring_end_stream(ring));
    }
    CHECK_OK(slotring_close(ring));
}

typedef struct thread_work {
    slotring_t *ring;
    uint32_t seed;
} thread_work_t;

static void *thread_writes(void *argument)
{
    thread_work_t *work = argument;
    entry_t *entry = journal_entry();
    while (!storm_ending())
        write_for_a_while(work->ring, entry, &work->seed);
    return NULL;
}

void acts_writer_threads(const char *name, uint32_t seed)
{
    enum {
        THREADS = 3
    };
    pthread_t threads[THREADS];
    thread_work_t work[THREADS];
    slotring_t *ring = ring_attach(name);
    for (uint32_t i = 0; i < THREADS; i++) {
        work[i] = (thread_work_t){ring, seed + i};
        CHECK(pthread_create(&threads[i], NULL, thread_writes, &work[i]) == 0);
    }
    for (uint32_t i = 0; i < THREADS; i++)
        CHECK(pthread_join(threads[i], NULL) == 0);
    CHECK_OK(slotring_close(ring));
}
