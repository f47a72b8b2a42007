/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at a ring: answers, lists, the audit and repair. The GIL is released for each: the calls of an observer take turns in a
 * mutex of the library, and an audit is long. */
#include <stdlib.h>
#include <string.h>

#include "binding.h"

/* ---- One answer ---------------------------------------------------------------------------------------------- */

static PyObject *ring_info(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    slotring_info_t info = {.struct_size = sizeof info};
    if (ring_enter(ring) != 0)
        return NULL;
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_info(ring->handle, &info);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? value_of_info(state_of(self), &info) : raise_code(state_of(self), code);
}

static PyObject *ring_stats(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (ring_enter(ring) != 0)
        return NULL;
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_get_stats(ring->handle, &stats);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? value_of_stats(state_of(self), &stats) : raise_code(state_of(self), code);
}

static PyObject *ring_recover(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    int code;
    if (ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_recover(ring->handle, &recovery);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? value_of_recovery(state_of(self), &recovery) : raise_code(state_of(self), code);
}

static PyObject *ring_in_the_way(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    char text[SLOTRING_BLOCKER_TEXT_SIZE];
    if (ring_enter(ring) != 0)
        return NULL;
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_in_the_way(ring->handle, text, sizeof text);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    if (code != 0)
        return raise_code(state_of(self), code);
    return PyUnicode_DecodeUTF8(text, (Py_ssize_t)strlen(text), "replace");
}

static PyObject *ring_description(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    char text[SLOTRING_DESCRIPTION_MAX];
    uint64_t length = 0;
    if (ring_enter(ring) != 0)
        return NULL;
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_description(ring->handle, text, sizeof text, &length);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? PyBytes_FromStringAndSize(text, (Py_ssize_t)length) : raise_code(state_of(self), code);
}

/* ---- Lists ----------------------------------------------------------------------------------------------------- */

/* What a list is made of: the call, bytes of an entry, and its class. */
typedef struct listing {
    int (*call)(slotring_t *ring, void *list, uint32_t capacity, uint32_t *count);
    size_t entry_size;
    PyObject *(*value)(binding_state_t *state, const void *entry);
} listing_t;

#define LISTING(name, function, type, make)                                                  \
    static int call_##name(slotring_t *ring, void *list, uint32_t capacity, uint32_t *count) \
    {                                                                                        \
        return function(ring, list, capacity, count);                                        \
    }                                                                                        \
    static PyObject *value_##name(binding_state_t *state, const void *entry)                 \
    {                                                                                        \
        return make(state, entry);                                                           \
    }                                                                                        \
    static const listing_t listing_##name = {call_##name, sizeof(type), value_##name};
LISTING(participants, slotring_participants, slotring_participant_t, value_of_participant)
LISTING(readers, slotring_readers, slotring_reader_info_t, value_of_reader)
LISTING(writers, slotring_writers, slotring_writer_info_t, value_of_writer)
LISTING(blockers, slotring_blockers, slotring_blocker_t, value_of_blocker)

/* Reads the list into memory of PyMem_Malloc: more may come between the two calls, so it asks until all have room. */
static int read_list(ring_t *ring, const listing_t *listing, char **entries, uint32_t *count)
{
    uint32_t room = 16;
    for (;;) {
        *entries = PyMem_Malloc(room * listing->entry_size);
        if (*entries == NULL) {
            PyErr_NoMemory();
            return CODE_PYTHON;
        }
        if (ring_enter(ring) != 0)
            return CODE_PYTHON;
        int code;
        Py_BEGIN_ALLOW_THREADS;
        code = listing->call(ring->handle, *entries, room, count);
        Py_END_ALLOW_THREADS;
        ring_leave(ring);
        if (code != 0 || *count <= room)
            return code;
        PyMem_Free(*entries);
        room = *count;
    }
}

static PyObject *list_of(PyObject *self, const listing_t *listing)
{
    char *entries = NULL;
    uint32_t count = 0;
    int code = read_list((ring_t *)self, listing, &entries, &count);
    PyObject *list = code == 0 ? PyList_New(0) : NULL;
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        PyObject *value = listing->value(state_of(self), entries + i * listing->entry_size);
        if (value == NULL || PyList_Append(list, value) != 0)
            Py_CLEAR(list);
        Py_XDECREF(value);
    }
    PyMem_Free(entries);
    return code == 0 || code == CODE_PYTHON ? list : raise_code(state_of(self), code);
}

static PyObject *ring_participants(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return list_of(self, &listing_participants);
}

static PyObject *ring_readers(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return list_of(self, &listing_readers);
}

static PyObject *ring_writers(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return list_of(self, &listing_writers);
}

static PyObject *ring_blockers(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return list_of(self, &listing_blockers);
}

/* ---- The audit ----------------------------------------------------------------------------------------------- */

/* The findings, one a line: the callback has no GIL, so it makes no objects. */
typedef struct findings {
    char *text;
    size_t used, room;
    int is_full; /* no memory */
} findings_t;

static void note_finding(void *user, const char *finding)
{
    findings_t *findings = user;
    size_t length = strlen(finding) + 1;
    if (findings->used + length > findings->room) {
        size_t room = 2 * (findings->room + length);
        char *text = realloc(findings->text, room);
        if (text == NULL) {
            findings->is_full = 1;
            return;
        }
        findings->text = text;
        findings->room = room;
    }
    memcpy(findings->text + findings->used, finding, length);
    findings->used += length;
}

static PyObject *list_of_findings(const findings_t *findings)
{
    PyObject *list = findings->is_full ? PyErr_NoMemory() : PyList_New(0);
    for (size_t at = 0; list != NULL && at < findings->used; at += strlen(findings->text + at) + 1) {
        PyObject *line =
            PyUnicode_DecodeUTF8(findings->text + at, (Py_ssize_t)strlen(findings->text + at), "replace");
        if (line == NULL || PyList_Append(list, line) != 0)
            Py_CLEAR(list);
        Py_XDECREF(line);
    }
    return list;
}

static PyObject *ring_check(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    ring_t *ring = (ring_t *)self;
    findings_t findings = {0};
    int code;
    if (ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_check(ring->handle, note_finding, &findings, NULL);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    PyObject *list = code == 0 ? list_of_findings(&findings) : raise_code(state_of(self), code);
    free(findings.text);
    return list;
}

PyMethodDef ring_looking_methods[] = {
    {"info", ring_info, METH_NOARGS, "info($self, /)\n--\n\nSizes and settings of the ring."},
    {"stats", ring_stats, METH_NOARGS, "stats($self, /)\n--\n\nStatistics of the whole ring."},
    {"participants", ring_participants, METH_NOARGS, "participants($self, /)\n--\n\nWho is attached."},
    {"readers", ring_readers, METH_NOARGS,
     "readers($self, /)\n--\n\nThe subscriptions, with what each lags and lost."},
    {"writers", ring_writers, METH_NOARGS, "writers($self, /)\n--\n\nThe writers that are open."},
    {"blockers", ring_blockers, METH_NOARGS,
     "blockers($self, /)\n--\n\nWho makes producers wait, the worst first."},
    {"in_the_way", ring_in_the_way, METH_NOARGS,
     "in_the_way($self, /)\n--\n\nOne sentence: who is most in the way of producers."},
    {"description", ring_description, METH_NOARGS,
     "description($self, /)\n--\n\nThe description that the creator of the ring gave."},
    {"check", ring_check, METH_NOARGS,
     "check($self, /)\n--\n\nAudits the ring, and gives a sentence for each fault: none, if all is well."},
    {"recover", ring_recover, METH_NOARGS, "recover($self, /)\n--\n\nRepairs now what the dead have left."},
    {NULL, NULL, 0, NULL},
};
