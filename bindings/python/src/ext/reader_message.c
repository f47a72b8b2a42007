/* SPDX-License-Identifier: Apache-2.0 */
/* Making messages of what a reader is given. A message outlives the next call of its reader: it is held by its ticket, and then
 * released from the reader. A reader whose messages are acknowledged keeps its own hold until then. */
#include "binding.h"

/* The bytes of a message that cannot be held: it was withdrawn, so no ticket leads there any more; or max_holds does not allow it. */
static int copied(reader_t *reader, loan_t *message)
{
    const slotring_slot_t *slot = &message->slot;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)slot->length);
    if (bytes == NULL)
        return CODE_PYTHON;
    int code = gather_from(reader->ring, slot, 0, PyBytes_AsString(bytes), slot->length);
    if (code == 0) {
        message->how = LOAN_COPIED;
        message->copy = Py_NewRef(bytes);
    }
    Py_DECREF(bytes);
    return code;
}

/* Does the reader hold what it was given, so that it counts for max_holds beside the message's own hold? */
static int counts_itself(reader_t *reader)
{
    slotring_reader_info_t info;
    return slotring_reader_info(reader->handle, &info) == 0 &&
           (info.mode != SLOTRING_LOSSLESS || info.pending != 0 || info.revoked != SLOTRING_NOT_REVOKED);
}

/* Holds the message beside the reader's own hold, and changes it only then. A hold by ticket does not count its bytes as read once more;
 * a record and a span need an acquire. */
static int hold(reader_t *reader, loan_t *message, enum at_limit limit)
{
    slotring_t *handle = reader->ring->handle;
    slotring_slot_t *slot = &message->slot, held;
    int is_plain = slot->kind == SLOTRING_KIND_SLOT && slot->ticket.flags == 0, code;
    if (is_plain) {
        code = slotring_hold(handle, &slot->ticket);
    } else {
        held = *slot;
        code = slotring_acquire_for_read(handle, &slot->ticket, &held);
    }
    /* A reader that counts itself may stand in its own way, for ever: its message comes as a copy. */
    if (code == SLOTRING_E_NO_MEMORY || code == SLOTRING_E_BUSY ||
        (code == SLOTRING_E_HOLDS && limit == LIMIT_TELLS && !counts_itself(reader)))
        return code;
    if (code != 0)
        return copied(reader, message);
    if (!is_plain) {
        held.deliveries = slot->deliveries;
        *slot = held;
        message->how = LOAN_ACQUIRED;
    }
    return 0;
}

/* The message stays the reader's until it is acknowledged. */
static int note_given(loan_t *message)
{
    message->given = PyMem_Malloc(sizeof *message->given);
    if (message->given == NULL) {
        PyErr_NoMemory();
        return CODE_PYTHON;
    }
    *message->given = message->slot;
    return 0;
}

static void keep_for_acknowledgement(reader_t *reader, loan_t *message)
{
    message->reader = Py_NewRef((PyObject *)reader);
    message->batch = reader->batch.number;
    message->place = reader->batch.made - 1; /* nothing, with a window */
    reader->in_hand = 1;
}

/* Could the message still be had, after it failed? */
static int may_pass(int code)
{
    return code == CODE_PYTHON || code == SLOTRING_E_NO_MEMORY || code == SLOTRING_E_BUSY ||
           code == SLOTRING_E_HOLDS;
}

/* The reader keeps what it was given, or goes on behind it. */
static int not_made(reader_t *reader, const loan_t *message, int code, int failed)
{
    if (!may_pass(failed) && !reader->acknowledges) { /* told once */
        slotring_reader_release(reader->handle);      /* succeeds, so the sentence of the error stays */
        return failed;
    }
    reader->pending = message->slot;
    reader->pending_code = code;
    reader->is_pending = 1;
    return failed;
}

int message_make(reader_t *reader, loan_t *message, int code, enum at_limit limit)
{
    reader->is_pending = 0;
    int failed = reader->acknowledges ? note_given(message) : 0;
    if (!failed)
        failed = hold(reader, message, limit);
    if (failed)
        return not_made(reader, message, code, failed);
    loan_begin(message);
    if (reader->acknowledges)
        keep_for_acknowledgement(reader, message);
    else
        slotring_reader_release(reader->handle);
    return code;
}
