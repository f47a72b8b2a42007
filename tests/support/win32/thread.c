/* SPDX-License-Identifier: Apache-2.0 */
/* Threads as Windows numbers them. */
#include "support/thread.h"

#include <windows.h>

#include "support/check.h"

#define WATCH_MS 50

int thread_own_number(void)
{
    return (int)GetCurrentThreadId();
}

static DWORD first_thread;

/* The program is loaded by its first thread. */
__attribute__((constructor)) static void note_first_thread(void)
{
    first_thread = GetCurrentThreadId();
}

bool thread_is_first(void)
{
    return GetCurrentThreadId() == first_thread;
}

/* See peer_wait_asleep. */
bool thread_is_asleep(int number)
{
    FILETIME created, ended, kernel[2], user[2];
    HANDLE thread = OpenThread(THREAD_QUERY_INFORMATION, FALSE, (DWORD)number);
    CHECK(thread != NULL);
    CHECK(GetThreadTimes(thread, &created, &ended, &kernel[0], &user[0]));
    Sleep(WATCH_MS);
    CHECK(GetThreadTimes(thread, &created, &ended, &kernel[1], &user[1]));
    CloseHandle(thread);
    return CompareFileTime(&kernel[0], &kernel[1]) == 0 && CompareFileTime(&user[0], &user[1]) == 0;
}

bool threads_share_one_processor(void)
{
    DWORD_PTR own, machine;
    if (!GetProcessAffinityMask(GetCurrentProcess(), &own, &machine) || own == 0)
        return false;
    return SetProcessAffinityMask(GetCurrentProcess(), own & (~own + 1)) != 0; /* the lowest */
}

bool thread_is_urgent(void)
{
    return SetThreadPriority(GetCurrentThread(), THREAD_PRIORITY_TIME_CRITICAL) != 0;
}
