/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C by tables, eight bytes at a step ("slicing by 8").
 *
 * An entry of a table says what a byte contributes to the sum at the end of the step. Contributions are added without carries
 * (exclusive or), so the entry of a byte is made of the entries of its bits, and these eight numbers make a whole table. Table t
 * is for the byte after which t more bytes come.
 */
#include "base/crc32c.h"

#define BIT(value, bit, entry) (((value) >> (bit)&1) != 0 ? (entry) : 0u)
#define ENTRY(v, b0, b1, b2, b3, b4, b5, b6, b7)                                                     \
    (BIT(v, 0, b0) ^ BIT(v, 1, b1) ^ BIT(v, 2, b2) ^ BIT(v, 3, b3) ^ BIT(v, 4, b4) ^ BIT(v, 5, b5) ^ \
     BIT(v, 6, b6) ^ BIT(v, 7, b7))
#define FOUR(v, ...)                                                                 \
    ENTRY(v, __VA_ARGS__), ENTRY((v) + 1, __VA_ARGS__), ENTRY((v) + 2, __VA_ARGS__), \
        ENTRY((v) + 3, __VA_ARGS__)
#define SIXTEEN(v, ...) \
    FOUR(v, __VA_ARGS__), FOUR((v) + 4, __VA_ARGS__), FOUR((v) + 8, __VA_ARGS__), FOUR((v) + 12, __VA_ARGS__)
#define SIXTY_FOUR(v, ...)                                                                   \
    SIXTEEN(v, __VA_ARGS__), SIXTEEN((v) + 16, __VA_ARGS__), SIXTEEN((v) + 32, __VA_ARGS__), \
        SIXTEEN((v) + 48, __VA_ARGS__)
#define TABLE(...)                                                                                \
    {                                                                                             \
        SIXTY_FOUR(0u, __VA_ARGS__), SIXTY_FOUR(64u, __VA_ARGS__), SIXTY_FOUR(128u, __VA_ARGS__), \
            SIXTY_FOUR(192u, __VA_ARGS__)                                                         \
    }

static const uint32_t tables[8][256] = {
    TABLE(0xf26b8303u, 0xe13b70f7u, 0xc79a971fu, 0x8ad958cfu, 0x105ec76fu, 0x20bd8edeu, 0x417b1dbcu,
          0x82f63b78u),
    TABLE(0x13a29877u, 0x274530eeu, 0x4e8a61dcu, 0x9d14c3b8u, 0x3fc5f181u, 0x7f8be302u, 0xff17c604u,
          0xfbc3faf9u),
    TABLE(0xa541927eu, 0x4f6f520du, 0x9edea41au, 0x38513ec5u, 0x70a27d8au, 0xe144fb14u, 0xc76580d9u,
          0x8b277743u),
    TABLE(0xdd45aab8u, 0xbf672381u, 0x7b2231f3u, 0xf64463e6u, 0xe964b13du, 0xd725148bu, 0xaba65fe7u,
          0x52a0c93fu),
    TABLE(0x38116facu, 0x7022df58u, 0xe045beb0u, 0xc5670b91u, 0x8f2261d3u, 0x1ba8b557u, 0x37516aaeu,
          0x6ea2d55cu),
    TABLE(0xef306b19u, 0xdb8ca0c3u, 0xb2f53777u, 0x6006181fu, 0xc00c303eu, 0x85f4168du, 0x0e045bebu,
          0x1c08b7d6u),
    TABLE(0x68032cc8u, 0xd0065990u, 0xa5e0c5d1u, 0x4e2dfd53u, 0x9c5bfaa6u, 0x3d5b83bdu, 0x7ab7077au,
          0xf56e0ef4u),
    TABLE(0x493c7d27u, 0x9278fa4eu, 0x211d826du, 0x423b04dau, 0x847609b4u, 0x0d006599u, 0x1a00cb32u,
          0x34019664u),
};

/* In the order of bytes in memory, whatever the processor's own is. */
static inline uint32_t four_bytes(const uint8_t *at)
{
    return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

uint32_t sr__crc32c_by_tables(uint32_t before, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t sum = ~before;
    for (; size >= 8; size -= 8, at += 8) {
        uint32_t low = sum ^ four_bytes(at), high = four_bytes(at + 4);
        sum = tables[7][low & 0xff] ^ tables[6][low >> 8 & 0xff] ^ tables[5][low >> 16 & 0xff] ^
              tables[4][low >> 24] ^ tables[3][high & 0xff] ^ tables[2][high >> 8 & 0xff] ^
              tables[1][high >> 16 & 0xff] ^ tables[0][high >> 24];
    }
    for (; size > 0; size--, at++)
        sum = sum >> 8 ^ tables[0][(sum ^ *at) & 0xff];
    return ~sum;
}
