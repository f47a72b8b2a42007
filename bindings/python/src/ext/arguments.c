/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments of Python as the library takes them. */
#include <math.h>
#include <string.h>

#include "binding.h"

#define NS_PER_SECOND 1e9
#define SECONDS_MAX 9e9 /* 285 years: more than 63 bits of nanoseconds have */

static int seconds_from(PyObject *object, const char *what, double *seconds)
{
    *seconds = PyLong_Check(object) ? PyLong_AsDouble(object) : PyFloat_AsDouble(object);
    if (*seconds == -1.0 && PyErr_Occurred())
        return -1;
    if (!(*seconds >= 0)) {
        PyErr_Format(PyExc_ValueError, "%s is %R; it is a number of seconds, 0 or more", what, object);
        return -1;
    }
    return 0;
}

int timeout_from(PyObject *object, int64_t *timeout_ns)
{
    double seconds;
    *timeout_ns = -1;
    if (object == NULL || object == Py_None)
        return 0;
    if (seconds_from(object, "timeout", &seconds) != 0)
        return -1;
    if (seconds < SECONDS_MAX)
        *timeout_ns = (int64_t)ceil(seconds * NS_PER_SECOND); /* a tiny time is no try */
    return 0;
}

int duration_from(PyObject *object, const char *what, uint64_t *ns)
{
    double seconds;
    if (object == NULL || object == Py_None)
        return 0;
    if (seconds_from(object, what, &seconds) != 0)
        return -1;
    *ns = seconds < SECONDS_MAX ? (uint64_t)ceil(seconds * NS_PER_SECOND) : SLOTRING_FOR_EVER;
    return 0;
}

int choice_from(const char *word, const char *what, const choice_t *choices, uint32_t *value)
{
    if (word == NULL)
        return 0;
    for (const choice_t *choice = choices; choice->word != NULL; choice++)
        if (strcmp(choice->word, word) == 0) {
            *value = choice->value;
            return 0;
        }
    char all[200] = "";
    size_t used = 0;
    for (const choice_t *choice = choices; choice->word != NULL && used < sizeof all; choice++)
        used +=
            (size_t)PyOS_snprintf(all + used, sizeof all - used, "%s'%s'", used ? ", " : "", choice->word);
    PyErr_Format(PyExc_ValueError, "%s is '%s'; it can be one of: %s", what, word, all);
    return -1;
}

int number_from_object(PyObject *object, const char *what, uint64_t max, uint64_t *value)
{
    PyObject *index = PyLong_CheckExact(object) ? Py_NewRef(object) : PyNumber_Index(object);
    if (index == NULL)
        return -1;
    unsigned long long number = PyLong_AsUnsignedLongLong(index);
    Py_DECREF(index);
    int is_out = 0;
    if (number == (unsigned long long)-1 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_OverflowError))
            return -1;
        PyErr_Clear();
        is_out = 1;
    }
    if (is_out || number > max) {
        PyErr_Format(PyExc_ValueError, "%s is %R; it is a number from 0 to %llu", what, object,
                     (unsigned long long)max);
        return -1;
    }
    *value = number;
    return 0;
}

int whole_number_from(PyObject *object, const char *what, uint64_t max, uint64_t *value)
{
    if (object != Py_None)
        return number_from(object, what, max, value);
    PyErr_Format(PyExc_TypeError, "%s is None; it is a number", what);
    return -1;
}

const char *text_from(PyObject *object, const char *what)
{
    Py_ssize_t size = 0;
    if (!PyUnicode_Check(object)) {
        PyErr_Format(PyExc_TypeError, "%s is %R; it is a str", what, object);
        return NULL;
    }
    const char *text = PyUnicode_AsUTF8AndSize(object, &size);
    if (text != NULL && strlen(text) != (size_t)size) {
        PyErr_SetString(PyExc_ValueError, "embedded null character");
        return NULL;
    }
    return text;
}

static int put(const char *function, const keyword_t *keywords, PyObject *name, PyObject *value,
               Py_ssize_t taken)
{
    for (Py_ssize_t i = 0; keywords[i].name != NULL; i++) {
        if (PyUnicode_CompareWithASCIIString(name, keywords[i].name) != 0)
            continue;
        if (i < taken) {
            PyErr_Format(PyExc_TypeError, "%s() got several values for argument '%U'", function, name);
            return -1;
        }
        *keywords[i].value = value;
        return 0;
    }
    PyErr_Format(PyExc_TypeError, "%s() got an unexpected keyword argument '%U'", function, name);
    return -1;
}

int arguments_take_named(const char *function, PyObject *const *arguments, Py_ssize_t count, PyObject *names,
                         const keyword_t *keywords, Py_ssize_t positional, Py_ssize_t needed)
{
    if (count > positional) {
        PyErr_Format(PyExc_TypeError, "%s() takes at most %zd positional arguments (%zd given)", function,
                     positional, count);
        return -1;
    }
    for (Py_ssize_t i = 0; i < count; i++)
        *keywords[i].value = arguments[i];
    Py_ssize_t named = names == NULL ? 0 : PyTuple_Size(names);
    for (Py_ssize_t i = 0; i < named; i++)
        if (put(function, keywords, PyTuple_GetItem(names, i), arguments[count + i], count) != 0)
            return -1;
    for (Py_ssize_t i = 0; i < needed; i++)
        if (*keywords[i].value == NULL) {
            PyErr_Format(PyExc_TypeError, "%s() missing required argument '%s'", function, keywords[i].name);
            return -1;
        }
    return 0;
}
