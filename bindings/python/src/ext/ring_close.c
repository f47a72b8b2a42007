/* SPDX-License-Identifier: Apache-2.0 */
/* Closing a ring: never while memory of it is in use. ring.close() refuses then; the end of `with` defers the close to the moment
 * when the last view is gone.
 *
 * First the other threads are driven out (RING_LEAVING). What they give back meanwhile, the ring still takes. */
#include "binding.h"

/* ---- Members ------------------------------------------------------------------------------------------------ */

void ring_member_add(ring_t *ring, member_t *member, void (*end)(member_t *member))
{
    SECTION_BEGIN(ring);
    *member = (member_t){.next = ring->members, .end = end};
    if (ring->members != NULL)
        ring->members->before = member;
    ring->members = member;
    SECTION_END();
}

void ring_member_remove(ring_t *ring, member_t *member)
{
    if (member->end == NULL)
        return;
    if (member->before != NULL)
        member->before->next = member->next;
    else
        ring->members = member->next;
    if (member->next != NULL)
        member->next->before = member->before;
    *member = (member_t){0};
}

/* Readers, so that producers do not wait for them until the last view is gone; and writers, since a stream does not end under them. */
static void end_members(ring_t *ring)
{
    while (ring->members != NULL) {
        member_t *member = ring->members;
        void (*end)(member_t *) = member->end;
        ring_member_remove(ring, member);
        end(member);
    }
    slotring_end_stream(ring->handle);
    ring->has_left = 1;
}

/* ---- The end ------------------------------------------------------------------------------------------------ */

static int is_unused(ring_t *ring)
{
    return count_of(&ring->users) == 0 && count_of(&ring->pins) == 0;
}

void ring_finish(ring_t *ring)
{
    SECTION_BEGIN(ring); /* the GIL, or this: one thread at a time ends it */
    if (count_of(&ring->users) == 0 && !ring->has_left && flag_is(&ring->phase) == RING_DEFERRED)
        end_members(ring);
    while (is_unused(ring) && flag_change(&ring->phase, RING_DEFERRED, RING_CLOSING)) {
        /* Somebody may have come in before the phase changed. Who comes in later, leaves. */
        int is_closed = is_unused(ring);
        if (is_closed)
            slotring_close(ring->handle);
        flag_set(&ring->phase, is_closed ? RING_CLOSED : RING_DEFERRED);
    }
    SECTION_END();
}

static PyObject *in_use(ring_t *ring)
{
    unsigned long long sequence = atomic_load_explicit(&ring->pinned, memory_order_relaxed);
    PyErr_Format(
        PyExc_BufferError,
        "%R is in use through %ld views of its messages and slots (the last was made of message %llu); "
        "delete the views and the arrays first",
        ring, count_of(&ring->pins), sequence);
    return NULL;
}

/* Waits until no other thread is inside. The stop ends their waits. */
static void drive_out(ring_t *ring)
{
    slotring_stop(ring->handle);
    while (count_of(&ring->users) != 0)
        wait_a_moment();
}

static void reopen(ring_t *ring)
{
    if (!flag_is(&ring->is_stopped))
        slotring_resume(ring->handle);
    flag_set(&ring->phase, RING_OPEN);
}

/* Nobody is inside any more: from RING_LEAVING to RING_CLOSING. 0: something points into the ring. */
static int begin_close(ring_t *ring)
{
    for (;;) {
        drive_out(ring);
        if (count_of(&ring->pins) != 0)
            return 0;
        flag_set(&ring->phase, RING_CLOSING);
        if (is_unused(ring))
            return 1;
        flag_set(&ring->phase, RING_LEAVING); /* somebody came in before */
    }
}

/* The last who leaves the ring ends its members and its stream, and the last view closes it. */
static void defer(ring_t *ring)
{
    slotring_stop(ring->handle); /* waits end; each call from now on finds the phase */
    flag_set(&ring->phase, RING_DEFERRED);
    ring_finish(ring);
}

PyObject *ring_close(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    if (ring->generation != fork_generation())
        Py_RETURN_NONE; /* the parent's; the end of the object frees what this process has of it */
    if (count_of(&ring->pins) != 0 && flag_is(&ring->phase) != RING_CLOSED)
        return in_use(ring);
    if (!flag_change(&ring->phase, RING_OPEN, RING_LEAVING))
        Py_RETURN_NONE;
    if (is_waiting_on(ring)) { /* a handler of a signal, in a wait on this ring: closed when that has ended */
        defer(ring);
        Py_RETURN_NONE;
    }
    if (!begin_close(ring)) {
        reopen(ring);
        return in_use(ring);
    }
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_close(ring->handle);
    Py_END_ALLOW_THREADS;
    PyObject *result = code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
    flag_set(&ring->phase, RING_CLOSED);
    return result;
}

/* A ring whose memory is in use. 0: its close was deferred before. */
static int close_later(ring_t *ring)
{
    if (!flag_change(&ring->phase, RING_OPEN, RING_LEAVING))
        return 0;
    if (!is_waiting_on(ring)) /* a handler of a signal would wait for itself */
        drive_out(ring);
    defer(ring);
    return 1;
}

PyObject *ring_exit(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    ring_t *ring = (ring_t *)self;
    PyObject *closed = ring_close(self, NULL);
    if (closed != NULL || !PyErr_ExceptionMatches(PyExc_BufferError))
        return closed;
    PyErr_Clear();
    if (!close_later(ring))
        Py_RETURN_NONE;
    unsigned long long sequence = atomic_load_explicit(&ring->pinned, memory_order_relaxed);
    if (PyErr_WarnFormat(
            PyExc_ResourceWarning, 1,
            "%R is closed only when the last view of its memory is gone; the last one that was made "
            "is of message %llu",
            ring, sequence) != 0)
        PyErr_WriteUnraisable(self); /* warnings are errors: but a `with` never raises at its end */
    Py_RETURN_NONE;
}

/* At the end of the process: closes the ring, or, if memory of it is in use, ends its stream. Then nobody takes this producer for
 * one that died, and the kernel gives the rest back. */
PyObject *ring_leave_at_exit(PyObject *self, PyObject *nothing)
{
    ring_t *ring = (ring_t *)self;
    PyObject *closed = ring_close(self, nothing);
    if (closed != NULL)
        return closed;
    PyErr_Clear();
    int was_deferred = !close_later(ring) && flag_is(&ring->phase) == RING_DEFERRED;
    if (was_deferred && !is_waiting_on(ring))
        drive_out(ring); /* the last of them ends the stream */
    Py_RETURN_NONE;
}
