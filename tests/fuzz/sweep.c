/* SPDX-License-Identifier: Apache-2.0 */
/* Every byte of the control parts, one after the other: turned over before anybody attaches, while two are attached and
 * have slots and readers in hand, and in one bit of it. Not by chance, as the fuzzer does it.
 *
 * usage: slotring_sweep SECONDS: goes through the bytes in an order that spreads them, until all are done or the time is
 * over. The last line says how many were. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "folder.h"
#include "operations.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { /* the choices of segment_fuzz.c */
    ATTACHED_IN_HAND = 1 + 32,
    KEEP = 2,
    STRIDE = 2503, /* a prime: no divisor of any number of bytes that there may be */
};

static uint8_t *add_flip(uint8_t *at, uint64_t byte, unsigned bit)
{
    uint64_t word = byte / 8, value = byte % 8 * 8 + bit;
    *at++ = (uint8_t)word;
    *at++ = (uint8_t)(word >> 8 | 1u << 6);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

static void change_byte(uint8_t choices, uint64_t byte, unsigned first_bit, unsigned bits)
{
    uint8_t input[2 + 8 * 10] = {choices, 0};
    uint8_t *end = input + 2;
    for (unsigned bit = first_bit; bit < first_bit + bits; bit++)
        end = add_flip(end, byte, bit % 8);
    (void)LLVMFuzzerTestOneInput(input, (size_t)(end - input));
}

static uint64_t control_bytes(void)
{
    slotring_options_t options;
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_t *ring;
    folder_make();
    fuzz_options(&options, SLOTRING_CREATE);
    options.slot_size = FUZZ_SLOT_SIZE;
    options.total_size = (uint64_t)FUZZ_SLOTS * FUZZ_SLOT_SIZE;
    if (slotring_open(&ring, "size", &options, NULL) != 0 || slotring_info(ring, &info) != 0)
        abort();
    (void)slotring_close(ring);
    (void)slotring_unlink("size", SLOTRING_UNLINK_FORCE, NULL, NULL);
    return info.payload_offset;
}

int main(int argc, char **argv)
{
    long seconds = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
    if (seconds <= 0) {
        fprintf(stderr, "usage: slotring_sweep SECONDS\n");
        return 2;
    }
    uint64_t bytes = control_bytes(), done = 0;
    for (time_t end = time(NULL) + seconds; done < bytes && time(NULL) <= end; done++) {
        uint64_t byte = done * STRIDE % bytes;
        uint8_t keep = done / 8 % 2 ? KEEP : 0;
        change_byte(keep, byte, 0, 8);
        change_byte((uint8_t)(keep | ATTACHED_IN_HAND), byte, 0, 8);
        change_byte((uint8_t)(keep | ATTACHED_IN_HAND), byte, (unsigned)(done % 8), 1);
    }
    printf("%llu executions, %llu of %llu bytes\n", 3 * (unsigned long long)done, (unsigned long long)done,
           (unsigned long long)bytes);
    return 0;
}
