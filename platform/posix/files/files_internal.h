/* SPDX-License-Identifier: Apache-2.0 */
/* The family of Linux: a ring is two files of a tmpfs that have its name; its locks are bytes of one of them, which
 * belong to open file descriptions (OFD locks) that mappings keep. */
#ifndef SR_POSIX_FILES_INTERNAL_H
#define SR_POSIX_FILES_INTERNAL_H

#include "posix/posix_internal.h"

#define SR__SEGMENT_PREFIX "slotring."
#define SR__LOCK_PREFIX \
    "slotring-lock." /* no ring's segment can have this name, whatever the ring is called */

/* Bytes of the lock file that are locked. The file is empty: the kernel does not mind. */
#define SR__DEATH_BYTES ((off_t)SLOTRING_PARTICIPANTS_MAX + 1)
#define SR__MUTEX_BYTE ((off_t)1 << 20)
#define SR__PROBE_BYTE ((off_t)1 << 21)

/* ---- file.c ------------------------------------------------------------------------------------------ */

/* A file without a name, which vanishes with the process. */
int sr__posix_file_nameless(const char *directory, int *fd, struct stat *status, slotring_error_t *error);
/* Gives it a name; 0 or errno. */
int sr__posix_file_link(int fd, const char *path);
/* Another open file description of the file behind `fd`; or -1 and errno. */
int sr__posix_fd_reopen(int fd, sr__identity_t identity, bool writable);

/* Keeps an open file description, and so its locks, alive without a descriptor: for this process alone,
 * not for its children. NULL: errno says why. */
void *sr__posix_file_pin(int fd);
void sr__posix_file_unpin(void *pin);

/* ---- segment.c --------------------------------------------------------------------------------------- */

struct sr__segment {
    char *path;
    _Atomic int fd; /* -1 once it is mapped and named: nothing needs it then */
    bool writable;
    bool nameless; /* made here and not yet linked */
    sr__identity_t identity;
    uid_t owner;
    void *memory;
    size_t size;
    uint32_t granted;
    sr__rights_t rights; /* of one made here */
};

sr__segment_t *sr__posix_segment_new(const sr__place_t *place, int fd, const struct stat *status,
                                     bool writable);
int sr__posix_segment_mmap(sr__segment_t *segment, uint64_t size, slotring_error_t *error);

/* ---- locks.c ----------------------------------------------------------------------------------------- */

struct sr__locks {
    char *path, *segment_path;
    bool creating; /* opened to create a ring */
    sr__lock_file_t
        file;  /* its description has the mutex while locked, and never a death lock: it sees them all */
    void *pin; /* keeps that description through a stray close */
    atomic_bool locked;
    void *locked_pin; /* of the description that has the mutex, if `file` was opened again since */
};

/* A new open file description of the lock file; or -1 and errno. Only while fork is forbidden. */
int sr__posix_locks_description(sr__locks_t *locks);
/* Makes sure that the open descriptor is the lock file's. 0 or errno. */
int sr__posix_locks_restore(sr__locks_t *locks);

/* ---- byte_lock.c ------------------------------------------------------------------------------------- */

/* Locks that belong to an open file description: seen by every other one, of this process too, and dropped
 * by the kernel with the last reference to it. `type` is F_RDLCK or F_WRLCK; 0 or errno (EAGAIN: somebody
 * else's). */
int sr__posix_byte_lock(int fd, short type, off_t byte);
int sr__posix_byte_unlock(int fd, off_t byte);
/* Would a lock of `type` on these bytes meet another one? 1, 0, or -1 and errno. */
int sr__posix_byte_query(int fd, short type, off_t first, off_t count);

#endif
