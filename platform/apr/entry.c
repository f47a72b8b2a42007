/* SPDX-License-Identifier: Apache-2.0 */
/* The entry of a ring: a small text file that leads from the ring's name to its object. It is complete before it has
 * its name, so whoever finds half of one has found something else. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apr/apr_internal.h"

#define WHAT "the ring's entry"
#define FIRST_LINE "slotring-apr 1"
#define ENTRY_MAX (SR__APR_OBJECT_MAX + SLOTRING_NAME_MAX + 256)

/* What it says is used to open and to remove: an object's path must be one that this backend makes. */
static bool parse(char *text, sr__entry_t *entry)
{
    char *end;
    const char *version = sr__text_line(&text, "slotring-apr");
    const char *id = version ? sr__text_line(&text, "id") : NULL;
    const char *size = id ? sr__text_line(&text, "size") : NULL;
    const char *object = size ? sr__text_line(&text, "object") : NULL;
    const char *name = object ? sr__text_line(&text, "name") : NULL;

    if (!name || strcmp(version, "1") != 0 || !sr__text_is_hex(id, SR__APR_ID_DIGITS) || *text)
        return false;
    entry->size = strtoull(size, &end, 10);
    if (*size < '0' || *size > '9' || *end || strlen(object) > SR__APR_OBJECT_MAX ||
        strlen(name) > SLOTRING_NAME_MAX)
        return false;
    const char *file = strrchr(object, '/');
    if (!file || strncmp(file + 1, SR__APR_PREFIX, strlen(SR__APR_PREFIX)) != 0 || !strstr(file, id))
        return false;
    memcpy(entry->id, id, sizeof entry->id);
    snprintf(entry->object, sizeof entry->object, "%s", object);
    snprintf(entry->name, sizeof entry->name, "%s", name);
    return true;
}

static int read_open(const sr__place_t *place, const char *path, apr_pool_t *pool, sr__entry_t *entry,
                     slotring_error_t *error)
{
    char text[ENTRY_MAX + 1], what[SLOTRING_NAME_MAX + 32] = WHAT;
    apr_file_t *file;
    apr_finfo_t info;
    apr_size_t got = 0;

    if (place->name)
        snprintf(what, sizeof what, "the entry of ring \"%s\",", place->name);
    int failed = sr__apr_file_open(place, path, what, pool, &file, &info, error);
    if (failed != 0)
        return failed;
    entry->identity = sr__apr_identity_of(&info);
    entry->owner = (uint64_t)info.user;
    apr_status_t status = apr_file_read_full(file, text, ENTRY_MAX, &got);
    text[got] = '\0';
    if (status == APR_SUCCESS || strlen(text) != got ||
        !parse(text, entry)) /* success: as much as fits, or more */
        return sr__fail(
            error, SLOTRING_E_NOT_A_RING, 0,
            "%s is not the entry of ring \"%s\": it has %llu bytes that backend \"apr\" did not write", path,
            place->name ? place->name : "?", (unsigned long long)info.size);
    if (place->name && strcmp(place->name, entry->name) != 0)
        return sr__fail(
            error, SLOTRING_E_NOT_A_RING, 0,
            "%s is the entry of ring \"%s\", not of \"%s\": the two names have one hash, use another", path,
            entry->name, place->name);
    return 0;
}

int sr__apr_entry_read(const sr__place_t *place, const char *path, sr__entry_t *entry,
                       slotring_error_t *error)
{
    apr_pool_t *pool = sr__apr_pool();

    if (!pool)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory to read %s", path);
    /* A descriptor that is open for a moment, without a lock: nothing happens if a child gets it. */
    int failed = read_open(place, path, pool, entry, error);
    apr_pool_destroy(pool);
    return failed;
}

int sr__apr_entry_write(sr__lock_file_t *journal, const sr__entry_t *entry, slotring_error_t *error)
{
    char text[ENTRY_MAX + 1];
    apr_off_t start = 0;
    int size = snprintf(text, sizeof text, FIRST_LINE "\nid %s\nsize %llu\nobject %s\nname %s\n", entry->id,
                        (unsigned long long)entry->size, entry->object, entry->name);

    if (size < 0 || (size_t)size > ENTRY_MAX)
        return sr__fail(error, SLOTRING_E_NAME, 0, "the path %s is too long for an object", entry->object);
    apr_status_t status = apr_file_seek(journal->handle, APR_SET, &start);
    if (status == APR_SUCCESS)
        status = apr_file_write_full(journal->handle, text, (apr_size_t)size, NULL);
    if (status == APR_SUCCESS)
        return 0;
    const char *path = NULL;
    apr_file_name_get(&path, journal->handle);
    return sr__apr_fail(error, status, "cannot write %s %s for ring \"%s\"", WHAT, path ? path : "",
                        entry->name);
}

/* apr_shm_create writes to an object's first page without having paid for it: in a file system that is full, that is a
 * SIGBUS. Where the folder lies in the same one, this takes a page and gives it back a moment before. */
int sr__apr_entry_reserve(sr__lock_file_t *journal, slotring_error_t *error)
{
    static const char page[2 * 4096];
    apr_off_t size = 0;
    apr_status_t status = apr_file_seek(journal->handle, APR_CUR, &size);

    if (status == APR_SUCCESS)
        status = apr_file_write_full(journal->handle, page, sizeof page, NULL);
    if (status == APR_SUCCESS)
        status = apr_file_trunc(journal->handle, size);
    if (status == APR_SUCCESS)
        return 0;
    return sr__apr_fail(error, status, "no room for %s", WHAT);
}

bool sr__apr_journal_path(const sr__place_t *place, const char *id, char *path, size_t size)
{
    int length = place->entry
                     ? snprintf(path, size, "%s.new.%s", place->entry, id)
                     : snprintf(path, size, "%s/" SR__APR_PREFIX "%032d.new.%s", place->directory, 0, id);
    return length > 0 && (size_t)length < size;
}

bool sr__apr_hash_of(const char *file, char hash[SR__HASH_DIGITS + 1])
{
    const char *digits = file + sizeof SR__APR_PREFIX - 1;

    if (strspn(digits, "0123456789abcdef") != SR__HASH_DIGITS)
        return false;
    memcpy(hash, digits, SR__HASH_DIGITS);
    hash[SR__HASH_DIGITS] = '\0';
    return true;
}

bool sr__apr_new_id(char id[SR__APR_ID_DIGITS + 1])
{
    uint8_t bytes[SR__APR_ID_DIGITS / 2];

    if (sr__apr_random(bytes, sizeof bytes) != 0)
        return false;
    sr__text_hex(bytes, sizeof bytes, id);
    return true;
}
