/* SPDX-License-Identifier: Apache-2.0 */
/* Cancellation of threads. What a thread has locked, opened or half written must not stay so because it ended: so it
 * cannot be ended inside the library, except where it holds nothing. */
#if !defined(_WIN32)
#include <pthread.h>
#endif

#include "platform.h"

#if defined(_WIN32)
/* TerminateThread leaves locked what the thread had locked, whatever a library does. */
void sr__cancel_forbid(void) {}
void sr__cancel_allow(void) {}
void sr__cancel_point(void) {}
void sr__cancel_point_inside(void (*undo)(void *context), void *context)
{
    (void)undo, (void)context;
}
#else
static _Thread_local unsigned depth;
static _Thread_local int before;

void sr__cancel_forbid(void)
{
    if (depth++ == 0)
        (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &before);
}

void sr__cancel_allow(void)
{
    int ignored;

    if (--depth == 0)
        (void)pthread_setcancelstate(before, &ignored);
}

void sr__cancel_point(void)
{
    if (depth == 0)
        pthread_testcancel();
}

void sr__cancel_point_inside(void (*undo)(void *context), void *context)
{
    int ignored;

    if (depth != 1)
        return;
    pthread_cleanup_push(undo, context);
    (void)pthread_setcancelstate(before, &ignored);
    pthread_testcancel();
    (void)pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
    pthread_cleanup_pop(0);
}
#endif
