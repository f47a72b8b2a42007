/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32C: the answers of RFC 3720, section B.4, by each way that this machine has; and both ways give the same for bytes of any
 * number, at any place, in any pieces. */
#include <stdlib.h>
#include <string.h>

#include "platform.h"
#include "support/check.h"
#include "support/suite.h"

#define MOST 8192u

static struct {
    const char *name;
    sr__crc32c_t *sum;
} ways[] = {{"tables", sr__crc32c_by_tables}, {"instruction", NULL}};
#define WAYS (sizeof ways / sizeof ways[0])

/* How many of them there are here. */
static size_t find_ways(void)
{
    ways[1].sum = sr__crc32c_of_processor();
    return ways[1].sum ? WAYS : 1;
}

static void known_answers(void)
{
    static const uint8_t read_command[48] = {0x01, 0xc0, 0, 0, 0, 0, 0,    0, 0,    0, 0, 0,    0, 0, 0, 0,
                                             0x14, 0,    0, 0, 0, 0, 0x04, 0, 0,    0, 0, 0x14, 0, 0, 0, 0x18,
                                             0x28, 0,    0, 0, 0, 0, 0,    0, 0x02, 0, 0, 0,    0, 0, 0, 0};
    uint8_t zeros[32] = {0}, ones[32], rising[32], falling[32];
    memset(ones, 0xff, sizeof ones);
    for (uint8_t i = 0; i < 32; i++) {
        rising[i] = i;
        falling[i] = (uint8_t)(31 - i);
    }
    const struct {
        const char *name;
        const void *bytes;
        size_t size;
        uint32_t sum;
    } answers[] = {
        {"nothing", zeros, 0, 0},
        {"zeros", zeros, sizeof zeros, 0x8a9136aa},
        {"ones", ones, sizeof ones, 0x62a8ab43},
        {"rising bytes", rising, sizeof rising, 0x46dd794e},
        {"falling bytes", falling, sizeof falling, 0x113fdb5c},
        {"a read command of iSCSI", read_command, sizeof read_command, 0xd9963a56},
        {"digits", "123456789", 9, 0xe3069283},
    };
    for (size_t way = 0, there = find_ways(); way < there; way++)
        for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
            check_context("%s by %s", answers[i].name, ways[way].name);
            CHECK_EQUAL(ways[way].sum(0, answers[i].bytes, answers[i].size), answers[i].sum);
        }
    check_context("%s", "");
}

/* One bit after the other. */
static uint32_t by_definition(const uint8_t *bytes, size_t size)
{
    uint32_t sum = UINT32_MAX;
    for (size_t i = 0; i < size; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ UINT32_C(0x82f63b78) : sum >> 1;
    }
    return ~sum;
}

static void any_bytes_in_any_pieces(void)
{
    static uint8_t bytes[MOST + 64];
    srand(1);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(rand() >> 4);
    for (size_t way = 0, there = find_ways(); way < there; way++)
        for (unsigned long n = 0; n < scaled(2000); n++) {
            size_t start = (size_t)rand() % 64, most = n % 4 == 0 ? MOST : 100;
            size_t size = (size_t)rand() % most, first = size > 0 ? (size_t)rand() % size : 0;
            uint32_t right = by_definition(bytes + start, size);
            check_context("%zu bytes at %zu, %zu of them first, by %s", size, start, first, ways[way].name);
            CHECK_EQUAL(ways[way].sum(0, bytes + start, size), right);
            CHECK_EQUAL(
                ways[way].sum(ways[way].sum(0, bytes + start, first), bytes + start + first, size - first),
                right);
        }
    check_context("%s", "");
}

static const test_case_t cases[] = {
    {"known_answers", known_answers, 0},
    {"any_bytes_in_any_pieces", any_bytes_in_any_pieces, 0},
    {NULL, NULL, 0},
};

extern const test_suite_t crc32c_suite;
const test_suite_t crc32c_suite = {"crc32c", cases, NULL};
