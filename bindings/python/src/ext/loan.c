/* SPDX-License-Identifier: Apache-2.0 */
/* Lending the ring's memory: what messages and slots have in common. A loan goes back when the caller is done with it and nothing
 * points there any more.
 *
 * An export of the buffer protocol counts as long as it lives: memoryview, numpy.frombuffer, pyarrow.py_buffer and most others
 * keep theirs. numpy.ndarray(buffer=...) does not, nor may others: it gives the export back at once and keeps the address and a
 * reference to the object. It asks for memory to write to first. So a message that refused that, and then gave an export, is
 * *loose*; and so is a slot that was asked for memory to write to. A loose loan goes back with its object, which such an array keeps. */
#include <string.h>

#include "binding.h"

loan_t *loan_prepare(PyTypeObject *type, ring_t *ring, int how)
{
    loan_t *loan = (loan_t *)spare_new(SPARE_LOAN, type);
    if (loan == NULL)
        return NULL;
    memset((char *)loan + offsetof(loan_t, ring), 0, offsetof(loan_t, slot) - offsetof(loan_t, ring));
    loan->ring = (ring_t *)Py_NewRef((PyObject *)ring);
    loan->how = how;
    return loan;
}

void loan_begin(loan_t *loan)
{
    flag_set(&loan->out, 1);
}

loan_t *loan_new(PyTypeObject *type, ring_t *ring, const slotring_slot_t *slot, int how)
{
    loan_t *loan = loan_prepare(type, ring, how);
    if (loan == NULL)
        return NULL;
    loan->slot = *slot;
    loan_begin(loan);
    return loan;
}

/* Gives the slot back to the ring, once. Errors do not matter: the ring has it back already, or is gone. */
static void give_back(loan_t *loan)
{
    if (flag_set(&loan->out, 0) == 0 || loan->how == LOAN_COPIED)
        return;
    if (ring_enter_quietly(loan->ring) != 0)
        return;
    slotring_t *handle = loan->ring->handle;
    if (loan->how == LOAN_WRITING)
        slotring_abort(handle, &loan->slot);
    else if (loan->how == LOAN_RESERVED)
        reservation_give_back(loan);
    else if (loan->how == LOAN_HELD)
        slotring_release_ticket(handle, &loan->slot.ticket);
    else
        slotring_release(handle, &loan->slot);
    ring_leave(loan->ring);
}

/* A thread that ends the loan sets `ended` and then looks at `exports`; one that releases the last export counts down and
 * then looks at `ended`. Whoever comes last gives the loan back. */
int loan_is_free(loan_t *loan)
{
    return count_of(&loan->exports) == 0 && flag_is(&loan->loose) == 0;
}

void loan_is_back(loan_t *loan)
{
    flag_set(&loan->out, 0);
    flag_set(&loan->ended, 1);
}

void loan_end(loan_t *loan)
{
    SECTION_BEGIN(loan->ring); /* a slot is not being published meanwhile */
    flag_set(&loan->ended, 1);
    if (loan_is_free(loan))
        give_back(loan);
    SECTION_END();
}

void loan_dealloc(PyObject *self)
{
    loan_t *loan = (loan_t *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (loan->ring != NULL) {
        give_back(loan);
        if (flag_is(&loan->loose) != 0)
            ring_unpin(loan->ring);
    }
    PyMem_Free(loan->given);
    Py_XDECREF(loan->reader);
    Py_XDECREF(loan->writer);
    Py_XDECREF(loan->copy);
    Py_XDECREF((PyObject *)loan->ring);
    spare_free(SPARE_LOAN, self);
    Py_DECREF(type);
}

int loan_check(loan_t *loan)
{
    if (flag_is(&loan->ended) == 0)
        return 0;
    PyErr_Format(PyExc_ValueError, "%R was given back", loan);
    return -1;
}

static int is_writing(const loan_t *loan)
{
    return loan->how == LOAN_WRITING || loan->how == LOAN_RESERVED;
}

/* Notes that the caller may keep the address without an export. */
static void note_looseness(loan_t *loan, int flags)
{
    int wants_to_write = (flags & PyBUF_WRITABLE) != 0;
    if (is_writing(loan) ? !wants_to_write : flag_is(&loan->refused) == 0)
        return;
    if (flag_set(&loan->loose, 1) == 0)
        ring_pin(loan->ring, loan->slot.sequence);
}

int loan_hold_on(loan_t *loan)
{
    int failed;
    SECTION_BEGIN(loan->ring); /* it does not end, and is not published, meanwhile */
    failed = loan_check(loan);
    if (!failed) {
        count_add(&loan->exports, 1);
        ring_pin(loan->ring, loan->slot.sequence);
    }
    SECTION_END();
    return failed;
}

int loan_pin(loan_t *loan)
{
    if (loan_hold_on(loan) != 0)
        return -1;
    if (ring_enter(loan->ring) == 0) {
        ring_leave(loan->ring);
        return 0;
    }
    loan_release_buffer((PyObject *)loan, NULL);
    return -1;
}

int loan_lend(loan_t *loan, PyObject *exporter, void *data, uint64_t length, Py_buffer *view, int flags)
{
    view->obj = NULL;
    int writes = is_writing(loan);
    if (!writes && (flags & PyBUF_WRITABLE) != 0) {
        flag_set(&loan->refused, 1);
        PyErr_SetString(PyExc_BufferError, "a message is read-only");
        return -1;
    }
    if (loan->how == LOAN_COPIED) /* the bytes are in an object of Python, which lives as long as the loan */
        return loan_check(loan) == 0 ? PyBuffer_FillInfo(view, exporter, data, (Py_ssize_t)length, 1, flags)
                                     : -1;
    if (loan_pin(loan) != 0)
        return -1;
    note_looseness(loan, flags);
    if (PyBuffer_FillInfo(view, exporter, data, (Py_ssize_t)length, !writes, flags) == 0)
        return 0;
    loan_release_buffer((PyObject *)loan, view);
    return -1;
}

int loan_get_buffer(PyObject *self, Py_buffer *view, int flags)
{
    loan_t *loan = (loan_t *)self;
    if (loan->slot.pieces > 1 && loan->how != LOAN_COPIED) {
        view->obj = NULL;
        PyErr_Format(PyExc_BufferError, "%R lies in %u slots, not in one piece; use in_pieces(), or %s", loan,
                     (unsigned)loan->slot.pieces, is_writing(loan) ? "write()" : "tobytes() or copy_into()");
        return -1;
    }
    void *data = loan->how == LOAN_COPIED ? PyBytes_AsString(loan->copy) : loan->slot.data;
    return loan_lend(loan, self, data, loan->slot.length, view, flags);
}

void loan_release_buffer(PyObject *self, Py_buffer *view)
{
    (void)view;
    loan_t *loan = (loan_t *)self;
    if (loan->how == LOAN_COPIED)
        return;
    if (count_add(&loan->exports, -1) == 1 && flag_is(&loan->ended) != 0 && loan_is_free(loan))
        give_back(loan);
    ring_unpin(loan->ring);
}
