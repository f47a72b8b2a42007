/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what with the objects of a ring on Windows, as the system itself says: the section, the events of the
 * participants, and the two files, of which the lock file is the process mutex, too. */
#include <windows.h>

#include <aclapi.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "win32/win32_internal.h"

#define EVERYBODY "S-1-1-0"
#define USERS "S-1-5-32-545" /* a group that every machine has */

static const GENERIC_MAPPING of_section = {SECTION_MAP_READ | STANDARD_RIGHTS_READ | SECTION_QUERY,
                                           SECTION_MAP_WRITE | STANDARD_RIGHTS_WRITE,
                                           SECTION_MAP_EXECUTE | STANDARD_RIGHTS_EXECUTE, SECTION_ALL_ACCESS};
static const GENERIC_MAPPING of_event = {1 | STANDARD_RIGHTS_READ, EVENT_MODIFY_STATE | STANDARD_RIGHTS_WRITE,
                                         SYNCHRONIZE | STANDARD_RIGHTS_EXECUTE, EVENT_ALL_ACCESS};
static const GENERIC_MAPPING of_file = {FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE,
                                        FILE_ALL_ACCESS};

/* Wine keeps of a file's list only what a Unix mode can say: the owner, the system, everybody. */
static bool keeps_lists_of_files(void)
{
    return GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version") == NULL;
}

typedef struct object {
    const char *what;
    HANDLE handle;
    const GENERIC_MAPPING *rights;
} object_t;

static bool is_file(const object_t *object)
{
    return object->rights == &of_file;
}

static bool is_account(PSID sid, const char *text)
{
    sr__sid_t account;
    CHECK(sr__win32_account_find(text, &account));
    return EqualSid(sid, &account.sid);
}

static DWORD specific(DWORD mask, const object_t *object)
{
    GENERIC_MAPPING mapping = *object->rights;
    MapGenericMask(&mask, &mapping);
    return mask;
}

/* What the list grants to `account`, as rights of this kind of object; it must not deny anything. */
static DWORD granted_to(PACL list, const sr__sid_t *account, const object_t *object)
{
    DWORD granted = 0;
    for (DWORD i = 0; i < list->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry;
        CHECK(GetAce(list, i, (void **)&entry));
        CHECK_EQUAL(entry->Header.AceType, ACCESS_ALLOWED_ACE_TYPE);
        if (EqualSid((PSID)&entry->SidStart, (PSID)(uintptr_t)&account->sid))
            granted |= specific(entry->Mask, object);
    }
    return granted;
}

/* Nobody else stands in the list than this user, the account (may be NULL), and for a file the system. */
static void check_nobody_else(PACL list, const char *account, const object_t *object)
{
    sr__sid_t me;
    CHECK(sr__win32_own_user(&me));
    for (DWORD i = 0; i < list->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry;
        CHECK(GetAce(list, i, (void **)&entry));
        PSID sid = (PSID)&entry->SidStart;
        CHECK(EqualSid(sid, &me.sid) || (account != NULL && is_account(sid, account)) ||
              (is_file(object) && IsWellKnownSid(sid, WinLocalSystemSid)));
    }
}

/* The owner has all rights, `account` exactly these, and nobody else any. */
static void check_rights(const object_t *object, const char *account, DWORD rights)
{
    PSECURITY_DESCRIPTOR descriptor;
    PSID owner;
    PACL list;
    sr__sid_t me, other;
    DWORD flags;
    check_context("%s", object->what);
    CHECK_EQUAL(GetSecurityInfo(object->handle, is_file(object) ? SE_FILE_OBJECT : SE_KERNEL_OBJECT,
                                OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner, NULL, &list,
                                NULL, &descriptor),
                ERROR_SUCCESS);
    CHECK(sr__win32_own_user(&me));
    CHECK(EqualSid(owner, &me.sid));
    CHECK(list != NULL); /* else everybody may do everything */
    CHECK_EQUAL(granted_to(list, &me, object), object->rights->GenericAll);
    check_nobody_else(list, rights != 0 ? account : NULL, object);
    if (rights != 0 && !is_file(object)) {
        CHECK(sr__win32_account_find(account, &other));
        CHECK_EQUAL(granted_to(list, &other, object), specific(rights, object));
    } else if (rights != 0 && (keeps_lists_of_files() || strcmp(account, EVERYBODY) == 0)) {
        CHECK(sr__win32_account_find(account, &other));
        DWORD granted = granted_to(list, &other, object), wanted = specific(rights, object);
        CHECK_EQUAL(granted & FILE_READ_DATA, wanted & FILE_READ_DATA);
        if (keeps_lists_of_files())
            CHECK_EQUAL(granted, wanted);
    }
    LocalFree(descriptor);
    CHECK(GetHandleInformation(object->handle, &flags));
    CHECK_EQUAL(flags & HANDLE_FLAG_INHERIT, 0);
    check_context("%s", "");
}

static HANDLE open_file(const char *path)
{
    wchar_t *wide = sr__win32_wide(path);
    HANDLE file = CreateFileW(wide, READ_CONTROL, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                              NULL, OPEN_EXISTING, 0, NULL);
    free(wide);
    if (file == INVALID_HANDLE_VALUE)
        FAIL("%s: error %lu", path, GetLastError());
    return file;
}

static HANDLE open_event(slotring_t *ring)
{
    wchar_t name[SR__OBJECT_NAME_SIZE];
    sr__win32_event_name(ring->member.segment->ring_id, false, ring->member.me, name);
    HANDLE event = OpenEventW(READ_CONTROL, FALSE, name);
    CHECK(event != NULL);
    return event;
}

/* A ring of this access: what `account` may do with the section, the events, the record, and the lock file. */
static void check_ring_rights(uint32_t access, const char *account, const DWORD rights[4])
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    options.access = access;
    options.group = account != NULL && strcmp(account, EVERYBODY) != 0 ? account : NULL;
    slotring_t *ring = ring_open_with(ring_name(), &options);
    slotring_t *second =
        ring_attach(ring_name()); /* its event is made by a user of the ring, not by its creator */
    const object_t objects[] = {
        {"section", ring->member.segment->section, &of_section},
        {"event", open_event(ring), &of_event},
        {"record", open_file(ring_path(ring_name())), &of_file},
        {"lock file", open_file(ring_lock_path(ring_name())), &of_file},
        {"event of who attached", open_event(second), &of_event},
    };
    for (size_t i = 0; i < 4; i++)
        check_rights(&objects[i], account, rights[i]);
    check_rights(&objects[4], account, rights[1]);
    for (size_t i = 1; i < 5; i++)
        CloseHandle(objects[i].handle);
    CHECK_OK(slotring_close(second));
    ring_remove(ring, ring_name());
}

#define OBSERVE                          \
    {                                    \
        GENERIC_READ, 0, GENERIC_READ, 0 \
    } /* no lock of theirs may make the dead look alive */
#define TAKE_PART                                                                                            \
    {                                                                                                        \
        GENERIC_READ | GENERIC_WRITE, GENERIC_READ | GENERIC_WRITE | GENERIC_EXECUTE, GENERIC_READ | DELETE, \
            GENERIC_READ | GENERIC_WRITE | DELETE                                                            \
    }

static void owner_alone(void)
{
    check_ring_rights(SLOTRING_ACCESS_OWNER, NULL, (const DWORD[4]){0});
}

static void a_group(void)
{
    check_ring_rights(SLOTRING_ACCESS_GROUP, USERS, (const DWORD[4])TAKE_PART);
    check_ring_rights(SLOTRING_ACCESS_GROUP_OBSERVE, USERS, (const DWORD[4])OBSERVE);
}

static void everybody(void)
{
    check_ring_rights(SLOTRING_ACCESS_ALL, EVERYBODY, (const DWORD[4])TAKE_PART);
    check_ring_rights(SLOTRING_ACCESS_ALL_OBSERVE, EVERYBODY, (const DWORD[4])OBSERVE);
}

/* A lock file that a killed creator of a ring for everybody left is the owner's alone before another ring uses it. */
static void an_adopted_lock_file(void)
{
    sr__segment_config_t config = {.access = SLOTRING_ACCESS_ALL};
    sr__place_t *place;
    sr__locks_t *locks;
    CHECK_OK(sr__win32_place_open(NULL, ring_name(), &place, NULL));
    CHECK_OK(sr__win32_locks_open(place, true, &config, &locks, NULL));
    sr__win32_locks_close(locks);
    sr__win32_place_close(place);
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    object_t object = {"lock file", open_file(ring_lock_path(ring_name())), &of_file};
    check_rights(&object, NULL, 0);
    CloseHandle(object.handle);
    ring_remove(ring, ring_name());
}

static void an_unknown_group(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, 4, 100);
    slotring_t *ring = NULL;
    slotring_error_t error;
    options.access = SLOTRING_ACCESS_GROUP;
    options.group = "no such group";
    CHECK_CODE(slotring_open(&ring, ring_name(), &options, &error), SLOTRING_E_INVALID);
    CHECK_CONTAINS(error.text, "no such group");
    CHECK_CONTAINS(error.text, "S-1-");
    check_nothing_left();
}

static const test_case_t cases[] = {
    {"owner_alone", owner_alone, 0},
    {"a_group", a_group, 0},
    {"everybody", everybody, 0},
    {"an_adopted_lock_file", an_adopted_lock_file, 0},
    {"an_unknown_group", an_unknown_group, 0},
    {NULL, NULL, 0},
};

const test_suite_t win32_rights_suite = {"win32_rights", cases, NULL};
