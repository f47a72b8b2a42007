/* SPDX-License-Identifier: Apache-2.0 */
/* Memory of objects that come and go with each message. Few objects are as large as a loan, so each new one would begin a pool of
 * Python's allocator, and its end give the pool back. The last few are kept instead. */
#include "binding.h"

#ifndef Py_GIL_DISABLED
#define SPARE_MAX 16

typedef struct spare {
    void *memory[SPARE_MAX];
    int count;
} spare_t;

static spare_t spares[SPARE_KINDS]; /* guarded by the GIL */

PyObject *spare_new(enum spare_kind kind, PyTypeObject *type)
{
    spare_t *spare = &spares[kind];
    if (spare->count == 0)
        return PyObject_New(PyObject, type);
    return PyObject_Init(spare->memory[--spare->count], type);
}

void spare_free(enum spare_kind kind, PyObject *object)
{
    spare_t *spare = &spares[kind];
    if (spare->count < SPARE_MAX)
        spare->memory[spare->count++] = object;
    else
        PyObject_Free(object);
}

void spares_forget(void)
{
    for (spare_t *spare = spares; spare < spares + SPARE_KINDS; spare++)
        while (spare->count > 0)
            PyObject_Free(spare->memory[--spare->count]);
}

#else /* another thread may still look at an object that is gone: its memory waits in the allocator */

PyObject *spare_new(enum spare_kind kind, PyTypeObject *type)
{
    (void)kind;
    return PyObject_New(PyObject, type);
}

void spare_free(enum spare_kind kind, PyObject *object)
{
    (void)kind;
    PyObject_Free(object);
}

void spares_forget(void) {}
#endif
