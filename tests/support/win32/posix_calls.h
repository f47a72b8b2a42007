/* SPDX-License-Identifier: Apache-2.0 */
/* See support/posix_calls.h. */
#ifndef TEST_WIN32_POSIX_CALLS_H
#define TEST_WIN32_POSIX_CALLS_H

#include <fcntl.h>
#include <io.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/check.h"

/* There is one, by another name. */
static inline int setenv(const char *name, const char *value, int overwrite)
{
    (void)overwrite;
    return _putenv_s(name, value);
}

static inline int unsetenv(const char *name)
{
    return _putenv_s(name, "");
}

static inline int absent_call(const char *call)
{
    FAIL("%s: not on Windows", call);
}

#define symlink(...) absent_call("symlink")
#define link(...) absent_call("link")
#define mkfifo(...) absent_call("mkfifo")
#define fork() absent_call("fork")
#define pipe(ends) absent_call(((void)(ends), "pipe"))
#define kill(process, signal_number) absent_call(((void)(process), "kill"))
#define pause() absent_call("pause")
#define waitpid(...) absent_call("waitpid")
#define setgroups(...) absent_call("setgroups")
#define setgid(...) absent_call("setgid")
#define setuid(...) absent_call("setuid")
#define geteuid() absent_call("geteuid")
#define mkdir(path, mode) absent_call("mkdir")
#define rmdir(path) absent_call("rmdir")
#define sigaction(number, action, old) absent_call(((void)(action), "sigaction"))
#define ualarm(microseconds, interval) absent_call(((void)(microseconds), "ualarm"))
#define SIGALRM 14
#define SIGKILL 9
#define SIGBUS 7
#define WIFEXITED(status) ((void)(status), false)
#define WIFSIGNALED(status) ((void)(status), false)
#define WTERMSIG(status) (status)

#define SA_RESTART 0

struct sigaction {
    void (*sa_handler)(int);
    int sa_flags;
};

#endif
