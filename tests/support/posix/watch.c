/* SPDX-License-Identifier: Apache-2.0 */
/* Watching a test on POSIX: a forked child that leads a group of processes. */
#include "support/watch.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/posix/system.h"

static volatile pid_t watched;

static void end_watched(int signal_number)
{
    (void)signal_number;
    (void)kill(-watched, SIGKILL);
}

/* Ends what the test left running. Returns how many processes that were. */
static unsigned end_left_processes(void)
{
    unsigned left = 0;
    int status;
    pid_t done;
    while ((done = waitpid(-1, &status, WNOHANG)) > 0) {
    }
    if (done < 0)
        return 0;
    (void)kill(-watched, SIGKILL);
    while (waitpid(-1, &status, 0) > 0)
        left++;
    return left;
}

static _Noreturn void child_runs(const char *full_name, int (*run)(const char *full_name))
{
    (void)setpgid(0, 0);
    system_die_with_parent();
    system_adopt_orphans();
    (void)signal(SIGPIPE, SIG_IGN);
    int result = run(full_name);
    fflush(NULL);
    if (result == 1)
        _exit(result); /* what a failed test did not free is no news */
    exit(result);
}

watched_t watch(const char *full_name, int (*run)(const char *full_name), unsigned seconds)
{
    system_adopt_orphans();
    fflush(NULL);
    watched = fork();
    if (watched == 0)
        child_runs(full_name, run);
    (void)setpgid(watched, watched);
    (void)signal(SIGALRM, end_watched);
    (void)alarm(seconds);
    int status = 0;
    while (waitpid(watched, &status, 0) < 0 && errno == EINTR) {
    }
    (void)alarm(0);
    watched_t end = {.status = WIFEXITED(status) ? WEXITSTATUS(status) : 1};
    if (WIFSIGNALED(status)) {
        (void)snprintf(end.ended_by, sizeof end.ended_by, "signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
        end.was_killed = WTERMSIG(status) == SIGKILL;
    }
    end.processes = end_left_processes();
    return end;
}
