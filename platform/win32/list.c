/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of a directory, by their records. What killed creators and users left of theirs is removed on the way. */
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

static const wchar_t *after(const wchar_t *file, const wchar_t *prefix)
{
    size_t length = wcslen(prefix);
    return wcsncmp(file, prefix, length) == 0 && file[length] ? file + length : NULL;
}

/* The name of the ring whose files end in `stem`; false: it has none. A file that is no record is told, too, when its
 * own name says which ring's it would be. */
static bool name_of(sr__place_t *place, const wchar_t *stem, char *name, size_t size)
{
    sr__record_t record;
    int failed = sr__win32_record_read(place, &record, NULL);

    if (failed == SLOTRING_E_NOT_FOUND || (failed == 0 && !sr__win32_segment_exists(place)))
        return false;
    if (failed == 0)
        memcpy(name, record.name, sizeof record.name);
    else
        sr__win32_narrow_into(stem, name, size);
    wchar_t *own = sr__win32_stem_of(name);
    bool same = own && wcscmp(own, stem) == 0;
    free(own);
    return same;
}

/* One file of the directory. Non-zero: no more. */
static int look_at(sr__place_t *directory, const wchar_t *file, int (*found)(void *user, const char *name),
                   void *user)
{
    char name[SLOTRING_NAME_MAX + 1];
    int stop = 0;
    const wchar_t *lock = after(file, L"" SR__LOCK_PREFIX), *record = after(file, L"" SR__RECORD_PREFIX);

    const wchar_t *stem = lock ? lock : record;
    sr__place_t *place = stem ? sr__win32_place_beside(directory, stem) : NULL;
    if (place && record && name_of(place, stem, name, sizeof name))
        stop = found(user, name);
    else if (place)
        sr__win32_leftover_remove(place, true);
    sr__win32_place_free(place);
    return stop;
}

int sr__win32_list_names(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                         slotring_error_t *error)
{
    WIN32_FIND_DATAW entry;
    wchar_t *pattern = sr__win32_join(place->directory, L"\\slotring*", NULL);
    int stop = 0;

    sr__win32_gone_files_remove(place);
    if (!pattern)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY, "no memory to list rings");
    HANDLE listing = FindFirstFileW(pattern, &entry);
    DWORD number = GetLastError();
    free(pattern);
    if (listing == INVALID_HANDLE_VALUE && number != ERROR_FILE_NOT_FOUND)
        return sr__win32_fail_os(error, number, "cannot list the directory of rings");
    if (listing == INVALID_HANDLE_VALUE)
        return 0;
    do
        stop = look_at(place, entry.cFileName, found, user);
    while (stop == 0 && FindNextFileW(listing, &entry));
    FindClose(listing);
    return 0;
}
