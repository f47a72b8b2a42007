/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the POSIX backend share, grouped by the file that has it.
 *
 * Two facts of life shape all of it:
 *   - a host may close every descriptor of the process, ours included, and reuse their numbers. A descriptor
 *     that is kept is compared with the file it was opened for at each use, and before it is closed;
 *   - a host may fork at any moment. Nothing that keeps a lock alive may get into the child.
 */
#ifndef SR_POSIX_INTERNAL_H
#define SR_POSIX_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

#include "platform.h"

_Static_assert(sizeof(off_t) == 8, "files above 2 GiB: compile with _FILE_OFFSET_BITS=64");

#define SR__SEGMENT_PREFIX "slotring."
#define SR__LOCK_PREFIX \
    "slotring-lock." /* no ring's segment can have this name, whatever the ring is called */

/* Bytes of the lock file that are locked. The file is empty: the kernel does not mind. */
#define SR__DEATH_BYTES ((off_t)SLOTRING_PARTICIPANTS_MAX + 1)
#define SR__MUTEX_BYTE ((off_t)1 << 20)
#define SR__PROBE_BYTE ((off_t)1 << 21)

/* ---- place.c ---------------------------------------------------------------------------------------- */

struct sr__place {
    char *directory;    /* absolute, without symbolic links: the host may change its working directory */
    char *segment_path; /* NULL for list_names */
    char *lock_path;
    bool has_trusted;
    uid_t trusted;
};

int sr__posix_place_open(const sr__place_config_t *config, const char *name, sr__place_t **place,
                         slotring_error_t *error);
void sr__posix_place_close(sr__place_t *place);
/* The place of ring `name` in the directory of `place`, with the same trust. NULL: no memory. */
sr__place_t *sr__posix_place_beside(const sr__place_t *place, const char *name);

/* ---- list.c ----------------------------------------------------------------------------------------- */

int sr__posix_list_names(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                         slotring_error_t *error);

/* ---- error.c ---------------------------------------------------------------------------------------- */

/* The SLOTRING_E_ code that says what errno `number` means. */
int sr__posix_code_of(int number);
/* sr__fail with that code, and the system's text at the end of the sentence. */
__attribute__((format(printf, 3, 4))) int sr__posix_fail_os(slotring_error_t *error, int number,
                                                            const char *format, ...);

/* ---- rights.c --------------------------------------------------------------------------------------- */

typedef struct sr__rights {
    mode_t segment, lock;
    bool has_group;
    gid_t group;
} sr__rights_t;

int sr__posix_rights_of(const sr__segment_config_t *config, sr__rights_t *rights, slotring_error_t *error);
/* Gives an open file its mode and group, whatever the umask is. */
int sr__posix_rights_apply(int fd, mode_t mode, const sr__rights_t *rights, slotring_error_t *error);
bool sr__posix_rights_are(const struct stat *status, mode_t mode, const sr__rights_t *rights);
int sr__posix_user_find(const char *user, uid_t *uid, slotring_error_t *error);
/* The user that stands for all those without a number here (user namespaces): it may be anybody. */
uid_t sr__posix_overflow_user(void);
bool sr__posix_is_trusted(const sr__place_t *place, uid_t owner);

/* ---- file.c ----------------------------------------------------------------------------------------- */

sr__identity_t sr__posix_identity_of(const struct stat *status);
bool sr__posix_fd_is(int fd, sr__identity_t identity);
bool sr__posix_path_is(const char *path, sr__identity_t identity);
bool sr__posix_path_exists(const char *path); /* also when that cannot be found out */
/* Closes *fd if it still is that file, and forgets it in any case. */
void sr__posix_fd_close(_Atomic int *fd, sr__identity_t identity);

/* Opens `path`, which must be a regular file with one name of a trusted owner. `what` names it in errors. */
int sr__posix_file_open(const sr__place_t *place, const char *path, bool writable, const char *what, int *fd,
                        struct stat *status, slotring_error_t *error);
/* A file without a name, which vanishes with the process. */
int sr__posix_file_nameless(const char *directory, int *fd, struct stat *status, slotring_error_t *error);
/* Gives it a name; 0 or errno. */
int sr__posix_file_link(int fd, const char *path);
/* 0 when this process may take away a name, or nothing is known against it; else E_ACCESS, which says who may. */
int sr__posix_file_may_unlink(const char *path, const char *what, slotring_error_t *error);
/* Takes away a name; one that is not there is fine. */
int sr__posix_file_unlink(const char *path, const char *what, slotring_error_t *error);
/* Another open file description of the file behind `fd`; or -1 and errno. */
int sr__posix_fd_reopen(int fd, sr__identity_t identity, bool writable);

/* Keeps an open file description, and so its locks, alive without a descriptor: for this process alone,
 * not for its children. NULL: errno says why. */
void *sr__posix_file_pin(int fd);
void sr__posix_file_unpin(void *pin);

/* ---- segment.c -------------------------------------------------------------------------------------- */

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

int sr__posix_segment_open(sr__place_t *place, bool writable, sr__segment_t **segment,
                           slotring_error_t *error);
uint64_t sr__posix_segment_size(sr__segment_t *segment);
uint64_t sr__posix_segment_owner(sr__segment_t *segment);
int sr__posix_segment_read(sr__segment_t *segment, uint64_t offset, void *buffer, size_t size);
int sr__posix_segment_map(sr__segment_t *segment, uint64_t size, uint32_t mapping_flags,
                          slotring_error_t *error);
void *sr__posix_segment_memory(sr__segment_t *segment);
uint32_t sr__posix_segment_granted(sr__segment_t *segment);
bool sr__posix_segment_is_named(sr__place_t *place, sr__segment_t *segment);
bool sr__posix_segment_exists(sr__place_t *place);
int sr__posix_segment_may_unlink(sr__place_t *place, slotring_error_t *error);
int sr__posix_segment_unlink(sr__place_t *place, slotring_error_t *error);
void sr__posix_segment_close(sr__segment_t *segment);

/* ---- segment_create.c ------------------------------------------------------------------------------- */

int sr__posix_segment_create(sr__place_t *place, const sr__segment_config_t *config, uint32_t mapping_flags,
                             sr__segment_t **segment, slotring_error_t *error);
int sr__posix_segment_link(sr__place_t *place, sr__segment_t *segment, slotring_error_t *error);

/* ---- memory.c --------------------------------------------------------------------------------------- */

uint64_t sr__posix_page_size(void);
/* Asks for huge pages, before the memory is committed. */
void sr__posix_memory_huge(void *memory, size_t size, bool writable);
/* Does what else was asked for, and returns the flags that were really granted. */
uint32_t sr__posix_memory_prepare(void *memory, size_t size, bool writable, uint32_t mapping_flags);

/* ---- fork.c ----------------------------------------------------------------------------------------- */

/* A descriptor that is kept open, and closed in a forked child. */
typedef struct sr__kept {
    _Atomic int fd;
    sr__identity_t identity;
    struct sr__kept *previous, *next;
    bool listed;
} sr__kept_t;

/* No fork happens between these two. */
void sr__posix_fork_forbid(void);
void sr__posix_fork_allow(void);
/* Both while fork is forbidden. */
void sr__posix_kept_add(sr__kept_t *kept);
void sr__posix_kept_remove(sr__kept_t *kept);

const _Atomic uint64_t *sr__posix_process_mark(void);
void sr__posix_process_lock(void);
void sr__posix_process_unlock(void);

/* ---- locks.c ---------------------------------------------------------------------------------------- */

struct sr__locks {
    char *path, *segment_path;
    bool creating; /* opened to create a ring */
    sr__kept_t
        kept;  /* its description has the mutex while locked, and never a death lock: it sees them all */
    void *pin; /* keeps that description through a stray close */
    atomic_bool locked;
    void *locked_pin; /* of the description that has the mutex, if `kept` was opened again since */
};

int sr__posix_locks_open(sr__place_t *place, bool create, const sr__segment_config_t *config,
                         sr__locks_t **locks, slotring_error_t *error);
void sr__posix_locks_close(sr__locks_t *locks);
void sr__posix_locks_abandon(sr__locks_t *locks);
sr__identity_t sr__posix_locks_identity(sr__locks_t *locks);
bool sr__posix_locks_are_named(sr__place_t *place, sr__locks_t *locks);
int sr__posix_locks_unlink(sr__place_t *place, slotring_error_t *error);
/* A new open file description of the lock file; or -1 and errno. Only while fork is forbidden. */
int sr__posix_locks_description(sr__locks_t *locks);
/* Makes sure that the kept descriptor is the lock file's. 0 or errno. */
int sr__posix_locks_restore(sr__locks_t *locks);

/* ---- mutex.c ---------------------------------------------------------------------------------------- */

int sr__posix_mutex_lock(sr__locks_t *locks, uint64_t timeout_ns);
void sr__posix_mutex_unlock(sr__locks_t *locks);

/* ---- death_lock.c ----------------------------------------------------------------------------------- */

int sr__posix_death_lock_take(sr__locks_t *locks, uint32_t index, sr__death_lock_t **lock);
void sr__posix_death_lock_release(sr__death_lock_t *lock);
void sr__posix_death_lock_abandon(sr__death_lock_t *lock);
int sr__posix_death_lock_query(sr__locks_t *locks, uint32_t index);

/* ---- byte_lock.c ------------------------------------------------------------------------------------ */

/* Locks that belong to an open file description: seen by every other one, of this process too, and dropped
 * by the kernel with the last reference to it. `type` is F_RDLCK or F_WRLCK; 0 or errno (EAGAIN: somebody
 * else's). */
int sr__posix_byte_lock(int fd, short type, off_t byte);
int sr__posix_byte_unlock(int fd, off_t byte);
/* Would a lock of `type` on these bytes meet another one? 1, 0, or -1 and errno. */
int sr__posix_byte_query(int fd, short type, off_t first, off_t count);

/* ---- wait.c ----------------------------------------------------------------------------------------- */

int sr__posix_waits_open(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant,
                         uint64_t incarnation, sr__waits_t **waits, slotring_error_t *error);
void sr__posix_waits_close(sr__waits_t *waits);
void sr__posix_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns);
void sr__posix_wake(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters,
                    uint32_t words);

/* ---- self.c, random.c, clock.c, cpu.c --------------------------------------------------------------- */

void sr__posix_self(sr__self_t *self);
void sr__posix_boot_id(uint8_t id[16]);
uint32_t sr__posix_life(uint64_t pid, uint64_t pid_namespace, uint64_t start_time);
int sr__posix_random(void *buffer, size_t size);

uint64_t sr__posix_clock_ns(void);
uint64_t sr__posix_coarse_clock_ns(void);
void sr__posix_sleep_ns(uint64_t duration_ns);

void sr__posix_pause(void);
void sr__posix_yield(void);
uint32_t sr__posix_processors(void);

#endif
