/* SPDX-License-Identifier: Apache-2.0 */
/* Taking messages. A message outlives the next call of its reader: it is held by its ticket, and then released from the reader. A
 * reader whose messages are acknowledged keeps its own hold until then. */
#include "binding.h"

/* What a call gave: a code and, with it, a message or who and what the code is about. */
typedef struct taken {
    int code;
    loan_t *message;
    slotring_participant_t who;
    slotring_mark_t mark;
    uint64_t lost;
} taken_t;

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

/* The bytes of a message that cannot be held: it was withdrawn, so no ticket leads there any more; or max_holds does not allow it. */
static loan_t *copied(reader_t *reader, const slotring_slot_t *slot)
{
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)slot->length);
    loan_t *message = NULL;
    if (bytes != NULL &&
        slotring_gather(reader->ring->handle, slot, 0, PyBytes_AsString(bytes), slot->length, NULL) == 0)
        message = loan_new(state_of((PyObject *)reader)->message_type, reader->ring, slot, LOAN_COPIED);
    if (message != NULL)
        message->copy = Py_NewRef(bytes);
    Py_XDECREF(bytes);
    return message;
}

/* Does the reader hold what it was given, so that it counts for max_holds beside the message's own hold? */
static int counts_itself(reader_t *reader)
{
    slotring_reader_info_t info;
    return slotring_reader_info(reader->handle, &info) == 0 &&
           (info.mode != SLOTRING_LOSSLESS || info.pending != 0 || info.revoked != SLOTRING_NOT_REVOKED);
}

/* Holds the message beside the reader's own hold. A hold by ticket does not count its bytes as read once more; a record and a span
 * need an acquire. */
static int hold(reader_t *reader, const slotring_slot_t *slot, loan_t **message)
{
    slotring_t *handle = reader->ring->handle;
    PyTypeObject *type = state_of((PyObject *)reader)->message_type;
    slotring_slot_t held = *slot;
    int is_plain = slot->kind == SLOTRING_KIND_SLOT && slot->ticket.flags == 0;
    int code = is_plain ? slotring_hold(handle, &slot->ticket)
                        : slotring_acquire_for_read(handle, &slot->ticket, &held);
    /* A reader that counts itself may stand in its own way, for ever: its message comes as a copy. */
    if (code == SLOTRING_E_NO_MEMORY || code == SLOTRING_E_BUSY ||
        (code == SLOTRING_E_HOLDS && !counts_itself(reader)))
        return code;
    held.deliveries = slot->deliveries;
    if (code != 0)
        *message = copied(reader, slot);
    else if ((*message = loan_new(type, reader->ring, &held, is_plain ? LOAN_HELD : LOAN_ACQUIRED)) == NULL)
        is_plain ? slotring_release_ticket(handle, &slot->ticket) : slotring_release(handle, &held);
    return *message != NULL ? 0 : CODE_PYTHON;
}

/* The message stays the reader's until it is acknowledged. */
static int keep_for_acknowledgement(reader_t *reader, const slotring_slot_t *slot, loan_t *message)
{
    message->given = PyMem_Malloc(sizeof *message->given);
    if (message->given == NULL) {
        PyErr_NoMemory();
        return CODE_PYTHON;
    }
    *message->given = *slot;
    message->reader = Py_NewRef((PyObject *)reader);
    reader->in_hand = 1;
    return 0;
}

/* Makes a message of what next gave. After an error it stays pending, and nothing is lost. */
static int make_message(reader_t *reader, const slotring_slot_t *slot, int code, loan_t **message)
{
    reader->pending = *slot;
    reader->pending_code = code;
    reader->is_pending = 1;
    int failed = hold(reader, slot, message);
    if (failed)
        return failed;
    if (reader->acknowledges && keep_for_acknowledgement(reader, slot, *message) != 0) {
        Py_CLEAR(*message);
        return CODE_PYTHON;
    }
    reader->is_pending = 0;
    if (!reader->acknowledges)
        slotring_reader_release(reader->handle);
    return code;
}

/* The next message, or what is told in its place; inside the reader. */
static int take(reader_t *reader, int64_t timeout_ns, loan_t **message)
{
    slotring_slot_t slot;
    if (reader->told != NULL) {
        PyErr_SetObject((PyObject *)Py_TYPE(reader->told), reader->told);
        Py_CLEAR(reader->told);
        return CODE_PYTHON;
    }
    if (reader->is_pending) {
        slot = reader->pending;
        return make_message(reader, &slot, reader->pending_code, message);
    }
    if (reader->in_hand && !reader->has_window) { /* asking for the next one acknowledges it */
        int failed = slotring_reader_release(reader->handle);
        reader->in_hand = 0;
        if (failed)
            return failed;
    }
    next_call_t call = {reader, &slot};
    int code = wait_for(reader->ring, call_next, &call, timeout_ns);
    return code == 0 || code == SLOTRING_E_CHECKSUM ? make_message(reader, &slot, code, message) : code;
}

static int reader_take(reader_t *reader, int64_t timeout_ns, taken_t *taken)
{
    taken->message = NULL;
    if (reader_enter(reader) != 0)
        return taken->code = CODE_PYTHON;
    int code = taken->code = take(reader, timeout_ns, &taken->message);
    if (code == SLOTRING_E_PRODUCER_DIED || code == SLOTRING_E_SOURCE_LOST)
        slotring_reader_death(reader->handle, &taken->who);
    else if (code == SLOTRING_E_MARK)
        slotring_reader_mark(reader->handle, &taken->mark);
    else if (code == SLOTRING_E_REVOKED) {
        slotring_reader_info_t info;
        taken->lost = slotring_reader_info(reader->handle, &info) == 0 ? info.lost : 0;
    }
    reader_leave(reader);
    return code;
}

static PyObject *raise_taken(PyObject *self, taken_t *taken)
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
    if (reader_take((reader_t *)self, timeout_ns, &taken) == 0)
        return (PyObject *)taken.message;
    return raise_taken(self, &taken);
}

PyObject *reader_iterate(PyObject *self)
{
    taken_t taken;
    int code = reader_take((reader_t *)self, -1, &taken);
    if (code == 0)
        return (PyObject *)taken.message;
    return code == SLOTRING_E_END ? NULL : raise_taken(self, &taken);
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
    int is_in_hand = reader->in_hand && !reader->has_window, code = 0;
    if (!is_in_hand && !reader->is_pending && reader->told == NULL)
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

/* Keeps the exception for the next call: the messages of this batch come first. */
static void tell_later(reader_t *reader, taken_t *taken)
{
    PyObject *type, *exception, *traceback;
    raise_taken((PyObject *)reader, taken);
    PyErr_Fetch(&type, &exception, &traceback);
    PyErr_NormalizeException(&type, &exception, &traceback);
    Py_CLEAR(reader->told);
    reader->told = exception;
    Py_XDECREF(type);
    Py_XDECREF(traceback);
}

static int ends_quietly(int code)
{
    return code == SLOTRING_E_EMPTY || code == SLOTRING_E_TIMEOUT || code == SLOTRING_E_HOLDS ||
           code == SLOTRING_E_END;
}

PyObject *reader_batch(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    reader_t *reader = (reader_t *)self;
    PyObject *max_object = NULL, *timeout = NULL;
    uint64_t max = 64;
    int64_t timeout_ns;
    taken_t taken;
    const keyword_t keywords[] = {{"max", &max_object}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("batch", arguments, count, names, keywords, 2, 0) != 0 ||
        number_from(max_object, "max", UINT32_MAX, &max) != 0 || timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    if (reader->acknowledges && !reader->has_window)
        return raise_sentence(
            state_of(self), SLOTRING_E_STATE,
            "a durable reader and a member of a group take one message at a time: the next one "
            "acknowledges it. A durable reader may have a window");
    PyObject *list = PyList_New(0);
    for (uint64_t n = 0; list != NULL && n < max; n++) {
        int code = reader_take(reader, n == 0 ? timeout_ns : 0, &taken);
        if (code != 0) {
            if (n == 0) {
                Py_CLEAR(list);
                raise_taken(self, &taken);
            } else if (!ends_quietly(code)) {
                tell_later(reader, &taken);
            }
            break;
        }
        if (PyList_Append(list, (PyObject *)taken.message) != 0)
            Py_CLEAR(list);
        Py_DECREF(taken.message);
    }
    return list;
}

PyObject *reader_acquire(PyObject *self, PyObject *ticket_object)
{
    reader_t *reader = (reader_t *)self;
    slotring_ticket_t ticket;
    slotring_slot_t slot;
    if (ticket_from(state_of(self), ticket_object, &ticket) != 0)
        return NULL;
    taken_t taken = {.message = NULL};
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
        slotring_reader_info_t info;
        taken.lost = slotring_reader_info(reader->handle, &info) == 0 ? info.lost : 0;
    }
    reader_leave(reader);
    return taken.code == 0 ? (PyObject *)taken.message : raise_taken(self, &taken);
}
