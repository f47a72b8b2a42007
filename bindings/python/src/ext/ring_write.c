/* SPDX-License-Identifier: Apache-2.0 */
/* Writing: a slot to fill in place, or one call that copies a buffer into a slot and publishes it. */
#include <string.h>

#include "binding.h"

typedef struct allocation {
    ring_t *ring;
    uint64_t size, time_ns;
    slotring_slot_t *slot; /* the library fills it */
} allocation_t;

static int call_allocate(void *context, int64_t timeout_ns)
{
    allocation_t *allocation = context;
    ring_t *ring = allocation->ring;
    if (allocation->size > ring->slot_size)
        return slotring_allocate_span(ring->handle, allocation->size, timeout_ns, allocation->slot);
    return slotring_allocate_wait(ring->handle, allocation->size, timeout_ns, allocation->slot);
}

/* Raises what a call gave that failed. */
static PyObject *failure(PyObject *self, int code)
{
    return code == CODE_PYTHON ? NULL : raise_code(state_of(self), code);
}

static PyObject *ring_allocate(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    ring_t *ring = (ring_t *)self;
    PyObject *size = NULL, *timeout = NULL;
    allocation_t allocation = {.ring = ring, .size = ring->slot_size};
    int64_t timeout_ns;
    const keyword_t keywords[] = {{"size", &size}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("allocate", arguments, count, names, keywords, 2, 0) != 0 ||
        number_from(size, "size", UINT64_MAX, &allocation.size) != 0 ||
        timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    loan_t *slot = loan_prepare(state_of(self)->slot_type, ring, LOAN_WRITING);
    int code = CODE_PYTHON;
    if (slot != NULL && ring_enter(ring) == 0) {
        allocation.slot = &slot->slot;
        code = wait_for(ring, call_allocate, &allocation, timeout_ns);
        if (code == 0) {
            slot->slot.length = allocation.size;
            loan_begin(slot);
        }
        ring_leave(ring);
    }
    if (code == 0)
        return (PyObject *)slot;
    Py_XDECREF((PyObject *)slot);
    return failure(self, code);
}

/* ---- publish: allocate, copy, mark ready ------------------------------------------------------------------- */

int scatter_into(ring_t *ring, slotring_slot_t *slot, uint64_t offset, const void *from, uint64_t size)
{
    if (size < COPY_WITHOUT_GIL)
        return slotring_scatter(ring->handle, slot, offset, from, size);
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_scatter(ring->handle, slot, offset, from, size);
    Py_END_ALLOW_THREADS;
    return code;
}

/* Copies the buffer into the slot. 0, or a code. */
static int copy_in(allocation_t *allocation, Py_buffer *view)
{
    slotring_slot_t *slot = allocation->slot;
    if (slot->pieces > 1)
        return scatter_into(allocation->ring, slot, 0, view->buf, (uint64_t)view->len);
    if (view->len < COPY_WITHOUT_GIL) {
        memcpy(slot->data, view->buf, (size_t)view->len);
        return 0;
    }
    Py_BEGIN_ALLOW_THREADS;
    memcpy(slot->data, view->buf, (size_t)view->len);
    Py_END_ALLOW_THREADS;
    return 0;
}

static int publish_view(allocation_t *allocation, Py_buffer *view, uint64_t tag, int keeps,
                        int64_t timeout_ns)
{
    slotring_t *handle = allocation->ring->handle;
    int code = wait_for(allocation->ring, call_allocate, allocation, timeout_ns);
    if (code != 0)
        return code;
    allocation->slot->tag = tag;
    allocation->slot->time_ns = allocation->time_ns;
    code = copy_in(allocation, view);
    if (code == 0)
        code = keeps ? slotring_mark_ready_keep(handle, allocation->slot, allocation->size)
                     : slotring_mark_ready(handle, allocation->slot, allocation->size);
    if (code != 0)
        slotring_abort(handle, allocation->slot); /* succeeds, so the sentence of the error stays */
    return code;
}

static PyObject *ring_publish(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    ring_t *ring = (ring_t *)self;
    PyObject *buffer = NULL, *tag = NULL, *timeout = NULL, *keep = NULL, *time = NULL;
    uint64_t number = 0, time_ns = 0;
    int64_t timeout_ns;
    const keyword_t keywords[] = {{"buffer", &buffer}, {"tag", &tag},      {"timeout", &timeout},
                                  {"keep", &keep},     {"time_ns", &time}, {NULL, NULL}};
    Py_buffer view;
    if (arguments_take("publish", arguments, count, names, keywords, 1, 1) != 0 ||
        number_from(tag, "tag", UINT64_MAX, &number) != 0 ||
        number_from(time, "time_ns", UINT64_MAX, &time_ns) != 0 || timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    int keeps = keep != NULL ? PyObject_IsTrue(keep) : 0;
    if (keeps < 0 || PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE) != 0)
        return NULL;
    slotring_slot_t slot;
    allocation_t allocation = {.ring = ring, .size = (uint64_t)view.len, .time_ns = time_ns, .slot = &slot};
    int code = CODE_PYTHON;
    if (ring_enter(ring) == 0) {
        code = publish_view(&allocation, &view, number, keeps, timeout_ns);
        ring_leave(ring);
    }
    PyBuffer_Release(&view);
    if (code != 0)
        return failure(self, code);
    if (keeps && ring_keep(ring, &slot.ticket) != 0)
        return NULL;
    return ticket_new(state_of(self), &slot.ticket);
}

/* ---- Waiting for readers ------------------------------------------------------------------------------------ */

typedef struct watch {
    ring_t *ring;
    uint32_t wanted, there;
    uint64_t place;
} watch_t;

static int call_wait_readers(void *context, int64_t timeout_ns)
{
    watch_t *watch = context;
    return slotring_wait_readers(watch->ring->handle, watch->wanted, timeout_ns, &watch->there);
}

static int call_drain(void *context, int64_t timeout_ns)
{
    watch_t *watch = context;
    return slotring_drain(watch->ring->handle, watch->place, timeout_ns);
}

static int wait_in(watch_t *watch, waiting_call_t call, PyObject *timeout)
{
    int64_t timeout_ns;
    if (timeout_from(timeout, &timeout_ns) != 0 || ring_enter(watch->ring) != 0)
        return CODE_PYTHON;
    int code = wait_for(watch->ring, call, watch, timeout_ns);
    ring_leave(watch->ring);
    return code;
}

static PyObject *ring_wait_readers(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                   PyObject *names)
{
    PyObject *wanted = NULL, *timeout = NULL;
    uint64_t number = 0;
    const keyword_t keywords[] = {{"wanted", &wanted}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("wait_readers", arguments, count, names, keywords, 2, 1) != 0 ||
        number_from(wanted, "wanted", UINT32_MAX, &number) != 0)
        return NULL;
    watch_t watch = {.ring = (ring_t *)self, .wanted = (uint32_t)number};
    int code = wait_in(&watch, call_wait_readers, timeout);
    return code == 0 ? PyLong_FromUnsignedLong(watch.there) : failure(self, code);
}

static PyObject *ring_drain(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    PyObject *timeout = NULL, *place = NULL;
    watch_t watch = {.ring = (ring_t *)self, .place = SLOTRING_DRAIN_ALL};
    const keyword_t keywords[] = {{"timeout", &timeout}, {"place", &place}, {NULL, NULL}};
    if (arguments_take("drain", arguments, count, names, keywords, 1, 0) != 0 ||
        number_from(place, "place", UINT64_MAX, &watch.place) != 0)
        return NULL;
    int code = wait_in(&watch, call_drain, timeout);
    return code == 0 ? Py_NewRef(Py_None) : failure(self, code);
}

PyMethodDef ring_writing_methods[] = {
    {"allocate", (PyCFunction)(void (*)(void))ring_allocate, METH_FASTCALL | METH_KEYWORDS,
     "allocate($self, /, size=None, timeout=None)\n--\n\n"
     "Gives a slot for a message of up to `size` bytes (None: a whole slot), to fill in place.\n\n"
     "Waits up to `timeout` seconds for one (None: for ever; 0: not at all, and FullError)."},
    {"publish", (PyCFunction)(void (*)(void))ring_publish, METH_FASTCALL | METH_KEYWORDS,
     "publish($self, /, buffer, *, tag=0, timeout=None, keep=False, time_ns=0)\n--\n\n"
     "Copies a contiguous buffer into a slot, or into several, publishes it, and gives the ticket. `time_ns` "
     "is for a ring "
     "with proxy=True: the time there."},
    {"wait_readers", (PyCFunction)(void (*)(void))ring_wait_readers, METH_FASTCALL | METH_KEYWORDS,
     "wait_readers($self, /, wanted, timeout=None)\n--\n\n"
     "Waits until at least `wanted` lossless readers are there, and says how many there are. timeout=0: does "
     "not wait, and TimedOutError."},
    {"drain", (PyCFunction)(void (*)(void))ring_drain, METH_FASTCALL | METH_KEYWORDS,
     "drain($self, /, timeout=None, *, place=None)\n--\n\n"
     "Waits until each lossless reader has passed a place (None: all that is published now). timeout=0: does "
     "not wait, and TimedOutError."},
    {NULL, NULL, 0, NULL},
};
