/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting without the GIL, so that Ctrl-C ends each wait. The library asks wait_check before each sleep, and soon after a signal
 * was handled in the thread that waits. Python runs its handlers in the main thread only, so no other thread takes the GIL
 * for that. The wait goes on in the library for all of its time: nothing is counted twice, and readers that let messages gather do so. */
#include "binding.h"

#ifdef _WIN32
#include <windows.h>
#else
#include <time.h>
#endif

/* The wait of this thread. A handler of a signal may begin another one meanwhile. */
typedef struct wait {
    ring_t *const *rings;
    Py_ssize_t count;
    PyThreadState *thread;
    struct wait *outer;
    int has_raised;
} wait_t;

static _Thread_local wait_t *innermost;
static unsigned long main_thread;

void wait_prepare(void)
{
    /* Only the first interpreter handles signals. */
    if (PyInterpreterState_GetID(PyInterpreterState_Get()) != 0)
        return;
    /* The thread that imports the module is nearly always the main one; else threading knows it. */
    PyObject *threading = PyImport_ImportModule("threading");
    PyObject *thread = threading ? PyObject_CallMethod(threading, "main_thread", NULL) : NULL;
    PyObject *number = thread ? PyObject_GetAttrString(thread, "ident") : NULL;
    main_thread = number ? PyLong_AsUnsignedLong(number) : PyThread_get_thread_ident();
    PyErr_Clear();
    Py_XDECREF(number);
    Py_XDECREF(thread);
    Py_XDECREF(threading);
}

int is_waiting_on(const ring_t *ring)
{
    for (const wait_t *wait = innermost; wait != NULL; wait = wait->outer)
        for (Py_ssize_t i = 0; i < wait->count; i++)
            if (wait->rings[i] == ring)
                return 1;
    return 0;
}

int wait_check(void *unused)
{
    (void)unused;
    wait_t *wait = innermost;
    if (wait == NULL || wait->thread == NULL || PyThread_get_thread_ident() != main_thread)
        return 0;
    PyEval_RestoreThread(wait->thread);
    wait->thread = NULL; /* a call from the handler has the GIL */
    wait->has_raised = PyErr_CheckSignals() != 0;
    wait->thread = PyEval_SaveThread();
    return wait->has_raised;
}

int wait_on_rings(ring_t *const *rings, Py_ssize_t count, waiting_call_t call, void *context,
                  int64_t timeout_ns)
{
    wait_t wait = {.rings = rings, .count = count, .outer = innermost};
    innermost = &wait;
    wait.thread = PyEval_SaveThread();
    int code = call(context, timeout_ns);
    PyEval_RestoreThread(wait.thread);
    innermost = wait.outer;
    return wait.has_raised ? CODE_PYTHON : code;
}

int wait_without_gil(ring_t *ring, waiting_call_t call, void *context, int64_t timeout_ns)
{
    return wait_on_rings(&ring, 1, call, context, timeout_ns);
}

int wait_for(ring_t *ring, waiting_call_t call, void *context, int64_t timeout_ns)
{
    int code = call(context, 0);
    int found_nothing = code == SLOTRING_E_EMPTY || code == SLOTRING_E_FULL || code == SLOTRING_E_TIMEOUT;
    if (found_nothing && timeout_ns != 0)
        code = wait_without_gil(ring, call, context, timeout_ns);
    return code;
}

void wait_a_moment(void)
{
    Py_BEGIN_ALLOW_THREADS;
#ifdef _WIN32
    Sleep(1);
#else
    nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
#endif
    Py_END_ALLOW_THREADS;
}
