/* SPDX-License-Identifier: Apache-2.0 */
#if defined(__FreeBSD__)

#include "system.h"

#include <sys/param.h>

#include <pthread_np.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/procctl.h>
#include <sys/sysctl.h>
#include <sys/user.h>
#include <unistd.h>

void system_die_with_parent(void)
{
    int signal_number = SIGKILL;
    (void)procctl(P_PID, 0, PROC_PDEATHSIG_CTL, &signal_number);
}

void system_adopt_orphans(void)
{
    (void)procctl(P_PID, 0, PROC_REAP_ACQUIRE, NULL);
}

void system_own_program(char *path, size_t size)
{
    int name[4] = {CTL_KERN, KERN_PROC, KERN_PROC_PATHNAME, -1};
    if (sysctl(name, 4, path, &size, NULL, 0) != 0)
        path[0] = 0;
}

char system_state(pid_t process, int thread)
{
    static struct kinfo_proc threads[256];
    int name[4] = {CTL_KERN, KERN_PROC, KERN_PROC_PID | KERN_PROC_INC_THREAD, (int)process};
    size_t size = sizeof threads;
    if (sysctl(name, 4, threads, &size, NULL, 0) != 0)
        return 0;
    for (size_t i = 0; i < size / sizeof threads[0]; i++) {
        if (thread != (int)process && threads[i].ki_tid != thread)
            continue;
        return threads[i].ki_stat == SSLEEP ? 'S' : threads[i].ki_stat == SZOMB ? 'Z' : 'R';
    }
    return 0;
}

int system_thread(void)
{
    return pthread_getthreadid_np();
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
    long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
    return pages > 0 && page > 0 ? (uint64_t)pages * (uint64_t)page / 2 >> 20 : 0;
}

#endif
