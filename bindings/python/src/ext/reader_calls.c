/* SPDX-License-Identifier: Apache-2.0 */
/* The calls of a reader that give no messages: acknowledgements, what it tells of itself, stops. */
#include "binding.h"

static PyObject *done(PyObject *self, int code)
{
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

PyObject *reader_acknowledge(reader_t *reader, const loan_t *message, int up_to)
{
    if (reader_enter(reader) != 0)
        return NULL;
    int code;
    if (!reader->has_window)
        code = together_note(reader, message, up_to);
    else if (up_to)
        code = slotring_reader_release_up_to(reader->handle, message->given);
    else
        code = slotring_reader_release_one(reader->handle, message->given);
    reader_leave(reader);
    return done((PyObject *)reader, code);
}

PyObject *reader_info(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    reader_t *reader = (reader_t *)self;
    slotring_reader_info_t info;
    if (reader_enter(reader) != 0)
        return NULL;
    int code = slotring_reader_info(reader->handle, &info);
    reader_leave(reader);
    return code == 0 ? value_of_reader(state_of(self), &info) : raise_code(state_of(self), code);
}

PyObject *reader_rearm(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    reader_t *reader = (reader_t *)self;
    if (reader_enter(reader) != 0)
        return NULL;
    int code = slotring_reader_rearm(reader->handle);
    reader_leave(reader);
    return done(self, code);
}

PyObject *reader_mark(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    reader_t *reader = (reader_t *)self;
    slotring_mark_t mark;
    if (reader_enter(reader) != 0)
        return NULL;
    int code = slotring_reader_mark(reader->handle, &mark);
    reader_leave(reader);
    return code == 0 ? value_of_mark(state_of(self), &mark) : raise_code(state_of(self), code);
}

PyObject *reader_fileno(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    reader_t *reader = (reader_t *)self;
    intptr_t descriptor;
    if (reader_enter(reader) != 0)
        return NULL;
    int code = slotring_reader_descriptor(reader->handle, &descriptor);
    reader_leave(reader);
    return code == 0 ? PyLong_FromSsize_t((Py_ssize_t)descriptor) : raise_code(state_of(self), code);
}

/* Stops and resumes may come while another thread waits with the reader. */
static PyObject *from_outside(PyObject *self, int (*call)(slotring_reader_t *), int stops)
{
    reader_t *reader = (reader_t *)self;
    if (ring_enter(reader->ring) != 0)
        return NULL;
    int is_closed, code;
    SECTION_BEGIN(reader->ring); /* the reader does not end meanwhile */
    is_closed = reader->handle == NULL || flag_is(&reader->closing);
    code = is_closed ? SLOTRING_E_CLOSED : call(reader->handle);
    if (code == 0)
        flag_set(&reader->is_stopped, stops);
    SECTION_END();
    ring_leave(reader->ring);
    if (is_closed)
        return raise_sentence(state_of(self), code, "the reader is closed");
    return done(self, code);
}

PyObject *reader_stop(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return from_outside(self, slotring_reader_stop, 1);
}

PyObject *reader_resume(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return from_outside(self, slotring_reader_resume, 0);
}
