/* SPDX-License-Identifier: Apache-2.0 */
/* Who this process is, and whether another one lives: for people, who see it in statistics. */
#include <string.h>

#include "win32/win32_internal.h"

#include <tlhelp32.h>

static bool start_of(HANDLE process, uint64_t *start_time)
{
    FILETIME created, ended, kernel, user;

    if (!GetProcessTimes(process, &created, &ended, &kernel, &user))
        return false;
    *start_time = (uint64_t)created.dwHighDateTime << 32 | created.dwLowDateTime;
    return true;
}

/* The program's file without its folder and .exe. */
static void own_name(char *name, size_t size)
{
    wchar_t path[1024];
    DWORD length = GetModuleFileNameW(NULL, path, sizeof path / sizeof path[0]);

    path[length < sizeof path / sizeof path[0] ? length : sizeof path / sizeof path[0] - 1] = L'\0';
    wchar_t *start = wcsrchr(path, L'\\');
    start = start ? start + 1 : path;
    wchar_t *end = wcsrchr(start, L'.');
    if (end && _wcsicmp(end, L".exe") == 0)
        *end = L'\0';
    sr__win32_narrow_into(start, name, size);
}

void sr__win32_self(sr__self_t *self)
{
    sr__sid_t me;

    memset(self, 0, sizeof *self);
    self->pid = GetCurrentProcessId();
    start_of(GetCurrentProcess(), &self->start_time);
    if (sr__win32_own_user(&me))
        self->uid = sr__win32_number_of(&me);
    own_name(self->name, sizeof self->name);
}

uint32_t sr__win32_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time)
{
    uint64_t started = 0;

    if (pid == 0 || pid > UINT32_MAX || pid_namespace != 0)
        return SLOTRING_LIFE_UNKNOWN;
    HANDLE process = OpenProcess(SYNCHRONIZE | PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)pid);
    if (!process)
        return GetLastError() == ERROR_INVALID_PARAMETER ? SLOTRING_LIFE_DEAD : SLOTRING_LIFE_UNKNOWN;
    bool ended = WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    bool known = start_of(process, &started);
    CloseHandle(process);
    if (ended || (known && start_time != 0 && start_time != started))
        return SLOTRING_LIFE_DEAD; /* or the number is another process's by now */
    return SLOTRING_LIFE_RUNNING;
}

uint32_t sr__win32_threads(void)
{
    THREADENTRY32 thread = {.dwSize = sizeof thread};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    uint32_t count = 0;

    if (all == INVALID_HANDLE_VALUE)
        return 0;
    for (BOOL more = Thread32First(all, &thread); more; more = Thread32Next(all, &thread))
        count += thread.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(all);
    return count;
}

/* A ring never outlives its users here, so none is from before a restart. */
void sr__win32_boot_id(uint8_t id[16])
{
    memset(id, 0, 16);
}
