/* SPDX-License-Identifier: Apache-2.0 */
/* Reading by ticket. */
#include "binding.h"

static PyObject *ring_acquire(PyObject *self, PyObject *ticket_object)
{
    ring_t *ring = (ring_t *)self;
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    if (ticket_from(state_of(self), ticket_object, &ticket) != 0 || ring_enter(ring) != 0)
        return NULL;
    loan_t *message = NULL;
    int code = slotring_acquire_for_read(ring->handle, &ticket, &slot);
    if (code == 0) {
        message = loan_new(state_of(self)->message_type, ring, &slot, LOAN_ACQUIRED);
        if (message == NULL)
            slotring_release(ring->handle, &slot);
    }
    ring_leave(ring);
    return code == 0 ? (PyObject *)message : raise_code(state_of(self), code);
}

/* Of what a copy is made. */
typedef struct source {
    const slotring_ticket_t *ticket; /* NULL: the sequence says it */
    uint64_t sequence;
} source_t;

static int call_copy(ring_t *ring, const source_t *source, char *to, uint64_t size, slotring_slot_t *info)
{
    if (source->ticket != NULL)
        return slotring_copy(ring->handle, source->ticket, to, size, info);
    return slotring_copy_sequence(ring->handle, source->sequence, to, size, info);
}

static int copy_out(ring_t *ring, const source_t *source, char *to, uint64_t size, slotring_slot_t *info)
{
    if (size < COPY_WITHOUT_GIL)
        return call_copy(ring, source, to, size, info);
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = call_copy(ring, source, to, size, info);
    Py_END_ALLOW_THREADS;
    return code;
}

/* Copies into `bytes`, which grows if the message turns out to be larger. */
static int copy_message(ring_t *ring, const source_t *source, PyObject **bytes, slotring_slot_t *info)
{
    uint64_t size = 0;
    for (;;) {
        *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
        if (*bytes == NULL || ring_enter(ring) != 0)
            return CODE_PYTHON;
        int code = copy_out(ring, source, PyBytes_AsString(*bytes), size, info);
        ring_leave(ring);
        if (code != SLOTRING_E_SIZE || info->length <= size)
            return code;
        size = info->length; /* a ticket and a sequence name one message, so this is its size */
        Py_CLEAR(*bytes);
    }
}

static PyObject *copy_of(PyObject *self, const source_t *source)
{
    ring_t *ring = (ring_t *)self;
    slotring_slot_t info;
    PyObject *bytes = NULL;
    int code = copy_message(ring, source, &bytes, &info);
    loan_t *message = NULL;
    if (code == 0) {
        message = loan_new(state_of(self)->message_type, ring, &info, LOAN_COPIED);
        if (message != NULL)
            message->copy = Py_NewRef(bytes);
    }
    Py_XDECREF(bytes);
    if (code == 0 || code == CODE_PYTHON)
        return (PyObject *)message;
    return raise_code(state_of(self), code);
}

static PyObject *ring_copy(PyObject *self, PyObject *object)
{
    slotring_ticket_t ticket;
    source_t source = {.ticket = &ticket};
    return ticket_from(state_of(self), object, &ticket) == 0 ? copy_of(self, &source) : NULL;
}

static PyObject *ring_copy_sequence(PyObject *self, PyObject *object)
{
    source_t source = {.ticket = NULL};
    if (whole_number_from(object, "sequence", UINT64_MAX, &source.sequence) != 0)
        return NULL;
    return copy_of(self, &source);
}

/* A call that takes a ticket and gives nothing. */
static PyObject *with_ticket(PyObject *self, PyObject *object,
                             int (*call)(slotring_t *, const slotring_ticket_t *))
{
    ring_t *ring = (ring_t *)self;
    slotring_ticket_t ticket;
    if (ticket_from(state_of(self), object, &ticket) != 0 || ring_enter(ring) != 0)
        return NULL;
    int code = call(ring->handle, &ticket);
    ring_leave(ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

/* ---- Holds of the program -------------------------------------------------------------------------------------
 *
 * The library counts the holds of a message, and does not know whose they are. A message object has one, too (reader_message.c). So
 * the ring counts those of the program, and release_ticket() ends no other. */

static int count_kept(ring_t *ring, PyObject *key, long more)
{
    PyObject *old = PyDict_GetItemWithError(ring->kept, key); /* borrowed */
    long count = (old ? PyLong_AsLong(old) : 0) + more;
    PyObject *value = count > 0 ? PyLong_FromLong(count) : NULL;
    int failed = old == NULL && PyErr_Occurred() != NULL;
    if (!failed && count > 0)
        failed = value == NULL || PyDict_SetItem(ring->kept, key, value) != 0;
    else if (!failed && count == 0)
        failed = PyDict_DelItem(ring->kept, key) != 0;
    Py_XDECREF(value);
    return failed ? -1 : count >= 0;
}

/* Adds to the count of a message. 1; 0: there would be fewer than none; or -1 with an exception. No other thread comes between. */
static int kept_add(ring_t *ring, uint64_t sequence, long more)
{
    PyObject *key = PyLong_FromUnsignedLongLong(sequence);
    if (key == NULL)
        return -1;
    int result;
    SECTION_BEGIN(ring);
    result = count_kept(ring, key, more);
    SECTION_END();
    Py_DECREF(key);
    return result;
}

int ring_keep(ring_t *ring, const slotring_ticket_t *ticket)
{
    if (kept_add(ring, ticket->sequence, 1) == 1)
        return 0;
    if (ring_enter_quietly(ring) == 0) {
        slotring_release_ticket(ring->handle, ticket);
        ring_leave(ring);
    }
    return -1;
}

static PyObject *ring_hold(PyObject *self, PyObject *object)
{
    slotring_ticket_t ticket;
    PyObject *held = with_ticket(self, object, slotring_hold);
    if (held != NULL &&
        (ticket_from(state_of(self), object, &ticket) != 0 || ring_keep((ring_t *)self, &ticket) != 0))
        Py_CLEAR(held);
    return held;
}

static PyObject *ring_release_ticket(PyObject *self, PyObject *object)
{
    ring_t *ring = (ring_t *)self;
    slotring_ticket_t ticket;
    if (ticket_from(state_of(self), object, &ticket) != 0 || ring_enter(ring) != 0)
        return NULL;
    int code = CODE_PYTHON, taken = kept_add(ring, ticket.sequence, -1);
    if (taken == 1) {
        code = slotring_release_ticket(ring->handle, &ticket);
        if (code != 0 && kept_add(ring, ticket.sequence, 1) < 0)
            code = CODE_PYTHON;
    }
    ring_leave(ring);
    if (taken == 0)
        return raise_sentence(state_of(self), SLOTRING_E_NOT_HELD,
                              "the program has no hold of this message by hold() or keep=True");
    if (code == CODE_PYTHON)
        return NULL;
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

static PyObject *ring_free(PyObject *self, PyObject *ticket)
{
    return with_ticket(self, ticket, slotring_free);
}

static PyObject *ring_ticket_at(PyObject *self, PyObject *object)
{
    ring_t *ring = (ring_t *)self;
    slotring_ticket_t ticket;
    uint64_t index = 0;
    if (number_from(object, "index", UINT32_MAX, &index) != 0 || ring_enter(ring) != 0)
        return NULL;
    int code = slotring_ticket_at(ring->handle, (uint32_t)index, &ticket);
    ring_leave(ring);
    return code == 0 ? ticket_new(state_of(self), &ticket) : raise_code(state_of(self), code);
}

static PyObject *ring_ticket_of_writer(PyObject *self, PyObject *args)
{
    ring_t *ring = (ring_t *)self;
    PyObject *given_row, *given_number = NULL;
    slotring_ticket_t ticket;
    uint64_t row = 0, number = UINT64_MAX;
    if (!PyArg_ParseTuple(args, "O|O:ticket_of_writer", &given_row, &given_number) ||
        number_from(given_row, "row", UINT32_MAX, &row) != 0 ||
        (given_number && given_number != Py_None &&
         number_from(given_number, "number", UINT64_MAX, &number) != 0) ||
        ring_enter(ring) != 0)
        return NULL;
    int code = slotring_ticket_of_writer(ring->handle, (uint32_t)row, number, &ticket);
    ring_leave(ring);
    return code == 0 ? ticket_new(state_of(self), &ticket) : raise_code(state_of(self), code);
}

PyMethodDef ring_ticket_methods[] = {
    {"acquire", ring_acquire, METH_O,
     "acquire($self, ticket, /)\n--\n\nGives the message that a ticket names, in place."},
    {"copy", ring_copy, METH_O,
     "copy($self, ticket, /)\n--\n\nGives a copy of the message that a ticket names. For an observer too."},
    {"copy_sequence", ring_copy_sequence, METH_O,
     "copy_sequence($self, sequence, /)\n--\n\nGives a copy of the message with this sequence. For an "
     "observer "
     "too."},
    {"hold", ring_hold, METH_O,
     "hold($self, ticket, /)\n--\n\nHolds the message for this handle, until release_ticket()."},
    {"release_ticket", ring_release_ticket, METH_O,
     "release_ticket($self, ticket, /)\n--\n\nEnds one hold by hold(), or by keep=True. A message object "
     "keeps its own."},
    {"free", ring_free, METH_O,
     "free($self, ticket, /)\n--\n\nWithdraws a message: its ticket is stale at once."},
    {"ticket_at", ring_ticket_at, METH_O,
     "ticket_at($self, index, /)\n--\n\nThe ticket of what is in the slot of this index now."},
    {"ticket_of_writer", ring_ticket_of_writer, METH_VARARGS,
     "ticket_of_writer($self, row, number=None, /)\n--\n\nThe ticket of the newest message of a writer "
     "whose "
     "number is not above this one; without a number, of its newest."},
    {NULL, NULL, 0, NULL},
};
