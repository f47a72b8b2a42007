/* SPDX-License-Identifier: Apache-2.0 */
/* The entry of a ring: a small text that leads from its name to its object. It is complete before it has its name, so
 * whoever finds half of one has found something else. Everybody may read it: the rights are the object's. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "posix/registry/registry_internal.h"

#define WHAT "the ring's entry"
#define ENTRY_MAX (SLOTRING_NAME_MAX + 256)

static bool number(const char *text, uint64_t limit, uint64_t *value)
{
    char *end;

    errno = 0;
    *value = strtoull(text, &end, 10);
    return *text >= '0' && *text <= '9' && !*end && errno == 0 && *value <= limit;
}

/* "/sr.XXXXXXXX.XXXXXXXXXXXXXXXX": what is named here is opened, and removed. */
static bool is_object(const char *text)
{
    size_t skip = sizeof SR__OBJECT_PREFIX - 1;

    return strncmp(text, SR__OBJECT_PREFIX, skip) == 0 && strlen(text) == skip + 9 + SR__ID_DIGITS &&
           strspn(text + skip, "0123456789abcdef") == 8 && text[skip + 8] == '.' &&
           sr__text_is_hex(text + skip + 9, SR__ID_DIGITS);
}

static bool parse(char *text, sr__entry_t *entry)
{
    uint64_t kind;
    const char *version = sr__text_line(&text, "slotring-posix");
    const char *object = version ? sr__text_line(&text, "object") : NULL;
    const char *size = object ? sr__text_line(&text, "size") : NULL;
    const char *ring = size ? sr__text_line(&text, "ring") : NULL;
    const char *backend = ring ? sr__text_line(&text, "backend") : NULL;
    const char *name = backend ? sr__text_line(&text, "name") : NULL;

    if (!name || *text || strcmp(version, "1") != 0 || !is_object(object) ||
        !number(size, INT64_MAX, &entry->size) || !sr__text_is_hex(ring, 32) ||
        !number(backend, UINT32_MAX, &kind) || !*name || strlen(name) > SLOTRING_NAME_MAX)
        return false;
    memcpy(entry->object, object, strlen(object) + 1);
    memcpy(entry->ring_id, ring, sizeof entry->ring_id);
    memcpy(entry->name, name, strlen(name) + 1);
    entry->kind = (uint32_t)kind;
    return true;
}

/* As much as there is; -1: errno. */
static ssize_t read_all(int fd, char *text, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t got = read(fd, text + done, size - done);
        if (got < 0 && errno != EINTR)
            return -1;
        if (got == 0)
            break;
        if (got > 0)
            done += (size_t)got;
    }
    return (ssize_t)done;
}

static int open_anybodys(const char *path, int *fd, struct stat *status)
{
    *fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (*fd < 0)
        return sr__posix_code_of(errno);
    if (fstat(*fd, status) == 0 && S_ISREG(status->st_mode))
        return 0;
    close(*fd);
    return SLOTRING_E_NOT_A_RING;
}

int sr__posix_entry_read(const sr__place_t *place, const char *path, bool distrust, const char *name,
                         sr__entry_t *entry, slotring_error_t *error)
{
    char text[ENTRY_MAX + 1], what[SLOTRING_NAME_MAX + 32] = WHAT;
    struct stat status;
    int fd;

    if (name)
        snprintf(what, sizeof what, "the entry of ring \"%s\",", name);
    /* A descriptor that is open for a moment, without a lock: nothing happens if a child gets it. */
    int failed = distrust ? sr__posix_file_open(place, path, false, what, &fd, &status, error)
                          : open_anybodys(path, &fd, &status);

    if (failed != 0)
        return failed;
    ssize_t got = read_all(fd, text, ENTRY_MAX);
    int os_code = errno;
    close(fd);
    if (got < 0)
        return sr__posix_fail_os(error, os_code, "cannot read %s %s", what, path);
    text[got] = '\0';
    entry->owner = status.st_uid;
    if (got == ENTRY_MAX || strlen(text) != (size_t)got || !parse(text, entry))
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0,
                        "%s, which should be %s is not: it has %lld bytes that this library did not write",
                        path, what, (long long)status.st_size);
    if (name && strcmp(name, entry->name) != 0)
        return sr__fail(
            error, SLOTRING_E_NOT_A_RING, 0,
            "%s is the entry of ring \"%s\", not of \"%s\": the two names have one hash, use another", path,
            entry->name, name);
    return 0;
}

int sr__posix_entry_write(int fd, const char *path, const sr__entry_t *entry, slotring_error_t *error)
{
    char text[ENTRY_MAX + 1];
    int size =
        snprintf(text, sizeof text, "slotring-posix 1\nobject %s\nsize %llu\nring %s\nbackend %u\nname %s\n",
                 entry->object, (unsigned long long)entry->size, entry->ring_id, entry->kind, entry->name);
    ssize_t written = pwrite(fd, text, (size_t)size, 0);

    if (written == size)
        return 0;
    return sr__posix_fail_os(
        error, written < 0 ? errno : ENOSPC,
        "cannot write %s %s for ring \"%s\" (no room in its directory? free some space there)", WHAT, path,
        entry->name);
}
