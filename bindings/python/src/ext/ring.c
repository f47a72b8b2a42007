/* SPDX-License-Identifier: Apache-2.0 */
/* The object of a ring: who is inside it, what points into it, and its methods that belong to no other file. */
#include <string.h>

#include "binding.h"

/* Who enters looks at the phase and adds to `users`; who closes sets the phase and looks at `users`. Both have the GIL for both, so one of
 * the two sees the other. So it is with `pins`. */

int ring_enter_quietly(ring_t *ring)
{
    if (ring->generation != fork_generation())
        return -1;
    for (;;) {
        count_add(&ring->users, 1);
        int phase = flag_is(&ring->phase);
        if (phase == RING_OPEN || phase == RING_LEAVING || phase == RING_DEFERRED)
            return 0;
        ring_leave(ring);
        if (phase == RING_CLOSED)
            return -1;
        wait_a_moment(); /* it is closed in a moment, or stays open because of this thread */
    }
}

/* In a forked child the ring is the parent's, and nothing is finished there. */
static void leave_refused(ring_t *ring)
{
    if (ring->generation == fork_generation())
        ring_leave(ring);
    else
        count_add(&ring->users, -1);
}

/* What keeps a call out. */
static int refusal(const ring_t *ring, const char **why)
{
    if (ring->generation != fork_generation()) {
        *why = slotring_strerror(SLOTRING_E_FORKED);
        return SLOTRING_E_FORKED;
    }
    *why = "the ring is closed";
    return SLOTRING_E_CLOSED;
}

int ring_try_enter(ring_t *ring, const char **why)
{
    count_add(&ring->users, 1);
    if (ring->generation == fork_generation() && flag_is(&ring->phase) == RING_OPEN)
        return 0;
    leave_refused(ring);
    return refusal(ring, why);
}

int ring_refuse(ring_t *ring)
{
    const char *why;
    leave_refused(ring);
    int code = refusal(ring, &why);
    raise_sentence(state_of((PyObject *)ring), code, why);
    return -1;
}

void ring_pin(ring_t *ring, uint64_t sequence)
{
    atomic_store_explicit(&ring->pinned, sequence, memory_order_relaxed); /* for people to read */
    count_add(&ring->pins, 1);
}

void ring_unpin(ring_t *ring)
{
    if (count_add(&ring->pins, -1) == 1 && flag_is(&ring->phase) != RING_OPEN)
        ring_finish(ring);
}

PyObject *not_picklable(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    PyErr_Format(
        PyExc_TypeError,
        "%R cannot be pickled: it belongs to this process. Send message.ticket, or ring.descriptor()", self);
    return NULL;
}

static void ring_dealloc(PyObject *self)
{
    ring_t *ring = (ring_t *)self;
    PyTypeObject *type = Py_TYPE(self);
    if (ring->weak_references != NULL)
        PyObject_ClearWeakRefs(self);
    /* Nobody has a reference, so nobody is inside, and each loan is gone. In a forked child this frees private memory only. */
    if (ring->handle != NULL && flag_is(&ring->phase) != RING_CLOSED)
        slotring_close(ring->handle);
    Py_XDECREF(ring->name);
    Py_XDECREF(ring->directory);
    Py_XDECREF(ring->backend);
    Py_XDECREF(ring->trusted_owner);
    Py_XDECREF(ring->kept);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static PyObject *ring_repr(PyObject *self)
{
    ring_t *ring = (ring_t *)self;
    int phase = flag_is(&ring->phase);
    return PyUnicode_FromFormat("<slotring.Ring %R%s%s>", ring->name, ring->is_observer ? ", observer" : "",
                                phase == RING_OPEN ? "" : ", closed");
}

static PyObject *ring_self(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    if (ring_enter((ring_t *)self) != 0)
        return NULL;
    ring_leave((ring_t *)self);
    return Py_NewRef(self);
}

/* A call that takes nothing but the handle, and does not wait. */
static PyObject *plain(PyObject *self, int (*call)(slotring_t *))
{
    ring_t *ring = (ring_t *)self;
    if (ring_enter(ring) != 0)
        return NULL;
    int code = call(ring->handle);
    ring_leave(ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

static PyObject *ring_end_stream(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return plain(self, slotring_end_stream);
}

static PyObject *ring_interrupt(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return plain(self, slotring_interrupt);
}

static PyObject *ring_stop(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    PyObject *done = plain(self, slotring_stop);
    if (done != NULL)
        flag_set(&((ring_t *)self)->is_stopped, 1);
    return done;
}

static PyObject *ring_resume(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    PyObject *done = plain(self, slotring_resume);
    if (done != NULL)
        flag_set(&((ring_t *)self)->is_stopped, 0);
    return done;
}

static PyObject *ring_descriptor(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    return PyObject_CallMethod(state_of(self)->values, "RingDescriptor", "OOOO", ring->name, ring->directory,
                               ring->backend, ring->trusted_owner);
}

static PyObject *get_name(PyObject *self, void *unused)
{
    (void)unused;
    return Py_NewRef(((ring_t *)self)->name);
}

static PyObject *get_closed(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(flag_is(&((ring_t *)self)->phase) != RING_OPEN);
}

static PyObject *get_slot_size(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((ring_t *)self)->slot_size);
}

static PyMethodDef methods[] = {
    {"close", ring_close, METH_NOARGS,
     "close($self, /)\n--\n\nLeaves the ring. The ring stays, for others and for later.\n\n"
     "Raises BufferError while memory of the ring is in use through a view. The ring stays open then; waits "
     "of "
     "other threads may have ended."},
    {"__enter__", ring_self, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", ring_exit, METH_VARARGS,
     "__exit__($self, /, *arguments)\n--\n\nCloses the ring; with the last view, if there are some."},
    {"_leave_at_exit", ring_leave_at_exit, METH_NOARGS, "_leave_at_exit($self, /)\n--\n\n"},
    {"end_stream", ring_end_stream, METH_NOARGS,
     "end_stream($self, /)\n--\n\nEnds the stream of this producer. The next publication begins another "
     "one."},
    {"interrupt", ring_interrupt, METH_NOARGS,
     "interrupt($self, /)\n--\n\nEnds the waits of this ring in other threads, once, with InterruptError."},
    {"stop", ring_stop, METH_NOARGS,
     "stop($self, /)\n--\n\nEnds each wait of this ring, now and later, with StoppedError, until resume()."},
    {"resume", ring_resume, METH_NOARGS, "resume($self, /)\n--\n\nTakes stop() back."},
    {"descriptor", ring_descriptor, METH_NOARGS,
     "descriptor($self, /)\n--\n\nGives what another process needs to open this ring: it can be pickled."},
    {"reader", (PyCFunction)(void (*)(void))reader_open, METH_VARARGS | METH_KEYWORDS,
     "reader($self, /, *, mode='lossless', start='now', last=None, sequence=None, name=None,\n"
     "       wanted='all', every=1, tag=None, tag_mask=18446744073709551615, at_end='tell',\n"
     "       wake_messages=0, wake=0.0, budget_messages=0, budget=0.0, when_revoked='goes_on',\n"
     "       durable=False, group=False, by_ticket=False, verify=False, marks=False, tries=0,\n"
     "       letters=None, window=0)\n--\n\nSubscribes to the messages of the ring."},
    {"writer", (PyCFunction)(void (*)(void))writer_open, METH_VARARGS | METH_KEYWORDS,
     "writer($self, /, *, row=None, first_number=None)\n--\n\n"
     "Opens a writer, which writes messages of any size; small ones share a slot. A writer that copies "
     "another "
     "ring's takes\n"
     "its `row`; `first_number` is that of the first message that is ever written in this row."},
    {"__reduce__", not_picklable, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"name", get_name, NULL, "The ring's name.", NULL},
    {"closed", get_closed, NULL, "Is the ring closed?", NULL},
    {"slot_size", get_slot_size, NULL, "Bytes of a slot.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyMemberDef members[] = {
    {"__weaklistoffset__", T_PYSSIZET, offsetof(ring_t, weak_references), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

#define METHODS_MAX 64

/* One table of all methods: the type keeps it. */
static PyMethodDef all_methods[METHODS_MAX];

static void methods_add(const PyMethodDef *more)
{
    size_t used = 0;
    while (all_methods[used].ml_name != NULL)
        used++;
    for (; more->ml_name != NULL && used < METHODS_MAX - 1; more++)
        all_methods[used++] = *more;
}

PyTypeObject *ring_type_new(PyObject *module)
{
    if (all_methods[0].ml_name == NULL) { /* not in each interpreter anew */
        methods_add(methods);
        methods_add(ring_writing_methods);
        methods_add(ring_batch_methods);
        methods_add(ring_ticket_methods);
        methods_add(ring_looking_methods);
        methods_add(ring_run_methods);
        methods_add(ring_group_methods);
        methods_add(ring_origin_methods);
    }
    PyType_Slot slots[] = {
        {Py_tp_dealloc, ring_dealloc},
        {Py_tp_repr, ring_repr},
        {Py_tp_methods, all_methods},
        {Py_tp_getset, properties},
        {Py_tp_members, members},
        {Py_tp_doc, "A participant of a ring, or an observer. slotring.open() makes it."},
        {0, NULL},
    };
    PyType_Spec spec = {"slotring.Ring", sizeof(ring_t), 0,
                        Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                        slots};
    return (PyTypeObject *)PyType_FromModuleAndSpec(module, &spec, NULL);
}
