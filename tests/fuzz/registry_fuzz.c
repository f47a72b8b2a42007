/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of rings in which somebody wrote: files of a ring that are not what they were, and files that look like a
 * ring's. Then everything that goes by name. Allowed is an error; not allowed is a crash, a loop without end, or that
 * anything outside the folder is touched.
 *
 * The input: a byte that picks the backend, then changes. Each is one byte of how, one of which file, one of where, one
 * of how long its text is, and the text. */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "folder.h"
#include "platform.h"
#include "slotring/slotring.h"

#define NAME "run"
#define FILES_MAX 16
#define CONTENT_MAX 65536

enum how {
    REPLACE = 0, /* the content by the text */
    OVERWRITE = 1,
    CUT = 2,
    NEW_FILE = 3, /* its name is the text up to the first line's end, its content the rest */
    LINK = 4,     /* a second name for the file */
    HOWS = 5,
};

typedef struct file {
    char name[256];
    uint8_t content[CONTENT_MAX];
    size_t size;
} file_t;

static file_t files[FILES_MAX];
static unsigned count;
static int folder;

static int by_name(const void *a, const void *b)
{
    return strcmp(((const file_t *)a)->name, ((const file_t *)b)->name);
}

/* Remembers what the folder holds. */
static void look_at_files(void)
{
    DIR *directory = opendir(folder_path());
    if (!directory)
        abort();
    count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) != NULL && count < FILES_MAX;) {
        file_t *file = &files[count];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        int open_file = openat(folder, entry->d_name, O_RDONLY | O_CLOEXEC);
        struct stat status;
        if (open_file < 0 || fstat(open_file, &status) != 0)
            abort();
        if (S_ISDIR(status.st_mode)) { /* of death locks */
            close(open_file);
            continue;
        }
        ssize_t size = read(open_file, file->content, CONTENT_MAX);
        if (size < 0)
            abort();
        close(open_file);
        file->size = (size_t)size;
        snprintf(file->name, sizeof file->name, "%s", entry->d_name);
        count++;
    }
    closedir(directory);
    qsort(files, count, sizeof *files, by_name);
}

static void write_file(const char *name, int flags, size_t at, const uint8_t *content, size_t size)
{
    int file = openat(folder, name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | flags, 0600);
    if (file < 0)
        return; /* no name for a file */
    if (pwrite(file, content, size, (off_t)at) != (ssize_t)size)
        abort();
    close(file);
}

/* The line's end is a byte 10; anything else may stand in a name, and what the system refuses is no file. */
static void make_file(const uint8_t *text, size_t size)
{
    char name[256];
    const uint8_t *end = memchr(text, '\n', size);
    size_t length = end ? (size_t)(end - text) : size;
    if (length == 0 || length >= sizeof name || memchr(text, '/', length) || memchr(text, 0, length))
        return;
    memcpy(name, text, length);
    name[length] = '\0';
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return;
    write_file(name, O_CREAT | O_TRUNC, 0, end ? end + 1 : text, end ? size - length - 1 : 0);
}

static void change(uint8_t how, uint8_t which, uint8_t where, const uint8_t *text, size_t size)
{
    if (count == 0)
        return;
    const file_t *file = &files[which % count];
    switch (how % HOWS) {
    case REPLACE:
        write_file(file->name, O_TRUNC, 0, text, size);
        break;
    case OVERWRITE:
        write_file(file->name, 0, where, text, size);
        break;
    case CUT: {
        int cut = openat(folder, file->name, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
        if (cut >= 0 && ftruncate(cut, (off_t)(where * 37)) != 0)
            abort();
        if (cut >= 0)
            close(cut);
        break;
    }
    case NEW_FILE:
        make_file(text, size);
        break;
    default: {
        char name[300];
        snprintf(name, sizeof name, "%.200s.%u", file->name, where);
        (void)linkat(folder, file->name, folder, name, 0);
    }
    }
}

static bool was_there(const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(files[i].name, name) == 0)
            return true;
    return false;
}

/* As it was, so that what the ring has outside the folder can go with it. */
static void restore(void)
{
    DIR *directory = opendir(folder_path());
    if (!directory)
        abort();
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;)
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 && !was_there(entry->d_name))
            (void)unlinkat(folder, entry->d_name, 0);
    closedir(directory);
    for (unsigned i = 0; i < count; i++)
        write_file(files[i].name, O_CREAT | O_TRUNC, 0, files[i].content, files[i].size);
}

static void set_options(slotring_options_t *options, uint32_t mode, const char *backend)
{
    slotring_options_init(options);
    options->mode = mode;
    options->backend = backend;
    options->slot_size = 64;
    options->total_size = 256;
    options->max_participants = 4;
    options->max_readers = 2;
    options->lock_timeout_ns = 1000000;
}

static void try_to_open(const char *name, uint32_t mode, const char *backend)
{
    slotring_options_t options;
    slotring_t *ring;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    set_options(&options, mode, backend);
    if (slotring_open(&ring, name, &options, NULL) != 0)
        return;
    if (slotring_get_stats(ring, &stats) == 0 && stats.slots_free > 4)
        abort();
    (void)slotring_close(ring);
}

static void use_by_name(const char *backend)
{
    slotring_options_t options;
    slotring_list_entry_t list[FILES_MAX];
    uint32_t rings = 0;
    set_options(&options, SLOTRING_ATTACH, backend);
    if (slotring_list(&options, list, FILES_MAX, &rings, NULL) != 0)
        rings = 0;
    for (uint32_t i = 0; i < rings && i < FILES_MAX; i++) {
        try_to_open(list[i].name, SLOTRING_OBSERVE, backend);
        try_to_open(list[i].name, SLOTRING_ATTACH, backend);
        (void)slotring_unlink(list[i].name, SLOTRING_UNLINK_IF_UNUSED, &options, NULL);
    }
    try_to_open(NAME, SLOTRING_OBSERVE, backend);
    try_to_open(NAME, SLOTRING_ATTACH, backend);
    (void)slotring_unlink(NAME, SLOTRING_UNLINK_WHEN_UNUSED, &options, NULL);
    try_to_open(NAME, SLOTRING_CREATE, backend);
    try_to_open(NAME, SLOTRING_CREATE_OR_ATTACH, backend);
    (void)slotring_unlink(NAME, SLOTRING_UNLINK_FORCE, &options, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned backends = 0;
    slotring_options_t options;
    slotring_t *ring;
    if (size == 0)
        return 0;
    folder_make();
    if (folder == 0 && (folder = open(folder_path(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0)
        abort();
    while (sr__backends[backends])
        backends++;
    const char *backend = sr__backends[data[0] % backends]->name;
    set_options(&options, SLOTRING_CREATE, backend);
    if (slotring_open(&ring, NAME, &options, NULL) != 0 || slotring_close(ring) != 0)
        abort();
    look_at_files();
    for (data++, size--; size >= 4;) {
        size_t length = data[3] < size - 4 ? data[3] : size - 4;
        change(data[0], data[1], data[2], data + 4, length);
        data += 4 + length;
        size -= 4 + length;
    }
    use_by_name(backend);
    restore();
    (void)slotring_unlink(NAME, SLOTRING_UNLINK_FORCE, &options, NULL);
    count = 0;
    restore(); /* nothing is left */
    return 0;
}
