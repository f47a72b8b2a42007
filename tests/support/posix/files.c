/* SPDX-License-Identifier: Apache-2.0 */
/* Directories and files of POSIX. */
#include "support/files.h"

#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "support/check.h"
#include "support/posix/system.h"

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

uint64_t free_mib(void)
{
    struct statvfs status;
    CHECK_SYSTEM(statvfs(directory_path(), &status));
    uint64_t space = (uint64_t)status.f_bavail * status.f_frsize / (UINT64_C(1) << 20);
    uint64_t memory = system_free_mib();
    return space < memory ? space : memory;
}

uint64_t open_files_allowed(void)
{
    struct rlimit files;
    CHECK_SYSTEM(getrlimit(RLIMIT_NOFILE, &files));
    files.rlim_cur = files.rlim_max < 8192 ? files.rlim_max : 8192;
    CHECK_SYSTEM(setrlimit(RLIMIT_NOFILE, &files));
    return (uint64_t)files.rlim_cur;
}
