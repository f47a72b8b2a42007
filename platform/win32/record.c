/* SPDX-License-Identifier: Apache-2.0 */
/* The record of a ring: the file that stands for its name. It leads to the section and says whom the ring is for.
 * Written by one call under the process mutex; so an empty one is not there yet, or what a killed creator left.
 * After all users of a ring were killed its record leads to nothing, and counts as none. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "win32/win32_internal.h"

#define WHAT "the ring's record"
#define RECORD_MAX 1024u

uint32_t sr__win32_own_session(void)
{
    DWORD session = 0;

    return ProcessIdToSessionId(GetCurrentProcessId(), &session) ? (uint32_t)session : 0;
}

static bool parse_ring_id(const char *text, uint8_t ring_id[16])
{
    for (size_t i = 0; i < 32; i++) {
        unsigned digit = text[i] >= '0' && text[i] <= '9'   ? (unsigned)(text[i] - '0')
                         : text[i] >= 'a' && text[i] <= 'f' ? (unsigned)(text[i] - 'a') + 10
                                                            : 16;
        if (digit > 15)
            return false;
        ring_id[i / 2] = (uint8_t)((unsigned)ring_id[i / 2] << 4 | digit);
    }
    return true;
}

/* The rest of the line that starts with `key`, up to its end; NULL: there is none. */
static const char *line_of(const char *text, const char *key, size_t *length)
{
    const char *found = strstr(text, key);

    if (!found)
        return NULL;
    found += strlen(key);
    const char *end = strchr(found, '\n');
    *length = end ? (size_t)(end - found) : 0;
    return end ? found : NULL;
}

static bool parse_name(const char *text, sr__record_t *record)
{
    size_t length;
    const char *name = line_of(text, "\nname ", &length);

    if (!name || length == 0 || length > SLOTRING_NAME_MAX || strcmp(name + length, "\nend\n") != 0)
        return false;
    memcpy(record->name, name, length);
    record->name[length] = '\0';
    return true;
}

/* Whoever may write to the directory may have put anything there. */
static bool parse(const char *text, sr__record_t *record)
{
    char id[33], space[8], group[RECORD_MAX];
    unsigned session, access;

    memset(record, 0, sizeof *record);
    if (sscanf(text, "slotring record 1\nring %32s\nnames %7s %u\naccess %u %1023s\n", id, space, &session,
               &access, group) != 5 ||
        strlen(id) != 32 || !parse_ring_id(id, record->ring_id) || access > SLOTRING_ACCESS_ALL)
        return false;
    record->global = strcmp(space, "global") == 0;
    record->session = session;
    record->rights.access = access;
    if (!record->global && strcmp(space, "local") != 0)
        return false;
    if (strcmp(group, "-") != 0 && !sr__win32_account_find(group, &record->rights.group))
        return false;
    return parse_name(text, record);
}

static int judge(const sr__place_t *place, char *text, DWORD size, sr__record_t *record,
                 slotring_error_t *error)
{
    if (size == 0)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, 0, "%s %s is empty: the ring is not complete", WHAT,
                        place->record_text);
    text[size] = '\0';
    if (size >= RECORD_MAX || strlen(text) != size || !parse(text, record))
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0, "%s is not the record of a ring",
                        place->record_text);
    if (place->name[0] && strcmp(record->name, place->name) != 0)
        return sr__fail(error, SLOTRING_E_NOT_A_RING, 0, "%s is the record of another ring, \"%s\"",
                        place->record_text, record->name);
    return 0;
}

int sr__win32_record_read(const sr__place_t *place, sr__record_t *record, slotring_error_t *error)
{
    char text[RECORD_MAX + 1], what[SLOTRING_NAME_MAX + 32] = WHAT;
    DWORD size = 0;
    HANDLE file;

    if (place->name[0])
        snprintf(what, sizeof what, "the record of ring \"%s\",", place->name);
    int failed =
        sr__win32_file_open(place, place->record_path, place->record_text, GENERIC_READ, what, &file, error);
    if (failed != 0)
        return failed;
    bool done = ReadFile(file, text, RECORD_MAX, &size, NULL) != 0;
    DWORD number = GetLastError();
    CloseHandle(file);
    if (!done)
        return sr__win32_fail_os(error, number, "cannot read %s %s", WHAT, place->record_text);
    return judge(place, text, size, record, error);
}

static int print(const sr__record_t *record, char *text, size_t size)
{
    char id[33], group[200] = "-";

    sr__text_hex(record->ring_id, sizeof record->ring_id, id);
    if (IsValidSid((PSID)(uintptr_t)&record->rights.group))
        sr__win32_sid_to_text(&record->rights.group, group, sizeof group);
    return snprintf(
        text, size, "slotring record 1\nring %s\nnames %s %" PRIu32 "\naccess %" PRIu32 " %s\nname %s\nend\n",
        id, record->global ? "global" : "local", record->session, record->rights.access, group, record->name);
}

int sr__win32_record_write(const sr__place_t *place, const sr__record_t *record, slotring_error_t *error)
{
    char text[RECORD_MAX];
    SECURITY_ATTRIBUTES security;
    HANDLE file;
    DWORD size = (DWORD)print(record, text, sizeof text), written = 0;
    int failed = sr__win32_security_of(&record->rights, SR__OBJECT_RECORD, &security, error);

    if (failed != 0)
        return failed;
    DWORD number = sr__win32_file_make(place->record_path, &security, &file);
    sr__win32_security_free(&security);
    if (number != ERROR_SUCCESS)
        return sr__win32_fail_os(error, number, "cannot make %s %s", WHAT, place->record_text);
    number = WriteFile(file, text, size, &written, NULL) ? ERROR_SUCCESS : GetLastError();
    CloseHandle(file);
    if (number == ERROR_SUCCESS && written == size)
        return 0;
    sr__win32_record_remove(place, NULL);
    return sr__win32_fail_os(error, number == ERROR_SUCCESS ? ERROR_DISK_FULL : number, "cannot write %s %s",
                             WHAT, place->record_text);
}

int sr__win32_segment_may_unlink(sr__place_t *place, slotring_error_t *error)
{
    return sr__win32_file_may_remove(place->record_path, place->record_text, WHAT, error);
}

int sr__win32_record_remove(const sr__place_t *place, slotring_error_t *error)
{
    return sr__win32_file_remove(place, place->record_path, place->record_text, WHAT, error);
}
