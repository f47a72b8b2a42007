/* SPDX-License-Identifier: Apache-2.0 */
/* The calls that take the place of system calls: those of DLLs' functions, by way of the program's import table. Its
 * entries are replaced by addresses that nothing can be run at, one for each function. */
#include <stdlib.h>
#include <string.h>

#include "step_victim.h"
#include "support/check.h"

#define CALLS_MAX 512

static struct {
    unsigned char *faults; /* an address each */
    address_t functions[CALLS_MAX];
    unsigned count;
} calls;

/* They change nothing that another thread or process could see. */
static const char *const harmless[] = {
    "GetLastError",
    "SetLastError",
    "TlsGetValue",
    "QueryPerformanceCounter",
    "GetTickCount64",
    "GetCurrentProcess",
    "GetCurrentProcessId",
    "QueryPerformanceFrequency",
    "GetCurrentThreadId",
    "WideCharToMultiByte",
    "MultiByteToWideChar",
    "GetEnvironmentVariableW",
    "GetFullPathNameW",
    "GetSystemInfo",
    "CopySid",
    "GetLengthSid",
    "EqualSid",
    "IsWellKnownSid",
    "GetSidSubAuthority",
    "GetSidSubAuthorityCount",
    "GetProcAddress",
    "GetModuleHandleA",
    "GetModuleFileNameW",
    "GetActiveProcessorCount",
    "FormatMessageW",
    "GetFileType",
    "GetFileAttributesW",
    "GetFileInformationByHandle",
    "LocalFree",
    "ConvertStringSidToSidA",
    "ConvertSidToStringSidA",
    "IsValidSid",
    "SwitchToThread",
    "OpenProcessToken",
    "GetTokenInformation",
    "GetFinalPathNameByHandleW",
    "GetSecurityInfo",
    "VirtualQuery",
    "GetProcessTimes",
    "ProcessIdToSessionId",
};

static bool is_harmless(const char *function)
{
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++)
        if (strcmp(function, harmless[i]) == 0)
            return true;
    return false;
}

static void trap_one(address_t *entry)
{
    CHECK(calls.count < CALLS_MAX);
    calls.functions[calls.count] = *entry;
    *entry = (address_t)(uintptr_t)(calls.faults + calls.count++);
}

static void trap_dll(unsigned char *image, const IMAGE_IMPORT_DESCRIPTOR *dll)
{
    const IMAGE_THUNK_DATA *names = (const void *)(image + dll->OriginalFirstThunk);
    IMAGE_THUNK_DATA *entries = (void *)(image + dll->FirstThunk);
    DWORD before;
    if (_stricmp((const char *)image + dll->Name, "msvcrt.dll") == 0)
        return; /* memory and text; and some of its entries are data */
    for (size_t i = 0; names[i].u1.AddressOfData != 0; i++) {
        const IMAGE_IMPORT_BY_NAME *name = (const void *)(image + names[i].u1.AddressOfData);
        if (IMAGE_SNAP_BY_ORDINAL(names[i].u1.Ordinal) || is_harmless((const char *)name->Name))
            continue;
        CHECK(VirtualProtect(&entries[i], sizeof entries[i], PAGE_READWRITE, &before));
        trap_one((address_t *)&entries[i].u1.Function);
    }
}

void calls_trap(unsigned char *image)
{
    const IMAGE_DOS_HEADER *dos = (const void *)image;
    const IMAGE_NT_HEADERS *headers = (const void *)(image + dos->e_lfanew);
    const IMAGE_DATA_DIRECTORY *imports =
        &headers->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IMPORT];
    calls.faults = VirtualAlloc(NULL, CALLS_MAX, MEM_RESERVE, PAGE_NOACCESS);
    CHECK(calls.faults != NULL);
    for (const IMAGE_IMPORT_DESCRIPTOR *dll = (const void *)(image + imports->VirtualAddress); dll->Name != 0;
         dll++)
        trap_dll(image, dll);
    CHECK_AT_LEAST(calls.count, 20);
}

address_t calls_function(address_t fault)
{
    address_t number = fault - (address_t)(uintptr_t)calls.faults;
    return calls.faults != NULL && number < calls.count ? calls.functions[number] : 0;
}
