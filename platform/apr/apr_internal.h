/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the APR backend share, grouped by the file that has it.
 *
 * A ring NAME of a folder consists of (HASH is that of the name, INODE the mutex file's, all in hexadecimal)
 *   slotring-apr.HASH                     the entry: which object, how large, the real name
 *   slotring-apr.HASH.lock                the process mutex; its identity is the one that the ring's header holds
 *   slotring-apr.HASH.lock.INODE.INDEX    one for each participant there ever was: its death lock
 *   slotring-apr.HASH.new.ID              the entry before it has its name, or after: a journal of an object that
 *                                         is nobody's unless a creator at work has locked the file
 * and of an object of apr_shm whose name is APR's hash of the path that the entry gives.
 *
 * Facts of life that shape all of it:
 *   - APR cannot make an object without a name, and a killed creator leaves it: so the journal comes first;
 *   - APR believes what is stored in an object: so an object is opened only when its entry has its name, which it
 *     gets last, and is judged by what the kernel lets us read of it;
 *   - a host may close every descriptor of the process, ours included, and reuse their numbers: a file that is
 *     kept is compared with what it was at each use, and before it is closed;
 *   - a host may fork at any moment: nothing that keeps a lock alive may stay in the child;
 *   - all is one user's: APR gives objects no other rights.
 * Beside APR there are only those calls that it has no word for: each in a place that says so.
 */
#ifndef SR_APR_INTERNAL_H
#define SR_APR_INTERNAL_H

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_mmap.h>
#include <apr_pools.h>
#include <apr_proc_mutex.h>
#include <apr_shm.h>
#include <apr_user.h>
#include <stdbool.h>
#include <stdint.h>

#include "apr/facets.h"
#include "common/identity.h"
#include "common/text.h"
#include "platform.h"

#define SR__APR_PREFIX "slotring-apr."
#define SR__APR_ID_DIGITS 32
#define SR__APR_ONLY_OWNER (APR_FPROT_UREAD | APR_FPROT_UWRITE)

/* ---- pool.c ----------------------------------------------------------------------------------------- */

/* A pool of its own, which the host's apr_terminate does not touch. NULL: no memory. Not for two threads. */
apr_pool_t *sr__apr_pool(void);
/* Frees nothing and runs no clean-up, ever; but nothing is lost from sight either. While fork is forbidden. */
void sr__apr_pool_abandon(apr_pool_t *pool);

/* ---- place.c ---------------------------------------------------------------------------------------- */

struct sr__place {
    char *directory;             /* absolute: the host may change its working directory */
    char *entry;                 /* directory/slotring-apr.HASH; NULL for list_names */
    char *name;                  /* NULL if only the hash is known */
    sr__identity_t folder, root; /* the directory when the place was opened, and the process's root */
    bool has_trusted;
    apr_uid_t trusted;
};

/* The place of the ring with this hash in the directory of `place`, with the same trust. NULL: no memory. */
sr__place_t *sr__apr_place_beside(const sr__place_t *place, const char *hash);
/* directory/slotring-apr.HASH.lock; to be freed. NULL: no memory. */
char *sr__apr_lock_path(const sr__place_t *place);
/* "slotring-apr.HASH" */
void sr__apr_entry_name(const char *name, char text[sizeof SR__APR_PREFIX + SR__HASH_DIGITS]);

/* ---- error.c ---------------------------------------------------------------------------------------- */

/* The SLOTRING_E_ code that says what an APR status means. */
int sr__apr_code_of(apr_status_t status);
/* sr__fail with that code, and APR's text at the end of the sentence. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
int sr__apr_fail(slotring_error_t *error, apr_status_t status, const char *format, ...);
/* The same as E_OS, whatever the status means. */
int sr__apr_fail_call(slotring_error_t *error, apr_status_t status, const char *call, const char *path);

/* ---- rights.c --------------------------------------------------------------------------------------- */

/* 0 for a ring of the owner alone. */
int sr__apr_rights_check(const sr__segment_config_t *config, slotring_error_t *error);
int sr__apr_user_find(const char *user, apr_uid_t *uid, slotring_error_t *error);
apr_uid_t sr__apr_user_own(void);
/* The user that stands for all those without a number here (user namespaces): it may be anybody. */
apr_uid_t sr__apr_overflow_user(void);
bool sr__apr_is_trusted(const sr__place_t *place, apr_uid_t owner);

/* ---- file.c ----------------------------------------------------------------------------------------- */

/* What stands at `path` itself, links not followed. */
apr_status_t sr__apr_look(const char *path, apr_finfo_t *info, apr_pool_t *pool);
sr__identity_t sr__apr_identity_of(const apr_finfo_t *info);
bool sr__apr_path_is(const char *path, sr__identity_t identity);
bool sr__apr_path_exists(const char *path); /* also when that cannot be found out */
/* What stands at the end of links, if there are some; zero: nothing that can be seen. */
sr__identity_t sr__apr_identity_at(const char *path, apr_status_t *status, apr_pool_t *pool);

/* Opens `path`, which must be a regular file with one name of a trusted owner. `what` names it in errors. */
int sr__apr_file_open(const sr__place_t *place, const char *path, const char *what, apr_pool_t *pool,
                      apr_file_t **file, apr_finfo_t *info, slotring_error_t *error);
/* The same in fewer steps, for reading, of a file that was made by sr__apr_file_make. */
int sr__apr_file_peek(const sr__place_t *place, const char *path, apr_pool_t *pool, apr_file_t **file,
                      sr__identity_t *identity, slotring_error_t *error);
/* Makes it, for the owner alone whatever the umask is. E_EXISTS: it is there already. */
int sr__apr_file_make(const char *path, const char *what, apr_pool_t *pool, apr_file_t **file,
                      apr_finfo_t *info, slotring_error_t *error);
/* Takes away a name; one that is not there is fine. */
int sr__apr_file_remove(const char *path, const char *what, slotring_error_t *error);
/* The names in a directory that begin with `prefix`, as they were at one moment; NULL at the end. NULL: it cannot
 * be read; *status says why. */
char **sr__apr_scan(const char *directory, const char *prefix, apr_pool_t *pool, apr_status_t *status);

/* ---- open_files.c ----------------------------------------------------------------------------------- */

/* A file that stays open, for its lock. A mapping keeps the lock through a stray close of the descriptor; both are
 * given up in a forked child, or never get there. */
typedef struct sr__lock_file {
    sr__open_file_t open;
    apr_pool_t *pool;
    apr_file_t *handle;
    apr_mmap_t *pin;
    atomic_bool lost; /* the host has closed the descriptor: its number is another file's by now */
    bool hidden;      /* from children and from the host: there is only the mapping */
    sr__identity_t identity;
} sr__lock_file_t;

/* All of these while fork is forbidden. */
void sr__apr_open_files_add(sr__lock_file_t *file);
/* Is the descriptor still ours? */
bool sr__apr_lock_file_is_open(const sr__lock_file_t *file);
void sr__apr_open_file_unpin(sr__lock_file_t *file);

/* ---- lock_file.c ----------------------------------------------------------------------------------------- */

enum sr__lock_file_how {
    SR__LOCK_FILE_OPEN,         /* it must be there */
    SR__LOCK_FILE_OPEN_OR_MAKE, /* it is made when it is missing */
    SR__LOCK_FILE_MAKE,         /* it must not be there */
};

int sr__apr_lock_file_open(const sr__place_t *place, const char *path, enum sr__lock_file_how how,
                           const char *what, sr__lock_file_t **file, slotring_error_t *error);
/* Tries to lock the file, for as long as it stays open. 0, E_BUSY or E_OS. */
int sr__apr_lock_file_lock(sr__lock_file_t *file, bool shared, slotring_error_t *error);
/* Gives up the mapping: with a descriptor that the host closed, the lock. */
void sr__apr_lock_file_unpin(sr__lock_file_t *file);
/* Leaves only the mapping, which no child gets. False: the system cannot, and nothing has changed. */
bool sr__apr_lock_file_hide(sr__lock_file_t *file);
void sr__apr_lock_file_close(sr__lock_file_t *file);
/* The same in a forked child, where a hidden mapping is not: its address may belong to anything. */
void sr__apr_lock_file_abandon(sr__lock_file_t *file);
/* Do locks of this folder do what is needed of them? Tried with a file of the place's. */
int sr__apr_locks_check(const sr__place_t *place, slotring_error_t *error);

/* ---- entry.c ---------------------------------------------------------------------------------------- */

#define SR__APR_OBJECT_MAX 4096

typedef struct sr__entry {
    char object[SR__APR_OBJECT_MAX + 1]; /* the path whose hash is the object's name */
    char id[SR__APR_ID_DIGITS + 1];      /* also at the object's beginning */
    uint64_t size;                       /* of the segment, without what APR needs beside it */
    char name[SLOTRING_NAME_MAX + 1];
    sr__identity_t identity;
    uint64_t owner;
} sr__entry_t;

/* E_NOT_FOUND, E_OWNER, E_ACCESS, E_NOT_A_RING (no entry, or not of this ring), E_OS. */
int sr__apr_entry_read(const sr__place_t *place, const char *path, sr__entry_t *entry,
                       slotring_error_t *error);
int sr__apr_entry_write(sr__lock_file_t *journal, const sr__entry_t *entry, slotring_error_t *error);
/* Is there room for a page more in this file system? */
int sr__apr_entry_reserve(sr__lock_file_t *journal, slotring_error_t *error);
/* directory/slotring-apr.HASH.new.ID */
bool sr__apr_journal_path(const sr__place_t *place, const char *id, char *path, size_t size);
/* The hash in the name of a file that begins with SR__APR_PREFIX. False: it has none; who may write to the directory
 * may have put anything there. */
bool sr__apr_hash_of(const char *file, char hash[SR__HASH_DIGITS + 1]);
bool sr__apr_new_id(char id[SR__APR_ID_DIGITS + 1]);

/* ---- leftover.c ------------------------------------------------------------------------------------- */

/* Removes what killed creators, removers and participants of removed rings left of this place, and the journals of every
 * ring of its directory, since nobody may ever come to the name of another one again, and its object is as large as the
 * ring was to be. */
void sr__apr_clean(const sr__place_t *place);
/* Removes an entry whose object is gone. Called with the mutex held. */
void sr__apr_remove_stale(sr__place_t *place);

/* ---- object.c --------------------------------------------------------------------------------------- */

/* An object of apr_shm, looked at with distrust. */
typedef struct sr__object {
    apr_pool_t *pool; /* NULL if made here */
    apr_shm_t *shm;
    uint8_t *start;  /* of its mapping */
    uint64_t mapped; /* bytes */
} sr__object_t;

/* Bytes of an object that come before the segment: APR's own and the id, up to the next page. */
uint64_t sr__apr_object_lead(void);
/* Makes the entry's object, committed and zero. E_EXISTS: the path's hash is taken. */
int sr__apr_object_make(const sr__entry_t *entry, sr__lock_file_t *journal, const char *directory,
                        sr__object_t *object, slotring_error_t *error);
/* E_NOT_FOUND, E_NOT_A_RING (another program's, or of an impossible size), E_ADDRESS_SPACE, E_ACCESS, E_OS. */
int sr__apr_object_open(const sr__entry_t *entry, sr__object_t *object, slotring_error_t *error);
bool sr__apr_object_exists(const char *path);
/* Unmaps it. `destroy`: its name goes as well. */
void sr__apr_object_close(sr__object_t *object, bool destroy);

/* ---- memory.c --------------------------------------------------------------------------------------- */

/* Makes every page of new memory present and zero. Returns the number of bytes that could be had. */
uint64_t sr__apr_commit(void *memory, uint64_t size);
/* Copies from memory that may not be there; 0, E_TRUNCATED (it is not) or E_OS. */
int sr__apr_read_memory(const void *memory, void *buffer, size_t size);
/* How many of `size` bytes are there, counted in pages from the start. */
uint64_t sr__apr_readable(const uint8_t *memory, uint64_t size);
/* Brings all pages into this process. */
bool sr__apr_prefault(const uint8_t *memory, uint64_t size);

/* ---- segment.c, segment_create.c -------------------------------------------------------------------- */

struct sr__segment {
    char *entry; /* the entry's path */
    sr__object_t object;
    uint64_t size; /* as the entry says */
    sr__identity_t identity;
    uint64_t owner;
    bool mapped; /* for the core */
    uint32_t granted;
    sr__lock_file_t *journal; /* of one made here and not yet linked */
    char *journal_path;
};

sr__segment_t *sr__apr_segment_new(const sr__place_t *place);

/* ---- locks.c ---------------------------------------------------------------------------------------- */

struct sr__locks {
    sr__place_t *place;
    char *path;
    bool creating;
    sr__lock_file_t *file;
    apr_proc_mutex_t *mutex; /* on the open descriptor; NULL once that was closed under us */
    bool locked;
    sr__lock_file_t *locked_file; /* what has the lock, if `file` was opened again since */
};

/* ---- mutex.c, death_lock.c -------------------------------------------------------------------------- */

apr_proc_mutex_t *sr__apr_mutex_make(sr__lock_file_t *file);
/* Does anybody hold a death lock that goes with this mutex file? */
bool sr__apr_deaths_held(const sr__place_t *place, sr__identity_t mutex);
/* Removes the death locks of a mutex file that is gone, if nobody holds one any more. */
void sr__apr_deaths_clean(const sr__place_t *place, sr__identity_t mutex);

#endif
