/* SPDX-License-Identifier: Apache-2.0 */
/* Many slots with one call: allocating them, and publishing them with a single wake-up. */
#include "binding.h"

/* ---- Allocating ------------------------------------------------------------------------------------------- */

typedef struct allocation {
    ring_t *ring;
    uint64_t size;
    slotring_slot_t *slots;
    uint32_t wanted, count;
} allocation_t;

static int call_allocate_batch(void *context, int64_t timeout_ns)
{
    allocation_t *a = context;
    return slotring_allocate_batch(a->ring->handle, a->size, a->slots, a->wanted, timeout_ns, &a->count);
}

/* Inside the ring. Makes slot objects, which go into the list. -1 with an exception: those that it made are the list's, and the other
 * slots have gone back. */
static int make_slots(allocation_t *a, PyObject *list)
{
    PyTypeObject *type = state_of((PyObject *)a->ring)->slot_type;
    for (uint32_t i = 0; i < a->count; i++) {
        a->slots[i].length = a->size;
        loan_t *slot = loan_new(type, a->ring, &a->slots[i], LOAN_WRITING);
        int failed = slot == NULL || PyList_Append(list, (PyObject *)slot) != 0;
        if (slot == NULL)
            slotring_abort(a->ring->handle, &a->slots[i]);
        Py_XDECREF((PyObject *)slot);
        if (!failed)
            continue;
        while (++i < a->count)
            slotring_abort(a->ring->handle, &a->slots[i]);
        return -1;
    }
    return 0;
}

/* A code; with 0 the list has the slots. */
static int allocate(allocation_t *a, int64_t timeout_ns, PyObject *list)
{
    if (ring_enter(a->ring) != 0)
        return CODE_PYTHON;
    int code = wait_for(a->ring, call_allocate_batch, a, timeout_ns);
    if (code == 0 && make_slots(a, list) != 0)
        code = CODE_PYTHON;
    ring_leave(a->ring);
    return code;
}

static PyObject *ring_allocate_batch(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                     PyObject *names)
{
    ring_t *ring = (ring_t *)self;
    PyObject *wanted = NULL, *size = NULL, *timeout = NULL;
    uint64_t number = 0;
    allocation_t a = {.ring = ring, .size = ring->slot_size};
    int64_t timeout_ns;
    const keyword_t keywords[] = {{"wanted", &wanted}, {"size", &size}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("allocate_batch", arguments, count, names, keywords, 3, 1) != 0 ||
        whole_number_from(wanted, "wanted", UINT32_MAX, &number) != 0 ||
        number_from(size, "size", UINT64_MAX, &a.size) != 0 || timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    /* A call never gives more slots than the ring has. */
    a.wanted = (uint32_t)(number < ring->slot_count ? number : ring->slot_count);
    a.slots = PyMem_Malloc((a.wanted + 1) * sizeof *a.slots);
    if (a.slots == NULL)
        return PyErr_NoMemory();
    PyObject *list = PyList_New(0);
    int code = list != NULL ? allocate(&a, timeout_ns, list) : CODE_PYTHON;
    PyMem_Free(a.slots);
    if (code == 0)
        return list;
    if (code != CODE_PYTHON)
        raise_code(state_of(self), code);
    Py_XDECREF(list);
    return NULL;
}

/* ---- Publishing --------------------------------------------------------------------------------------------- */

typedef struct publication {
    ring_t *ring;
    PyObject *list; /* of the slot objects; this call's own, so nobody changes it */
    Py_ssize_t count;
    slotring_slot_t *slots;
    uint32_t published;
} publication_t;

static loan_t *slot_at(const publication_t *p, Py_ssize_t i)
{
    return (loan_t *)PyList_GetItem(p->list, i);
}

/* Reads one number for each slot into a field of its struct. The numbers may run code of Python, so nothing is looked at yet. */
static int numbers_from(publication_t *p, PyObject *numbers, const char *what, size_t offset)
{
    if (numbers == NULL || numbers == Py_None)
        return 0;
    PyObject *list = PySequence_List(numbers);
    if (list == NULL)
        return -1;
    int failed = PyList_Size(list) != p->count;
    if (failed)
        PyErr_Format(PyExc_ValueError, "there are %zd %s for %zd slots", PyList_Size(list), what, p->count);
    for (Py_ssize_t i = 0; !failed && i < p->count; i++) {
        uint64_t *field = (uint64_t *)(void *)((char *)&p->slots[i] + offset);
        failed = whole_number_from(PyList_GetItem(list, i), what, UINT64_MAX, field) != 0;
    }
    Py_DECREF(list);
    return failed ? -1 : 0;
}

static int check_types(publication_t *p)
{
    binding_state_t *state = state_of((PyObject *)p->ring);
    for (Py_ssize_t i = 0; i < p->count; i++) {
        PyObject *object = PyList_GetItem(p->list, i);
        if (Py_TYPE(object) != state->slot_type) {
            PyErr_Format(PyExc_TypeError, "%R is not a slotring.Slot", object);
            return -1;
        }
        p->slots[i].length = ((loan_t *)object)->slot.length;
    }
    return 0;
}

/* May each of them be published now, by this ring? */
static int check_slots(publication_t *p)
{
    for (Py_ssize_t i = 0; i < p->count; i++) {
        loan_t *slot = slot_at(p, i);
        if (slot_check_unused(slot) != 0)
            return -1;
        if (slot->how == LOAN_WRITING && slot->ring == p->ring)
            continue;
        raise_sentence(state_of((PyObject *)p->ring), SLOTRING_E_NOT_OWNER,
                       "mark_ready_batch() is for slots that allocate() of the same ring object gave");
        return -1;
    }
    return 0;
}

/* The structs have the lengths and tags by now; the rest comes from the slots. */
static void fill(publication_t *p)
{
    for (Py_ssize_t i = 0; i < p->count; i++) {
        uint64_t length = p->slots[i].length, tag = p->slots[i].tag;
        p->slots[i] = slot_at(p, i)->slot;
        p->slots[i].length = length;
        p->slots[i].tag = tag;
    }
}

static int publish(publication_t *p)
{
    if (ring_enter(p->ring) != 0)
        return CODE_PYTHON;
    int code = slotring_mark_ready_batch(p->ring->handle, p->slots, (uint32_t)p->count, &p->published);
    ring_leave(p->ring);
    for (uint32_t i = 0; i < p->published; i++) {
        loan_t *slot = slot_at(p, (Py_ssize_t)i);
        slot->slot = p->slots[i];
        loan_is_back(slot);
    }
    return code;
}

static PyObject *tickets_of(const publication_t *p)
{
    PyObject *tickets = PyList_New(0);
    for (uint32_t i = 0; tickets != NULL && i < p->published; i++) {
        PyObject *ticket = ticket_new(state_of((PyObject *)p->ring), &p->slots[i].ticket);
        if (ticket == NULL || PyList_Append(tickets, ticket) != 0)
            Py_CLEAR(tickets);
        Py_XDECREF(ticket);
    }
    return tickets;
}

static PyObject *publish_all(publication_t *p, PyObject *nbytes, PyObject *tags)
{
    p->count = PyList_Size(p->list);
    p->slots = PyMem_Calloc((size_t)p->count + 1, sizeof *p->slots);
    if (p->slots == NULL)
        return PyErr_NoMemory();
    if (p->count > SLOTRING_SLOTS_MAX)
        return PyErr_Format(PyExc_ValueError, "there are %zd slots; no ring has so many", p->count);
    if (check_types(p) != 0 || numbers_from(p, nbytes, "nbytes", offsetof(slotring_slot_t, length)) != 0 ||
        numbers_from(p, tags, "tags", offsetof(slotring_slot_t, tag)) != 0)
        return NULL;
    int code = CODE_PYTHON;
    SECTION_BEGIN(p->ring); /* nobody makes a view of one, or ends it, meanwhile */
    if (check_slots(p) == 0) {
        fill(p);
        code = publish(p);
    }
    SECTION_END();
    if (code == 0)
        return tickets_of(p);
    if (code != CODE_PYTHON)
        raise_code(state_of((PyObject *)p->ring), code);
    error_attach("published", PyLong_FromUnsignedLong(p->published));
    return NULL;
}

static PyObject *ring_mark_ready_batch(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                       PyObject *names)
{
    PyObject *slots = NULL, *nbytes = NULL, *tags = NULL;
    const keyword_t keywords[] = {{"slots", &slots}, {"nbytes", &nbytes}, {"tags", &tags}, {NULL, NULL}};
    if (arguments_take("mark_ready_batch", arguments, count, names, keywords, 1, 1) != 0)
        return NULL;
    publication_t p = {.ring = (ring_t *)self, .list = PySequence_List(slots)};
    PyObject *tickets = p.list != NULL ? publish_all(&p, nbytes, tags) : NULL;
    PyMem_Free(p.slots);
    Py_XDECREF(p.list);
    return tickets;
}

PyMethodDef ring_batch_methods[] = {
    {"allocate_batch", (PyCFunction)(void (*)(void))ring_allocate_batch, METH_FASTCALL | METH_KEYWORDS,
     "allocate_batch($self, /, wanted, size=None, timeout=None)\n--\n\n"
     "Gives up to `wanted` slots for messages of up to `size` bytes each (None: a whole slot), as a list. "
     "Waits "
     "for the first one only."},
    {"mark_ready_batch", (PyCFunction)(void (*)(void))ring_mark_ready_batch, METH_FASTCALL | METH_KEYWORDS,
     "mark_ready_batch($self, /, slots, *, nbytes=None, tags=None)\n--\n\n"
     "Publishes slots in their order with a single wake-up, and gives the tickets. `nbytes` says how many "
     "bytes of "
     "each (None:\n"
     "as many as were asked for), `tags` has a tag for each. After an error, `published` says how many were "
     "published;\n"
     "the others are still slots to fill."},
    {NULL, NULL, 0, NULL},
};
