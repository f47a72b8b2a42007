/* SPDX-License-Identifier: Apache-2.0 */
/* Taking several messages with one call. */
#include "binding.h"

/* The messages of this batch come first. */
static void tell_later(reader_t *reader, taken_t *taken)
{
    raise_taken((PyObject *)reader, taken);
    reader_tell_later(reader);
}

/* What the library tells once. All else is still so at the next call, or is over by then. */
static int is_told_once(int code)
{
    return code == SLOTRING_E_PRODUCER_DIED || code == SLOTRING_E_SOURCE_LOST || code == SLOTRING_E_MARK ||
           code == SLOTRING_E_REVOKED || code == SLOTRING_E_CHECKSUM || code == SLOTRING_E_CORRUPT;
}

PyObject *reader_batch(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    reader_t *reader = (reader_t *)self;
    PyObject *max_object = NULL, *timeout = NULL;
    uint64_t max = 64;
    int64_t timeout_ns;
    taken_t taken;
    const keyword_t keywords[] = {{"max", &max_object}, {"timeout", &timeout}, {NULL, NULL}};
    if (arguments_take("batch", arguments, count, names, keywords, 2, 0) != 0 ||
        number_from(max_object, "max", UINT32_MAX, &max) != 0 || timeout_from(timeout, &timeout_ns) != 0)
        return NULL;
    int is_together = takes_together(reader);
    PyObject *list = PyList_New(0);
    for (uint64_t n = 0; list != NULL && n < max; n++) {
        if (is_together && n > 0 && !reader_has_something(reader))
            break; /* asking for more would acknowledge what is in the list */
        int code = reader_take(reader, (uint32_t)max, n == 0 ? timeout_ns : 0, LIMIT_TELLS, &taken);
        if (code != 0) {
            if (n == 0) {
                Py_CLEAR(list);
                raise_taken(self, &taken);
            } else if (is_told_once(code)) {
                tell_later(reader, &taken);
            } else {
                PyErr_Clear(); /* the next call finds it again, or it does not last */
            }
            break;
        }
        if (PyList_Append(list, (PyObject *)taken.message) != 0)
            Py_CLEAR(list);
        Py_DECREF(taken.message);
    }
    return list;
}
