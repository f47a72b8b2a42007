/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"

static char directory[256];

void directory_make(void)
{
    const char *parent = access("/dev/shm", W_OK | X_OK) == 0 ? "/dev/shm" : "/tmp";
    (void)snprintf(directory, sizeof directory, "%s/slotring-test.XXXXXX", parent);
    if (mkdtemp(directory) == NULL) {
        perror(directory);
        exit(2);
    }
    (void)setenv("SLOTRING_DIR", directory, 1);
}

const char *directory_path(void)
{
    return directory[0] != 0 ? directory : getenv("SLOTRING_DIR");
}

unsigned directory_entries(const char *path, char *names, size_t size)
{
    unsigned count = 0;
    size_t used = 0;
    DIR *listing = opendir(path);
    if (names != NULL)
        names[0] = 0;
    if (listing == NULL)
        return 0;
    for (struct dirent *entry; (entry = readdir(listing)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        count++;
        if (names != NULL && used + strlen(entry->d_name) + 2 < size)
            used += (size_t)snprintf(names + used, size - used, " %s", entry->d_name);
    }
    closedir(listing);
    return count;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *position)
{
    (void)status, (void)type, (void)position;
    return remove(path);
}

void directory_remove(void)
{
    (void)nftw(directory, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void check_nothing_left(void)
{
    char names[600];
    unsigned count = directory_entries(directory_path(), names, sizeof names);
    if (count != 0)
        FAIL("%u entries left in %s:%s", count, directory_path(), names);
}

const char *ring_path(const char *name)
{
    static char path[600];
    (void)snprintf(path, sizeof path, "%s/slotring.%s", directory_path(), name);
    return path;
}

const char *ring_lock_path(const char *name)
{
    static char path[600];
    (void)snprintf(path, sizeof path, "%s/slotring-lock.%s", directory_path(), name);
    return path;
}

void file_write(const char *path, const void *data, size_t size)
{
    int file = open(path, O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
    CHECK_SYSTEM(file);
    CHECK_EQUAL(write(file, data, size), size);
    close(file);
}

size_t file_size(const char *path)
{
    struct stat status;
    CHECK_SYSTEM(stat(path, &status));
    return (size_t)status.st_size;
}

void *file_map(const char *path, size_t *size)
{
    int file = open(path, O_RDWR | O_CLOEXEC);
    CHECK_SYSTEM(file);
    *size = file_size(path);
    void *memory = mmap(NULL, *size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    CHECK(memory != MAP_FAILED);
    close(file);
    return memory;
}

void file_unmap(void *memory, size_t size)
{
    CHECK_SYSTEM(munmap(memory, size));
}
