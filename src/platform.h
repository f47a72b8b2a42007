/* SPDX-License-Identifier: Apache-2.0 */
/* The platform contract: everything that the core asks of an operating system. platform/<name>/ provides it as
 * one sr__backend_t; the core includes no operating-system header and knows no other way out.
 *
 * For implementers
 *   Results   0 or a negative SLOTRING_E_ code. Functions with an `error` parameter fill it through sr__fail()
 *             (which allows NULL) with a sentence that names the value and the limit. Classify system errors by
 *             meaning; what maps to nothing is SLOTRING_E_OS with the system's own number and text.
 *   Threads   every function may be called by several threads at once, on different objects; calls on one
 *             object are serialised by the core, except wait and wake.
 *   Fork      an object belongs to the process that made it. After a fork the child calls only `*_abandon`
 *             functions and place_close on it, which free private memory and touch nothing shared.
 *   Death     what the kernel must undo when a process is killed at any instruction is said at each function.
 *             Nothing else may be relied upon, and nothing may stay behind that has to be removed by hand.
 *   Trust     names, sizes and owners that come from the file system are checked here; contents of segments by
 *             the core.
 */
#ifndef SR_PLATFORM_H
#define SR_PLATFORM_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"
#include "slotring/slotring.h"

/* ---- Names and places ----------------------------------------------------------------------------- */

/* Where a ring's objects live and under which names. Opaque; made by place_open. */
typedef struct sr__place sr__place_t;

typedef struct sr__place_config {
    const char *directory; /* NULL: the environment's SLOTRING_DIR (ignored when setuid), else the default */
    const char *trusted_owner; /* NULL, or a user beside the caller and root whose objects are accepted */
} sr__place_config_t;

/* ---- Segments ------------------------------------------------------------------------------------- */

typedef struct sr__segment sr__segment_t;

typedef struct sr__segment_config {
    uint64_t size;     /* bytes; a multiple of page_size() */
    uint32_t access;   /* SLOTRING_ACCESS_OWNER … */
    const char *group; /* NULL: the process's own */
    uint8_t ring_id[16];
} sr__segment_config_t;

enum sr__mapping_flags {
    SR__MAP_PREFAULT = 1u << 0,
    SR__MAP_HUGE_PAGES = 1u << 1,
    SR__MAP_LOCK = 1u << 2,
};

/* What a look at a ring's names found; 0: both lead to the ring. */
enum sr__names {
    SR__SEGMENT_GONE = 1u << 0, /* the segment's name is gone, or leads to something else */
    SR__LOCK_GONE = 1u << 1,    /* there is no lock file */
    SR__LOCK_OTHER = 1u << 2,   /* there is another one */
    SR__FOLDER_GONE = 1u << 3, /* the place itself: removed, no longer mounted, or another one in its stead */
    SR__NAMES_HIDDEN = 1u << 4 /* cannot be told from here: rights that were given up, another root */
};

/* Says which object something is, so that a replaced one is noticed: device and inode, or what comes near. */
typedef struct sr__identity {
    uint64_t device;
    uint64_t object;
} sr__identity_t;

/* ---- Locks ---------------------------------------------------------------------------------------- */

/* The ring's lock file: the process mutex, and one death lock for each participant. */
typedef struct sr__locks sr__locks_t;

/* One death lock that this process holds, for life. */
typedef struct sr__death_lock sr__death_lock_t;

/* ---- Waiting -------------------------------------------------------------------------------------- */

/* What sleeping and waking of one attachment needs; NULL where nothing is. */
typedef struct sr__waits sr__waits_t;

/* ---- Identity ------------------------------------------------------------------------------------- */

typedef struct sr__self {
    uint64_t pid;
    uint64_t pid_namespace; /* 0 where there are none */
    uint64_t start_time;    /* in units of the system; with pid it names a process for people */
    uint64_t uid;
    char name[SLOTRING_CLIENT_NAME_MAX + 1]; /* the program's */
} sr__self_t;

typedef struct sr__backend {
    const char *name; /* as in options.backend */
    uint32_t kind;    /* stored in the ring; 1 posix, 2 win32, 3 apr, 16 and up posix with other mechanisms */
    uint32_t capabilities; /* SLOTRING_CAN_… */

    /* -- names -- */

    /* Resolves where ring `name` lives. The name is valid by slotring.h's rules; NULL for list_names.
     * Errors: E_NOT_FOUND (no such directory), E_INVALID (unknown trusted owner), E_ACCESS, E_NO_MEMORY, E_OS. */
    int (*place_open)(const sr__place_config_t *config, const char *name, sr__place_t **place,
                      slotring_error_t *error);
    void (*place_close)(sr__place_t *place);

    /* Calls `found` with the name of each ring of the place until it returns non-zero. Also removes lock files
     * that a killed creator left without a segment. Errors: E_ACCESS, E_NO_MEMORY, E_OS. */
    int (*list_names)(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                      slotring_error_t *error);

    /* -- segments -- */

    /* Makes a nameless segment of config->size bytes, all zero, all of it committed (no later access may fault for
     * want of memory, whatever others take; a place that cannot promise it is refused, with another one named),
     * mapped for reading and writing. Death: nothing stays behind. Errors: E_NO_SPACE (says how much was asked for
     * and how much there is), E_ADDRESS_SPACE, E_ACCESS,
     *   E_INVALID (unknown group), E_UNSUPPORTED (the place cannot), E_NO_MEMORY, E_OS. */
    int (*segment_create)(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                          sr__segment_t **segment, slotring_error_t *error);

    /* Gives the segment its name, in one step: whoever opens the name sees a complete segment. Called with the
     * process mutex held. Errors: E_EXISTS, E_ACCESS, E_NO_SPACE, E_OS. */
    int (*segment_link)(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error);

    /* Opens the place's segment, without mapping it. Never creates one. Refuses what is not a plain object with
     * one name, owned by the caller, root or the trusted owner (E_OWNER); the overflow user is never equal.
     * Errors: E_NOT_FOUND, E_OWNER, E_ACCESS, E_NOT_A_RING (not a plain object), E_NO_MEMORY, E_OS. */
    int (*segment_open)(sr__place_t *place, bool writable, sr__segment_t **segment, slotring_error_t *error);

    /* Its size now, in bytes, from the system and never from its contents. */
    uint64_t (*segment_size)(sr__segment_t *segment);
    /* Owner's uid. */
    uint64_t (*segment_owner)(sr__segment_t *segment);

    /* Reads bytes into private memory without faulting, whatever others do to the segment; where the system
     * cannot, from a mapping. Errors: E_TRUNCATED (past the end), E_OS. */
    int (*segment_read)(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size);

    /* Maps the first `size` bytes for reading and writing. The mapping stays in a forked child.
     * Errors: E_TRUNCATED, E_ADDRESS_SPACE, E_NO_MEMORY, E_OS. */
    int (*segment_map)(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags,
                       slotring_error_t *error);

    /* Start of the mapping, aligned to a page; NULL while unmapped. And which flags were really granted. */
    void *(*segment_memory)(sr__segment_t *segment);
    uint32_t (*segment_granted)(sr__segment_t *segment);

    /* Leaves what lies in the mapping from `from` on, in whole pages, out of this process's core files, as far as the
     * system has a way. */
    void (*segment_leave_out)(sr__segment_t *segment, uint64_t from);

    /* Does the place's name still lead to this segment? 1 yes, 0 no (gone, or another one). */
    bool (*segment_is_named)(sr__place_t *place, sr__segment_t *segment);

    /* Is there any object under the segment's name? */
    bool (*segment_exists)(sr__place_t *place);

    /* May this process take away the name? Asked before others are ordered to do it. In doubt 0: segment_unlink has
     * the last word. Errors: E_ACCESS (says who may). */
    int (*segment_may_unlink)(sr__place_t *place, slotring_error_t *error);

    /* Takes away the name. Called with the process mutex held, if there is one. Not there: 0.
     * Errors: E_ACCESS, E_OS. */
    int (*segment_unlink)(sr__place_t *place, slotring_error_t *error);

    /* Unmaps and closes; a nameless segment that nobody else has open is gone. */
    void (*segment_close)(sr__segment_t *segment);

    /* -- locks -- */

    /* Opens the place's lock file. With `create`: makes it when it is missing, or adopts the one that a killed
     * creator left; config gives the rights (observers get none on it). Ownership as in segment_open. Death
     * between this and segment_link may leave an empty lock file, which the next create, list or unlink of the
     * place adopts or removes.
     * While creating, a death lock is taken only with the mutex held, which is then kept until segment_link: a lock
     * file without a segment in which somebody holds a death lock belongs to a removed ring, and mutex_lock takes its
     * name away (the caller finds it nameless and opens again).
     * Errors: E_NOT_FOUND (not with `create`), E_OWNER, E_ACCESS, E_NOT_A_RING, E_UNSUPPORTED, E_NO_MEMORY, E_OS;
     *   with `create` also E_INVALID (unknown group), E_NO_SPACE. */
    int (*locks_open)(sr__place_t *place, bool create, const sr__segment_config_t *config,
                      sr__locks_t **locks, slotring_error_t *error);
    void (*locks_close)(sr__locks_t *locks);
    /* In a forked child: free private memory, leave the parent's locks alone. */
    void (*locks_abandon)(sr__locks_t *locks);

    /* Which file it is; stored in the ring's header and compared at each attach and before each repair. */
    sr__identity_t (*locks_identity)(sr__locks_t *locks);

    /* Does the place's name still lead to this lock file? */
    bool (*locks_are_named)(sr__place_t *place, sr__locks_t *locks);

    /* Takes away the lock file's name. Called with the mutex held, after segment_unlink. Not there: 0.
     * Errors: E_ACCESS, E_OS. */
    int (*locks_unlink)(sr__place_t *place, slotring_error_t *error);

    /* Do the names of the place still lead to this segment and to the lock file of this identity? For who only
     * looks: it changes nothing and keeps nothing open. `locks` may be NULL; they tell of a lock file that has no
     * name any more also where the place cannot be looked at. What was removed is told from what cannot be seen: a
     * name is gone only if the directory is the one that place_open found. SR__FOLDER_GONE is true for this process,
     * and need not be for others: they may see other file systems. The lock file is looked at first, as it is
     * removed last. Returns a set of sr__names. */
    uint32_t (*names_look)(sr__place_t *place, sr__segment_t *segment, sr__identity_t lock,
                           sr__locks_t *locks);

    /* The process mutex: at most one process (and one sr__locks_t) holds it. Only tried, until timeout_ns have
     * passed: E_BUSY, of which the core says more. Death: released. Survives that the host closes file descriptors
     * that are not its own. Works in a process that cannot open anything any more (fewer rights, another root, no
     * descriptor left, a sandbox), as far as the system has a way.
     * Errors: E_BUSY, E_OS (names the call that failed). */
    int (*mutex_lock)(sr__locks_t *locks, uint64_t timeout_ns, slotring_error_t *error);
    void (*mutex_unlock)(sr__locks_t *locks);

    /* Takes death lock `index` for life. Never waits. The lock must survive: the host closing all its file
     * descriptors, fork (the child must not keep it alive, nor release it), other objects of this library in
     * the same process opening and closing the same file. Death: released at once; a zombie or a stopped process
     * is told apart correctly (dead, alive).
     * Errors: E_BUSY (somebody holds it), E_INVALID (index), E_NO_MEMORY, E_OS (names the call that failed). */
    int (*death_lock_take)(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock,
                           slotring_error_t *error);
    void (*death_lock_release)(sr__death_lock_t *lock);
    void (*death_lock_abandon)(sr__death_lock_t *lock); /* in a forked child */

    /* Is death lock `index` held, by anybody, this process included? 1 alive, 0 dead, negative: error (then
     * nothing is known). Works where mutex_lock does. Errors: E_INVALID (index), E_NO_MEMORY, E_OS (names the call
     * that failed). */
    int (*death_lock_query)(sr__locks_t *locks, uint32_t index, slotring_error_t *error);

    /* -- waiting -- */

    /* Prepares this attachment's sleeping and waking. Errors: E_NO_MEMORY, E_OS. */
    int (*waits_open)(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                      uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error);
    void (*waits_close)(sr__waits_t *waits);

    /* Sleeps while *word == expected, at most timeout_ns. May return early for no reason. The word lies in a
     * segment; the comparison and falling asleep are one step against wake. */
    void (*wait)(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns);

    /* Wakes every sleeper on word. `waiters` is the set of waiting participants (sets of 64, `words` of them),
     * for systems that wake each one by name. Async-signal-safe. */
    void (*wake)(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters, uint32_t words);

    /* -- the process -- */

    /* A word that is the same for the life of the process and another (or 0) in a forked child, from the first
     * instruction on if the system can do it. Never 0 when called again in the child. */
    const _Atomic uint64_t *(*process_mark)(void);

    /* Who this process is. */
    void (*self)(sr__self_t *self);
    /* The machine's boot, so that a ring from before a restart is refused: the same for all processes and containers
     * of a machine, from its start on, whatever its clocks do. Zero if the system does not say. */
    void (*boot_id)(uint8_t id[16]);
    /* SLOTRING_LIFE_… of a process, for people only. What cannot be seen is unknown, not dead. */
    uint32_t (*life)(uint64_t pid, uint64_t pid_namespace, uint64_t start_time);
    /* How many threads this process has now; 0 where the system does not say. */
    uint32_t (*threads)(void);
    /* Random bytes for ids. Errors: E_OS. */
    int (*random)(void *buffer, size_t size);

    /* Nanoseconds of a monotonic clock that all processes of the machine share. One that leaps ends a time-out early or
     * late, and does no other harm. */
    uint64_t (*clock_ns)(void);
    uint64_t (*coarse_clock_ns)(void);
    /* Sleeps for about that long. */
    void (*sleep_ns)(uint64_t duration_ns);
    /* A hint to the processor inside a spin loop; and giving up the time slice. */
    void (*pause)(void);
    void (*yield)(void);
    uint32_t (*processors)(void); /* of the machine: spinning pays where another one may be at work */
    uint64_t (*page_size)(void);

} sr__backend_t;

/* The backends that were compiled in, NULL at the end; the first is the native one. Defined by the build in
 * platform/common/backends.c. */
extern const sr__backend_t *const sr__backends[];

/* A thread that is cancelled between the first two goes on to the second. They nest. The third is where one that
 * holds nothing may end; the fourth is one in the middle of a call that has forbidden it once, and can be given up:
 * only if the thread ends, undo(context) is called. Defined in platform/common/cancel.c. */
void sr__cancel_forbid(void);
void sr__cancel_allow(void);
void sr__cancel_point(void);
void sr__cancel_point_inside(void (*undo)(void *context), void *context);

/* An environment variable, or NULL: not set, or set by a caller who has fewer rights than this program (setuid). */
const char *sr__environment(const char *variable);

/* The value of a call in which the calling thread cannot be cancelled: for all that opens, locks or allocates
 * something, or calls the host back. */
#define SR__UNCANCELLED(call) (sr__cancel_forbid(), sr__uncancelled_end(call))

static inline int sr__uncancelled_end(int result)
{
    sr__cancel_allow();
    return result;
}

#endif
