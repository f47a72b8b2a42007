/* SPDX-License-Identifier: Apache-2.0 */
/* Time: monotonic, since the machine's start, the same for all of its processes. The coarse clock is the same one: it
 * costs little here, and the system's tick is too coarse. */
#include "win32/win32_internal.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)

uint64_t sr__win32_clock_ns(void)
{
    LARGE_INTEGER count, frequency;

    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&count);
    uint64_t ticks = (uint64_t)count.QuadPart, per_s = (uint64_t)frequency.QuadPart;
    return ticks / per_s * NS_PER_S + ticks % per_s * NS_PER_S / per_s; /* without overflow for 500 years */
}

void sr__win32_sleep_ns(uint64_t duration_ns)
{
    uint64_t ms = duration_ns / NS_PER_MS + (duration_ns % NS_PER_MS != 0);

    Sleep(ms < INFINITE ? (DWORD)ms : INFINITE - 1);
}
