/* SPDX-License-Identifier: Apache-2.0 */
/* Where threads of one process meet. */
#define _GNU_SOURCE
#if defined(_WIN32)
#include <windows.h>
#else
#include <pthread.h>
#include <time.h>
#endif
#include <stdlib.h>

#include "common/fork.h"
#include "platform/helpers.h"

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define LONGEST_NS \
    (UINT64_C(1000000) * NS_PER_S) /* what every system's time can hold; then it wakes for no reason */

#if defined(_WIN32)
struct sr__meeting {
    SRWLOCK mutex;
    CONDITION_VARIABLE changed;
};

sr__meeting_t *sr__meeting_make(void)
{
    sr__meeting_t *meeting = calloc(1, sizeof *meeting);

    if (meeting) {
        InitializeSRWLock(&meeting->mutex);
        InitializeConditionVariable(&meeting->changed);
    }
    return meeting;
}

void sr__meeting_free(sr__meeting_t *meeting)
{
    free(meeting);
}

void sr__meeting_enter(sr__meeting_t *meeting)
{
    AcquireSRWLockExclusive(&meeting->mutex);
}

void sr__meeting_leave(sr__meeting_t *meeting)
{
    ReleaseSRWLockExclusive(&meeting->mutex);
}

/* Never shorter than asked for, or a wait for less than a millisecond would spin. */
void sr__meeting_wait(sr__meeting_t *meeting, uint64_t timeout_ns)
{
    uint64_t ms = timeout_ns / NS_PER_MS + (timeout_ns % NS_PER_MS != 0);

    SleepConditionVariableSRW(&meeting->changed, &meeting->mutex,
                              ms < INFINITE - 1 ? (DWORD)ms : INFINITE - 1, 0);
}

void sr__meeting_wake(sr__meeting_t *meeting)
{
    WakeAllConditionVariable(&meeting->changed);
}
#else
struct sr__meeting {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
};

static int make_condition(pthread_cond_t *condition)
{
#if defined(__APPLE__) /* it has a wait for a time of its own, and no clock to choose */
    return pthread_cond_init(condition, NULL);
#else
    pthread_condattr_t attributes;
    int failed = pthread_condattr_init(&attributes);

    if (failed)
        return failed;
    failed = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    if (!failed)
        failed = pthread_cond_init(condition, &attributes);
    pthread_condattr_destroy(&attributes);
    return failed;
#endif
}

sr__meeting_t *sr__meeting_make(void)
{
    sr__meeting_t *meeting = calloc(1, sizeof *meeting);

    if (meeting && pthread_mutex_init(&meeting->mutex, NULL) != 0) {
        free(meeting);
        return NULL;
    }
    if (meeting && make_condition(&meeting->changed) != 0) {
        pthread_mutex_destroy(&meeting->mutex);
        free(meeting);
        return NULL;
    }
    return meeting;
}

void sr__meeting_free(sr__meeting_t *meeting)
{
    pthread_cond_destroy(&meeting->changed);
    pthread_mutex_destroy(&meeting->mutex);
    free(meeting);
}

void sr__meeting_enter(sr__meeting_t *meeting)
{
    pthread_mutex_lock(&meeting->mutex);
}

void sr__meeting_leave(sr__meeting_t *meeting)
{
    pthread_mutex_unlock(&meeting->mutex);
}

static void sleep_for(sr__meeting_t *meeting, uint64_t duration_ns)
{
#if defined(__APPLE__)
    const struct timespec time = {.tv_sec = (time_t)(duration_ns / NS_PER_S),
                                  .tv_nsec = (long)(duration_ns % NS_PER_S)};
    pthread_cond_timedwait_relative_np(&meeting->changed, &meeting->mutex, &time);
#else
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    uint64_t ns = (uint64_t)until.tv_nsec + duration_ns % NS_PER_S;
    until.tv_sec += (time_t)(duration_ns / NS_PER_S + ns / NS_PER_S);
    until.tv_nsec = (long)(ns % NS_PER_S);
    pthread_cond_timedwait(&meeting->changed, &meeting->mutex, &until);
#endif
}

void sr__meeting_wait(sr__meeting_t *meeting, uint64_t timeout_ns)
{
    bool let = sr__fork_let_others();

    sleep_for(meeting, timeout_ns < LONGEST_NS ? timeout_ns : LONGEST_NS);
    sr__fork_go_on(let);
}

void sr__meeting_wake(sr__meeting_t *meeting)
{
    pthread_cond_broadcast(&meeting->changed);
}
#endif

/* What a thread of the parent may have locked is not unlocked, nor destroyed. */
void sr__meeting_abandon(sr__meeting_t *meeting)
{
    free(meeting);
}
