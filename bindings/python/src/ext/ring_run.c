/* SPDX-License-Identifier: Apache-2.0 */
/* What the owner of a ring does: revoking readers, runs and their marks. */
#include "binding.h"

/* ---- What an owner does ---------------------------------------------------------------------------------------- */

static PyObject *ring_revoke(PyObject *self, PyObject *object)
{
    ring_t *ring = (ring_t *)self;
    uint64_t row = 0;
    if (number_from(object, "row", UINT32_MAX, &row) != 0 || ring_enter(ring) != 0)
        return NULL;
    int code = slotring_revoke(ring->handle, (uint32_t)row);
    ring_leave(ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

/* ---- Runs -------------------------------------------------------------------------------------------------------- */

static const choice_t mark_choices[] = {
    {"run_begin", SLOTRING_MARK_RUN_BEGIN},
    {"run_end", SLOTRING_MARK_RUN_END},
    {"user", SLOTRING_MARK_USER},
    {NULL, 0},
};

static PyObject *ring_mark(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"kind", "run", "value", "data", NULL};
    ring_t *ring = (ring_t *)self;
    const char *kind_word, *data = NULL;
    Py_ssize_t size = 0;
    PyObject *run_object = NULL, *value_object = NULL;
    uint64_t run = 0, value = 0;
    uint32_t kind = 0;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "s|$OOy#:mark", names, &kind_word, &run_object,
                                     &value_object, &data, &size) ||
        choice_from(kind_word, "kind", mark_choices, &kind) != 0 ||
        number_from(run_object, "run", UINT64_MAX, &run) != 0 ||
        number_from(value_object, "value", UINT64_MAX, &value) != 0)
        return NULL;
    if (size > SLOTRING_MARK_BYTES_MAX)
        return PyErr_Format(PyExc_ValueError, "data has %zd bytes; a mark can have %u", size,
                            SLOTRING_MARK_BYTES_MAX);
    slotring_mark_t made;
    int code;
    if (ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_mark(ring->handle, kind, run, value, data, (uint32_t)size, &made);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? value_of_mark(state_of(self), &made) : raise_code(state_of(self), code);
}

static PyObject *ring_run(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    slotring_mark_t mark;
    if (ring_enter(ring) != 0)
        return NULL;
    int code = slotring_run(ring->handle, &mark);
    ring_leave(ring);
    if (code == SLOTRING_E_EMPTY)
        Py_RETURN_NONE;
    return code == 0 ? value_of_mark(state_of(self), &mark) : raise_code(state_of(self), code);
}

static PyObject *ring_run_gate(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"free_percent", "readers", "nothing_dropped", NULL};
    ring_t *ring = (ring_t *)self;
    slotring_run_gate_t wanted = {.struct_size = sizeof wanted};
    PyObject *percent = NULL, *readers = NULL;
    uint64_t percent_number = 0, readers_number = 0;
    int nothing_dropped = 0, code;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|$OOp:run_gate", names, &percent, &readers,
                                     &nothing_dropped) ||
        number_from(percent, "free_percent", UINT32_MAX, &percent_number) != 0 ||
        number_from(readers, "readers", UINT32_MAX, &readers_number) != 0 || ring_enter(ring) != 0)
        return NULL;
    wanted.free_percent = (uint32_t)percent_number;
    wanted.readers = (uint32_t)readers_number;
    wanted.nothing_dropped = nothing_dropped != 0;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_run_gate(ring->handle, &wanted);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

PyMethodDef ring_run_methods[] = {
    {"revoke", ring_revoke, METH_O,
     "revoke($self, row, /)\n--\n\nHas producers stop waiting for the reader of this row. For the ring's "
     "owner."},
    {"mark", (PyCFunction)(void (*)(void))ring_mark, METH_VARARGS | METH_KEYWORDS,
     "mark($self, /, kind, *, run=0, value=0, data=b'')\n--\n\n"
     "Makes a mark behind all that is published: 'run_begin', 'run_end' or 'user'."},
    {"run", ring_run, METH_NOARGS, "run($self, /)\n--\n\nThe last mark of a run; None before the first run."},
    {"run_gate", (PyCFunction)(void (*)(void))ring_run_gate, METH_VARARGS | METH_KEYWORDS,
     "run_gate($self, /, *, free_percent=0, readers=0, nothing_dropped=False)\n--\n\n"
     "May a run begin? StateError says all that is not as wanted."},
    {NULL, NULL, 0, NULL},
};
