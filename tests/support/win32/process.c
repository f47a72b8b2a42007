/* SPDX-License-Identifier: Apache-2.0 */
/* Helper processes of Windows: fresh runs of the test program. Both ends of their pipes are descriptors of the C
 * library, which the command line hands over as the handles behind them. */
#include "support/process.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/check.h"
#include "support/win32/start.h"

#define KILLED_STATUS 137
#define PEERS_MAX 64
#define WATCH_MS 50

/* The helpers that run: a process can be waited for by its handle only. */
static struct {
    pid_t pid;
    HANDLE process;
} peers[PEERS_MAX];

bool process_can_fork(void)
{
    return false;
}

bool process_forks_without_marked_memory(void)
{
    return false;
}

bool process_shows_stops(void)
{
    return false;
}

peer_t peer_fork(role_fn role, const char *argument)
{
    (void)role;
    FAIL("peer_fork(%s): processes do not fork here", argument);
}

static void check_windows(BOOL done, const char *call)
{
    if (!done)
        FAIL("%s: error %lu", call, GetLastError());
}

static HANDLE *handle_of(const peer_t *peer)
{
    for (unsigned p = 0; p < PEERS_MAX; p++)
        if (peers[p].process != NULL && peers[p].pid == peer->pid)
            return &peers[p].process;
    FAIL("process %d is no helper of this test", (int)peer->pid);
}

static void remember(pid_t pid, HANDLE process)
{
    unsigned p = 0;
    while (p < PEERS_MAX && peers[p].process != NULL)
        p++;
    CHECK(p < PEERS_MAX);
    peers[p].pid = pid;
    peers[p].process = process;
}

/* A pipe of which the child gets one end, and only that. */
static void pipe_open(HANDLE *childs, HANDLE *own, bool child_reads)
{
    SECURITY_ATTRIBUTES security = {.nLength = sizeof security, .bInheritHandle = FALSE};
    HANDLE reads, writes;
    check_windows(CreatePipe(&reads, &writes, &security, 0), "CreatePipe");
    *childs = child_reads ? reads : writes;
    *own = child_reads ? writes : reads;
    check_windows(SetHandleInformation(*childs, HANDLE_FLAG_INHERIT, HANDLE_FLAG_INHERIT),
                  "SetHandleInformation");
}

static int descriptor_of(HANDLE handle, int flags)
{
    int descriptor = _open_osfhandle((intptr_t)handle, flags | O_BINARY | O_NOINHERIT);
    CHECK(descriptor >= 0);
    return descriptor;
}

static void start(const char *program, char *command, PROCESS_INFORMATION *child)
{
    STARTUPINFOA startup = {.cb = sizeof startup, .dwFlags = STARTF_USESTDHANDLES};
    startup.hStdInput = GetStdHandle(STD_INPUT_HANDLE);
    startup.hStdOutput = GetStdHandle(STD_OUTPUT_HANDLE);
    startup.hStdError = GetStdHandle(STD_ERROR_HANDLE);
    check_windows(start_process(program, command, 0, &startup, child), "CreateProcess");
}

peer_t peer_exec(const char *name, const char *argument)
{
    HANDLE child_in, child_out, own_in, own_out;
    PROCESS_INFORMATION child;
    char program[MAX_PATH], command[1024];
    fflush(NULL);
    pipe_open(&child_in, &own_out, true);
    pipe_open(&child_out, &own_in, false);
    CHECK(GetModuleFileNameA(NULL, program, sizeof program) < sizeof program);
    int length = snprintf(command, sizeof command, "slotring_tests --role %s %lld %lld \"%s\"", name,
                          (long long)(intptr_t)child_in, (long long)(intptr_t)child_out, argument);
    CHECK(length > 0 && (size_t)length < sizeof command);
    start(program, command, &child);
    CloseHandle(child.hThread);
    CloseHandle(child_in);
    CloseHandle(child_out);
    remember((pid_t)child.dwProcessId, child.hProcess);
    return (peer_t){.pid = (pid_t)child.dwProcessId,
                    .in = descriptor_of(own_in, O_RDONLY),
                    .out = descriptor_of(own_out, O_WRONLY)};
}

peer_t peer_of_starter(int in, int out)
{
    HANDLE handles[2] = {(HANDLE)(intptr_t)in, (HANDLE)(intptr_t)out};
    for (int i = 0; i < 2; i++)
        check_windows(SetHandleInformation(handles[i], HANDLE_FLAG_INHERIT, 0), "SetHandleInformation");
    return (peer_t){
        .pid = 0, .in = descriptor_of(handles[0], O_RDONLY), .out = descriptor_of(handles[1], O_WRONLY)};
}

void peer_put(peer_t *peer, const void *data, size_t size)
{
    const char *next = data;
    while (size > 0) {
        int done = write(peer->out, next, (unsigned)size);
        if (done <= 0)
            FAIL("process %d does not listen any more", (int)peer->pid);
        next += done;
        size -= (size_t)done;
    }
}

bool peer_speaks(peer_t *peer, int timeout_ms)
{
    HANDLE pipe = (HANDLE)_get_osfhandle(peer->in);
    ULONGLONG start_ms = GetTickCount64();
    for (;;) {
        DWORD available = 0;
        if (!PeekNamedPipe(pipe, NULL, 0, NULL, &available, NULL) || available > 0)
            return true; /* broken: the other side has ended */
        if (GetTickCount64() - start_ms >= (ULONGLONG)timeout_ms)
            return false;
        Sleep(1);
    }
}

/* A silent helper is ended by the watcher, together with the test. */
void peer_get(peer_t *peer, void *data, size_t size)
{
    char *next = data;
    while (size > 0) {
        int done = read(peer->in, next, (unsigned)size);
        if (done <= 0)
            FAIL("process %d ended before it said what was expected of it", (int)peer->pid);
        next += done;
        size -= (size_t)done;
    }
}

/* The system does not say whether another process sleeps (Wine says nothing about threads): one that has used no
 * processor for some time either does, or has not come far enough to matter. */
void peer_wait_asleep(const peer_t *peer)
{
    HANDLE process = *handle_of(peer);
    FILETIME created, ended, kernel[2], user[2];
    do {
        check_windows(GetProcessTimes(process, &created, &ended, &kernel[0], &user[0]), "GetProcessTimes");
        if (WaitForSingleObject(process, WATCH_MS) == WAIT_OBJECT_0)
            FAIL("helper %d ended before it slept", (int)peer->pid);
        check_windows(GetProcessTimes(process, &created, &ended, &kernel[1], &user[1]), "GetProcessTimes");
    } while (CompareFileTime(&kernel[0], &kernel[1]) != 0 || CompareFileTime(&user[0], &user[1]) != 0);
}

int peer_wait(peer_t *peer)
{
    HANDLE *process = handle_of(peer);
    DWORD status = 0;
    CHECK_EQUAL(WaitForSingleObject(*process, INFINITE), WAIT_OBJECT_0);
    check_windows(GetExitCodeProcess(*process, &status), "GetExitCodeProcess");
    CloseHandle(*process);
    *process = NULL;
    close(peer->in);
    close(peer->out);
    peer->in = peer->out = -1;
    return (int)status;
}

void peer_join(peer_t *peer)
{
    int status = peer_wait(peer);
    if (status != 0)
        FAIL("helper %d ended with status %d (%x)", (int)peer->pid, status, (unsigned)status);
}

void orphan_wait(pid_t orphan)
{
    FAIL("process %d: no helper here starts another", (int)orphan);
}

void peer_kill(peer_t *peer)
{
    check_windows(TerminateProcess(*handle_of(peer), KILLED_STATUS), "TerminateProcess");
    int status = peer_wait(peer);
    if (status != KILLED_STATUS)
        FAIL("helper %d had ended before it could be killed (status %d)", (int)peer->pid, status);
}

typedef LONG(NTAPI *suspend_fn)(HANDLE process);

static void suspend(const peer_t *peer, const char *call)
{
    HMODULE library = GetModuleHandleA("ntdll.dll");
    suspend_fn function = (suspend_fn)(uintptr_t)GetProcAddress(library, call);
    CHECK(function != NULL);
    CHECK_EQUAL(function(*handle_of(peer)), 0);
}

void peer_stop(peer_t *peer)
{
    suspend(peer, "NtSuspendProcess");
}

void peer_continue(peer_t *peer)
{
    suspend(peer, "NtResumeProcess");
}

/* The last part of its SID. */
uint64_t own_user(void)
{
    union {
        TOKEN_USER user;
        BYTE bytes[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
    } about;
    HANDLE token;
    DWORD size;
    check_windows(OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token), "OpenProcessToken");
    check_windows(GetTokenInformation(token, TokenUser, &about, sizeof about, &size), "GetTokenInformation");
    CloseHandle(token);
    return *GetSidSubAuthority(about.user.User.Sid, *GetSidSubAuthorityCount(about.user.User.Sid) - 1u);
}
