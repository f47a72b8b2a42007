/* SPDX-License-Identifier: Apache-2.0 */
#include "pattern.h"

#include <string.h>

#include "check.h"

#define NUMBER_BITS 40

uint64_t pattern_tag(uint32_t producer, uint64_t number)
{
    return (uint64_t)producer << NUMBER_BITS | number;
}

uint32_t pattern_producer(uint64_t tag)
{
    return (uint32_t)(tag >> NUMBER_BITS);
}

uint64_t pattern_number(uint64_t tag)
{
    return tag & ((UINT64_C(1) << NUMBER_BITS) - 1);
}

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

uint64_t pattern_length(uint64_t tag, uint64_t capacity)
{
    return 1 + mix(tag ^ UINT64_C(0x6c656e677468)) % capacity;
}

void pattern_fill(void *data, uint64_t length, uint64_t tag)
{
    uint8_t *bytes = data;
    uint64_t seed = mix(tag);
    for (uint64_t i = 0; i < length; i += 8) {
        uint64_t word = seed + i * UINT64_C(0x9e3779b97f4a7c15);
        memcpy(bytes + i, &word, length - i < 8 ? (size_t)(length - i) : 8);
    }
}

uint64_t pattern_verify(const void *data, uint64_t length, uint64_t tag)
{
    const uint8_t *bytes = data;
    uint64_t seed = mix(tag);
    for (uint64_t i = 0; i < length; i += 8) {
        uint64_t word = seed + i * UINT64_C(0x9e3779b97f4a7c15);
        size_t count = length - i < 8 ? (size_t)(length - i) : 8;
        if (memcmp(bytes + i, &word, count) == 0)
            continue;
        for (uint64_t b = 0; b < count; b++)
            if (bytes[i + b] != ((const uint8_t *)&word)[b])
                return i + b;
    }
    return length;
}

void pattern_check(const slotring_slot_t *slot)
{
    uint64_t expected = pattern_length(slot->tag, slot->capacity);
    if (slot->length != expected)
        FAIL("sequence %llu, tag %llx: length %llu, written were %llu", (unsigned long long)slot->sequence,
             (unsigned long long)slot->tag, (unsigned long long)slot->length, (unsigned long long)expected);
    uint64_t bad = pattern_verify(slot->data, slot->length, slot->tag);
    if (bad != slot->length)
        FAIL("sequence %llu, tag %llx: byte %llu of %llu is not what was written",
             (unsigned long long)slot->sequence, (unsigned long long)slot->tag, (unsigned long long)bad,
             (unsigned long long)slot->length);
}
