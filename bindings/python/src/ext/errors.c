/* SPDX-License-Identifier: Apache-2.0 */
/* Codes of the library become exceptions: a class for each code (slotring._errors), with the library's sentence. */
#include <string.h>

#include "binding.h"

PyObject *raise_error(binding_state_t *state, const slotring_error_t *error)
{
    PyObject *code = PyLong_FromLong(error->code);
    if (code == NULL)
        return NULL;
    PyObject *class = PyDict_GetItemWithError(state->error_classes, code); /* borrowed */
    Py_DECREF(code);
    if (class == NULL) {
        if (!PyErr_Occurred())
            PyErr_Format(PyExc_SystemError, "slotring: unknown code %d: %s", error->code, error->text);
        return NULL;
    }
    /* The library cuts a sentence that is too long, perhaps in the middle of a character. */
    PyObject *sentence = PyUnicode_DecodeUTF8(error->text, (Py_ssize_t)strlen(error->text), "replace");
    PyObject *exception = NULL;
    if (sentence != NULL && error->os_code != 0)
        exception = PyObject_CallFunction(class, "iO", error->os_code, sentence);
    else if (sentence != NULL)
        exception = PyObject_CallFunction(class, "OO", Py_None, sentence);
    Py_XDECREF(sentence);
    if (exception != NULL) {
        PyErr_SetObject(class, exception);
        Py_DECREF(exception);
    }
    return NULL;
}

PyObject *raise_sentence(binding_state_t *state, int code, const char *sentence)
{
    slotring_error_t error = {.code = code};
    PyOS_snprintf(error.text, sizeof error.text, "%s", sentence);
    return raise_error(state, &error);
}

PyObject *raise_code(binding_state_t *state, int code)
{
    slotring_error_t error;
    slotring_last_error(&error);
    if (error.code == code)
        return raise_error(state, &error);
    return raise_sentence(state, code, slotring_strerror(code));
}

void error_attach(const char *name, PyObject *value)
{
    if (value == NULL)
        return;
    PyObject *type, *exception, *traceback;
    PyErr_Fetch(&type, &exception, &traceback);
    PyErr_NormalizeException(&type, &exception, &traceback);
    if (exception != NULL && PyObject_SetAttrString(exception, name, value) != 0)
        PyErr_Clear();
    Py_DECREF(value);
    PyErr_Restore(type, exception, traceback);
}

/* A dict: name to number, of each code that this library knows. Tests compare it with the classes. */
PyObject *error_codes(PyObject *module, PyObject *nothing)
{
    (void)module, (void)nothing;
    PyObject *codes = PyDict_New();
    for (int code = -1; codes != NULL && code > SLOTRING_E_LAST; code--) {
        PyObject *number = PyLong_FromLong(code);
        if (number == NULL || PyDict_SetItemString(codes, slotring_error_name(code), number) != 0)
            Py_CLEAR(codes);
        Py_XDECREF(number);
    }
    return codes;
}
