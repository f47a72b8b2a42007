/* SPDX-License-Identifier: Apache-2.0 */
/* Names that every system takes: of files, under the hash of the ring's name, since names of up to 200 bytes that are
 * compared as bytes fit into no file system that folds cases or normalises; of objects, short and at random. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "posix/registry/registry_internal.h"

bool sr__posix_hash_of(const char *file, char digits[SR__HASH_DIGITS + 1], const char **rest)
{
    const char *at = file + sizeof SR__ENTRY_PREFIX - 1;

    if (strspn(at, "0123456789abcdef") != SR__HASH_DIGITS)
        return false;
    memcpy(digits, at, SR__HASH_DIGITS);
    digits[SR__HASH_DIGITS] = '\0';
    *rest = at + SR__HASH_DIGITS;
    return true;
}

void sr__posix_object_name(const sr__place_t *place, const char *id, char object[SR__OBJECT_SIZE])
{
    uint64_t registry = sr__text_hash(place->directory, SR__HASH_START);

    snprintf(object, SR__OBJECT_SIZE, SR__OBJECT_PREFIX "%08lx.%.16s",
             (unsigned long)(uint32_t)(registry ^ registry >> 32), id);
}

bool sr__posix_place_name_by_hash(sr__place_t *place, const char *digits)
{
    char lock[SR__HASH_DIGITS + sizeof ".lock"];

    snprintf(lock, sizeof lock, "%s.lock", digits);
    place->segment_path = sr__posix_join(place->directory, SR__ENTRY_PREFIX, digits);
    place->lock_path = sr__posix_join(place->directory, SR__ENTRY_PREFIX, lock);
    return place->segment_path && place->lock_path;
}

bool sr__posix_place_name(sr__place_t *place, const char *name)
{
    char digits[SR__HASH_DIGITS + 1];

    sr__text_hash_digits(name, digits);
    place->name = strdup(name);
    return place->name && sr__posix_place_name_by_hash(place, digits);
}

bool sr__posix_new_id(char id[SR__ID_DIGITS + 1])
{
    uint8_t bytes[SR__ID_DIGITS / 2];

    if (sr__posix_random(bytes, sizeof bytes) != 0)
        return false;
    sr__text_hex(bytes, sizeof bytes, id);
    return true;
}

char *sr__posix_journal_path(const sr__place_t *place, const char *id)
{
    size_t size = strlen(place->segment_path) + sizeof ".new." + SR__ID_DIGITS;
    char *path = malloc(size);

    if (path)
        snprintf(path, size, "%s.new.%s", place->segment_path, id);
    return path;
}
