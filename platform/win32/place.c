/* SPDX-License-Identifier: Apache-2.0 */
/* Where a ring's two files lie: the record, which leads to the section, and the lock file.
 *
 * File names know no case here, and forbid characters that a ring's name may have. A name of plain characters is its
 * own; any other one is told apart by a hash of its exact bytes, and the record has it in full. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

#define DEFAULT_DIRECTORY L"slotring" /* in the user's own folder for what programs keep on this machine */
#define STEM_MAX 160u                 /* of the 255 that a file name may have */

static bool is_plain(const char *name)
{
    size_t length = strlen(name);

    for (const char *at = name; *at; at++)
        if (!(*at >= 'a' && *at <= 'z') && !(*at >= '0' && *at <= '9') && !strchr("._-", *at))
            return false;
    return length <= STEM_MAX && name[length - 1] != '.';
}

wchar_t *sr__win32_stem_of(const char *name)
{
    wchar_t *stem = sr__win32_wide(name), hash[24];

    if (!stem || is_plain(name))
        return stem;
    for (wchar_t *at = stem; *at; at++) {
        if (*at >= L'A' && *at <= L'Z')
            *at = (wchar_t)(*at - L'A' + L'a');
        else if (wcschr(L"<>:\"|?*~", *at))
            *at = L'_';
    }
    size_t length = wcslen(stem);
    if (length > STEM_MAX)
        length = STEM_MAX;
    if (length > 0 && stem[length - 1] >= 0xd800 && stem[length - 1] < 0xdc00)
        length--; /* half a character */
    stem[length] = L'\0';
    swprintf(hash, sizeof hash / sizeof hash[0], L"~%08lx%08lx",
             (unsigned long)(sr__text_hash(name, SR__HASH_START) >> 32),
             (unsigned long)(sr__text_hash(name, SR__HASH_START) & 0xffffffff));
    wchar_t *made = sr__win32_join(stem, hash, NULL);
    free(stem);
    return made;
}

static bool name_files(sr__place_t *place, const wchar_t *stem)
{
    wchar_t *record = sr__win32_wide(SR__RECORD_PREFIX), *lock = sr__win32_wide(SR__LOCK_PREFIX);

    place->stem = stem ? sr__win32_join(stem, NULL) : NULL;
    if (record && lock && place->stem) {
        place->record_path = sr__win32_join(place->directory, L"\\", record, stem, NULL);
        place->lock_path = sr__win32_join(place->directory, L"\\", lock, stem, NULL);
    }
    free(record);
    free(lock);
    if (!place->record_path || !place->lock_path)
        return false;
    place->record_text = sr__win32_narrow(place->record_path);
    place->lock_text = sr__win32_narrow(place->lock_path);
    return place->record_text && place->lock_text;
}

static wchar_t *default_directory(slotring_error_t *error)
{
    wchar_t *home = sr__win32_environment(L"LOCALAPPDATA");
    wchar_t *directory = home ? sr__win32_join(home, L"\\", DEFAULT_DIRECTORY, NULL) : NULL;

    free(home);
    if (!directory)
        sr__fail(error, SLOTRING_E_NOT_FOUND, 0,
                 "the environment does not say where this user's programs keep their data (LOCALAPPDATA): "
                 "name a directory for rings, by SLOTRING_DIR or as an option");
    else
        CreateDirectoryW(directory, NULL); /* the folder around it is the user's alone */
    return directory;
}

static wchar_t *wanted_directory(const sr__place_config_t *config, slotring_error_t *error)
{
    if (config && config->directory) {
        wchar_t *directory = sr__win32_wide(config->directory);
        if (!directory)
            sr__fail(error, SLOTRING_E_NOT_FOUND, 0, "the directory of rings, \"%.200s\", is not UTF-8",
                     config->directory);
        return directory;
    }
    wchar_t *directory = sr__win32_environment(L"SLOTRING_DIR");
    return directory ? directory : default_directory(error);
}

/* Absolute, since the host may change its working directory, and in the form for long names. */
static wchar_t *full_path(const wchar_t *path)
{
    DWORD size = GetFullPathNameW(path, 0, NULL, NULL);
    wchar_t *full = size > 0 ? calloc(size, sizeof *full) : NULL;

    if (full && GetFullPathNameW(path, size, full, NULL) < size) {
        bool is_long = wcsncmp(full, L"\\\\?\\", 4) == 0 || wcsncmp(full, L"\\\\.\\", 4) == 0;
        bool is_share = !is_long && wcsncmp(full, L"\\\\", 2) == 0;
        wchar_t *made = is_long    ? sr__win32_join(full, NULL)
                        : is_share ? sr__win32_join(L"\\\\?\\UNC\\", full + 2, NULL)
                                   : sr__win32_join(L"\\\\?\\", full, NULL);
        free(full);
        return made;
    }
    free(full);
    return NULL;
}

/* The path that the system has for an open directory: without links. Where it does not say (Wine, when the path is
 * long), the one by which it was opened. */
static wchar_t *final_path(HANDLE directory, const wchar_t *full)
{
    DWORD size = GetFinalPathNameByHandleW(directory, NULL, 0, FILE_NAME_NORMALIZED);
    wchar_t *path = size > 0 ? calloc(size + 1, sizeof *path) : NULL;
    DWORD length = path ? GetFinalPathNameByHandleW(directory, path, size + 1, FILE_NAME_NORMALIZED) : 0;

    if (length > 0 && length <= size)
        return path;
    free(path);
    return sr__win32_join(full, NULL);
}

static int find_directory(sr__place_t *place, const wchar_t *wanted, slotring_error_t *error)
{
    char text[300];
    BY_HANDLE_FILE_INFORMATION about = {0};
    wchar_t *full = full_path(wanted);

    sr__win32_narrow_into(wanted, text, sizeof text);
    HANDLE file =
        full ? CreateFileW(full, FILE_READ_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                           NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL)
             : INVALID_HANDLE_VALUE;
    DWORD number = GetLastError();
    if (file != INVALID_HANDLE_VALUE) {
        place->directory = final_path(file, full);
        number = ERROR_NOT_ENOUGH_MEMORY;
        if (!GetFileInformationByHandle(file, &about) || !sr__win32_identity_of(file, &place->folder))
            about.dwFileAttributes = 0;
        CloseHandle(file);
    }
    free(full);
    if (!place->directory)
        return sr__win32_fail_os(error, number, "cannot use \"%s\" as the directory of rings", text);
    if (!(about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY))
        return sr__fail(error, SLOTRING_E_NOT_FOUND, ERROR_DIRECTORY,
                        "\"%s\" is to be the directory of rings but is not a directory", text);
    size_t length = wcslen(place->directory);
    if (length > 0 && place->directory[length - 1] == L'\\')
        place->directory[length - 1] = L'\0'; /* a drive's */
    return 0;
}

static int find_files(sr__place_t *place, const char *name)
{
    if (!name)
        return 0;
    wchar_t *stem = sr__win32_stem_of(name);
    bool named = name_files(place, stem);
    free(stem);
    snprintf(place->name, sizeof place->name, "%s", name);
    return named ? 0 : SLOTRING_E_NO_MEMORY;
}

int sr__win32_place_open(const sr__place_config_t *config, const char *name, sr__place_t **place,
                         slotring_error_t *error)
{
    sr__place_t *made = calloc(1, sizeof *made);
    int failed = made ? 0 : SLOTRING_E_NO_MEMORY;

    *place = NULL;
    if (failed == 0) {
        wchar_t *wanted = wanted_directory(config, error);
        failed = wanted ? find_directory(made, wanted, error) : SLOTRING_E_NOT_FOUND;
        free(wanted);
    }
    if (failed == 0 && config && config->trusted_owner) {
        made->has_trusted = sr__win32_account_find(config->trusted_owner, &made->trusted);
        if (!made->has_trusted)
            failed =
                sr__fail(error, SLOTRING_E_INVALID, (int)GetLastError(),
                         "no user \"%s\" is known on this machine (a name, or S-1-…)", config->trusted_owner);
    }
    if (failed == 0)
        failed = find_files(made, name);
    if (failed == SLOTRING_E_NO_MEMORY)
        sr__fail(error, failed, ERROR_NOT_ENOUGH_MEMORY, "no memory for the paths of a ring");
    if (failed != 0) {
        sr__win32_place_free(made);
        return failed;
    }
    *place = made;
    return 0;
}

sr__place_t *sr__win32_place_beside(const sr__place_t *place, const wchar_t *stem)
{
    sr__place_t *made = calloc(1, sizeof *made);

    if (!made)
        return NULL;
    made->has_trusted = place->has_trusted;
    made->trusted = place->trusted;
    made->folder = place->folder;
    made->directory = sr__win32_join(place->directory, NULL);
    if (!made->directory || !name_files(made, stem)) {
        sr__win32_place_free(made);
        return NULL;
    }
    return made;
}

sr__place_t *sr__win32_place_copy(const sr__place_t *place)
{
    sr__place_t *made = sr__win32_place_beside(place, place->stem);

    if (made)
        memcpy(made->name, place->name, sizeof made->name);
    return made;
}

void sr__win32_place_free(sr__place_t *place)
{
    if (!place)
        return;
    free(place->stem);
    free(place->record_path);
    free(place->lock_path);
    free(place->record_text);
    free(place->lock_text);
    free(place->directory);
    free(place);
}
