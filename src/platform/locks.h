/* SPDX-License-Identifier: Apache-2.0 */
/* The facet of locks: the process mutex of a ring, and the death locks, by which the kernel tells who lives. */
#ifndef SR_PLATFORM_LOCKS_H
#define SR_PLATFORM_LOCKS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "platform/objects.h"
#include "platform/segments.h"

typedef struct sr__locks_facet {
    /* Opens the place's lock file. With `create`: makes it when it is missing, or adopts the one that a killed
     * creator left; config gives the rights (observers get none on it). Ownership as in segments.open. Death
     * between this and segments.link may leave an empty lock file, which the next create, list or unlink of the
     * place adopts or removes.
     * While creating, a death lock is taken only with the mutex held, which is then kept until segments.link: a lock
     * file without a segment in which somebody holds a death lock belongs to a removed ring, and mutex_lock takes its
     * name away (the caller finds it nameless and opens again).
     * Errors: E_NOT_FOUND (not with `create`), E_OWNER, E_ACCESS, E_NOT_A_RING, E_UNSUPPORTED, E_NO_MEMORY, E_OS;
     *   with `create` also E_INVALID (unknown group), E_NO_SPACE. */
    int (*open)(sr__place_t *place, bool create, const sr__segment_config_t *config, sr__locks_t **locks,
                slotring_error_t *error);
    void (*close)(sr__locks_t *locks);
    /* In a forked child: free private memory, leave the parent's locks alone. */
    void (*abandon)(sr__locks_t *locks);

    /* Which file it is; stored in the ring's header and compared at each attach and before each repair. */
    sr__identity_t (*identity)(sr__locks_t *locks);

    /* Does the place's name still lead to this lock file? */
    bool (*are_named)(sr__place_t *place, sr__locks_t *locks);

    /* Takes away the lock file's name. Called with the mutex held, after segments.unlink. Not there: 0.
     * Errors: E_ACCESS, E_OS. */
    int (*unlink)(sr__place_t *place, slotring_error_t *error);

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
} sr__locks_facet_t;

#endif
