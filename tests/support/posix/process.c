/* SPDX-License-Identifier: Apache-2.0 */
/* Helper processes of POSIX: forked, and perhaps a fresh run of the test program. */
#include "support/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/check.h"
#include "support/posix/system.h"

/* A helper may be slow, as the machine may be: it is taken for hung shortly before its test is, to say who was. */
static int silence_allowed_ms(void)
{
    return (int)(process_time_limit_s() * 900);
}

typedef struct pipes {
    int to_child[2];
    int to_parent[2];
} pipes_t;

bool process_can_fork(void)
{
    return true;
}

bool process_shows_stops(void)
{
    return true;
}

bool process_forks_without_marked_memory(void)
{
#ifdef MADV_DONTFORK
    size_t size = (size_t)sysconf(_SC_PAGESIZE);
    void *page = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(page != MAP_FAILED);
    CHECK_SYSTEM(madvise(page, size, MADV_DONTFORK));
    fflush(NULL);
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0)
        _exit(msync(page, size, MS_ASYNC) != 0 && errno == ENOMEM ? 0 : 1);
    int status = 0;
    CHECK_SYSTEM(waitpid(child, &status, 0));
    CHECK_SYSTEM(munmap(page, size));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
#else
    return true;
#endif
}

static void pipes_open(pipes_t *pipes)
{
    CHECK_SYSTEM(pipe(pipes->to_child));
    CHECK_SYSTEM(pipe(pipes->to_parent));
    for (int end = 0; end < 2; end++) {
        CHECK_SYSTEM(fcntl(pipes->to_child[end], F_SETFD, FD_CLOEXEC));
        CHECK_SYSTEM(fcntl(pipes->to_parent[end], F_SETFD, FD_CLOEXEC));
    }
}

/* In the child: it must not outlive its parent, nor hear itself. */
static void child_begins(pipes_t *pipes, pid_t parent)
{
    system_die_with_parent();
    if (getppid() != parent)
        _exit(0);
    close(pipes->to_child[1]);
    close(pipes->to_parent[0]);
}

static peer_t parent_goes_on(pipes_t *pipes, pid_t child)
{
    CHECK_SYSTEM(child);
    close(pipes->to_child[0]);
    close(pipes->to_parent[1]);
    return (peer_t){.pid = child, .in = pipes->to_parent[0], .out = pipes->to_child[1]};
}

static _Noreturn void child_runs(role_fn role, const char *name, peer_t *test, const char *argument)
{
    check_in_helper(name);
    role(test, argument);
    fflush(NULL);
    _exit(0);
}

peer_t peer_fork(role_fn role, const char *argument)
{
    pipes_t pipes;
    pipes_open(&pipes);
    fflush(NULL);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        child_begins(&pipes, parent);
        peer_t test = {.pid = parent, .in = pipes.to_child[0], .out = pipes.to_parent[1]};
        child_runs(role, "forked", &test, argument);
    }
    return parent_goes_on(&pipes, child);
}

/* A fresh run of this program. An emulated one is not a program to the system: the emulator that SLOTRING_TEST_EMULATOR
 * names, a command with blanks between its words, has to run it. */
static void exec_self(const char *const arguments[])
{
    char program[1024], emulator[1024];
    const char *command[32];
    size_t count = 0, used = 0;
    const char *given = getenv("SLOTRING_TEST_EMULATOR");
    system_own_program(program, sizeof program);
    (void)snprintf(emulator, sizeof emulator, "%s", given != NULL ? given : "");
    for (char *word = strtok(emulator, " "); word != NULL && count < 16; word = strtok(NULL, " "))
        command[count++] = word;
    command[count++] = program;
    while (arguments[used] != NULL && count < 31)
        command[count++] = arguments[used++];
    command[count] = NULL;
    execv(command[0], (char *const *)(uintptr_t)command);
}

peer_t peer_exec(const char *name, const char *argument)
{
    pipes_t pipes;
    pipes_open(&pipes);
    fflush(NULL);
    pid_t parent = getpid();
    pid_t child = fork();
    if (child == 0) {
        child_begins(&pipes, parent);
        char in[16], out[16], program[1024];
        system_own_program(program, sizeof program);
        (void)fcntl(pipes.to_child[0], F_SETFD, 0);
        (void)fcntl(pipes.to_parent[1], F_SETFD, 0);
        (void)snprintf(in, sizeof in, "%d", pipes.to_child[0]);
        (void)snprintf(out, sizeof out, "%d", pipes.to_parent[1]);
        exec_self((const char *[]){"--role", name, in, out, argument, NULL});
        _exit(127);
    }
    return parent_goes_on(&pipes, child);
}

peer_t peer_of_starter(int in, int out)
{
    (void)fcntl(in, F_SETFD, FD_CLOEXEC);
    (void)fcntl(out, F_SETFD, FD_CLOEXEC);
    return (peer_t){.pid = getppid(), .in = in, .out = out};
}

void peer_put(peer_t *peer, const void *data, size_t size)
{
    const char *next = data;
    while (size > 0) {
        ssize_t done = write(peer->out, next, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            FAIL("process %d does not listen any more: %s", (int)peer->pid, strerror(errno));
        next += done;
        size -= (size_t)done;
    }
}

bool peer_speaks(peer_t *peer, int timeout_ms)
{
    struct pollfd poller = {.fd = peer->in, .events = POLLIN};
    int ready;
    do
        ready = poll(&poller, 1, timeout_ms);
    while (ready < 0 && errno == EINTR);
    return ready > 0;
}

void peer_get(peer_t *peer, void *data, size_t size)
{
    char *next = data;
    while (size > 0) {
        struct pollfd poller = {.fd = peer->in, .events = POLLIN};
        int ready = poll(&poller, 1, silence_allowed_ms());
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready == 0)
            FAIL("process %d has been silent for %d s", (int)peer->pid, silence_allowed_ms() / 1000);
        ssize_t done = read(peer->in, next, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            FAIL("process %d ended before it said what was expected of it", (int)peer->pid);
        next += done;
        size -= (size_t)done;
    }
}

void peer_wait_asleep(const peer_t *peer)
{
    char state;
    while ((state = system_state(peer->pid, (int)peer->pid)) != 'S') {
        if (state == 0 || state == 'Z')
            FAIL("helper %d ended before it slept", (int)peer->pid);
        (void)usleep(200);
    }
}

int peer_wait(peer_t *peer)
{
    int status = 0;
    pid_t done;
    do
        done = waitpid(peer->pid, &status, 0);
    while (done < 0 && errno == EINTR);
    CHECK_SYSTEM(done);
    close(peer->in);
    close(peer->out);
    peer->in = peer->out = -1;
    return status;
}

void peer_join(peer_t *peer)
{
    int status = peer_wait(peer);
    if (WIFSIGNALED(status))
        FAIL("helper %d was ended by signal %d (%s)", (int)peer->pid, WTERMSIG(status),
             strsignal(WTERMSIG(status)));
    if (WEXITSTATUS(status) != 0)
        FAIL("helper %d ended with status %d", (int)peer->pid, WEXITSTATUS(status));
}

void orphan_wait(pid_t orphan)
{
    if (waitpid(orphan, NULL, 0) == orphan)
        return;
    CHECK_EQUAL(errno, ECHILD); /* some systems let no process adopt others */
    for (char state; (state = system_state(orphan, (int)orphan)) != 0 && state != 'Z';)
        (void)usleep(200);
}

void peer_kill(peer_t *peer)
{
    CHECK_SYSTEM(kill(peer->pid, SIGKILL));
    int status = peer_wait(peer);
    if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
        FAIL("helper %d had ended before it could be killed (status %d)", (int)peer->pid, status);
}

void peer_stop(peer_t *peer)
{
    int status = 0;
    CHECK_SYSTEM(kill(peer->pid, SIGSTOP));
    CHECK_SYSTEM(waitpid(peer->pid, &status, WUNTRACED));
    CHECK(WIFSTOPPED(status));
}

void peer_continue(peer_t *peer)
{
    CHECK_SYSTEM(kill(peer->pid, SIGCONT));
}

uint64_t own_user(void)
{
    return getuid();
}
