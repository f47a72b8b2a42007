/* SPDX-License-Identifier: Apache-2.0 */
/* Watching a test on Windows: a fresh run of the program in a job, which ends all of its processes. */
#include "support/watch.h"

#include <windows.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/win32/start.h"

#define KILLED_STATUS 137
#define LEFT_MAX 100

static _Noreturn void give_up(const char *call)
{
    fprintf(stderr, "slotring_tests: %s: error %lu\n", call, GetLastError());
    exit(1);
}

static HANDLE make_job(void)
{
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION limits = {.BasicLimitInformation.LimitFlags =
                                                       JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE};
    HANDLE job = CreateJobObjectA(NULL, NULL);
    if (job == NULL ||
        !SetInformationJobObject(job, JobObjectExtendedLimitInformation, &limits, sizeof limits))
        give_up("CreateJobObject");
    return job;
}

/* The system's process of a console, which goes after the last program there. Wine starts it as the program's child. */
static bool is_console(HANDLE process)
{
    char path[MAX_PATH];
    DWORD length = sizeof path;
    if (!QueryFullProcessImageNameA(process, 0, path, &length))
        return false;
    const char *name = strrchr(path, '\\');
    return _stricmp(name != NULL ? name + 1 : path, "conhost.exe") == 0;
}

static bool is_left(DWORD pid)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, pid);
    DWORD status = STILL_ACTIVE;
    if (process == NULL)
        return false; /* it has ended meanwhile */
    bool left = GetExitCodeProcess(process, &status) && status == STILL_ACTIVE && !is_console(process);
    CloseHandle(process);
    return left;
}

/* Processes of the test that still run. */
static unsigned left_in(HANDLE job)
{
    struct {
        JOBOBJECT_BASIC_PROCESS_ID_LIST list;
        ULONG_PTR room[LEFT_MAX];
    } processes;
    unsigned left = 0;
    if (!QueryInformationJobObject(job, JobObjectBasicProcessIdList, &processes, sizeof processes, NULL)) {
        if (GetLastError() != ERROR_MORE_DATA)
            give_up("QueryInformationJobObject");
        return processes.list.NumberOfAssignedProcesses;
    }
    for (DWORD i = 0; i < processes.list.NumberOfProcessIdsInList; i++)
        left += is_left((DWORD)processes.list.ProcessIdList[i]);
    return left;
}

static HANDLE start(HANDLE job, const char *full_name)
{
    char program[MAX_PATH], command[300];
    STARTUPINFOA startup = {.cb = sizeof startup};
    PROCESS_INFORMATION child;
    fflush(NULL);
    (void)GetModuleFileNameA(NULL, program, sizeof program);
    (void)snprintf(command, sizeof command, "slotring_tests %s %s", WATCH_OPTION, full_name);
    if (!start_process(program, command, CREATE_SUSPENDED, &startup, &child))
        give_up("CreateProcess");
    if (!AssignProcessToJobObject(job, child.hProcess))
        give_up("AssignProcessToJobObject");
    ResumeThread(child.hThread);
    CloseHandle(child.hThread);
    return child.hProcess;
}

watched_t watch(const char *full_name, int (*run)(const char *full_name), unsigned seconds)
{
    (void)run;
    HANDLE job = make_job(), process = start(job, full_name);
    watched_t end = {.status = 1};
    DWORD status = 1;
    if (WaitForSingleObject(process, seconds * 1000) != WAIT_OBJECT_0) {
        end.was_killed = true;
        (void)snprintf(end.ended_by, sizeof end.ended_by, "the watcher");
        TerminateJobObject(job, KILLED_STATUS);
        WaitForSingleObject(process, INFINITE);
    }
    GetExitCodeProcess(process, &status);
    if (status >= 0xc0000000) /* an exception that nobody caught */
        (void)snprintf(end.ended_by, sizeof end.ended_by, "exception %lx", status);
    else
        end.status = (int)status;
    end.processes = left_in(job);
    TerminateJobObject(job, KILLED_STATUS);
    CloseHandle(process);
    CloseHandle(job);
    return end;
}
