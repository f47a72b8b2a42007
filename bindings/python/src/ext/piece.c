/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces: the bytes of a message that lie in one slot. A span has several, any other message has one. A piece keeps its message
 * object, or its slot object, and each view of it counts as a view of that. */
#include "binding.h"

typedef struct piece {
    PyObject ob_base;
    loan_t *loan;
    void *data;
    uint64_t length, position;
    uint32_t index;
} piece_t;

/* ---- Making them ---------------------------------------------------------------------------------------- */

/* The whole message as one piece. */
static void whole(loan_t *loan, slotring_piece_t *piece)
{
    const slotring_slot_t *slot = &loan->slot;
    piece->data = loan->how == LOAN_COPIED ? PyBytes_AsString(loan->copy) : slot->data;
    piece->length = slot->length;
    piece->index = slot->index;
}

/* Inside the ring. Gives how many pieces there are, or a code. What was asked for may end before the last slot does. */
static int walk(loan_t *loan, slotring_piece_t *pieces, uint32_t room)
{
    slotring_piece_t piece = {0};
    int count = 0;
    while ((uint32_t)count < room && piece.position + piece.length < loan->slot.length) {
        int code = slotring_next_piece(loan->ring->handle, &loan->slot, &piece);
        if (code != 0)
            return code;
        uint64_t left = loan->slot.length - piece.position;
        pieces[count] = piece;
        if (pieces[count].length > left)
            pieces[count].length = left;
        count++;
    }
    return count;
}

/* Gives how many pieces any message has. *code: 0, a code of the library, or CODE_PYTHON. */
static int find(loan_t *loan, slotring_piece_t *pieces, uint32_t room, int *code)
{
    *code = 0;
    if (loan->how == LOAN_COPIED || loan->slot.pieces <= 1) {
        whole(loan, pieces);
        return 1;
    }
    if (ring_enter(loan->ring) != 0) {
        *code = CODE_PYTHON;
        return 0;
    }
    int count = walk(loan, pieces, room);
    ring_leave(loan->ring);
    if (count < 0)
        *code = count;
    return count;
}

static PyObject *piece_new(loan_t *loan, const slotring_piece_t *from)
{
    PyTypeObject *type = state_of((PyObject *)loan)->piece_type;
    allocfunc make = (allocfunc)PyType_GetSlot(type, Py_tp_alloc);
    piece_t *piece = (piece_t *)make(type, 0);
    if (piece == NULL)
        return NULL;
    piece->loan = (loan_t *)Py_NewRef((PyObject *)loan);
    piece->data = from->data;
    piece->length = from->length;
    piece->position = from->position;
    piece->index = from->index;
    return (PyObject *)piece;
}

static PyObject *list_of(loan_t *loan, const slotring_piece_t *pieces, int count)
{
    PyObject *list = PyList_New(0);
    for (int i = 0; list != NULL && i < count; i++) {
        PyObject *piece = piece_new(loan, &pieces[i]);
        if (piece == NULL || PyList_Append(list, piece) != 0)
            Py_CLEAR(list);
        Py_XDECREF(piece);
    }
    return list;
}

PyObject *loan_in_pieces(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    loan_t *loan = (loan_t *)self;
    if (loan_check(loan) != 0)
        return NULL;
    uint32_t room = loan->slot.pieces > 0 ? loan->slot.pieces : 1;
    slotring_piece_t *pieces = PyMem_Calloc(room, sizeof *pieces);
    if (pieces == NULL)
        return PyErr_NoMemory();
    int code, count = find(loan, pieces, room, &code);
    PyObject *list = code == 0 ? list_of(loan, pieces, count) : NULL;
    PyMem_Free(pieces);
    if (code == 0 || code == CODE_PYTHON)
        return list;
    return raise_code(state_of(self), code);
}

/* ---- The object -------------------------------------------------------------------------------------------- */

static void piece_dealloc(PyObject *self)
{
    PyTypeObject *type = Py_TYPE(self);
    Py_XDECREF((PyObject *)((piece_t *)self)->loan);
    freefunc release = (freefunc)PyType_GetSlot(type, Py_tp_free);
    release(self);
    Py_DECREF(type);
}

static int piece_get_buffer(PyObject *self, Py_buffer *view, int flags)
{
    piece_t *piece = (piece_t *)self;
    return loan_lend(piece->loan, self, piece->data, piece->length, view, flags);
}

static void piece_release_buffer(PyObject *self, Py_buffer *view)
{
    loan_release_buffer((PyObject *)((piece_t *)self)->loan, view);
}

static Py_ssize_t piece_length(PyObject *self)
{
    return (Py_ssize_t)((piece_t *)self)->length;
}

static PyObject *piece_repr(PyObject *self)
{
    piece_t *piece = (piece_t *)self;
    return PyUnicode_FromFormat("<slotring.Piece of %R, %llu bytes from %llu on>", piece->loan,
                                (unsigned long long)piece->length, (unsigned long long)piece->position);
}

static PyObject *get_nbytes(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((piece_t *)self)->length);
}

static PyObject *get_position(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(((piece_t *)self)->position);
}

static PyObject *get_index(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLong(((piece_t *)self)->index);
}

static PyMethodDef methods[] = {
    DLPACK_METHODS,
    {"__reduce__", not_picklable, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"nbytes", get_nbytes, NULL, "Bytes of the piece.", NULL},
    {"position", get_position, NULL, "Of the first of them in the message.", NULL},
    {"index", get_index, NULL, "Of the slot.", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, piece_dealloc},
    {Py_tp_repr, piece_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_sq_length, piece_length},
    {Py_bf_getbuffer, piece_get_buffer},
    {Py_bf_releasebuffer, piece_release_buffer},
    {Py_tp_doc, "The bytes of a message, or of a slot to fill, that lie in one slot of the ring. It has the "
                "buffer protocol."},
    {0, NULL},
};

PyType_Spec piece_spec = {"slotring.Piece", sizeof(piece_t), 0,
                          Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                          slots};
