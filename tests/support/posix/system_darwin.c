/* SPDX-License-Identifier: Apache-2.0 */
#if defined(__APPLE__)

#include "system.h"

#include <libproc.h>
#include <mach-o/dyld.h>
#include <mach/mach.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/proc_info.h>
#include <sys/sysctl.h>
#include <unistd.h>

void system_die_with_parent(void) {}

void system_adopt_orphans(void) {}

void system_own_program(char *path, size_t size)
{
    uint32_t room = (uint32_t)size;
    if (_NSGetExecutablePath(path, &room) != 0)
        path[0] = 0;
}

/* Its first threads; one that waits for anything is asleep. */
char system_state(pid_t process, int thread)
{
    uint64_t handles[64];
    struct proc_threadinfo info;
    int size = proc_pidinfo(process, PROC_PIDLISTTHREADS, 0, handles, (int)sizeof handles);
    int count = size / (int)sizeof handles[0];
    int which = thread == (int)process ? 0 : thread;
    if (which < 0 || which >= count ||
        proc_pidinfo(process, PROC_PIDTHREADINFO, handles[which], &info, (int)sizeof info) !=
            (int)sizeof info)
        return 0;
    return info.pth_run_state == TH_STATE_WAITING ? 'S' : 'R';
}

/* The place among the process's threads, in which they are listed. */
int system_thread(void)
{
    uint64_t own = 0, handles[64];
    struct thread_identifier_info identifier;
    mach_msg_type_number_t words = THREAD_IDENTIFIER_INFO_COUNT;
    if (thread_info(pthread_mach_thread_np(pthread_self()), THREAD_IDENTIFIER_INFO,
                    (thread_info_t)&identifier, &words) == KERN_SUCCESS)
        own = identifier.thread_handle;
    int size = proc_pidinfo(getpid(), PROC_PIDLISTTHREADS, 0, handles, (int)sizeof handles);
    for (int i = 0; i < size / (int)sizeof handles[0]; i++)
        if (handles[i] == own)
            return i;
    return -1;
}

bool system_is_first_thread(void)
{
    return pthread_main_np() == 1;
}

bool system_use_one_processor(void)
{
    return false;
}

void system_stay_here(void) {}

void system_go_anywhere(void) {}

uint64_t system_free_mib(void)
{
    uint64_t bytes = 0;
    size_t size = sizeof bytes;
    return sysctlbyname("hw.memsize", &bytes, &size, NULL, 0) == 0 ? bytes / 2 >> 20 : 0;
}

#endif
