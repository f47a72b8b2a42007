/* SPDX-License-Identifier: Apache-2.0 */
/* Threads of the library's own. */
#define _GNU_SOURCE
#if defined(_WIN32)
#include <windows.h>
#else
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#endif
#include <stdlib.h>

#include "platform/helpers.h"

#define STACK_SIZE ((size_t)256 << 10) /* a repair's frames and messages, many times */

struct sr__helper {
    void (*run)(void *context);
    void *context;
#if defined(_WIN32)
    HANDLE thread;
#else
    pthread_t thread;
#endif
};

static int fail(slotring_error_t *error, int number, const char *text)
{
    return sr__fail(error, SLOTRING_E_OS, number,
                    "cannot start a thread that waits in this process's name: %s; end other threads, or "
                    "raise the limit (ulimit -u, cgroup pids.max)",
                    text);
}

#if defined(_WIN32)
static DWORD WINAPI begin(void *of)
{
    sr__helper_t *helper = of;

    helper->run(helper->context);
    return 0;
}

static int start(sr__helper_t *helper, slotring_error_t *error)
{
    helper->thread = CreateThread(NULL, STACK_SIZE, begin, helper, STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    return helper->thread ? 0 : fail(error, (int)GetLastError(), "the system has no room for one more");
}

void sr__helper_join(sr__helper_t *helper)
{
    WaitForSingleObject(helper->thread, INFINITE);
    CloseHandle(helper->thread);
    free(helper);
}
#else
static void *begin(void *of)
{
    sr__helper_t *helper = of;

    helper->run(helper->context);
    return NULL;
}

/* The thread inherits the mask: the host's signals are for the host's threads. */
static int start(sr__helper_t *helper, slotring_error_t *error)
{
    sigset_t all, before;
    pthread_attr_t attributes;
    int number = pthread_attr_init(&attributes);

    if (number != 0)
        return fail(error, number, strerror(number));
    (void)pthread_attr_setstacksize(&attributes, STACK_SIZE); /* else as large as the system's */
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before);
    number = pthread_create(&helper->thread, &attributes, begin, helper);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return number == 0 ? 0 : fail(error, number, strerror(number));
}

void sr__helper_join(sr__helper_t *helper)
{
    pthread_join(helper->thread, NULL);
    free(helper);
}
#endif

int sr__helper_start(void (*run)(void *context), void *context, sr__helper_t **helper,
                     slotring_error_t *error)
{
    sr__helper_t *made = calloc(1, sizeof *made);

    if (!made)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a thread that waits");
    made->run = run;
    made->context = context;
    int failed = start(made, error);
    if (failed) {
        free(made);
        return failed;
    }
    *helper = made;
    return 0;
}

void sr__helper_abandon(sr__helper_t *helper)
{
    free(helper);
}
