/* SPDX-License-Identifier: Apache-2.0 */
/* Threads as Linux numbers them. */
#include "support/thread.h"

#include <sys/syscall.h>
#include <unistd.h>

#include "support/process.h"

int thread_own_number(void)
{
    return (int)syscall(SYS_gettid);
}

bool thread_is_first(void)
{
    return syscall(SYS_gettid) == getpid();
}

bool thread_is_asleep(int number)
{
    (void)usleep(200);
    return process_state(getpid(), number) == 'S';
}
