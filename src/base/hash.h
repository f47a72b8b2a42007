/* SPDX-License-Identifier: Apache-2.0 */
/* FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/): against accidents, not against malice. */
#ifndef SR_HASH_H
#define SR_HASH_H

#include <stddef.h>
#include <stdint.h>

#define SR__HASH_START UINT64_C(0xcbf29ce484222325)

/* `hash`: SR__HASH_START, or the hash of what comes before. */
static inline uint64_t sr__hash(uint64_t hash, const void *data, size_t size)
{
    const uint8_t *bytes = data;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
