/* SPDX-License-Identifier: Apache-2.0 */
/* Directories and files of Windows. */
#include "support/files.h"

#include <windows.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"

static char directory[MAX_PATH];
static bool is_watcher;

void directory_make(void)
{
    char parent[MAX_PATH - 60];
    DWORD length = GetTempPathA(sizeof parent, parent);
    if (length == 0 || length >= sizeof parent)
        exit(2);
    (void)snprintf(directory, sizeof directory, "%sslotring-test.%lu.%llu", parent, GetCurrentProcessId(),
                   (unsigned long long)GetTickCount64());
    if (!CreateDirectoryA(directory, NULL)) {
        fprintf(stderr, "%s: error %lu\n", directory, GetLastError());
        exit(2);
    }
    is_watcher = true;
    (void)SetEnvironmentVariableA("SLOTRING_DIR", directory);
}

const char *directory_path(void)
{
    if (directory[0] == 0 && GetEnvironmentVariableA("SLOTRING_DIR", directory, sizeof directory) == 0)
        return "";
    return directory;
}

/* A file that was removed while somebody has it open keeps a name until that one closes it, where the system has no
 * better way (Wine does not even say that it is on its way out). The watcher, when all have ended, counts them all. */
static bool is_removed(const char *name)
{
    return !is_watcher && strncmp(name, "slotring-gone.", 14) == 0;
}

/* Calls `each` with the path of every entry of a directory. */
static unsigned for_each(const char *path, void (*each)(const char *path, const char *name, void *user),
                         void *user)
{
    char pattern[MAX_PATH + 4], full[2 * MAX_PATH];
    WIN32_FIND_DATAA entry;
    unsigned count = 0;
    (void)snprintf(pattern, sizeof pattern, "%s\\*", path);
    HANDLE listing = FindFirstFileA(pattern, &entry);
    if (listing == INVALID_HANDLE_VALUE)
        return 0;
    do {
        if (strcmp(entry.cFileName, ".") == 0 || strcmp(entry.cFileName, "..") == 0)
            continue;
        (void)snprintf(full, sizeof full, "%s\\%s", path, entry.cFileName);
        if (is_removed(entry.cFileName))
            continue;
        count++;
        each(full, entry.cFileName, user);
    } while (FindNextFileA(listing, &entry));
    FindClose(listing);
    return count;
}

typedef struct text {
    char *at;
    size_t used, size;
} text_t;

static void append(const char *path, const char *name, void *user)
{
    text_t *text = user;
    (void)path;
    if (text->at != NULL && text->used + strlen(name) + 2 < text->size)
        text->used += (size_t)snprintf(text->at + text->used, text->size - text->used, " %s", name);
}

unsigned directory_entries(const char *path, char *names, size_t size)
{
    text_t text = {names, 0, size};
    if (names != NULL)
        names[0] = 0;
    return for_each(path, append, &text);
}

static void remove_one(const char *path, const char *name, void *user)
{
    (void)name;
    if (GetFileAttributesA(path) & FILE_ATTRIBUTE_DIRECTORY) {
        (void)for_each(path, remove_one, user);
        (void)RemoveDirectoryA(path);
    } else {
        (void)DeleteFileA(path);
    }
}

void directory_remove(void)
{
    (void)for_each(directory, remove_one, NULL);
    (void)RemoveDirectoryA(directory);
}

void file_write(const char *path, const void *data, size_t size)
{
    FILE *file = fopen(path, "wb");
    CHECK(file != NULL);
    CHECK_EQUAL(fwrite(data, 1, size, file), size);
    CHECK_EQUAL(fclose(file), 0);
}

size_t file_size(const char *path)
{
    WIN32_FILE_ATTRIBUTE_DATA about;
    CHECK(GetFileAttributesExA(path, GetFileExInfoStandard, &about));
    return about.nFileSizeLow;
}

uint64_t free_mib(void)
{
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};
    CHECK(GlobalMemoryStatusEx(&memory));
    uint64_t bytes =
        memory.ullAvailPhys < memory.ullAvailPageFile ? memory.ullAvailPhys : memory.ullAvailPageFile;
    return bytes >> 20;
}

uint64_t open_files_allowed(void)
{
    return UINT64_MAX; /* memory alone limits them */
}
