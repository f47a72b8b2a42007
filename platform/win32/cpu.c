/* SPDX-License-Identifier: Apache-2.0 */
/* The processors. */
#include "win32/win32_internal.h"

void sr__win32_pause(void)
{
    YieldProcessor();
}

void sr__win32_yield(void)
{
    SwitchToThread();
}

/* Those of the machine, not those that this process is bound to: the one that it waits for may run elsewhere. */
uint32_t sr__win32_processors(void)
{
    DWORD count = GetActiveProcessorCount(ALL_PROCESSOR_GROUPS);
    return count > 0 ? (uint32_t)count : 1;
}
