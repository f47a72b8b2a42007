/* SPDX-License-Identifier: Apache-2.0 */
/* Making a segment: under a name that nobody can guess until the record says it, so that a kill leaves nothing;
 * all of it committed, so that too little memory is an error here and no fault later. */
#include <stdlib.h>
#include <string.h>

#include "win32/win32_internal.h"

/* Rings for all sessions of the machine, as services need them, are made on request. */
static bool wants_global(slotring_error_t *error, int *failed)
{
    wchar_t *space = sr__win32_environment(L"SLOTRING_NAMESPACE");
    bool global = space && _wcsicmp(space, L"global") == 0;
    char text[40];

    if (space && !global && _wcsicmp(space, L"local") != 0) {
        sr__win32_narrow_into(space, text, sizeof text);
        *failed =
            sr__fail(error, SLOTRING_E_INVALID, 0,
                     "SLOTRING_NAMESPACE is \"%s\"; it can be local (this session, the default) or global "
                     "(all sessions)",
                     text);
    }
    free(space);
    return global;
}

static int fail_for_space(uint64_t size, DWORD number, slotring_error_t *error)
{
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};

    if (!GlobalMemoryStatusEx(&memory))
        return sr__fail(error, SLOTRING_E_NO_SPACE, (int)number,
                        "the system cannot commit a segment of %llu bytes", (unsigned long long)size);
    return sr__fail(error, SLOTRING_E_NO_SPACE, (int)number,
                    "the system cannot commit a segment of %llu bytes: %llu of its %llu bytes of memory and "
                    "paging files are free; make the ring smaller or the paging file larger",
                    (unsigned long long)size, (unsigned long long)memory.ullAvailPageFile,
                    (unsigned long long)memory.ullTotalPageFile);
}

static int fail_to_make(uint64_t size, bool global, DWORD number, slotring_error_t *error)
{
    int failed = sr__win32_code_of(number);

    if (failed == SLOTRING_E_NO_SPACE || failed == SLOTRING_E_NO_MEMORY ||
        number == ERROR_NO_SYSTEM_RESOURCES || number == ERROR_INVALID_PARAMETER ||
        number == ERROR_FILE_TOO_LARGE)
        return fail_for_space(size, number, error);
    if (failed == SLOTRING_E_ACCESS && global)
        return sr__fail(
            error, failed, (int)number,
            "may not make a ring for all sessions (SLOTRING_NAMESPACE=global): that takes the "
            "privilege to create global objects, which services and administrators have; a ring for "
            "this session alone takes none");
    return sr__win32_fail_os(error, number, "cannot make a segment of %llu bytes", (unsigned long long)size);
}

static int make_section(sr__segment_t *segment, uint64_t size, bool global, slotring_error_t *error)
{
    wchar_t name[SR__OBJECT_NAME_SIZE];
    SECURITY_ATTRIBUTES security;
    int failed = sr__win32_security_of(&segment->rights, SR__OBJECT_SEGMENT, &security, error);

    if (failed != 0)
        return failed;
    sr__win32_section_name(segment->ring_id, global, name);
    segment->section = CreateFileMappingW(INVALID_HANDLE_VALUE, &security, PAGE_READWRITE | SEC_COMMIT,
                                          (DWORD)(size >> 32), (DWORD)size, name);
    DWORD number = GetLastError();
    sr__win32_security_free(&security);
    if (!segment->section)
        return fail_to_make(size, global, number, error);
    if (number == ERROR_ALREADY_EXISTS)
        return sr__fail(error, SLOTRING_E_OS, (int)number,
                        "a random id of a new ring was taken already: are the system's random bytes random?");
    segment->size = size;
    return 0;
}

static int fill(sr__segment_t *segment, const sr__segment_config_t *config, bool global,
                uint32_t mapping_flags, slotring_error_t *error)
{
    if (config->size > SIZE_MAX / 2) /* before the system commits what this process cannot use */
        return sr__win32_segment_view(segment, config->size, error);
    int failed = make_section(segment, config->size, global, error);
    if (failed == 0)
        failed = sr__win32_segment_view(segment, config->size, error);
    if (failed == 0)
        segment->granted = sr__win32_memory_prepare(segment->memory, segment->mapped, mapping_flags);
    return failed;
}

int sr__win32_segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                             sr__segment_t **segment, slotring_error_t *error)
{
    sr__rights_t rights;
    sr__sid_t me;
    int failed = sr__win32_rights_of(config, &rights, error);

    *segment = NULL;
    bool global = failed == 0 && wants_global(error, &failed);
    if (failed != 0)
        return failed;
    sr__segment_t *made = calloc(1, sizeof *made);
    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY, "no memory for a handle");
    made->writable = true;
    made->rights = rights;
    made->owner = sr__win32_own_user(&me) ? sr__win32_number_of(&me) : 0;
    memcpy(made->ring_id, config->ring_id, sizeof made->ring_id);
    failed = fill(made, config, global, mapping_flags, error);
    if (failed != 0) {
        sr__win32_segment_close(made);
        return failed;
    }
    place->attached = true;
    place->global = global;
    place->rights = rights;
    *segment = made;
    return 0;
}

/* A lock file that was adopted may have been made for other rights. Now is the moment to set them: with the mutex
 * held and no ring there, the file is nobody else's. */
static int adapt_lock_file(const sr__place_t *place, const sr__rights_t *rights, slotring_error_t *error)
{
    HANDLE file;

    if (place->lock_is_new)
        return 0;
    int failed = sr__win32_file_open(place, place->lock_path, place->lock_text, WRITE_DAC,
                                     "the ring's lock file", &file, error);
    if (failed != 0)
        return failed;
    failed = sr__win32_security_set(file, rights, SR__OBJECT_LOCK, error);
    CloseHandle(file);
    return failed;
}

int sr__win32_segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error)
{
    sr__record_t record = {
        .global = place->global, .session = sr__win32_own_session(), .rights = segment->rights};

    memcpy(record.ring_id, segment->ring_id, sizeof record.ring_id);
    memcpy(record.name, place->name, sizeof record.name);
    if (sr__win32_segment_exists(place))
        return sr__fail(error, SLOTRING_E_EXISTS, ERROR_ALREADY_EXISTS, "ring \"%s\" exists", place->name);
    int failed = adapt_lock_file(place, &segment->rights, error);
    if (failed == 0)
        failed = sr__win32_record_remove(place, error); /* of a ring without users */
    if (failed == 0)
        failed = sr__win32_record_write(place, &record, error);
    sr__win32_gone_files_remove(place);
    return failed;
}
