/* SPDX-License-Identifier: Apache-2.0 */
/* Threads as the system numbers them. */
#include "support/thread.h"

#include <unistd.h>

#include "support/posix/system.h"

int thread_own_number(void)
{
    return system_thread();
}

bool thread_is_first(void)
{
    return system_is_first_thread();
}

bool thread_is_asleep(int number)
{
    (void)usleep(200);
    return system_state(getpid(), number) == 'S';
}
