/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the extension module share: the types of its objects, and how a call on a ring begins and ends.
 *
 * The module uses the public interface of the C library only, and the limited API of CPython 3.11. The types are exact: nobody
 * derives from them, so the type of an object always leads to the state of the module.
 *
 * Threads. A ring counts the calls that are inside it (`users`), and ring.close() waits until there are none. So no call has to
 * ask whether the handle is still there between its begin and its end. While a thread is inside a ring it runs no Python code, with
 * one exception: handlers of signals, while it waits (wait.c), and with them what the garbage collector finds then.
 *
 * With the GIL, that guards what is not atomic here, and all changes of the counts and flags below, which the calls of each message
 * make: they are atomic for who reads them, and cost no locked instruction. In a Python without the GIL the counts and flags are
 * atomic for who changes them, too, and each of these orders is total: who counts himself in and then looks at a flag is seen by who
 * sets the flag and then looks at the count. What has to happen at once is in a section of the ring (SECTION_BEGIN): changes of
 * its members, the end of a reader, the reservation of a writer, the publication of a slot. What belongs to
 * a reader or a writer is changed by the thread that has set its `busy`.
 *
 * Memory. A message and a slot lend the memory of the ring (loan.c). `pins` of a ring counts what may still point there: exports of
 * the buffer protocol, and objects of which somebody may have kept the address without an export. The ring is not unmapped while
 * there is one. */
#ifndef SLOTRING_PYTHON_BINDING_H
#define SLOTRING_PYTHON_BINDING_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
/* After Python.h, which has to come first. */
#include <stdatomic.h>
#include <structmember.h>

#include "slotring/slotring.h"

/* ---- Counts, flags and sections, with the GIL and without it ------------------------------------------------ */

/* Each gives the value before. */
#ifdef Py_GIL_DISABLED
static inline long count_add(atomic_long *count, long more)
{
    return atomic_fetch_add(count, more);
}

static inline long count_of(atomic_long *count)
{
    return atomic_load(count);
}

static inline int flag_set(atomic_int *flag, int value)
{
    return atomic_exchange(flag, value);
}

static inline int flag_is(const atomic_int *flag)
{
    return atomic_load(flag);
}

/* Changes it if it is `from`. Was it? */
static inline int flag_change(atomic_int *flag, int from, int to)
{
    return atomic_compare_exchange_strong(flag, &from, to);
}

/* Until SECTION_END no other thread is in a section of this object; it may be while this one waits without the interpreter. As with
 * the GIL. No `return` stands between the two. */
#define SECTION_BEGIN(object) Py_BEGIN_CRITICAL_SECTION((PyObject *)(object))
#define SECTION_END() Py_END_CRITICAL_SECTION()
#else
static inline long count_add(atomic_long *count, long more)
{
    long before = atomic_load_explicit(count, memory_order_relaxed);
    atomic_store_explicit(count, before + more, memory_order_relaxed);
    return before;
}

static inline long count_of(atomic_long *count)
{
    return atomic_load_explicit(count, memory_order_relaxed);
}

static inline int flag_set(atomic_int *flag, int value)
{
    int before = atomic_load_explicit(flag, memory_order_relaxed);
    atomic_store_explicit(flag, value, memory_order_relaxed);
    return before;
}

static inline int flag_is(const atomic_int *flag)
{
    return atomic_load_explicit(flag, memory_order_relaxed);
}

/* Changes it if it is `from`. Was it? */
static inline int flag_change(atomic_int *flag, int from, int to)
{
    if (flag_is(flag) != from)
        return 0;
    flag_set(flag, to);
    return 1;
}

#define SECTION_BEGIN(object) \
    (void)(object);           \
    {
#define SECTION_END() }
#endif

/* ---- State of the module ------------------------------------------------------------------------------ */

typedef struct binding_state {
    PyTypeObject *ring_type, *reader_type, *writer_type, *message_type, *slot_type, *piece_type, *ticket_type;
    PyObject *error_classes; /* a dict: code to class */
    PyObject *values;        /* the module slotring._values, which has the classes of what calls tell */
    PyObject *opened;        /* slotring._lifecycle.opened: called with each ring that was opened */
} binding_state_t;

binding_state_t *state_of(PyObject *self); /* of an object of one of the types */

/* Relaxed: it changes only in a child that has one thread. */
extern atomic_uint fork_count;
/* How often this process was forked, with all its parents: an object of an earlier number belongs to the parent. */
static inline unsigned fork_generation(void)
{
    return atomic_load_explicit(&fork_count, memory_order_relaxed);
}
/* An attribute of a module, which is imported; without a name the module itself. NULL with an exception. */
PyObject *attribute_of(const char *module_name, const char *name);
/* Counts a fork in the child, from os.register_at_fork. */
PyObject *forked(PyObject *module, PyObject *nothing);

/* ---- Memory of objects that come and go with each message: spare.c -------------------------------------- */

enum spare_kind { /* objects of one size */
    SPARE_LOAN,
    SPARE_TICKET,
    SPARE_KINDS,
};

/* As PyObject_New and PyObject_Free do. */
PyObject *spare_new(enum spare_kind kind, PyTypeObject *type);
void spare_free(enum spare_kind kind, PyObject *object);
/* Frees what is kept. */
void spares_forget(void);

/* ---- Errors: errors.c ---------------------------------------------------------------------------------- */

/* Each sets the Python exception that belongs to a code, and returns NULL. The first takes the sentence of the last error of this
 * thread, so it must come before the next call of the library that may fail. None is called inside a ring: an exception is an
 * object, and where there are objects a finalizer may run that closes the ring. */
PyObject *raise_code(binding_state_t *state, int code);
PyObject *raise_error(binding_state_t *state, const slotring_error_t *error);
PyObject *raise_sentence(binding_state_t *state, int code, const char *sentence);
/* Gives the exception that is set one more attribute. Takes the reference to `value`, which may be NULL: then nothing happens. */
void error_attach(const char *name, PyObject *value);
PyObject *error_codes(PyObject *module, PyObject *nothing);

/* ---- Arguments: arguments.c ---------------------------------------------------------------------------- */

typedef struct choice {
    const char *word;
    uint32_t value;
} choice_t;

/* Seconds (a number, or None for ever) to nanoseconds as the library takes them. -1 with an exception. */
int timeout_from(PyObject *seconds, int64_t *timeout_ns);
/* Seconds to nanoseconds. NULL or None: 0. */
int duration_from(PyObject *seconds, const char *what, uint64_t *ns);
/* A word to the number that it stands for. NULL: leaves *value. The table ends with an entry without a word. */
int choice_from(const char *word, const char *what, const choice_t *choices, uint32_t *value);
/* number_from for what is there. */
int number_from_object(PyObject *number, const char *what, uint64_t max, uint64_t *value);

/* A whole number from 0 to `max`. NULL or None: leaves *value. */
static inline int number_from(PyObject *number, const char *what, uint64_t max, uint64_t *value)
{
    return number == NULL || number == Py_None ? 0 : number_from_object(number, what, max, value);
}

/* The same for an argument that has to come: None is none. */
int whole_number_from(PyObject *number, const char *what, uint64_t max, uint64_t *value);
/* The text of a str, which keeps it. NULL with an exception. */
const char *text_from(PyObject *object, const char *what);

/* One keyword of a call that takes its arguments as an array. */
typedef struct keyword {
    const char *name;
    PyObject **value; /* stays as it is if the caller does not give the keyword */
} keyword_t;

/* arguments_take for a call with names, or with too many arguments or too few. */
int arguments_take_named(const char *function, PyObject *const *arguments, Py_ssize_t count, PyObject *names,
                         const keyword_t *keywords, Py_ssize_t positional, Py_ssize_t needed);

/* Puts the arguments of a METH_FASTCALL | METH_KEYWORDS call in their places: the first `positional` of `keywords` may also come
 * without their names, and the first `needed` must come. */
static inline int arguments_take(const char *function, PyObject *const *arguments, Py_ssize_t count,
                                 PyObject *names, const keyword_t *keywords, Py_ssize_t positional,
                                 Py_ssize_t needed)
{
    if (names != NULL || count > positional || count < needed)
        return arguments_take_named(function, arguments, count, names, keywords, positional, needed);
    for (Py_ssize_t i = 0; i < count; i++)
        *keywords[i].value = arguments[i];
    return 0;
}

/* ---- Rings: ring.c, ring_open.c, ring_close.c, ring_write.c, ring_batch.c, ring_ticket.c, ring_look.c, ring_run.c, ring_group.c, ring_origin.c ---------------------------------------------------------- */

enum ring_phase {
    RING_OPEN,
    RING_LEAVING,  /* a thread waits until no other is inside: what was lent can still be given back */
    RING_CLOSING,  /* a thread is closing it, and nobody is inside */
    RING_DEFERRED, /* it is closed with the last pin and the last user */
    RING_CLOSED,
};

/* A reader or a writer that is open. A ring whose close is deferred ends them, since nobody can use them any more. */
typedef struct member {
    struct member *next, *before;
    void (*end)(struct member *member); /* NULL: not in the list */
} member_t;

typedef struct ring {
    PyObject ob_base;
    PyObject *weak_references;
    slotring_t *handle;
    PyObject *name, *directory, *backend, *trusted_owner; /* the last three: str or None */
    uint64_t slot_size, slot_count;
    unsigned generation; /* the fork generation of the process that opened it */
    int is_observer;
    atomic_int is_stopped; /* by the program */
    int has_left; /* its members and its stream are ended; in a section of the ring, as the members are */
    member_t *members;
    PyObject *kept; /* a dict: sequence to the number of holds that the program has by hold() and keep=True */
    atomic_int phase;
    atomic_long users, pins;
    atomic_ullong pinned; /* sequence of the message that was pinned last */
} ring_t;

/* Leaves the ring, and raises what keeps a call out: ClosedError or ForkedError. */
int ring_refuse(ring_t *ring);
/* If nobody is inside a deferred ring any more: ends its members, and closes it if nothing points into it. */
void ring_finish(ring_t *ring);

/* Begins a call on the ring. 0; or -1 with an exception. */
static inline int ring_enter(ring_t *ring)
{
    count_add(&ring->users, 1); /* first: who closes the ring sees it, or is seen */
    return ring->generation == fork_generation() && flag_is(&ring->phase) == RING_OPEN ? 0
                                                                                       : ring_refuse(ring);
}

/* The same without an exception, for who is inside another ring. 0; or a code, and *why says it. */
int ring_try_enter(ring_t *ring, const char **why);
/* The same without an exception, for what gives something back: also while others are driven out, and while the close is deferred. */
int ring_enter_quietly(ring_t *ring);
static inline void ring_leave(ring_t *ring)
{
    if (count_add(&ring->users, -1) == 1 && flag_is(&ring->phase) != RING_OPEN)
        ring_finish(ring);
}
void ring_pin(ring_t *ring, uint64_t sequence);
void ring_unpin(ring_t *ring);
void ring_member_add(ring_t *ring, member_t *member, void (*end)(member_t *member));
/* In a section of the ring. A second call does nothing. */
void ring_member_remove(ring_t *ring, member_t *member);
/* Notes a hold that the program has got, and has to end. -1 with an exception: the hold is ended. */
int ring_keep(ring_t *ring, const slotring_ticket_t *ticket);
PyObject *ring_open(PyObject *module, PyObject *arguments, PyObject *keywords);
PyObject *ring_close(PyObject *self, PyObject *nothing);
PyObject *ring_exit(PyObject *self, PyObject *arguments);
PyObject *ring_leave_at_exit(PyObject *self, PyObject *nothing);

extern const choice_t when_full_choices[], time_stamp_choices[], access_choices[], lossless_for_choices[];

/* The methods of a ring, a table for each subject. All of them together are the type's. */
extern PyMethodDef ring_writing_methods[], ring_batch_methods[], ring_ticket_methods[],
    ring_looking_methods[], ring_run_methods[], ring_group_methods[], ring_origin_methods[];

/* ---- Waiting: wait.c ----------------------------------------------------------------------------------- */

#define CODE_PYTHON 1 /* instead of a code of the library: a Python exception is set */

/* A call of the library that may wait. */
typedef int (*waiting_call_t)(void *context, int64_t timeout_ns);

/* Calls it inside the ring: first with timeout 0 and the GIL held; then, if it found nothing and may wait, with the GIL released. */
int wait_for(ring_t *ring, waiting_call_t call, void *context, int64_t timeout_ns);
/* Calls it without the GIL from the beginning: what it copies is large. */
int wait_without_gil(ring_t *ring, waiting_call_t call, void *context, int64_t timeout_ns);
/* The same for a call that waits on several rings. */
int wait_on_rings(ring_t *const *rings, Py_ssize_t count, waiting_call_t call, void *context,
                  int64_t timeout_ns);
/* options.wait_check of each handle: runs the handlers of signals in the thread that waits. */
int wait_check(void *unused);
/* Does this thread wait on this ring? It then runs the handler of a signal. */
int is_waiting_on(const ring_t *ring);
void wait_prepare(void);
/* Sleeps for a millisecond without the GIL: for a thread that waits until others have left. */
void wait_a_moment(void);

/* ---- Loans of the ring's memory: loan.c, message.c, slot.c, piece.c ---------------------------------------------- */

#define COPY_WITHOUT_GIL 65536 /* bytes: below, the GIL is cheaper to keep */

/* Copies out of all pieces of a slot, and into them. Inside the ring; the GIL is released for large ones. 0, or a code. */
int gather_from(ring_t *ring, const slotring_slot_t *slot, uint64_t offset, char *to, uint64_t size);
int scatter_into(ring_t *ring, slotring_slot_t *slot, uint64_t offset, const void *from, uint64_t size);

enum loan_how {
    LOAN_WRITING,  /* a slot that the caller fills */
    LOAN_RESERVED, /* room of a writer that the caller fills */
    LOAN_HELD,     /* a message, held by its ticket */
    LOAN_ACQUIRED, /* a message, acquired */
    LOAN_COPIED,   /* a message whose bytes are in `copy` */
};

typedef struct loan {
    PyObject ob_base;
    ring_t *ring;
    PyObject *copy;         /* bytes, or NULL */
    PyObject *reader;       /* of a message that its reader still has to acknowledge; else NULL */
    PyObject *writer;       /* of a reservation; else NULL */
    slotring_slot_t *given; /* with `reader`: as slotring_next gave it */
    uint64_t batch;         /* with `reader`: number of the batch that it came with … */
    uint32_t place;         /* … and its place there */
    int how;
    atomic_int out;      /* 1: the ring has not got it back yet */
    atomic_long exports; /* of the buffer protocol */
    atomic_int ended;    /* the caller is done with it: it goes back as soon as it can */
    atomic_int
        loose; /* somebody may have kept the address without an export, as numpy.ndarray(buffer=...) does */
    atomic_int refused; /* somebody asked for memory to write to, and did not get it */
    /* The last one. Its length is that of the buffer: of the message, or what the producer asked for. */
    slotring_slot_t slot;
} loan_t;

loan_t *loan_new(PyTypeObject *type, ring_t *ring, const slotring_slot_t *slot, int how);
/* The same in two steps: the library fills `slot` between them, so that nothing is copied. Before the second one there is nothing to
 * give back. */
loan_t *loan_prepare(PyTypeObject *type, ring_t *ring, int how);
void loan_begin(loan_t *loan);
/* The caller is done with it: gives it back now, or with the last export, or with the object. */
void loan_end(loan_t *loan);
/* Does nothing point into it? */
int loan_is_free(loan_t *loan);
/* It went back by another way than through these calls. */
void loan_is_back(loan_t *loan);
void loan_dealloc(PyObject *self);
int loan_get_buffer(PyObject *self, Py_buffer *view, int flags);
void loan_release_buffer(PyObject *self, Py_buffer *view);
/* Gives a view of some of its bytes, as an export of `exporter`, which has a reference to the loan. 0; or -1 with an exception. The
 * end of the view calls loan_release_buffer with the loan. */
int loan_lend(loan_t *loan, PyObject *exporter, void *data, uint64_t length, Py_buffer *view, int flags);
/* Counts an export, if the loan has not ended. 0; or -1 with an exception. */
int loan_hold_on(loan_t *loan);
/* Keeps the memory as an export does, until loan_release_buffer. 0; or -1 with an exception. Not for a copy. */
int loan_pin(loan_t *loan);
/* May the caller still use it? 0; or -1 with an exception. */
int loan_check(loan_t *loan);

/* `__dlpack__` and `__dlpack_device__` of what has the buffer protocol: dlpack.c. */
PyObject *dlpack(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *dlpack_device(PyObject *self, PyObject *nothing);
#define DLPACK_METHODS                                                                           \
    {"__dlpack__", (PyCFunction)(void (*)(void))dlpack, METH_FASTCALL | METH_KEYWORDS,           \
     "__dlpack__($self, /, *, stream=None, max_version=None, dl_device=None, copy=None)\n--\n\n" \
     "The bytes as a DLPack capsule, without a copy."},                                          \
    {                                                                                            \
        "__dlpack_device__", dlpack_device, METH_NOARGS,                                         \
            "__dlpack_device__($self, /)\n--\n\nDevice type and number: the processor."          \
    }

PyObject *not_picklable(PyObject *self, PyObject *nothing);

/* May the slot be given away now? 0; or -1 with an exception. */
int slot_check_unused(loan_t *slot);
/* The pieces of a message, or of a slot, as a list: piece.c. */
PyObject *loan_in_pieces(PyObject *loan, PyObject *nothing);

/* ---- Readers: reader.c, reader_calls.c, reader_options.c, reader_next.c, reader_message.c, reader_batch.c ---- */

/* What the library gave with one call, and takes back with one acknowledgement. */
typedef struct together {
    slotring_slot_t *slots; /* room for `room` of them */
    unsigned char *done;    /* the program acknowledged it */
    uint32_t room, count;
    uint32_t made;   /* messages that were made of them, or are being made */
    uint32_t open;   /* that are not acknowledged yet */
    int code;        /* E_CHECKSUM: the last one is damaged */
    uint64_t number; /* of this batch; the first one has 1 */
} together_t;

typedef struct reader {
    PyObject ob_base;
    ring_t *ring;
    slotring_reader_t *handle; /* NULL: closed */
    PyObject *name;            /* str or None */
    int acknowledges; /* durable, of a group, or with a window: the program says when it is done with a message */
    int has_window;
    atomic_int is_stopped; /* by the program */
    int in_hand;           /* the message that next gave is not acknowledged yet */
    int pending_code;      /* with is_pending: 0, or E_CHECKSUM */
    int is_pending; /* the library gave `pending`, which could not be held yet: the next call goes on with it */
    slotring_slot_t pending;
    together_t batch; /* of a reader that acknowledges without a window: what it was given with one call */
    _Atomic(PyObject *) told; /* an exception that the next call raises, since a batch could not; else NULL */
    member_t member;          /* of the ring, while the handle is open */
    atomic_int busy;          /* a thread is inside it */
    atomic_int closing;       /* a thread closes it, or has closed it */
} reader_t;

PyObject *reader_open(PyObject *ring, PyObject *arguments, PyObject *keywords);
/* The keywords of ring.reader() as options. 0; or -1 with an exception. */
int reader_options_from(PyObject *arguments, PyObject *keywords, slotring_reader_options_t *options);
/* Begins a call on the reader and its ring. 0; or -1 with an exception. */
int reader_enter(reader_t *reader);
/* The same without an exception. 0; or a code, and *why says it. */
int reader_try_enter(reader_t *reader, const char **why);
void reader_leave(reader_t *reader);
/* Acknowledges one message, or this and all older ones. */
PyObject *reader_acknowledge(reader_t *reader, const loan_t *message, int up_to);
PyObject *reader_next(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *reader_iterate(PyObject *self);
PyObject *reader_next_in_loop(PyObject *self, PyObject *nothing);
PyObject *reader_batch(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *reader_wait(PyObject *self, PyObject *const *arguments, Py_ssize_t count, PyObject *names);
PyObject *reader_acquire(PyObject *self, PyObject *ticket);
PyObject *reader_info(PyObject *self, PyObject *nothing);
PyObject *reader_rearm(PyObject *self, PyObject *nothing);
PyObject *reader_mark(PyObject *self, PyObject *nothing);
PyObject *reader_fileno(PyObject *self, PyObject *nothing);
PyObject *reader_stop(PyObject *self, PyObject *nothing);
PyObject *reader_resume(PyObject *self, PyObject *nothing);

/* Has something to give or to tell that it got before: it is not asked for in the library. */
int reader_has_something(const reader_t *reader);
/* Exchanges what the next call raises, and gives the one before, with its reference. */
PyObject *reader_told(reader_t *reader, PyObject *exception);
/* Keeps the exception that is set for the next call of the reader. */
void reader_tell_later(reader_t *reader);

/* At the limit of what the handle may hold: an error, or the message as a copy? */
enum at_limit {
    LIMIT_TELLS,
    LIMIT_COPIES
};

/* What a call gave: a code and, with it, a message or who and what the code is about. */
typedef struct taken {
    int code;
    loan_t *message;
    slotring_participant_t who;
    slotring_mark_t mark;
    uint64_t lost;
} taken_t;

/* Takes the next message. Gives taken->code: 0, CODE_PYTHON, or a code that raise_taken raises. `most`: how many messages a reader that
 * acknowledges without a window may ask the library for, if it has none left. */
int reader_take(reader_t *reader, uint32_t most, int64_t timeout_ns, enum at_limit limit, taken_t *taken);
PyObject *raise_taken(PyObject *reader, taken_t *taken);
/* Makes a message of what slotring_next gave with `code` (0 or E_CHECKSUM), and what was prepared as LOAN_HELD has in its slot; inside the
 * reader. Gives `code`; or an error: then the reader keeps it as pending, so that nothing is lost, and the message is nothing. */
int message_make(reader_t *reader, loan_t *message, int code, enum at_limit limit);

/* ---- Messages that are acknowledged together: together.c ----------------------------------------------------- */

/* Does the program say when it is done, and the library takes back only all that it gave with one call? */
int takes_together(const reader_t *reader);
/* All inside the reader. Asks for up to `most` messages; gives a code, as slotring_next_batch does. */
int together_ask(reader_t *reader, uint32_t most, int64_t timeout_ns);
/* The next one that no message was made of. 0: there is none. *code: 0, or E_CHECKSUM. */
int together_pop(reader_t *reader, slotring_slot_t *slot, int *code);
/* Acknowledges all of them: the program asks for more. */
int together_end(reader_t *reader);
/* Notes that the program is done with a message, and acknowledges all with the last one. */
int together_note(reader_t *reader, const loan_t *message, int up_to);
void together_free(reader_t *reader);

/* ---- Waiting for several readers: wait_many.c --------------------------------------------------------------- */

PyObject *wait_many(PyObject *module, PyObject *const *arguments, Py_ssize_t count, PyObject *names);

/* ---- Writers: writer.c, writer_batch.c, reservation.c ------------------------------------------------------ */

PyObject *writer_open(PyObject *ring, PyObject *arguments, PyObject *keywords);
/* Each gives a code of the library, or CODE_PYTHON. */
int reservation_commit(loan_t *reservation, uint64_t bytes);
int reservation_cancel(loan_t *reservation);
/* Inside the ring. The caller is done with it, and did not publish it. */
void reservation_give_back(loan_t *reservation);

/* ---- Values: ticket.c, value_fields.c ---------------------------------------------------------------------------- */

PyObject *ticket_new(binding_state_t *state, const slotring_ticket_t *ticket);
/* 0; or -1 with a TypeError. */
int ticket_from(binding_state_t *state, PyObject *object, slotring_ticket_t *ticket);

/* Objects of the classes in slotring._values. */
PyObject *value_of_info(binding_state_t *state, const slotring_info_t *info);
PyObject *value_of_stats(binding_state_t *state, const slotring_stats_t *stats);
PyObject *value_of_participant(binding_state_t *state, const slotring_participant_t *participant);
PyObject *value_of_reader(binding_state_t *state, const slotring_reader_info_t *reader);
PyObject *value_of_writer(binding_state_t *state, const slotring_writer_info_t *writer);
PyObject *value_of_blocker(binding_state_t *state, const slotring_blocker_t *blocker);
PyObject *value_of_recovery(binding_state_t *state, const slotring_recovery_t *recovery);
PyObject *value_of_mark(binding_state_t *state, const slotring_mark_t *mark);
PyObject *value_of_letter(binding_state_t *state, const slotring_letter_t *letter);
PyObject *value_of_entry(binding_state_t *state, const slotring_list_entry_t *entry);

/* ---- Calls without a handle: files.c ------------------------------------------------------------------------ */

extern PyMethodDef file_functions[];

/* ---- The types ------------------------------------------------------------------------------------------------ */

extern PyType_Spec reader_spec, writer_spec, message_spec, slot_spec, piece_spec, ticket_spec;
PyTypeObject *ring_type_new(PyObject *module);

#endif
