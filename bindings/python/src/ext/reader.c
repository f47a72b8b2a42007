/* SPDX-License-Identifier: Apache-2.0 */
/* The object of a reader: opening and closing it, and its methods. */
#include "binding.h"

int reader_try_enter(reader_t *reader, const char **why)
{
    int code = ring_try_enter(reader->ring, why);
    if (code != 0)
        return code;
    /* A thread that calls again and again would else keep the one that closes away. */
    if (flag_is(&reader->closing)) {
        ring_leave(reader->ring);
        *why = "the reader is closed";
        return SLOTRING_E_CLOSED;
    }
    if (flag_set(&reader->busy, 1)) {
        ring_leave(reader->ring);
        *why = "another call is using this reader: one thread at a time may; open a reader for each thread";
        return SLOTRING_E_STATE;
    }
    if (reader->handle != NULL)
        return 0;
    reader_leave(reader);
    *why = "the reader is closed";
    return SLOTRING_E_CLOSED;
}

int reader_enter(reader_t *reader)
{
    const char *why;
    int code = reader_try_enter(reader, &why);
    if (code == 0)
        return 0;
    raise_sentence(state_of((PyObject *)reader), code, why);
    return -1;
}

void reader_leave(reader_t *reader)
{
    flag_set(&reader->busy, 0);
    ring_leave(reader->ring);
}

/* In a section of the ring, inside the ring, and nobody is inside the reader. */
static void end(reader_t *reader)
{
    flag_set(&reader->closing, 1);
    ring_member_remove(reader->ring, &reader->member);
    if (reader->handle != NULL)
        slotring_unsubscribe(reader->handle);
    reader->handle = NULL;
}

static void end_member(member_t *member)
{
    end((reader_t *)(void *)((char *)member - offsetof(reader_t, member)));
}

PyObject *reader_open(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    ring_t *ring = (ring_t *)self;
    binding_state_t *state = state_of(self);
    slotring_reader_options_t options;
    if (reader_options_from(arguments, keywords, &options) != 0)
        return NULL;
    allocfunc make = (allocfunc)PyType_GetSlot(state->reader_type, Py_tp_alloc);
    reader_t *reader = (reader_t *)make(state->reader_type, 0);
    if (reader == NULL)
        return NULL;
    reader->ring = (ring_t *)Py_NewRef(self);
    reader->name = options.name ? PyUnicode_FromString(options.name) : Py_NewRef(Py_None);
    reader->has_window = options.window != 0 && (options.flags & SLOTRING_BY_TICKET) == 0;
    reader->acknowledges = reader->has_window || (options.flags & (SLOTRING_DURABLE | SLOTRING_GROUP)) != 0;
    if (reader->name == NULL || ring_enter(ring) != 0) {
        Py_DECREF(reader);
        return NULL;
    }
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_subscribe(ring->handle, &options, &reader->handle);
    Py_END_ALLOW_THREADS;
    if (code == 0)
        ring_member_add(ring, &reader->member, end_member);
    ring_leave(ring);
    if (code == 0)
        return (PyObject *)reader;
    Py_DECREF(reader);
    return raise_code(state, code);
}

static void reader_dealloc(PyObject *self)
{
    reader_t *reader = (reader_t *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (reader->ring != NULL && ring_enter_quietly(reader->ring) == 0) {
        SECTION_BEGIN(reader->ring);
        end(reader);
        SECTION_END();
        ring_leave(reader->ring);
    }
    together_free(reader);
    Py_XDECREF(atomic_load_explicit(&reader->told, memory_order_relaxed));
    Py_XDECREF(reader->name);
    Py_XDECREF((PyObject *)reader->ring);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

/* Inside the ring. Waits until another thread has left the reader, whose wait the stop ends. */
static void unsubscribe(reader_t *reader)
{
    while (flag_set(&reader->busy, 1)) {
        slotring_reader_stop(reader->handle);
        wait_a_moment();
    }
    SECTION_BEGIN(reader->ring);
    end(reader);
    SECTION_END();
    flag_set(&reader->busy, 0);
}

static PyObject *reader_close(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    reader_t *reader = (reader_t *)self;
    if (ring_enter_quietly(reader->ring) != 0)
        Py_RETURN_NONE; /* it ended with its ring, or is the parent's */
    int is_inside = is_waiting_on(reader->ring) && flag_is(&reader->busy);
    if (is_inside) {
        ring_leave(reader->ring);
        return raise_sentence(
            state_of(self), SLOTRING_E_STATE,
            "this thread waits with this reader; raise an exception in the handler, or close the ring");
    }
    if (flag_set(&reader->closing, 1) == 0)
        unsubscribe(reader);
    ring_leave(reader->ring);
    Py_XDECREF(reader_told(reader, NULL));
    Py_RETURN_NONE;
}

static PyObject *reader_exit(PyObject *self, PyObject *arguments)
{
    return reader_close(self, arguments);
}

static PyObject *reader_self(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return Py_NewRef(self);
}

static int is_closed(reader_t *reader)
{
    return flag_is(&reader->closing) || flag_is(&reader->ring->phase) != RING_OPEN;
}

static PyObject *reader_repr(PyObject *self)
{
    reader_t *reader = (reader_t *)self;
    return PyUnicode_FromFormat("<slotring.Reader %R of %R%s>", reader->name, reader->ring->name,
                                is_closed(reader) ? ", closed" : "");
}

static PyObject *get_closed(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(is_closed((reader_t *)self));
}

/* For `async for`, which does not wait in the library. */
static PyObject *get_stopped(PyObject *self, void *unused)
{
    (void)unused;
    reader_t *reader = (reader_t *)self;
    return PyBool_FromLong(flag_is(&reader->is_stopped) || flag_is(&reader->ring->is_stopped));
}

static PyObject *get_ring(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef((PyObject *)((reader_t *)self)->ring);
}

/* asyncio is imported by the first program that asks for it. */
static PyObject *reader_iterate_async(PyObject *self)
{
    PyObject *messages = attribute_of("slotring._asyncio", "messages");
    PyObject *iterator = messages ? PyObject_CallFunctionObjArgs(messages, self, NULL) : NULL;
    Py_XDECREF(messages);
    return iterator;
}

static PyMethodDef methods[] = {
    {"next", (PyCFunction)(void (*)(void))reader_next, METH_FASTCALL | METH_KEYWORDS,
     "next($self, /, timeout=None)\n--\n\n"
     "Gives the next message, in place. Waits up to `timeout` seconds (None: for ever; 0: not at all, and "
     "EmptyError)."},
    {"batch", (PyCFunction)(void (*)(void))reader_batch, METH_FASTCALL | METH_KEYWORDS,
     "batch($self, /, max=64, timeout=None)\n--\n\n"
     "Gives up to `max` messages that are there, as a list. Waits for the first one only."},
    {"acquire", reader_acquire, METH_O,
     "acquire($self, ticket, /)\n--\n\nOf a reader with by_ticket=True: gives the message that a ticket "
     "names."},
    {"_next_in_loop", reader_next_in_loop, METH_NOARGS, "_next_in_loop($self, /)\n--\n\n"},
    {"wait", (PyCFunction)(void (*)(void))reader_wait, METH_FASTCALL | METH_KEYWORDS,
     "wait($self, /, timeout=None)\n--\n\n"
     "Waits until there is something for the reader, and takes nothing. False: the time is over."},
    {"info", reader_info, METH_NOARGS,
     "info($self, /)\n--\n\nThis subscription, with what it lags and lost."},
    {"mark", reader_mark, METH_NOARGS,
     "mark($self, /)\n--\n\nThe mark that next() told of last; of a reader with marks=True."},
    {"rearm", reader_rearm, METH_NOARGS,
     "rearm($self, /)\n--\n\nHas producers wait again for a budgeted reader that was revoked."},
    {"stop", reader_stop, METH_NOARGS,
     "stop($self, /)\n--\n\nEnds each wait of this reader, now and later, with StoppedError, until "
     "resume()."},
    {"resume", reader_resume, METH_NOARGS, "resume($self, /)\n--\n\nTakes stop() back."},
    {"fileno", reader_fileno, METH_NOARGS,
     "fileno($self, /)\n--\n\nA descriptor that is readable while there is something for the reader."},
    {"close", reader_close, METH_NOARGS, "close($self, /)\n--\n\nEnds the subscription. Its messages stay."},
    {"__enter__", reader_self, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", reader_exit, METH_VARARGS, "__exit__($self, /, *arguments)\n--\n\nCalls close()."},
    {"__reduce__", not_picklable, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyMemberDef members[] = {
    {"name", T_OBJECT, offsetof(reader_t, name), READONLY, "The name that others see, if it has its own."},
    {NULL, 0, 0, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"closed", get_closed, NULL, "Is the reader closed, or its ring?", NULL},
    {"ring", get_ring, NULL, "The ring.", NULL},
    {"_stopped", get_stopped, NULL, NULL, NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, reader_dealloc},
    {Py_tp_repr, reader_repr},
    {Py_tp_iter, PyObject_SelfIter},
    {Py_tp_iternext, reader_iterate},
    {Py_am_aiter, reader_iterate_async},
    {Py_tp_methods, methods},
    {Py_tp_members, members},
    {Py_tp_getset, properties},
    {Py_tp_doc, "A subscription to a ring. Iterating gives message after message, until the stream ends."},
    {0, NULL},
};

PyType_Spec reader_spec = {"slotring.Reader", sizeof(reader_t), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                           slots};
