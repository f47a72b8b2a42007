/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C by the processor's own instruction: SSE4.2 of x86, and ARMv8 with the extension "crc". Whether this processor has it
 * is found out when a ring is opened, since the build is for all of them. In assembler: each compiler has another
 * name for the instruction, and lets it be used only in files that are compiled for processors which have it.
 *
 * The instruction takes three cycles, and one can begin in each. So long messages are summed in three lanes side by side,
 * and the sums of the lanes are put together at the end of a round.
 */
#define _GNU_SOURCE
#include <string.h>

#include "platform.h"

#if defined(__GNUC__) || defined(__clang__)
#if defined(__x86_64__) || defined(__i386__)
#define X86
#include <cpuid.h>
#elif defined(__aarch64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define ARM64
#if defined(__linux__)
#include <sys/auxv.h>
#elif defined(_WIN32)
#include <windows.h>
#endif
#endif
#endif

#if defined(X86) || defined(ARM64)

#if defined(X86)

static bool is_there(void)
{
    unsigned a, b, c, d;
    return __get_cpuid(1, &a, &b, &c, &d) && (c >> 20 & 1) != 0; /* SSE4.2 */
}

static inline uint32_t add_byte(uint32_t sum, uint8_t byte)
{
    __asm__("crc32b %1, %0" : "+r"(sum) : "qm"(byte));
    return sum;
}

#if defined(__x86_64__)
typedef uint64_t word_t;

static inline uint32_t add_word(uint32_t sum, word_t word)
{
    uint64_t whole = sum;
    __asm__("crc32q %1, %0" : "+r"(whole) : "rm"(word));
    return (uint32_t)whole;
}
#else
typedef uint32_t word_t;

static inline uint32_t add_word(uint32_t sum, word_t word)
{
    __asm__("crc32l %1, %0" : "+r"(sum) : "rm"(word));
    return sum;
}
#endif

#else

static bool is_there(void)
{
#if defined(__ARM_FEATURE_CRC32) || defined(__APPLE__)
    return true;
#elif defined(__linux__)
    return (getauxval(AT_HWCAP) >> 7 & 1) != 0; /* HWCAP_CRC32 */
#elif defined(_WIN32)
    return IsProcessorFeaturePresent(31) != 0; /* PF_ARM_V8_CRC32_INSTRUCTIONS_AVAILABLE */
#else
    return false;
#endif
}

static inline uint32_t add_byte(uint32_t sum, uint8_t byte)
{
    __asm__(".arch_extension crc\n\tcrc32cb %w0, %w0, %w1" : "+r"(sum) : "r"((uint32_t)byte));
    return sum;
}

typedef uint64_t word_t;

static inline uint32_t add_word(uint32_t sum, word_t word)
{
    __asm__(".arch_extension crc\n\tcrc32cx %w0, %w0, %x1" : "+r"(sum) : "r"(word));
    return sum;
}

#endif

static inline word_t word_at(const uint8_t *at)
{
    word_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

#define LANE ((size_t)512) /* bytes; the numbers below are for this many */

/* What four bits of a sum become when LANE zero bytes come behind them, made of what each of them becomes. */
#define BIT(value, bit, entry) (((value) >> (bit)&1) != 0 ? (entry) : 0u)
#define ENTRY(v, b0, b1, b2, b3) (BIT(v, 0, b0) ^ BIT(v, 1, b1) ^ BIT(v, 2, b2) ^ BIT(v, 3, b3))
#define FOUR(v, ...)                                                                 \
    ENTRY(v, __VA_ARGS__), ENTRY((v) + 1, __VA_ARGS__), ENTRY((v) + 2, __VA_ARGS__), \
        ENTRY((v) + 3, __VA_ARGS__)
#define FAR(...)                                                                                    \
    {                                                                                               \
        FOUR(0u, __VA_ARGS__), FOUR(4u, __VA_ARGS__), FOUR(8u, __VA_ARGS__), FOUR(12u, __VA_ARGS__) \
    }

static const uint32_t far_on[8][16] = {
    FAR(0xbd6f81f8u, 0x7f337501u, 0xfe66ea02u, 0xf921a2f5u),
    FAR(0xf7af331bu, 0xeab210c7u, 0xd088577fu, 0xa4fcd80fu),
    FAR(0x4c15c6efu, 0x982b8ddeu, 0x35bb6d4du, 0x6b76da9au),
    FAR(0xd6edb534u, 0xa8371c99u, 0x55824fc3u, 0xab049f86u),
    FAR(0x53e549fdu, 0xa7ca93fau, 0x4a795105u, 0x94f2a20au),
    FAR(0x2c0932e5u, 0x581265cau, 0xb024cb94u, 0x65a5e1d9u),
    FAR(0xcb4bc3b2u, 0x937bf195u, 0x231b95dbu, 0x46372bb6u),
    FAR(0x8c6e576cu, 0x1d30d829u, 0x3a61b052u, 0x74c360a4u),
};

static inline uint32_t a_lane_on(uint32_t sum)
{
    uint32_t result = 0;
    for (unsigned i = 0; i < 8; i++)
        result ^= far_on[i][sum >> 4 * i & 15];
    return result;
}

static uint32_t three_lanes(uint32_t sum, const uint8_t *at)
{
    uint32_t second = 0, third = 0;
    for (size_t i = 0; i < LANE; i += sizeof(word_t)) {
        sum = add_word(sum, word_at(at + i));
        second = add_word(second, word_at(at + LANE + i));
        third = add_word(third, word_at(at + 2 * LANE + i));
    }
    return a_lane_on(a_lane_on(sum) ^ second) ^ third;
}

static uint32_t by_instruction(uint32_t before, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    uint32_t sum = ~before;
    for (; size >= 3 * LANE; size -= 3 * LANE, at += 3 * LANE)
        sum = three_lanes(sum, at);
    for (; size >= sizeof(word_t); size -= sizeof(word_t), at += sizeof(word_t))
        sum = add_word(sum, word_at(at));
    for (; size > 0; size--, at++)
        sum = add_byte(sum, *at);
    return ~sum;
}

sr__crc32c_t *sr__crc32c_of_processor(void)
{
    return is_there() ? by_instruction : NULL;
}

#else

sr__crc32c_t *sr__crc32c_of_processor(void)
{
    return NULL;
}

#endif
