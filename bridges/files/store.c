/* SPDX-License-Identifier: Apache-2.0 */
/* A rename stores an entry, and a rename stores the counts, so a kill leaves nothing that is half done: at most a file "new", which the
 * next append overwrites, and entries that were acknowledged and not yet taken away, which the next look takes away. */
#include "files/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 460
#define ENTRY_FORMAT "%s/e%020" PRIu64

typedef struct path {
    char text[PATH_SIZE];
} path_t;

static path_t path_of(const store_t *store, const char *name)
{
    path_t path;
    (void)snprintf(path.text, sizeof path.text, "%s/%s", store->folder, name);
    return path;
}

static path_t entry_path(const store_t *store, uint64_t sequence)
{
    path_t path;
    (void)snprintf(path.text, sizeof path.text, ENTRY_FORMAT, store->folder, sequence);
    return path;
}

static int write_all(int file, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t written = write(file, at, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -1;
        at += written;
        size -= (size_t)written;
    }
    return 0;
}

static int write_as(const store_t *store, const char *to, const void *bytes, size_t size)
{
    path_t new = path_of(store, "new");
    int file = open(new.text, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0)
        return -1;
    int failed = write_all(file, bytes, size);
    if (close(file) != 0)
        failed = -1;
    return failed ? -1 : rename(new.text, to);
}

static int save_counts(const store_t *store)
{
    uint64_t counts[2] = {store->dropped, store->lives};
    return write_as(store, path_of(store, "counts").text, counts, sizeof counts);
}

static int load_counts(store_t *store)
{
    uint64_t counts[2] = {0, 0};
    int file = open(path_of(store, "counts").text, O_RDONLY | O_CLOEXEC);
    if (file < 0 && errno != ENOENT)
        return -1;
    if (file >= 0) {
        ssize_t got = read(file, counts, sizeof counts);
        (void)close(file);
        if (got != (ssize_t)sizeof counts)
            return errno = EIO, -1;
    }
    store->dropped = counts[0];
    store->lives = counts[1];
    return 0;
}

/* Looks at every name: the log is short, for whoever reads it acknowledges. */
static int find_last(store_t *store)
{
    DIR *folder = opendir(store->folder);
    if (folder == NULL)
        return -1;
    store->last = store->dropped;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char *end;
        if (entry->d_name[0] != 'e')
            continue;
        uint64_t sequence = strtoull(entry->d_name + 1, &end, 10);
        if (*end != 0)
            continue;
        if (sequence <= store->dropped)
            (void)unlinkat(dirfd(folder), entry->d_name, 0);
        else if (sequence > store->last)
            store->last = sequence;
    }
    return closedir(folder);
}

int store_open(store_t *store, const char *folder)
{
    *store = (store_t){.lock = -1};
    if (strlen(folder) >= sizeof store->folder)
        return errno = ENAMETOOLONG, -1;
    (void)snprintf(store->folder, sizeof store->folder, "%s", folder);
    store->lock = open(path_of(store, "lock").text, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return store->lock < 0 ? -1 : 0;
}

void store_close(store_t *store)
{
    if (store->lock >= 0)
        (void)close(store->lock);
    store->lock = -1;
}

int store_enter(store_t *store)
{
    while (flock(store->lock, LOCK_EX) != 0)
        if (errno != EINTR)
            return -1;
    store->is_cut = access(path_of(store, "cut").text, F_OK) == 0;
    store->is_deaf = access(path_of(store, "deaf").text, F_OK) == 0;
    if (load_counts(store) == 0 && find_last(store) == 0)
        return 0;
    store_leave(store);
    return -1;
}

void store_leave(store_t *store)
{
    int saved = errno;
    (void)flock(store->lock, LOCK_UN);
    errno = saved;
}

int store_append(store_t *store, const void *bytes, size_t size)
{
    if (write_as(store, entry_path(store, store->last + 1).text, bytes, size) != 0)
        return -1;
    store->last++;
    return 0;
}

int store_read(const store_t *store, uint64_t sequence, uint8_t **buffer, size_t *room, size_t *size)
{
    int file = open(entry_path(store, sequence).text, O_RDONLY | O_CLOEXEC);
    struct stat is;
    if (file < 0)
        return -1;
    int failed = fstat(file, &is);
    if (!failed && (size_t)is.st_size > *room) {
        uint8_t *larger = realloc(*buffer, (size_t)is.st_size);
        failed = larger == NULL ? -1 : 0;
        *buffer = larger != NULL ? larger : *buffer;
        *room = larger != NULL ? (size_t)is.st_size : *room;
    }
    for (*size = 0; !failed && *size < (size_t)is.st_size;) {
        ssize_t got = read(file, *buffer + *size, (size_t)is.st_size - *size);
        if (got == 0)
            errno = EIO;
        if (got <= 0 && !(got < 0 && errno == EINTR))
            failed = -1;
        else if (got > 0)
            *size += (size_t)got;
    }
    int saved = errno;
    (void)close(file);
    errno = saved;
    return failed;
}

int store_drop(store_t *store, uint64_t upto)
{
    uint64_t before = store->dropped;
    if (upto <= before)
        return 0;
    store->dropped = upto < store->last ? upto : store->last;
    if (save_counts(store) != 0)
        return -1;
    for (uint64_t sequence = before + 1; sequence <= store->dropped; sequence++)
        (void)unlink(entry_path(store, sequence).text);
    return 0;
}

int store_lose(store_t *store, uint64_t entries)
{
    while (entries-- > 0 && store->last > store->dropped)
        if (unlink(entry_path(store, store->last--).text) != 0)
            return -1;
    if (store->last == store->dropped)
        store->last = store->dropped = 0;
    store->lives++;
    return save_counts(store);
}

/* A file that stands for a fault. */
static int set_fault(const store_t *store, const char *name, bool on)
{
    path_t path = path_of(store, name);
    if (!on)
        return unlink(path.text) == 0 || errno == ENOENT ? 0 : -1;
    int file = open(path.text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return file < 0 ? -1 : close(file);
}

int store_cut(const store_t *store, bool cut)
{
    return set_fault(store, "cut", cut);
}

int store_deafen(const store_t *store, bool deaf)
{
    return set_fault(store, "deaf", deaf);
}
