/* SPDX-License-Identifier: Apache-2.0 */
/* Where rings are on Windows: directories whose paths are longer than 260 characters or written in any script, and the
 * two name spaces of the system's objects. */
#include <windows.h>

#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "win32/win32_internal.h"

#define NAMESPACE "SLOTRING_NAMESPACE"

/* ---- Directories ------------------------------------------------------------------------------------ */

/* Folders of these names in each other. */
typedef struct folder {
    const char *name;
    unsigned depth;
} folder_t;

static const folder_t folders[] = {
    {"Messdaten \xc3\xa4\xc3\xb6\xc3\xbc \xe6\xb5\x8b\xe9\x87\x8f \xd0\xb8\xd0\xb7\xd0\xbc", 1},
    {"of fifty characters, of fifty characters, of fifty", 8},
    {"\xe6\xb8\xac\xe5\xae\x9a\xe3\x83\x87\xe3\x83\xbc\xe3\x82\xbf\xe3\x81\xae\xe4\xbf\x9d\xe5\xad\x98\xe5"
     "\xa0"
     "\xb4\xe6\x89\x80, very long, and in a script of its own",
     9},
};

static const char *folder_path(const folder_t *folder)
{
    static char path[4096];
    int length = snprintf(path, sizeof path, "%s", directory_path());
    for (unsigned d = 0; d < folder->depth; d++)
        length += snprintf(path + length, sizeof path - (size_t)length, "\\%s", folder->name);
    return path;
}

/* In the form that has no limit of length. */
static wchar_t *system_path(const char *path)
{
    wchar_t *wide = sr__win32_wide(path), *full = wide ? sr__win32_join(L"\\\\?\\", wide, NULL) : NULL;
    CHECK(full != NULL);
    free(wide);
    return full;
}

static void make_folders(const folder_t *folder)
{
    folder_t part = *folder;
    for (part.depth = 1; part.depth <= folder->depth; part.depth++) {
        wchar_t *path = system_path(folder_path(&part));
        if (!CreateDirectoryW(path, NULL))
            FAIL("cannot make %s: error %lu", folder_path(&part), GetLastError());
        free(path);
    }
}

/* Only empty ones can be removed: so nothing is left in them. */
static void remove_folders(const folder_t *folder)
{
    folder_t part = *folder;
    for (; part.depth > 0; part.depth--) {
        wchar_t *path = system_path(folder_path(&part));
        if (!RemoveDirectoryW(path))
            FAIL("cannot remove %s: error %lu", folder_path(&part), GetLastError());
        free(path);
    }
}

/* As long as a name may be, and in another script. */
static const char *long_name(void)
{
    static char name[SLOTRING_NAME_MAX + 1];
    for (size_t i = 0; i + 3 <= SLOTRING_NAME_MAX; i += 3)
        memcpy(name + i, "\xe7\x92\xb0", 4);
    return name;
}

static slotring_options_t options_in(const folder_t *folder, uint32_t mode, uint64_t slots)
{
    slotring_options_t options = ring_options(mode, slots, slots != 0 ? 100 : 0);
    options.directory = folder_path(folder);
    return options;
}

static void attaches_there(peer_t *test, const char *argument)
{
    const folder_t *folder = &folders[argument[0] - '0'];
    slotring_options_t options = options_in(folder, SLOTRING_ATTACH, 0);
    slotring_t *ring = ring_open_with(long_name(), &options);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_OLDEST);
    peer_tell(test, take(reader));
    CHECK_OK(slotring_close(ring));
}

static void use_ring_in(size_t row)
{
    const folder_t *folder = &folders[row];
    char argument[2] = {(char)('0' + row), 0};
    make_folders(folder);
    slotring_options_t options = options_in(folder, SLOTRING_CREATE, 4);
    slotring_t *ring = ring_open_with(long_name(), &options);
    CHECK_STRING(ring_info(ring).name, long_name());
    publish(ring, 1, 7);
    peer_t peer = peer_start(BY_EXEC, "win32-attaches-there", argument);
    peer_expect(&peer, pattern_tag(1, 7));
    peer_join(&peer);
    slotring_list_entry_t entry;
    uint32_t count = 0;
    CHECK_OK(slotring_list(&options, &entry, 1, &count, NULL));
    CHECK_EQUAL(count, 1);
    CHECK_STRING(entry.name, long_name());
    CHECK_EQUAL(entry.status, 0);
    CHECK_OK(slotring_close(ring)); /* with its last user the ring goes, and its files */
    CHECK_OK(slotring_list(&options, NULL, 0, &count, NULL));
    CHECK_EQUAL(count, 0);
    remove_folders(folder);
}

static void any_directory(void)
{
    for (size_t row = 0; row < sizeof folders / sizeof folders[0]; row++) {
        check_context("%s", folder_path(&folders[row]));
        use_ring_in(row);
    }
    check_context("%s", "");
}

static void no_such_directory(void)
{
    slotring_options_t options = options_in(&folders[2], SLOTRING_CREATE, 4);
    slotring_t *ring = NULL;
    slotring_error_t error;
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_NOT_FOUND);
    CHECK(strlen(error.text) > 50);
}

/* ---- Name spaces ------------------------------------------------------------------------------------ */

static HANDLE open_section(slotring_t *ring, bool global)
{
    wchar_t name[SR__OBJECT_NAME_SIZE];
    sr__win32_section_name(ring->member.segment->ring_id, global, name);
    return OpenFileMappingW(FILE_MAP_READ, FALSE, name);
}

/* The ring's objects are in that name space and in no other. */
static void check_names(slotring_t *ring, bool global)
{
    wchar_t name[SR__OBJECT_NAME_SIZE];
    HANDLE section = open_section(ring, global);
    CHECK(section != NULL);
    CloseHandle(section);
    CHECK(open_section(ring, !global) == NULL);
    sr__win32_event_name(ring->member.segment->ring_id, global, ring->member.me, name);
    HANDLE event = OpenEventW(SYNCHRONIZE, FALSE, name);
    CHECK(event != NULL);
    CloseHandle(event);
}

static void publishes(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    peer_expect(test, 1);
    publish(ring, 1, 5);
    CHECK_OK(slotring_close(ring));
}

/* Whoever attaches need not know where the creator has put it; and wakes who sleeps there. */
static void use_ring_named(bool global)
{
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    CHECK(SetEnvironmentVariableA(NAMESPACE, NULL));
    check_names(ring, global);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_t peer = peer_start(BY_EXEC, "win32-publishes", ring_name());
    peer_tell(&peer, 1);
    CHECK_EQUAL(take(reader), pattern_tag(1, 5));
    peer_join(&peer);
    ring_remove(ring, ring_name());
}

static void this_session_alone(void)
{
    use_ring_named(false);
    CHECK(SetEnvironmentVariableA(NAMESPACE, "local"));
    use_ring_named(false);
}

static void all_sessions(void)
{
    CHECK(SetEnvironmentVariableA(NAMESPACE, "global"));
    use_ring_named(true);
}

static void an_unknown_name_space(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    slotring_t *ring = NULL;
    slotring_error_t error;
    CHECK(SetEnvironmentVariableA(NAMESPACE, "galactic"));
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "galactic");
    CHECK_CONTAINS(error.text, "global");
    check_nothing_left();
}

/* Whether one may make global objects cannot be chosen here: that the system refuses comes from an object of that name
 * which lets nobody in. */
static void without_the_privilege(void)
{
    sr__segment_config_t config = {.size = 16 * sr__win32_page_size(), .ring_id = {1, 2, 3}};
    SECURITY_ATTRIBUTES nobody = {.nLength = sizeof nobody};
    wchar_t name[SR__OBJECT_NAME_SIZE];
    sr__segment_t *segment;
    sr__place_t *place;
    slotring_error_t error;
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorA("D:P", SDDL_REVISION_1,
                                                               &nobody.lpSecurityDescriptor, NULL));
    sr__win32_section_name(config.ring_id, true, name);
    HANDLE taken = CreateFileMappingW(INVALID_HANDLE_VALUE, &nobody, PAGE_READWRITE, 0, 4096, name);
    CHECK(taken != NULL);
    CHECK(SetEnvironmentVariableA(NAMESPACE, "global"));
    CHECK_OK(sr__win32_place_open(NULL, ring_name(), &place, NULL));
    CHECK_CODE(sr__win32_segment_create(place, &config, 0, &segment, &error), SLOTRING_E_ACCESS);
    CHECK_EQUAL(error.os_code, ERROR_ACCESS_DENIED);
    CHECK_CONTAINS(error.text, "privilege to create global objects");
    CHECK_CONTAINS(error.text, "a ring for this session alone takes none");
    sr__win32_place_close(place);
    CloseHandle(taken);
    LocalFree(nobody.lpSecurityDescriptor);
}

/* A ring that lives, by its lock file, and whose section is in a session that cannot be seen from here. */
static void a_ring_of_another_session(void)
{
    sr__segment_config_t config = {.access = SLOTRING_ACCESS_OWNER};
    sr__record_t record = {.ring_id = {9}, .session = sr__win32_own_session() + 7};
    slotring_options_t options = ring_options(SLOTRING_ATTACH, 0, 0);
    slotring_t *ring = NULL;
    sr__death_lock_t *life;
    sr__locks_t *locks;
    sr__place_t *place;
    slotring_error_t error;
    CHECK_OK(sr__win32_place_open(NULL, ring_name(), &place, NULL));
    CHECK_OK(sr__win32_locks_open(place, true, &config, &locks, NULL));
    CHECK_OK(sr__win32_mutex_lock(locks, 0, NULL));
    CHECK_OK(sr__win32_death_lock_take(locks, 0, &life, NULL));
    (void)snprintf(record.name, sizeof record.name, "%s", ring_name());
    CHECK_OK(sr__win32_record_write(place, &record, NULL));
    sr__win32_mutex_unlock(locks);
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_ACCESS);
    CHECK_CONTAINS(error.text, "SLOTRING_NAMESPACE=global");
    CHECK_CONTAINS(error.text, "session");
    sr__win32_death_lock_release(life);
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_NOT_FOUND); /* dead as well */
    sr__win32_locks_close(locks);
    sr__win32_place_close(place);
    uint32_t count = 1;
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL));
    CHECK_EQUAL(count, 0);
    check_nothing_left();
}

/* ---- What is left ----------------------------------------------------------------------------------- */

static bool is_there(const wchar_t *path)
{
    return GetFileAttributesW(path) != INVALID_FILE_ATTRIBUTES;
}

/* A ring whose lock file somebody removed, and whose record nobody can: neither its last user nor who lists makes a lock
 * file that stays. */
static void closing_makes_no_file(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    slotring_t *ring;
    sr__place_t *place;
    uint32_t count = 0;
    CHECK_OK(slotring_open(&ring, ring_name(), &options, NULL));
    CHECK_OK(sr__win32_place_open(NULL, ring_name(), &place, NULL));
    HANDLE kept = CreateFileW(place->record_path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_EXISTING, 0, NULL); /* not to be removed while it is open */
    CHECK(kept != INVALID_HANDLE_VALUE);
    CHECK_OK(sr__win32_file_remove(place, place->lock_path, place->lock_text, "", NULL));
    CHECK_OK(slotring_close(ring));
    CHECK(is_there(place->record_path));
    CHECK(!is_there(place->lock_path));
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL));
    CHECK_EQUAL(count, 0);
    CHECK(is_there(place->record_path));
    CHECK(!is_there(place->lock_path));
    CloseHandle(kept);
    CHECK_OK(slotring_list(NULL, NULL, 0, &count, NULL)); /* which now can tidy up */
    sr__win32_place_close(place);
    check_nothing_left();
}

static const test_case_t cases[] = {
    {"any_directory", any_directory, 0},
    {"no_such_directory", no_such_directory, 0},
    {"this_session_alone", this_session_alone, 0},
    {"all_sessions", all_sessions, 0},
    {"an_unknown_name_space", an_unknown_name_space, 0},
    {"without_the_privilege", without_the_privilege, 0},
    {"a_ring_of_another_session", a_ring_of_another_session, 0},
    {"closing_makes_no_file", closing_makes_no_file, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {
    {"win32-attaches-there", attaches_there},
    {"win32-publishes", publishes},
    {NULL, NULL},
};

const test_suite_t win32_place_suite = {"win32_place", cases, roles};
