/* SPDX-License-Identifier: Apache-2.0 */
#include "crc32.h"

#if defined(SLOTRING_CRC32_LIBDEFLATE)
#include <libdeflate.h>

uint32_t crc32_add(uint32_t crc, const void *data, size_t size)
{
    return libdeflate_crc32(crc, data, size);
}

#elif defined(SLOTRING_CRC32_ZLIB)
#include <zlib.h>

uint32_t crc32_add(uint32_t crc, const void *data, size_t size)
{
    return (uint32_t)crc32_z(crc, data, size);
}

#else
#include <stdbool.h>

/* A byte at a time: right everywhere, and slow. The program has one thread. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t size)
{
    static uint32_t table[256];
    static bool made;
    const unsigned char *at = data;
    for (uint32_t byte = 0; !made && byte < 256; byte++) {
        uint32_t value = byte;
        for (int bit = 0; bit < 8; bit++)
            value = value & 1 ? UINT32_C(0xEDB88320) ^ value >> 1 : value >> 1;
        table[byte] = value;
    }
    made = true;
    crc = ~crc;
    for (size_t i = 0; i < size; i++)
        crc = table[(crc ^ at[i]) & 255] ^ crc >> 8;
    return ~crc;
}
#endif
