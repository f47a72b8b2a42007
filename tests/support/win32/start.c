/* SPDX-License-Identifier: Apache-2.0 */
/* Starting processes of Windows. */
#include "support/win32/start.h"

#include <stdio.h>

#define TRIES 5

/* Wine now and then fails to start a process, before that has run any of our code, with an internal error. Windows has no
 * such answer for a program that is there, so it is Wine's to be asked again, and said to have happened. */
BOOL start_process(const char *program, char *command, DWORD flags, STARTUPINFOA *startup,
                   PROCESS_INFORMATION *child)
{
    for (int tries = 1; tries <= TRIES; tries++) {
        if (CreateProcessA(program, command, NULL, NULL, TRUE, flags, NULL, NULL, startup, child))
            return TRUE;
        if (GetLastError() != ERROR_INTERNAL_ERROR)
            return FALSE;
        printf("CreateProcess: internal error, try %d\n", tries);
        SetLastError(ERROR_INTERNAL_ERROR);
    }
    return FALSE;
}
