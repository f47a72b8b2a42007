/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for several readers with one call. The thread is inside all their rings meanwhile, so what fails in between is raised only
 * when it has left them all. */
#include "binding.h"

typedef struct many {
    Py_ssize_t count, entered;
    PyObject *list; /* of the readers; this call's own, so nobody changes it */
    reader_t **readers;
    ring_t **rings;
    slotring_reader_t **handles;
    int *results; /* one for each reader */
} many_t;

static void many_free(many_t *many)
{
    PyMem_Free(many->readers);
    PyMem_Free(many->rings);
    PyMem_Free(many->handles);
    PyMem_Free(many->results);
    Py_XDECREF(many->list);
}

/* Is each of them a reader, and none there twice? 0; or -1 with an exception. */
static int check(binding_state_t *state, PyObject *list, Py_ssize_t count)
{
    for (Py_ssize_t i = 0; i < count; i++) {
        PyObject *reader = PyList_GetItem(list, i); /* borrowed */
        if (Py_TYPE(reader) != state->reader_type) {
            PyErr_Format(PyExc_TypeError, "%R is not a slotring.Reader", reader);
            return -1;
        }
    }
    PyObject *different = PySet_New(list);
    Py_ssize_t number = different != NULL ? PySet_Size(different) : -1;
    Py_XDECREF(different);
    if (number < 0)
        return -1;
    if (count > 0 && number == count) /* a ring has 4095 readers at most, so the library can count them all */
        return 0;
    PyErr_SetString(PyExc_ValueError, count == 0 ? "readers is empty: wait for at least one"
                                                 : "a reader is there twice in readers");
    return -1;
}

static int many_make(binding_state_t *state, PyObject *readers, many_t *many)
{
    many->list = PySequence_List(readers);
    if (many->list == NULL)
        return -1;
    many->count = PyList_Size(many->list);
    if (many->count > INT32_MAX || check(state, many->list, many->count) != 0)
        return PyErr_Occurred() ? -1 : (PyErr_NoMemory(), -1);
    size_t count = (size_t)many->count;
    many->readers = PyMem_Calloc(count, sizeof *many->readers);
    many->rings = PyMem_Calloc(count, sizeof *many->rings);
    many->handles = PyMem_Calloc(count, sizeof(slotring_reader_t *));
    many->results = PyMem_Calloc(count, sizeof *many->results);
    if (!many->readers || !many->rings || !many->handles || !many->results) {
        PyErr_NoMemory();
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        many->readers[i] = (reader_t *)PyList_GetItem(many->list, (Py_ssize_t)i);
        many->rings[i] = many->readers[i]->ring;
    }
    return 0;
}

/* Has the program to acknowledge a message before it waits for another one? */
static int is_unacknowledged(const reader_t *reader)
{
    return reader->in_hand && !reader->has_window && !reader_has_something(reader);
}

static int call_wait_many(void *context, int64_t timeout_ns)
{
    many_t *many = context;
    uint32_t ready;
    return slotring_wait_many(many->handles, (uint32_t)many->count, timeout_ns, many->results, &ready);
}

/* Enters all of them. 0; or a code, and *why says it. */
static int enter_all(many_t *many, const char **why)
{
    int code = 0;
    while (code == 0 && many->entered < many->count) {
        reader_t *reader = many->readers[many->entered];
        code = reader_try_enter(reader, why);
        if (code != 0)
            return code;
        many->handles[many->entered++] = reader->handle;
        if (is_unacknowledged(reader)) {
            *why = "acknowledge the last message of each reader before you wait for another one";
            return SLOTRING_E_STATE;
        }
    }
    return code;
}

/* What this package keeps of some of them comes first: then the others are asked, and nobody waits. */
static int wait_inside(many_t *many, int64_t timeout_ns)
{
    int has_something = 0;
    for (Py_ssize_t i = 0; i < many->count; i++)
        has_something |= reader_has_something(many->readers[i]);
    int code = call_wait_many(many, 0);
    if (code == SLOTRING_E_EMPTY && timeout_ns != 0 && !has_something)
        code = wait_on_rings(many->rings, many->count, call_wait_many, many, timeout_ns);
    for (Py_ssize_t i = 0; i < many->count; i++)
        if (has_something && reader_has_something(many->readers[i]))
            code = many->results[i] = 0;
    return code;
}

static void leave_all(many_t *many)
{
    while (many->entered > 0)
        reader_leave(many->readers[--many->entered]);
}

/* E_REMOVED is told once, and this call tells of one reader only: the others tell it by their next call. */
static void keep_removals(binding_state_t *state, const many_t *many, int code)
{
    int is_told = code != SLOTRING_E_REMOVED;
    for (Py_ssize_t i = 0; i < many->count; i++) {
        if (many->results[i] != SLOTRING_E_REMOVED)
            continue;
        if (!is_told) {
            is_told = 1;
            continue;
        }
        raise_sentence(state, SLOTRING_E_REMOVED, slotring_strerror(SLOTRING_E_REMOVED));
        reader_tell_later(many->readers[i]);
    }
}

static PyObject *ready_ones(const many_t *many)
{
    PyObject *ready = PyList_New(0);
    for (Py_ssize_t i = 0; ready != NULL && i < many->count; i++)
        if (many->results[i] == 0 && PyList_Append(ready, (PyObject *)many->readers[i]) != 0)
            Py_CLEAR(ready);
    return ready;
}

/* Raises an error, with the first reader that it is about. */
static PyObject *failure(binding_state_t *state, const many_t *many, const slotring_error_t *error)
{
    raise_error(state, error);
    for (Py_ssize_t i = 0; i < many->count; i++)
        if (many->results[i] == error->code) {
            error_attach("reader", Py_NewRef((PyObject *)many->readers[i]));
            break;
        }
    return NULL;
}

static PyObject *outcome(binding_state_t *state, const many_t *many, int code)
{
    slotring_error_t error;
    slotring_last_error(&error); /* before the next call of the library */
    if (code == CODE_PYTHON)
        return NULL;
    keep_removals(state, many, code);
    if (code == 0)
        return ready_ones(many);
    if (code == SLOTRING_E_EMPTY || code == SLOTRING_E_TIMEOUT)
        return PyList_New(0);
    if (error.code == code)
        return failure(state, many, &error);
    error = (slotring_error_t){.code = code};
    PyOS_snprintf(error.text, sizeof error.text, "%s", slotring_strerror(code));
    return failure(state, many, &error);
}

PyObject *wait_many(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    binding_state_t *state = PyModule_GetState(module);
    PyObject *readers = NULL, *timeout = NULL, *result = NULL;
    int64_t timeout_ns;
    many_t many = {0};
    const keyword_t keywords[] = {{"readers", &readers}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("wait_many", arguments, count, names, keywords, 2, 1) != 0 ||
        timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    if (many_make(state, readers, &many) == 0) {
        const char *why = NULL;
        int refused = enter_all(&many, &why);
        int code = refused ? refused : wait_inside(&many, timeout_ns);
        leave_all(&many);
        result = refused ? raise_sentence(state, refused, why) : outcome(state, &many, code);
    }
    many_free(&many);
    return result;
}
