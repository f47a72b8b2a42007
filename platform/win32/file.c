/* SPDX-License-Identifier: Apache-2.0 */
/* Files: opened with distrust, recognised again later, removed for good. */
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

bool sr__win32_identity_of(HANDLE file, sr__identity_t *identity)
{
    BY_HANDLE_FILE_INFORMATION about;

    if (!GetFileInformationByHandle(file, &about))
        return false;
    identity->device = about.dwVolumeSerialNumber;
    identity->object = (uint64_t)about.nFileIndexHigh << 32 | about.nFileIndexLow;
    return true;
}

bool sr__win32_path_is(const wchar_t *path, sr__identity_t identity)
{
    sr__identity_t found;
    HANDLE file = CreateFileW(path, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING,
                              FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return false;
    bool same = sr__win32_identity_of(file, &found) && sr__identity_equal(found, identity);
    CloseHandle(file);
    return same;
}

static int distrust(const sr__place_t *place, HANDLE file, const char *text, const char *what,
                    slotring_error_t *error)
{
    const DWORD not_plain = FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT;
    BY_HANDLE_FILE_INFORMATION about;
    sr__sid_t owner;

    if (!GetFileInformationByHandle(file, &about))
        return sr__win32_fail_os(error, GetLastError(), "cannot look at %s %s", what, text);
    if ((about.dwFileAttributes & not_plain) || GetFileType(file) != FILE_TYPE_DISK)
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0, "%s %s is not a regular file", what, text);
    if (about.nNumberOfLinks > 1)
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0, "%s %s has %lu names, a ring's file has one", what,
                        text, (unsigned long)about.nNumberOfLinks);
    if (!sr__win32_owner_of(file, true, &owner))
        return sr__win32_fail_os(error, GetLastError(), "cannot find out who owns %s %s", what, text);
    if (sr__win32_is_trusted(place, &owner))
        return 0;
    return sr__fail(error, SLOTRING_E_OWNER, 0,
                    "%s %s belongs to user %llu, who is neither this one nor the system nor named as trusted "
                    "owner",
                    what, text, (unsigned long long)sr__win32_number_of(&owner));
}

static int fail_to_open(const char *text, const char *what, DWORD number, slotring_error_t *error)
{
    if (number == ERROR_FILE_NOT_FOUND || number == ERROR_PATH_NOT_FOUND)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, (int)number, "%s %s does not exist", what, text);
    return sr__win32_fail_os(error, number, "cannot open %s %s", what, text);
}

int sr__win32_file_open(const sr__place_t *place, const wchar_t *path, const char *text, DWORD access,
                        const char *what, HANDLE *file, slotring_error_t *error)
{
    /* A directory can be opened, too, and is then refused with the right reason. */
    const DWORD flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
    HANDLE opened = CreateFileW(path, access | READ_CONTROL, SHARE_ALL, NULL, OPEN_EXISTING, flags, NULL);

    if (opened == INVALID_HANDLE_VALUE)
        return fail_to_open(text, what, GetLastError(), error);
    int failed = distrust(place, opened, text, what, error);
    if (failed != 0) {
        CloseHandle(opened);
        return failed;
    }
    *file = opened;
    return 0;
}

DWORD sr__win32_file_make(const wchar_t *path, SECURITY_ATTRIBUTES *security, HANDLE *file)
{
    *file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, SHARE_ALL, security, CREATE_NEW,
                        FILE_ATTRIBUTE_NORMAL, NULL);
    return *file != INVALID_HANDLE_VALUE ? ERROR_SUCCESS : GetLastError();
}

int sr__win32_file_may_remove(const wchar_t *path, const char *text, const char *what,
                              slotring_error_t *error)
{
    HANDLE file =
        CreateFileW(path, DELETE, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    DWORD number = GetLastError();

    if (file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    else if (number == ERROR_ACCESS_DENIED)
        return sr__win32_fail_os(
            error, number, "cannot remove %s %s: only its owner and whom its folder lets may", what, text);
    return 0;
}

/* A name that no ring's file has and nobody else takes. */
static wchar_t *gone_path(const sr__place_t *place)
{
    uint8_t random[16];
    char name[sizeof SR__GONE_PREFIX + 2 * sizeof random] = SR__GONE_PREFIX;

    if (sr__win32_random(random, sizeof random) != 0)
        return NULL;
    sr__text_hex(random, sizeof random, name + sizeof SR__GONE_PREFIX - 1);
    wchar_t *wide = sr__win32_wide(name);
    wchar_t *path = wide ? sr__win32_join(place->directory, L"\\", wide, NULL) : NULL;
    free(wide);
    return path;
}

int sr__win32_file_remove(const sr__place_t *place, const wchar_t *path, const char *text, const char *what,
                          slotring_error_t *error)
{
    DWORD attributes = GetFileAttributesW(path);

    if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY))
        return sr__fail(error, SLOTRING_E_NOT_A_RING, ERROR_DIRECTORY,
                        "%s %s is a directory; remove it by hand", what, text);
    wchar_t *gone = gone_path(place);
    if (!gone)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory to remove %s %s", what, text);
    DWORD number = MoveFileExW(path, gone, 0) ? ERROR_SUCCESS : GetLastError();
    /* Killed here, it stays under a name that means nothing, until the next create, list or unlink. */
    if (number == ERROR_SUCCESS)
        DeleteFileW(gone);
    free(gone);
    if (number == ERROR_SUCCESS || number == ERROR_FILE_NOT_FOUND || number == ERROR_PATH_NOT_FOUND)
        return 0;
    return sr__win32_fail_os(error, number, "cannot remove %s %s", what, text);
}

void sr__win32_gone_files_remove(const sr__place_t *place)
{
    WIN32_FIND_DATAW entry;
    wchar_t *pattern = sr__win32_join(place->directory,
                                      L"\\"
                                      L"" SR__GONE_PREFIX L"*",
                                      NULL);
    HANDLE listing = pattern ? FindFirstFileW(pattern, &entry) : INVALID_HANDLE_VALUE;

    free(pattern);
    if (listing == INVALID_HANDLE_VALUE)
        return;
    do {
        wchar_t *path = sr__win32_join(place->directory, L"\\", entry.cFileName, NULL);
        if (path)
            DeleteFileW(path); /* one that is still open, or another user's, stays for now */
        free(path);
    } while (FindNextFileW(listing, &entry));
    FindClose(listing);
}
