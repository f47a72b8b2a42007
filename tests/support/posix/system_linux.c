/* SPDX-License-Identifier: Apache-2.0 */
#if defined(__linux__)

#include "system.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

void system_die_with_parent(void)
{
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
}

void system_adopt_orphans(void)
{
    (void)prctl(PR_SET_CHILD_SUBREAPER, 1);
}

void system_own_program(char *path, size_t size)
{
    /* Followed here: to an emulator or valgrind that is started with it, it would be itself. */
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    path[length > 0 ? length : 0] = 0;
}

char system_state(pid_t process, int thread)
{
    char path[64], text[512];
    (void)snprintf(path, sizeof path, "/proc/%d/task/%d/stat", (int)process, thread);
    int file = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, text, sizeof text - 1) : -1;
    if (file >= 0)
        close(file);
    if (size <= 0)
        return 0;
    text[size] = 0;
    const char *after_name = strrchr(text, ')');
    return after_name != NULL && after_name[1] == ' ' ? after_name[2] : 0;
}

int system_thread(void)
{
    return (int)syscall(SYS_gettid);
}

bool system_is_first_thread(void)
{
    return syscall(SYS_gettid) == getpid();
}

bool system_use_one_processor(void)
{
    cpu_set_t allowed, one;
    CPU_ZERO(&one);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0)
        return false;
    size_t first = 0;
    while (first < CPU_SETSIZE - 1 && !CPU_ISSET(first, &allowed))
        first++;
    CPU_SET(first, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
}

static cpu_set_t before; /* it stayed */
static bool stays;
static int seat = -1; /* a name that goes with whoever has it */

static void leave_seat(void)
{
    if (seat >= 0)
        close(seat);
    seat = -1;
}

/* One test at a time stays on a processor: those that stay are not moved to one that is idle. */
static bool take_seat(int processor)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int length = snprintf(address.sun_path + 1, sizeof address.sun_path - 1, "slotring-tests-on-processor-%d",
                          processor);
    seat = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (seat >= 0 && bind(seat, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length)) == 0)
        return true;
    leave_seat();
    return false;
}

void system_stay_here(void)
{
    cpu_set_t one;
    int here = sched_getcpu(), processors = (int)sysconf(_SC_NPROCESSORS_ONLN);
    if (stays || here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof before, &before) != 0)
        return;
    for (int i = 0; i < processors && !stays; i++) {
        int processor = (here + i) % processors;
        if (!CPU_ISSET((size_t)processor, &before) || !take_seat(processor))
            continue;
        CPU_ZERO(&one);
        CPU_SET((size_t)processor, &one);
        stays = sched_setaffinity(0, sizeof one, &one) == 0;
        if (!stays)
            leave_seat();
    }
}

void system_go_anywhere(void)
{
    if (stays)
        (void)sched_setaffinity(0, sizeof before, &before);
    stays = false;
    leave_seat();
}

uint64_t system_free_mib(void)
{
    uint64_t memory = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    char line[200];
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        unsigned long long kib;
        if (sscanf(line, "MemAvailable: %llu", &kib) == 1)
            memory = kib / 1024;
    }
    if (file != NULL)
        fclose(file);
    return memory;
}

#endif
