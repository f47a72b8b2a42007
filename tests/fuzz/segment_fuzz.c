/* SPDX-License-Identifier: Apache-2.0 */
/* A ring whose control words somebody overwrites, before a process attaches, while it is attached, and while it has
 * slots and readers in hand; then every operation. Allowed is an error; not allowed is a crash, an access outside the
 * mapping, or a loop without end.
 *
 * The input: two bytes of choices, then changes of ten bytes each: place (in words of eight bytes, of the whole
 * segment), how it changes, value. */
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
#include "operations.h"

#define NAME "fuzz"
#define CHANGE_BYTES 10u

enum choices {
    CHANGE_ATTACHED = 1, /* else before the second one attaches */
    KEEP = 2,
    LOSSY = 4,
    OBSERVE = 8,
    TRUNCATE_AFTER = 16, /* observers and ls alone survive that by promise */
    IN_HAND = 32,        /* the first one holds, writes and reads while the words change */
    ONE_THREAD = 64,
    CREATE_OR_ATTACH = 128,
};

enum more_choices {
    HOW_TO_UNLINK = 3, /* 3: as 0 */
    UNLINK_EARLY = 4,  /* while they are attached */
    USE_GLOBAL = 8,    /* the process's own ring is this one, too */
    STAMP = 16,
    SUM = 32, /* checksums */
};

static uint32_t flags_of(uint8_t choices)
{
    return choices & ONE_THREAD ? SLOTRING_ONE_THREAD : 0;
}

static slotring_t *create(uint8_t choices, uint8_t more)
{
    slotring_options_t options;
    slotring_t *ring;
    fuzz_options(&options, SLOTRING_CREATE);
    options.flags = flags_of(choices) | (more & SUM ? SLOTRING_CHECKSUMS : 0u);
    options.slot_size = FUZZ_SLOT_SIZE;
    options.total_size = (uint64_t)FUZZ_SLOTS * FUZZ_SLOT_SIZE;
    options.when_full = choices & KEEP ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    options.time_stamps = more & STAMP ? SLOTRING_TIME_MONOTONIC : SLOTRING_TIME_NONE;
    if (slotring_open(&ring, NAME, &options, NULL) != 0)
        abort();
    return ring;
}

static slotring_t *open_second(uint8_t choices)
{
    slotring_options_t options;
    slotring_t *ring;
    fuzz_options(&options, choices & OBSERVE            ? SLOTRING_OBSERVE
                           : choices & CREATE_OR_ATTACH ? SLOTRING_CREATE_OR_ATTACH
                                                        : SLOTRING_ATTACH);
    options.flags = flags_of(choices);
    if (options.mode == SLOTRING_CREATE_OR_ATTACH) {
        options.slot_size = FUZZ_SLOT_SIZE;
        options.total_size = (uint64_t)FUZZ_SLOTS * FUZZ_SLOT_SIZE;
    }
    return slotring_open(&ring, NAME, &options, NULL) == 0 ? ring : NULL;
}

static void change_word(_Atomic uint64_t *word, unsigned how, uint64_t value)
{
    switch (how) {
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
        change_word((_Atomic uint64_t *)(void *)(memory + 8 * place), data[1] >> 6, value);
    }
    munmap(memory, (size_t)status.st_size);
    close(file);
}

static void look_from_outside(void)
{
    slotring_list_entry_t list[4];
    uint32_t count;
    slotring_options_t options;
    slotring_t *ring;
    (void)slotring_list(NULL, list, 4, &count, NULL);
    fuzz_options(&options, SLOTRING_OBSERVE);
    if (slotring_open(&ring, NAME, &options, NULL) != 0)
        return;
    fuzz_look(ring);
    (void)slotring_close(ring);
}

static void use_global(uint8_t choices)
{
    slotring_t *ring;
    uint64_t written, read;
    if (slotring_global(NAME, (uint64_t)FUZZ_SLOTS * FUZZ_SLOT_SIZE, FUZZ_SLOT_SIZE, &ring, NULL) == 0)
        fuzz_operate(ring, choices & LOSSY ? SLOTRING_LOSSY : SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    slotring_global_stats(&written, &read);
    slotring_global_cleanup();
}

/* Not there: the changes made it a ring that goes with its last user. */
static void truncate_segment(size_t bytes)
{
    char path[300];
    folder_memory(NAME, path, sizeof path);
    if (truncate(path, (off_t)bytes) != 0 && errno != ENOENT)
        abort();
}

static void use_all(slotring_t *first, slotring_t *second, uint8_t choices, uint8_t more)
{
    uint32_t mode = choices & LOSSY ? SLOTRING_LOSSY : SLOTRING_LOSSLESS;
    uint32_t start = choices & KEEP ? SLOTRING_FROM_OLDEST : SLOTRING_FROM_NOW;
    if (more & UNLINK_EARLY)
        (void)slotring_unlink(NAME, (int)(more & HOW_TO_UNLINK) % 3, NULL, NULL);
    if (second && choices & OBSERVE)
        fuzz_look(second);
    else if (second)
        fuzz_operate(second, mode, start);
    fuzz_operate(first, mode, start);
    if (more & USE_GLOBAL)
        use_global(choices);
    look_from_outside();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    uint8_t choices = data[0], more = data[1];
    in_hand_t hand;
    folder_make();
    slotring_t *first = create(choices, more), *second = NULL;
    fuzz_publish(first, FUZZ_SLOTS - 2);
    if (choices & CHANGE_ATTACHED)
        second = open_second(choices);
    if (choices & IN_HAND)
        fuzz_take_in_hand(first, &hand);
    change(data + 2, size - 2);
    if (!(choices & CHANGE_ATTACHED))
        second = open_second(choices);
    if (choices & IN_HAND)
        fuzz_give_back(first, &hand);
    use_all(first, second, choices, more);
    if (second)
        (void)slotring_close(second);
    (void)slotring_close(first);
    if (choices & TRUNCATE_AFTER) {
        truncate_segment(size > 2 ? (size_t)data[2] * 257 : 0);
        look_from_outside();
    }
    (void)slotring_unlink(NAME, (int)(more & HOW_TO_UNLINK) % 3, NULL, NULL);
    (void)slotring_unlink(NAME, SLOTRING_UNLINK_FORCE, NULL, NULL);
    return 0;
}
