/* SPDX-License-Identifier: Apache-2.0 */
/* For programs that copy a ring elsewhere: producers by proxy, gaps, and the numbers of the original. */
#include "binding.h"

static const choice_t end_choices[] = {
    {"producer_died", SLOTRING_PRODUCER_DIED},
    {"source_lost", SLOTRING_SOURCE_LOST},
    {NULL, 0},
};

static PyObject *ring_end_by_proxy(PyObject *self, PyObject *object)
{
    ring_t *ring = (ring_t *)self;
    const char *word = text_from(object, "how");
    uint32_t how = 0;
    int code;
    if (word == NULL || choice_from(word, "how", end_choices, &how) != 0 || ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_end_by_proxy(ring->handle, how);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

static PyObject *ring_publish_gap(PyObject *self, PyObject *object)
{
    ring_t *ring = (ring_t *)self;
    uint64_t count = 0;
    slotring_mark_t made;
    int code;
    if (whole_number_from(object, "count", UINT64_MAX, &count) != 0 || ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_publish_gap(ring->handle, count, &made);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? value_of_mark(state_of(self), &made) : raise_code(state_of(self), code);
}

/* Of a sequence its number, or of a number its sequence. */
static PyObject *other_of(PyObject *self, PyObject *object, const char *what,
                          int (*call)(slotring_t *, uint64_t, uint64_t *))
{
    ring_t *ring = (ring_t *)self;
    uint64_t from = 0, to = 0;
    int code;
    if (whole_number_from(object, what, UINT64_MAX, &from) != 0 || ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = call(ring->handle, from, &to);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? PyLong_FromUnsignedLongLong(to) : raise_code(state_of(self), code);
}

static PyObject *ring_number_of(PyObject *self, PyObject *sequence)
{
    return other_of(self, sequence, "sequence", slotring_number_of);
}

static PyObject *ring_sequence_of(PyObject *self, PyObject *number)
{
    return other_of(self, number, "number", slotring_sequence_of);
}

static PyObject *ring_marks_behind(PyObject *self, PyObject *nothing)
{
    ring_t *ring = (ring_t *)self;
    uint64_t count = 0;
    int code;
    (void)nothing;
    if (ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_marks_behind(ring->handle, &count);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? PyLong_FromUnsignedLongLong(count) : raise_code(state_of(self), code);
}

static PyObject *ring_writer_progress(PyObject *self, PyObject *object)
{
    ring_t *ring = (ring_t *)self;
    uint64_t row = 0, number = 0, publications = 0;
    int code;
    if (whole_number_from(object, "row", UINT32_MAX, &row) != 0 || ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_writer_progress(ring->handle, (uint32_t)row, &number, &publications);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? Py_BuildValue("KK", (unsigned long long)number, (unsigned long long)publications)
                     : raise_code(state_of(self), code);
}

PyMethodDef ring_origin_methods[] = {
    {"end_by_proxy", ring_end_by_proxy, METH_O,
     "end_by_proxy($self, how, /)\n--\n\nEnds the stream of a ring with proxy=True: 'producer_died' or "
     "'source_lost'."},
    {"publish_gap", ring_publish_gap, METH_O,
     "publish_gap($self, count, /)\n--\n\nSays that the next `count` numbers will not come, and gives the "
     "mark."},
    {"number_of", ring_number_of, METH_O,
     "number_of($self, sequence, /)\n--\n\nThe number of a publication in the ring that this one copies."},
    {"sequence_of", ring_sequence_of, METH_O,
     "sequence_of($self, number, /)\n--\n\nThe sequence of the publication with this number, or of the next "
     "one that is there."},
    {"marks_behind", ring_marks_behind, METH_NOARGS,
     "marks_behind($self, /)\n--\n\nHow many marks lie behind the last publication and behind the last gap."},
    {"writer_progress", ring_writer_progress, METH_O,
     "writer_progress($self, row, /)\n--\n\nOf the writer of this row: the number of its next message, and "
     "how "
     "many publications were its."},
    {NULL, NULL, 0, NULL},
};
