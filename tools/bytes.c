/* SPDX-License-Identifier: Apache-2.0 */
#include "bytes.h"

#include <stdlib.h>
#include <string.h>

void bytes_free(bytes_t *bytes)
{
    free(bytes->data);
    *bytes = (bytes_t){0};
}

static bool grow(bytes_t *bytes, size_t size)
{
    size_t room = bytes->room ? bytes->room : 256;
    if (size > SIZE_MAX / 2 - bytes->size)
        return false;
    while (room < bytes->size + size)
        room *= 2;
    unsigned char *larger = realloc(bytes->data, room);
    if (!larger)
        return false;
    bytes->data = larger;
    bytes->room = room;
    return true;
}

unsigned char *bytes_more(bytes_t *bytes, size_t size)
{
    if (bytes->failed || (bytes->room - bytes->size < size && !grow(bytes, size))) {
        bytes->failed = true;
        return NULL;
    }
    unsigned char *at = bytes->data + bytes->size;
    bytes->size += size;
    return at;
}

void bytes_put(bytes_t *bytes, const void *data, size_t size)
{
    unsigned char *at = size > 0 ? bytes_more(bytes, size) : NULL;
    if (at)
        memcpy(at, data, size);
}

void bytes_u8(bytes_t *bytes, uint8_t value)
{
    bytes_put(bytes, &value, 1);
}

void bytes_u16(bytes_t *bytes, uint16_t value)
{
    unsigned char at[2];
    put_u16(at, value);
    bytes_put(bytes, at, sizeof at);
}

void bytes_u32(bytes_t *bytes, uint32_t value)
{
    unsigned char at[4];
    put_u32(at, value);
    bytes_put(bytes, at, sizeof at);
}

void bytes_u64(bytes_t *bytes, uint64_t value)
{
    unsigned char at[8];
    put_u64(at, value);
    bytes_put(bytes, at, sizeof at);
}

void bytes_text(bytes_t *bytes, const char *text)
{
    size_t length = strlen(text);
    bytes_u32(bytes, (uint32_t)length);
    bytes_put(bytes, text, length);
}

size_t bytes_begin_u32(bytes_t *bytes)
{
    bytes_u32(bytes, 0);
    return bytes->size;
}

void bytes_end_u32(bytes_t *bytes, size_t begin)
{
    if (!bytes->failed)
        put_u32(bytes->data + begin - 4, (uint32_t)(bytes->size - begin));
}

size_t bytes_begin_u64(bytes_t *bytes)
{
    bytes_u64(bytes, 0);
    return bytes->size;
}

void bytes_end_u64(bytes_t *bytes, size_t begin)
{
    if (!bytes->failed)
        put_u64(bytes->data + begin - 8, bytes->size - begin);
}

void put_u16(unsigned char *at, uint16_t value)
{
    at[0] = (unsigned char)value;
    at[1] = (unsigned char)(value >> 8);
}

void put_u32(unsigned char *at, uint32_t value)
{
    put_u16(at, (uint16_t)value);
    put_u16(at + 2, (uint16_t)(value >> 16));
}

void put_u64(unsigned char *at, uint64_t value)
{
    put_u32(at, (uint32_t)value);
    put_u32(at + 4, (uint32_t)(value >> 32));
}

uint16_t get_u16(const unsigned char *at)
{
    return (uint16_t)(at[0] | at[1] << 8);
}

uint32_t get_u32(const unsigned char *at)
{
    return get_u16(at) | (uint32_t)get_u16(at + 2) << 16;
}

uint64_t get_u64(const unsigned char *at)
{
    return get_u32(at) | (uint64_t)get_u32(at + 4) << 32;
}
