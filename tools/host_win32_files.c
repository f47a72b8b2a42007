/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on Windows: files, streams and errors. Files are descriptors of the C library, so that 0 and 1 mean what they mean
 * elsewhere; what is done with them goes to the handles behind them, which know no text. Error numbers are the system's; those of
 * the C library's streams are told apart by a bit. */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#define _WIN32_WINNT 0x0602
#include <windows.h>

#include "host.h"
#include "host_win32.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>

#define MOST_AT_ONCE \
    ((uint64_t)1 << 20) /* bytes of one read or write: a pipe's are kept by the system meanwhile */
#define FROM_C_LIBRARY 0x40000000

HANDLE host_win32_handle(int file)
{
    return (HANDLE)_get_osfhandle(file);
}

wchar_t *host_win32_widen(const char *text)
{
    int size = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
    wchar_t *made = size > 0 ? malloc((size_t)size * sizeof *made) : NULL;
    if (made)
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, made, size);
    return made;
}

bool host_is_terminal(FILE *stream)
{
    DWORD mode;
    return GetConsoleMode(host_win32_handle(_fileno(stream)), &mode) != 0;
}

int host_win32_open(const char *path, DWORD access, DWORD share, DWORD disposition, int flags, int *file)
{
    wchar_t *wide = host_win32_widen(path);
    *file = -1;
    if (!wide)
        return ERROR_INVALID_NAME;
    HANDLE handle = CreateFileW(wide, access, FILE_SHARE_READ | FILE_SHARE_WRITE | share, NULL, disposition,
                                FILE_ATTRIBUTE_NORMAL, NULL);
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
    return host_win32_open(path, GENERIC_READ, FILE_SHARE_DELETE, OPEN_EXISTING, _O_RDONLY, file);
}

int host_open_output(const char *path, int *file)
{
    return host_win32_open(path, GENERIC_WRITE, FILE_SHARE_DELETE, OPEN_ALWAYS, _O_WRONLY, file);
}

int host_empty(int file)
{
    return GetFileType(host_win32_handle(file)) != FILE_TYPE_DISK || SetEndOfFile(host_win32_handle(file))
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

int host_rename(const char *from, const char *to)
{
    wchar_t *wide_from = host_win32_widen(from), *wide_to = host_win32_widen(to);
    int error = ERROR_INVALID_NAME;
    if (wide_from && wide_to)
        error = MoveFileExW(wide_from, wide_to, MOVEFILE_REPLACE_EXISTING) ? 0 : (int)GetLastError();
    free(wide_from);
    free(wide_to);
    return error;
}

int host_remove(const char *path)
{
    wchar_t *wide = host_win32_widen(path);
    int error = !wide ? ERROR_INVALID_NAME : DeleteFileW(wide) ? 0 : (int)GetLastError();
    free(wide);
    return error;
}

int host_sync(int file)
{
    if (GetFileType(host_win32_handle(file)) != FILE_TYPE_DISK || FlushFileBuffers(host_win32_handle(file)))
        return 0;
    return (int)GetLastError();
}

bool host_gives_once(const char *path)
{
    return !strncmp(path, "\\\\.\\", 4); /* devices and named pipes */
}

bool host_bytes_left(int file, uint64_t *bytes)
{
    LARGE_INTEGER size, position, nowhere = {.QuadPart = 0};
    HANDLE handle = host_win32_handle(file);
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
        if (ReadFile(host_win32_handle(file), buffer, (DWORD)(size < MOST_AT_ONCE ? size : MOST_AT_ONCE),
                     &done, NULL)) {
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
        if (WriteFile(host_win32_handle(file), (const char *)buffer + *put, (DWORD)part, &done, NULL))
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
