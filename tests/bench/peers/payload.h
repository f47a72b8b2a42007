/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a message: its sender and number, a time, and either as many words that follow from them as there is
 * room (all written, all checked: "touched") or nothing else ("untouched"). */
#ifndef SLOTRING_BENCH_PAYLOAD_H
#define SLOTRING_BENCH_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAYLOAD_LAST (UINT64_C(1) << 63)
#define PAYLOAD_SENDER_SHIFT 48
#define PAYLOAD_NUMBER_MASK ((UINT64_C(1) << PAYLOAD_SENDER_SHIFT) - 1)
#define PAYLOAD_FACTOR UINT64_C(0x9e3779b97f4a7c15)

static inline uint64_t payload_header(unsigned sender, uint64_t number, bool last)
{
    return (number & PAYLOAD_NUMBER_MASK) | (uint64_t)sender << PAYLOAD_SENDER_SHIFT |
           (last ? PAYLOAD_LAST : 0);
}

static inline unsigned payload_sender(uint64_t header)
{
    return (unsigned)((header & ~PAYLOAD_LAST) >> PAYLOAD_SENDER_SHIFT);
}

static inline void payload_write(void *data, size_t size, bool whole, uint64_t header, uint64_t stamp)
{
    uint64_t *words = data, start = header * PAYLOAD_FACTOR;
    words[0] = header;
    words[1] = stamp;
    if (whole)
        for (size_t i = 2; i < size / 8; i++)
            words[i] = start + i;
}

static inline bool payload_is_right(const void *data, size_t size, bool whole, uint64_t header)
{
    const uint64_t *words = data;
    uint64_t wrong = 0, start = header * PAYLOAD_FACTOR;
    if (whole)
        for (size_t i = 2; i < size / 8; i++)
            wrong |= words[i] ^ (start + i);
    return wrong == 0;
}

#endif
