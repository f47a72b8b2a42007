/* SPDX-License-Identifier: Apache-2.0 */
/* Messages: a message holds its slot as long as somebody needs its bytes. */
#include <string.h>

#include "binding.h"

static PyObject *number_or_none(uint64_t number, uint64_t none)
{
    return number != none ? PyLong_FromUnsignedLongLong(number) : Py_NewRef(Py_None);
}

static const slotring_slot_t *slot_of(PyObject *self)
{
    return &((loan_t *)self)->slot;
}

#define NUMBER(field)                                             \
    static PyObject *get_##field(PyObject *self, void *unused)    \
    {                                                             \
        (void)unused;                                             \
        return PyLong_FromUnsignedLongLong(slot_of(self)->field); \
    }
#define OPTIONAL(field, none)                                  \
    static PyObject *get_##field(PyObject *self, void *unused) \
    {                                                          \
        (void)unused;                                          \
        return number_or_none(slot_of(self)->field, none);     \
    }
NUMBER(tag)
NUMBER(time_ns)
NUMBER(index)
NUMBER(pieces)
NUMBER(producer)
NUMBER(producer_incarnation)
NUMBER(deliveries)
OPTIONAL(sequence, UINT64_MAX)
OPTIONAL(number, SLOTRING_NO_NUMBER)
OPTIONAL(writer, SLOTRING_NO_WRITER)

static PyObject *get_nbytes(PyObject *self, void *unused)
{
    (void)unused;
    return PyLong_FromUnsignedLongLong(slot_of(self)->length);
}

static PyObject *get_kind(PyObject *self, void *unused)
{
    (void)unused;
    static const char *const kinds[] = {"slot", "record", "span"};
    uint32_t kind = slot_of(self)->kind;
    return PyUnicode_FromString(kind < sizeof kinds / sizeof kinds[0] ? kinds[kind] : "unknown");
}

static PyObject *get_ticket(PyObject *self, void *unused)
{
    (void)unused;
    return ticket_new(state_of(self), &slot_of(self)->ticket);
}

static PyObject *get_copied(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(((loan_t *)self)->how == LOAN_COPIED);
}

static PyObject *get_released(PyObject *self, void *unused)
{
    (void)unused;
    return PyBool_FromLong(flag_is(&((loan_t *)self)->ended));
}

int gather_from(ring_t *ring, const slotring_slot_t *slot, uint64_t offset, char *to, uint64_t size)
{
    if (size < COPY_WITHOUT_GIL)
        return slotring_gather(ring->handle, slot, offset, to, size, NULL);
    int code;
    Py_BEGIN_ALLOW_THREADS;
    code = slotring_gather(ring->handle, slot, offset, to, size, NULL);
    Py_END_ALLOW_THREADS;
    return code;
}

/* Copies some bytes of the message. The caller has checked the sizes. */
static int copy_bytes(loan_t *loan, uint64_t offset, char *to, uint64_t size)
{
    if (loan->how == LOAN_COPIED) {
        memcpy(to, PyBytes_AsString(loan->copy) + offset, size);
        return 0;
    }
    if (ring_enter(loan->ring) != 0)
        return -1;
    int code = 0;
    const char *from = loan->slot.data;
    if (from == NULL) {
        code = gather_from(loan->ring, &loan->slot, offset, to, size);
    } else if (size < COPY_WITHOUT_GIL) {
        memcpy(to, from + offset, size);
    } else {
        Py_BEGIN_ALLOW_THREADS;
        memcpy(to, from + offset, size);
        Py_END_ALLOW_THREADS;
    }
    ring_leave(loan->ring);
    if (code != 0)
        raise_code(state_of((PyObject *)loan), code);
    return code;
}

/* While the bytes are copied without the GIL another thread may release the message: an export keeps it. */
static int copy_safely(loan_t *loan, uint64_t offset, char *to, uint64_t size)
{
    if (loan_hold_on(loan) != 0)
        return -1;
    int failed = copy_bytes(loan, offset, to, size);
    if (loan->how == LOAN_COPIED) {
        count_add(&loan->exports, -1);
        ring_unpin(loan->ring);
    } else {
        loan_release_buffer((PyObject *)loan, NULL);
    }
    return failed;
}

static PyObject *message_tobytes(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    uint64_t size = slot_of(self)->length;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)size);
    if (bytes != NULL && copy_safely((loan_t *)self, 0, PyBytes_AsString(bytes), size) != 0)
        Py_CLEAR(bytes);
    return bytes;
}

/* Copies up to `most` bytes from `offset` on. */
static PyObject *copy_part(loan_t *loan, uint64_t offset, uint64_t most, const Py_buffer *view)
{
    uint64_t length = loan->slot.length;
    if (offset > length)
        return PyErr_Format(PyExc_ValueError, "offset is %llu; the message has %llu bytes",
                            (unsigned long long)offset, (unsigned long long)length);
    uint64_t size = most < length - offset ? most : length - offset;
    if ((uint64_t)view->len < size)
        return PyErr_Format(PyExc_ValueError, "there are %llu bytes to copy, the buffer has only %zd",
                            (unsigned long long)size, view->len);
    return copy_safely(loan, offset, view->buf, size) == 0 ? PyLong_FromUnsignedLongLong(size) : NULL;
}

static PyObject *message_copy_into(PyObject *self, PyObject *const *arguments, Py_ssize_t count,
                                   PyObject *names)
{
    PyObject *buffer = NULL, *at = NULL, *nbytes = NULL;
    uint64_t offset = 0, most = UINT64_MAX;
    const keyword_t keywords[] = {{"buffer", &buffer}, {"offset", &at}, {"nbytes", &nbytes}, {NULL, NULL}};
    Py_buffer view;
    if (arguments_take("copy_into", arguments, count, names, keywords, 3, 1) != 0 ||
        number_from(at, "offset", UINT64_MAX, &offset) != 0 ||
        number_from(nbytes, "nbytes", UINT64_MAX, &most) != 0 ||
        PyObject_GetBuffer(buffer, &view, PyBUF_SIMPLE | PyBUF_WRITABLE) != 0)
        return NULL;
    PyObject *result = copy_part((loan_t *)self, offset, most, &view);
    PyBuffer_Release(&view);
    return result;
}

/* numpy.frombuffer(memoryview(self), dtype).reshape(shape) */
static PyObject *message_array(PyObject *self, PyObject *arguments, PyObject *keywords)
{
    return PyObject_CallMethod(state_of(self)->values, "array_of", "OOO", self, arguments,
                               keywords ? keywords : Py_None);
}

static PyObject *message_release(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    loan_end((loan_t *)self);
    Py_RETURN_NONE;
}

static PyObject *acknowledge(PyObject *self, int up_to)
{
    loan_t *loan = (loan_t *)self;
    if (loan->reader == NULL)
        return raise_sentence(
            state_of(self), SLOTRING_E_STATE,
            "this message needs no acknowledgement: only those of a durable reader, of a member "
            "of a group, and of a reader with a window do");
    return reader_acknowledge((reader_t *)loan->reader, loan, up_to);
}

static PyObject *message_acknowledge(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return acknowledge(self, 0);
}

static PyObject *message_acknowledge_up_to(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return acknowledge(self, 1);
}

static PyObject *message_verify(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    loan_t *loan = (loan_t *)self;
    if (loan_check(loan) != 0)
        return NULL;
    if (loan->how != LOAN_ACQUIRED)
        return raise_sentence(
            state_of(self), SLOTRING_E_STATE,
            "only a message that was acquired by its ticket can be verified; a reader does it by "
            "itself with verify=True");
    if (ring_enter(loan->ring) != 0)
        return NULL;
    int code = slotring_verify(loan->ring->handle, &loan->slot);
    ring_leave(loan->ring);
    return code == 0 ? Py_NewRef(Py_None) : raise_code(state_of(self), code);
}

static PyObject *message_enter(PyObject *self, PyObject *nothing)
{
    (void)nothing;
    return loan_check((loan_t *)self) == 0 ? Py_NewRef(self) : NULL;
}

static PyObject *message_exit(PyObject *self, PyObject *arguments)
{
    (void)arguments;
    return message_release(self, NULL);
}

static Py_ssize_t message_length(PyObject *self)
{
    return (Py_ssize_t)slot_of(self)->length;
}

static PyObject *message_repr(PyObject *self)
{
    const slotring_slot_t *slot = slot_of(self);
    char place[64];
    if (slot->kind == SLOTRING_KIND_RECORD)
        PyOS_snprintf(place, sizeof place, "record %llu of writer %u", (unsigned long long)slot->number,
                      (unsigned)slot->writer);
    else
        PyOS_snprintf(place, sizeof place, "sequence %llu", (unsigned long long)slot->sequence);
    return PyUnicode_FromFormat("<slotring.Message of %R, %s, %llu bytes>", ((loan_t *)self)->ring->name,
                                place, (unsigned long long)slot->length);
}

static PyMethodDef methods[] = {
    {"tobytes", message_tobytes, METH_NOARGS,
     "tobytes($self, /)\n--\n\nA copy of the bytes, also of a span."},
    {"copy_into", (PyCFunction)(void (*)(void))message_copy_into, METH_FASTCALL | METH_KEYWORDS,
     "copy_into($self, /, buffer, offset=0, nbytes=None)\n--\n\n"
     "Copies up to `nbytes` bytes (None: all), from `offset` on, into a buffer that is large enough, and "
     "gives "
     "their number."},
    {"in_pieces", loan_in_pieces, METH_NOARGS,
     "in_pieces($self, /)\n--\n\nThe pieces of the message, one in each slot that it takes, without a copy, "
     "read-only."},
    {"array", (PyCFunction)(void (*)(void))message_array, METH_VARARGS | METH_KEYWORDS,
     "array($self, /, dtype='uint8', shape=None)\n--\n\nA NumPy array of the bytes, without a copy, "
     "read-only."},
    {"release", message_release, METH_NOARGS,
     "release($self, /)\n--\n\nSays that the caller is done. The slot goes back with the last view."},
    {"acknowledge", message_acknowledge, METH_NOARGS,
     "acknowledge($self, /)\n--\n\nSays that the work for this message is done, and nobody else need do it."},
    {"acknowledge_up_to", message_acknowledge_up_to, METH_NOARGS,
     "acknowledge_up_to($self, /)\n--\n\nThe same for this message and all older ones of the reader."},
    {"verify", message_verify, METH_NOARGS,
     "verify($self, /)\n--\n\nCompares the bytes with the checksum of their producer."},
    {"__enter__", message_enter, METH_NOARGS, "__enter__($self, /)\n--\n\n"},
    {"__exit__", message_exit, METH_VARARGS, "__exit__($self, /, *arguments)\n--\n\nCalls release()."},
    DLPACK_METHODS,
    {"__reduce__", not_picklable, METH_NOARGS, "__reduce__($self, /)\n--\n\n"},
    {NULL, NULL, 0, NULL},
};

static PyGetSetDef properties[] = {
    {"sequence", get_sequence, NULL, "Of the publication; None: of a record whose slot is not full.", NULL},
    {"tag", get_tag, NULL, "What the producer gave.", NULL},
    {"time_ns", get_time_ns, NULL, "Time of the publication; 0 in a ring without time stamps.", NULL},
    {"nbytes", get_nbytes, NULL, "Bytes of the message.", NULL},
    {"kind", get_kind, NULL, "'slot', 'record' or 'span'.", NULL},
    {"index", get_index, NULL, "Of the slot.", NULL},
    {"pieces", get_pieces, NULL, "Slots that the message takes.", NULL},
    {"number", get_number, NULL, "Of the message among those of its writer; None without a writer.", NULL},
    {"writer", get_writer, NULL, "Number of the writer; None without one.", NULL},
    {"producer", get_producer, NULL, "Number of the participant that published the message.", NULL},
    {"producer_incarnation", get_producer_incarnation, NULL, "Incarnation of that participant.", NULL},
    {"deliveries", get_deliveries, NULL, "How often members of the group had the message before.", NULL},
    {"ticket", get_ticket, NULL, "The ticket, which other processes can acquire the message by.", NULL},
    {"copied", get_copied, NULL, "True: the ring could not lend the memory, and these bytes are a copy.",
     NULL},
    {"released", get_released, NULL, "Has release() been called?", NULL},
    {NULL, NULL, NULL, NULL, NULL},
};

static PyType_Slot slots[] = {
    {Py_tp_dealloc, loan_dealloc},
    {Py_tp_repr, message_repr},
    {Py_tp_methods, methods},
    {Py_tp_getset, properties},
    {Py_sq_length, message_length},
    {Py_bf_getbuffer, loan_get_buffer},
    {Py_bf_releasebuffer, loan_release_buffer},
    {Py_tp_doc,
     "A message of a ring, in place. It has the buffer protocol, read-only; of a span each piece has it."},
    {0, NULL},
};

PyType_Spec message_spec = {"slotring.Message", sizeof(loan_t), 0,
                            Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION | Py_TPFLAGS_IMMUTABLETYPE,
                            slots};
