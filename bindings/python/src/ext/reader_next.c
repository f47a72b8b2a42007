/* SPDX-License-Identifier: Apache-2.0 */
/* Taking messages one by one, and waiting for them. */
#include "binding.h"

typedef struct next_call {
    reader_t *reader;
    slotring_slot_t *slot;
} next_call_t;

static int call_next(void *context, int64_t timeout_ns)
{
    next_call_t *call = context;
    return slotring_next(call->reader->handle, timeout_ns, call->slot);
}

static int call_wait(void *context, int64_t timeout_ns)
{
    next_call_t *call = context;
    return slotring_reader_wait_readable(call->reader->handle, timeout_ns);
}

int reader_has_something(const reader_t *reader)
{
    return reader->is_pending || atomic_load_explicit(&reader->told, memory_order_relaxed) != NULL ||
           reader->batch.made < reader->batch.count;
}

PyObject *reader_told(reader_t *reader, PyObject *exception)
{
    return atomic_exchange(&reader->told, exception);
}

void reader_tell_later(reader_t *reader)
{
    PyObject *type, *exception, *traceback;
    PyErr_Fetch(&type, &exception, &traceback);
    PyErr_NormalizeException(&type, &exception, &traceback);
    if (exception != NULL)
        PyException_SetContext(exception, NULL); /* what is handled now has nothing to do with it */
    Py_XDECREF(reader_told(reader, exception));
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

/* Asks the library for a message. */
static int ask(reader_t *reader, int64_t timeout_ns, slotring_slot_t *slot)
{
    next_call_t call = {reader, slot};
    return wait_for(reader->ring, call_next, &call, timeout_ns);
}

/* The same, for several that are acknowledged together. Asking for more acknowledges those that the program has. */
static int ask_together(reader_t *reader, uint32_t most, int64_t timeout_ns, slotring_slot_t *slot)
{
    int code;
    if (together_pop(reader, slot, &code))
        return code;
    int failed = reader->in_hand ? together_end(reader) : 0;
    if (failed)
        return failed;
    failed = together_ask(reader, most, timeout_ns);
    return together_pop(reader, slot, &code) ? code : failed;
}

/* What it was given before and could not hold, or else what it is given now. */
static int give(reader_t *reader, uint32_t most, int64_t timeout_ns, slotring_slot_t *slot)
{
    if (reader->is_pending) {
        *slot = reader->pending;
        return reader->pending_code;
    }
    return takes_together(reader) ? ask_together(reader, most, timeout_ns, slot)
                                  : ask(reader, timeout_ns, slot);
}

/* The next message, or what is told in its place; inside the reader. */
static int take(reader_t *reader, uint32_t most, int64_t timeout_ns, enum at_limit limit, loan_t **message)
{
    if (atomic_load_explicit(&reader->told, memory_order_relaxed) != NULL) {
        PyObject *told = reader_told(reader, NULL);
        PyErr_SetObject((PyObject *)Py_TYPE(told), told);
        Py_DECREF(told);
        return CODE_PYTHON;
    }
    loan_t *prepared = loan_prepare(state_of((PyObject *)reader)->message_type, reader->ring, LOAN_HELD);
    if (prepared == NULL)
        return CODE_PYTHON;
    int code = give(reader, most, timeout_ns, &prepared->slot);
    if (code == 0 || code == SLOTRING_E_CHECKSUM)
        code = message_make(reader, prepared, code, limit);
    if (flag_is(&prepared->out))
        *message = prepared;
    else
        Py_DECREF((PyObject *)prepared);
    return code;
}

static void tell_death(reader_t *reader, taken_t *taken)
{
    taken->who = (slotring_participant_t){0};
    slotring_reader_death(reader->handle, &taken->who);
}

static void tell_mark(reader_t *reader, taken_t *taken)
{
    taken->mark = (slotring_mark_t){0};
    slotring_reader_mark(reader->handle, &taken->mark);
}

static void tell_loss(reader_t *reader, taken_t *taken)
{
    slotring_reader_info_t info;
    taken->lost = slotring_reader_info(reader->handle, &info) == 0 ? info.lost : 0;
}

int reader_take(reader_t *reader, uint32_t most, int64_t timeout_ns, enum at_limit limit, taken_t *taken)
{
    taken->code = 0; /* `who` and `mark` are filled when there is one */
    taken->message = NULL;
    taken->lost = 0;
    if (reader_enter(reader) != 0)
        return taken->code = CODE_PYTHON;
    int code = taken->code = take(reader, most, timeout_ns, limit, &taken->message);
    if (code == SLOTRING_E_PRODUCER_DIED || code == SLOTRING_E_SOURCE_LOST)
        tell_death(reader, taken);
    else if (code == SLOTRING_E_MARK)
        tell_mark(reader, taken);
    else if (code == SLOTRING_E_REVOKED)
        tell_loss(reader, taken);
    reader_leave(reader);
    return code;
}

PyObject *raise_taken(PyObject *self, taken_t *taken)
{
    binding_state_t *state = state_of(self);
    if (taken->code == CODE_PYTHON)
        return NULL;
    raise_code(state, taken->code);
    PyObject *type, *exception, *traceback;
    PyErr_Fetch(&type, &exception, &traceback); /* what is attached is made without it */
    const char *name = NULL;
    PyObject *value = NULL;
    switch (taken->code) {
    case SLOTRING_E_PRODUCER_DIED:
    case SLOTRING_E_SOURCE_LOST:
        name = "who", value = value_of_participant(state, &taken->who);
        break;
    case SLOTRING_E_MARK:
        name = "mark", value = value_of_mark(state, &taken->mark);
        break;
    case SLOTRING_E_REVOKED:
        name = "lost", value = PyLong_FromUnsignedLongLong(taken->lost);
        break;
    case SLOTRING_E_CHECKSUM:
        name = "message", value = (PyObject *)taken->message;
        break;
    default:
        break;
    }
    PyErr_Restore(type, exception, traceback);
    error_attach(name, value);
    return NULL;
}

PyObject *reader_next(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    PyObject *timeout = NULL;
    int64_t timeout_ns;
    taken_t taken;
    const keyword_t keywords[] = {{"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("next", arguments, count, names, keywords, 1, 0) != 0 ||
        timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    if (reader_take((reader_t *)self, 1, timeout_ns, LIMIT_TELLS, &taken) == 0)
        return (PyObject *)taken.message;
    return raise_taken(self, &taken);
}

/* A loop still has the last message when it asks for the next one. So it gets a copy where it may hold no more. */
PyObject *reader_iterate(PyObject *self)
{
    taken_t taken;
    int code = reader_take((reader_t *)self, 1, -1, LIMIT_COPIES, &taken);
    if (code == 0)
        return (PyObject *)taken.message;
    return code == SLOTRING_E_END ? NULL : raise_taken(self, &taken);
}

/* The same for `async for`, which waits elsewhere. */
PyObject *reader_next_in_loop(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    taken_t taken;
    int code = reader_take((reader_t *)self, 1, 0, LIMIT_COPIES, &taken);
    return code == 0 ? (PyObject *)taken.message : raise_taken(self, &taken);
}

PyObject *reader_wait(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    reader_t *reader = (reader_t *)self;
    PyObject *timeout = NULL;
    int64_t timeout_ns;
    const keyword_t keywords[] = {{"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("wait", arguments, count, names, keywords, 1, 0) != 0 ||
        timeout_from(timeout, &timeout_ns) != 0 || reader_enter(reader) != 0)
        return NULL;
    next_call_t call = {reader, NULL};
    int has_something = reader_has_something(reader);
    int is_in_hand = !has_something && reader->in_hand && !reader->has_window, code = 0;
    if (!is_in_hand && !has_something)
        code = wait_for(reader->ring, call_wait, &call, timeout_ns);
    reader_leave(reader);
    if (is_in_hand)
        return raise_sentence(state_of(self), SLOTRING_E_STATE,
                              "acknowledge the last message before you wait for another one");
    if (code == 0)
        Py_RETURN_TRUE;
    if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_TIMEOUT)
        Py_RETURN_FALSE;
    return code == CODE_PYTHON ? NULL : raise_code(state_of(self), code);
}

PyObject *reader_acquire(PyObject *self, PyObject *ticket_object)
{
    reader_t *reader = (reader_t *)self;
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    if (ticket_from(state_of(self), ticket_object, &ticket) != 0)
        return NULL;
    taken_t taken = {0};
    if (reader_enter(reader) != 0)
        return NULL;
    taken.code = slotring_reader_acquire_ticket(reader->handle, &ticket, &slot);
    if (taken.code == 0 || taken.code == SLOTRING_E_CHECKSUM) {
        taken.message = loan_new(state_of(self)->message_type, reader->ring, &slot, LOAN_ACQUIRED);
        if (taken.message == NULL) {
            slotring_release(reader->ring->handle, &slot);
            taken.code = CODE_PYTHON;
        }
    } else if (taken.code == SLOTRING_E_REVOKED) {
        tell_loss(reader, &taken);
    }
    reader_leave(reader);
    return taken.code == 0 ? (PyObject *)taken.message : raise_taken(self, &taken);
}
