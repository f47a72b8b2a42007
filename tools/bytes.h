/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in memory that grow, and numbers in them with their lowest byte first, as files of MCAP have them. */
#ifndef SLOTRING_TOOL_BYTES_H
#define SLOTRING_TOOL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zero: nothing. `failed` is set when there was no memory, and then nothing is added any more. */
typedef struct bytes {
    unsigned char *data;
    size_t size, room;
    bool failed;
} bytes_t;

void bytes_free(bytes_t *bytes);
/* Room for `size` bytes more, which count as there; NULL: no memory. */
unsigned char *bytes_more(bytes_t *bytes, size_t size);
void bytes_put(bytes_t *bytes, const void *data, size_t size);
void bytes_u8(bytes_t *bytes, uint8_t value);
void bytes_u16(bytes_t *bytes, uint16_t value);
void bytes_u32(bytes_t *bytes, uint32_t value);
void bytes_u64(bytes_t *bytes, uint64_t value);
/* Its length in 4 bytes, and then the text. */
void bytes_text(bytes_t *bytes, const char *text);

/* Leaves 4 bytes for a length, or 8, and later writes there how many bytes have come behind them. */
size_t bytes_begin_u32(bytes_t *bytes);
void bytes_end_u32(bytes_t *bytes, size_t begin);
size_t bytes_begin_u64(bytes_t *bytes);
void bytes_end_u64(bytes_t *bytes, size_t begin);

void put_u16(unsigned char *at, uint16_t value);
void put_u32(unsigned char *at, uint32_t value);
void put_u64(unsigned char *at, uint64_t value);
uint16_t get_u16(const unsigned char *at);
uint32_t get_u32(const unsigned char *at);
uint64_t get_u64(const unsigned char *at);

#endif
