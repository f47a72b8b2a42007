/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the program for Windows share. */
#ifndef SLOTRING_TOOL_HOST_WIN32_H
#define SLOTRING_TOOL_HOST_WIN32_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <wchar.h>
#include <windows.h>

/* Of a descriptor of the C library. */
HANDLE host_win32_handle(int file);
/* To be freed; NULL: not UTF-8, or no memory. */
wchar_t *host_win32_widen(const char *text);
/* Opens a file that others may read and write meanwhile. `share`: what else they may do; `flags`: of _open. */
int host_win32_open(const char *path, DWORD access, DWORD share, DWORD disposition, int flags, int *file);

#endif
