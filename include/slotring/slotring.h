/* SPDX-License-Identifier: Apache-2.0 */
/* slotring: hand large blocks of data between processes through shared memory, without copying.
 *
 * A ring is a named segment of shared memory, cut into slots of one size. A producer allocates a slot,
 * fills it in place and marks it ready, which publishes it under a ticket and a sequence number. Readers
 * either subscribe and receive every publication in order, or acquire single ones by ticket; both read in
 * place. Any process may be killed at any moment: the others repair what it left and go on.
 *
 * Rules that hold for every call unless its comment says otherwise
 *   Result        0, or a negative SLOTRING_E_ code. After an error nothing has changed, except for
 *                 E_END, E_PRODUCER_DIED, E_REMOVED and E_EVICTED. slotring_last_error() has the sentence that goes with
 *                 the last error of the calling thread.
 *   Threads       a slotring_t may be used by any number of threads at once, unless it was opened with
 *                 SLOTRING_ONE_THREAD; a slotring_reader_t by one thread at a time. slotring_close and
 *                 slotring_unsubscribe must be the last call on their object. Calls without a handle may come
 *                 from any number of threads at once.
 *   Ownership     what a call is given stays the caller's and is not kept. Handles are the library's until they
 *                 are closed, payload is the ring's.
 *   Structs       those that begin with struct_size may be of another version than the library's; later ones have
 *                 more fields at their end. What the caller fills (options) may be longer than the library's if
 *                 the further bytes are zero; what is missing is default. What the library fills (info, stats,
 *                 recovery) it writes up to the caller's size, with zeros where it knows no field. A size below
 *                 the first version's or above 4096 is E_INVALID.
 *   Fork          a handle belongs to the process that opened it. In a forked child each call on it gives
 *                 SLOTRING_E_FORKED, except slotring_close, which only frees private memory there; pointers
 *                 to payload that the child inherited stay readable. The child opens the ring for itself.
 *   Blocking      only the calls with a timeout wait. A timeout is in nanoseconds on a monotonic clock:
 *                 0 tries once, a negative one waits for ever. Opening, closing, unlinking and recovering
 *                 may wait up to options.lock_timeout_ns for another process that is doing the same. They,
 *                 and each call that finds nothing (no message, no slot, no reader's place), whatever its
 *                 time-out, look after the dead: once a slice (options.wait_slice_ns) for the whole ring,
 *                 whoever calls first. To repair after a dead one takes time in proportion to the slots.
 *                 No call that moves data waits for another thread of its process. Those that open, close,
 *                 remove, recover or look with an observer do, up to options.lock_timeout_ns (E_BUSY).
 *   Cancellation  (pthread_cancel, deferred) a thread that is cancelled inside a call goes on to its end, and ends
 *                 at its next cancellation point: nothing stays locked or held in its name. Calls that open,
 *                 remove, list, check, recover or subscribe are such points before they do anything. A thread
 *                 that is blocked in a call with a time-out ends within a slice (options.wait_slice_ns), as
 *                 after E_TIMEOUT: it has taken nothing. The other calls are no cancellation points. Asynchronous
 *                 cancellation, and TerminateThread on Windows, must not meet a thread inside the library.
 *   Cost          a call that moves data executes the same (within a tenth) in a ring of any size, whatever was freed
 *                 or missed before. What grows: an allocate that finds no free slot looks at each lossless reader, about
 *                 once a lap, 26 instructions each, and passes once over each publication that is held, 175 each; the
 *                 first next after a producer came, ended or died looks at every participant, 63 each; each look
 *                 whether a slot is held (in allocate, free, and the release that gives it back) takes 7 for every 64
 *                 places in use. Who looks after the dead asks for 256 participants at most, 2 system calls each, and
 *                 looks at 131,072 slots at most, a millisecond. The other calls that look at all say so below. The
 *                 figures are instructions for each, on x86-64; the time is theirs or that of the memory, up to 30 ns
 *                 for a slot's line that has to be fetched.
 *   Signals       of the calls on a handle only slotring_interrupt is async-signal-safe; it leaves the last
 *                 error alone. A signal does not end a wait.
 *   Closed        a call on a closed or NULL handle gives SLOTRING_E_CLOSED (recognised for the 256 objects
 *                 closed last in a process; later it is undefined, as with any freed pointer).
 *   Every handle  may give E_CLOSED, E_FORKED, E_EVICTED, E_CORRUPT, and E_INVALID for a NULL that is not
 *                 allowed; an observer E_READ_ONLY for each call that would change the ring. An observer reads
 *                 all but the payload anew at each call, and gives E_TRUNCATED or E_OS where it cannot. The
 *                 comments below list what comes on top of these.
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

/* One participant of one ring. Opaque, so that its fields may change without a new ABI. */
typedef struct slotring slotring_t;

/* One subscription of one participant. */
typedef struct slotring_reader slotring_reader_t;

/* ---- Limits --------------------------------------------------------------------------------------- */

#define SLOTRING_NAME_MAX 200u          /* bytes of a ring name */
#define SLOTRING_CLIENT_NAME_MAX 47u    /* bytes of a participant's or reader's name; longer ones are cut */
#define SLOTRING_SLOTS_MAX 16777215u    /* slots of a ring */
#define SLOTRING_PARTICIPANTS_MAX 4095u /* participants of a ring */
#define SLOTRING_READERS_MAX 4095u      /* subscriptions of a ring */
#define SLOTRING_SLOT_SIZE_MAX (UINT64_C(1) << 40) /* bytes of a slot */
#define SLOTRING_DEFAULT_TOTAL_SIZE (UINT64_C(256) << 20)
#define SLOTRING_DEFAULT_SLOT_SIZE (UINT64_C(10) << 20)
#define SLOTRING_TICKET_TEXT_SIZE 80u /* bytes that a ticket needs as text, with its end */

/* ---- Values --------------------------------------------------------------------------------------- */

/* Names one publication of one ring. A plain value: copy it, send it in any message. Not a secret. */
typedef struct slotring_ticket_t {
    uint8_t ring_id[16];
    uint64_t sequence;
    uint32_t slot;
    uint32_t flags; /* 0 in this version; a ticket with unknown flags is refused */
} slotring_ticket_t;

/* A slot in the caller's hands. Filled by allocate, acquire_for_read and next; the caller owns the struct.
 * A copy names the same: whichever goes back first ends it, and the others are refused then (E_NOT_HELD, E_STATE),
 * whoever else has the slot meanwhile. Any thread of the handle's process may give it back. */
typedef struct slotring_slot_t {
    void *data;        /* aligned to 64 bytes; to write after allocate, only to read otherwise */
    uint64_t capacity; /* bytes that fit */
    uint64_t length;   /* bytes of the message; a producer sets it for mark_ready_batch */
    uint64_t offset;   /* of data from the start of the ring's payload, in bytes */
    uint64_t sequence; /* of the publication; 0 while writing */
    uint64_t
        time_ns; /* of the publication, since the machine's start: CLOCK_MONOTONIC, QueryPerformanceCounter; 0
                          if the ring has no time stamps */
    uint64_t tag;   /* the user's own; a producer sets it before mark_ready */
    uint32_t index; /* of the slot, 0 .. slot_count - 1 */
    uint32_t reserved;
    slotring_ticket_t ticket; /* all zero while writing */
    uint64_t internal[4];     /* the library's own */
} slotring_slot_t;

/* What went wrong, in words. */
#define SLOTRING_ERROR_TEXT_SIZE 496u
typedef struct slotring_error_t {
    int code;                            /* a SLOTRING_E_ code */
    int os_code;                         /* errno, GetLastError or apr_status_t; 0 if there is none */
    char text[SLOTRING_ERROR_TEXT_SIZE]; /* one sentence; names the value and the limit */
} slotring_error_t;

/* ---- Opening and closing -------------------------------------------------------------------------- */

enum { /* options.mode */
    SLOTRING_CREATE_OR_ATTACH = 0,
    SLOTRING_CREATE = 1,  /* E_EXISTS when there is one */
    SLOTRING_ATTACH = 2,  /* E_NOT_FOUND when there is none */
    SLOTRING_OBSERVE = 3, /* read-only: no participant, can change nothing, cannot hold slots or subscribe */
};

enum {                               /* options.flags */
    SLOTRING_ONE_THREAD = 1u << 0,   /* the caller promises one thread at a time; private locks are dropped */
    SLOTRING_PREFAULT = 1u << 1,     /* touch the pages now, so that the first lap is as fast as the others */
    SLOTRING_HUGE_PAGES = 1u << 2,   /* ask for huge pages; slotring_info says what was granted */
    SLOTRING_LOCK_MEMORY = 1u << 3,  /* keep the pages in memory; slotring_info says what was granted */
    SLOTRING_PAGE_ALIGNED = 1u << 4, /* at creation: each slot starts on a page of its own */
    SLOTRING_WIPE_UNUSED = 1u << 5,  /* with CREATE, else E_INVALID: first remove a ring of this name; in use:
                                        E_BUSY */
};

enum {                      /* options.when_full: what allocate may reclaim when no slot is free */
    SLOTRING_OVERWRITE = 1, /* the oldest publication that nobody holds and no lossless reader still needs */
    SLOTRING_KEEP = 2, /* only publications that were freed, once every lossless reader has passed them */
};

enum { /* options.time_stamps */
    SLOTRING_TIME_NONE = 1,
    SLOTRING_TIME_COARSE = 2,    /* as fine as the kernel's tick, 1 to 4 ms, and nearly free */
    SLOTRING_TIME_MONOTONIC = 3, /* nanoseconds; costs about as much as four atomic instructions */
};

enum { /* options.access: who else may use the ring. The owner always may. */
    SLOTRING_ACCESS_OWNER = 0,
    SLOTRING_ACCESS_GROUP_OBSERVE = 1, /* the group may observe */
    SLOTRING_ACCESS_GROUP = 2,         /* the group may take part */
    SLOTRING_ACCESS_ALL_OBSERVE = 3,   /* everybody may observe */
    SLOTRING_ACCESS_ALL = 4,           /* everybody may take part */
};

/* Zero means default throughout. Prepare one with slotring_options_init. */
typedef struct slotring_options_t {
    size_t struct_size;        /* sizeof(slotring_options_t) */
    uint32_t mode;             /* SLOTRING_CREATE_OR_ATTACH … */
    uint32_t flags;            /* SLOTRING_ONE_THREAD … */
    uint64_t total_size;       /* bytes; slot_count = total_size / slot_size, rounded down. Creation: 256 MiB.
                                    Attaching: 0, or what the ring has, else E_GEOMETRY */
    uint64_t slot_size;        /* bytes. Creation: 10 MiB. Attaching: 0, or what the ring has */
    uint32_t max_participants; /* creation: 64; attaching ignores it */
    uint32_t max_readers;      /* creation: 64; attaching ignores it */
    uint32_t when_full;        /* creation: SLOTRING_OVERWRITE. Attaching: 0, or what the ring has */
    uint32_t time_stamps;      /* creation: SLOTRING_TIME_NONE. Attaching: 0, or what the ring has */
    uint32_t access;           /* creation: SLOTRING_ACCESS_OWNER */
    uint32_t reserved32;
    const char *group;         /* creation: name or number of the group for the GROUP access modes; NULL: the
                                    process's own */
    const char *trusted_owner; /* attaching: name or number of a user whose rings are accepted beside the
                                    caller's own and root's; NULL: nobody else's */
    const char *client_name;   /* what others see of this participant; NULL: the program's name */
    const char *directory;     /* where the ring's files lie; NULL: $SLOTRING_DIR (unless setuid), else the
                                    system's place (/dev/shm on Linux) */
    const char *backend;      /* "posix", …; NULL: $SLOTRING_BACKEND (unless setuid), else the native one */
    uint64_t lock_timeout_ns; /* how long to wait for the ring's process lock; 0: 5 s, then E_BUSY */
    uint64_t wait_slice_ns;   /* calls of this handle that find nothing look after the ring's dead when
                                    nobody has for so long, and a blocked one sleeps no longer; 0: 100 ms;
                                    at least 100 us: less counts as that */
    uint64_t spin_ns;         /* how long a blocked call spins before it sleeps; 0: 20 us on machines with
                                    several processors; UINT64_MAX: never sleep */
    uint64_t reserved[8];
} slotring_options_t;

/* Sets every option to its default. Thread- and async-signal-safe. */
SLOTRING_API void slotring_options_init(slotring_options_t *options);

/* Opens ring `name` as options->mode says, and becomes a participant (or an observer).
 *   ring     out: the handle; NULL after an error. Close it with slotring_close.
 *   name     1 to 200 bytes of UTF-8 without '/', '\\', control characters or a leading dot.
 *   options  NULL: all defaults. Not kept.
 *   error    NULL, or filled after an error.
 * A creation commits all memory at once: too little of it is E_NO_SPACE now and never a fault later. A directory on a
 * file system that cannot promise that is E_UNSUPPORTED (manual, section 9: tmpfs, ramfs, ext and xfs can).
 * A creation also removes unused rings that were to go (slotring_collect), before it asks for memory.
 * Blocks up to lock_timeout_ns, and while the memory is committed (about 0.3 s for a GiB).
 * Errors: E_INVALID E_NAME E_SIZE E_EXISTS E_NOT_FOUND E_GEOMETRY E_VERSION E_FEATURE E_ENDIAN E_NOT_A_RING
 *   E_CORRUPT E_TRUNCATED E_NO_SPACE E_NO_MEMORY E_ADDRESS_SPACE E_ACCESS E_OWNER E_PARTICIPANTS E_BUSY
 *   E_BACKEND E_UNSUPPORTED E_OTHER_BOOT E_OS.
 * E_OTHER_BOOT: the ring lies on a disk, and was made before the machine was restarted, or on another machine that has
 * the same disk. What is in it may be lost in part, so nobody may use it or look into it. slotring_unlink removes it
 * without force; with mode CREATE it is E_EXISTS, and SLOTRING_WIPE_UNUSED makes it anew. */
SLOTRING_API int slotring_open(slotring_t **ring, const char *name, const slotring_options_t *options,
                               slotring_error_t *error);

/* Leaves the ring: unsubscribes its readers, aborts slots being written, releases held ones, ends its stream,
 * frees the handle. The ring stays, for others and for later, unless it was to go with its last user. Pointers
 * to payload become invalid. Looks at every slot, 55 instructions each.
 * Errors: only E_CLOSED; the handle is closed in any case. */
SLOTRING_API int slotring_close(slotring_t *ring);

/* The same, but only if no pointer to payload is out: for bindings whose views of the bytes outlive what they see of the
 * handle. E_BUSY says how many slots are out, and nothing has changed: give them back and call again. Out are slots that
 * this handle writes, has acquired by ticket, or was given by next and has not released. Subscriptions alone are no
 * hindrance. Looks at every slot, 80 instructions each. No other call may be at work on the handle or its readers.
 * Errors: E_BUSY. After E_FORKED and E_EVICTED only slotring_close closes it. */
SLOTRING_API int slotring_close_if_idle(slotring_t *ring);

enum {                             /* how slotring_unlink treats a ring that is in use */
    SLOTRING_UNLINK_IF_UNUSED = 0, /* E_BUSY while a living participant is attached */
    SLOTRING_UNLINK_WHEN_UNUSED =
        1,                     /* now if unused, else when the last participant closes, or after it was killed
                                          (slotring_collect); E_ACCESS now for who could not remove it himself */
    SLOTRING_UNLINK_FORCE = 2, /* now; those attached go on with the nameless ring. Waits for the ring's
                                          lock like the others, then does without it */
};

/* Removes ring `name`, and unused rings that were to go (slotring_collect). options: NULL, or directory, backend, trusted_owner, lock_timeout_ns.
 * Errors: E_NAME E_INVALID E_NOT_FOUND E_BUSY E_ACCESS E_OWNER E_BACKEND E_NO_MEMORY E_ADDRESS_SPACE
 * E_UNSUPPORTED E_NO_SPACE E_OS; a segment that is not a ring is removed only by force (E_NOT_A_RING, E_VERSION,
 * E_CORRUPT … otherwise). One from before a restart (E_OTHER_BOOT) needs no force, whatever was lost of it but its first
 * page: E_BUSY only if somebody holds its locks all the same. */
SLOTRING_API int slotring_unlink(const char *name, int how, const slotring_options_t *options,
                                 slotring_error_t *error);

/* ---- Writing -------------------------------------------------------------------------------------- */

/* Gives a slot for a message of up to `required_size` bytes to write: a free one, round robin, else one that
 * may be reclaimed (options.when_full). Makes the handle a producer, also when it fails with E_FULL. Never waits.
 * Errors: E_TOO_LARGE (required_size above slot_size), E_FULL (slotring_blockers says who is in the way). */
SLOTRING_API int slotring_allocate(slotring_t *ring, uint64_t required_size, slotring_slot_t *slot);

/* The same, waiting up to timeout_ns for a slot.
 * Errors: E_TOO_LARGE, E_TIMEOUT, E_FULL (timeout 0), E_INTERRUPTED; E_REMOVED once for each handle, to a producer that waits:
 * somebody else took the ring's files (slotring_next has more); E_STATE when the calling thread waits
 * for itself: all slots are what this handle's own lossless reader has still to read, or what it is writing. Only where
 * it is sure that no other thread reads meanwhile: with SLOTRING_ONE_THREAD, or in a process of one thread. */
SLOTRING_API int slotring_allocate_wait(slotring_t *ring, uint64_t required_size, int64_t timeout_ns,
                                        slotring_slot_t *slot);

/* Publishes an allocated slot with its first `bytes_written` bytes and slot->tag. On return slot->ticket and
 * slot->sequence name the publication and slot->data is NULL: the bytes are no longer the producer's.
 * Errors: E_TOO_LARGE, E_STATE (not allocated, or published or aborted already), E_NOT_OWNER (another handle's). */
SLOTRING_API int slotring_mark_ready(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written);

/* Gives an allocated slot back unpublished; slot->data is NULL then. Errors: E_STATE, E_NOT_OWNER. */
SLOTRING_API int slotring_abort(slotring_t *ring, slotring_slot_t *slot);

/* Allocates up to `wanted` slots. Waits, up to timeout_ns, only for the first; returns what it has then.
 *   count   out: how many, at least 1 after success.  Errors: as slotring_allocate_wait; E_INVALID (wanted 0). */
SLOTRING_API int slotring_allocate_batch(slotring_t *ring, uint64_t required_size, slotring_slot_t *slots,
                                         uint32_t wanted, int64_t timeout_ns, uint32_t *count);

/* Publishes `count` allocated slots in their order, each with its slot.length and slot.tag, with one wake-up.
 *   published  out, may be NULL: how many were. After an error the rest is still the caller's.
 * Errors: as slotring_mark_ready. */
SLOTRING_API int slotring_mark_ready_batch(slotring_t *ring, slotring_slot_t *slots, uint32_t count,
                                           uint32_t *published);

/* This producer is done; its next allocate starts a new stream. Slots it still writes may be published.
 * Idempotent. Wakes the readers. No further errors. */
SLOTRING_API int slotring_end_stream(slotring_t *ring);

/* ---- Reading by ticket ---------------------------------------------------------------------------- */

/* Acquires the publication that `ticket` names, to read it in place until slotring_release. Any number of
 * readers may hold it; so may several threads of one handle. Counts its length as bytes read. Never blocks, and
 * never waits for another thread, whatever that one's priority and wherever it was stopped.
 * Errors: E_STALE (gone, or freed), E_FOREIGN (another ring, or an earlier one of this name), E_INVALID (not a
 * ticket), E_BUSY (threads of two processes are stopped in the middle of a release of this slot: ask again),
 * E_NO_MEMORY (for very many holds of one slot by one handle). */
SLOTRING_API int slotring_acquire_for_read(slotring_t *ring, const slotring_ticket_t *ticket,
                                           slotring_slot_t *slot);

/* Ends one acquire, in any thread; slot->data is NULL then. Never blocks. Errors: E_NOT_HELD (this acquire was released
 * already; nothing changes, whoever else holds the slot), E_NOT_OWNER (another handle's). */
SLOTRING_API int slotring_release(slotring_t *ring, slotring_slot_t *slot);

/* Withdraws a publication: by ticket it is gone at once; lossless readers that have not passed it still
 * receive it, lossy ones count it as missed; its slot returns when nobody holds it and every lossless reader has passed it.
 * Errors: as slotring_acquire_for_read; a second free is E_STALE. */
SLOTRING_API int slotring_free(slotring_t *ring, const slotring_ticket_t *ticket);

/* The ticket of what is in slot `index` now. For an observer too. Errors: E_INVALID (index), E_NOT_READY. */
SLOTRING_API int slotring_ticket_at(slotring_t *ring, uint32_t index, slotring_ticket_t *ticket);

/* Copies a publication into `buffer`, all of it or nothing, without holding it. For an observer too.
 *   size    bytes of buffer.   info  NULL, or out: length, sequence, time, tag, index; its data is NULL.
 * Errors: as slotring_acquire_for_read; E_SIZE when buffer is too small (info->length says what it takes). */
SLOTRING_API int slotring_copy(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                               slotring_slot_t *info);

/* The same by sequence number. Errors: E_STALE (gone), E_NOT_READY (not yet published), E_SIZE. */
SLOTRING_API int slotring_copy_sequence(slotring_t *ring, uint64_t sequence, void *buffer, uint64_t size,
                                        slotring_slot_t *info);

/* Text form "slotring1-RINGID-SEQUENCE-SLOT-FLAGS" in hexadecimal, one for each ticket: no capitals, no further zeros.
 * size is at least SLOTRING_TICKET_TEXT_SIZE.
 * Errors: E_SIZE (size), E_INVALID (NULL, or the text is not a ticket). */
SLOTRING_API int slotring_ticket_to_text(const slotring_ticket_t *ticket, char *text, size_t size);
SLOTRING_API int slotring_ticket_from_text(const char *text, slotring_ticket_t *ticket);

/* ---- Reading in order ----------------------------------------------------------------------------- */

enum { /* reader_options.mode */
    SLOTRING_LOSSLESS =
        0, /* gets every publication; producers wait for it when the ring is full of its backlog */
    SLOTRING_LOSSY = 1, /* never holds producers back; counts exactly what it missed */
};
enum { /* reader_options.start */
    SLOTRING_FROM_NOW = 0,
    SLOTRING_FROM_OLDEST = 1, /* from the oldest publication that can still be had without a gap */
};

typedef struct slotring_reader_options_t {
    size_t struct_size;
    uint32_t mode;
    uint32_t start;
    const char *name; /* what others see; NULL: the handle's client_name */
    uint64_t reserved[4];
} slotring_reader_options_t;

SLOTRING_API void slotring_reader_options_init(slotring_reader_options_t *options);

/* Subscribes to ring's publications. options: NULL means lossless, from now. The reader ends with
 * slotring_unsubscribe, or with slotring_close of its ring. Looks at every participant's place, and at the
 * readers' places up to the first that is free; FROM_OLDEST also at every publication that it is to get from the past.
 * Errors: E_READERS (all max_readers in use), E_NO_MEMORY, E_INVALID. */
SLOTRING_API int slotring_subscribe(slotring_t *ring, const slotring_reader_options_t *options,
                                    slotring_reader_t **reader);

/* The next publication, in place, valid until slotring_reader_release, which must come before the next call
 * (else E_STATE). To keep it longer, acquire it by its ticket first. Waits up to timeout_ns.
 * Errors: E_EMPTY (timeout 0), E_TIMEOUT, E_INTERRUPTED;
 *   E_END            every producer has ended or died, all they published was consumed. Comes at once whatever
 *                    the timeout, also to who subscribes after the end. Not final: a new producer reopens the
 *                    stream, and the next call delivers.
 *   E_PRODUCER_DIED  once for each death, after all that producer's messages; slotring_reader_death says who.
 *   E_REMOVED        once for each reader, to one that waits and finds nothing: somebody else removed the ring's files (a cleaner
 *                    of temporary files, an operator's rm, an unmounted folder). Found within a few seconds by
 *                    whoever waits. The ring goes on for those attached, and the next call delivers; nobody new can
 *                    join. Never after slotring_unlink, never with timeout 0: slotring_info has `removed` for both.
 *   E_STATE          the last message was not released.
 *   E_BUSY           to a lossy reader, rarely: as slotring_acquire_for_read. Nothing is missed; ask again. */
SLOTRING_API int slotring_next(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slot);

/* Up to `max` publications, to a lossy reader at most 1024; waits only for the first. reader_release ends them
 * together.
 *   count  out: how many, at least 1 after success. Errors: as slotring_next; E_INVALID (max 0). */
SLOTRING_API int slotring_next_batch(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slots,
                                     uint32_t max, uint32_t *count);

/* Ends what next or next_batch gave last. Errors: E_NOT_HELD. */
SLOTRING_API int slotring_reader_release(slotring_reader_t *reader);

/* Ends the subscription, releasing what it still holds, and frees it whatever it returns. Producers stop waiting
 * for it at once. No further errors. */
SLOTRING_API int slotring_unsubscribe(slotring_reader_t *reader);

/* Ends every call of this handle that is blocked at this moment with E_INTERRUPTED; when none is blocked, the next call
 * that would block. Each blocked call that ends with what it waited for just then leaves its interruption to a next one.
 * Async-signal-safe; from any thread. Errors: only E_CLOSED and E_FORKED; 0 for an observer, which never
 * blocks. */
SLOTRING_API int slotring_interrupt(slotring_t *ring);

/* ---- Looking -------------------------------------------------------------------------------------- */

enum {                                  /* info.capabilities of the backend in use */
    SLOTRING_CAN_PERSIST = 1u << 0,     /* a ring outlives its last participant; else it goes with the last
                                             close, and there is nothing to unlink after that (E_NOT_FOUND) */
    SLOTRING_CAN_WAKE = 1u << 1,        /* blocked calls are woken, rather than polling */
    SLOTRING_CAN_SHARE_USERS = 1u << 2, /* several users may share a ring */
};

typedef struct slotring_info_t {
    size_t struct_size;
    uint8_t ring_id[16];
    uint64_t slot_count, slot_size, slot_stride; /* slots; bytes; bytes from slot to slot */
    uint64_t total_size;                         /* slot_count * slot_size */
    uint64_t segment_size;                       /* bytes of the whole segment */
    void *payload; /* where slot 0 lies in this process, for DMA and GPU registration; NULL: observer */
    uint64_t payload_size;   /* bytes */
    uint64_t payload_offset; /* of slot 0 in the segment */
    uint64_t bytes_per_slot; /* overhead: all that lies before the payload, divided by slot_count */
    uint64_t order_length;   /* publications that the ring remembers */
    uint32_t max_participants, max_readers;
    uint32_t when_full, time_stamps, access;
    uint32_t layout_version;
    uint32_t granted; /* of options.flags: PREFAULT, HUGE_PAGES, LOCK_MEMORY really got; 0: observer */
    uint32_t capabilities;
    uint32_t participant; /* this handle's number; UINT32_MAX for an observer */
    uint32_t removed;     /* 1: nobody new can join it: it was removed, or somebody else took its files */
    char name[SLOTRING_NAME_MAX + 8];
    char backend[16];
    uint32_t remove_when_unused; /* 1: it is to go with its last user (SLOTRING_UNLINK_WHEN_UNUSED) */
    uint32_t unused; /* of such a ring, 1: nobody who uses it lives, and it goes with the next creation,
                                    slotring_unlink or slotring_collect; UINT32_MAX: an observer who may not know */
    uint64_t reserved[7];
} slotring_info_t;

/* What the ring is like. For an observer too. Looks at the ring's names: a few system calls; an observer of a ring that is to
 * go with its last user also asks for each participant. Errors: E_INVALID (struct_size). */
SLOTRING_API int slotring_info(slotring_t *ring, slotring_info_t *info);

typedef struct slotring_stats_t {
    size_t struct_size;
    uint64_t published;     /* publications since creation; exact at any kill */
    uint64_t bytes_written; /* the counters below may lack the one operation that a killed process was in */
    uint64_t bytes_read;
    uint64_t overwritten; /* reclaimed while no lossless reader was subscribed */
    uint64_t recycled;    /* reclaimed otherwise: everyone who asked for all had had it */
    uint64_t full;        /* allocations that ended with E_FULL or E_TIMEOUT */
    uint64_t stale;       /* acquires, copies and frees of tickets that had gone */
    uint64_t missed;      /* by lossy readers, present and past */
    uint64_t aborted;
    uint64_t freed;
    uint64_t repaired;  /* participants repaired after their death */
    uint64_t waits;     /* allocations that had to wait for a slot: back-pressure */
    uint64_t waited_ns; /* and for how long, all together; without those that are waiting now */
    uint64_t slots_free, slots_writing, slots_ready; /* ready: published or about to be */
    uint64_t slots_held; /* of the ready ones: held by ticket, by lossy readers, or as history */
    uint64_t participants, readers;
    uint64_t producers;                                          /* with an open stream */
    uint64_t producers_started, producers_ended, producers_died; /* since creation; exact at any kill */
    uint64_t oldest; /* all lower sequences are gone, but for those that are held or, with KEEP, not freed */
    uint64_t reserved[6];
} slotring_stats_t;

/* For the whole ring, not for one process. Looks at every slot, 25 instructions or 2 to 30 ns each, the more the larger the
 * ring is; at every participant, 250; at every reader, 17. For an observer too: it copies what it looks at, up to 40 ns a slot.
 * Errors: E_INVALID (struct_size). */
SLOTRING_API int slotring_get_stats(slotring_t *ring, slotring_stats_t *stats);

enum {                         /* participant.life */
    SLOTRING_LIFE_UNKNOWN = 0, /* in another PID namespace, or the system does not say; not a sign of death */
    SLOTRING_LIFE_RUNNING = 1,
    SLOTRING_LIFE_STOPPED = 2, /* by a signal or a debugger: alive, keeps what it holds */
    SLOTRING_LIFE_DEAD = 3,    /* not yet repaired */
    SLOTRING_LIFE_FROZEN = 4,  /* with its container, which is paused: alive, keeps what it holds */
};

typedef struct slotring_participant_t {
    uint32_t index;
    uint32_t life;        /* for people; what the library acts on is the lock that the kernel drops */
    uint64_t incarnation; /* odd while in use */
    uint64_t pid, pid_namespace, start_time, uid; /* start_time in the system's own units; 0 unknown */
    uint32_t producing;                           /* 1 while its stream is open */
    uint32_t readers;                             /* its subscriptions */
    uint64_t slots_writing, slots_held;           /* UINT64_MAX where they were not counted */
    uint64_t bytes_written, bytes_read, full;     /* since it attached, as all counts here */
    uint64_t
        last_sequence; /* of its publications; UINT64_MAX: none. Of one that was killed right after a publication: the
                               one before it, if that message is gone by now */
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    uint64_t waits, waited_ns; /* as in slotring_stats_t */
    uint64_t reserved[2];
} slotring_participant_t;

/* Who is attached. Fills at most `capacity` of `list` (NULL: only counts); *count: how many there are. Whoever leaves
 * meanwhile is left out: what is said of one is never another one's. Looks at every slot, 50
 * instructions each, and asks the system about each one that it lists, 22,000 and 18 system calls. For an observer too.
 * Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity,
                                       uint32_t *count);

typedef struct slotring_reader_info_t {
    uint32_t row;         /* number of the subscription in the ring */
    uint32_t participant; /* whose it is */
    uint32_t mode;        /* SLOTRING_LOSSLESS … */
    uint32_t life;        /* of its participant */
    uint64_t pid;
    uint64_t start;  /* first sequence it was to get */
    uint64_t cursor; /* next sequence: all below it are delivered and released, missed or pending */
    uint64_t delivered, missed; /* delivered + missed + pending = cursor - start */
    uint64_t pending;           /* history that it has still to get: 0 unless it started from the oldest */
    uint64_t lag;               /* publications it is behind */
    uint64_t bytes_read;
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    uint64_t reserved[4];
} slotring_reader_info_t;

/* Who is subscribed, as above, without a look at the slots; 22,000 instructions and 18 system calls for each reader. For an
 * observer too. No further errors. */
SLOTRING_API int slotring_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity,
                                  uint32_t *count);

/* This subscription as others see it. No further errors. */
SLOTRING_API int slotring_reader_info(slotring_reader_t *reader, slotring_reader_info_t *info);

/* Who died, after E_PRODUCER_DIED: index, incarnation, pid, name, last_sequence, all of one process. A reader that is
 * behind by three deaths at one index or more is told of each of them, and of the earlier ones with what belongs to
 * a later one. Errors: E_STATE when none was told. */
SLOTRING_API int slotring_reader_death(slotring_reader_t *reader, slotring_participant_t *who);

enum {                              /* blocker.why */
    SLOTRING_BLOCKS_BY_LAG = 1,     /* a lossless reader that has not passed the oldest publications */
    SLOTRING_BLOCKS_BY_HOLDING = 2, /* holds publications by ticket or as a lossy reader */
    SLOTRING_BLOCKS_BY_WRITING = 3, /* has allocated slots and not yet published them */
};

typedef struct slotring_blocker_t {
    uint32_t why;
    uint32_t participant;
    uint32_t row; /* of the reader, with BLOCKS_BY_LAG; else UINT32_MAX */
    uint32_t life;
    uint64_t pid;
    uint64_t slots; /* that it stands before: its lag, or what it holds or writes */
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    uint64_t reserved[2];
} slotring_blocker_t;

/* Who stands in the way of producers, or would if the ring were full; worst first. `list`, `capacity` and *count as
 * above. Whoever leaves meanwhile has pid 0, no name and LIFE_UNKNOWN. Looks at every slot, 50 instructions each, and
 * asks the system about each of the blockers, 22,000 and 18 system calls. For an observer too. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_blockers(slotring_t *ring, slotring_blocker_t *list, uint32_t capacity,
                                   uint32_t *count);

enum { /* entry.lock_file */
    SLOTRING_LOCK_FILE_THERE = 0,
    SLOTRING_LOCK_FILE_MISSING = 1, /* nobody can join: remove the ring by force */
    SLOTRING_LOCK_FILE_OTHER = 2    /* not the one that the ring was made with: likewise */
};

typedef struct slotring_list_entry_t {
    char name[SLOTRING_NAME_MAX + 8];
    int status; /* 0, or why it could not be read, or not be joined: E_ACCESS, E_OTHER_BOOT, E_NOT_A_RING … */
    uint32_t participants; /* attached, the dead not yet repaired included; UINT32_MAX unknown */
    uint64_t slot_count, slot_size, segment_size;
    uint64_t owner; /* uid */
    uint64_t published;
    char backend[16];
    uint32_t remove_when_unused; /* as in slotring_info_t */
    uint32_t lock_file;          /* with status E_CORRUPT: SLOTRING_LOCK_FILE_… */
    uint32_t unused;             /* as in slotring_info_t */
    uint32_t reserved32;
    uint64_t reserved[2];
} slotring_list_entry_t;

/* The rings of this host; `list`, `capacity` and *count as above. options: NULL, or directory, backend,
 * trusted_owner. Removes nothing but lock files that a killed creator left without a ring.
 * Looks at every ring, and copies 768 bytes for each participant's place that was ever used.
 * Errors: E_INVALID E_NOT_FOUND (directory) E_ACCESS E_BACKEND E_NO_MEMORY E_OS. */
SLOTRING_API int slotring_list(const slotring_options_t *options, slotring_list_entry_t *list,
                               uint32_t capacity, uint32_t *count, slotring_error_t *error);

/* One ring that was to go: it is removed (error->code 0), or why it is not. */
typedef void (*slotring_collect_callback)(void *user, const char *name, const slotring_error_t *error);

/* Removes the rings that were to go with their last user (SLOTRING_UNLINK_WHEN_UNUSED) and whose users have all ended
 * without removing them: killed, or without the right to do so. Each creation of a ring and each slotring_unlink does the
 * same by the way, but looks at 256 names of the directory and 32 rings of these at most, chosen at random, says nothing,
 * and waits for nobody.
 *   options  NULL, or directory, backend, trusted_owner, lock_timeout_ns (for each ring).
 *   report   NULL, or called for each ring that was removed, and for each that is to go and cannot be removed: E_ACCESS,
 *            E_OWNER (of another user), E_BUSY (its lock is held), E_CORRUPT (no lock file) and others of slotring_unlink.
 *            A ring that somebody uses is not mentioned, nor is one of which this user may not know that it is to go.
 *   removed  NULL, or how many.
 * Looks at every ring of the directory. What goes wrong with one ring is reported and no error of the call.
 * Errors: E_INVALID E_NOT_FOUND (directory) E_ACCESS E_BACKEND E_NO_MEMORY E_OS. */
SLOTRING_API int slotring_collect(const slotring_options_t *options, slotring_collect_callback report,
                                  void *user, uint32_t *removed, slotring_error_t *error);

/* One violated invariant, in words. */
typedef void (*slotring_check_callback)(void *user, const char *finding);

/* Audits every invariant of the ring and every field's values, and whether its names still lead to it, without changing
 * anything, and calls `report` for each that does not hold on repeated looks. Looks at every slot, 1,200 instructions or 70 to
 * 130 ns each, and at every participant, 500. *findings: how many, 1000 at most. Either may be
 * NULL. `report` must not call the library with this handle. Works on a ring in use. For an observer too. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_check(slotring_t *ring, slotring_check_callback report, void *user,
                                uint64_t *findings);

typedef struct slotring_recovery_t {
    size_t struct_size;
    uint64_t participants; /* dead ones repaired now */
    uint64_t slots_freed;  /* slots that came back */
    uint64_t published;    /* publications finished for the dead */
    uint64_t holds;        /* references dropped */
    uint64_t readers;      /* subscriptions ended */
    uint64_t reserved[4];
} slotring_recovery_t;

/* Repairs after the dead now, rather than within a slice of the next blocked call (with more than 256 participants: within
 * a slice for every 256 of them). Looks at every participant, 280 instructions and 2 system calls each, and at every
 * slot, 15 instructions, and 50 more for each of the dead. recovery may be NULL.
 * Errors: E_BUSY (another process holds the ring's lock beyond lock_timeout_ns), E_INVALID (struct_size),
 * E_NO_MEMORY, E_OS. */
SLOTRING_API int slotring_recover(slotring_t *ring, slotring_recovery_t *recovery);

/* ---- The process's own ring ----------------------------------------------------------------------- */

/* One ring per process, opened (CREATE_OR_ATTACH) on first use by any number of threads; later names and sizes
 * are ignored. NULL and 0 mean defaults: in a forked child what its parent has; else the ring that the environment's
 * SLOTRING_GLOBAL names (unless setuid), or "slotring"; 256 MiB, 10 MiB. Do not close the handle. A forked child opens
 * its own. Blocks and fails as slotring_open; E_BUSY also when another thread has been opening or closing it for 10 s. */
SLOTRING_API int slotring_global(const char *name, uint64_t total_size, uint64_t slot_size, slotring_t **ring,
                                 slotring_error_t *error);
/* Of the whole ring; (0, 0) when there is none. Either may be NULL. Costs what get_stats does. */
SLOTRING_API void slotring_global_stats(uint64_t *bytes_written, uint64_t *bytes_read);
/* Closes it, which must be the last call on the handle. If this process created the ring, it is removed: now, or with the
 * last one who still uses it. Blocks as slotring_close and slotring_unlink. */
SLOTRING_API void slotring_global_cleanup(void);

/* ---- Around it ------------------------------------------------------------------------------------ */

/* What the last failed call of this thread said. Errors that steer a loop (E_FULL, E_EMPTY, E_TIMEOUT, E_END,
 * E_INTERRUPTED), and those that need no more, have only their fixed text. error->code 0: none yet. */
SLOTRING_API void slotring_last_error(slotring_error_t *error);

/* Fixed text and name ("SLOTRING_E_FULL") of a code; never NULL. Thread- and async-signal-safe. */
SLOTRING_API const char *slotring_strerror(int code);
SLOTRING_API const char *slotring_error_name(int code);

/* Warnings of the library (a dead participant repaired, a process killed while it held the ring's lock). Silent by
 * default; NULL silences. The callback may come from any thread and must not call the library. It may be set at any
 * time, by any thread: a message that is told meanwhile goes to the old one or the new one, each with its own `user`, so
 * keep that. No memory for it: nothing changes, and slotring_last_error says so. */
typedef void (*slotring_log_callback)(void *user, const char *message);
SLOTRING_API void slotring_set_log(slotring_log_callback callback, void *user);

/* The version of the library at run time, as SLOTRING_VERSION_STRING is at compile time. */
SLOTRING_API const char *slotring_version(void);

#ifdef __cplusplus
}
#endif

#endif
