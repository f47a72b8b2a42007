/* SPDX-License-Identifier: Apache-2.0 */
/* slotring: hand large blocks of data between processes through shared memory, without copying.
 *
 * A ring is a named segment of shared memory. It is cut into slots of one size. A producer allocates a slot, fills it in
 * place and marks it ready. This publishes the message: it gets a sequence number and a ticket. A message that is
 * published is called a publication. There are two ways to read. A reader subscribes and receives the publications in
 * order; or any participant acquires a single publication by its ticket. Both read in place. Any process may be killed at
 * any moment. The other processes then repair what it left, and go on.
 *
 * The following rules hold for every call. The comment of a call says what it does differently.
 *
 *   Result        A call returns 0, or a negative SLOTRING_E_ code. After an error nothing has changed, except after
 *                 E_END, E_PRODUCER_DIED, E_REMOVED and E_EVICTED. slotring_last_error() gives the sentence that belongs
 *                 to the last error of the calling thread.
 *   Threads       Any number of threads may use a slotring_t at the same time, unless it was opened with
 *                 SLOTRING_ONE_THREAD. Only one thread at a time may use a slotring_reader_t. slotring_close must be the
 *                 last call on its handle, slotring_unsubscribe the last call on its reader. Any number of threads at a
 *                 time may make the calls that take no handle.
 *   Ownership     Arguments stay the caller's. The library does not keep them after the call. A handle belongs to the
 *                 library until it is closed. The payload belongs to the ring.
 *   Structs       A struct that begins with struct_size may come from another version than the library: later versions
 *                 have more fields at the end. The caller fills some structs (options). They may be longer than the
 *                 library's if the additional bytes are zero; a missing field has its default. The library fills other
 *                 structs (info, stats, recovery). It writes as many bytes as the caller's struct_size says, and zero for
 *                 a field that it does not know. A struct_size below that of the first version, or above 4096, is
 *                 E_INVALID.
 *   Fork          A handle belongs to the process that opened it. In a forked child each call on it gives
 *                 SLOTRING_E_FORKED, except slotring_close, which there frees private memory only. The child can still
 *                 read through the payload pointers that it inherited. To use the ring, the child opens it for itself.
 *   Blocking      Only the calls with a timeout_ns wait for a message or a slot. timeout_ns is in nanoseconds on a
 *                 monotonic clock: 0 tries once, a negative value waits for ever. Calls that open, close, unlink or recover
 *                 may wait for another process that is doing the same, for options.lock_timeout_ns at most. A call that
 *                 moves data never waits for another thread of its process. Calls that open, close, remove or recover, and
 *                 the calls of an observer, may wait for another thread, for lock_timeout_ns at most (then E_BUSY).
 *   The dead      slotring_open, when it attaches, and slotring_recover look for participants that have died, and repair
 *                 what these left. Each call that finds nothing (no message, no slot, no free subscription) does the same,
 *                 whatever its timeout, but only one such call in a slice (options.wait_slice_ns) does it, for the whole
 *                 ring. A repair takes time in proportion to the number of slots.
 *   Cancellation  These rules are for pthread_cancel with deferred cancellation. These calls are cancellation points when
 *                 they begin, before they do anything: slotring_open, slotring_unlink, slotring_collect, slotring_list,
 *                 slotring_subscribe, slotring_recover and slotring_check. A call that is blocked is a cancellation point,
 *                 too: the thread ends within a slice (options.wait_slice_ns), in the state that E_TIMEOUT leaves, so it
 *                 has taken nothing. At any other moment, and in any other call, the call goes on to its end, and the
 *                 thread ends at its next cancellation point. Nothing stays locked or held in its name. Asynchronous
 *                 cancellation must not hit a thread inside the library, nor may TerminateThread on Windows.
 *   Cost          The figures below are in instructions on x86-64. The time is that of the instructions or that of the
 *                 memory: up to 30 ns for the control line of a slot that is not in the cache. A call that moves data
 *                 executes the same number of instructions (within a tenth) in a ring of any size, whatever was freed or
 *                 missed before. These parts grow:
 *                   - an allocation that finds no free slot reads the position of each lossless reader, about once a lap
 *                     (26 for each reader), and passes once over each publication that is held (175 each);
 *                   - the first slotring_next after a producer came, ended or died reads each participant's entry (63 each);
 *                   - allocate, free, and the release that gives a slot back, check whether a slot is held (7 for every 64
 *                     participants' entries in use);
 *                   - the call that looks for the dead asks the system about 256 participants at most (2 system calls
 *                     each), and reads 131,072 slots at most (a millisecond).
 *                 The other calls that read every slot or every participant say it in their comment.
 *   Signals       Of the calls on a handle only slotring_interrupt is async-signal-safe. It leaves the last error as it is.
 *                 A signal does not end a wait.
 *   Closed        A call on a handle that is closed or NULL gives SLOTRING_E_CLOSED. The library recognises the 256 objects
 *                 that the process closed last. For an older object the behaviour is undefined, as for any pointer that
 *                 was freed.
 *   Every handle  Each call on a handle or a reader may give E_CLOSED, E_FORKED, E_EVICTED and E_CORRUPT, and E_INVALID for
 *                 a pointer that must not be NULL. The comments of the calls list the further errors.
 *   Observers     An observer gets E_READ_ONLY from each call that would change the ring. The comments say which calls work
 *                 for an observer. Each of them reads everything except the payload anew. It gives E_TRUNCATED or E_OS if it
 *                 cannot read, and E_BUSY if another thread has used the same observer for longer than lock_timeout_ns.
 */
#ifndef SLOTRING_SLOTRING_H
#define SLOTRING_SLOTRING_H

#include <stddef.h>
#include <stdint.h>

#include "slotring/errors.h"
#include "slotring/export.h"
#include "slotring/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Handles -------------------------------------------------------------------------------------- */

/* One participant of one ring. The type is opaque, so that its fields can change without a new ABI. */
typedef struct slotring slotring_t;

/* One subscription of one participant. */
typedef struct slotring_reader slotring_reader_t;

/* ---- Limits --------------------------------------------------------------------------------------- */

#define SLOTRING_NAME_MAX 200u          /* bytes of a ring name */
#define SLOTRING_CLIENT_NAME_MAX 47u    /* bytes of a participant's or reader's name; a longer name is cut */
#define SLOTRING_SLOTS_MAX 16777215u    /* slots of a ring */
#define SLOTRING_PARTICIPANTS_MAX 4095u /* participants of a ring */
#define SLOTRING_READERS_MAX 4095u      /* subscriptions of a ring */
#define SLOTRING_SLOT_SIZE_MAX (UINT64_C(1) << 40) /* bytes of a slot */
#define SLOTRING_DEFAULT_TOTAL_SIZE (UINT64_C(256) << 20)
#define SLOTRING_DEFAULT_SLOT_SIZE (UINT64_C(10) << 20)
#define SLOTRING_TICKET_TEXT_SIZE 80u /* bytes of a ticket as text, with the final zero */

/* ---- Values --------------------------------------------------------------------------------------- */

/* Names one publication of one ring. It is a plain value: copy it, and send it in any message. It is not a secret. */
typedef struct slotring_ticket_t {
    uint8_t ring_id[16];
    uint64_t sequence;
    uint32_t slot;
    uint32_t flags; /* 0 in this version; a ticket with unknown flags is refused */
} slotring_ticket_t;

/* A slot that the caller has. slotring_allocate, slotring_acquire_for_read and slotring_next fill it. The caller owns the
 * struct. Copies of a struct stand for the same slot: the copy that is given back first ends it. The other copies are then
 * refused (E_NOT_HELD, E_STATE), whoever else has the slot in the meantime. Any thread of the handle's process may give a
 * slot back. */
typedef struct slotring_slot_t {
    void *data;        /* aligned to 64 bytes; writable after an allocation, otherwise only to read */
    uint64_t capacity; /* bytes that fit */
    uint64_t length;   /* bytes of the message; a producer sets it for mark_ready_batch */
    uint64_t offset;   /* of data from the start of the ring's payload, in bytes */
    uint64_t sequence; /* of the publication; 0 while the slot is being written */
    /* Time of the publication, in nanoseconds since the machine was started (CLOCK_MONOTONIC, QueryPerformanceCounter); 0 if
     * the ring has no time stamps. */
    uint64_t time_ns;
    uint64_t tag;   /* for the user; a producer sets it before mark_ready */
    uint32_t index; /* of the slot, 0 .. slot_count - 1 */
    uint32_t reserved;
    slotring_ticket_t ticket; /* all zero while the slot is being written */
    uint64_t internal[4];     /* for the library */
} slotring_slot_t;

/* An error in words. */
#define SLOTRING_ERROR_TEXT_SIZE 496u
typedef struct slotring_error_t {
    int code;                            /* a SLOTRING_E_ code */
    int os_code;                         /* errno, GetLastError or apr_status_t; 0 if there is none */
    char text[SLOTRING_ERROR_TEXT_SIZE]; /* one sentence; it names the value and the limit */
} slotring_error_t;

/* ---- Opening and closing -------------------------------------------------------------------------- */

enum { /* options.mode */
    SLOTRING_CREATE_OR_ATTACH = 0,
    SLOTRING_CREATE = 1,  /* E_EXISTS if the ring exists */
    SLOTRING_ATTACH = 2,  /* E_NOT_FOUND if the ring does not exist */
    SLOTRING_OBSERVE = 3, /* read-only: not a participant; cannot change anything, hold slots or subscribe */
};

enum { /* options.flags */
    /* The caller promises to use the handle from one thread at a time. The private locks are then left out. */
    SLOTRING_ONE_THREAD = 1u << 0,
    /* Touch the pages now, so that the first lap is as fast as the later ones. */
    SLOTRING_PREFAULT = 1u << 1,
    SLOTRING_HUGE_PAGES = 1u << 2,   /* ask for huge pages; slotring_info says what was granted */
    SLOTRING_LOCK_MEMORY = 1u << 3,  /* keep the pages in memory; slotring_info says what was granted */
    SLOTRING_PAGE_ALIGNED = 1u << 4, /* at creation: each slot starts on a page of its own */
    /* With SLOTRING_CREATE, else E_INVALID: first remove a ring of this name. E_BUSY if that ring is in use. */
    SLOTRING_WIPE_UNUSED = 1u << 5,
};

enum { /* options.when_full: what an allocation may reclaim when no slot is free */
    /* The oldest publication that nobody holds and that no lossless reader still needs. */
    SLOTRING_OVERWRITE = 1,
    /* Only publications that were freed with slotring_free, after every lossless reader has passed them. */
    SLOTRING_KEEP = 2,
};

enum { /* options.time_stamps */
    SLOTRING_TIME_NONE = 1,
    SLOTRING_TIME_COARSE = 2,    /* the resolution is the kernel's tick, 1 to 4 ms; costs nearly nothing */
    SLOTRING_TIME_MONOTONIC = 3, /* in nanoseconds; costs about as much as four atomic instructions */
};

enum { /* options.access: who may use the ring besides its owner, who always may */
    SLOTRING_ACCESS_OWNER = 0,
    SLOTRING_ACCESS_GROUP_OBSERVE = 1, /* the group may observe */
    SLOTRING_ACCESS_GROUP = 2,         /* the group may participate */
    SLOTRING_ACCESS_ALL_OBSERVE = 3,   /* everybody may observe */
    SLOTRING_ACCESS_ALL = 4,           /* everybody may participate */
};

/* In every field zero or NULL means the default. Prepare the struct with slotring_options_init. Where a comment says
 * "creation: X", X is the default of a creation. Where it says "attaching: 0, or what the ring has", any other value is
 * E_GEOMETRY when the call attaches to an existing ring. */
typedef struct slotring_options_t {
    size_t struct_size; /* sizeof(slotring_options_t) */
    uint32_t mode;      /* SLOTRING_CREATE_OR_ATTACH … */
    uint32_t flags;     /* SLOTRING_ONE_THREAD … */
    /* Bytes; slot_count = total_size / slot_size, rounded down. Creation: 256 MiB. Attaching: 0, or what the ring has. */
    uint64_t total_size;
    uint64_t slot_size;        /* bytes. Creation: 10 MiB. Attaching: 0, or what the ring has */
    uint32_t max_participants; /* creation: 64. Attaching ignores it */
    uint32_t max_readers;      /* creation: 64. Attaching ignores it */
    uint32_t when_full;        /* creation: SLOTRING_OVERWRITE. Attaching: 0, or what the ring has */
    uint32_t time_stamps;      /* creation: SLOTRING_TIME_NONE. Attaching: 0, or what the ring has */
    uint32_t access;           /* creation: SLOTRING_ACCESS_OWNER */
    uint32_t reserved32;
    /* Creation: name or number of the group for the GROUP access modes. NULL: the group of the process. */
    const char *group;
    /* Attaching: name or number of a user whose rings are accepted, besides the caller's own and root's. NULL: no other
     * user's. */
    const char *trusted_owner;
    const char *client_name; /* the name that others see for this participant; NULL: the program's name */
    /* Where the ring's files lie. NULL: $SLOTRING_DIR (unless setuid), else the system's folder (/dev/shm on Linux). */
    const char *directory;
    const char *backend; /* "posix", …; NULL: $SLOTRING_BACKEND (unless setuid), else the native one */
    /* How long to wait for the ring's process lock, in nanoseconds; then E_BUSY. 0: 5 s. */
    uint64_t lock_timeout_ns;
    /* The slice, in nanoseconds. A call of this handle that finds nothing looks for the dead of the ring if nobody has done
     * it for this long. A blocked call sleeps no longer than this. 0: 100 ms. A value below 100 us counts as 100 us. */
    uint64_t wait_slice_ns;
    /* How long a blocked call spins before it sleeps, in nanoseconds. 0: 20 us on a machine with several processors.
     * UINT64_MAX: it never sleeps. */
    uint64_t spin_ns;
    uint64_t reserved[8];
} slotring_options_t;

/* Sets every option to its default. Thread-safe and async-signal-safe. */
SLOTRING_API void slotring_options_init(slotring_options_t *options);

/* Opens ring `name` as options->mode says. The caller becomes a participant, or an observer.
 *   ring     out: the handle; NULL after an error. Close it with slotring_close.
 *   name     1 to 200 bytes of UTF-8, without '/', '\\', control characters or a leading dot.
 *   options  NULL: all defaults.
 *   error    NULL, or out: the error.
 * A creation commits all memory at once. If there is too little memory, the creation fails (E_NO_SPACE), and no access
 * fails later. Some file systems cannot promise this; there the creation is E_UNSUPPORTED (manual, section 9: tmpfs, ramfs,
 * ext and xfs can promise it). Before it asks for memory, a creation also removes unused rings that are to go with their
 * last user (slotring_collect).
 * Blocks: up to lock_timeout_ns, and while the memory is committed (about 0.3 s for a GiB). Cancellation point.
 * Errors: E_INVALID E_NAME E_SIZE E_EXISTS E_NOT_FOUND E_GEOMETRY E_VERSION E_FEATURE E_ENDIAN E_NOT_A_RING
 *   E_CORRUPT E_TRUNCATED E_NO_SPACE E_NO_MEMORY E_ADDRESS_SPACE E_ACCESS E_OWNER E_PARTICIPANTS E_BUSY
 *   E_BACKEND E_UNSUPPORTED E_OTHER_BOOT E_OS.
 * E_OTHER_BOOT: the ring lies on a disk. It was made before the machine was restarted, or on another machine that uses the
 * same disk. A part of its contents may be lost, so nobody may use it or look into it. slotring_unlink removes it without
 * force. With mode SLOTRING_CREATE the error is E_EXISTS, and SLOTRING_WIPE_UNUSED makes the ring anew. */
SLOTRING_API int slotring_open(slotring_t **ring, const char *name, const slotring_options_t *options,
                               slotring_error_t *error);

/* Leaves the ring: ends the subscriptions of this handle, aborts the slots that it writes, releases the slots that it holds,
 * ends its stream, and frees the handle. The ring stays, for others and for later, unless it is to go with its last user.
 * Pointers to payload become invalid. Reads every slot (55 instructions each).
 * Blocks: only if the ring is to go with its last user, up to lock_timeout_ns. Errors: only E_CLOSED. The handle is closed in
 * any case. */
SLOTRING_API int slotring_close(slotring_t *ring);

/* Closes the handle as slotring_close does, but only if the caller has no pointer to payload. It is for bindings whose views
 * of the bytes live longer than their view of the handle. A slot is out if this handle is writing it, has acquired it by
 * ticket, or got it from slotring_next and has not released it. E_BUSY: slots are out, and nothing has changed; the error's
 * sentence says how many. Give them back and call again. A subscription alone does not prevent the close. No other call may
 * be running on the handle or its readers. Reads every slot (80 instructions each).
 * Blocks: as slotring_close. Errors: E_BUSY. After E_FORKED and E_EVICTED only slotring_close closes the handle. */
SLOTRING_API int slotring_close_if_idle(slotring_t *ring);

enum { /* how slotring_unlink treats a ring that is in use */
    /* E_BUSY while a living participant is attached. */
    SLOTRING_UNLINK_IF_UNUSED = 0,
    /* Now if the ring is unused; else when the last participant closes, or after it was killed (slotring_collect). A caller
     * that could not remove the ring itself gets E_ACCESS now. */
    SLOTRING_UNLINK_WHEN_UNUSED = 1,
    /* Now. Those who are attached go on with the ring, which has no name then. The call waits for the ring's process lock
     * like the others. If it does not get the lock, it goes on without it. */
    SLOTRING_UNLINK_FORCE = 2,
};

/* Removes ring `name`, and then unused rings that are to go with their last user (slotring_collect).
 *   how      SLOTRING_UNLINK_…
 *   options  NULL, or directory, backend, trusted_owner and lock_timeout_ns.
 *   error    NULL, or out: the error.
 * A segment that is not a ring is removed only by force; otherwise the call gives E_NOT_A_RING, E_VERSION, E_CORRUPT or the
 * like. A ring from before a restart (E_OTHER_BOOT) needs no force as long as its first page is left. For such a ring E_BUSY
 * means that somebody holds its locks all the same.
 * Blocks: up to lock_timeout_ns. Cancellation point.
 * Errors: E_NAME E_INVALID E_NOT_FOUND E_BUSY E_ACCESS E_OWNER E_BACKEND E_NO_MEMORY E_ADDRESS_SPACE
 *   E_UNSUPPORTED E_NO_SPACE E_OS. */
SLOTRING_API int slotring_unlink(const char *name, int how, const slotring_options_t *options,
                                 slotring_error_t *error);

/* ---- Writing -------------------------------------------------------------------------------------- */

/* Gives the caller a slot to write a message of up to `required_size` bytes: a free slot, round robin, or else a slot that
 * may be reclaimed (options.when_full). The handle becomes a producer, even if the call gives E_FULL.
 *   slot  out: the slot. End it with slotring_mark_ready or slotring_abort.
 * Blocks: never.
 * Errors: E_TOO_LARGE (required_size is above slot_size), E_FULL (slotring_blockers says who holds the slots). */
SLOTRING_API int slotring_allocate(slotring_t *ring, uint64_t required_size, slotring_slot_t *slot);

/* Allocates as slotring_allocate does, and waits up to timeout_ns for a slot.
 * Errors: E_TOO_LARGE; E_TIMEOUT; E_FULL (timeout_ns is 0); E_INTERRUPTED;
 *   E_REMOVED  once for each handle, to a producer that waits: another program took the ring's files away (slotring_next
 *              says more).
 *   E_STATE    the calling thread would wait for itself: the messages that this handle's own lossless reader has still to
 *              read, and the slots that this handle is writing, take all slots. The call gives it only where it is
 *              certain that no other thread reads in the meantime: with SLOTRING_ONE_THREAD, or in a process of one
 *              thread. */
SLOTRING_API int slotring_allocate_wait(slotring_t *ring, uint64_t required_size, int64_t timeout_ns,
                                        slotring_slot_t *slot);

/* Publishes an allocated slot with its first `bytes_written` bytes and slot->tag, and wakes those who wait. On return
 * slot->ticket and slot->sequence name the publication. slot->data is NULL: the bytes no longer belong to the producer.
 * Blocks: never.
 * Errors: E_TOO_LARGE, E_STATE (not allocated, or already published or aborted), E_NOT_OWNER (the slot is another
 *   handle's). */
SLOTRING_API int slotring_mark_ready(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written);

/* Gives an allocated slot back without publishing it. slot->data is then NULL. Blocks: never. Errors: E_STATE,
 * E_NOT_OWNER. */
SLOTRING_API int slotring_abort(slotring_t *ring, slotring_slot_t *slot);

/* Allocates up to `wanted` slots. It waits only for the first one, up to timeout_ns, and then returns the slots that it could
 * get.
 *   slots  out: room for `wanted` slots.
 *   count  out: how many slots it got; at least 1 after success.
 * Errors: as slotring_allocate_wait; E_INVALID (wanted is 0). */
SLOTRING_API int slotring_allocate_batch(slotring_t *ring, uint64_t required_size, slotring_slot_t *slots,
                                         uint32_t wanted, int64_t timeout_ns, uint32_t *count);

/* Publishes `count` allocated slots in their order, each with its slot.length and slot.tag, with a single wake-up.
 *   published  NULL, or out: how many were published. After an error the other slots are still the caller's.
 * Blocks: never. Errors: as slotring_mark_ready. */
SLOTRING_API int slotring_mark_ready_batch(slotring_t *ring, slotring_slot_t *slots, uint32_t count,
                                           uint32_t *published);

/* Ends the stream of this producer, and wakes the readers. The next allocation starts a new stream. The slots that the
 * producer is still writing may be published. A second call changes nothing. Blocks: never. No further errors. */
SLOTRING_API int slotring_end_stream(slotring_t *ring);

/* ---- Reading by ticket ---------------------------------------------------------------------------- */

/* Acquires the publication that `ticket` names. The caller reads it in place until slotring_release. Any number of
 * participants may hold it, and several threads of one handle may. The length counts as bytes read.
 *   slot  out: the slot. End it with slotring_release.
 * Blocks: never. The call does not wait for another thread either, whatever the priority of that thread is and wherever it
 *   was stopped.
 * Errors: E_STALE (gone, or freed), E_FOREIGN (of another ring, or of an earlier ring of this name), E_INVALID (not a
 *   ticket), E_BUSY (threads of two processes are stopped in the middle of a release of this slot: call again),
 *   E_NO_MEMORY (one handle has very many holds of one slot). */
SLOTRING_API int slotring_acquire_for_read(slotring_t *ring, const slotring_ticket_t *ticket,
                                           slotring_slot_t *slot);

/* Ends one acquire, in any thread of the process. slot->data is then NULL. Blocks: never.
 * Errors: E_NOT_HELD (this acquire was released already; nothing changes, whoever else holds the slot), E_NOT_OWNER (the
 *   slot is another handle's). */
SLOTRING_API int slotring_release(slotring_t *ring, slotring_slot_t *slot);

/* Withdraws a publication. Its ticket is stale at once. A lossless reader that has not passed the publication still receives
 * it; a lossy reader counts it as missed. The slot is free again when nobody holds it and every lossless reader has passed
 * it. Blocks: never. Errors: as slotring_acquire_for_read. A second free of the same publication is E_STALE. */
SLOTRING_API int slotring_free(slotring_t *ring, const slotring_ticket_t *ticket);

/* Gives the ticket of the publication that is in slot `index` now. For an observer too. Blocks: never. Errors: E_INVALID
 * (index), E_NOT_READY (there is no publication in this slot). */
SLOTRING_API int slotring_ticket_at(slotring_t *ring, uint32_t index, slotring_ticket_t *ticket);

/* Copies a publication into `buffer`, all of it or nothing. The caller holds nothing afterwards. For an observer too.
 *   size  bytes of buffer.
 *   info  NULL, or out: length, sequence, time, tag, index and ticket; info->data is NULL.
 * Blocks: never. Errors: as slotring_acquire_for_read; E_SIZE if buffer is too small (info->length is the size that it
 * needs). */
SLOTRING_API int slotring_copy(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                               slotring_slot_t *info);

/* Copies as slotring_copy does, by the sequence number. For an observer too. Blocks: never. Errors: E_STALE (gone),
 * E_NOT_READY (not yet published), and E_SIZE, E_BUSY and E_NO_MEMORY as slotring_copy. */
SLOTRING_API int slotring_copy_sequence(slotring_t *ring, uint64_t sequence, void *buffer, uint64_t size,
                                        slotring_slot_t *info);

/* Convert a ticket to text and back. The text is "slotring1-RINGID-SEQUENCE-SLOT-FLAGS" in hexadecimal. Each ticket has
 * exactly one text: small letters, no additional zeros.
 *   size  bytes of text, at least SLOTRING_TICKET_TEXT_SIZE.
 * Thread-safe. Block: never. Errors: E_SIZE (size), E_INVALID (NULL, or the text is not a ticket). */
SLOTRING_API int slotring_ticket_to_text(const slotring_ticket_t *ticket, char *text, size_t size);
SLOTRING_API int slotring_ticket_from_text(const char *text, slotring_ticket_t *ticket);

/* ---- Reading in order ----------------------------------------------------------------------------- */

enum { /* reader_options.mode */
    /* Gets every publication. Producers wait for this reader when the ring is full of messages that it has not read. */
    SLOTRING_LOSSLESS = 0,
    SLOTRING_LOSSY = 1, /* never holds producers back; counts exactly what it missed */
};
enum { /* reader_options.start */
    SLOTRING_FROM_NOW = 0,
    SLOTRING_FROM_OLDEST = 1, /* from the oldest publication after which none is missing */
};

typedef struct slotring_reader_options_t {
    size_t struct_size;
    uint32_t mode;    /* SLOTRING_LOSSLESS … */
    uint32_t start;   /* SLOTRING_FROM_NOW … */
    const char *name; /* the name that others see; NULL: the handle's client_name */
    uint64_t reserved[4];
} slotring_reader_options_t;

/* Sets every option to its default. Thread-safe and async-signal-safe. */
SLOTRING_API void slotring_reader_options_init(slotring_reader_options_t *options);

/* Subscribes to the ring's publications.
 *   options  NULL: lossless, from now.
 *   reader   out: the reader; NULL after an error. slotring_unsubscribe ends it, and slotring_close of its ring does.
 * Reads every participant's entry, and the subscriptions up to the first free one. SLOTRING_FROM_OLDEST also reads each
 * publication that the reader is to get from the past.
 * Cancellation point. Errors: E_READERS (all max_readers subscriptions are in use), E_NO_MEMORY, E_INVALID. */
SLOTRING_API int slotring_subscribe(slotring_t *ring, const slotring_reader_options_t *options,
                                    slotring_reader_t **reader);

/* Gives the next publication, in place. It is valid until slotring_reader_release, which the caller must make before the next
 * slotring_next (else E_STATE). To keep the publication for longer, acquire it by its ticket before the release.
 * Blocks: up to timeout_ns.
 * Errors: E_EMPTY (timeout_ns is 0), E_TIMEOUT, E_INTERRUPTED;
 *   E_END            every producer has ended or died, and this reader has read everything that they published. The call
 *                    gives it at once, whatever the timeout, and also to a reader that subscribes after the end. It is not
 *                    final: a new producer opens the stream again, and the next call delivers.
 *   E_PRODUCER_DIED  once for each death, after all messages of that producer. slotring_reader_death says who died.
 *   E_REMOVED        once for each reader, to a reader that waits and finds nothing: another program removed the ring's
 *                    files (a cleaner of temporary files, an operator's rm, an unmounted folder). A reader that waits
 *                    notices it within a few seconds. The ring goes on for those who are attached, and the next call
 *                    delivers. Nobody new can join. The call never gives it after slotring_unlink, and never with
 *                    timeout_ns 0. `removed` of slotring_info covers both of these cases.
 *   E_STATE          the last message was not released.
 *   E_BUSY           to a lossy reader, rarely: see slotring_acquire_for_read. Nothing is missed; call again. */
SLOTRING_API int slotring_next(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slot);

/* Gives up to `max` publications, and to a lossy reader at most 1024. Waits only for the first one. One
 * slotring_reader_release ends them all.
 *   slots  out: room for `max` slots.
 *   count  out: how many it gave; at least 1 after success.
 * Blocks: up to timeout_ns. Errors: as slotring_next; E_INVALID (max is 0). */
SLOTRING_API int slotring_next_batch(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slots,
                                     uint32_t max, uint32_t *count);

/* Ends the publications that the last slotring_next or slotring_next_batch gave. Blocks: never. Errors: E_NOT_HELD. */
SLOTRING_API int slotring_reader_release(slotring_reader_t *reader);

/* Ends the subscription, releases what it still holds, and frees the reader, whatever the call returns. Producers stop waiting
 * for this reader at once. Blocks: never. No further errors. */
SLOTRING_API int slotring_unsubscribe(slotring_reader_t *reader);

/* Ends every call of this handle that is blocked at this moment; it gives E_INTERRUPTED. If no call is blocked, the next call
 * that would block gives E_INTERRUPTED. A blocked call may get, at this very moment, the message or slot that it waited for.
 * Then it returns that, and its interruption passes to a next call that would block.
 * Blocks: never. Async-signal-safe, from any thread. Errors: only E_CLOSED and E_FORKED. For an observer, which never blocks,
 * it returns 0. */
SLOTRING_API int slotring_interrupt(slotring_t *ring);

/* ---- Looking -------------------------------------------------------------------------------------- */

enum { /* info.capabilities of the backend in use */
    /* A ring outlives its last participant. Without this capability the ring goes with the last close. After that there is
     * nothing to unlink (E_NOT_FOUND). */
    SLOTRING_CAN_PERSIST = 1u << 0,
    SLOTRING_CAN_WAKE = 1u << 1,        /* blocked calls are woken; without it they poll */
    SLOTRING_CAN_SHARE_USERS = 1u << 2, /* several users may share a ring */
};

typedef struct slotring_info_t {
    size_t struct_size;
    uint8_t ring_id[16];
    uint64_t slot_count, slot_size, slot_stride; /* slots; bytes; bytes from slot to slot */
    uint64_t total_size;                         /* bytes: slot_count * slot_size */
    uint64_t segment_size;                       /* bytes of the whole segment */
    void *payload; /* where slot 0 lies in this process, for DMA and GPU registration; NULL for an observer */
    uint64_t payload_size;   /* bytes */
    uint64_t payload_offset; /* of slot 0 in the segment, in bytes */
    uint64_t bytes_per_slot; /* overhead: all bytes before the payload, divided by slot_count */
    uint64_t order_length;   /* publications that the ring remembers */
    uint32_t max_participants, max_readers;
    uint32_t when_full, time_stamps, access;
    uint32_t layout_version;
    uint32_t granted; /* which of PREFAULT, HUGE_PAGES and LOCK_MEMORY this handle got; 0 for an observer */
    uint32_t capabilities;
    uint32_t participant; /* this handle's number; UINT32_MAX for an observer */
    /* 1: nobody new can join the ring, because it was removed, or because another program took its files away. */
    uint32_t removed;
    char name[SLOTRING_NAME_MAX + 8];
    char backend[16];
    uint32_t remove_when_unused; /* 1: the ring is to go with its last user (SLOTRING_UNLINK_WHEN_UNUSED) */
    /* Only for a ring that is to go with its last user. 1: none of its users lives. The next creation, slotring_unlink or
     * slotring_collect removes it. UINT32_MAX: this observer has no right to know. */
    uint32_t unused;
    uint64_t reserved[7];
} slotring_info_t;

/* Describes the ring. For an observer too. Looks at the ring's names, which takes a few system calls. For a ring that is to go
 * with its last user, an observer also asks the system about each participant.
 * Blocks: only an observer, for its other threads. Errors: E_INVALID (struct_size). */
SLOTRING_API int slotring_info(slotring_t *ring, slotring_info_t *info);

/* The counts are since the creation of the ring, unless a comment says otherwise. */
typedef struct slotring_stats_t {
    size_t struct_size;
    uint64_t published; /* publications; exact at any kill */
    uint64_t
        bytes_written; /* this and the next counters may lack the one operation that a kill interrupted */
    uint64_t bytes_read;
    uint64_t overwritten; /* publications that were reclaimed while no lossless reader was subscribed */
    uint64_t
        recycled;    /* publications that were reclaimed otherwise: every lossless reader had received them */
    uint64_t full;   /* allocations that ended with E_FULL or E_TIMEOUT */
    uint64_t stale;  /* acquires, copies and frees by a ticket whose publication was gone */
    uint64_t missed; /* publications that lossy readers missed, present and past readers */
    uint64_t aborted;
    uint64_t freed;
    uint64_t repaired;  /* participants that were repaired after their death */
    uint64_t waits;     /* allocations that had to wait for a slot: back-pressure */
    uint64_t waited_ns; /* how long these waited, in total; without those that are waiting now */
    uint64_t slots_free, slots_writing, slots_ready; /* now; a slot is written until it is published */
    uint64_t slots_held; /* now: ready slots that are held by ticket, by lossy readers, or as history */
    uint64_t participants, readers;                              /* now */
    uint64_t producers;                                          /* now, with an open stream */
    uint64_t producers_started, producers_ended, producers_died; /* exact at any kill */
    /* Every publication with a lower sequence is gone, except those that are held or, with SLOTRING_KEEP, not freed. */
    uint64_t oldest;
    uint64_t reserved[6];
} slotring_stats_t;

/* Gives the statistics of the whole ring, for all its processes. For an observer too. Reads every slot (37 instructions or
 * 2 to 30 ns each, the more the larger the ring is), every participant's entry (250) and every subscription (17). An
 * observer copies what it reads (up to 40 ns for a slot).
 * Blocks: only an observer, for its other threads. Errors: E_INVALID (struct_size). */
SLOTRING_API int slotring_get_stats(slotring_t *ring, slotring_stats_t *stats);

enum { /* participant.life */
    /* The process is in another PID namespace, or the system does not say. This is not a sign of death. */
    SLOTRING_LIFE_UNKNOWN = 0,
    SLOTRING_LIFE_RUNNING = 1,
    SLOTRING_LIFE_STOPPED = 2, /* by a signal or a debugger: it is alive and keeps what it holds */
    SLOTRING_LIFE_DEAD = 3,    /* not yet repaired */
    SLOTRING_LIFE_FROZEN = 4,  /* its container is paused: it is alive and keeps what it holds */
};

typedef struct slotring_participant_t {
    uint32_t index;
    uint32_t life;        /* for people to read; the library acts on the lock that the kernel drops */
    uint64_t incarnation; /* odd while the entry is in use */
    uint64_t pid, pid_namespace, start_time, uid; /* start_time in the system's own units; 0: unknown */
    uint32_t producing;                           /* 1 while its stream is open */
    uint32_t readers;                             /* its subscriptions */
    uint64_t slots_writing, slots_held;           /* UINT64_MAX where they were not counted */
    uint64_t bytes_written, bytes_read, full;     /* since it attached, like all counts in this struct */
    /* Sequence of its last publication; UINT64_MAX: none. If the participant was killed right after a publication, and that
     * message is already gone, this is the publication before it. */
    uint64_t last_sequence;
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    uint64_t waits, waited_ns; /* as in slotring_stats_t */
    uint64_t reserved[2];
} slotring_participant_t;

/* Lists the participants that are attached. For an observer too.
 *   list      out: room for `capacity` participants. NULL with capacity 0: the call only counts.
 *   count     out: how many participants there are. Only the first `capacity` of them are in the list.
 * A participant that leaves during the call is left out: a list entry never mixes two participants. Reads every slot (50
 * instructions each), and asks the system about each participant that it lists (22,000 instructions and 18 system calls).
 * Blocks: only an observer, for its other threads. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity,
                                       uint32_t *count);

typedef struct slotring_reader_info_t {
    uint32_t row;         /* number of the subscription in the ring */
    uint32_t participant; /* number of the participant that subscribed */
    uint32_t mode;        /* SLOTRING_LOSSLESS … */
    uint32_t life;        /* of that participant */
    uint64_t pid;         /* of that participant */
    uint64_t start;       /* first sequence that it was to get */
    /* Next sequence. All below it are delivered and released, missed, or pending. */
    uint64_t cursor;
    uint64_t delivered, missed; /* delivered + missed + pending = cursor - start */
    uint64_t pending;           /* history that it has still to get: 0 unless it started from the oldest */
    uint64_t lag;               /* publications that it is behind */
    uint64_t bytes_read;
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    uint64_t reserved[4];
} slotring_reader_info_t;

/* Lists the subscriptions. For an observer too. `list`, `capacity` and `count` are as in slotring_participants. Does not read
 * the slots. Asks the system about each reader that it lists (22,000 instructions and 18 system calls).
 * Blocks: only an observer, for its other threads. No further errors. */
SLOTRING_API int slotring_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity,
                                  uint32_t *count);

/* Describes this subscription as others see it. Blocks: never. No further errors. */
SLOTRING_API int slotring_reader_info(slotring_reader_t *reader, slotring_reader_info_t *info);

/* Says who died, after slotring_next gave E_PRODUCER_DIED.
 *   who  out: index, incarnation, pid, name and last_sequence, all of one process.
 * The ring keeps the last two deaths of each participant's entry. A reader that is behind by three deaths or more at one entry
 * is told of each of them; for the earlier ones it gets the process of a later one.
 * Blocks: never. Errors: E_STATE (this reader was told of no death). */
SLOTRING_API int slotring_reader_death(slotring_reader_t *reader, slotring_participant_t *who);

enum {                              /* blocker.why */
    SLOTRING_BLOCKS_BY_LAG = 1,     /* a lossless reader that has not passed the oldest publications */
    SLOTRING_BLOCKS_BY_HOLDING = 2, /* holds publications by ticket or as a lossy reader */
    SLOTRING_BLOCKS_BY_WRITING = 3, /* has allocated slots and not yet published them */
};

typedef struct slotring_blocker_t {
    uint32_t why;         /* SLOTRING_BLOCKS_BY_… */
    uint32_t participant; /* its number */
    uint32_t row;         /* number of the subscription, with SLOTRING_BLOCKS_BY_LAG; else UINT32_MAX */
    uint32_t life;
    uint64_t pid;
    uint64_t slots; /* slots that it blocks: its lag, or the slots that it holds or writes */
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    uint64_t reserved[2];
} slotring_blocker_t;

/* Lists who holds producers back, or would do so if the ring were full; the worst first. For an observer too. `list`,
 * `capacity` and `count` are as in slotring_participants. A participant that leaves during the call has pid 0, no name and
 * SLOTRING_LIFE_UNKNOWN. Reads every slot (50 instructions each), and asks the system about each of the blockers (22,000
 * instructions and 18 system calls).
 * Blocks: only an observer, for its other threads. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_blockers(slotring_t *ring, slotring_blocker_t *list, uint32_t capacity,
                                   uint32_t *count);

enum { /* entry.lock_file */
    SLOTRING_LOCK_FILE_THERE = 0,
    SLOTRING_LOCK_FILE_MISSING = 1, /* nobody can join: remove the ring by force */
    SLOTRING_LOCK_FILE_OTHER = 2 /* not the lock file that the ring was made with: remove the ring by force */
};

typedef struct slotring_list_entry_t {
    char name[SLOTRING_NAME_MAX + 8];
    /* 0, or why nobody can read or join the ring: E_ACCESS, E_OTHER_BOOT, E_NOT_A_RING … */
    int status;
    uint32_t participants; /* attached, with the dead that are not yet repaired; UINT32_MAX: unknown */
    uint64_t slot_count, slot_size, segment_size; /* slots; bytes; bytes */
    uint64_t owner;                               /* uid */
    uint64_t published;
    char backend[16];
    uint32_t remove_when_unused; /* as in slotring_info_t */
    uint32_t lock_file;          /* with status E_CORRUPT: SLOTRING_LOCK_FILE_… */
    uint32_t unused;             /* as in slotring_info_t */
    uint32_t reserved32;
    uint64_t reserved[2];
} slotring_list_entry_t;

/* Lists the rings of this host. `list`, `capacity` and `count` are as in slotring_participants.
 *   options  NULL, or directory, backend and trusted_owner.
 *   error    NULL, or out: the error.
 * Removes nothing except lock files without a ring that a killed creator left. Reads every ring: it copies 768 bytes for each
 * participant's entry that was ever used.
 * Cancellation point. Errors: E_INVALID E_NOT_FOUND (directory) E_ACCESS E_BACKEND E_NO_MEMORY E_OS. */
SLOTRING_API int slotring_list(const slotring_options_t *options, slotring_list_entry_t *list,
                               uint32_t capacity, uint32_t *count, slotring_error_t *error);

/* Reports one ring that is to go. error->code 0: it was removed. Otherwise `error` says why it was not. */
typedef void (*slotring_collect_callback)(void *user, const char *name, const slotring_error_t *error);

/* Removes the rings that are to go with their last user (SLOTRING_UNLINK_WHEN_UNUSED) and have no user any more. Such a
 * ring is left over when its last users were killed, or had no right to remove it. Each creation of a ring and each
 * slotring_unlink does a small part of this: it looks at 256 names of the directory and at 32 of these rings at most,
 * chosen at random; it reports nothing and waits for nobody.
 *   options  NULL, or directory, backend, trusted_owner and lock_timeout_ns (for each ring).
 *   report   NULL, or the library calls it for each ring that it removed, and for each ring that is to go and that it cannot
 *            remove: E_ACCESS, E_OWNER (another user's), E_BUSY (another process has its lock), E_CORRUPT (no lock file), or
 *            another error of slotring_unlink. It is not called for a ring that is in use, nor for a ring about which this user
 *            has no right to know.
 *   user     goes to report.
 *   removed  NULL, or out: how many rings it removed.
 *   error    NULL, or out: the error.
 * Reads every ring of the directory. A failure with one ring is reported, and is no error of the call.
 * Blocks: up to lock_timeout_ns for each ring. Cancellation point.
 * Errors: E_INVALID E_NOT_FOUND (directory) E_ACCESS E_BACKEND E_NO_MEMORY E_OS. */
SLOTRING_API int slotring_collect(const slotring_options_t *options, slotring_collect_callback report,
                                  void *user, uint32_t *removed, slotring_error_t *error);

/* Reports one violated invariant, in words. */
typedef void (*slotring_check_callback)(void *user, const char *finding);

/* Audits the ring: every invariant, every field's value, and whether the ring's names still lead to it. Changes nothing. Works
 * on a ring in use. For an observer too.
 *   report    NULL, or the library calls it for each violation that repeated looks confirm. It must not call the library with
 *             this handle.
 *   user      goes to report.
 *   findings  NULL, or out: how many violations, 1000 at most.
 * Reads every slot (1,200 instructions or 70 to 130 ns each) and every participant's entry (500).
 * Blocks: a millisecond before each repeated look, of which there are two at most; an observer also for its other threads.
 * Cancellation point. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_check(slotring_t *ring, slotring_check_callback report, void *user,
                                uint64_t *findings);

/* What one slotring_recover did. */
typedef struct slotring_recovery_t {
    size_t struct_size;
    uint64_t participants; /* dead participants that it repaired */
    uint64_t slots_freed;  /* slots that are free again */
    uint64_t published;    /* publications that it finished for the dead */
    uint64_t holds;        /* holds that it ended */
    uint64_t readers;      /* subscriptions that it ended */
    uint64_t reserved[4];
} slotring_recovery_t;

/* Repairs after the dead now. Without this call the repair comes within a slice of the next blocked call (with more than 256
 * participants, within a slice for every 256 of them).
 *   recovery  NULL, or out: what was repaired. Set recovery->struct_size before the call.
 * Reads every participant's entry (280 instructions and 2 system calls each) and every slot (15 instructions, and 50 more for
 * each dead participant).
 * Blocks: up to lock_timeout_ns. Cancellation point.
 * Errors: E_BUSY (another process has the ring's process lock for longer than lock_timeout_ns), E_INVALID (struct_size),
 *   E_NO_MEMORY, E_OS. */
SLOTRING_API int slotring_recover(slotring_t *ring, slotring_recovery_t *recovery);

/* ---- The process's own ring ----------------------------------------------------------------------- */

/* Gives the one ring of this process. The first call opens it (SLOTRING_CREATE_OR_ATTACH); any number of threads may call.
 * Later calls ignore name and sizes.
 *   name        NULL: in a forked child, the ring of its parent; else the ring that the environment's SLOTRING_GLOBAL names
 *               (unless setuid); else "slotring".
 *   total_size  bytes; 0: in a forked child with name NULL, as its parent; else 256 MiB.
 *   slot_size   bytes; 0: in a forked child with name NULL, as its parent; else 10 MiB.
 *   ring        out: the handle. Do not close it.
 *   error       NULL, or out: the error.
 * A forked child opens its own handle.
 * Blocks: as slotring_open. Errors: as slotring_open; E_BUSY also when another thread has been opening or closing this ring for
 * 10 s. */
SLOTRING_API int slotring_global(const char *name, uint64_t total_size, uint64_t slot_size, slotring_t **ring,
                                 slotring_error_t *error);

/* Gives two counters of the whole ring that slotring_global opened, in bytes; 0 and 0 if there is no such ring. Either pointer
 * may be NULL. Costs as much as slotring_get_stats. Blocks: while another thread opens or closes this ring, 10 s at most. */
SLOTRING_API void slotring_global_stats(uint64_t *bytes_written, uint64_t *bytes_read);

/* Closes the handle of slotring_global. This must be the last call on that handle. If this process created the ring, the ring
 * is removed: now, or with the last user that it still has. Blocks: as slotring_close and slotring_unlink, and while another
 * thread opens or closes this ring, 10 s at most. */
SLOTRING_API void slotring_global_cleanup(void);

/* ---- Errors, warnings and version ----------------------------------------------------------------- */

/* Gives what the last failed call of this thread said. error->code is 0 if no call has failed yet. Errors that steer a loop
 * (E_FULL, E_EMPTY, E_TIMEOUT, E_END, E_INTERRUPTED), and errors that need no more explanation, have only their fixed text. */
SLOTRING_API void slotring_last_error(slotring_error_t *error);

/* Give the fixed text and the name ("SLOTRING_E_FULL") of a code; never NULL. The strings belong to the library and are never
 * freed. Thread-safe and async-signal-safe. */
SLOTRING_API const char *slotring_strerror(int code);
SLOTRING_API const char *slotring_error_name(int code);

/* Sets the receiver of the library's warnings (a dead participant was repaired, a process was killed while it had the
 * ring's process lock, …). By default there is none; NULL removes it. Any thread may call the callback. The callback must
 * not call the library. Any thread may set it at any time. A warning that is given at that moment goes to the old callback
 * or to the new one, each with its own `user`; so keep the old `user` valid. If there is no memory for the new callback,
 * nothing changes, and slotring_last_error says so. */
typedef void (*slotring_log_callback)(void *user, const char *message);
SLOTRING_API void slotring_set_log(slotring_log_callback callback, void *user);

/* Gives the version of the library at run time. SLOTRING_VERSION_STRING is the version at compile time. */
SLOTRING_API const char *slotring_version(void);

#ifdef __cplusplus
}
#endif

#endif
