/* SPDX-License-Identifier: Apache-2.0 */
/* Do a ring's files still have their names? A name that cannot be looked at is not one that is gone. */
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

static bool is_missing(DWORD number)
{
    return number == ERROR_FILE_NOT_FOUND || number == ERROR_PATH_NOT_FOUND;
}

/* 0, or what it means that another thing, or nothing, stands there. */
static uint32_t look_at(const wchar_t *path, DWORD flags, sr__identity_t identity, uint32_t gone,
                        uint32_t other)
{
    const DWORD share = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    sr__identity_t found;
    HANDLE file = CreateFileW(path, FILE_READ_ATTRIBUTES, share, NULL, OPEN_EXISTING,
                              FILE_FLAG_BACKUP_SEMANTICS | flags, NULL);

    if (file == INVALID_HANDLE_VALUE)
        return is_missing(GetLastError()) ? gone : SR__NAMES_HIDDEN;
    bool known = sr__win32_identity_of(file, &found);
    CloseHandle(file);
    if (!known)
        return SR__NAMES_HIDDEN;
    return sr__identity_equal(found, identity) ? 0 : other;
}

static uint32_t look_at_record(const sr__place_t *place, const sr__segment_t *segment)
{
    sr__record_t record;
    int failed = sr__win32_record_read(place, &record, NULL);

    if (failed == SLOTRING_E_NOT_FOUND || failed == SLOTRING_E_NOT_A_RING)
        return SR__SEGMENT_GONE;
    if (failed != 0)
        return SR__NAMES_HIDDEN;
    return memcmp(record.ring_id, segment->ring_id, sizeof record.ring_id) == 0 ? 0 : SR__SEGMENT_GONE;
}

uint32_t sr__win32_names_look(sr__place_t *place, sr__segment_t *segment, sr__identity_t lock,
                              sr__locks_t *locks)
{
    wchar_t *folder =
        sr__win32_join(place->directory, L"\\", NULL); /* without it a drive's is the drive itself */
    uint32_t found =
        folder ? look_at(folder, 0, place->folder, SR__FOLDER_GONE, SR__FOLDER_GONE) : SR__NAMES_HIDDEN;

    (void)locks;
    free(folder);
    if (found != 0)
        return found;
    /* The lock file goes last: one that is missing beside a record that stands is damage. */
    found = look_at(place->lock_path, FILE_FLAG_OPEN_REPARSE_POINT, lock, SR__LOCK_GONE, SR__LOCK_OTHER);
    return found | look_at_record(place, segment);
}
