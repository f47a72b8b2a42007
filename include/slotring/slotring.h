/* SPDX-License-Identifier: Apache-2.0 */
/* slotring: hand large blocks of data between processes through shared memory, without copying.
 *
 * A ring is a named segment of shared memory. It is cut into slots of one size. A producer allocates a slot, fills it in
 * place and marks it ready. This publishes the message: the message gets a sequence number and a ticket, and is then
 * called a publication. There are two ways to read in place. A reader subscribes and receives the publications in order.
 * Or a participant acquires a single publication by its ticket. Any process may be killed at any moment. The other
 * processes then repair what it left, and go on.
 *
 * The following rules hold for every call. The comment of a call says what it does differently.
 *
 *   Result        A call returns 0, or a negative SLOTRING_E_ code. After an error nothing has changed, except after
 *                 E_END, E_PRODUCER_DIED, E_SOURCE_LOST, E_MARK, E_REMOVED, E_CHECKSUM, E_REVOKED and E_EVICTED. slotring_last_error() gives the
 *                 sentence that belongs to the last error of the calling thread.
 *   Threads       Any number of threads may use a slotring_t at the same time, unless it was opened with
 *                 SLOTRING_ONE_THREAD. Only one thread at a time may use a slotring_reader_t or a slotring_writer_t;
 *                 any thread may call slotring_reader_stop and slotring_reader_resume meanwhile.
 *                 slotring_close must be the last call on its handle, slotring_unsubscribe the last call on its reader, and
 *                 slotring_writer_close the last call on its writer. Any number of threads at a time may make the calls
 *                 that take no handle.
 *   Ownership     Arguments stay the caller's. The library does not keep them after the call. A handle belongs to the
 *                 library until it is closed. The payload belongs to the ring.
 *   Structs       A struct that begins with struct_size may come from another version than the library: later versions
 *                 have more fields at the end. The caller fills some structs (options). Such a struct may be longer than
 *                 the library's if the additional bytes are zero; a field that it lacks has its default. The library fills
 *                 other structs (info, stats, recovery). The library then writes as many bytes as the caller's struct_size
 *                 says, and zero for a field that it does not know. A struct_size below that of the first version, or
 *                 above 4096, is E_INVALID. slotring_slot_t has no struct_size. Instead slotring_options_init and
 *                 slotring_reader_options_init write the program's size of slotring_slot_t into the options
 *                 (slot_struct_size). The library never writes beyond that size, and the calls that take an array of slots
 *                 take each element to have it. Any other struct without struct_size keeps its size for ever, also in a
 *                 list (slotring_participants …): new fields replace reserved ones.
 *   Fork          A handle belongs to the process that opened it. In a forked child each call on it gives SLOTRING_E_FORKED.
 *                 slotring_close, slotring_unsubscribe and slotring_writer_close there free private memory only. The child
 *                 can still read through the payload pointers that it inherited. To use the ring, the child opens it for
 *                 itself.
 *   Blocking      Only the calls with a timeout_ns wait for a message or a slot. timeout_ns is in nanoseconds on a
 *                 monotonic clock: 0 tries once, a negative value waits for ever. Calls that open, close, unlink or recover
 *                 may wait for another process that is doing the same, for options.lock_timeout_ns at most. A call that
 *                 moves data never waits for another thread of its process, except one that finds nothing for a reader with
 *                 a descriptor (slotring_reader_descriptor). Calls that open, close, remove or recover, and the calls of an
 *                 observer, may wait for another thread, for lock_timeout_ns at most (then E_BUSY).
 *   The dead      slotring_open, when it attaches, and slotring_recover look for participants that have died, and repair
 *                 what these left. So does a call that finds nothing (no message, no slot, no free subscription or writer),
 *                 whatever its timeout, if no other call of the ring has done so for a slice (options.wait_slice_ns). A
 *                 repair takes time in proportion to the number of slots.
 *   Cancellation  These rules are for pthread_cancel with deferred cancellation. These calls are cancellation points when
 *                 they begin, before they do anything: slotring_open, slotring_unlink, slotring_collect, slotring_list,
 *                 slotring_subscribe, slotring_writer_open, slotring_recover and slotring_check. A call that is blocked is a
 *                 cancellation point, too: the thread ends within a slice (options.wait_slice_ns), in the state that
 *                 E_TIMEOUT leaves, so it has taken nothing. At any other moment, and in any other call, the call goes on to
 *                 its end, and the thread ends at its next cancellation point. The call leaves nothing locked or half done.
 *                 Asynchronous cancellation must not hit a thread inside the library, nor may TerminateThread on Windows.
 *   Cost          The figures below are in instructions on x86-64. A control line of a slot that is not in the cache takes
 *                 up to 30 ns more. A call that moves data executes the same number of instructions (within a tenth) in a
 *                 ring of any size, whatever was freed or missed before. These parts grow:
 *                   - an allocation that finds no free slot reads the position of each lossless reader, about once a lap
 *                     (26 for each reader), and passes once over each publication that is held (175 each);
 *                   - a span costs something for each of its slots: 400 to allocate it, 200 to publish it, 130 to go to its
 *                     piece;
 *                   - in a ring with hot slots the release of each message by a lossless reader also looks how far the others
 *                     are, and frees the slot (600, and 26 for each lossless reader);
 *                   - a reader that does not want all messages looks at each one that it passes over (150 each);
 *                   - the first slotring_next after a producer came, ended or died reads each participant's entry (63 each);
 *                   - allocate, free, and the release that gives a slot back, check whether a slot is held (7 for every 64
 *                     participants' entries in use);
 *                   - the call that looks for the dead asks the system about 256 participants at most (2 system calls
 *                     each), and reads 131,072 slots at most (a millisecond).
 *                 The comments of the other calls that read every slot or every participant say so.
 *   Signals       Of the calls on a handle only slotring_interrupt, slotring_stop and slotring_resume are async-signal-safe, and
 *                 of those on a reader slotring_reader_stop and slotring_reader_resume. They leave the last error as it is. A
 *                 signal does not end a wait, unless options.wait_check says so.
 *   Closed        A call on a handle that is closed or NULL gives SLOTRING_E_CLOSED. The library recognises the 256 objects
 *                 that the process closed last. For an older object the behaviour is undefined, as for any pointer that
 *                 was freed.
 *   Every handle  Each call on a handle, a reader or a writer may give E_CLOSED, E_FORKED, E_EVICTED and E_CORRUPT, and
 *                 E_INVALID for a pointer that must not be NULL. The comments of the calls list the further errors.
 *   Observers     An observer gets E_READ_ONLY from each call that would change the ring. The comments say which calls work
 *                 for an observer. Each of these calls copies the control data that it needs anew. The call gives
 *                 E_TRUNCATED or E_OS if it cannot read, and E_BUSY if another thread has used the same observer for longer
 *                 than lock_timeout_ns.
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
typedef struct slotring_t slotring_t;

/* One subscription of one participant. */
typedef struct slotring_reader slotring_reader_t;

/* One writer of one participant. */
typedef struct slotring_writer slotring_writer_t;

/* ---- Limits --------------------------------------------------------------------------------------- */

#define SLOTRING_NAME_MAX 200u          /* bytes of a ring name */
#define SLOTRING_CLIENT_NAME_MAX 47u    /* bytes of a participant's or reader's name; a longer name is cut */
#define SLOTRING_SLOTS_MAX 16777215u    /* slots of a ring */
#define SLOTRING_PARTICIPANTS_MAX 4095u /* participants of a ring */
#define SLOTRING_READERS_MAX 4095u      /* subscriptions of a ring */
#define SLOTRING_WRITERS_MAX 4095u      /* writers of records of a ring */
#define SLOTRING_GROUPS_MAX 64u         /* groups of readers of a ring */
#define SLOTRING_SLOT_SIZE_MAX (UINT64_C(1) << 40) /* bytes of a slot */
#define SLOTRING_DEFAULT_TOTAL_SIZE (UINT64_C(256) << 20)
#define SLOTRING_DEFAULT_SLOT_SIZE (UINT64_C(10) << 20)
#define SLOTRING_NUMBER_MAX (UINT64_C(1) << 62) /* of a publication, in the ring that this one is a copy of */
#define SLOTRING_DESCRIPTION_MAX 4096u          /* bytes of a ring's description */
#define SLOTRING_TICKET_TEXT_SIZE 80u           /* bytes of a ticket as text, with the final zero */
#define SLOTRING_DEFAULT_ABSENCE_NS (UINT64_C(60) * 1000000000)
#define SLOTRING_FOR_EVER UINT64_MAX

/* ---- Values --------------------------------------------------------------------------------------- */

/* Names one message of one ring: a publication, or a record in a slot. A ticket is a plain value that may be copied and sent in
 * any message. It is not a secret. */
typedef struct slotring_ticket_t {
    uint8_t ring_id[16]; /* of slotring_info */
    uint64_t sequence;   /* of a publication; of a record: its number among the messages of its writer */
    uint32_t slot;
    /* 0: a publication. A record: kind (4 bits), writer (12 bits) and the low 16 bits of the number of its block, from the
     * lowest bit. A ticket with other flags is refused. */
    uint32_t flags;
} slotring_ticket_t;

enum {                        /* slot.kind */
    SLOTRING_KIND_SLOT = 0,   /* a message that has a slot to itself */
    SLOTRING_KIND_RECORD = 1, /* a message that shares its slot with others of its writer */
    SLOTRING_KIND_SPAN = 2,   /* a message that takes several slots: slotring_next_piece gives its bytes */
};

#define SLOTRING_NO_NUMBER UINT64_MAX /* slot.number of a message without a writer */
#define SLOTRING_NO_WRITER UINT32_MAX /* slot.writer of such a message */

/* A slot that the caller has, or a record in a slot. slotring_allocate, slotring_writer_reserve, slotring_acquire_for_read
 * and slotring_next fill this struct. The caller owns the struct. Copies of the struct stand for the same slot. When one
 * copy has been given back, the other copies are refused (E_NOT_HELD, E_STATE), even if another participant has the slot
 * in the meantime. Any thread of the handle's process may give a slot back. */
typedef struct slotring_slot_t {
    /* Aligned to 64 bytes, in a record to 8. The caller may write there if it allocated or reserved the slot, and else only
     * read. NULL in a span, whose bytes lie in several places. */
    void *data;
    uint64_t capacity; /* bytes that fit */
    uint64_t length;   /* bytes of the message; a producer sets it for mark_ready_batch */
    uint64_t offset;   /* of data from the start of the ring's payload, in bytes */
    /* Of the publication; 0 while the slot is being written. Of a record: of its slot, UINT64_MAX while that is not full. */
    uint64_t sequence;
    /* Time of the publication, in nanoseconds since the machine was started (CLOCK_MONOTONIC, QueryPerformanceCounter); 0 if
     * the ring has no time stamps. */
    uint64_t time_ns;
    uint64_t tag;             /* for the user; a producer sets it before mark_ready */
    uint32_t index;           /* of the slot, 0 .. slot_count - 1 */
    uint32_t kind;            /* SLOTRING_KIND_SLOT … */
    slotring_ticket_t ticket; /* all zero while the slot is being written */
    uint64_t number;     /* of the message among those of its writer; SLOTRING_NO_NUMBER without a writer */
    uint32_t writer;     /* number of the writer; SLOTRING_NO_WRITER without one */
    uint32_t pieces;     /* slots that the message takes; 1, unless it is a span */
    uint32_t producer;   /* number of the participant that published the message, or that is writing it */
    uint32_t deliveries; /* how often members of this group had the message before; 0 to any other reader */
    /* Incarnation of that participant. slotring_participants gives the name that belongs to the two numbers. */
    uint64_t producer_incarnation;
    uint64_t internal[4]; /* for the library */
    uint64_t reserved[8]; /* this version of the library does not write them */
} slotring_slot_t;

#define SLOTRING_ERROR_TEXT_SIZE 496u /* bytes of a sentence, with the final zero */

/* An error in words. */
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
    /* The caller promises to use the handle from one thread at a time. Calls are then faster. */
    SLOTRING_ONE_THREAD = 1u << 0,
    /* Touch all pages when the ring is opened, so that the first use of each slot is as fast as the later ones. */
    SLOTRING_PREFAULT = 1u << 1,
    SLOTRING_HUGE_PAGES = 1u << 2,   /* ask for huge pages; slotring_info says what was granted */
    SLOTRING_LOCK_MEMORY = 1u << 3,  /* keep the pages in memory; slotring_info says what was granted */
    SLOTRING_PAGE_ALIGNED = 1u << 4, /* at creation: each slot starts on a page of its own */
    /* With SLOTRING_CREATE, else E_INVALID: first remove a ring of this name. E_BUSY if that ring is in use. */
    SLOTRING_WIPE_UNUSED = 1u << 5,
    /* At creation: all memory of the ring comes from the NUMA node options.numa_node, and from no other node. E_UNSUPPORTED
     * where the backend cannot do that (without SLOTRING_CAN_BIND_MEMORY), or the system refuses it. E_INVALID if there is
     * no such node, or if this process may not use it. E_NO_SPACE if the node has too little memory. Attaching: E_GEOMETRY
     * unless the ring was made for this node. */
    SLOTRING_ON_NUMA_NODE = 1u << 6,
    /* At creation: each message has a checksum of its bytes (CRC-32C), which its producer makes when it publishes the message.
     * The checksum covers the length, the tag and the time of the message too, and the number of a writer's message.
     * slotring_check, slotring_copy, slotring_verify and readers with SLOTRING_VERIFY compare it with the bytes. Attaching:
     * E_GEOMETRY if the ring has no checksums. A participant that attaches without the flag also makes checksums if
     * the ring has them. */
    SLOTRING_CHECKSUMS = 1u << 7,
    /* At creation: a publication goes as soon as every lossless reader has passed it, and the slot that became free last is
     * used first. So large messages stay in the processor's cache. Without a lossless reader a publication stays until its
     * slot is needed. In such a ring no reader can start in the past (E_INVALID), a ticket is good only until the last
     * lossless reader has released the message, or for as long as somebody holds it, and a lossy reader that is behind has
     * missed what has gone, and is told how much. Not with SLOTRING_KEEP (E_INVALID). Attaching: with this flag E_GEOMETRY if
     * the ring has no hot slots; without it the ring is taken as it is. */
    SLOTRING_HOT_SLOTS = 1u << 8,
    /* This handle publishes for a producer elsewhere, by proxy: a program that carries a ring from another machine opens one such
     * handle for each producer there, with client_name, origin_pid and origin_incarnation of that producer. Readers and
     * slotring_participants then have the producer by its name. In a ring with time stamps a slot (and a reservation of a writer)
     * is published with slot->time_ns as its time, unless that is 0: the time there. The stream of the handle is that of the
     * producer: slotring_end_stream ends it, and slotring_end_by_proxy tells its death, or that the way to it is lost. If the
     * process that has the handle dies before, readers are told E_SOURCE_LOST, not E_PRODUCER_DIED. E_INVALID for an observer. */
    SLOTRING_PROXY = 1u << 9,
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

enum { /* options.lossless_for: for which readers producers wait without a limit */
    SLOTRING_LOSSLESS_FOR_ALL = 0,
    /* For those of the user who made the ring, and of root. Readers of other users are lossy, or have a budget
     * (SLOTRING_BUDGETED) that is not larger than budget_messages and budget_ns say. */
    SLOTRING_LOSSLESS_FOR_OWNER = 1,
    /* The same, and for the readers of processes that are in the Unix group options.lossless_group. */
    SLOTRING_LOSSLESS_FOR_GROUP = 2,
};

/* In every field zero or NULL means the default. Prepare the struct with slotring_options_init. Where a comment says
 * "creation: X", X is the default of a creation. Where it says "attaching: 0, or what the ring has", any other value is
 * E_GEOMETRY when the call attaches to an existing ring. */
typedef struct slotring_options_t {
    size_t struct_size; /* sizeof(slotring_options_t) */
    /* sizeof(slotring_slot_t) in the program. 0: its size in the first version. The calls of this handle that take an array of
     * slots step through it by this size. From the size of the first version to 4096, and a multiple of the alignment of
     * slotring_slot_t; else E_INVALID. */
    size_t slot_struct_size;
    uint32_t mode;  /* SLOTRING_CREATE_OR_ATTACH … */
    uint32_t flags; /* SLOTRING_ONE_THREAD … */
    /* Bytes; slot_count = total_size / slot_size, rounded down. Creation: 256 MiB. Attaching: 0, or what the ring has. */
    uint64_t total_size;
    uint64_t slot_size;        /* bytes. Creation: 10 MiB. Attaching: 0, or what the ring has */
    uint32_t max_participants; /* creation: 64. Attaching ignores it */
    uint32_t max_readers;      /* creation: 64. Attaching ignores it */
    uint32_t when_full;        /* creation: SLOTRING_OVERWRITE. Attaching: 0, or what the ring has */
    uint32_t time_stamps;      /* creation: SLOTRING_TIME_NONE. Attaching: 0, or what the ring has */
    uint32_t access;           /* creation: SLOTRING_ACCESS_OWNER */
    /* Creation: 64, or as many as there are slots but one, if that is less. Writers of records (slotring_writer_open) that
     * may be open at a time. Attaching ignores it. */
    uint32_t max_writers;
    /* Creation: name or number of the group for the GROUP access modes. NULL: the group of the process. */
    const char *group;
    /* Attaching: name or number of a user whose rings are accepted, besides the caller's own and root's. NULL: no other
     * user's. */
    const char *trusted_owner;
    const char *client_name; /* the name that others see for this participant; NULL: the program's name */
    /* Where the ring's files lie. NULL: $SLOTRING_DIR (unless setuid), else the system's folder (/dev/shm on Linux). */
    const char *directory;
    const char *backend; /* "posix", …; NULL: $SLOTRING_BACKEND (unless setuid), else the native one */
    /* How long a call waits for the ring's process lock, in nanoseconds, before it gives E_BUSY. 0: 5 s. */
    uint64_t lock_timeout_ns;
    /* The slice, in nanoseconds. A call of this handle that finds nothing looks for dead participants if no call of the ring
     * has looked for so long. A blocked call sleeps no longer than a slice. 0: 100 ms. A value below 100 us counts as
     * 100 us. */
    uint64_t wait_slice_ns;
    /* How long a blocked call spins before it sleeps, in nanoseconds. 0: 20 us on a machine with several processors.
     * UINT64_MAX: the call never sleeps. */
    uint64_t spin_ns;
    /* NULL, or a check by which the program ends a wait. A thread that is blocked in a call of this handle calls it before each
     * sleep, so at least once a slice, and soon after a signal was handled in that thread. If the check gives anything but 0,
     * the call ends with E_INTERRUPTED, and has taken nothing. The thread has nothing of the library locked then, so the check
     * may use the library, but not the reader that waits. It must not close this handle, nor leave by longjmp. pthread_cancel
     * does not end the thread inside the check. A call that waits for a message larger than a slot keeps the slots that it
     * has got meanwhile. */
    int (*wait_check)(void *user);
    void *wait_check_user; /* the library passes it to wait_check */
    /* Number of a NUMA node, with SLOTRING_ON_NUMA_NODE. Without this flag it must be 0. */
    uint32_t numa_node;
    uint32_t lossless_for; /* creation: SLOTRING_LOSSLESS_FOR_ALL. Attaching ignores it */
    /* Creation: NULL, or description_size bytes, which the ring keeps for everybody (slotring_description): what its messages
     * are, the detector, a schema, as text or in any other form. The library does not look at them. Attaching ignores them. */
    const void *description;
    uint64_t description_size; /* SLOTRING_DESCRIPTION_MAX at most; else E_SIZE */
    /* Creation, with SLOTRING_LOSSLESS_FOR_OWNER or _GROUP, else E_INVALID: the largest budget that a reader of anybody else may
     * have, at least so many messages in at most so many nanoseconds. 0: a quarter of the slots; 100 ms. Attaching ignores them. */
    uint64_t budget_messages, budget_ns;
    /* Creation, of a ring that is to be a copy of another one: the lineage of that ring (slotring_info), and the number that the
     * first publication here has there. All zero: a lineage of its own. Attaching: zero, or what the ring has. */
    uint8_t lineage_id[16];
    uint64_t first_sequence; /* SLOTRING_NUMBER_MAX at most; else E_SIZE */
    /* Creation: how long, in nanoseconds, producers that need a slot wait for a durable subscription that no process has. Then it
     * is revoked: producers wait for it no more, and its next reader is told what it missed. 0: SLOTRING_DEFAULT_ABSENCE_NS.
     * SLOTRING_FOR_EVER: it is never revoked. At most 2^30 milliseconds; else E_INVALID. Attaching ignores it. */
    uint64_t absence_ns;
    /* Creation: groups of readers that there may be at a time (SLOTRING_GROUP), SLOTRING_GROUPS_MAX at most; else E_SIZE. 0: none.
     * Each takes 8 bytes for each slot, rounded up to a power of two. Attaching ignores it. */
    uint32_t max_groups;
    /* Creation: slots that a participant may hold at a time, by ticket, in the hands of its lossy and budgeted readers, and of the
     * past, all together. A span counts with all its slots. Tickets count a slot once, however many of them hold it; each reader
     * counts for itself. So a stopped participant that producers do not wait for cannot stop them. More is E_HOLDS, and a batch ends
     * there. Whatever the limit is, a participant that holds nothing may hold one message.
     * 0: an eighth of the slots, at least 1. As many as there are slots, or more: no limit. Attaching ignores it. */
    uint32_t max_holds;
    /* Creation, with SLOTRING_LOSSLESS_FOR_GROUP, else 0: the number (gid) of the group, below UINT32_MAX; else E_INVALID. 0 is the
     * group of this number. E_UNSUPPORTED where groups have no numbers (Windows). Attaching ignores it.
     * slotring_subscribe asks whether the process is in the group then: by its effective group, or by one of its supplementary
     * groups. It asks each time, so also when a reader goes on with a durable subscription, or joins a group of readers. A process
     * that leaves the Unix group keeps the readers that it has, and slotring_reader_rearm does not ask again. */
    uint64_t lossless_group;
    /* With SLOTRING_PROXY, else E_INVALID: process and incarnation (slotring_participants) of the producer there. 0: not known. */
    uint64_t origin_pid, origin_incarnation;
    uint32_t reserved[16];
} slotring_options_t;

/* Sets every option to its default, and writes the two sizes into the options. For bindings, which do not compile
 * slotring_options_init.
 *   options           out: all zero but for the two sizes.
 *   struct_size       bytes of *options in the program.
 *   slot_struct_size  bytes of a slotring_slot_t in the program; 0: as in the first version.
 * Thread-safe and async-signal-safe. */
SLOTRING_API void slotring_options_prepare(slotring_options_t *options, size_t struct_size,
                                           size_t slot_struct_size);

/* Sets every option to its default. Thread-safe and async-signal-safe. */
static inline void slotring_options_init(slotring_options_t *options)
{
    slotring_options_prepare(options, sizeof *options, sizeof(slotring_slot_t));
}

/* Opens ring `name` as options->mode says. The caller becomes a participant, or an observer.
 *   ring     out: the handle; NULL after an error. Close it with slotring_close.
 *   name     1 to 200 bytes of UTF-8, without '/', '\\', control characters or a leading dot.
 *   options  NULL: all defaults.
 *   error    NULL, or out: the error.
 * A creation commits all memory at once. If there is too little memory, the creation fails (E_NO_SPACE), and no access
 * fails later. Some file systems cannot promise this. There the creation gives E_UNSUPPORTED (manual, section 9: tmpfs,
 * ramfs, ext and xfs can promise it). Before a creation asks for memory, it removes unused rings that are to go with their
 * last user (slotring_collect).
 * Blocks: up to lock_timeout_ns, and while the memory is committed (about 0.3 s for a GiB). Cancellation point.
 * Errors: E_INVALID E_NAME E_SIZE E_EXISTS E_NOT_FOUND E_GEOMETRY E_VERSION E_FEATURE E_ENDIAN E_NOT_A_RING
 *   E_CORRUPT E_TRUNCATED E_NO_SPACE E_NO_MEMORY E_ADDRESS_SPACE E_ACCESS E_OWNER E_PARTICIPANTS E_BUSY
 *   E_BACKEND E_UNSUPPORTED E_OTHER_BOOT E_OS.
 * E_OTHER_BOOT: the ring lies on a disk. It was made before the machine was restarted, or on another machine that uses the
 * same disk. A part of its contents may be lost, so nobody may use or observe the ring. slotring_unlink removes such a ring
 * without force. With mode SLOTRING_CREATE the error is E_EXISTS, and SLOTRING_WIPE_UNUSED makes the ring anew. */
SLOTRING_API int slotring_open(slotring_t **ring, const char *name, const slotring_options_t *options,
                               slotring_error_t *error);

/* Leaves the ring: ends the subscriptions of this handle, aborts the slots that it writes, releases the slots that it holds,
 * ends its stream, and frees the handle. The ring stays, for others and for later, unless it is to go with its last user.
 * Pointers to payload become invalid. Reads every slot (85 instructions each).
 * Blocks: only if the ring is to go with its last user, up to lock_timeout_ns. Errors: only E_CLOSED. The handle is closed in
 * any case. */
SLOTRING_API int slotring_close(slotring_t *ring);

/* Closes the handle as slotring_close does, but only if no slot is out. A slot is out if this handle is writing it, has
 * acquired it by ticket, or got it from slotring_next and has not released it, or if a writer has a reservation. What a writer
 * has written is not out. The call is for language bindings in which a
 * pointer to payload may live longer than the handle. E_BUSY: slots are out, and nothing has changed; the error's sentence
 * says how many. Give them back and call again. A subscription alone does not prevent the close. No other call may be
 * running on the handle or its readers. Reads every slot (110 instructions each).
 * Blocks: as slotring_close. Errors: E_BUSY. After E_FORKED and E_EVICTED only slotring_close closes the handle. */
SLOTRING_API int slotring_close_if_idle(slotring_t *ring);

enum { /* how slotring_unlink treats a ring that is in use */
    /* E_BUSY while a living participant is attached. */
    SLOTRING_UNLINK_IF_UNUSED = 0,
    /* Now if the ring is unused; else when the last participant closes. If the last participant is killed,
     * slotring_collect removes the ring later. A caller that has no right to remove the ring gets E_ACCESS now. */
    SLOTRING_UNLINK_WHEN_UNUSED = 1,
    /* Now. The attached participants go on with the ring, which then has no name. If the call does not get the ring's
     * process lock within lock_timeout_ns, it goes on without this lock. */
    SLOTRING_UNLINK_FORCE = 2,
};

/* Removes ring `name`, and then unused rings that are to go with their last user (slotring_collect).
 *   how      SLOTRING_UNLINK_…
 *   options  NULL, or directory, backend, trusted_owner and lock_timeout_ns.
 *   error    NULL, or out: the error.
 * A segment that is not a ring is removed only by force; otherwise the call gives E_NOT_A_RING, E_VERSION, E_CORRUPT or a
 * similar error. A ring from before a restart (E_OTHER_BOOT) needs no force as long as its first page is intact. For such a
 * ring E_BUSY means that a process holds its locks all the same.
 * Blocks: up to lock_timeout_ns. Cancellation point.
 * Errors: E_NAME E_INVALID E_NOT_FOUND E_BUSY E_ACCESS E_OWNER E_BACKEND E_NO_MEMORY E_ADDRESS_SPACE
 *   E_UNSUPPORTED E_NO_SPACE E_OS. */
SLOTRING_API int slotring_unlink(const char *name, int how, const slotring_options_t *options,
                                 slotring_error_t *error);

/* ---- Writing -------------------------------------------------------------------------------------- */

/* Gives the caller a slot to write a message of up to `required_size` bytes: a free slot, round robin (with
 * SLOTRING_HOT_SLOTS: the one that became free last), or else a slot that may be reclaimed (options.when_full). The handle
 * becomes a producer, even if the call gives E_FULL.
 *   slot  out: the slot. End it with slotring_mark_ready or slotring_abort.
 * Blocks: never.
 * Errors: E_TOO_LARGE (required_size is above slot_size), E_FULL (slotring_blockers says which participants keep the
 *   slots). */
SLOTRING_API int slotring_allocate(slotring_t *ring, uint64_t required_size, slotring_slot_t *slot);

/* Allocates as slotring_allocate does, and waits up to timeout_ns for a slot.
 * Errors: E_TOO_LARGE; E_TIMEOUT (the sentence names a durable subscription that is in the way and that nobody has;
 *   slotring_in_the_way says who else is); E_FULL (timeout_ns is 0); E_INTERRUPTED; E_STOPPED;
 *   E_REMOVED  once for each handle, to a producer that waits: another program took the ring's files away (slotring_next
 *              says more).
 *   E_STATE    the calling thread would wait for itself: the messages that this handle's own lossless reader has still to
 *              read, those that it holds of the past among them, and the slots that this handle is writing, take all slots.
 *              The call gives this error only if it is certain that no other thread reads in the meantime: with
 *              SLOTRING_ONE_THREAD, or in a process of one thread. For a span also if only what the handle writes leaves too few
 *              slots. */
SLOTRING_API int slotring_allocate_wait(slotring_t *ring, uint64_t required_size, int64_t timeout_ns,
                                        slotring_slot_t *slot);

/* Publishes an allocated slot with its first `bytes_written` bytes and slot->tag, and wakes blocked readers. On return
 * slot->ticket and slot->sequence name the publication. slot->data is NULL: the bytes no longer belong to the producer.
 * Blocks: never.
 * Errors: E_TOO_LARGE, E_STATE (not allocated, or already published or aborted), E_NOT_OWNER (the slot is another
 *   handle's). */
SLOTRING_API int slotring_mark_ready(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written);

/* Publishes as slotring_mark_ready does, and this handle holds the message from the same moment on. So the message is never gone
 * before its ticket was sent on by another way (a queue, a socket). slotring_release_ticket ends the hold. A publication that is
 * overwritten, or freed, meanwhile keeps its slot until then.
 * The first such call of a handle takes memory: 8 bytes for each slot. Blocks: never.
 * Errors: as slotring_mark_ready; E_HOLDS, E_NO_MEMORY as slotring_acquire_for_read; E_BUSY (rarely, in a process of several
 *   threads: one of them is stopped while it releases this slot). After an error nothing is published, and the slot is still the
 *   caller's. */
SLOTRING_API int slotring_mark_ready_keep(slotring_t *ring, slotring_slot_t *slot, uint64_t bytes_written);

/* Gives an allocated slot back without publishing it. slot->data is then NULL. Blocks: never. Errors: E_STATE,
 * E_NOT_OWNER. */
SLOTRING_API int slotring_abort(slotring_t *ring, slotring_slot_t *slot);

/* Allocates up to `wanted` slots. The call waits only for the first one, up to timeout_ns, and then returns the slots that it
 * could get.
 *   slots  out: room for `wanted` slots, each options.slot_struct_size bytes after the one before.
 *   count  out: how many slots the caller got; at least 1 after success.
 * Errors: as slotring_allocate_wait; E_INVALID (wanted is 0). */
SLOTRING_API int slotring_allocate_batch(slotring_t *ring, uint64_t required_size, slotring_slot_t *slots,
                                         uint32_t wanted, int64_t timeout_ns, uint32_t *count);

/* Publishes `count` allocated slots in their order, each with its slot.length and slot.tag, with a single wake-up. `slots` is
 * an array as for slotring_allocate_batch.
 *   published  NULL, or out: how many slots were published. After an error the other slots are still the caller's.
 * Blocks: never. Errors: as slotring_mark_ready. */
SLOTRING_API int slotring_mark_ready_batch(slotring_t *ring, slotring_slot_t *slots, uint32_t count,
                                           uint32_t *published);

/* Gives the caller as many slots as a message of up to `size` bytes takes: a span. The message is published at one instant, as
 * one: a reader gets all of it, or nothing. All its slots become free together. A message that fits into one slot gets one, as by
 * slotring_allocate_wait.
 *   slot  out: slot->pieces slots, with slot->capacity bytes in all. slot->data is NULL if they are several: write the bytes with
 *         slotring_next_piece or slotring_scatter. End it with slotring_mark_ready, which keeps the slots that bytes_written
 *         bytes take, or with slotring_abort.
 * A call that waits may keep slots that it got, one call in the ring at a time; so no two such calls wait for each other's slots.
 * Beside slots that others keep for long (a writer that is idle keeps one, slotring_blockers names it) a message that takes nearly
 * the whole ring waits until they come back, and other producers wait for slots meanwhile: leave so many slots more. In a ring that
 * overwrites, a call that fails may have reclaimed publications for the slots that it got and gave back.
 * Blocks: up to timeout_ns.
 * Errors: as slotring_allocate_wait; E_TOO_LARGE (the ring has not so many slots). */
SLOTRING_API int slotring_allocate_span(slotring_t *ring, uint64_t size, int64_t timeout_ns,
                                        slotring_slot_t *slot);

/* Waits until at least `wanted` lossless readers are subscribed to the ring, those of this handle among them. A producer that
 * begins only then loses nothing for them. A reader whose process died does not count. A group with members counts as one.
 *   there  NULL, or out: how many lossless readers there are.
 * Reads every subscription; and asks the system about each lossless reader when there seem to be enough (22,000 instructions
 * and 18 system calls each).
 * Blocks: up to timeout_ns. A subscription ends the wait at once.
 * Errors: E_TIMEOUT (also with timeout_ns 0), E_INTERRUPTED, E_STOPPED; E_REMOVED as slotring_allocate_wait; E_READERS (the ring
 *   has fewer places for readers). */
SLOTRING_API int slotring_wait_readers(slotring_t *ring, uint32_t wanted, int64_t timeout_ns,
                                       uint32_t *there);

/* Ends the stream of this producer, and wakes the readers. The next allocation starts a new stream. The slots that the
 * producer is still writing may be published. A second call changes nothing. Blocks: never. No further errors. */
SLOTRING_API int slotring_end_stream(slotring_t *ring);

enum {                          /* how slotring_end_by_proxy ends a stream */
    SLOTRING_PRODUCER_DIED = 1, /* the producer there has died: readers get E_PRODUCER_DIED */
    SLOTRING_SOURCE_LOST = 2,   /* the way to it is lost: readers get E_SOURCE_LOST */
};

/* Ends the stream of a handle with SLOTRING_PROXY: tells readers, once and after all messages of this handle, what became of the
 * producer for which it publishes. The handle then publishes no more (E_STATE): for the producer's next life, or when the way is
 * there again, open another one. Call it when no other thread publishes with the handle.
 *   how  SLOTRING_PRODUCER_DIED or SLOTRING_SOURCE_LOST
 * If the caller is killed meanwhile, readers are told either this or E_SOURCE_LOST, and once.
 * Blocks: up to lock_timeout_ns. Cancellation point. Errors: E_STATE (not a proxy; a writer is open; nothing was published since the
 *   stream ended), E_INVALID, E_BUSY. */
SLOTRING_API int slotring_end_by_proxy(slotring_t *ring, uint32_t how);

/* ---- Writing messages of any size ------------------------------------------------------------------ */

/* A writer writes messages of any size. Small ones share a slot: such a message is called a record. A larger one takes a slot of
 * its own, and one that is larger than a slot takes several (slotring_allocate_span). Readers get all of
 * them with the same calls, and need not know which is which. Each message is visible to readers when the call that writes it
 * returns. The call is no memory fence for what the caller loads next: a program that tells its readers by a flag of its own puts
 * atomic_thread_fence(memory_order_seq_cst) between the call and the look at that flag.
 *
 * The messages of one writer have the numbers 0, 1, 2 … (but see slotring_writer_skip) and every reader gets them in this order.
 * The numbers of a writer go on when the writer is closed and another one is opened in its place. Messages that are published in
 * slots have one order for all readers; records of two writers whose slots are open at the same time may come in another order to
 * another reader.
 *
 * A writer keeps one slot of the ring while it has written records into it and the slot is not full. It gives this slot up,
 * for readers to read and others to reclaim, when it needs the next one, and when it is closed. So a ring has at most
 * slot_count - 1 writers. What a killed writer had written is delivered; a message that it was writing is never seen.
 *
 * One thread at a time may use a writer. */

enum {
    SLOTRING_WRITER_AT_ROW = 1,       /* in place `row`, and in no other */
    SLOTRING_WRITER_FIRST_NUMBER = 2, /* `first_number` counts */
};

/* In every field zero means the default. Prepare the struct with slotring_writer_options_init. */
typedef struct slotring_writer_options_t {
    size_t struct_size; /* sizeof(slotring_writer_options_t) */
    uint32_t flags;     /* 0; or SLOTRING_WRITER_AT_ROW, alone or with SLOTRING_WRITER_FIRST_NUMBER */
    /* With SLOTRING_WRITER_AT_ROW: 0 to max_writers - 1, `writer` of its messages. A copy of another ring's writer has the same. */
    uint32_t row;
    /* Where the numbers begin if nobody ever wrote in this row, 2^51 at most; else, and where they are further already, they go on,
     * and slotring_writer_number says where. No reader misses what is below it. */
    uint64_t first_number;
    uint64_t reserved[8];
} slotring_writer_options_t;

/* Sets every option to its default, and writes the size into the options. For bindings, which do not compile
 * slotring_writer_options_init. Thread-safe and async-signal-safe. */
SLOTRING_API void slotring_writer_options_prepare(slotring_writer_options_t *options, size_t struct_size);

/* Sets every option to its default. Thread-safe and async-signal-safe. */
static inline void slotring_writer_options_init(slotring_writer_options_t *options)
{
    slotring_writer_options_prepare(options, sizeof *options);
}

/* Opens a writer. The handle becomes a producer, whose stream cannot be ended while the writer is open.
 *   options  NULL: all defaults.
 *   writer   out: the writer; NULL after an error. slotring_writer_close ends it, and slotring_close of its ring does.
 * Blocks: with SLOTRING_WRITER_AT_ROW, for the ring's process lock, if the owner of that row has died. Cancellation point.
 * Errors: E_WRITERS (all max_writers writers are open, or as many as there are slots but one; or that row is taken), E_BUSY (the
 *   process lock), E_NO_MEMORY, E_INVALID (also a row that the ring does not have). */
SLOTRING_API int slotring_writer_open(slotring_t *ring, const slotring_writer_options_t *options,
                                      slotring_writer_t **writer);

/* Writes one message: copies `size` bytes of `data` into the ring and makes them visible.
 *   tag  for the user; readers get it in slot->tag.
 * Blocks: up to timeout_ns, if the message needs a new slot and none is free.
 * Errors: E_TOO_LARGE (the ring has not so many slots); E_FULL (timeout_ns is 0); E_TIMEOUT, E_INTERRUPTED, E_STOPPED, E_REMOVED
 *   and E_STATE as slotring_allocate_wait; E_STATE also while the writer has a reservation. After an error nothing of the message
 *   is visible. */
SLOTRING_API int slotring_writer_append(slotring_writer_t *writer, const void *data, uint64_t size,
                                        uint64_t tag, int64_t timeout_ns);

/* One message of a batch. */
typedef struct slotring_message_t {
    const void *data; /* the bytes of the message */
    uint64_t size;    /* bytes */
    uint64_t tag;
} slotring_message_t;

/* Writes up to `count` messages in their order, with a single wake-up. Waits for a slot only for the first message, up to
 * timeout_ns, and then writes those for which there is room.
 *   appended  NULL, or out: how many it wrote; at least 1 after success, unless count is 0.
 * Blocks: up to timeout_ns. Errors: as slotring_writer_append, of the first message that was not written. Success if only the
 * room ended. */
SLOTRING_API int slotring_writer_append_batch(slotring_writer_t *writer, const slotring_message_t *messages,
                                              uint32_t count, int64_t timeout_ns, uint32_t *appended);

/* Reserves room for a message of up to `size` bytes, which the caller writes in place. No reader sees it before
 * slotring_writer_commit. A writer has one reservation at a time.
 *   slot  out: data (aligned to 8 bytes), capacity and number. End it with slotring_writer_commit or slotring_writer_cancel. data
 *         is NULL if the message takes several slots: see slotring_allocate_span.
 * Blocks: up to timeout_ns. Errors: as slotring_writer_append. */
SLOTRING_API int slotring_writer_reserve(slotring_writer_t *writer, uint64_t size, int64_t timeout_ns,
                                         slotring_slot_t *slot);

/* Makes a reservation visible as a message with its first `bytes_written` bytes and slot->tag. On return slot->ticket names
 * the message. slot->data is NULL. Blocks: never. Errors: E_TOO_LARGE; E_STATE (not this writer's reservation). */
SLOTRING_API int slotring_writer_commit(slotring_writer_t *writer, slotring_slot_t *slot,
                                        uint64_t bytes_written);

/* Gives a reservation back. Nothing of it was visible. slot->data is then NULL. Blocks: never. Errors: E_STATE. */
SLOTRING_API int slotring_writer_cancel(slotring_writer_t *writer, slotring_slot_t *slot);

/* The number of the writer's next message.
 *   number  out. Blocks: never. Errors: E_INVALID. */
SLOTRING_API int slotring_writer_number(slotring_writer_t *writer, uint64_t *number);

/* Skips numbers: no message of the writer will ever have the next `count` of them. For whoever copies a writer of another ring,
 * and has missed messages there: behind them the copies have the numbers of the originals. Each reader that comes to this place
 * counts them as missed (slotring_reader_info_t.records_missed), as it counts other messages of a writer that it misses, a lossless
 * one too, and goes on. A durable subscription and a group do not count them, since several processes may come to this place one
 * after the other: there the numbers of the messages alone say it.
 * The call gives up what the writer has open, and opens a slot for records. If nothing is written into that slot, then it is a
 * publication without a message: a lossy reader may count it in `missed`.
 *   count  0 does nothing. The number behind them is 2^51 at most.
 * Blocks: up to timeout_ns, if no slot is free. Cancellation point while it blocks. Errors: as slotring_writer_append; E_INVALID (the
 *   number behind them would be too large); E_UNSUPPORTED (the slots of this ring are too small for records). After an error nothing
 *   is skipped. */
SLOTRING_API int slotring_writer_skip(slotring_writer_t *writer, uint64_t count, int64_t timeout_ns);

/* Ends the writer and frees it, whatever the call returns. A reservation is cancelled. Blocks: never. No further errors. */
SLOTRING_API int slotring_writer_close(slotring_writer_t *writer);

/* ---- Reading by ticket ---------------------------------------------------------------------------- */

/* Acquires the message that `ticket` names, a publication or a record. The caller reads it in place until slotring_release.
 * Any number of participants, and of threads of one handle, may hold the same message. Its length counts as bytes read.
 *
 * A record may be acquired from the moment when it is visible. It stays as long as somebody holds a record of the same slot,
 * also when its writer has gone on to another slot. slot->sequence is UINT64_MAX as long as its writer writes more records
 * into the slot. A handle finds records in the order of their numbers with one step each, and any other one by a walk from
 * the first record of the slot (35 instructions for each record in between).
 *   slot  out: the slot. End it with slotring_release.
 * Blocks: never. The call does not wait for another thread either, whatever the priority of that thread is, and wherever
 *   that thread was stopped.
 * Errors: E_STALE (gone, or freed), E_FOREIGN (of another ring, or of an earlier ring of this name), E_INVALID (not a
 *   ticket; or the sequence of a slot with records, each of which has its own ticket), E_BUSY (threads of two processes are
 *   stopped in the middle of a release of this slot, or one thread of this process while the slot is still written with
 *   records: call again),
 *   E_HOLDS (with this message the handle would hold more slots than options.max_holds of the ring; the sentence says how many it
 *   holds: release some),
 *   E_NO_MEMORY (also: this handle holds the slot 2^20 - 1 times already; the sentence says so). */
SLOTRING_API int slotring_acquire_for_read(slotring_t *ring, const slotring_ticket_t *ticket,
                                           slotring_slot_t *slot);

/* Ends one acquire, in any thread of the process. slot->data is then NULL. Blocks: never.
 * Errors: E_NOT_HELD (this acquire was released already; nothing changes for other holders of the slot), E_NOT_OWNER (the
 *   slot is another handle's). */
SLOTRING_API int slotring_release(slotring_t *ring, slotring_slot_t *slot);

/* Holds the message that `ticket` names, without a slot struct. It is for a program that passes the ticket on. The hold ends by
 * slotring_release_ticket, in any thread of the process, or with the handle. Each call is one hold, to be ended once. A program
 * that holds a message may acquire it at any time. Not for a record (E_INVALID): slotring_acquire_for_read holds that.
 * Blocks: never. Errors: as slotring_acquire_for_read. */
SLOTRING_API int slotring_hold(slotring_t *ring, const slotring_ticket_t *ticket);

/* Ends one hold that slotring_mark_ready_keep or slotring_hold began with this handle. Holds by slotring_acquire_for_read stay: only
 * their own struct ends them. Blocks: never.
 * Errors: E_NOT_HELD (this handle has no such hold of this message, or not any more), E_FOREIGN, E_INVALID (not a ticket, or one of
 *   a record). */
SLOTRING_API int slotring_release_ticket(slotring_t *ring, const slotring_ticket_t *ticket);

/* Withdraws a message. Its ticket is stale at once. A lossless reader that has not passed the message still receives it; a
 * lossy reader counts it as missed. The slot becomes free when nobody holds the message and every lossless reader has passed
 * it. A slot with records becomes free so when each of them was freed and their writer has gone on to another slot, or was
 * closed. Blocks: never. Errors: as slotring_acquire_for_read. A second free of the same message is E_STALE. */
SLOTRING_API int slotring_free(slotring_t *ring, const slotring_ticket_t *ticket);

/* Gives the ticket of the publication that is in slot `index` now. For an observer too. Blocks: never. Errors: E_INVALID
 * (index; or the slot has records, each of which has its own ticket), E_NOT_READY (there is no publication in this slot). */
SLOTRING_API int slotring_ticket_at(slotring_t *ring, uint32_t index, slotring_ticket_t *ticket);

/* Gives the ticket of the newest message of a writer that is there and whose number is not above `number`: UINT64_MAX for the
 * newest of all. Of a record, too, also while its writer writes more into the same slot. So a program goes along what a writer wrote,
 * and sees it by slotring_copy. For an observer too.
 *   row     of the writer, from 0 to max_writers - 1. Its messages are found also after it was closed. A row may have had several
 *           writers, one after the other; their numbers go on.
 *   ticket  out: of a record its `sequence` is the number. The message is not held, so the ticket may be stale when it is used. It is
 *           stale for a record that was freed.
 * Reads the row, and what stands in front of each record of the slot in which the message lies (20 instructions each). If the writer
 * does not write that slot any more, the call reads every slot of the ring; an observer copies their control lines.
 * Blocks: only an observer, for its other threads. Errors: E_INVALID (row, ticket), E_NOT_READY (there is no such message). */
SLOTRING_API int slotring_ticket_of_writer(slotring_t *ring, uint32_t row, uint64_t number,
                                           slotring_ticket_t *ticket);

/* Copies a whole message into `buffer`, or nothing. The caller holds nothing afterwards. For an observer too.
 *   size  bytes of buffer.
 *   info  NULL, or out: all that slotring_next gives, except that info->data is NULL.
 * In a ring with checksums the copy is compared with the message's checksum.
 * Blocks: never. Errors: as slotring_acquire_for_read; E_SIZE if buffer is too small (info->length is the size that the
 * message needs); E_CHECKSUM if the bytes are not those that were published (buffer and info have them all the same). */
SLOTRING_API int slotring_copy(slotring_t *ring, const slotring_ticket_t *ticket, void *buffer, uint64_t size,
                               slotring_slot_t *info);

/* Copies as slotring_copy does, by the sequence number. For an observer too. Blocks: never. Errors: E_STALE (gone),
 * E_NOT_READY (not yet published), E_INVALID (a slot with records), and E_SIZE, E_CHECKSUM, E_BUSY and E_NO_MEMORY as slotring_copy. */
SLOTRING_API int slotring_copy_sequence(slotring_t *ring, uint64_t sequence, void *buffer, uint64_t size,
                                        slotring_slot_t *info);

/* Compares the bytes of a message with the checksum that its producer made. The ring must have checksums (SLOTRING_CHECKSUMS).
 *   slot  a message that this handle has now: from slotring_acquire_for_read, slotring_next or slotring_next_batch.
 * Reads every byte of the message (20 GB/s where the processor has an instruction for CRC-32C, else 2). Nothing changes, also
 * after E_CHECKSUM. Blocks: never.
 * Errors: E_CHECKSUM (the bytes are not those that were published: a program wrote into the ring where it should not, or the
 *   memory is faulty; the error's sentence has both sums), E_CORRUPT (a piece of the message is not there), E_UNSUPPORTED (the
 *   ring has no checksums), E_STALE (the message was released, and its slot has another one by now), E_NOT_OWNER (the slot is
 *   another handle's), E_STATE (the caller writes this slot, or gave it back). */
SLOTRING_API int slotring_verify(slotring_t *ring, const slotring_slot_t *slot);

/* Convert a ticket to text and back. The text is "slotring1-RINGID-SEQUENCE-SLOT-FLAGS" in hexadecimal. Each ticket has
 * exactly one text: small letters, no additional zeros.
 *   size  bytes of text, at least SLOTRING_TICKET_TEXT_SIZE.
 * Thread-safe. Block: never. Errors: E_SIZE (size), E_INVALID (NULL, or the text is not a ticket). */
SLOTRING_API int slotring_ticket_to_text(const slotring_ticket_t *ticket, char *text, size_t size);
SLOTRING_API int slotring_ticket_from_text(const char *text, slotring_ticket_t *ticket);

/* ---- Pieces of a message ------------------------------------------------------------------------- */

/* One piece of a message. A struct of zeros stands before the first one. */
typedef struct slotring_piece_t {
    void *data; /* aligned as slot.data. To write to while the caller writes the message, else only to read */
    uint64_t length;   /* bytes in this piece: of the message, or, while it is written, that fit */
    uint64_t position; /* of the first of them in the message */
    uint32_t index;    /* of the slot in which it lies */
    uint32_t number;   /* pieces so far, this one among them */
    uint64_t reserved[4];
} slotring_piece_t;

/* Gives the next piece of a message, in place. The caller has `slot`, to write it or to read it. A message of one slot, and a
 * record, have one piece. So these calls serve any message.
 *   piece  in: what the call before gave, or zeros; out: the piece behind that. It is valid as long as the caller has the slot.
 * Blocks: never. Errors: E_EMPTY (that was the last piece), E_STATE (the slot was given back), E_NOT_OWNER (the slot is another
 * handle's), E_INVALID, E_CORRUPT (the ring is damaged). */
SLOTRING_API int slotring_next_piece(slotring_t *ring, const slotring_slot_t *slot, slotring_piece_t *piece);

/* Copies up to `bytes` bytes of a message, from byte `offset` on, into `buffer`.
 *   got  NULL, or out: how many; less than `bytes` if the message ends before.
 * Goes along the pieces from the first one. Blocks: never. Errors: as slotring_next_piece, but for E_EMPTY; E_SIZE (offset lies
 * behind the end of the message). */
SLOTRING_API int slotring_gather(slotring_t *ring, const slotring_slot_t *slot, uint64_t offset, void *buffer,
                                 uint64_t bytes, uint64_t *got);

/* Copies `bytes` bytes of `data` into a message that the caller writes, from byte `offset` on.
 * Goes along the pieces from the first one. Blocks: never. Errors: as slotring_gather; E_STATE also if the slot is not being
 * written; E_TOO_LARGE (the slot has not so many bytes). */
SLOTRING_API int slotring_scatter(slotring_t *ring, const slotring_slot_t *slot, uint64_t offset,
                                  const void *data, uint64_t bytes);

/* ---- Reading in order ----------------------------------------------------------------------------- */

enum { /* reader_options.mode */
    /* Gets every publication. Producers wait for this reader when the ring is full of messages that it has not read. */
    SLOTRING_LOSSLESS = 0,
    /* Never delays producers; is told exactly how many messages it missed. It keeps the slot of what it was given until the
     * release. Of a slot with records it may keep that until the call of slotring_next that finds nothing more there. */
    SLOTRING_LOSSY = 1,
    /* As a lossless reader, with a budget: while it stands in the way of producers it has to acknowledge at least budget_messages
     * in each budget_ns. Else the producer that needs a slot revokes it: producers wait for it no more. A reader is late only
     * when somebody needs the slot. Its next call says E_REVOKED, once. It keeps the slot of what it was given until the
     * release, as a lossy reader does, so what it has in its hands stays. */
    SLOTRING_BUDGETED = 2,
};
enum {                            /* reader_options.when_revoked */
    SLOTRING_REVOKED_GOES_ON = 0, /* after E_REVOKED the reader goes on as a lossy one */
    SLOTRING_REVOKED_ENDS = 1,    /* it is given nothing more: each call says E_REVOKED */
};
enum { /* reader_options.start */
    SLOTRING_FROM_NOW = 0,
    /* From the oldest publication after which none is missing. This start and the next two are E_INVALID in a ring with
     * SLOTRING_HOT_SLOTS. */
    SLOTRING_FROM_OLDEST = 1,
    /* From the newest `first` publications, or fewer if not so many are there without a gap: what came before a trigger. A lossless
     * reader holds them from the subscription on, max_holds of the ring at most (E_HOLDS). One that starts from the oldest, or from
     * a sequence, holds what is there whatever the limit is, and it counts until it is read. pending and start of
     * slotring_reader_info say how many there are. */
    SLOTRING_FROM_LAST = 2,
    /* From the publication with sequence `first`. If it is gone, or one after it, the reader begins after the newest that is gone, and
     * counts what lies between as missed. */
    SLOTRING_FROM_SEQUENCE = 3,
};
enum { /* reader_options.wanted */
    SLOTRING_WANTS_ALL = 0,
    /* Only for a lossy reader: each slotring_next gives the newest message that is there, and passes over what is older. Of each
     * writer that has a slot open it gives the newest record there. */
    SLOTRING_WANTS_LATEST = 1,
};
enum {                        /* reader_options.at_end */
    SLOTRING_AT_END_TELL = 0, /* E_END when every producer has ended or died */
    SLOTRING_AT_END_WAIT = 1, /* no E_END: the reader waits for the next producer */
};

enum { /* reader_options.flags */
    /* slotring_next and slotring_next_batch compare each message with its checksum before they give it (E_CHECKSUM).
     * E_UNSUPPORTED if the ring has no checksums. */
    SLOTRING_VERIFY = 1u << 0,
    /* slotring_next and slotring_next_batch tell the reader of each mark (E_MARK), at the place of the mark. Such a reader
     * looks at one more word for each message, and takes each record by itself. */
    SLOTRING_TELL_MARKS = 1u << 1,
    /* Only for a lossless reader: its subscription has a name (`name`, 1 to SLOTRING_CLIENT_NAME_MAX bytes) and outlives its
     * process. See slotring_subscribe. */
    SLOTRING_DURABLE = 1u << 2,
    /* Only for a lossless reader that starts from now and wants all messages: it is a member of the group `name`. Each message goes to
     * one of the members. See slotring_subscribe. Not with SLOTRING_DURABLE or SLOTRING_TELL_MARKS. */
    SLOTRING_GROUP = 1u << 3,
    /* Only for a budgeted reader that wants all messages: a queue, or another way, brings it the tickets of its messages. Producers
     * wait for what the queue may still bring. See slotring_reader_acquire_ticket. Not with SLOTRING_TELL_MARKS. */
    SLOTRING_BY_TICKET = 1u << 4,
};

/* In every field zero or NULL means the default. Prepare the struct with slotring_reader_options_init. */
typedef struct slotring_reader_options_t {
    size_t struct_size;
    size_t slot_struct_size; /* as in slotring_options_t, for slotring_next_batch */
    uint32_t mode;           /* SLOTRING_LOSSLESS … */
    uint32_t start;          /* SLOTRING_FROM_NOW … */
    const char *name;        /* the name that others see; NULL: the handle's client_name */
    uint32_t flags;          /* SLOTRING_VERIFY … */
    uint32_t wanted;         /* SLOTRING_WANTS_ALL … */
    uint32_t at_end;         /* SLOTRING_AT_END_TELL … */
    /* The reader wants only the messages whose number `every` divides: the sequence of a publication, the number of a message of a
     * writer. So several readers with one `every` get the same messages. 0 and 1: every message. */
    uint32_t every;
    /* With SLOTRING_FROM_LAST: how many, at least 1. With SLOTRING_FROM_SEQUENCE: which. Else 0. */
    uint64_t first;
    /* The reader wants only the messages with (tag & tag_mask) == tag_match. 0 and 0: every tag. */
    uint64_t tag_mask, tag_match;
    /* Both or none. A call that waits returns when so many messages are there (at most SLOTRING_WAKE_MESSAGES_MAX), or so
     * many nanoseconds after it noticed the first of them. 0 and 0: at the first message. See slotring_next. */
    uint64_t wake_messages, wake_ns;
    /* With SLOTRING_BUDGETED, else 0: so many messages (at most SLOTRING_BUDGET_MESSAGES_MAX; 0: a quarter of the ring's slots, at
     * least 1) in so many nanoseconds (at most SLOTRING_BUDGET_NS_MAX, rounded up to milliseconds; 0: 100 ms). */
    uint64_t budget_messages, budget_ns;
    uint32_t when_revoked; /* with SLOTRING_BUDGETED: SLOTRING_REVOKED_GOES_ON … */
    /* With SLOTRING_GROUP, else 0: after this many members had the message and none acknowledged it, no other member gets it. It
     * goes to the dead letters: see slotring_dead_letters. At most SLOTRING_TRIES_MAX; 0: no limit, or that which the group has. */
    uint32_t tries;
    /* With tries, else 0: so many dead letters stay in their slots, at most SLOTRING_LETTERS_MAX, and half of the ring's slots. 0: an
     * eighth of the slots, SLOTRING_LETTERS_MAX at most. SLOTRING_NO_LETTERS: none stays, and they are only counted. */
    uint32_t letters;
    /* The reader may have so many messages out at a time, from several calls: at most SLOTRING_WINDOW_MAX, and in a ring
     * without writers at most slot_count. A lossy or budgeted reader holds each slot of these, so max_holds of the ring bounds
     * them, too (E_HOLDS). 0: what a call gave is released before the next call. See slotring_reader_release_one.
     * With SLOTRING_BY_TICKET: by how many messages the queue may bring a ticket too late, half of the ring's slots at most. 0: it
     * brings them in order. */
    uint32_t window;
    uint64_t reserved[8];
} slotring_reader_options_t;

#define SLOTRING_TRIES_MAX 254u        /* of reader_options.tries */
#define SLOTRING_LETTERS_MAX 8u        /* of reader_options.letters */
#define SLOTRING_NO_LETTERS UINT32_MAX /* for reader_options.letters */

#define SLOTRING_WAKE_MESSAGES_MAX 1048575u /* of reader_options.wake_messages */
#define SLOTRING_WINDOW_MAX 1048576u        /* of reader_options.window */
#define SLOTRING_WINDOW_ANY_ORDER 48u       /* of a durable reader: slotring_reader_release_one */
#define SLOTRING_BUDGET_MESSAGES_MAX 8388608u
#define SLOTRING_BUDGET_NS_MAX UINT64_C(1073741824000000) /* about twelve days */

/* Sets every option to its default, and notes the two sizes, as slotring_options_prepare does. Thread-safe and
 * async-signal-safe. */
SLOTRING_API void slotring_reader_options_prepare(slotring_reader_options_t *options, size_t struct_size,
                                                  size_t slot_struct_size);

/* Sets every option to its default. Thread-safe and async-signal-safe. */
static inline void slotring_reader_options_init(slotring_reader_options_t *options)
{
    slotring_reader_options_prepare(options, sizeof *options, sizeof(slotring_slot_t));
}

/* Subscribes to the ring's publications.
 *   options  NULL: lossless, from now, all messages.
 * Messages that the reader does not want are passed over. They are not given, their bytes are not touched, a lossy reader holds
 * them no longer than a look takes, and a lossless reader makes producers wait for them no longer than a call takes. The wanted
 * properties go together: `every` and a tag want what both want; the latest with a tag is the newest message if it has the tag.
 * With SLOTRING_DURABLE the ring keeps the subscription when its reader ends: by slotring_unsubscribe, slotring_close or the
 * death of its process. Producers go on waiting for what it has not acknowledged; a release is the acknowledgement. The
 * next reader with the same name and the same wanted properties goes on at the first message that was not acknowledged, and with the
 * same account. Its `start` and `first` say nothing then. No message or record is given twice, and none is lost. There is one
 * exception: messages of a start in the past that the last reader still held are gone with it. The next reader has them in `missed`.
 * With SLOTRING_TELL_MARKS the next reader is told of each mark that the last one had not given back, at its place among the
 * messages: see slotring_next, E_MARK. Of marks that are gone meanwhile it is told how many (`not_told` of the next one). A reader
 * of the name that does not ask for marks leaves them to the next one that does, which is then told late, at its first call. A
 * subscription of which no reader has asked so far begins with the marks behind its first message.
 * While no reader has the subscription, producers that need its slots wait for options.absence_ns of the ring at most. Then the
 * subscription is revoked, and they go on. Its next reader is told so by E_REVOKED. It starts at the oldest message that is still
 * there, and holds the messages from there on as a past. `missed` and `lost` count the others. From then on it misses nothing. A
 * durable subscription lives until slotring_forget, or as long as the ring. In a ring with writers at most 64 subscriptions are
 * durable.
 * With SLOTRING_GROUP the reader is a member of the group `name`, which it makes if there is none. A group is a durable
 * subscription with several members at once, in any processes. It begins when it is made. Each message goes to one member, and a
 * release is the acknowledgement. What a member had in its hands when it was killed, or left, goes to another one; slot.deliveries
 * says how often members had the message before. So a message can come twice: a killed member may have done its work, and not
 * acknowledged it. Which member gets a message is not said, nor in which order the members end theirs. To send all data of one
 * board to one worker, give each worker its own subscription with a tag. Producers wait for the oldest message that no member has
 * acknowledged. A member meets a slot with records when its writer has ended the slot: it gets all its records, and the slot is
 * acknowledged with the last one; else all come again. E_END comes when every message is acknowledged. With `tries` a message that
 * no worker can take ends as a dead letter, instead of killing one worker after the other (slotring_dead_letters): the member that
 * makes the group says how many, and a member that joins says the same, or 0. A group lives until slotring_forget, which it does
 * not allow while it has members. Without a member producers wait for it for options.absence_ns at most; then it is revoked, and a
 * revoked group is closed: joining it gives E_REVOKED, until it is forgotten.
 * A group may want only some messages (`every`, tag_mask and tag_match): each member asks for the same. What the group does not want
 * no member is given. It counts as passed_over of the group. A member passes over it in its calls of slotring_next, and when it
 * releases what lies before. Of a slot with records a member is given those that the group wants, and counts the others in its own
 * records_passed_over; a slot that has none of these is passed over as one message.
 * These do not go together, and give E_INVALID:
 *   | latest         | lossless, budgeted, from the oldest, from a sequence, a group |
 *   | SLOTRING_DURABLE | lossy, budgeted, SLOTRING_GROUP |
 *   | window         | the latest, every, a tag, SLOTRING_GROUP |
 *   | SLOTRING_GROUP | lossy, budgeted, any start but from now, wake_messages, SLOTRING_TELL_MARKS |
 *   | SLOTRING_BY_TICKET | lossless, lossy, the latest, every, a tag, wake_messages, SLOTRING_TELL_MARKS, SLOTRING_DURABLE, SLOTRING_GROUP |
 *   reader   out: the reader; NULL after an error. slotring_unsubscribe ends it, and slotring_close of its ring does.
 * Reads every participant's entry, and the subscriptions up to the first free one. A start in the past also reads each
 * publication that the reader is to get from there.
 * Blocks: never; with SLOTRING_DURABLE or SLOTRING_GROUP up to lock_timeout_ns.
 * Cancellation point. Errors: E_READERS (all max_readers subscriptions are in use, or all max_groups groups; or, in a ring with
 * writers, all that can be durable), E_REVOKED (the group is closed), E_NO_MEMORY, E_HOLDS (SLOTRING_FROM_LAST, lossless: the
 * handle would hold more slots than options.max_holds of the ring; ask for fewer messages, or release some), E_BUSY (a start in the
 * past: as slotring_acquire_for_read; call again; SLOTRING_DURABLE and SLOTRING_GROUP: another process has the ring's process lock
 * for longer than lock_timeout_ns, or the subscription changes all the time), E_ACCESS (lossless, or with a budget, beyond what
 * lossless_for of the ring grants this user and the groups of this process), E_SUBSCRIBED (a living process has the durable subscription of this name; the error
 * names it), E_UNSUPPORTED (SLOTRING_VERIFY in a ring without checksums, SLOTRING_GROUP in a ring without groups), E_INVALID (a
 * value that the library does not know; SLOTRING_DURABLE or SLOTRING_GROUP without a name or with one that is too long, or with the
 * name of the other kind; tries or letters above their limits, without SLOTRING_GROUP, or not those of the group; SLOTRING_DURABLE
 * or SLOTRING_GROUP with other wanted properties than the subscription has; what the table refuses; a start in the past in a ring with hot slots; one
 * of wake_messages and wake_ns without the other; the latest for a lossless reader, or from the oldest, or from a sequence; a
 * `first` that is not as above; wake_messages for a reader that does not want all; a sequence that is not published yet; a
 * tag_match that tag_mask does not cover). */
SLOTRING_API int slotring_subscribe(slotring_t *ring, const slotring_reader_options_t *options,
                                    slotring_reader_t **reader);

/* Gives the next message, in place: a publication, or a record of a writer. It is valid until slotring_reader_release. The
 * caller must call slotring_reader_release before the next slotring_next (else E_STATE). To keep the message for longer, acquire
 * it by its ticket before the release.
 * Blocks: up to timeout_ns. A reader with wake_messages and wake_ns lets messages gather: a call that finds none, and may
 *   wait, returns when wake_messages of them are there, or wake_ns after it noticed the first one. So the system is
 *   called about twice for wake_messages messages on either side. These end the gathering at once: a producer that finds
 *   no slot, the begin or end of a stream, a death, an interruption or a stop, a removal, and timeout_ns (then the call gives a
 *   message, if there is one). A call that finds a message at once returns at once. Nothing is taken or held while
 *   messages gather: a lossy reader misses what is overwritten meanwhile, so wake_messages should be far below the
 *   number of slots.
 * A reader that does not want all messages looks, in a call with timeout_ns 0, at no more publications that it does not want than the
 *   ring has slots. E_EMPTY then says that it wanted none of them; more may be there.
 * Errors: E_EMPTY (timeout_ns is 0), E_TIMEOUT, E_INTERRUPTED, E_STOPPED;
 *   E_HOLDS          to a lossy or budgeted reader: with this message its handle would hold more slots than options.max_holds of
 *                    the ring. The message is not lost yet, but it may be overwritten before the next call. Release what is
 *                    not used any more.
 *   E_END            every producer has ended or died, and this reader has read everything that they published. The call
 *                    gives E_END at once, whatever the timeout, and also to a reader that subscribes after the end. E_END
 *                    is not final: when a new producer publishes, the next call delivers.
 *   E_PRODUCER_DIED  once for each death, after all messages of that producer. slotring_reader_death says who died.
 *   E_SOURCE_LOST    in its place, for a producer elsewhere (SLOTRING_PROXY): what published for it has died, or has lost the way to
 *                    it. Whether that producer lives, nobody here knows. slotring_reader_death says which producer.
 *   E_REMOVED        once for each reader, to a reader that waits and finds nothing: another program removed the ring's
 *                    files (a cleaner of temporary files, an operator's rm, an unmounted folder). A reader that waits
 *                    notices this within a few seconds. The attached participants can go on with the ring, and the next
 *                    call delivers. No other process can join. The call never gives E_REMOVED after slotring_unlink, and
 *                    never with timeout_ns 0. In these two cases look at `removed` of slotring_info.
 *   E_REVOKED        to a budgeted reader, once for each revocation: it was in the way of producers and over its budget, so
 *                    they do not wait for it any more. The error's text and `lost` of slotring_reader_info say how many
 *                    messages the reader has missed by that (0 is possible). Then it goes on as a lossy reader, and
 *                    slotring_reader_rearm makes it lossless again; or it ends, as when_revoked says. To a durable reader, once:
 *                    nobody had its subscription for longer than producers wait. It is lossless again by itself. To a
 *                    lossless reader, once: the ring's owner revoked it (slotring_revoke). It goes on as a lossy one; a lossless
 *                    reader with a window ends.
 *   E_STATE          the last message was not released; or, for a reader with a window, the window is full, or what is out has to
 *                    be released before the reader goes on (slotring_reader_release_one).
 *   E_CHECKSUM       with SLOTRING_VERIFY: the bytes of the message are not those that its producer published. The message
 *                    is given all the same: `slot` has it, it counts as delivered, and slotring_reader_release ends it. The
 *                    next call gives the next message. So nothing is lost without a word, and the reader goes on.
 *   E_CORRUPT        what is next is damaged: a program wrote into the ring where it should not. A message that is damaged, and
 *                    all that was not given yet of a slot with records, counts as missed, also for a lossless reader; so does
 *                    what the ring cannot find any more. The call says so once, and the next call goes on behind it.
 *   E_MARK           with SLOTRING_TELL_MARKS, once for each mark: a mark lies before the next message. slotring_reader_mark
 *                    says which. The call gives no message, and the next call goes on.
 *                    A durable reader gives the mark back by its next call that looks for something, or by
 *                    slotring_reader_release. With a window the mark is given back only when, besides, every message that lies
 *                    before it is released. A mark that was not given back when the reader ended is told to the next reader of
 *                    its name.
 *   E_BUSY           to a lossy reader, rarely: see slotring_acquire_for_read. Nothing is missed; call again. */
SLOTRING_API int slotring_next(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slot);

/* Waits until there is something for the reader, and takes nothing: until slotring_next with timeout_ns 0 would give something
 * else than E_EMPTY. That is a message, E_END, E_PRODUCER_DIED or E_REVOKED. Messages that the reader does not want are passed over, and
 * what is gone is counted as missed. A reader with wake_messages lets messages gather, as in slotring_next.
 * Nothing is held afterwards. So a lossy reader may find that the message was overwritten meanwhile: slotring_next then gives a
 * later one. If the only message was freed or withdrawn meanwhile, slotring_next may give E_EMPTY.
 * Blocks: up to timeout_ns, as slotring_next does: the same stops, interruptions, checks and slices. Cancellation point when it
 * is blocked.
 * Errors: E_EMPTY (timeout_ns is 0), E_TIMEOUT, E_INTERRUPTED, E_STOPPED, E_REMOVED (once for each reader: slotring_next and this
 *   call together), E_STATE (the last message was not released), E_BUSY (as slotring_next). */
SLOTRING_API int slotring_reader_wait_readable(slotring_reader_t *reader, int64_t timeout_ns);

/* The same for many readers at once, of the same ring or of different rings, until there is something for at least one of them.
 *   readers  the caller's readers: no other thread uses one of them meanwhile. One that stands there twice is told twice.
 *   count    how many, at least 1. There is no upper limit.
 *   results  out: room for `count` numbers, one for each reader: 0 (there is something), E_EMPTY (there is nothing), or the
 *            error of that reader, as slotring_reader_wait_readable gives it, and E_CLOSED, E_FORKED or E_EVICTED of its handle.
 *   ready    out: how many of the results are 0.
 * All readers are looked at in each call, so none is left out because another one always has something. A call that sleeps
 * arms each ring, and takes that back when it returns, which takes up to 1000 instructions for each ring.
 * Blocks: up to timeout_ns. A stop or an interruption of any of the handles or readers ends the call, and so does the check
 *   (options.wait_check) of any of them. The call sleeps no longer than the shortest slice among the handles, and then does each
 *   ring's share of looking after the dead. Nobody polls: Linux sleeps on up to 128 rings with one call (futex_waitv, from
 *   5.16 on), Windows on up to 64. For more, and on other systems, each handle gets a thread that sleeps in the place of this
 *   one. Such a thread handles no signals, ends with the handle, and sleeps while nobody waits. Without wake-ups
 *   (SLOTRING_CAN_WAKE) the call looks at all rings every millisecond.
 * Cancellation point when it is blocked.
 * Returns 0 if at least one of the results is 0. Else the first of the errors in `results`, E_EMPTY (timeout_ns is 0) or
 *   E_TIMEOUT. Further errors: E_INVALID (a pointer is NULL, count is 0), E_NO_MEMORY, E_OS (no thread is to be had). After these
 *   three `results` is not filled. */
SLOTRING_API int slotring_wait_many(slotring_reader_t *const *readers, uint32_t count, int64_t timeout_ns,
                                    int *results, uint32_t *ready);

/* Gives a descriptor that an event loop waits for: poll, select, epoll, kqueue, libuv, Qt, asyncio (add_reader). On Windows it is the
 * HANDLE of an event, for WaitForMultipleObjects. The first call makes it, later calls give the same one.
 *   descriptor  out: a file descriptor (an int), or a HANDLE. It stays the library's: the caller only waits for it, and neither
 *               reads, writes nor closes it. slotring_reader_descriptor_close closes it, and so does the end of the reader. Take
 *               it out of the event loop before that.
 * It is readable (the event is set) from the moment when there is something for the reader until a slotring_next or
 * slotring_next_batch finds nothing: E_EMPTY or E_TIMEOUT. So the program may take one message each time, or all that are there. The
 * descriptor begins readable. While slotring_next gives E_END it stays readable. It may be readable although there is nothing for
 * the reader: a message that it does not want has come, or another reader lets fewer messages gather. slotring_next with
 * timeout_ns 0 then gives E_EMPTY. A reader with wake_messages lets messages gather.
 * From the first descriptor of a handle on, the handle has a thread that sleeps on the ring while a descriptor is not readable,
 * and a second one if a reader lets messages gather. It also looks after the dead, once a slice. All signals are
 * blocked in it, and it ends with the handle. In a forked child there is no such thread, and the descriptors are closed.
 * A slotring_next that finds nothing for this reader enters a mutex, which that thread, and the other readers of the handle that
 * have a descriptor, hold for some microseconds of their own running time. So if a third thread of a higher priority keeps the
 * processor from them, that call waits for it. A reader of a real-time thread should have no descriptor.
 * Stops and interruptions do not matter to a descriptor. Nor does E_REMOVED: look at `removed` of slotring_info.
 * Blocks: never. Errors: E_OS (the process has too many descriptors or threads: the sentence says the limit), E_NO_MEMORY,
 * E_UNSUPPORTED (the handle was opened with SLOTRING_ONE_THREAD). */
SLOTRING_API int slotring_reader_descriptor(slotring_reader_t *reader, intptr_t *descriptor);

/* Closes the reader's descriptor. The reader goes on without. Blocks: never. Errors: E_STATE (it has none). */
SLOTRING_API int slotring_reader_descriptor_close(slotring_reader_t *reader);

/* Gives up to `max` messages, to a lossy or budgeted reader of at most 1024 slots, and of no more than its handle may hold
 * (max_holds of the ring; the batch ends there). The call waits only for the first one. One
 * slotring_reader_release ends them all.
 *   slots  out: room for `max` slots, each reader_options.slot_struct_size bytes after the one before.
 *   count  out: how many messages the caller got; at least 1 after success.
 * With SLOTRING_VERIFY a batch ends with the first message that is not what its producer published. The call then gives
 * E_CHECKSUM, and the last one of the *count messages is that message; all of them are given.
 * Blocks: up to timeout_ns. Errors: as slotring_next; E_INVALID (max is 0). */
SLOTRING_API int slotring_next_batch(slotring_reader_t *reader, int64_t timeout_ns, slotring_slot_t *slots,
                                     uint32_t max, uint32_t *count);

/* Ends the messages that the last slotring_next or slotring_next_batch gave. A lossy reader that has more records to read in
 * the same slot, or whose writer writes on in it, may keep the slot until its next call of slotring_next that finds nothing
 * more there, or until slotring_unsubscribe: one slot for each such reader, and none where the ring has not at least one slot
 * more than it ever had readers and writers at a time. A durable reader gives the mark back that it was told of last (E_MARK).
 * Blocks: never. Errors: E_NOT_HELD (nothing was given, and to a durable reader no mark was told), E_EVICTED. */
SLOTRING_API int slotring_reader_release(slotring_reader_t *reader);

/* For a reader with a window (reader option `window`): ends one message that is out, in any order. slotring_reader_release ends all
 * that are out. slotring_next and slotring_next_batch go on while messages are out. Producers wait for the oldest message that is
 * out of a lossless or budgeted reader, so they get room when that one is released. The budget counts in the same way: how far the
 * oldest message that is out moves on.
 * slotring_next gives E_STATE, and the caller has to release messages first, in these cases:
 *   - the window is full, from the oldest message that is out on: the oldest has to be released;
 *   - a lossless reader started in the past, has had all of its past, and has not released all of that;
 *   - the next message is damaged: all that are out have to be released before it is told;
 *   - the ring's owner has revoked a lossless reader: when nothing is out, slotring_next gives E_REVOKED, and the reader has ended.
 * A lossy or budgeted reader holds what is out: it stays as it is until it is released, whatever the reader misses meanwhile, and
 * also when it is revoked. It need not be released before E_REVOKED is told. When such a reader is told that, or misses messages,
 * `missed` counts at once, and what is out then counts as delivered.
 * The messages of a durable reader that were still out when it ended are given again to the next reader of its name, whether that has
 * a window or not. Those that it released are not, in whatever order it did. It may release these before older ones:
 *   - with a window of at most SLOTRING_WINDOW_ANY_ORDER, a message of no writer that lies less than SLOTRING_WINDOW_ANY_ORDER
 *     publications above the oldest one that is out;
 *   - the oldest message that is out of its writer.
 * Any other one, and one of a start in the past, gives E_STATE as long as an older one is out.
 * The window is the reader's own. Several threads may call this function and slotring_next for one reader, one at a time.
 *   slot   as slotring_next gave it, or a copy.
 * Blocks: never. Errors: E_NOT_HELD (the message is not out), E_STATE (the reader has no window; it is durable, and older messages
 * have to be released first), E_INVALID (slot is NULL), E_EVICTED. */
SLOTRING_API int slotring_reader_release_one(slotring_reader_t *reader, const slotring_slot_t *slot);

/* The same for this message and all older ones that are out. Takes time for each of them. */
SLOTRING_API int slotring_reader_release_up_to(slotring_reader_t *reader, const slotring_slot_t *slot);

/* For a reader with SLOTRING_BY_TICKET: acquires the message that `ticket` names, as slotring_acquire_for_read does, and notes that
 * the reader was given it. slotring_release ends the acquire, in any thread of the process.
 *
 * Such a reader is for tickets that travel by another way, such as a queue or a socket: one reader for each consumer of the queue.
 * Producers wait, within the reader's budget, for what the queue may still bring: for each message that was published since the
 * reader began, that this call has not given, and that is at most `window` older than the newest that it gave. A message that is
 * given has a hold of its own, and producers do not wait for it any more. So a queue may be deeper than the ring, and its tickets
 * may come in another order, by up to `window` messages. A queue that stops costs producers one budget: the reader is revoked, and
 * the next call says E_REVOKED, once. From then on a ticket may come too late (E_STALE), as for anybody. slotring_reader_rearm has
 * producers wait again.
 *
 * The account of slotring_reader_info is exact at any time. cursor is the oldest message that producers would wait for. What lies
 * below it is counted for good: as delivered, if it was given before the cursor left it; else as passed_over, or as missed if it was
 * gone by then. A ticket that comes later than `window` allows still gives its message, if that is there, and counts nothing.
 * A ticket that comes twice counts once. A ticket that is refused moves nothing.
 *
 * Other calls for this reader: slotring_reader_info, slotring_reader_rearm, slotring_reader_stop and _resume, slotring_unsubscribe.
 * Each call that reads in order, or waits, gives E_STATE. Such a reader is told of nothing but its revocation: what became of
 * producers, the queue has to say.
 *   ticket  of a publication or a span. Records have numbers of their writer, which are no places in the order: E_INVALID. A slot
 *           with records is passed over.
 *   slot    out: the slot, as slotring_acquire_for_read gives it. It may be the struct in which `ticket` lies.
 * One thread at a time may call this for one reader; different readers are independent. Not in a forked child (E_FORKED).
 * Blocks: never. Errors: E_REVOKED (once for each revocation, and each time if the reader ends then: when_revoked. Nothing was
 *   acquired; call again), E_STATE (the reader has no SLOTRING_BY_TICKET), E_INVALID (slot is NULL; not a ticket, or one of a
 *   record), E_CHECKSUM (with SLOTRING_VERIFY: the bytes are not those that were published; the message is given all the same),
 *   and E_STALE, E_FOREIGN, E_BUSY, E_HOLDS and E_NO_MEMORY as slotring_acquire_for_read. */
SLOTRING_API int slotring_reader_acquire_ticket(slotring_reader_t *reader, const slotring_ticket_t *ticket,
                                                slotring_slot_t *slot);

/* Has producers wait again for a budgeted reader that was revoked. From here on the reader misses nothing that is published, until
 * it is revoked again. What lies between the reader and the end of the ring at this moment it may still miss, as a lossy
 * reader does. For a reader that is not revoked the call does nothing.
 * Blocks: never. Errors: E_STATE (the reader has no budget; a message is not released; the reader has not been told that it was
 * revoked; it ended then, as it asked; it is more than half of the ring's slots behind). */
SLOTRING_API int slotring_reader_rearm(slotring_reader_t *reader);

/* Ends the subscription, releases the publications that the reader still holds, and frees the reader, whatever the call
 * returns. Producers stop waiting for this reader at once. A durable subscription does not end: it waits for its next reader, and
 * producers wait for it. Blocks: never. No further errors. */
SLOTRING_API int slotring_unsubscribe(slotring_reader_t *reader);

/* Ends the durable subscription `name`, which no reader has, or the group `name`, which has no member. Producers stop waiting for
 * it at once.
 * Blocks: up to lock_timeout_ns. Thread-safe; not in a forked child (E_FORKED). Cancellation point.
 * Errors: E_NOT_FOUND (the ring has no durable subscription of this name), E_SUBSCRIBED (a living process has it; the error
 * names it; or the group has members), E_BUSY (another process has the ring's process lock for longer than lock_timeout_ns),
 * E_INVALID (name is NULL). */
SLOTRING_API int slotring_forget(slotring_t *ring, const char *name);

/* A dead letter of a group: a message that as many members had as the group's `tries` says, and that none acknowledged. */
typedef struct slotring_letter_t {
    /* Of the message: slotring_acquire_for_read and slotring_copy give its bytes. With kind SLOTRING_KIND_RECORD: of the first record of
     * a slot with records, which is one message to a group; those behind it have the same ticket with the next sequences. */
    slotring_ticket_t ticket;
    uint64_t sequence; /* of the publication */
    uint64_t length;   /* its bytes; of a slot with records: those that are in use */
    uint64_t tag;
    uint64_t time_ns;              /* as slot.time_ns */
    uint64_t number;               /* as slot.number */
    uint64_t producer_incarnation; /* as in slotring_slot_t */
    uint32_t producer, writer;     /* likewise */
    uint32_t kind;                 /* SLOTRING_KIND_SLOT … */
    uint32_t tries;                /* how many members had it */
    uint64_t reserved[8];
} slotring_letter_t;

/* Lists the dead letters of the group `group` that stay, the oldest message first. A group with `tries` (slotring_reader_options_t)
 * gives a message to so many members at most. What none of them acknowledged, since each was killed, or left, is given to nobody
 * any more: when the next member comes to it, it is counted, and stays in its slot until somebody drops it (slotring_drop_letter)
 * or the group is forgotten. If there are more than `letters`, the one with the lowest sequence is dropped. Producers do not wait
 * for a dead letter. What was freed by its ticket does not stay. To keep a letter while one looks at it, acquire it by its ticket;
 * E_STALE there: it went meanwhile, or was freed. For an observer too.
 *   group     name of the group.
 *   list, capacity, count  as in slotring_participants; SLOTRING_LETTERS_MAX are enough.
 * Thread-safe; not in a forked child (E_FORKED). Blocks: only an observer, for its other threads.
 * Errors: E_NOT_FOUND (the ring has no group of this name), E_INVALID (group, list or count is NULL). */
SLOTRING_API int slotring_dead_letters(slotring_t *ring, const char *group, slotring_letter_t *list,
                                       uint32_t capacity, uint32_t *count);

/* Drops a dead letter: its slot goes as soon as nobody holds it.
 *   group     name of the group.
 *   sequence  of the letter, from slotring_dead_letters.
 * Thread-safe; not in a forked child (E_FORKED). Blocks: up to lock_timeout_ns. Cancellation point.
 * Errors: E_NOT_FOUND (the ring has no group of this name, or the group no such letter), E_BUSY (another process has the ring's
 * process lock for longer than lock_timeout_ns), E_INVALID (group is NULL). */
SLOTRING_API int slotring_drop_letter(slotring_t *ring, const char *group, uint64_t sequence);

/* Ends every call of this handle that is blocked at this moment. Each such call gives E_INTERRUPTED. Each reader of the handle
 * whose thread is between two calls at this moment is told by its next call that would block: so one interruption ends all
 * threads that read in a loop, each once. If no call is blocked, the next call that would block gives E_INTERRUPTED, with a
 * reader or without one. Several interruptions before such a call are one. A blocked call may get, at this very moment, the
 * message or slot that it waited for. It then returns the message or slot, and its interruption passes to the reader's next
 * call that would block; that of a call without a reader passes to the handle's next one.
 * Blocks: never. Async-signal-safe, from any thread. Errors: only E_CLOSED and E_FORKED. An observer never blocks; for an
 * observer the call returns 0. */
SLOTRING_API int slotring_interrupt(slotring_t *ring);

/* Ends every call of this handle that is blocked, and each later call that would block, with E_STOPPED, until slotring_resume.
 * A call that finds its message or slot at once succeeds as ever. With timeout_ns 0 a call gives E_EMPTY or E_FULL as ever. So
 * threads that are to end find out, each of them, however often they call. A second stop changes nothing, and one resume takes
 * all of them back. Other handles of the ring do not notice.
 * Block: never. Async-signal-safe, from any thread. Errors: only E_CLOSED and E_FORKED. An observer never blocks; for an
 * observer the calls return 0. */
SLOTRING_API int slotring_stop(slotring_t *ring);
SLOTRING_API int slotring_resume(slotring_t *ring);

/* The same for one reader: its slotring_next, slotring_next_batch and the calls that wait for it. A reader waits only if neither
 * the reader nor its handle is stopped. The two calls may come from any thread while another one uses the reader; no
 * slotring_unsubscribe may run at the same time.
 * Block: never. Async-signal-safe. Errors: only E_CLOSED and E_FORKED. */
SLOTRING_API int slotring_reader_stop(slotring_reader_t *reader);
SLOTRING_API int slotring_reader_resume(slotring_reader_t *reader);

/* ---- Marks and runs ------------------------------------------------------------------------------- */

/* A mark lies beside the messages: it takes no slot, so it can be made in a full ring. Its place is between two publications: the
 * sequence of the first one behind it. Each reader with SLOTRING_TELL_MARKS is told of each mark once (E_MARK), before the
 * first message at or above its place that the reader gets or passes over. That is the same place for every reader, also for
 * one that filters, wants the latest only, or jumped over what it missed (then at the message that it goes on with). Other
 * readers notice nothing.
 *
 * Records: a slot with records is one publication, which has its sequence when the slot is full or given up. A record in a
 * slot below the place lies before the mark. A record in a slot at or above the place lies behind the mark; but readers read a
 * slot while its writer still fills it, and so may have had records of it before the mark was made. Where a mark must lie
 * between two records of a writer for every reader, close the writer before the mark is made (slotring_writer_close). */

#define SLOTRING_MARK_BYTES_MAX 48u /* bytes that a mark can have */
#define SLOTRING_MARKS_KEPT 64u     /* marks of runs that are kept; and as many others */

enum { /* mark.kind */
    SLOTRING_MARK_RUN_BEGIN = 1,
    SLOTRING_MARK_RUN_END = 2,
    SLOTRING_MARK_USER = 3,
    SLOTRING_MARK_GAP = 4, /* numbers are missing: slotring_publish_gap */
};

/* A mark lies between two publications. slotring_mark makes it, and slotring_reader_mark tells of it. */
typedef struct slotring_mark_t {
    uint64_t number; /* among all marks of the ring, from 0 on */
    uint64_t
        place; /* sequence of the first publication behind it; UINT64_MAX: not known yet, to an observer */
    uint32_t kind;    /* SLOTRING_MARK_RUN_BEGIN … */
    uint32_t size;    /* bytes in `bytes` */
    uint64_t run;     /* number of the run; of a user mark: of the run in progress, 0 without one */
    uint64_t value;   /* for the user */
    uint64_t time_ns; /* when it was made, on the clock of slot.time_ns, also in a ring without time stamps */
    uint64_t gap;     /* of SLOTRING_MARK_GAP: how many numbers are missing */
    uint64_t offset;  /* number of the publication at `place`, less `place`; see slotring_publish_gap */
    /* From slotring_reader_mark: how many marks before this one the reader was not told of, because more than
     * SLOTRING_MARKS_KEPT others have come since. */
    uint64_t not_told;
    uint32_t participant; /* number of the participant that made it */
    uint32_t reserved32;
    uint64_t incarnation; /* of that participant */
    uint8_t bytes[SLOTRING_MARK_BYTES_MAX];
    uint64_t reserved[8];
} slotring_mark_t;

/* Makes a mark behind all that is published at this moment.
 *   kind   SLOTRING_MARK_RUN_BEGIN, SLOTRING_MARK_RUN_END or SLOTRING_MARK_USER.
 *   run    number of the run that begins or ends. A user mark gets that of the run in progress.
 *   value  for the user.
 *   bytes  `size` bytes for the user; may be NULL if size is 0.
 *   made   NULL, or out: the mark as it was made.
 * The last SLOTRING_MARKS_KEPT marks of runs are kept, and as many others; user marks never displace marks of runs. A caller that
 * is killed has made the mark or not; in either case the next mark can be made at once.
 * Blocks: for the ring's process lock, up to lock_timeout_ns. Reads each participant's entry.
 * Errors: E_STATE (a run begins before the last one has ended; a run ends that has not begun), E_SIZE (size; or the ring has had
 *   2^24 marks of runs, or 2^40 others), E_BUSY (another process does not give the lock up: the sentence names it),
 *   E_INVALID. */
SLOTRING_API int slotring_mark(slotring_t *ring, uint32_t kind, uint64_t run, uint64_t value,
                               const void *bytes, uint32_t size, slotring_mark_t *made);

/* For a program that copies a ring elsewhere. A publication has a number besides its sequence: the sequence that it has in the ring that
 * this one is a copy of. In a ring of its own lineage and without gaps both are the same. A copy is made with the source's
 * lineage_id, and with first_sequence, the number of its first publication. Tickets and all other calls have sequences.
 * This call says that the next `count` numbers will not come, since they were lost on the way: a mark of a gap, at the end of what
 * is published. Readers with SLOTRING_TELL_MARKS are told (E_MARK). The numbers count as missed for every reader that passes
 * the mark: `gap` of slotring_reader_info. Nothing is stored in the order, so `count` may be any.
 *   count  at least 1.
 *   made   NULL, or out: the mark as it was made.
 * Blocks: as slotring_mark. Errors: as slotring_mark; E_SIZE (the next number would be above SLOTRING_NUMBER_MAX), E_INVALID
 *   (count is 0). */
SLOTRING_API int slotring_publish_gap(slotring_t *ring, uint64_t count, slotring_mark_t *made);

/* Gives the number of the publication with this sequence, whether it is published already or not.
 * Gives the sequence of the publication with this number; of the next one that is there, if the number is in a gap. So the number
 * that follows `published` of slotring_get_stats says where a copy is to go on.
 * For an observer too. Blocks: only an observer, for its other threads. Errors: E_STALE (more than SLOTRING_MARKS_KEPT marks
 *   other than of runs were made since), E_INVALID. */
SLOTRING_API int slotring_number_of(slotring_t *ring, uint64_t sequence, uint64_t *number);
SLOTRING_API int slotring_sequence_of(slotring_t *ring, uint64_t number, uint64_t *sequence);

/* Counts the marks of runs and of users, of those that are kept, that lie behind the last publication and behind the last gap. Whoever
 * copies a ring learns by this count, and by the number of the next publication, where the copy is to go on.
 * For an observer too. Blocks: only an observer, for its other threads. Errors: E_INVALID (count is NULL), E_CORRUPT. */
SLOTRING_API int slotring_marks_behind(slotring_t *ring, uint64_t *count);

/* Says which mark slotring_next told this reader of last. Before the first one: the mark of the run in which the reader began; of
 * one that goes on with a durable subscription, the last mark of a run that was given back.
 * Blocks: never. Errors: E_STATE (the reader does not ask for marks; or there is no such mark). */
SLOTRING_API int slotring_reader_mark(slotring_reader_t *reader, slotring_mark_t *mark);

/* Gives the last mark of a run. A run is in progress if its kind is SLOTRING_MARK_RUN_BEGIN. For an observer too.
 * Blocks: only an observer, for its other threads. Errors: E_EMPTY (no run has begun yet). */
SLOTRING_API int slotring_run(slotring_t *ring, slotring_mark_t *mark);

/* What must be so before a run begins. Set all to zero but struct_size, and then what is wanted. */
typedef struct slotring_run_gate_t {
    size_t struct_size;    /* sizeof(slotring_run_gate_t) */
    uint32_t free_percent; /* so many of 100 slots can be had at once; 0: it does not matter */
    uint32_t
        readers; /* so many lossless readers of living processes are there, budgeted ones that are not revoked
                              among them; a group counts as one */
    uint32_t
        nothing_dropped; /* 1: no reader that is there has missed a message since the last mark of a run, or since the ring was made */
    uint32_t reserved32;
    uint64_t reserved[8];
} slotring_run_gate_t;

/* Says whether a run may begin. Success: all is as wanted. A reader that was closed, whose process died, or a durable
 * subscription that nobody has, is not there: it counts as no reader, and what it missed does not matter. For an observer
 * too. Reads every slot (25 instructions each), every participant's entry, and every subscription. It asks the system about
 * each reader, if `readers` or `nothing_dropped` is not 0.
 * Blocks: only an observer, for its other threads. Errors: E_STATE (the sentence says all that is not as wanted),
 *   E_INVALID. */
SLOTRING_API int slotring_run_gate(slotring_t *ring, const slotring_run_gate_t *wanted);

#define SLOTRING_DRAIN_ALL UINT64_MAX /* for slotring_drain: all that is published at that moment */

/* Waits until every lossless reader has passed a place in the order: has released, or passed over, each message below it.
 *   place  of a mark; or SLOTRING_DRAIN_ALL: all that is published at this moment.
 * Records in slots that are being filled are not waited for. Without a lossless reader the call succeeds at once. Reads every
 * subscription at each look.
 * Blocks: up to timeout_ns. Errors: E_TIMEOUT (also with timeout_ns 0; the sentence names a reader that is behind),
 *   E_INTERRUPTED, E_STOPPED, E_REMOVED as slotring_allocate_wait, E_INVALID (nothing is published there yet). */
SLOTRING_API int slotring_drain(slotring_t *ring, uint64_t place, int64_t timeout_ns);

/* ---- Looking -------------------------------------------------------------------------------------- */

enum { /* info.capabilities of the backend in use */
    /* A ring outlives its last participant. Without this capability the ring is gone after the last close, and
     * slotring_unlink then gives E_NOT_FOUND. */
    SLOTRING_CAN_PERSIST = 1u << 0,
    SLOTRING_CAN_WAKE = 1u << 1,        /* blocked calls are woken; without it they poll */
    SLOTRING_CAN_SHARE_USERS = 1u << 2, /* several users may share a ring */
    SLOTRING_CAN_BIND_MEMORY = 1u << 3, /* SLOTRING_ON_NUMA_NODE, as far as the system permits it */
};

#define SLOTRING_NO_NUMA_NODE UINT32_MAX /* info.numa_node, info.memory_node */

/* Sizes and settings of a ring, as slotring_info tells them. */
typedef struct slotring_info_t {
    size_t struct_size;
    uint8_t ring_id[16];                         /* of this ring, and of no other one of its name */
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
    /* 1: no other process can join the ring, because it was removed, or because another program removed its files. */
    uint32_t removed;
    char name[SLOTRING_NAME_MAX + 8];
    char backend[16];
    uint32_t remove_when_unused; /* 1: the ring is to go with its last user (SLOTRING_UNLINK_WHEN_UNUSED) */
    /* Only for a ring that is to go with its last user. 1: none of its users lives. The next creation, slotring_unlink or
     * slotring_collect removes it. UINT32_MAX: this observer has no right to know. */
    uint32_t unused;
    uint32_t max_writers; /* writers of records that may be open at a time */
    uint32_t numa_node;   /* for which the ring was made; SLOTRING_NO_NUMA_NODE: for none */
    /* Where the memory is: 16 pages, spread over the ring, all lie on this NUMA node. SLOTRING_NO_NUMA_NODE: they lie on several
     * nodes, or the system does not say, or this is an observer. */
    uint32_t memory_node;
    uint32_t description_size; /* bytes of the owner's description; 0: none */
    uint32_t checksums;        /* 1: each message has a checksum (SLOTRING_CHECKSUMS) */
    uint32_t hot_slots;        /* 1: the ring was made with SLOTRING_HOT_SLOTS */
    uint32_t lossless_for;     /* SLOTRING_LOSSLESS_FOR_ALL … */
    uint32_t budget_messages;  /* the largest budget of the others' readers; 0 unless lossless_for says so */
    uint64_t budget_ns;
    uint8_t lineage_id[16]; /* as given at creation; else the ring's own id */
    uint64_t
        first_sequence;  /* number of the first publication; 0, unless the ring is a copy of another one */
    uint64_t absence_ns; /* as in slotring_options_t; SLOTRING_FOR_EVER: for ever */
    uint32_t max_holds;  /* slots that a participant may hold: as in slotring_options_t, slot_count at most */
    uint32_t max_groups; /* groups of readers that there may be at a time */
    uint64_t lossless_group; /* number of the Unix group, with SLOTRING_LOSSLESS_FOR_GROUP; else 0 */
    uint64_t owner;          /* uid of the user to whom the ring's memory belongs */
    /* When the ring was made, on the clock of slot.time_ns. As its maker said; 0: it did not, as an earlier library does not. */
    uint64_t created_ns;
    uint64_t reserved[6];
} slotring_info_t;

/* Describes the ring. For an observer too. Looks at the ring's names, which takes a few system calls, and asks where 16 pages
 * lie. For a ring that is to go with its last user, an observer also asks the system about each participant.
 * Blocks: only an observer, for its other threads. Errors: E_INVALID (struct_size). */
SLOTRING_API int slotring_info(slotring_t *ring, slotring_info_t *info);

/* Copies the description that the ring's creator gave (options.description). It never changes. For an observer too.
 *   buffer  out: room for `size` bytes; may be NULL if size is 0.
 *   length  out: bytes of the description; 0 if the ring has none, and then the call succeeds.
 * Blocks: only an observer, for its other threads. Errors: E_SIZE (size is too small; nothing is copied); E_CORRUPT (somebody
 * has written into the description). */
SLOTRING_API int slotring_description(slotring_t *ring, void *buffer, uint64_t size, uint64_t *length);

/* The counts begin with the creation of the ring, unless a comment says otherwise. */
typedef struct slotring_stats_t {
    size_t struct_size;
    uint64_t published; /* publications; exact after any kill */
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
    uint64_t freed;    /* publications; a slot with records counts when the last of them was freed */
    uint64_t repaired; /* participants that were repaired after their death */
    uint64_t waits;    /* allocations that had to wait for a slot: back-pressure */
    uint64_t
        waited_ns; /* the total time of these waits, without the allocations that are waiting now (blocked_ns) */
    uint64_t slots_free, slots_writing, slots_ready; /* now; a slot is written until it is published */
    uint64_t slots_held; /* now: ready slots that are held by ticket, by lossy readers, or as history */
    uint64_t participants, readers;                              /* now */
    uint64_t producers;                                          /* now, with an open stream */
    uint64_t producers_started, producers_ended, producers_died; /* exact after any kill */
    /* Every publication with a lower sequence is gone, except those that are held or, with SLOTRING_KEEP, not freed. */
    uint64_t oldest;
    /* Messages of writers, records and larger ones, and numbers that writers skipped. Exact after any kill. */
    uint64_t records;
    uint64_t records_missed; /* of these, what readers missed, present and past readers */
    uint64_t writers;        /* now */
    uint64_t revocations;    /* of readers, over their budget or by hand */
    uint64_t blocked;        /* participants of which a call waits for a slot now */
    uint64_t blocked_ns;     /* for how long the oldest of these calls has waited */
    /* For how long nothing has been published, at least; it may be one slice more. Calls that wait look at this once a slice, also
     * in a ring without time stamps. 0: something was published since they last looked, or no call has waited since. */
    uint64_t idle_ns;
    uint64_t reserved[8];
} slotring_stats_t;

/* Gives the statistics of the whole ring, for all its processes. For an observer too. Reads every slot (37 instructions
 * each; 2 ns in a small ring to 30 ns in a large one), every participant's entry (250), every subscription (17), and
 * what stands in front of each record that a writer has written since it took its slot (20). An observer copies what it reads
 * (up to 40 ns for a slot, and a millisecond for a MiB of records).
 * Blocks: only an observer, for its other threads. Errors: E_INVALID (struct_size). */
SLOTRING_API int slotring_get_stats(slotring_t *ring, slotring_stats_t *stats);

enum { /* participant.life */
    /* The process is in another PID namespace, or the system does not say. This is not a sign of death. */
    SLOTRING_LIFE_UNKNOWN = 0,
    SLOTRING_LIFE_RUNNING = 1,
    SLOTRING_LIFE_STOPPED = 2, /* by a signal or a debugger: it is alive and keeps what it holds */
    SLOTRING_LIFE_DEAD = 3,    /* it died, and was not yet repaired */
    SLOTRING_LIFE_FROZEN = 4,  /* its container is paused: it is alive and keeps what it holds */
};

/* One participant, as slotring_participants lists it. */
typedef struct slotring_participant_t {
    uint32_t index;       /* its number in the ring */
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
    uint32_t writers;          /* its writers that are open */
    uint32_t proxy;      /* 1: it publishes for a producer elsewhere (SLOTRING_PROXY), whose name this is */
    uint64_t blocked_ns; /* for how long a call of it has waited for a slot; 0: none waits */
    uint64_t origin_pid, origin_incarnation; /* of that producer; 0: not known */
    uint64_t reserved[8];
} slotring_participant_t;

/* Lists the participants that are attached. For an observer too.
 *   list      out: room for `capacity` participants. NULL with capacity 0: the call only counts.
 *   count     out: how many participants there are. Only the first `capacity` of them are in the list.
 * A participant that leaves during the call is left out: a list entry never mixes two participants. The call reads every
 * slot (55 instructions each), and asks the system about each participant in the list (22,000 instructions and 18 system
 * calls).
 * Blocks: only an observer, for its other threads. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_participants(slotring_t *ring, slotring_participant_t *list, uint32_t capacity,
                                       uint32_t *count);

enum { /* reader_info.revoked */
    SLOTRING_NOT_REVOKED = 0,
    SLOTRING_REVOKED_BY_BUDGET = 1, /* producers do not wait for it any more, since it was over its budget */
    /* The ring's owner revoked it. Of a lossless reader: it is asked to give way, and producers wait for it until its next call. */
    SLOTRING_REVOKED_BY_HAND = 2,
};

/* One subscription, as slotring_reader_info and slotring_readers tell of it. */
typedef struct slotring_reader_info_t {
    uint32_t row;         /* number of the subscription in the ring */
    uint32_t participant; /* number of the participant that subscribed */
    uint32_t mode;        /* SLOTRING_LOSSLESS … */
    uint32_t life;        /* of that participant */
    uint64_t pid;         /* of that participant */
    uint64_t start;       /* first sequence that it was to get */
    /* Next sequence. All below it are delivered, missed, passed over, or pending. What is delivered is released, but of a lossy or
     * budgeted reader with a window (slotring_reader_release_one). */
    uint64_t cursor;
    /* Of publications: a slot with records is one. delivered + missed + passed_over + pending = cursor - start. */
    uint64_t delivered, missed;
    uint64_t pending; /* history that it has still to get: 0 unless it started in the past */
    uint64_t lag;     /* publications that it is behind */
    uint64_t bytes_read;
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    uint64_t records; /* messages of writers that it was given and that shared a slot */
    /* Messages of writers that it missed since it began. What was gone already at a start in the past counts in `missed` alone:
     * nobody knows any more how many messages of writers that was. */
    uint64_t records_missed;
    uint64_t passed_over; /* publications that it does not want */
    uint64_t
        records_passed_over; /* messages of writers that it does not want, also those that take a slot or more */
    uint64_t tag_mask, tag_match; /* as in slotring_reader_options_t */
    uint32_t every, wanted;
    uint64_t budget_messages, budget_ns; /* of a budgeted reader; else 0 */
    uint64_t revoked_ns;                 /* with `revoked`: so long ago, in whole seconds */
    uint64_t lost;    /* messages that it missed by its latest revocation, told by E_REVOKED */
    uint32_t revoked; /* SLOTRING_NOT_REVOKED … */
    /* Of a durable subscription: 1; else 0. While no reader has it, participant is UINT32_MAX, pid is that of the process that had
     * it last, and left_ns says for how long nobody has had it (at least 1); else left_ns is 0. */
    uint32_t durable;
    uint64_t left_ns;
    /* Numbers that are missing between start and cursor, by slotring_publish_gap: missed, besides the publications. UINT64_MAX:
     * not known, since more than SLOTRING_MARKS_KEPT marks were made since the reader was there. */
    uint64_t gap;
    /* Of a group, and of a member of one: the group's number in the ring plus 1; else 0. A group has durable 1, and is no
     * participant's. Of a member, start is 0, and cursor and delivered count the messages that it has acknowledged. */
    uint32_t group;
    uint32_t members; /* of a group: how many there are */
    uint64_t
        redelivered; /* of a group: how often its messages, of those below its cursor, were given again */
    /* Of a group with a limit of tries, of the messages below its cursor: how many went to the dead letters. They are in `delivered`. And
     * how many letters went for a newer one before anybody dropped them. Of those that were to stay, since the group was made. */
    uint64_t dead_lettered, letters_lost;
    uint32_t tries, letters; /* of a group: as in slotring_reader_options_t, without its defaults */
    uint32_t flags,
        window; /* as in slotring_reader_options_t; of a durable subscription, those of its last reader */
    uint64_t reserved[8];
} slotring_reader_info_t;

/* Lists the subscriptions. For an observer too. `list`, `capacity` and `count` are as in slotring_participants. The call does
 * not read the slots. It asks the system about each reader in the list (22,000 instructions and 18 system calls).
 * Blocks: only an observer, for its other threads. No further errors. */
SLOTRING_API int slotring_readers(slotring_t *ring, slotring_reader_info_t *list, uint32_t capacity,
                                  uint32_t *count);

/* Has producers stop waiting for a reader: for the owner of the ring, and root.
 *   row  number of the subscription, from slotring_readers.
 * A budgeted reader is revoked at once, as if it were over its budget. A lossless reader reads in place: nothing but the waiting of
 * producers keeps what it has in its hands. So producers wait for it until its next slotring_next with nothing in its hands, which
 * says E_REVOKED; one that waits there is woken for it. A lossless reader that is stopped, or that never calls again, can only be
 * killed (slotring_reap, slotring recover --kill). After E_REVOKED either reader goes on as a lossy one, or ends if its
 * when_revoked says so. A reader that is revoked already stays so. A durable subscription that nobody has is revoked at once, and
 * producers go on; its next reader is told by E_REVOKED, with the exact number of what it missed, and is lossless again. A
 * group without members is revoked at once, too, and is closed: joining it gives E_REVOKED until slotring_forget.
 * Blocks: never. Errors: E_ACCESS (the caller is neither the ring's owner nor root), E_NOT_FOUND (no reader is there), E_STATE (it is
 * lossy; or durable, and a process has it; or a group that has members, or a member of one), E_INVALID (row). */
SLOTRING_API int slotring_revoke(slotring_t *ring, uint32_t row);

/* Describes this subscription as others see it. Blocks: never. No further errors. */
SLOTRING_API int slotring_reader_info(slotring_reader_t *reader, slotring_reader_info_t *info);

enum {                               /* writer_info.state */
    SLOTRING_WRITER_IDLE = 0,        /* it keeps no slot */
    SLOTRING_WRITER_HAS_BLOCK = 1,   /* it keeps a slot, for records */
    SLOTRING_WRITER_HAS_MESSAGE = 2, /* it is publishing a message that has a slot to itself */
};

/* One writer, as slotring_writers lists it. */
typedef struct slotring_writer_info_t {
    uint32_t row;         /* number of the writer in the ring: `writer` of its messages */
    uint32_t participant; /* number of the participant that opened it */
    uint32_t state;       /* SLOTRING_WRITER_IDLE … */
    uint32_t life;        /* of that participant */
    uint64_t pid;         /* of that participant */
    uint64_t number;      /* of its next message: all below it are published */
    uint32_t slot;        /* that it keeps; UINT32_MAX: none */
    uint32_t reserved32;
    uint64_t records;                        /* in this slot */
    uint64_t bytes_used;                     /* of this slot */
    char name[SLOTRING_CLIENT_NAME_MAX + 1]; /* of the participant */
    uint64_t reserved[8];
} slotring_writer_info_t;

/* Lists the writers that are open. For an observer too. `list`, `capacity` and `count` are as in slotring_participants. The call
 * reads what stands in front of each record that is in a slot which a writer in the list keeps (20 instructions each). It asks
 * the system about each writer in the list (22,000 instructions and 18 system calls).
 * Blocks: only an observer, for its other threads. No further errors. */
SLOTRING_API int slotring_writers(slotring_t *ring, slotring_writer_info_t *list, uint32_t capacity,
                                  uint32_t *count);

/* Says how far the writer of a row is, whether one is open there or not. Whoever copies a ring learns by this, after any kill, where
 * the copy of each writer is to go on.
 *   row           0 to max_writers - 1, as `writer` of its messages
 *   number        out: of its next message. All below it are published, or were skipped.
 *   publications  NULL, or out: how many publications of the ring were its: slots with records, and larger messages. A slot that it
 *                 still fills is not among them.
 * For an observer too. Blocks: only an observer, for its other threads. Errors: E_INVALID (a row that the ring does not have; number is
 * NULL). */
SLOTRING_API int slotring_writer_progress(slotring_t *ring, uint32_t row, uint64_t *number,
                                          uint64_t *publications);

/* Says who died, after slotring_next gave E_PRODUCER_DIED, or which producer was lost, after E_SOURCE_LOST.
 *   who  out: index, incarnation, pid, name, last_sequence, and of a proxy proxy, origin_pid and origin_incarnation, all of one
 *        participant.
 * The ring keeps the records of the last two deaths at each participant's entry. A reader that is behind by three deaths or
 * more at one entry is told of each death, but for the earlier ones it gets the process of a later one.
 * Blocks: never. Errors: E_STATE (this reader was told of no death). */
SLOTRING_API int slotring_reader_death(slotring_reader_t *reader, slotring_participant_t *who);

enum {                              /* blocker.why */
    SLOTRING_BLOCKS_BY_LAG = 1,     /* a lossless reader that has not passed the oldest publications */
    SLOTRING_BLOCKS_BY_HOLDING = 2, /* it holds publications, by ticket or as a lossy reader */
    SLOTRING_BLOCKS_BY_WRITING = 3, /* it has allocated slots and not yet published them */
    SLOTRING_BLOCKS_BY_RECORDS = 4, /* a writer of it keeps a slot for records */
};

/* One that is in the way of producers, as slotring_blockers lists it. */
typedef struct slotring_blocker_t {
    uint32_t why; /* SLOTRING_BLOCKS_BY_… */
    uint32_t
        participant; /* its number; UINT32_MAX: of a group, or of a durable subscription that nobody has */
    /* Number of the subscription, with SLOTRING_BLOCKS_BY_LAG. Number of the writer, with SLOTRING_BLOCKS_BY_RECORDS. Else
     * UINT32_MAX. */
    uint32_t row;
    uint32_t life;
    uint64_t pid;
    uint64_t
        slots; /* that it blocks: those of the messages that it has still to read, or those that it holds, writes or keeps */
    char name[SLOTRING_CLIENT_NAME_MAX + 1];
    /* With SLOTRING_BLOCKS_BY_LAG and SLOTRING_BUDGETED: if it acknowledges nothing, so long until it is revoked. All of its time if
     * no producer has found it in the way so far. */
    uint64_t budget_left_ns;
    uint32_t mode; /* with SLOTRING_BLOCKS_BY_LAG: SLOTRING_LOSSLESS or SLOTRING_BUDGETED */
    uint32_t reserved32;
    uint64_t
        messages; /* that it has still to read, with SLOTRING_BLOCKS_BY_LAG; else 0. A message may take several slots */
    uint64_t left_ns; /* as in slotring_reader_info_t; then participant is UINT32_MAX */
    uint64_t reserved[8];
} slotring_blocker_t;

/* Lists the readers and participants that make producers wait, or would do so if the ring were full; the worst first. For an
 * observer too. `list`, `capacity` and `count` are as in slotring_participants. A participant that leaves during the call has pid 0,
 * no name and SLOTRING_LIFE_UNKNOWN. The call reads every slot (125 instructions each), and asks the system about each of the
 * blockers (22,000 instructions and 18 system calls).
 * Blocks: only an observer, for its other threads. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_blockers(slotring_t *ring, slotring_blocker_t *list, uint32_t capacity,
                                   uint32_t *count);

#define SLOTRING_BLOCKER_TEXT_SIZE 200u /* bytes of such a sentence, with the final zero */

/* Writes what one blocker is and does as one English sentence without a full stop, such as
 *   lossless reader "online" (pid 12060, stopped) is 64 messages behind
 * The sentence is one line, and a name has nothing in it that a terminal obeys.
 *   size  bytes of text, at least SLOTRING_BLOCKER_TEXT_SIZE.
 * Thread-safe. Blocks: never. Errors: E_SIZE (size), E_INVALID (NULL). */
SLOTRING_API int slotring_blocker_to_text(const slotring_blocker_t *blocker, char *text, size_t size);

/* Says in one sentence who is most in the way of producers: the first blocker that slotring_blockers lists, or "nobody is in the
 * way". For an observer too. `text` and `size` are as in slotring_blocker_to_text. Costs as much as slotring_blockers.
 * Blocks: only an observer, for its other threads. Errors: E_SIZE, E_INVALID, E_NO_MEMORY. */
SLOTRING_API int slotring_in_the_way(slotring_t *ring, char *text, size_t size);

enum { /* list_entry.lock_file */
    SLOTRING_LOCK_FILE_THERE = 0,
    SLOTRING_LOCK_FILE_MISSING = 1, /* nobody can join: remove the ring by force */
    SLOTRING_LOCK_FILE_OTHER = 2 /* not the lock file that the ring was made with: remove the ring by force */
};

/* One ring, as slotring_list lists it. */
typedef struct slotring_list_entry_t {
    char name[SLOTRING_NAME_MAX + 8]; /* of the ring */
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
    /* Durable subscriptions; and how many of them no process has, for which producers wait all the same. One whose process died
     * counts from the repair on. */
    uint32_t durable;
    uint64_t records; /* as in slotring_stats_t */
    uint32_t durable_left;
    uint32_t reserved32;
    uint64_t created_ns; /* as in slotring_info_t */
    uint64_t reserved[7];
} slotring_list_entry_t;

/* Lists the rings of this host. `list`, `capacity` and `count` are as in slotring_participants.
 *   options  NULL, or directory, backend and trusted_owner.
 *   error    NULL, or out: the error.
 * Removes nothing except lock files that a killed creator left without a ring. The call reads every ring: it copies 768
 * bytes for each participant's entry that was ever used, and 256 for each subscription.
 * Cancellation point. Errors: E_INVALID E_NOT_FOUND (directory) E_ACCESS E_BACKEND E_NO_MEMORY E_OS. */
SLOTRING_API int slotring_list(const slotring_options_t *options, slotring_list_entry_t *list,
                               uint32_t capacity, uint32_t *count, slotring_error_t *error);

/* Reports one ring that is to go. error->code 0: it was removed. Otherwise `error` says why it was not. */
typedef void (*slotring_collect_callback)(void *user, const char *name, const slotring_error_t *error);

/* Removes the rings that are to go with their last user (SLOTRING_UNLINK_WHEN_UNUSED) and have no user any more. Such a
 * ring is left over when its last users were killed, or had no right to remove it. Each creation of a ring and each
 * slotring_unlink does a small part of this: it looks at 256 names of the directory and at 32 of these rings at most,
 * chosen at random. It reports nothing, and waits for no lock.
 *   options  NULL, or directory, backend, trusted_owner and lock_timeout_ns (for each ring).
 *   report   NULL, or the library calls it for each ring that was removed, and for each ring that is to go and cannot be
 *            removed: E_ACCESS, E_OWNER (another user's), E_BUSY (another process has its lock), E_CORRUPT (no lock file), or
 *            another error of slotring_unlink. It is not called for a ring that is in use, nor for a ring about which this user
 *            has no right to know.
 *   user     the library passes it to report.
 *   removed  NULL, or out: how many rings were removed.
 *   error    NULL, or out: the error.
 * Reads every ring of the directory. A failure with one ring is reported, and is no error of the call.
 * Blocks: up to lock_timeout_ns for each ring. Cancellation point.
 * Errors: E_INVALID E_NOT_FOUND (directory) E_ACCESS E_BACKEND E_NO_MEMORY E_OS. */
SLOTRING_API int slotring_collect(const slotring_options_t *options, slotring_collect_callback report,
                                  void *user, uint32_t *removed, slotring_error_t *error);

/* Reports one violated invariant, in words. */
typedef void (*slotring_check_callback)(void *user, const char *finding);

/* Audits the ring: every invariant, every field's value, and whether the ring's names still lead to it. The call changes
 * nothing, and works on a ring in use. For an observer too.
 *   report    NULL, or the library calls it for each violation that repeated looks confirm. It must not call the library with
 *             this handle.
 *   user      the library passes it to report.
 *   findings  NULL, or out: how many violations, 1000 at most.
 * Reads every slot (1,500 instructions or 70 to 130 ns each), every participant's entry (500), and what stands in front of each
 * record (25 instructions or 5 ns each). An observer copies the records (a millisecond for 2 MiB). In a ring with checksums the
 * call also reads every byte of every message (0.1 s for a GiB; without an instruction for CRC-32C 0.6 s).
 * Blocks: only if it finds something. Then a millisecond before each of two more looks; and if others may use the ring, for up to a
 * quarter of a second and six looks more, so that nothing is reported that a preempted thread has done only half. An observer also
 * waits for its other threads.
 * Cancellation point. Errors: E_NO_MEMORY. */
SLOTRING_API int slotring_check(slotring_t *ring, slotring_check_callback report, void *user,
                                uint64_t *findings);

/* What one slotring_recover did. */
typedef struct slotring_recovery_t {
    size_t struct_size;
    uint64_t participants; /* dead participants that were repaired */
    uint64_t slots_freed;  /* slots that became free */
    uint64_t published;    /* publications that were finished for the dead */
    uint64_t holds;        /* holds of the dead that were ended */
    uint64_t readers;      /* subscriptions of the dead that were ended */
    uint64_t reserved[8];
} slotring_recovery_t;

/* Repairs after dead participants now. Without this call, a blocked call repairs within a slice (with more than 256
 * participants, within a slice for every 256 of them).
 *   recovery  NULL, or out: what was repaired. Set recovery->struct_size before the call.
 * Reads every participant's entry (290 instructions and 2 system calls each) and every slot (25 instructions, and 50 more for
 * each dead participant).
 * Blocks: up to lock_timeout_ns. Cancellation point.
 * Errors: E_BUSY (another process has the ring's process lock for longer than lock_timeout_ns), E_INVALID (struct_size),
 *   E_NO_MEMORY, E_OS. */
SLOTRING_API int slotring_recover(slotring_t *ring, slotring_recovery_t *recovery);

/* ---- The process's own ring ----------------------------------------------------------------------- */

/* Gives the one ring of this process. The first call opens the ring (SLOTRING_CREATE_OR_ATTACH). Later calls ignore name and
 * sizes. Any number of threads may call.
 *   name        NULL: in a forked child, the ring of its parent; else the ring that the environment's SLOTRING_GLOBAL names
 *               (unless setuid); else "slotring".
 *   total_size  bytes; 0: in a forked child with name NULL, as its parent; else 256 MiB.
 *   slot_size   bytes; 0: in a forked child with name NULL, as its parent; else 10 MiB.
 *   ring        out: the handle. Do not close it. Its options are the defaults (slot_struct_size is 0).
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

/* Gives the error of the last failed call of this thread. error->code is 0 if no call has failed yet. Errors that a loop
 * expects (E_FULL, E_EMPTY, E_TIMEOUT, E_END, E_INTERRUPTED, E_STOPPED), and errors that need no more explanation, have only their fixed
 * text, unless the comment of a call says that it names something. */
SLOTRING_API void slotring_last_error(slotring_error_t *error);

/* Give the fixed text and the name ("SLOTRING_E_FULL") of a code; never NULL. The strings belong to the library and are never
 * freed. Thread-safe and async-signal-safe. */
SLOTRING_API const char *slotring_strerror(int code);
SLOTRING_API const char *slotring_error_name(int code);

/* Sets the callback for the library's warnings (a dead participant was repaired, a process was killed while it had the
 * ring's process lock, …). By default there is none; NULL removes it. The library may call the callback in any thread. The
 * callback must not call the library. Any thread may set a callback at any time. A warning that is given at that moment goes
 * to the old callback or to the new one, each with its own `user`; so keep the old `user` valid. If there is no memory for
 * the new callback, nothing changes, and slotring_last_error says so. */
typedef void (*slotring_log_callback)(void *user, const char *message);
SLOTRING_API void slotring_set_log(slotring_log_callback callback, void *user);

/* Gives the version of the library at run time. SLOTRING_VERSION_STRING is the version at compile time. */
SLOTRING_API const char *slotring_version(void);

#ifdef __cplusplus
}
#endif

#endif
