/* SPDX-License-Identifier: Apache-2.0 */
/* Starting processes of Windows. */
#ifndef TEST_WIN32_START_H
#define TEST_WIN32_START_H

#include <windows.h>

/* CreateProcess, with the handles that can be inherited. FALSE: GetLastError says why. */
BOOL start_process(const char *program, char *command, DWORD flags, STARTUPINFOA *startup,
                   PROCESS_INFORMATION *child);

#endif
