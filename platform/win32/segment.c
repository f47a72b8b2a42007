/* SPDX-License-Identifier: Apache-2.0 */
/* Segments: sections of committed memory, found by way of the record, opened, looked at, mapped. */
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

static void object_name(const uint8_t ring_id[16], bool global, const wchar_t *end, wchar_t *name)
{
    static const wchar_t digits[] = L"0123456789abcdef";

    wcscpy(name, global ? L"Global\\slotring-" : L"Local\\slotring-");
    wchar_t *at = name + wcslen(name);
    for (size_t i = 0; i < 16; i++) {
        *at++ = digits[ring_id[i] >> 4];
        *at++ = digits[ring_id[i] & 15];
    }
    wcscpy(at, end);
}

void sr__win32_section_name(const uint8_t ring_id[16], bool global, wchar_t name[SR__OBJECT_NAME_SIZE])
{
    object_name(ring_id, global, L"", name);
}

void sr__win32_event_name(const uint8_t ring_id[16], bool global, uint32_t participant,
                          wchar_t name[SR__OBJECT_NAME_SIZE])
{
    wchar_t end[] = L"-00000";

    for (size_t i = 5; i > 0; i--, participant /= 10)
        end[i] = (wchar_t)(L'0' + participant % 10);
    object_name(ring_id, global, end, name);
}

static HANDLE open_section(const sr__record_t *record, DWORD access)
{
    wchar_t name[SR__OBJECT_NAME_SIZE];

    sr__win32_section_name(record->ring_id, record->global, name);
    return OpenFileMappingW(access, FALSE, name);
}

/* Names that start with Local\ belong to a session. A ring of another one cannot be seen from here; that it
 * lives shows in its lock file. */
static bool lives_elsewhere(const sr__place_t *place, const sr__record_t *record)
{
    return !record->global && record->session != sr__win32_own_session() && sr__win32_anybody_lives(place);
}

static int fail_to_open(const sr__place_t *place, const sr__record_t *record, bool writable, DWORD number,
                        slotring_error_t *error)
{
    if (number == ERROR_FILE_NOT_FOUND && lives_elsewhere(place, record))
        return sr__fail(
            error, SLOTRING_E_ACCESS, (int)number,
            "ring \"%s\" was made in session %u for that session alone, this process is in session "
            "%u: create it with SLOTRING_NAMESPACE=global",
            record->name, (unsigned)record->session, (unsigned)sr__win32_own_session());
    if (number == ERROR_FILE_NOT_FOUND)
        return sr__fail(error, SLOTRING_E_NOT_FOUND, (int)number,
                        "nobody uses ring \"%s\" any more, so it is gone; what %s says is left from it",
                        record->name, place->record_text);
    return sr__win32_fail_os(error, number, "may not open the memory of ring \"%s\" for %s", record->name,
                             writable ? "reading and writing" : "reading");
}

/* Its name was in a file that anybody may have read: somebody else may have made an object of this name since. */
static int look_at(const sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    sr__sid_t owner;

    if (!sr__win32_owner_of(segment->section, false, &owner))
        return sr__win32_fail_os(error, GetLastError(), "cannot find out who owns the memory of ring \"%s\"",
                                 place->name);
    segment->owner = sr__win32_number_of(&owner);
    if (!sr__win32_is_trusted(place, &owner))
        return sr__fail(
            error, SLOTRING_E_OWNER, 0,
            "the memory of ring \"%s\" belongs to user %llu, who is neither this one nor the system "
            "nor named as trusted owner",
            place->name, (unsigned long long)segment->owner);
    segment->size = sr__win32_section_size(segment->section);
    if (segment->size == 0)
        return sr__win32_fail_os(error, GetLastError(), "cannot map anything of ring \"%s\"", place->name);
    return 0;
}

int sr__win32_segment_open(sr__place_t *place, bool writable, sr__segment_t **segment,
                           slotring_error_t *error)
{
    sr__record_t record;
    int failed = sr__win32_record_read(place, &record, error);

    *segment = NULL;
    if (failed != 0)
        return failed;
    sr__segment_t *made = calloc(1, sizeof *made);
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY, "no memory for a handle");
    DWORD access = READ_CONTROL | FILE_MAP_READ | (writable ? (DWORD)FILE_MAP_WRITE : 0);
    made->section = open_section(&record, access);
    made->writable = writable;
    memcpy(made->ring_id, record.ring_id, sizeof made->ring_id);
    failed = made->section ? look_at(place, made, error)
                           : fail_to_open(place, &record, writable, GetLastError(), error);
    if (failed != 0) {
        sr__win32_segment_close(made);
        return failed;
    }
    place->attached = true;
    place->global = record.global;
    place->rights = record.rights;
    *segment = made;
    return 0;
}

uint64_t sr__win32_segment_size(sr__segment_t *segment)
{
    return segment->size;
}

uint64_t sr__win32_segment_owner(sr__segment_t *segment)
{
    return segment->owner;
}

/* Committed memory that nobody can take away: a look at it never faults. */
int sr__win32_segment_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size)
{
    if (offset > segment->size || size > segment->size - offset)
        return SLOTRING_E_TRUNCATED;
    if (segment->memory) {
        memcpy(buffer, (const uint8_t *)segment->memory + offset, size);
        return 0;
    }
    uint64_t start = offset - offset % sr__win32_granularity();
    size_t skip = (size_t)(offset - start);
    const uint8_t *view =
        MapViewOfFile(segment->section, FILE_MAP_READ, (DWORD)(start >> 32), (DWORD)start, skip + size);
    if (!view)
        return SLOTRING_E_OS;
    memcpy(buffer, view + skip, size);
    UnmapViewOfFile(view);
    return 0;
}

int sr__win32_segment_view(sr__segment_t *segment, uint64_t size, slotring_error_t *error)
{
    DWORD access = FILE_MAP_READ | (segment->writable ? (DWORD)FILE_MAP_WRITE : 0);

    if (size > SIZE_MAX / 2)
        return sr__fail(
            error, SLOTRING_E_ADDRESS_SPACE, 0,
            "a segment of %llu bytes does not fit into this process, whose addresses have %u bits",
            (unsigned long long)size, (unsigned)(sizeof(void *) * 8));
    void *memory = MapViewOfFile(segment->section, access, 0, 0, (SIZE_T)size);
    DWORD number = GetLastError();
    if (!memory && (number == ERROR_NOT_ENOUGH_MEMORY || number == ERROR_INVALID_ADDRESS))
        return sr__fail(
            error, SLOTRING_E_ADDRESS_SPACE, (int)number,
            "no room for a segment of %llu bytes in this process's address space, whose addresses "
            "have %u bits",
            (unsigned long long)size, (unsigned)(sizeof(void *) * 8));
    if (!memory)
        return sr__win32_fail_os(error, number, "cannot map %llu bytes of a ring", (unsigned long long)size);
    segment->memory = memory;
    segment->mapped = (size_t)size;
    return 0;
}

int sr__win32_segment_map(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags,
                          slotring_error_t *error)
{
    if (segment->size < size)
        return sr__fail(error, SLOTRING_E_TRUNCATED, 0,
                        "the ring's memory has %llu bytes, %llu are to be mapped",
                        (unsigned long long)segment->size, (unsigned long long)size);
    int failed = sr__win32_segment_view(segment, size, error);
    if (failed == 0)
        segment->granted = sr__win32_memory_prepare(segment->memory, segment->mapped, mapping_flags);
    return failed;
}

void *sr__win32_segment_memory(sr__segment_t *segment)
{
    return segment->memory;
}

uint32_t sr__win32_segment_granted(sr__segment_t *segment)
{
    return segment->granted;
}

/* The system has calls that prefer a node, and none that keeps to it (no SLOTRING_CAN_BIND_MEMORY). */
uint32_t sr__win32_segment_node(sr__segment_t *segment)
{
    (void)segment;
    return SLOTRING_NO_NUMA_NODE;
}

/* Of a mapping of pages that are nobody's file a dump has what its writer asks for; no call of an old system changes that. */
void sr__win32_segment_leave_out(sr__segment_t *segment, uint64_t from)
{
    (void)segment, (void)from;
}

bool sr__win32_segment_is_named(sr__place_t *place, sr__segment_t *segment)
{
    sr__record_t record;

    return sr__win32_record_read(place, &record, NULL) == 0 &&
           memcmp(record.ring_id, segment->ring_id, sizeof record.ring_id) == 0;
}

/* A file that is there but no record is somebody's, too; a record of a ring without users is not. */
bool sr__win32_segment_exists(sr__place_t *place)
{
    sr__record_t record;
    int failed = sr__win32_record_read(place, &record, NULL);

    if (failed != 0)
        return failed != SLOTRING_E_NOT_FOUND;
    HANDLE section = open_section(&record, FILE_MAP_READ);
    if (!section)
        return GetLastError() != ERROR_FILE_NOT_FOUND || lives_elsewhere(place, &record);
    CloseHandle(section);
    return true;
}

int sr__win32_segment_unlink(sr__place_t *place, slotring_error_t *error)
{
    return sr__win32_record_remove(place, error);
}

void sr__win32_segment_close(sr__segment_t *segment)
{
    if (!segment)
        return;
    if (segment->memory)
        UnmapViewOfFile(segment->memory);
    if (segment->section)
        CloseHandle(segment->section);
    free(segment);
}
