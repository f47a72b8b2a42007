/* SPDX-License-Identifier: Apache-2.0 */
/* What a writer does besides single messages: many with one call, and the numbers that its messages have. */
#include "writer.h"

/* ---- Many messages ---------------------------------------------------------------------------------------- */

typedef struct batch {
    writer_t *writer;
    Py_ssize_t count;
    Py_buffer *views;
    Py_ssize_t views_got;
    slotring_message_t *messages;
    uint64_t bytes;  /* to copy, and what a message costs besides, as bytes */
    Py_ssize_t done; /* messages that are written */
} batch_t;

static void batch_free(batch_t *batch)
{
    for (Py_ssize_t i = 0; i < batch->views_got; i++)
        PyBuffer_Release(&batch->views[i]);
    PyMem_Free(batch->views);
    PyMem_Free(batch->messages);
}

/* Gets the buffers. 0; or -1 with an exception. */
static int batch_fill(batch_t *batch, PyObject *buffers, PyObject *tags)
{
    for (Py_ssize_t i = 0; i < batch->count; i++) {
        slotring_message_t *message = &batch->messages[i];
        Py_buffer *view = &batch->views[i];
        if (tags != NULL && number_from(PyList_GetItem(tags, i), "a tag", UINT64_MAX, &message->tag) != 0)
            return -1;
        if (PyObject_GetBuffer(PyList_GetItem(buffers, i), view, PyBUF_SIMPLE) != 0)
            return -1;
        batch->views_got++;
        message->data = view->buf;
        message->size = (uint64_t)view->len;
        batch->bytes += message->size + 64;
    }
    return 0;
}

/* The lists are this call's own: nobody else changes them. */
static int batch_make(batch_t *batch, PyObject *buffers, PyObject *tags)
{
    batch->count = PyList_Size(buffers);
    if (tags != NULL && PyList_Size(tags) != batch->count) {
        PyErr_Format(PyExc_ValueError, "there are %zd tags for %zd buffers", PyList_Size(tags), batch->count);
        return -1;
    }
    batch->views = PyMem_Calloc((size_t)batch->count + 1, sizeof *batch->views);
    batch->messages = PyMem_Calloc((size_t)batch->count + 1, sizeof *batch->messages);
    if (batch->views == NULL || batch->messages == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    return batch_fill(batch, buffers, tags);
}

static int call_append_batch(void *context, int64_t timeout_ns)
{
    batch_t *batch = context;
    Py_ssize_t left = batch->count - batch->done;
    uint32_t written = 0;
    int code =
        slotring_writer_append_batch(batch->writer->handle, batch->messages + batch->done,
                                     left > INT32_MAX ? INT32_MAX : (uint32_t)left, timeout_ns, &written);
    batch->done += (Py_ssize_t)written;
    return code;
}

/* The library writes what has room, and waits for the first message only: so it is asked until all are written. */
static int append_all(batch_t *batch, int64_t timeout_ns)
{
    ring_t *ring = batch->writer->ring;
    int code = 0;
    while (code == 0 && batch->done < batch->count)
        code = batch->bytes < COPY_WITHOUT_GIL ? wait_for(ring, call_append_batch, batch, timeout_ns)
                                               : wait_without_gil(ring, call_append_batch, batch, timeout_ns);
    return code;
}

static PyObject *append_lists(writer_t *writer, PyObject *buffers, PyObject *tags, int64_t timeout_ns)
{
    batch_t batch = {.writer = writer};
    int code = CODE_PYTHON;
    if (batch_make(&batch, buffers, tags) == 0 && writer_enter(writer) == 0) {
        code = append_all(&batch, timeout_ns);
        writer_leave(writer);
        if (code != 0 && code != CODE_PYTHON)
            raise_code(state_of((PyObject *)writer), code);
        if (code != 0)
            error_attach("appended", PyLong_FromSsize_t(batch.done));
    }
    batch_free(&batch);
    return code == 0 ? Py_NewRef(Py_None) : NULL;
}

PyObject *writer_append_batch(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    PyObject *buffers = NULL, *tags = NULL, *timeout = NULL;
    int64_t timeout_ns;
    const keyword_t keywords[] = {
        {"buffers", &buffers}, {"tags", &tags}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("append_batch", arguments, count, names, keywords, 1, 1) != 0 ||
        timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    PyObject *buffer_list = PySequence_List(buffers);
    PyObject *tag_list =
        buffer_list != NULL && tags != NULL && tags != Py_None ? PySequence_List(tags) : NULL;
    PyObject *result = NULL;
    if (buffer_list != NULL && (tag_list != NULL || tags == NULL || tags == Py_None))
        result = append_lists((writer_t *)self, buffer_list, tag_list, timeout_ns);
    Py_XDECREF(tag_list);
    Py_XDECREF(buffer_list);
    return result;
}

/* ---- Numbers ------------------------------------------------------------------------------------------------ */

typedef struct skip_call {
    writer_t *writer;
    uint64_t count;
} skip_call_t;

static int call_skip(void *context, int64_t timeout_ns)
{
    skip_call_t *call = context;
    return slotring_writer_skip(call->writer->handle, call->count, timeout_ns);
}

PyObject *writer_skip(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    writer_t *writer = (writer_t *)self;
    PyObject *number = NULL, *timeout = NULL;
    skip_call_t call = {.writer = writer};
    int64_t timeout_ns;
    const keyword_t keywords[] = {{"count", &number}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("skip", arguments, count, names, keywords, 2, 1) != 0 ||
        number_from(number, "count", UINT64_MAX, &call.count) != 0 ||
        timeout_from(timeout, &timeout_ns) != 0 || writer_enter(writer) != 0)
        return NULL;
    int code = wait_for(writer->ring, call_skip, &call, timeout_ns);
    writer_leave(writer);
    if (code == CODE_PYTHON)
        return NULL;
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

PyObject *writer_get_number(PyObject *self, void *unused)
{
    (void)unused;
    writer_t *writer = (writer_t *)self;
    uint64_t number = 0;
    if (writer_enter(writer) != 0)
        return NULL;
    int code = slotring_writer_number(writer->handle, &number);
    writer_leave(writer);
    return code == 0 ? PyLong_FromUnsignedLongLong(number) : raise_code(state_of(self), code);
}
