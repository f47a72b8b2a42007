/* SPDX-License-Identifier: Apache-2.0 */
/* Writers: messages of any size, small ones in a shared slot. Each is visible when append() returns. */
#include "binding.h"

typedef struct writer {
    PyObject ob_base;
    ring_t *ring;
    slotring_writer_t *handle; /* NULL: closed */
    member_t member;           /* of the ring, while the handle is open */
    atomic_int busy;
} writer_t;

typedef struct append_call {
    writer_t *writer;
    const Py_buffer *view;
    uint64_t tag;
} append_call_t;

/* One thread at a time, as with a reader. */
static int writer_enter(writer_t *writer)
{
    binding_state_t *state = state_of((PyObject *)writer);
    if (ring_enter(writer->ring) != 0)
        return -1;
    if (atomic_exchange_explicit(&writer->busy, 1, memory_order_acquire)) {
        ring_leave(writer->ring);
        raise_sentence(
            state, SLOTRING_E_STATE,
            "another call is using this writer: one thread at a time may; open a writer for each thread");
        return -1;
    }
    if (writer->handle != NULL)
        return 0;
    atomic_store_explicit(&writer->busy, 0, memory_order_release);
    ring_leave(writer->ring);
    raise_sentence(state, SLOTRING_E_CLOSED, "the writer is closed");
    return -1;
}

static void writer_leave(writer_t *writer)
{
    atomic_store_explicit(&writer->busy, 0, memory_order_release);
    ring_leave(writer->ring);
}

/* Inside the ring. */
static void end(writer_t *writer)
{
    ring_member_remove(writer->ring, &writer->member);
    if (writer->handle != NULL)
        slotring_writer_close(writer->handle);
    writer->handle = NULL;
}

static void end_member(member_t *member)
{
    end((writer_t *)(void *)((char *)member - offsetof(writer_t, member)));
}

PyObject *writer_open(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    binding_state_t *state = state_of(self);
    allocfunc make = (allocfunc)PyType_GetSlot(state->writer_type, Py_tp_alloc);
    writer_t *writer = (writer_t *)make(state->writer_type, 0);
    if (writer == NULL)
        return NULL;
    writer->ring = (ring_t *)Py_NewRef(self);
    if (ring_enter(ring) != 0) {
        Py_DECREF(writer);
        return NULL;
    }
    int code = slotring_writer_open(ring->handle, NULL, &writer->handle);
    if (code == 0)
        ring_member_add(ring, &writer->member, end_member);
    ring_leave(ring);
    if (code == 0)
        return (PyObject *)writer;
    Py_DECREF(writer);
    return raise_code(state, code);
}

static void writer_dealloc(PyObject *self)
{
    writer_t *writer = (writer_t *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (writer->ring != NULL && writer->handle != NULL && ring_enter_quietly(writer->ring) == 0) {
        end(writer);
        ring_leave(writer->ring);
    }
    Py_XDECREF((PyObject *)writer->ring);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyObject *writer_close(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    writer_t *writer = (writer_t *)self;
    if (ring_enter_quietly(writer->ring) != 0)
        Py_RETURN_NONE; /* it ended with its ring, or is the parent's */
    if (atomic_exchange_explicit(&writer->busy, 1, memory_order_acquire)) {
        ring_leave(writer->ring);
        return raise_sentence(state_of(self), SLOTRING_E_STATE,
                              "another call is using this writer; stop the ring first");
    }
    end(writer);
    writer_leave(writer);
    Py_RETURN_NONE;
}

static PyObject *writer_exit(PyObject *self, PyObject *arguments)
{
    return writer_close(self, arguments);
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
    return writer->handle == NULL ||
           atomic_load_explicit(&writer->ring->phase, memory_order_seq_cst) != RING_OPEN;
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
    {"close", writer_close, METH_NOARGS, "close($self, /)\n--\n\nEnds the writer, which gives its slot up."},
    {"__enter__", writer_self, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", writer_exit, METH_VARARGS, "__exit__($self, /, *arguments)\n--\n\nCalls close()."},
    {"__reduce__", not_picklable, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"closed", get_closed, NULL, "Is the writer closed, or its ring?", NULL},
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
