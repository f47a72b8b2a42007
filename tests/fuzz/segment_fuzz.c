/* SPDX-License-Identifier: Apache-2.0 */
/* A ring whose control words somebody overwrites, before a process attaches or while it is attached; then every
 * operation. Allowed is an error; not allowed is a crash, an access outside the mapping, or a loop without end.
 *
 * The input: one byte of choices, then changes of ten bytes each: place (in words of eight bytes, of all control
 * parts), how it changes, value. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "slotring/slotring.h"

#define NAME "fuzz"
#define SLOTS 8u
#define SLOT_SIZE 256u
#define CHANGE_BYTES 10u

enum choices {
    CHANGE_ATTACHED = 1, /* else before anybody attaches */
    KEEP = 2,
    LOSSY = 4,
    OBSERVE = 8,
    TRUNCATE_AFTER = 16, /* observers and ls alone survive that by promise */
};

static void set_options(slotring_options_t *options, uint32_t mode)
{
    slotring_options_init(options);
    options->mode = mode;
    options->max_participants = 8;
    options->max_readers = 4;
    options->spin_ns = 1;
    options->wait_slice_ns = 1000;
    options->lock_timeout_ns = 1000000;
}

static slotring_t *create(uint8_t choices)
{
    slotring_options_t options;
    slotring_t *ring;
    set_options(&options, SLOTRING_CREATE);
    options.slot_size = SLOT_SIZE;
    options.total_size = (uint64_t)SLOTS * SLOT_SIZE;
    options.when_full = choices & KEEP ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    if (slotring_open(&ring, NAME, &options, NULL) != 0)
        abort();
    return ring;
}

static void publish_some(slotring_t *ring, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        slotring_slot_t slot;
        if (slotring_allocate(ring, SLOT_SIZE, &slot) != 0)
            return;
        memset(slot.data, (int)i, slot.capacity);
        (void)slotring_mark_ready(ring, &slot, i % SLOT_SIZE);
    }
}

/* The control parts lie before the payload, which starts on a page. */
static void change(const uint8_t *data, size_t size)
{
    char path[300];
    struct stat status;
    folder_memory(NAME, path, sizeof path);
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        abort();
    size_t words = (size_t)status.st_size / 8;
    uint8_t *memory = mmap(NULL, (size_t)status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (memory == MAP_FAILED)
        abort();
    for (; size >= CHANGE_BYTES; data += CHANGE_BYTES, size -= CHANGE_BYTES) {
        uint64_t value;
        size_t place = ((size_t)data[0] | (size_t)(data[1] & 0x3f) << 8) % words;
        memcpy(&value, data + 2, sizeof value);
        _Atomic uint64_t *word = (_Atomic uint64_t *)(void *)(memory + 8 * place);
        switch (data[1] >> 6) {
        case 0:
            atomic_store(word, value);
            break;
        case 1:
            atomic_fetch_xor(word, UINT64_C(1) << value % 64);
            break;
        case 2:
            atomic_fetch_add(word, value % 16);
            break;
        default:
            atomic_fetch_sub(word, value % 16);
            break;
        }
    }
    munmap(memory, (size_t)status.st_size);
    close(file);
}

static void use_tickets(slotring_t *ring)
{
    for (uint32_t i = 0; i < SLOTS; i++) {
        slotring_ticket_t ticket;
        slotring_slot_t slot;
        if (slotring_ticket_at(ring, i, &ticket) != 0)
            continue;
        if (slotring_acquire_for_read(ring, &ticket, &slot) == 0) {
            volatile uint8_t last = slot.length ? ((const uint8_t *)slot.data)[slot.length - 1] : 0;
            (void)last;
            if (i % 2)
                (void)slotring_free(ring, &ticket);
            (void)slotring_release(ring, &slot);
        }
    }
}

static void use_reader(slotring_t *ring, uint8_t choices)
{
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_reader_options_init(&options);
    options.mode = choices & LOSSY ? SLOTRING_LOSSY : SLOTRING_LOSSLESS;
    options.start = choices & KEEP ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW;
    if (slotring_subscribe(ring, &options, &reader) != 0)
        return;
    publish_some(ring, SLOTS / 2);
    for (unsigned i = 0; i < SLOTS; i++) {
        slotring_slot_t slots[3];
        uint32_t count;
        slotring_participant_t who;
        int code = slotring_next_batch(reader, 0, slots, 3, &count);
        if (code == SLOTRING_E_PRODUCER_DIED)
            (void)slotring_reader_death(reader, &who);
        if (code != 0)
            continue;
        for (uint32_t k = 0; k < count; k++) {
            volatile uint8_t last =
                slots[k].length ? ((const uint8_t *)slots[k].data)[slots[k].length - 1] : 0;
            (void)last;
        }
        (void)slotring_reader_release(reader);
    }
    slotring_reader_info_t info;
    (void)slotring_reader_info(reader, &info);
    (void)slotring_unsubscribe(reader);
}

static void look(slotring_t *ring)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_participant_t participants[8];
    slotring_reader_info_t readers[4];
    slotring_blocker_t blockers[8];
    uint32_t count;
    uint64_t findings;
    (void)slotring_get_stats(ring, &stats);
    (void)slotring_info(ring, &info);
    (void)slotring_participants(ring, participants, 8, &count);
    (void)slotring_readers(ring, readers, 4, &count);
    (void)slotring_blockers(ring, blockers, 8, &count);
    (void)slotring_check(ring, NULL, NULL, &findings);
}

static void use(slotring_t *ring, uint8_t choices)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    publish_some(ring, 3);
    use_tickets(ring);
    use_reader(ring, choices);
    publish_some(ring, 2 * SLOTS);
    look(ring);
    (void)slotring_recover(ring, &recovery);
    (void)slotring_end_stream(ring);
}

static void look_from_outside(void)
{
    slotring_list_entry_t list[4];
    uint32_t count;
    slotring_options_t options;
    slotring_t *ring;
    (void)slotring_list(NULL, list, 4, &count, NULL);
    set_options(&options, SLOTRING_OBSERVE);
    if (slotring_open(&ring, NAME, &options, NULL) != 0)
        return;
    look(ring);
    use_tickets(ring);
    (void)slotring_close(ring);
}

/* Not there: the changes made it a ring that goes with its last user. */
static void truncate_segment(size_t bytes)
{
    char path[300];
    folder_memory(NAME, path, sizeof path);
    if (truncate(path, (off_t)bytes) != 0 && errno != ENOENT)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    uint8_t choices = data[0];
    slotring_options_t options;
    slotring_t *first, *second = NULL;
    folder_make();
    first = create(choices);
    publish_some(first, SLOTS - 2);
    set_options(&options, choices & OBSERVE ? SLOTRING_OBSERVE : SLOTRING_ATTACH);
    if (choices & CHANGE_ATTACHED)
        (void)slotring_open(&second, NAME, &options, NULL);
    change(data + 1, size - 1);
    if (!(choices & CHANGE_ATTACHED))
        (void)slotring_open(&second, NAME, &options, NULL);
    if (second && !(choices & OBSERVE))
        use(second, choices);
    look_from_outside();
    if (second)
        (void)slotring_close(second);
    (void)slotring_close(first);
    if (choices & TRUNCATE_AFTER) {
        truncate_segment(size > 1 ? (size_t)data[1] * 257 : 0);
        look_from_outside();
    }
    (void)slotring_unlink(NAME, SLOTRING_UNLINK_FORCE, NULL, NULL);
    return 0;
}
