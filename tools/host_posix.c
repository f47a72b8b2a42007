/* SPDX-License-Identifier: Apache-2.0 */
/* host.h on POSIX systems. */
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* syscall() */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif

#include "host.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <inttypes.h>
#include <pwd.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/syscall.h>
#endif

/* A standard stream that the caller closed gets a file that refuses: else the next file opened, a ring's perhaps,
 * would take its number, and what is meant for people would be written into it. */
static void occupy(int stream)
{
    while (fcntl(stream, F_GETFD) < 0 && errno == EBADF) {
        int file = open("/dev/null", stream == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        if (file < 0 || file >= stream)
            return;
    }
}

void host_setup(void)
{
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; stream++)
        occupy(stream);
    signal(SIGPIPE, SIG_IGN);
}

void host_arguments(int *argc, const char ***argv)
{
    (void)argc, (void)argv; /* bytes, as the caller gave them */
}

/* ---- Being asked to stop -------------------------------------------------------------------------- */

static volatile sig_atomic_t stop_signal;
static void (*stop_notify)(void);

/* A request that arrives just before a call blocks would not end that call; so the alarm is repeated until the
 * program has ended: one of them arrives while the call is blocked. */
static void on_signal(int number)
{
    int saved = errno;
    if (number != SIGALRM && stop_signal == 0) {
        stop_signal = number;
        if (stop_notify)
            stop_notify();
    }
    alarm(1);
    errno = saved;
}

void host_catch_stop(void (*notify)(void))
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP, SIGALRM};
    struct sigaction action, before;
    memset(&action, 0, sizeof action);
    action.sa_handler = on_signal; /* without SA_RESTART: blocked calls return */
    sigfillset(&action.sa_mask);
    stop_notify = notify;
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        /* What the caller ignores (nohup, background jobs of simple shells) stays ignored. */
        if (numbers[i] != SIGALRM && sigaction(numbers[i], NULL, &before) == 0 &&
            before.sa_handler == SIG_IGN)
            continue;
        sigaction(numbers[i], &action, NULL);
    }
}

int host_stop_requested(void)
{
    return (int)stop_signal;
}

void host_await_stop(void)
{
    while (!stop_signal)
        host_sleep(UINT64_C(3600) * 1000000000u);
}

/* ---- Time ----------------------------------------------------------------------------------------- */

uint64_t host_clock_ns(void)
{
    struct timespec now;
#ifdef __APPLE__ /* as the library: CLOCK_MONOTONIC follows the time of day there when that is set */
    clock_gettime(CLOCK_MONOTONIC_RAW, &now);
#else
    clock_gettime(CLOCK_MONOTONIC, &now);
#endif
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

uint64_t host_time_of_day_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

void host_sleep(uint64_t duration_ns)
{
    struct timespec left = {(time_t)(duration_ns / 1000000000u), (long)(duration_ns % 1000000000u)};
    while (!stop_signal && nanosleep(&left, &left) != 0 && errno == EINTR)
        continue;
}

/* ---- Processes and users -------------------------------------------------------------------------- */

int host_process_open(uint64_t pid, host_process_t *process)
{
    process->pid = pid;
    process->handle = -1;
    if (pid < 2 || pid > INT32_MAX)
        return ESRCH; /* never a group, everybody, or init */
#if defined(__linux__) && defined(SYS_pidfd_open)
    process->handle = (int)syscall(SYS_pidfd_open, (pid_t)pid, 0);
    if (process->handle >= 0)
        return 0;
    if (errno != ENOSYS && errno != EPERM)
        return errno; /* refused by old kernels and some containers */
#endif
    return kill((pid_t)pid, 0) == 0 ? 0 : errno;
}

int host_process_kill(const host_process_t *process)
{
#if defined(__linux__) && defined(SYS_pidfd_send_signal)
    if (process->handle >= 0)
        return syscall(SYS_pidfd_send_signal, process->handle, SIGKILL, NULL, 0) == 0 ? 0 : errno;
#endif
    return kill((pid_t)process->pid, SIGKILL) == 0 ? 0 : errno;
}

void host_process_close(host_process_t *process)
{
    if (process->handle >= 0)
        close(process->handle);
    process->handle = -1;
}

void host_user_name(uint64_t uid, char *text, size_t size)
{
    const struct passwd *entry = uid < UINT32_MAX ? getpwuid((uid_t)uid) : NULL;
    if (entry && entry->pw_name[0])
        snprintf(text, size, "%s", entry->pw_name);
    else
        snprintf(text, size, "%" PRIu64, uid);
}

static bool is_number(const char *text, uint64_t *number)
{
    char *end;
    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0;
}

bool host_find_group(const char *name, uint64_t *gid)
{
    if (is_number(name, gid))
        return true;
    const struct group *entry = getgrnam(name);
    if (entry)
        *gid = entry->gr_gid;
    return entry != NULL;
}

void host_group_name(uint64_t gid, char *text, size_t size)
{
    const struct group *entry = gid < UINT32_MAX ? getgrgid((gid_t)gid) : NULL;
    if (entry && entry->gr_name[0])
        snprintf(text, size, "%s", entry->gr_name);
    else
        snprintf(text, size, "%" PRIu64, gid);
}
