/* SPDX-License-Identifier: Apache-2.0 */
/* DLPack: the bytes of a message, a slot or a piece as a tensor of uint8 with one dimension, for whoever takes one without the buffer
 * protocol, such as PyTorch and JAX. The structs are those of version 1 of the DLPack ABI, which other libraries read: fields and order are
 * fixed. A tensor counts as a view: it has an export of the buffer protocol until its deleter is called. */
#include <string.h>

#include "binding.h"

enum {
    CPU = 1,
    CODE_UINT = 1,
    FLAG_READ_ONLY = 1,
    FLAG_COPIED = 2,
};

typedef struct tensor {
    void *data;
    int32_t device_type, device_id;
    int32_t dimensions;
    uint8_t code, bits;
    uint16_t lanes;
    int64_t *shape;
    int64_t *strides; /* in elements */
    uint64_t byte_offset;
} tensor_t;

/* Of consumers that know no versions: nothing says there that the bytes are read-only. */
typedef struct managed_old {
    tensor_t tensor;
    void *context;
    void (*deleter)(struct managed_old *self);
} managed_old_t;

typedef struct managed {
    uint32_t major, minor;
    void *context;
    void (*deleter)(struct managed *self);
    uint64_t flags;
    tensor_t tensor;
} managed_t;

/* What a capsule leads to. */
typedef struct lent {
    union {
        managed_t managed;
        managed_old_t old;
    } as;
    int64_t shape, stride;
    Py_buffer view;
    void *copy; /* instead of the view */
} lent_t;

static const char name_new[] = "dltensor_versioned", name_old[] = "dltensor";

/* ---- Its end --------------------------------------------------------------------------------------------- */

static void end(lent_t *lent)
{
    if (lent->copy == NULL)
        PyBuffer_Release(&lent->view);
    PyMem_Free(lent->copy);
    PyMem_Free(lent);
}

/* The consumer is done, in whatever thread. After the end of the interpreter there is nothing to give back. */
static void end_anywhere(lent_t *lent)
{
    if (!Py_IsInitialized())
        return;
    PyGILState_STATE state = PyGILState_Ensure();
    PyObject *type, *exception, *traceback;
    PyErr_Fetch(&type, &exception, &traceback); /* the consumer may be about to tell an error */
    end(lent);
    PyErr_Restore(type, exception, traceback);
    PyGILState_Release(state);
}

static void delete_new(managed_t *managed)
{
    end_anywhere(managed->context);
}

static void delete_old(managed_old_t *managed)
{
    end_anywhere(managed->context);
}

/* Who takes the tensor renames the capsule. */
static void capsule_end(PyObject *capsule)
{
    const char *name = PyCapsule_GetName(capsule);
    if (name != NULL && (strcmp(name, name_new) == 0 || strcmp(name, name_old) == 0))
        end(PyCapsule_GetContext(capsule));
}

/* ---- What the consumer asks for ----------------------------------------------------------------------------- */

typedef struct wish {
    int has_versions; /* the consumer knows them */
    int copies;
} wish_t;

static PyObject *refuse(const char *why)
{
    PyErr_SetString(PyExc_BufferError, why);
    return NULL;
}

/* A pair of numbers. 0; or -1 with an exception. */
static int pair_from(PyObject *object, const char *what, long *first, long *second)
{
    PyObject *pair = PySequence_Tuple(object);
    int is_pair = pair != NULL && PyTuple_Size(pair) == 2;
    if (pair != NULL && !is_pair)
        PyErr_Format(PyExc_TypeError, "%s is %R; it is a pair of numbers", what, object);
    *first = is_pair ? PyLong_AsLong(PyTuple_GetItem(pair, 0)) : -1;
    *second = is_pair && !PyErr_Occurred() ? PyLong_AsLong(PyTuple_GetItem(pair, 1)) : -1;
    Py_XDECREF(pair);
    return is_pair && !PyErr_Occurred() ? 0 : -1;
}

static int is_given(PyObject *object)
{
    return object != NULL && object != Py_None;
}

static int wish_from(PyObject *const *arguments, Py_ssize_t count, PyObject *names, wish_t *wish)
{
    PyObject *stream = NULL, *version = NULL, *device = NULL, *copy = NULL;
    long major = 0, minor = 0, device_type = CPU, device_id = 0;
    const keyword_t keywords[] = {{"stream", &stream},
                                  {"max_version", &version},
                                  {"dl_device", &device},
                                  {"copy", &copy},
                                  {NULL, NULL}};
    if (arguments_take("__dlpack__", arguments, count, names, keywords, 0, 0) != 0 ||
        (is_given(version) && pair_from(version, "max_version", &major, &minor) != 0) ||
        (is_given(device) && pair_from(device, "dl_device", &device_type, &device_id) != 0))
        return -1;
    int copies = is_given(copy) ? PyObject_IsTrue(copy) : 0;
    if (copies < 0)
        return -1;
    if (is_given(stream) || device_type != CPU || device_id != 0) {
        refuse(is_given(stream) ? "the memory of a ring has no stream"
                                : "the memory of a ring is that of the processor");
        return -1;
    }
    *wish = (wish_t){.has_versions = major >= 1, .copies = copies};
    return 0;
}

/* ---- The tensor --------------------------------------------------------------------------------------------- */

static int copy_of_view(lent_t *lent)
{
    size_t size = (size_t)lent->view.len;
    void *copy = PyMem_Malloc(size > 0 ? size : 1);
    if (copy == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    if (size < COPY_WITHOUT_GIL) {
        memcpy(copy, lent->view.buf, size);
    } else { /* the view keeps the bytes */
        Py_BEGIN_ALLOW_THREADS;
        memcpy(copy, lent->view.buf, size);
        Py_END_ALLOW_THREADS;
    }
    PyBuffer_Release(&lent->view);
    lent->copy = copy;
    return 0;
}

static void describe(lent_t *lent, tensor_t *tensor, void *data, int64_t length)
{
    lent->shape = length;
    lent->stride = 1;
    *tensor = (tensor_t){.data = data,
                         .device_type = CPU,
                         .dimensions = 1,
                         .code = CODE_UINT,
                         .bits = 8,
                         .lanes = 1,
                         .shape = &lent->shape,
                         .strides = &lent->stride};
}

/* The view is there. 0; or -1 with an exception: the view is not. */
static int lend(lent_t *lent, const wish_t *wish)
{
    int64_t length = lent->view.len;
    int is_read_only = lent->view.readonly && !wish->copies;
    if (is_read_only && !wish->has_versions) {
        PyBuffer_Release(&lent->view);
        refuse("a message is read-only, and DLPack before version 1 cannot say so: ask with max_version=(1, "
               "0), or with copy=True");
        return -1;
    }
    if (wish->copies && copy_of_view(lent) != 0) {
        PyBuffer_Release(&lent->view);
        return -1;
    }
    void *data = lent->copy != NULL ? lent->copy : lent->view.buf;
    if (!wish->has_versions) {
        lent->as.old = (managed_old_t){.context = lent, .deleter = delete_old};
        describe(lent, &lent->as.old.tensor, data, length);
        return 0;
    }
    uint64_t flags = (is_read_only ? FLAG_READ_ONLY : 0u) | (wish->copies ? FLAG_COPIED : 0u);
    lent->as.managed = (managed_t){.major = 1, .context = lent, .deleter = delete_new, .flags = flags};
    describe(lent, &lent->as.managed.tensor, data, length);
    return 0;
}

PyObject *dlpack(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names)
{
    wish_t wish;
    if (wish_from(arguments, count, names, &wish) != 0)
        return NULL;
    lent_t *lent = PyMem_Calloc(1, sizeof *lent);
    if (lent == NULL)
        return PyErr_NoMemory();
    if (PyObject_GetBuffer(self, &lent->view, PyBUF_SIMPLE) != 0 || lend(lent, &wish) != 0) {
        PyMem_Free(lent);
        return NULL;
    }
    /* Both managed structs begin at the same address, which is that of `lent`. */
    PyObject *capsule = PyCapsule_New(&lent->as, wish.has_versions ? name_new : name_old, capsule_end);
    if (capsule == NULL) {
        end(lent);
        return NULL;
    }
    PyCapsule_SetContext(capsule, lent); /* of a capsule that was just made this succeeds */
    return capsule;
}

PyObject *dlpack_device(PyObject *self, PyObject *nothing)
{
    (void)self, (void)nothing;
    return Py_BuildValue("(ii)", CPU, 0);
}
