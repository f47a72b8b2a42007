/* SPDX-License-Identifier: Apache-2.0 */
/* Writers: messages of any size, small ones in a shared slot. Each is visible when append() returns. */
#include "writer.h"

typedef struct append_call {
    writer_t *writer;
    const Py_buffer *view;
    uint64_t tag;
} append_call_t;

/* One thread at a time, as with a reader. */
int writer_enter(writer_t *writer)
{
    binding_state_t *state = state_of((PyObject *)writer);
    if (ring_enter(writer->ring) != 0)
        return -1;
    if (flag_set(&writer->busy, 1)) {
        ring_leave(writer->ring);
        raise_sentence(
            state, SLOTRING_E_STATE,
            "another call is using this writer: one thread at a time may; open a writer for each thread");
        return -1;
    }
    if (writer->handle != NULL && !flag_is(&writer->is_ending))
        return 0;
    writer_leave(writer);
    raise_sentence(state, SLOTRING_E_CLOSED, "the writer is closed");
    return -1;
}

void writer_unset_busy(writer_t *writer)
{
    do {
        writer_cancel_abandoned(writer);
        flag_set(&writer->busy, 0);
    } while (flag_is(&writer->has_abandoned) && !flag_set(&writer->busy, 1));
}

void writer_leave(writer_t *writer)
{
    writer_unset_busy(writer);
    ring_leave(writer->ring);
}

void writer_end(writer_t *writer)
{
    ring_member_remove(writer->ring, &writer->member);
    if (writer->handle == NULL)
        return;
    loan_t *reserved = writer->reserved;
    if (reserved != NULL && !loan_is_free(reserved)) {
        flag_set(&writer->is_ending, 1); /* somebody may still write there */
        flag_set(&reserved->ended, 1);
        if (!loan_is_free(reserved)) /* the last view did not end in between */
            return;
    }
    slotring_writer_close(writer->handle); /* cancels the reservation */
    writer->handle = NULL;
    writer->reserved = NULL;
    if (reserved != NULL)
        loan_is_back(reserved);
}

static void end_member(member_t *member)
{
    writer_end((writer_t *)(void *)((char *)member - offsetof(writer_t, member)));
}

/* The keywords of ring.writer() as options. 0; or -1 with an exception. */
static int options_from(PyObject *arguments, PyObject *keywords, slotring_writer_options_t *options)
{
    static char *names[] = {"row", "first_number", NULL};
    PyObject *row = NULL, *first = NULL;
    uint64_t number = 0;
    slotring_writer_options_init(options);
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "|$OO:writer", names, &row, &first) ||
        number_from(row, "row", UINT32_MAX, &number) != 0 ||
        number_from(first, "first_number", UINT64_MAX, &options->first_number) != 0)
        return -1;
    options->row = (uint32_t)number;
    if (row != NULL && row != Py_None)
        options->flags |= SLOTRING_WRITER_AT_ROW;
    if (first != NULL && first != Py_None)
        options->flags |= SLOTRING_WRITER_FIRST_NUMBER;
    return 0;
}

PyObject *writer_open(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    ring_t *ring = (ring_t *)self;
    binding_state_t *state = state_of(self);
    slotring_writer_options_t options;
    if (options_from(arguments, keywords, &options) != 0)
        return NULL;
    allocfunc make = (allocfunc)PyType_GetSlot(state->writer_type, Py_tp_alloc);
    writer_t *writer = (writer_t *)make(state->writer_type, 0);
    if (writer == NULL)
        return NULL;
    writer->ring = (ring_t *)Py_NewRef(self);
    if (ring_enter(ring) != 0) {
        Py_DECREF(writer);
        return NULL;
    }
    int code;
    if (options.flags == 0) {
        code = slotring_writer_open(ring->handle, &options, &writer->handle);
    } else { /* it may wait until the row's owner, who has died, is repaired */
        Py_BEGIN_ALLOW_THREADS;
        code = slotring_writer_open(ring->handle, &options, &writer->handle);
        Py_END_ALLOW_THREADS;
    }
    if (code == 0)
        ring_member_add(ring, &writer->member, end_member);
    ring_leave(ring);
    if (code == 0)
        return (PyObject *)writer;
    /* The error first: what ends with the object may call the library. */
    raise_code(state, code);
    Py_DECREF(writer);
    return NULL;
}

static void writer_dealloc(PyObject *self)
{
    writer_t *writer = (writer_t *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (writer->ring != NULL && ring_enter_quietly(writer->ring) == 0) {
        SECTION_BEGIN(writer->ring);
        writer_end(writer);
        SECTION_END();
        ring_leave(writer->ring);
    }
    Py_XDECREF((PyObject *)writer->ring);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

/* defers: views of the reservation that are in use put the close off, and are no error. */
static PyObject *close_writer(writer_t *writer, int defers)
{
    if (ring_enter_quietly(writer->ring) != 0)
        Py_RETURN_NONE; /* it ended with its ring, or is the parent's */
    if (flag_set(&writer->busy, 1)) {
        ring_leave(writer->ring);
        return raise_sentence(state_of((PyObject *)writer), SLOTRING_E_STATE,
                              "another call is using this writer; stop the ring first");
    }
    int is_used;
    SECTION_BEGIN(writer->ring);
    loan_t *reserved = writer->reserved;
    is_used = reserved != NULL && !loan_is_free(reserved);
    if (defers || !is_used)
        writer_end(writer);
    SECTION_END();
    writer_leave(writer);
    if (defers || !is_used)
        Py_RETURN_NONE;
    PyErr_Format(PyExc_BufferError,
                 "the reservation of %R is in use through views; delete the views and the arrays first",
                 writer);
    return NULL;
}

static PyObject *writer_close(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return close_writer((writer_t *)self, 0);
}

static PyObject *writer_exit(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    return close_writer((writer_t *)self, 1);
}

static PyObject *writer_self(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return Py_NewRef(self);
}

static int call_append(void *context, int64_t timeout_ns)
{
    append_call_t *call = context;
    return slotring_writer_append(call->writer->handle, call->view->buf, (uint64_t)call->view->len, call->tag,
                                  timeout_ns);
}

static PyObject *writer_append(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    writer_t *writer = (writer_t *)self;
    PyObject *buffer = NULL, *tag = NULL, *timeout = NULL;
    Py_buffer view;
    append_call_t call = {.writer = writer, .view = &view};
    int64_t timeout_ns;
    const keyword_t keywords[] = {{"buffer", &buffer}, {"tag", &tag}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("append", arguments, count, names, keywords, 1, 1) != 0 ||
        number_from(tag, "tag", UINT64_MAX, &call.tag) != 0 || timeout_from(timeout, &timeout_ns) != 0 ||
        PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE) != 0)
        return NULL;
    int code = CODE_PYTHON;
    if (writer_enter(writer) == 0) {
        code = view.len < COPY_WITHOUT_GIL ? wait_for(writer->ring, call_append, &call, timeout_ns)
                                           : wait_without_gil(writer->ring, call_append, &call, timeout_ns);
        writer_leave(writer);
    }
    PyBuffer_Release(&view);
    if (code == CODE_PYTHON)
        return NULL;
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

static int is_closed(writer_t *writer)
{
    return writer->member.end == NULL || flag_is(&writer->is_ending) ||
           flag_is(&writer->ring->phase) != RING_OPEN;
}

static PyObject *writer_repr(PyObject *self)
{
    writer_t *writer = (writer_t *)self;
    return PyUnicode_FromFormat("<slotring.Writer of %R%s>", writer->ring->name,
                                is_closed(writer) ? ", closed" : "");
}

static PyObject *get_closed(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(is_closed((writer_t *)self));
}

static PyMethodDef methods[] = {
    {"append", (PyCFunction)(void (*)(void))writer_append, METH_FASTCALL | METH_KEYWORDS,
     "append($self, /, buffer, *, tag=0, timeout=None)\n--\n\n"
     "Writes one message, a copy of a contiguous buffer. Waits only if it needs a slot and none is free."},
    {"append_batch", (PyCFunction)(void (*)(void))writer_append_batch, METH_FASTCALL | METH_KEYWORDS,
     "append_batch($self, /, buffers, *, tags=None, timeout=None)\n--\n\n"
     "Writes a message for each buffer of an iterable, with few wake-ups. `tags` has one for each. Waits up "
     "to "
     "`timeout`\n"
     "seconds each time that it needs a slot. An error has `appended`: how many messages were written before "
     "it."},
    {"reserve", (PyCFunction)(void (*)(void))writer_reserve, METH_FASTCALL | METH_KEYWORDS,
     "reserve($self, /, size, timeout=None)\n--\n\n"
     "Gives room for one message of up to `size` bytes, to fill in place: a Slot, whose mark_ready() makes "
     "the "
     "message\n"
     "visible. A writer has one reservation at a time."},
    {"skip", (PyCFunction)(void (*)(void))writer_skip, METH_FASTCALL | METH_KEYWORDS,
     "skip($self, /, count, timeout=None)\n--\n\n"
     "Skips numbers: no message will have the next `count`. Readers count them as missed."},
    {"close", writer_close, METH_NOARGS, "close($self, /)\n--\n\nEnds the writer, which gives its slot up."},
    {"__enter__", writer_self, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", writer_exit, METH_VARARGS, "__exit__($self, /, *arguments)\n--\n\nCalls close()."},
    {"__reduce__", not_picklable, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"closed", get_closed, NULL, "Is the writer closed, or its ring?", NULL},
    {"number", writer_get_number, NULL, "The number of the next message.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, writer_dealloc},
    {Py_tp_repr, writer_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_doc, "Writes messages of any size."},
    {0, NULL},
};

PyType_Spec writer_spec = {"slotring.Writer", sizeof(writer_t), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                           slots};
