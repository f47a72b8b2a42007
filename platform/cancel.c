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
#endif
