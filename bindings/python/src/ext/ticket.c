/* SPDX-License-Identifier: Apache-2.0 */
/* Tickets: plain values that name a message of a ring. They compare, hash, and pickle as their text. */
#include <string.h>

#include "binding.h"

typedef struct ticket {
    PyObject ob_base;
    slotring_ticket_t ticket;
} ticket_object_t;

static PyObject *make(PyTypeObject *type, const slotring_ticket_t *ticket)
{
    ticket_object_t *object = (ticket_object_t *)spare_new(SPARE_TICKET, type);
    if (object != NULL)
        object->ticket = *ticket;
    return (PyObject *)object;
}

PyObject *ticket_new(binding_state_t *state, const slotring_ticket_t *ticket)
{
    return make(state->ticket_type, ticket);
}

int ticket_from(binding_state_t *state, PyObject *object, slotring_ticket_t *ticket)
{
    if (Py_TYPE(object) != state->ticket_type) {
        PyErr_Format(PyExc_TypeError, "%R is not a slotring.Ticket", object);
        return -1;
    }
    *ticket = ((ticket_object_t *)object)->ticket;
    return 0;
}

static PyObject *ticket_create(PyTypeObject *type, PyObject *arguments, PyObject *keywords)
{
    static char *names[] = {"text", NULL};
    const char *text;
    slotring_ticket_t ticket;
    if (!PyArg_ParseTupleAndKeywords(arguments, keywords, "s:Ticket", names, &text))
        return NULL;
    int code = slotring_ticket_from_text(text, &ticket);
    if (code != 0)
        return raise_code(PyType_GetModuleState(type), code);
    return make(type, &ticket);
}

static void ticket_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    spare_free(SPARE_TICKET, self);
    Py_DECREF(type);
}

static PyObject *text_of(PyObject *self)
{
    char text[SLOTRING_TICKET_TEXT_SIZE];
    int code = slotring_ticket_to_text(&((ticket_object_t *)self)->ticket, text, sizeof text);
    return code == 0 ? PyUnicode_FromString(text) : raise_code(state_of(self), code);
}

static PyObject *ticket_repr(PyObject *self)
{
    PyObject *text = text_of(self);
    PyObject *representation = text ? PyUnicode_FromFormat("slotring.Ticket(%R)", text) : NULL;
    Py_XDECREF(text);
    return representation;
}

static PyObject *ticket_reduce(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    PyObject *text = text_of(self);
    return text ? Py_BuildValue("O(N)", (PyObject *)Py_TYPE(self), text) : NULL;
}

static PyObject *ticket_compare(PyObject *self, PyObject *other, int operation)
{
    if (Py_TYPE(self) != Py_TYPE(other) || (operation != Py_EQ && operation != Py_NE))
        return Py_NewRef(Py_NotImplemented);
    const slotring_ticket_t *a = &((ticket_object_t *)self)->ticket, *b = &((ticket_object_t *)other)->ticket;
    int are_equal = memcmp(a->ring_id, b->ring_id, sizeof a->ring_id) == 0 && a->sequence == b->sequence &&
                    a->slot == b->slot && a->flags == b->flags;
    return PyBool_FromLong(are_equal == (operation == Py_EQ));
}

static Py_hash_t ticket_hash(PyObject *self)
{
    const slotring_ticket_t *ticket = &((ticket_object_t *)self)->ticket;
    uint64_t id;
    memcpy(&id, ticket->ring_id, sizeof id);
    uint64_t mixed = id ^ (ticket->sequence * UINT64_C(0x9E3779B97F4A7C15)) ^ ((uint64_t)ticket->flags << 32);
    Py_hash_t hash = (Py_hash_t)mixed;
    return hash == -1 ? -2 : hash;
}

static PyObject *get_ring_id(PyObject *self, void *unused)
{
    (void)unused;
    const slotring_ticket_t *ticket = &((ticket_object_t *)self)->ticket;
    return PyBytes_FromStringAndSize((const char *)ticket->ring_id, sizeof ticket->ring_id);
}

static PyObject *get_sequence(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((ticket_object_t *)self)->ticket.sequence);
}

static PyObject *get_slot(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(((ticket_object_t *)self)->ticket.slot);
}

static PyObject *get_flags(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(((ticket_object_t *)self)->ticket.flags);
}

static PyMethodDef methods[] = {
    {"__reduce__", ticket_reduce, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"ring_id", get_ring_id, NULL, "The 16 bytes that name the ring.", NULL},
    {"sequence", get_sequence, NULL, "Of a publication; of a record: its number among those of its writer.",
     NULL},
    {"slot", get_slot, NULL, "Index of the slot.", NULL},
    {"flags", get_flags, NULL, "0: a publication. Else a record.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_new, ticket_create},
    {Py_tp_dealloc, ticket_dealloc},
    {Py_tp_repr, ticket_repr},
    {Py_tp_str, text_of},
    {Py_tp_hash, ticket_hash},
    {Py_tp_richcompare, ticket_compare},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_tp_doc, "Ticket(text)\n--\n\nNames one message of one ring. str() gives the text of a ticket."},
    {0, NULL},
};

PyType_Spec ticket_spec = {"slotring.Ticket", sizeof(ticket_object_t), 0,
                           Py_TPFLAGS_DEFAULT | Py_TPFLAGS_IMMUTABLETYPE, slots};
