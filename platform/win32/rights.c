/* SPDX-License-Identifier: Apache-2.0 */
/* Who may do what with a ring's objects, and whose objects are trusted. */
#include "win32/win32_internal.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SID_TEXT_SIZE 190u /* S-1-, and 15 numbers of ten digits */

/* What the others get, as SDDL has it: all observers, and those that take part. The owner gets everything.
 * Observers get nothing on the lock file: a lock of theirs would make the dead look alive. */
static const struct {
    const char *observe, *take_part;
} others[] = {
    [SR__OBJECT_SEGMENT] = {"GR", "GRGW"},
    [SR__OBJECT_RECORD] = {"GR", "GRSD"},
    [SR__OBJECT_LOCK] = {NULL, "GRGWSD"},
    [SR__OBJECT_EVENT] = {NULL, "GRGWGX"},
};

static bool is_for_group(uint32_t access)
{
    return access == SLOTRING_ACCESS_GROUP || access == SLOTRING_ACCESS_GROUP_OBSERVE;
}

static bool is_for_observers(uint32_t access)
{
    return access == SLOTRING_ACCESS_ALL_OBSERVE || access == SLOTRING_ACCESS_GROUP_OBSERVE;
}

/* A piece of what this process's token says; a SID is the first thing that its struct points to. */
static bool token_sid(TOKEN_INFORMATION_CLASS what, sr__sid_t *sid)
{
    union {
        TOKEN_USER user;
        TOKEN_PRIMARY_GROUP group;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } buffer;
    HANDLE token;
    DWORD size;

    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool found = GetTokenInformation(token, what, &buffer, sizeof buffer, &size) != 0;
    CloseHandle(token);
    PSID inside = what == TokenUser ? buffer.user.User.Sid : buffer.group.PrimaryGroup;
    return found && CopySid(sizeof *sid, sid, inside);
}

bool sr__win32_own_user(sr__sid_t *sid)
{
    return token_sid(TokenUser, sid);
}

static bool sid_from_text(const char *text, sr__sid_t *sid)
{
    PSID parsed;

    if (strncmp(text, "S-1-", 4) != 0 || !ConvertStringSidToSidA(text, &parsed))
        return false;
    bool copied = CopySid(sizeof *sid, sid, parsed) != 0;
    LocalFree(parsed);
    return copied;
}

bool sr__win32_sid_to_text(const sr__sid_t *sid, char *text, size_t size)
{
    char *made;

    if (!ConvertSidToStringSidA((PSID)(uintptr_t)sid, &made))
        return false;
    bool fits = strlen(made) < size;
    if (fits)
        memcpy(text, made, strlen(made) + 1);
    LocalFree(made);
    return fits;
}

bool sr__win32_account_find(const char *name, sr__sid_t *sid)
{
    wchar_t domain[256];
    DWORD sid_size = sizeof *sid, domain_size = sizeof domain / sizeof domain[0];
    SID_NAME_USE use;

    if (sid_from_text(name, sid))
        return true;
    wchar_t *wide = sr__win32_wide(name);
    bool found = wide && LookupAccountNameW(NULL, wide, sid, &sid_size, domain, &domain_size, &use);
    free(wide);
    return found;
}

int sr__win32_rights_of(const sr__segment_config_t *config, sr__rights_t *rights, slotring_error_t *error)
{
    memset(rights, 0, sizeof *rights);
    rights->access = config->access;
    if (config->access > SLOTRING_ACCESS_ALL)
        return sr__fail(error, SLOTRING_E_INVALID, 0, "access mode %u is unknown, the last one is %d",
                        (unsigned)config->access, SLOTRING_ACCESS_ALL);
    if (config->group && !sr__win32_account_find(config->group, &rights->group))
        return sr__fail(error, SLOTRING_E_INVALID, (int)GetLastError(),
                        "no group \"%s\" is known on this machine (a name, or S-1-…)", config->group);
    if (!config->group && is_for_group(config->access) && !token_sid(TokenPrimaryGroup, &rights->group))
        return sr__win32_fail_os(error, GetLastError(), "cannot find out this process's own group");
    return 0;
}

/* The owner stands in it, since an administrator's objects would else belong to all administrators. */
static bool describe(const sr__rights_t *rights, enum sr__object_kind kind, char *text, size_t size)
{
    char own[SID_TEXT_SIZE], group[SID_TEXT_SIZE] = "WD"; /* everybody */
    sr__sid_t me;

    if (!sr__win32_own_user(&me) || !sr__win32_sid_to_text(&me, own, sizeof own))
        return false;
    if (is_for_group(rights->access) && !sr__win32_sid_to_text(&rights->group, group, sizeof group))
        return false;
    const char *granted = rights->access == SLOTRING_ACCESS_OWNER ? NULL
                          : is_for_observers(rights->access)      ? others[kind].observe
                                                                  : others[kind].take_part;
    int used = snprintf(text, size, "O:%sD:P(A;;GA;;;%s)", own, own);
    if (granted)
        snprintf(text + used, size - (size_t)used, "(A;;%s;;;%s)", granted, group);
    return true;
}

int sr__win32_security_of(const sr__rights_t *rights, enum sr__object_kind kind,
                          SECURITY_ATTRIBUTES *security, slotring_error_t *error)
{
    char text[3 * SID_TEXT_SIZE + 64];

    /* Never inherited by a process that the host starts: its locks would outlive this one. */
    *security = (SECURITY_ATTRIBUTES){.nLength = sizeof *security, .bInheritHandle = FALSE};
    if (describe(rights, kind, text, sizeof text) &&
        ConvertStringSecurityDescriptorToSecurityDescriptorA(text, SDDL_REVISION_1,
                                                             &security->lpSecurityDescriptor, NULL))
        return 0;
    return sr__win32_fail_os(error, GetLastError(), "cannot describe the ring's access rights");
}

void sr__win32_security_free(SECURITY_ATTRIBUTES *security)
{
    LocalFree(security->lpSecurityDescriptor);
    security->lpSecurityDescriptor = NULL;
}

int sr__win32_security_set(HANDLE file, const sr__rights_t *rights, enum sr__object_kind kind,
                           slotring_error_t *error)
{
    SECURITY_ATTRIBUTES security;
    int failed = sr__win32_security_of(rights, kind, &security, error);

    if (failed != 0)
        return failed;
    /* SetSecurityInfo would look for what is inherited, and Wine's then sets nothing and says that it did. */
    bool set = SetKernelObjectSecurity(file, DACL_SECURITY_INFORMATION | PROTECTED_DACL_SECURITY_INFORMATION,
                                       security.lpSecurityDescriptor) != 0;
    DWORD number = GetLastError();
    sr__win32_security_free(&security);
    return set ? 0 : sr__win32_fail_os(error, number, "cannot set the access rights of the ring's lock file");
}

bool sr__win32_owner_of(HANDLE object, bool is_file, sr__sid_t *owner)
{
    PSECURITY_DESCRIPTOR descriptor;
    PSID inside = NULL;
    DWORD number = GetSecurityInfo(object, is_file ? SE_FILE_OBJECT : SE_KERNEL_OBJECT,
                                   OWNER_SECURITY_INFORMATION, &inside, NULL, NULL, NULL, &descriptor);

    if (number != ERROR_SUCCESS) {
        SetLastError(number);
        return false;
    }
    bool copied = inside && CopySid(sizeof *owner, owner, inside);
    LocalFree(descriptor);
    return copied;
}

/* The system and its administrators are what root is elsewhere. */
bool sr__win32_is_trusted(const sr__place_t *place, const sr__sid_t *owner)
{
    PSID sid = (PSID)(uintptr_t)owner;
    sr__sid_t me;

    if (IsWellKnownSid(sid, WinLocalSystemSid) || IsWellKnownSid(sid, WinBuiltinAdministratorsSid))
        return true;
    if (place->has_trusted && EqualSid(sid, (PSID)(uintptr_t)&place->trusted))
        return true;
    return sr__win32_own_user(&me) && EqualSid(sid, &me);
}

uint64_t sr__win32_number_of(const sr__sid_t *sid)
{
    PSID inside = (PSID)(uintptr_t)sid;
    UCHAR count = *GetSidSubAuthorityCount(inside);

    return count > 0 ? *GetSidSubAuthority(inside, count - 1u) : 0;
}
