/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor can say on Windows: the memory that rings are promised, and the session that names belong to. */
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#define _WIN32_WINNT 0x0602
#include <windows.h>

#include "doctor_rings.h"

#include <stdio.h>
#include <stdlib.h>

#include "output.h"

/* The library reports what is wrong with it, when the rings are listed. */
void doctor_find_folder(doctor_t *doctor)
{
    doctor->folder[0] = '\0';
}

/* Rings are promised memory and paging files together. */
static void check_memory(doctor_t *doctor)
{
    MEMORYSTATUSEX memory = {.dwLength = sizeof memory};
    if (!GlobalMemoryStatusEx(&memory))
        return;
    doctor_level_t level = memory.ullAvailPageFile < SLOTRING_DEFAULT_TOTAL_SIZE ? DOCTOR_WARN : DOCTOR_OK;
    doctor_say(doctor, level, level == DOCTOR_OK ? "" : "end programs, or give the paging file more room",
               "%s may still be promised, of %s", out_bytes(memory.ullAvailPageFile).text,
               out_bytes(memory.ullTotalPageFile).text);
}

static void check_session(doctor_t *doctor)
{
    DWORD session;
    const char *names = getenv("SLOTRING_NAMESPACE");
    if (!ProcessIdToSessionId(GetCurrentProcessId(), &session))
        return;
    doctor_say(doctor, DOCTOR_OK,
               "for rings that all sessions see, a service makes them with SLOTRING_NAMESPACE=global",
               "session %lu%s%s", (unsigned long)session, names ? ", SLOTRING_NAMESPACE=" : "",
               names ? names : "");
}

const doctor_check_t doctor_win32_checks[] = {
    {"memory", check_memory}, {"session", check_session}, {NULL, NULL}};

void doctor_system_ring(doctor_t *doctor, const char *name, const slotring_info_t *info)
{
    (void)doctor, (void)name, (void)info; /* the library's own words must do */
}

bool doctor_owner_of(const doctor_t *doctor, const char *name, uint64_t *owner)
{
    (void)doctor, (void)name, (void)owner;
    return false;
}
