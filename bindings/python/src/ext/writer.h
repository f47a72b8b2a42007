/* SPDX-License-Identifier: Apache-2.0 */
/* What the files about writers share: the object, and how a call on it begins and ends. */
#ifndef SLOTRING_PYTHON_WRITER_H
#define SLOTRING_PYTHON_WRITER_H

#include "binding.h"

typedef struct writer {
    PyObject ob_base;
    ring_t *ring;
    slotring_writer_t *handle; /* NULL: closed */
    member_t member;           /* of the ring, while the handle is open */
    atomic_int busy;           /* a thread is inside it */
    atomic_int
        is_ending; /* closed by the program, while views of its reservation are in use: it ends with the last of them */
    _Atomic(loan_t *) reserved; /* its reservation, which has a reference to the writer; NULL: none */
    /* The reservation went, as `abandoned`. Who is inside the writer cancels it when it leaves. */
    atomic_int has_abandoned;
    slotring_slot_t abandoned;
} writer_t;

/* Begins a call on the writer and its ring. 0; or -1 with an exception. */
int writer_enter(writer_t *writer);
void writer_leave(writer_t *writer);
/* Closes it, or has that done when its reservation is in use no more. In a section of the ring, inside the ring, and nobody else is
 * inside the writer. */
void writer_end(writer_t *writer);

/* The methods about many messages, and about numbers. */
PyObject *writer_append_batch(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *writer_skip(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *writer_get_number(PyObject *self, void *unused);
/* … and about reservations. */
PyObject *writer_reserve(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
/* Cancels what was abandoned, if there is something. Nobody else is inside the writer. */
void writer_cancel_abandoned(writer_t *writer);
/* Ends `busy`. What is abandoned in this moment is cancelled here, too. */
void writer_unset_busy(writer_t *writer);

#endif
