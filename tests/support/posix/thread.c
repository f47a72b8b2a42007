/* SPDX-License-Identifier: Apache-2.0 */
/* Threads as the system numbers them. */
#include "support/thread.h"

#include <pthread.h>
#include <sched.h>
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

bool threads_share_one_processor(void)
{
    return system_use_one_processor();
}

bool thread_is_urgent(void)
{
    struct sched_param priority = {.sched_priority = sched_get_priority_min(SCHED_FIFO)};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &priority) == 0;
}
