/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on Windows, but for files and their errors: host_win32_files.c. */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#define _WIN32_WINNT 0x0602
#include <windows.h>

#include "host.h"

#include <fcntl.h>
#include <inttypes.h>
#include <io.h>
#include <shellapi.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

#define NS_PER_MS UINT64_C(1000000)
#define CANCEL_EVERY_MS 50

/* Elsewhere the shell says which signal ended a program. Here it would end with a number and without a word: nobody shows the box
 * that is switched off below. Nothing is allocated, since what crashed may have been the allocator. */
static LONG WINAPI on_crash(EXCEPTION_POINTERS *crash)
{
    char text[128];
    DWORD done;
    int length = snprintf(text, sizeof text, "slotring: crashed: exception 0x%08lx at address %p\n",
                          (unsigned long)crash->ExceptionRecord->ExceptionCode,
                          crash->ExceptionRecord->ExceptionAddress);
    if (length > 0)
        WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, (DWORD)length, &done, NULL);
    return EXCEPTION_EXECUTE_HANDLER; /* the program ends with the exception's number */
}

void host_setup(void)
{
    SetUnhandledExceptionFilter(on_crash);
    (void)_setmode(HOST_STDIN, _O_BINARY);
    (void)_setmode(HOST_STDOUT, _O_BINARY);
    SetConsoleOutputCP(CP_UTF8);
    SetErrorMode(SEM_FAILCRITICALERRORS |
                 SEM_NOGPFAULTERRORBOX); /* nobody may be there to click a box away */
}

static char *narrow(const wchar_t *text)
{
    int size = WideCharToMultiByte(CP_UTF8, 0, text, -1, NULL, 0, NULL, NULL);
    char *made = size > 0 ? malloc((size_t)size) : NULL;
    if (made)
        WideCharToMultiByte(CP_UTF8, 0, text, -1, made, size, NULL, NULL);
    return made;
}

/* What main() gets is in the code page of the machine, which lacks most letters. They live as long as the program. */
void host_arguments(int *argc, const char ***argv)
{
    int count = 0;
    wchar_t **wide = CommandLineToArgvW(GetCommandLineW(), &count);
    const char **made = wide ? calloc((size_t)count + 1, sizeof *made) : NULL;
    bool complete = made != NULL;
    for (int i = 0; complete && i < count; i++)
        complete = (made[i] = narrow(wide[i])) != NULL;
    LocalFree(wide);
    if (!complete)
        return;
    *argc = count;
    *argv = made;
}

/* ---- Being asked to stop -------------------------------------------------------------------------- */

static atomic_int stop_signal;
static void (*stop_notify)(void);
static HANDLE stop_event, main_thread;

/* In a thread that the system makes for it. */
static BOOL WINAPI on_request(DWORD kind)
{
    int none = 0;
    int number = kind == CTRL_C_EVENT || kind == CTRL_BREAK_EVENT ? SIGINT : SIGTERM;
    if (atomic_compare_exchange_strong(&stop_signal, &none, number) && stop_notify)
        stop_notify();
    SetEvent(stop_event);
    if (number == SIGTERM)
        Sleep(INFINITE); /* the window was closed: once this returns the system ends the program at once */
    return TRUE;
}

/* A request that arrives just before a call blocks would not end that call: cancelled again and again. */
static DWORD WINAPI cancel_blocked_calls(void *unused)
{
    (void)unused;
    WaitForSingleObject(stop_event, INFINITE);
    while (CancelSynchronousIo(main_thread) || GetLastError() == ERROR_NOT_FOUND)
        Sleep(CANCEL_EVERY_MS);
    return 0;
}

void host_catch_stop(void (*notify)(void))
{
    HANDLE me = GetCurrentProcess();
    stop_notify = notify;
    if (stop_event)
        return;
    stop_event = CreateEventW(NULL, TRUE, FALSE, NULL);
    DuplicateHandle(me, GetCurrentThread(), me, &main_thread, 0, FALSE, DUPLICATE_SAME_ACCESS);
    HANDLE thread = CreateThread(NULL, 0, cancel_blocked_calls, NULL, 0, NULL);
    if (thread)
        CloseHandle(thread);
    SetConsoleCtrlHandler(on_request, TRUE);
}

int host_stop_requested(void)
{
    return atomic_load(&stop_signal);
}

void host_await_stop(void)
{
    while (!host_stop_requested())
        host_sleep(UINT64_C(3600) * 1000 * NS_PER_MS);
}

/* ---- Time ----------------------------------------------------------------------------------------- */

uint64_t host_clock_ns(void)
{
    LARGE_INTEGER count, frequency;
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    uint64_t ticks = (uint64_t)count.QuadPart, per_s = (uint64_t)frequency.QuadPart;
    return ticks / per_s * 1000000000u + ticks % per_s * 1000000000u / per_s;
}

/* Windows counts from 1601, in steps of 100 ns. */
uint64_t host_time_of_day_ns(void)
{
    FILETIME now;
    GetSystemTimePreciseAsFileTime(&now);
    uint64_t steps = (uint64_t)now.dwHighDateTime << 32 | now.dwLowDateTime;
    return (steps - UINT64_C(116444736000000000)) * 100;
}

void host_sleep(uint64_t duration_ns)
{
    uint64_t ms = duration_ns / NS_PER_MS + (duration_ns % NS_PER_MS != 0);
    DWORD timeout = ms < INFINITE ? (DWORD)ms : INFINITE - 1;
    if (stop_event)
        WaitForSingleObject(stop_event, timeout);
    else
        Sleep(timeout);
}

/* ---- Processes and users -------------------------------------------------------------------------- */

/* The handle keeps the number from being given to another process. Handles have 32 significant bits. */
int host_process_open(uint64_t pid, host_process_t *process)
{
    process->pid = pid;
    process->handle = -1;
    if (pid == 0 || pid > UINT32_MAX)
        return ERROR_INVALID_PARAMETER;
    HANDLE handle = OpenProcess(PROCESS_TERMINATE | SYNCHRONIZE, FALSE, (DWORD)pid);
    if (!handle)
        return (int)GetLastError();
    process->handle = (int)(intptr_t)handle;
    return 0;
}

int host_process_kill(const host_process_t *process)
{
    HANDLE handle = (HANDLE)(intptr_t)process->handle;
    return TerminateProcess(handle, 128 + 9) ? 0 : (int)GetLastError();
}

void host_process_close(host_process_t *process)
{
    if (process->handle != -1)
        CloseHandle((HANDLE)(intptr_t)process->handle);
    process->handle = -1;
}

/* The number is the last part of a SID, which says who it is for this process's own user only. */
void host_user_name(uint64_t uid, char *text, size_t size)
{
    union {
        TOKEN_USER user;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } about;
    wchar_t name[257];
    HANDLE token;
    DWORD used, length = sizeof name / sizeof name[0];
    bool own = false;
    if (OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token)) {
        if (GetTokenInformation(token, TokenUser, &about, sizeof about, &used)) {
            PSID sid = about.user.User.Sid;
            own = *GetSidSubAuthority(sid, *GetSidSubAuthorityCount(sid) - 1u) == uid;
        }
        CloseHandle(token);
    }
    char *made = own && GetUserNameW(name, &length) ? narrow(name) : NULL;
    if (made)
        snprintf(text, size, "%s", made);
    else
        snprintf(text, size, "%" PRIu64, uid);
    free(made);
}

/* Groups have SIDs here, and no numbers. The library says so when it is given one. */
bool host_find_group(const char *name, uint64_t *gid)
{
    char *end;
    if (name[0] < '0' || name[0] > '9')
        return false;
    *gid = strtoull(name, &end, 10);
    return *end == '\0';
}

void host_group_name(uint64_t gid, char *text, size_t size)
{
    snprintf(text, size, "%" PRIu64, gid);
}
