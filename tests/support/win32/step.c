/* SPDX-License-Identifier: Apache-2.0 */
/* step.h on Windows, the test's side. It and each victim (step_victim.c) see one section, and take turns by two
 * events. */
#include "support/step.h"

#include <stdio.h>
#include <string.h>

#include "step_victim.h"
#include "support/check.h"

#define VICTIMS_MAX 8

typedef struct traced {
    peer_t peer;
    step_control_t *control;
    HANDLE process, section, go_on, standing;
} traced_t;

static traced_t victims[VICTIMS_MAX];
static struct {
    const void *at;
    size_t size;
} shared;

void step_share(const void *memory, size_t size)
{
    CHECK_AT_LEAST(STEP_SHARED_MAX, size);
    shared.at = memory;
    shared.size = size;
}

static uint64_t offset_of(uintptr_t address)
{
    return address - (uintptr_t)GetModuleHandleA(NULL);
}

static traced_t *traced_of(pid_t pid)
{
    for (size_t v = 0; v < VICTIMS_MAX; v++)
        if (victims[v].control != NULL && victims[v].peer.pid == pid)
            return &victims[v];
    FAIL("process %d is no victim", (int)pid);
}

/* Until the victim stands still. */
static void await_stand(traced_t *traced)
{
    HANDLE both[2] = {traced->standing, traced->process};
    DWORD which = WaitForMultipleObjects(2, both, FALSE, INFINITE);
    if (which != WAIT_OBJECT_0)
        FAIL("the victim ended by itself (status %d) inside the operation, or before it",
             peer_wait(&traced->peer));
}

static void hand_over(traced_t *traced)
{
    CHECK(SetEvent(traced->go_on));
    await_stand(traced);
}

static HANDLE inheritable(HANDLE made)
{
    CHECK(made != NULL);
    return made;
}

static traced_t *traced_start(role_fn victim, const char *name)
{
    SECURITY_ATTRIBUTES inherit = {.nLength = sizeof inherit, .bInheritHandle = TRUE};
    traced_t *traced = victims;
    char argument[600];
    while (traced->control != NULL)
        CHECK(++traced < victims + VICTIMS_MAX);
    traced->section = inheritable(
        CreateFileMappingA(INVALID_HANDLE_VALUE, &inherit, PAGE_READWRITE, 0, sizeof(step_control_t), NULL));
    traced->go_on = inheritable(CreateEventA(&inherit, FALSE, FALSE, NULL));
    traced->standing = inheritable(CreateEventA(&inherit, FALSE, FALSE, NULL));
    traced->control = MapViewOfFile(traced->section, FILE_MAP_WRITE, 0, 0, sizeof(step_control_t));
    CHECK(traced->control != NULL);
    traced->control->victim = offset_of((uintptr_t)victim);
    traced->control->shared = offset_of((uintptr_t)shared.at);
    traced->control->shared_size = shared.size;
    if (shared.size != 0)
        memcpy(traced->control->bytes, shared.at, shared.size);
    (void)snprintf(argument, sizeof argument, "%lld %lld %lld %s", (long long)(intptr_t)traced->section,
                   (long long)(intptr_t)traced->go_on, (long long)(intptr_t)traced->standing, name);
    traced->peer = peer_exec("step-victim", argument);
    traced->process = OpenProcess(SYNCHRONIZE, FALSE, (DWORD)traced->peer.pid);
    CHECK(traced->process != NULL);
    await_stand(traced);
    return traced;
}

/* So many units on. False: it has come to step_end. */
static bool traced_step(traced_t *traced, enum step_unit unit, unsigned long count)
{
    if (count == 0)
        return true;
    traced->control->order = ORDER_STEP;
    traced->control->unit = unit;
    traced->control->count = count;
    hand_over(traced);
    return !traced->control->at_end;
}

pid_t step_start(role_fn victim, const char *argument)
{
    return traced_start(victim, argument)->peer.pid;
}

pid_t step_and_hold(role_fn victim, const char *argument, step_point_t point, bool *inside)
{
    traced_t *traced = traced_start(victim, argument);
    *inside = traced_step(traced, STEP_SYSTEM_CALLS, point.system_calls) &&
              traced_step(traced, STEP_INSTRUCTIONS, point.instructions);
    return traced->peer.pid;
}

pid_t step_record(role_fn victim, const char *argument, step_watch_fn watch, void *context,
                  step_trace_t *trace)
{
    traced_t *traced = traced_start(victim, argument);
    memset(trace, 0, sizeof *trace);
    do {
        if (watch != NULL)
            (void)watch(context, trace->count);
        trace->count++;
    } while (traced_step(traced, STEP_INSTRUCTIONS, 1));
    return traced->peer.pid;
}

pid_t step_and_watch(role_fn victim, const char *argument, step_watch_fn go_on, void *context,
                     step_trace_t *trace)
{
    traced_t *traced = traced_start(victim, argument);
    memset(trace, 0, sizeof *trace);
    for (;;) {
        trace->count++;
        if (!go_on(context, trace->count - 1))
            return traced->peer.pid;
        if (!traced_step(traced, STEP_INSTRUCTIONS, 1))
            FAIL("the victim came to its end before it stood where it was to stand");
    }
}

void step_forget(step_trace_t *trace)
{
    memset(trace, 0, sizeof *trace);
}

bool step_go_to(pid_t held, const step_trace_t *trace, unsigned long from, unsigned long to)
{
    (void)trace;
    return traced_step(traced_of(held), STEP_INSTRUCTIONS, to - from);
}

void step_finish(pid_t held)
{
    traced_t *traced = traced_of(held);
    if (traced->control->at_end)
        return;
    traced->control->order = ORDER_RUN;
    traced->control->count = 0;
    hand_over(traced);
    CHECK(traced->control->at_end);
}

void step_kill(pid_t held)
{
    traced_t *traced = traced_of(held);
    peer_kill(&traced->peer);
    CloseHandle(traced->process);
    CloseHandle(traced->section);
    CloseHandle(traced->go_on);
    CloseHandle(traced->standing);
    UnmapViewOfFile(traced->control);
    memset(traced, 0, sizeof *traced);
}

bool step_and_kill(role_fn victim, const char *argument, step_point_t point)
{
    bool inside;
    step_kill(step_and_hold(victim, argument, point, &inside));
    return inside;
}

bool step_possible(const char **why)
{
#if defined(__x86_64__) || defined(__i386__)
    (void)why;
    return true;
#else
    *why = "there is no single step on this processor";
    return false;
#endif
}
