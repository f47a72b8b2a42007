/* SPDX-License-Identifier: Apache-2.0 */
/* A reservation: room for one message of a writer, as a slot object. It keeps its writer, and the writer is not closed under views of
 * it. The calls of the library on it are calls on the writer, which one thread at a time may use. */
#include "writer.h"

typedef struct reserve_call {
    writer_t *writer;
    uint64_t size;
    slotring_slot_t slot;
} reserve_call_t;

static int call_reserve(void *context, int64_t timeout_ns)
{
    reserve_call_t *call = context;
    return slotring_writer_reserve(call->writer->handle, call->size, timeout_ns, &call->slot);
}

static loan_t *make(writer_t *writer, reserve_call_t *call)
{
    call->slot.length = call->size;
    loan_t *loan =
        loan_new(state_of((PyObject *)writer)->slot_type, writer->ring, &call->slot, LOAN_RESERVED);
    if (loan == NULL) {
        slotring_writer_cancel(writer->handle, &call->slot);
        return NULL;
    }
    loan->writer = Py_NewRef((PyObject *)writer);
    writer->reserved = loan;
    return loan;
}

PyObject *writer_reserve(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    writer_t *writer = (writer_t *)self;
    PyObject *size = NULL, *timeout = NULL;
    reserve_call_t call = {.writer = writer};
    int64_t timeout_ns;
    const keyword_t keywords[] = {{"size", &size}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("reserve", arguments, count, names, keywords, 2, 1) != 0 ||
        number_from(size, "size", UINT64_MAX, &call.size) != 0 || timeout_from(timeout, &timeout_ns) != 0 ||
        writer_enter(writer) != 0)
        return NULL;
    int code = wait_for(writer->ring, call_reserve, &call, timeout_ns);
    loan_t *loan = code == 0 ? make(writer, &call) : NULL;
    writer_leave(writer);
    if (code == 0 || code == CODE_PYTHON)
        return (PyObject *)loan;
    return raise_code(state_of(self), code);
}

int reservation_commit(loan_t *loan, uint64_t bytes)
{
    writer_t *writer = (writer_t *)loan->writer;
    if (writer_enter(writer) != 0)
        return CODE_PYTHON;
    int code = slotring_writer_commit(writer->handle, &loan->slot, bytes);
    if (code == 0)
        writer->reserved = NULL;
    writer_leave(writer);
    return code;
}

int reservation_cancel(loan_t *loan)
{
    writer_t *writer = (writer_t *)loan->writer;
    if (writer_enter(writer) != 0)
        return CODE_PYTHON;
    int code = slotring_writer_cancel(writer->handle, &loan->slot);
    if (code == 0)
        writer->reserved = NULL;
    writer_leave(writer);
    return code;
}

/* In a section of the ring. A writer that was to end with its reservation ends now. */
static void cancel(writer_t *writer)
{
    if (!flag_set(&writer->has_abandoned, 0))
        return;
    if (writer->handle != NULL)
        slotring_writer_cancel(writer->handle, &writer->abandoned);
    if (flag_is(&writer->is_ending))
        writer_end(writer);
}

void writer_cancel_abandoned(writer_t *writer)
{
    if (!flag_is(&writer->has_abandoned))
        return;
    SECTION_BEGIN(writer->ring);
    cancel(writer);
    SECTION_END();
}

void reservation_give_back(loan_t *loan)
{
    writer_t *writer = (writer_t *)loan->writer;
    int is_there;
    SECTION_BEGIN(writer->ring);
    is_there = writer->reserved == loan; /* else it went with its writer */
    if (is_there) {
        writer->reserved = NULL;
        writer->abandoned = loan->slot;
        flag_set(&writer->has_abandoned, 1);
    }
    SECTION_END();
    if (is_there && !flag_set(&writer->busy, 1))
        writer_unset_busy(writer);
}
