/* SPDX-License-Identifier: Apache-2.0 */
/* Makes an object of a struct: values.h says how. */
#include "values.h"

#include <string.h>

static PyObject *word_of(const char *const *words, uint32_t value)
{
    for (uint32_t i = 0; words[i] != NULL; i++)
        if (i == value)
            return PyUnicode_FromString(words[i]);
    return PyUnicode_FromFormat("%u", (unsigned)value); /* of a later version */
}

static PyObject *bytes_of_mark(const slotring_mark_t *mark)
{
    uint32_t size = mark->size < SLOTRING_MARK_BYTES_MAX ? mark->size : SLOTRING_MARK_BYTES_MAX;
    return PyBytes_FromStringAndSize((const char *)mark->bytes, (Py_ssize_t)size);
}

static PyObject *field_value(binding_state_t *state, const field_t *field, const char *at)
{
    uint64_t number64 = 0;
    uint32_t number32 = 0;
    int status = 0;
    switch (field->kind) {
    case TEXT:
        return PyUnicode_DecodeUTF8(at, (Py_ssize_t)strlen(at), "replace");
    case ID:
        return PyBytes_FromStringAndSize(at, 16);
    case CUT:
        return bytes_of_mark((const slotring_mark_t *)(const void *)(at - offsetof(slotring_mark_t, bytes)));
    case TICKET:
        return ticket_new(state, (const slotring_ticket_t *)(const void *)at);
    case STATUS:
        memcpy(&status, at, sizeof status);
        return PyLong_FromLong(status);
    case NUMBER64:
    case NONE_IF_MAX64:
    case SECONDS:
        memcpy(&number64, at, sizeof number64);
        break;
    default:
        memcpy(&number32, at, sizeof number32);
        break;
    }
    switch (field->kind) {
    case SECONDS:
        return PyFloat_FromDouble((double)number64 / 1e9);
    case NUMBER64:
        return PyLong_FromUnsignedLongLong(number64);
    case NONE_IF_MAX64:
        return number64 == UINT64_MAX ? Py_NewRef(Py_None) : PyLong_FromUnsignedLongLong(number64);
    case NONE_IF_MAX32:
        return number32 == UINT32_MAX ? Py_NewRef(Py_None) : PyLong_FromUnsignedLong(number32);
    case FLAG:
        return PyBool_FromLong(number32 == 1);
    case WORD:
        return word_of(field->words, number32);
    default:
        return PyLong_FromUnsignedLong(number32);
    }
}

PyObject *value_of(binding_state_t *state, const char *class_name, const field_t *fields, const void *from)
{
    PyObject *keywords = PyDict_New(), *nothing = PyTuple_New(0), *value = NULL;
    PyObject *class = PyObject_GetAttrString(state->values, class_name);
    int is_good = keywords && nothing && class;
    for (const field_t *field = fields; is_good && field->name != NULL; field++) {
        PyObject *object = field_value(state, field, (const char *)from + field->offset);
        is_good = object != NULL && PyDict_SetItemString(keywords, field->name, object) == 0;
        Py_XDECREF(object);
    }
    if (is_good)
        value = PyObject_Call(class, nothing, keywords);
    Py_XDECREF(class);
    Py_XDECREF(nothing);
    Py_XDECREF(keywords);
    return value;
}
