/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the POSIX backend share, grouped by the file that has it.
 *
 * Systems differ in what they have, and the build chooses (cmake/SlotringPosix.cmake). Names, segments and locks go
 * together, in two families with like names for like jobs: files/ has what Linux has, registry/ what every POSIX system
 * has. Of wait/ and of each KIND_SYSTEM.c in system/ the build takes one. What stands beside these folders serves both
 * families.
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

#include "common/descriptor.h"
#include "common/identity.h"
#include "platform.h"
#include "posix/facets.h"

_Static_assert(sizeof(off_t) == 8, "files above 2 GiB: compile with _FILE_OFFSET_BITS=64");

/* ---- backend.c --------------------------------------------------------------------------------------- */

/* What is stored in a ring says of which mechanisms its users are made (cmake/SlotringPosix.cmake): who takes a byte
 * lock and who takes a flock would never see each other, and who only sleeps wakes nobody. 1 is Linux's own. */
#if defined(SLOTRING_POSIX_WAIT_FUTEX)
#define SR__WAIT_KIND 0u
#elif defined(SLOTRING_POSIX_WAIT_SLEEP)
#define SR__WAIT_KIND 1u
#elif defined(SLOTRING_POSIX_WAIT_ULOCK)
#define SR__WAIT_KIND 2u
#elif defined(SLOTRING_POSIX_WAIT_UMTX)
#define SR__WAIT_KIND 3u
#endif
#if defined(SLOTRING_POSIX_FILES)
#define SR__POSIX_KIND (SR__WAIT_KIND == 0 ? 1u : 16u + SR__WAIT_KIND)
#elif defined(SLOTRING_POSIX_REGISTRY)
#define SR__POSIX_KIND (20u + SR__WAIT_KIND)
#endif

/* ---- place.c ----------------------------------------------------------------------------------------- */

struct sr__place {
    char *directory;    /* absolute, without symbolic links: the host may change its working directory */
    char *name;         /* of the ring; NULL for list_names, and where nobody asks */
    char *segment_path; /* of what stands for the ring's name; NULL for list_names */
    char *lock_path;
    sr__identity_t folder; /* the directory, when the place was opened */
    sr__identity_t root;   /* and the process's root directory */
    bool has_trusted;
    uid_t trusted;
};

/* The same directory with the same trust, and no ring. NULL: no memory. */
sr__place_t *sr__posix_place_copy(const sr__place_t *place);
/* Has the process another root than when the place was opened? */
bool sr__posix_root_changed(const sr__place_t *place);
/* directory/PREFIXname; to be freed. NULL: no memory. */
char *sr__posix_join(const char *directory, const char *prefix, const char *name);

/* ---- files/names.c, registry/names.c ----------------------------------------------------------------- */

/* Sets the paths of ring `name` in the place. False: no memory. */
bool sr__posix_place_name(sr__place_t *place, const char *name);

/* ---- error.c ----------------------------------------------------------------------------------------- */

/* The SLOTRING_E_ code that says what errno `number` means. */
int sr__posix_code_of(int number);
/* sr__fail with that code, and the system's text at the end of the sentence. */
__attribute__((format(printf, 3, 4))) int sr__posix_fail_os(slotring_error_t *error, int number,
                                                            const char *format, ...);
/* The same with another code. */
__attribute__((format(printf, 4, 5))) int sr__posix_fail_as(slotring_error_t *error, int failed, int number,
                                                            const char *format, ...);

/* ---- rights.c ---------------------------------------------------------------------------------------- */

typedef struct sr__rights {
    mode_t segment, lock;
    bool has_group;
    gid_t group;
} sr__rights_t;

int sr__posix_rights_of(const sr__segment_config_t *config, sr__rights_t *rights, slotring_error_t *error);
/* Gives an open file its mode and group, whatever the umask is. */
int sr__posix_rights_apply(int fd, mode_t mode, const sr__rights_t *rights, slotring_error_t *error);
bool sr__posix_rights_are(const struct stat *status, mode_t mode, const sr__rights_t *rights);
/* A lock file that was adopted may have been made for other rights. This sets them; with the mutex held and no segment
 * there, the file is nobody else's. */
int sr__posix_rights_adapt(const sr__place_t *place, const sr__rights_t *rights, slotring_error_t *error);
int sr__posix_user_find(const char *user, uid_t *uid, slotring_error_t *error);

/* ---- trust.c ----------------------------------------------------------------------------------------- */

bool sr__posix_is_trusted(const sr__place_t *place, uid_t owner);
/* Would anybody trust a ring that this process makes? 0 or E_OWNER. */
int sr__posix_check_creator(const sr__place_t *place, slotring_error_t *error);

/* ---- file.c ------------------------------------------------------------------------------------------ */

sr__identity_t sr__posix_identity_of(const struct stat *status);
bool sr__posix_fd_is(int fd, sr__identity_t identity);
bool sr__posix_fd_is_nameless(int fd, sr__identity_t identity); /* it is that file, and no name leads to it */
bool sr__posix_path_is(const char *path, sr__identity_t identity);
bool sr__posix_path_exists(const char *path); /* also when that cannot be found out */
/* Closes *fd if it still is that file, and forgets it in any case. */
void sr__posix_fd_close(_Atomic int *fd, sr__identity_t identity);

/* Opens `path`, which must be a regular file with one name of a trusted owner. `what` names it in errors. */
int sr__posix_file_open(const sr__place_t *place, const char *path, bool writable, const char *what, int *fd,
                        struct stat *status, slotring_error_t *error);
/* 0 when this process may take away a name, or nothing is known against it; else E_ACCESS, which says who may. */
int sr__posix_file_may_unlink(const char *path, const char *what, slotring_error_t *error);
/* Takes away a name; one that is not there is fine. */
int sr__posix_file_unlink(const char *path, const char *what, slotring_error_t *error);

/* ---- mapping.c --------------------------------------------------------------------------------------- */

/* Maps the first `size` bytes. `where` they come from, for the error. */
int sr__posix_map_shared(int fd, uint64_t size, bool writable, const char *where, void **memory,
                         slotring_error_t *error);

/* ---- files/segment.c, registry/segment.c ------------------------------------------------------------- */

/* Does the name lead to it? 1 yes, 0 no, -1: that cannot be found out. */
int sr__posix_segment_stands(const sr__place_t *place, const sr__segment_t *segment);

/* ---- space.c, files/commit.c, registry/commit.c ------------------------------------------------------ */

/* Is a segment of this size below this process's limit? */
int sr__posix_check_file_limit(uint64_t size, slotring_error_t *error);
/* `where` the memory comes from, for people. */
int sr__posix_set_size(int fd, const char *where, uint64_t size, slotring_error_t *error);
int sr__posix_fail_for_space(int fd, const char *where, uint64_t size, int number, slotring_error_t *error);
/* That `what` cannot be made in a directory, and what to do: no room, no inodes, a quota, read-only. */
int sr__posix_fail_to_make(slotring_error_t *error, int number, const char *directory, const char *what);
/* Pays for the memory behind `fd`, mapped at `memory`: no later access faults for want of it. */
int sr__posix_commit(int fd, void *memory, const char *where, uint64_t size, slotring_error_t *error);

/* ---- system/pages.c, system/memory_….c --------------------------------------------------------------- */

/* Makes pages present by reading a byte of each. They are committed, so that reading is enough; and others may be at work
 * in them. */
void sr__posix_touch(const void *memory, size_t size);

/* Asks for huge pages, before the memory is committed. */
void sr__posix_memory_huge(void *memory, size_t size, bool writable);
/* Does what else was asked for, and returns the flags that were really granted. */
uint32_t sr__posix_memory_prepare(void *memory, size_t size, bool writable, uint32_t mapping_flags);

/* ---- system/numa_….c --------------------------------------------------------------------------------- */

/* Binds a mapping whose memory is not committed yet to `node`, if that is one: what is committed then comes from there, for
 * whoever touches it. E_INVALID, E_NO_SPACE, E_UNSUPPORTED, E_OS. */
int sr__posix_bind(void *memory, uint64_t size, const char *directory, uint32_t node,
                   slotring_error_t *error);
/* The node on which all of a few pages lie; SLOTRING_NO_NUMA_NODE: several, or not known. */
uint32_t sr__posix_node_of(const void *memory, uint64_t size);

/* ---- lock_file.c ------------------------------------------------------------------------------------- */

/* A descriptor that stays open for its lock, and is closed in a forked child. */
typedef struct sr__lock_file {
    sr__open_file_t open;
    _Atomic int fd;
    sr__identity_t identity;
} sr__lock_file_t;

/* Both while fork is forbidden. */
void sr__posix_lock_file_add(sr__lock_file_t *file);
void sr__posix_lock_file_remove(sr__lock_file_t *file);

/* ---- locks.c, files/locks.c, registry/locks.c -------------------------------------------------------- */

/* The file that has the process mutex. */
const sr__lock_file_t *sr__posix_locks_file(const sr__locks_t *locks);
/* Has the lock file lost its name for good? By the open descriptor: it takes no path. */
bool sr__posix_locks_are_nameless(const sr__locks_t *locks);

/* ---- mutex.c, files/mutex.c, registry/mutex.c -------------------------------------------------------- */

/* What fails when a descriptor that somebody else closed is to come back. */
#define SR__REOPEN "open, after somebody else closed its descriptor"
/* One attempt: 0 or errno (EAGAIN: somebody has it); then *call says what failed. */
int sr__posix_mutex_try(sr__locks_t *locks, const char **call);
/* With the mutex held: 0 or E_BUSY. */
int sr__posix_mutex_finish_removal(sr__locks_t *locks);

/* ---- wait/nap.c -------------------------------------------------------------------------------------- */

/* Sleeps in steps of up to a millisecond while *word == expected, at most timeout_ns. */
void sr__posix_nap(_Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns);
/* The same on several words. */
void sr__posix_nap_any(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns);

#endif
