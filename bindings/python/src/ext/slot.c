/* SPDX-License-Identifier: Apache-2.0 */
/* Slots: memory of the ring that a producer fills in place and then publishes. */
#include <string.h>

#include "binding.h"

static int publish(loan_t *slot, uint64_t bytes, int keeps)
{
    ring_t *ring = slot->ring;
    if (slot->how == LOAN_RESERVED)
        return reservation_commit(slot, bytes);
    if (ring_enter(ring) != 0)
        return CODE_PYTHON;
    int code = keeps ? slotring_mark_ready_keep(ring->handle, &slot->slot, bytes)
                     : slotring_mark_ready(ring->handle, &slot->slot, bytes);
    ring_leave(ring);
    return code;
}

int slot_check_unused(loan_t *slot)
{
    if (loan_check(slot) != 0)
        return -1;
    if (count_of(&slot->exports) == 0)
        return 0;
    PyErr_Format(PyExc_BufferError, "%R is in use through views; delete the views and the arrays first",
                 slot);
    return -1;
}

/* It is looked at last: all else may run Python code. In the section nobody makes a view of it, or ends it. */
static int publish_unused(loan_t *slot, uint64_t tag, uint64_t time_ns, uint64_t bytes, int keeps)
{
    int code = CODE_PYTHON;
    SECTION_BEGIN(slot->ring);
    if (slot_check_unused(slot) == 0) {
        slot->slot.tag = tag;
        slot->slot.time_ns = time_ns;
        code = publish(slot, bytes, keeps);
        if (code == 0)
            loan_is_back(slot);
    }
    SECTION_END();
    return code;
}

static PyObject *slot_mark_ready(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                 PyObject *names)
{
    loan_t *slot = (loan_t *)self;
    PyObject *nbytes = NULL, *tag = NULL, *keep = NULL, *time = NULL;
    uint64_t bytes = slot->slot.length, number = 0, time_ns = 0;
    const keyword_t keywords[] = {
        {"nbytes", &nbytes}, {"tag", &tag}, {"keep", &keep}, {"time_ns", &time}, {NULL, NULL}};
    if (arguments_take("mark_ready", arguments, count, names, keywords, 1, 0) != 0 ||
        number_from(nbytes, "nbytes", UINT64_MAX, &bytes) != 0 ||
        number_from(tag, "tag", UINT64_MAX, &number) != 0 ||
        number_from(time, "time_ns", UINT64_MAX, &time_ns) != 0)
        return NULL;
    int keeps = keep != NULL ? PyObject_IsTrue(keep) : 0;
    if (keeps < 0)
        return NULL;
    if (keeps && slot->how == LOAN_RESERVED && loan_check(slot) == 0)
        return raise_sentence(
            state_of(self), SLOTRING_E_INVALID,
            "keep=True is for a slot of allocate(); ring.hold() holds a writer's message by its "
            "ticket");
    int code = publish_unused(slot, number, time_ns, bytes, keeps);
    if (code == CODE_PYTHON)
        return NULL;
    if (code != 0)
        return raise_code(state_of(self), code);
    if (keeps && ring_keep(slot->ring, &slot->slot.ticket) != 0)
        return NULL;
    return ticket_new(state_of(self), &slot->slot.ticket);
}

static int give_up(loan_t *slot)
{
    if (slot->how == LOAN_RESERVED)
        return reservation_cancel(slot);
    if (ring_enter(slot->ring) != 0)
        return CODE_PYTHON;
    int code = slotring_abort(slot->ring->handle, &slot->slot);
    ring_leave(slot->ring);
    return code;
}

static PyObject *slot_abort(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    loan_t *slot = (loan_t *)self;
    int code = CODE_PYTHON;
    SECTION_BEGIN(slot->ring);
    if (slot_check_unused(slot) == 0)
        code = give_up(slot);
    if (code == 0)
        loan_is_back(slot);
    SECTION_END();
    if (code == CODE_PYTHON)
        return NULL;
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

/* While the bytes are copied without the GIL another thread may publish the slot: an export keeps it. */
static int write_safely(loan_t *slot, uint64_t offset, const Py_buffer *view)
{
    int code = CODE_PYTHON;
    if (loan_hold_on(slot) != 0) /* what made the view may have run Python code */
        return code;
    if (ring_enter(slot->ring) == 0) {
        code = scatter_into(slot->ring, &slot->slot, offset, view->buf, (uint64_t)view->len);
        ring_leave(slot->ring);
    }
    loan_release_buffer((PyObject *)slot, NULL);
    return code;
}

static PyObject *slot_write(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    loan_t *slot = (loan_t *)self;
    PyObject *buffer = NULL, *at = NULL;
    uint64_t offset = 0;
    const keyword_t keywords[] = {{"buffer", &buffer}, {"offset", &at}, {NULL, NULL}};
    Py_buffer view;
    if (arguments_take("write", arguments, count, names, keywords, 2, 1) != 0 ||
        number_from(at, "offset", UINT64_MAX, &offset) != 0 || loan_check(slot) != 0 ||
        PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE) != 0)
        return NULL;
    int code = write_safely(slot, offset, &view);
    PyBuffer_Release(&view);
    if (code == CODE_PYTHON)
        return NULL;
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

static PyObject *slot_array(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    return PyObject_CallMethod(state_of(self)->values, "array_of", "OOO", self, arguments,
                               keywords ? keywords : Py_None);
}

static PyObject *slot_enter(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return loan_check((loan_t *)self) == 0 ? Py_NewRef(self) : NULL;
}

/* A slot that was not published is given back: now, or with the last view. */
static PyObject *slot_exit(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    loan_end((loan_t *)self);
    Py_RETURN_NONE;
}

static PyObject *get_capacity(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((loan_t *)self)->slot.capacity);
}

/* Of the message, if a writer writes it. */
static PyObject *get_number(PyObject *self, void *unused)
{
    (void)unused;
    loan_t *slot = (loan_t *)self;
    if (slot->how != LOAN_RESERVED)
        Py_RETURN_NONE;
    return PyLong_FromUnsignedLongLong(slot->slot.number);
}

static PyObject *get_index(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(((loan_t *)self)->slot.index);
}

static PyObject *get_pieces(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(((loan_t *)self)->slot.pieces);
}

static PyObject *get_time_ns(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((loan_t *)self)->slot.time_ns);
}

static Py_ssize_t slot_length(PyObject *self)
{
    return (Py_ssize_t)((loan_t *)self)->slot.length;
}

static PyObject *slot_repr(PyObject *self)
{
    loan_t *slot = (loan_t *)self;
    int is_ended = flag_is(&slot->ended);
    return PyUnicode_FromFormat("<slotring.Slot %u of %R, %llu bytes%s>", (unsigned)slot->slot.index,
                                slot->ring->name, (unsigned long long)slot->slot.length,
                                is_ended ? ", ended" : "");
}

static PyMethodDef methods[] = {
    {"mark_ready", (PyCFunction)(void (*)(void))slot_mark_ready, METH_FASTCALL | METH_KEYWORDS,
     "mark_ready($self, /, nbytes=None, *, tag=0, keep=False, time_ns=0)\n--\n\n"
     "Publishes the first `nbytes` bytes (None: as many as were asked for), and gives the ticket. Raises "
     "BufferError\n"
     "while views are in use. numpy.ndarray(buffer=slot) leaves no view: delete such an array first.\n\n"
     "With keep=True the ring's handle holds the message until release_ticket(). `time_ns` is for a ring "
     "with proxy=True: the time there."},
    {"abort", slot_abort, METH_NOARGS, "abort($self, /)\n--\n\nGives the slot back without publishing it."},
    {"write", (PyCFunction)(void (*)(void))slot_write, METH_FASTCALL | METH_KEYWORDS,
     "write($self, /, buffer, offset=0)\n--\n\nCopies a buffer into the slot, also where that has several "
     "pieces."},
    {"in_pieces", loan_in_pieces, METH_NOARGS,
     "in_pieces($self, /)\n--\n\nThe pieces of the room that was asked for, one in each slot, to fill in "
     "place."},
    {"array", (PyCFunction)(void (*)(void))slot_array, METH_VARARGS | METH_KEYWORDS,
     "array($self, /, dtype='uint8', shape=None)\n--\n\nA NumPy array to fill, in place."},
    {"__enter__", slot_enter, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", slot_exit, METH_VARARGS,
     "__exit__($self, /, *arguments)\n--\n\nGives the slot back if it was not published."},
    DLPACK_METHODS,
    {"__reduce__", not_picklable, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"capacity", get_capacity, NULL, "Bytes that can be published; len() says how many were asked for.",
     NULL},
    {"index", get_index, NULL, "Of the slot.", NULL},
    {"number", get_number, NULL, "Of the message among those of its writer; None without a writer.", NULL},
    {"pieces", get_pieces, NULL, "Slots that the message takes.", NULL},
    {"time_ns", get_time_ns, NULL, "Time of the publication, once it was published; 0 without time stamps.",
     NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, loan_dealloc},
    {Py_tp_repr, slot_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_sq_length, slot_length},
    {Py_bf_getbuffer, loan_get_buffer},
    {Py_bf_releasebuffer, loan_release_buffer},
    {Py_tp_doc, "A slot of a ring to fill in place. It has the buffer protocol, to write to."},
    {0, NULL},
};

PyType_Spec slot_spec = {"slotring.Slot", sizeof(loan_t), 0,
                         Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                         slots};
