/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on Windows. Files are descriptors of the C library, so that 0 and 1 mean what they mean elsewhere; what is done
 * with them goes to the handles behind them, which know no text. Error numbers are the system's; those of the C
 * library's streams are told apart by a bit. */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#define _WIN32_WINNT 0x0602
#include <windows.h>

#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <io.h>
#include <shellapi.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define MOST_AT_ONCE \
    ((uint64_t)1 << 20) /* bytes of one read or write: a pipe's are kept by the system meanwhile */
#define FROM_C_LIBRARY 0x40000000
#define NS_PER_MS UINT64_C(1000000)
#define CANCEL_EVERY_MS 50

static HANDLE handle_of(int file)
{
    return (HANDLE)_get_osfhandle(file);
}

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

static wchar_t *widen(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *made = size > 0 ? malloc((size_t)size * sizeof *made) : NULL;
    if (made)
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, made, size);
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

/* ---- Files and streams ---------------------------------------------------------------------------- */

bool host_is_terminal(FILE *stream)
{
    DWORD mode;
    return GetConsoleMode(handle_of(_fileno(stream)), &mode) != 0;
}

static int open_file(const char *path, DWORD access, DWORD disposition, int flags, int *file)
{
    wchar_t *wide = widen(path);
    *file = -1;
    if (!wide)
        return ERROR_INVALID_NAME;
    HANDLE handle = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL,
                                disposition, FILE_ATTRIBUTE_NORMAL, NULL);
    int error = handle == INVALID_HANDLE_VALUE ? (int)GetLastError() : 0;
    free(wide);
    if (error)
        return error;
    *file = _open_osfhandle((intptr_t)handle, flags | _O_BINARY | _O_NOINHERIT);
    if (*file >= 0)
        return 0;
    CloseHandle(handle);
    return ERROR_TOO_MANY_OPEN_FILES;
}

int host_open_input(const char *path, int *file)
{
    return open_file(path, GENERIC_READ, OPEN_EXISTING, _O_RDONLY, file);
}

int host_open_output(const char *path, int *file)
{
    return open_file(path, GENERIC_WRITE, OPEN_ALWAYS, _O_WRONLY, file);
}

int host_empty(int file)
{
    return GetFileType(handle_of(file)) != FILE_TYPE_DISK || SetEndOfFile(handle_of(file))
               ? 0
               : (int)GetLastError();
}

int host_empty_stream(FILE *stream)
{
    return host_empty(_fileno(stream));
}

int host_close(int file)
{
    return _close(file) != 0 ? errno | FROM_C_LIBRARY : 0;
}

int host_sync(int file)
{
    if (GetFileType(handle_of(file)) != FILE_TYPE_DISK || FlushFileBuffers(handle_of(file)))
        return 0;
    return (int)GetLastError();
}

bool host_bytes_left(int file, uint64_t *bytes)
{
    LARGE_INTEGER size, position, nowhere = {.QuadPart = 0};
    HANDLE handle = handle_of(file);
    if (GetFileType(handle) != FILE_TYPE_DISK || !GetFileSizeEx(handle, &size) ||
        !SetFilePointerEx(handle, nowhere, &position, FILE_CURRENT))
        return false;
    *bytes = size.QuadPart > position.QuadPart ? (uint64_t)(size.QuadPart - position.QuadPart) : 0;
    return true;
}

int host_read(int file, void *buffer, uint64_t size, uint64_t *got)
{
    *got = 0;
    while (!host_stop_requested()) {
        DWORD done = 0;
        if (ReadFile(handle_of(file), buffer, (DWORD)(size < MOST_AT_ONCE ? size : MOST_AT_ONCE), &done,
                     NULL)) {
            *got = done;
            return 0;
        }
        DWORD number = GetLastError();
        if (number == ERROR_BROKEN_PIPE || number == ERROR_HANDLE_EOF)
            return 0; /* the end: nobody writes any more */
        if (number != ERROR_OPERATION_ABORTED)
            return (int)number;
    }
    return 0;
}

int host_write(int file, const void *buffer, uint64_t size, uint64_t *put)
{
    *put = 0;
    do {
        uint64_t part = size - *put < MOST_AT_ONCE ? size - *put : MOST_AT_ONCE;
        DWORD done = 0;
        if (WriteFile(handle_of(file), (const char *)buffer + *put, (DWORD)part, &done, NULL))
            *put += done;
        else if (GetLastError() != ERROR_OPERATION_ABORTED)
            return (int)GetLastError();
    } while (*put < size && !host_stop_requested());
    return *put < size ? HOST_STOPPED : 0;
}

bool host_is_broken_pipe(int error)
{
    return error == ERROR_BROKEN_PIPE || error == ERROR_NO_DATA || error == ERROR_PIPE_NOT_CONNECTED ||
           error == (EPIPE | FROM_C_LIBRARY);
}

bool host_is_full(int error)
{
    return error == ERROR_DISK_FULL || error == ERROR_HANDLE_DISK_FULL || error == (ENOSPC | FROM_C_LIBRARY);
}

bool host_is_missing(int error)
{
    return error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
}

int host_last_error(void)
{
    return errno | FROM_C_LIBRARY;
}

const char *host_error_text(int error)
{
    static char text[600];
    wchar_t wide[300];
    const DWORD flags =
        FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    if (error & FROM_C_LIBRARY)
        return strerror(error & ~FROM_C_LIBRARY);
    DWORD length = FormatMessageW(flags, NULL, (DWORD)error, 0, wide, sizeof wide / sizeof wide[0], NULL);
    while (length > 0 && (wide[length - 1] <= L' ' || wide[length - 1] == L'.'))
        wide[--length] = L'\0';
    if (length == 0 || WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, sizeof text, NULL, NULL) == 0)
        snprintf(text, sizeof text, "error %d", error);
    return text;
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
