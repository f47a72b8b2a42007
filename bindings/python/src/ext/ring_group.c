/* SPDX-License-Identifier: Apache-2.0 */
/* Groups and durable subscriptions from outside: their dead letters, and how they are forgotten. */
#include "binding.h"

static PyObject *ring_forget(PyObject *self, PyObject *name)
{
    ring_t *ring = (ring_t *)self;
    const char *text = text_from(name, "name");
    int code;
    if (text == NULL || ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_forget(ring->handle, text);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

static PyObject *list_of_letters(binding_state_t *state, const slotring_letter_t *letters, uint32_t count)
{
    PyObject *list = PyList_New(0);
    for (uint32_t i = 0; list != NULL && i < count; i++) {
        PyObject *value = value_of_letter(state, &letters[i]);
        if (value == NULL || PyList_Append(list, value) != 0)
            Py_CLEAR(list);
        Py_XDECREF(value);
    }
    return list;
}

static PyObject *ring_dead_letters(PyObject *self, PyObject *group)
{
    ring_t *ring = (ring_t *)self;
    const char *text = text_from(group, "group");
    slotring_letter_t *letters = text ? PyMem_Malloc(SLOTRING_LETTERS_MAX * sizeof *letters) : NULL;
    uint32_t count = 0;
    int code = CODE_PYTHON;
    if (text != NULL && letters == NULL)
        PyErr_NoMemory();
    if (letters != NULL && ring_enter(ring) == 0) {
        Py_BEGIN_ALLOW_THREADS;
        code = slotring_dead_letters(ring->handle, text, letters, SLOTRING_LETTERS_MAX, &count);
        Py_END_ALLOW_THREADS;
        ring_leave(ring);
    }
    PyObject *list = NULL;
    if (code == 0)
        list = list_of_letters(state_of(self), letters,
                               count < SLOTRING_LETTERS_MAX ? count : SLOTRING_LETTERS_MAX);
    else if (code != CODE_PYTHON)
        raise_code(state_of(self), code);
    PyMem_Free(letters);
    return list;
}

static PyObject *ring_drop_letter(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                  PyObject *names)
{
    ring_t *ring = (ring_t *)self;
    PyObject *group = NULL, *number = NULL;
    uint64_t sequence = 0;
    const keyword_t keywords[] = {{"group", &group}, {"sequence", &number}, {NULL, NULL}};
    if (arguments_take("drop_letter", arguments, count, names, keywords, 2, 2) != 0)
        return NULL;
    const char *text = text_from(group, "group");
    int code;
    if (text == NULL || whole_number_from(number, "sequence", UINT64_MAX, &sequence) != 0 ||
        ring_enter(ring) != 0)
        return NULL;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_drop_letter(ring->handle, text, sequence);
    Py_END_ALLOW_THREADS;
    ring_leave(ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

PyMethodDef ring_group_methods[] = {
    {"forget", ring_forget, METH_O,
     "forget($self, name, /)\n--\n\nEnds a durable subscription that no reader has, or a group without "
     "members."},
    {"dead_letters", ring_dead_letters, METH_O,
     "dead_letters($self, group, /)\n--\n\nThe messages that a group tried too often, the oldest first. "
     "acquire() and copy() take their tickets."},
    {"drop_letter", (PyCFunction)(void (*)(void))ring_drop_letter, METH_FASTCALL | METH_KEYWORDS,
     "drop_letter($self, /, group, sequence)\n--\n\nDrops a dead letter of a group."},
    {NULL, NULL, 0, NULL},
};
