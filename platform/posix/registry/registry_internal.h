/* SPDX-License-Identifier: Apache-2.0 */
/* The family of every POSIX system: memory of shm_open, whose names are short and cannot be listed; a folder, the
 * registry, with an entry for each ring; and flock, which locks whole files.
 *
 *   slotring-posix.HASH                   the entry: real name, object's name, size. Complete before it has its name
 *   slotring-posix.HASH.new.ID            a journal: an entry that is to be, or was. Locked by its creator
 *   slotring-posix.HASH.lock              locked by who has the process mutex; its identity stands in the ring
 *   slotring-posix.HASH.lock.INODE.USER/  the death locks that go with that file: INDEX, locked for life
 *
 * A journal that nobody has locked, with the object that it names, is removed by whoever comes across it.
 */
#ifndef SR_POSIX_REGISTRY_INTERNAL_H
#define SR_POSIX_REGISTRY_INTERNAL_H

#include "common/text.h"
#include "posix/posix_internal.h"

#define SR__ENTRY_PREFIX "slotring-posix."
#define SR__ID_DIGITS 16
#define SR__OBJECT_PREFIX "/sr."
#define SR__OBJECT_SIZE 32 /* macOS: names of 31 characters */

/* ---- names.c ----------------------------------------------------------------------------------------- */

/* The digits in the name of a file that begins with SR__ENTRY_PREFIX; false: it has none. What follows is in *rest. */
bool sr__posix_hash_of(const char *file, char digits[SR__HASH_DIGITS + 1], const char **rest);
/* "/sr.", 8 digits that say which registry, a point and the id: 29 characters. */
void sr__posix_object_name(const sr__place_t *place, const char *id, char object[SR__OBJECT_SIZE]);
/* Sets the paths in the place. False: no memory. */
bool sr__posix_place_name_by_hash(sr__place_t *place, const char *digits);
bool sr__posix_new_id(char id[SR__ID_DIGITS + 1]);
/* ENTRY.new.ID; to be freed. NULL: no memory. */
char *sr__posix_journal_path(const sr__place_t *place, const char *id);

/* ---- place.c ----------------------------------------------------------------------------------------- */

/* The place of the ring with this hash in the directory of `place`. NULL: no memory. */
sr__place_t *sr__posix_place_of_hash(const sr__place_t *place, const char *digits);

/* ---- lock_file.c ------------------------------------------------------------------------------------------ */

enum sr__lock_file_how {
    SR__LOCK_FILE_OPEN,         /* it must be there */
    SR__LOCK_FILE_OPEN_OR_MAKE, /* it is made, for its owner alone, when it is missing */
    SR__LOCK_FILE_MAKE,         /* it must not be there */
};

/* Opens a file that stays open for its lock. Closed in a forked child. */
int sr__posix_lock_file_open(const sr__place_t *place, const char *path, enum sr__lock_file_how how,
                             const char *what, sr__lock_file_t *file, slotring_error_t *error);
bool sr__posix_lock_file_is_open(const sr__lock_file_t *file);
/* Tries to lock the file for as long as it is open. 0 or errno (EAGAIN: somebody else). */
int sr__posix_lock_file_lock(sr__lock_file_t *file, bool shared);
void sr__posix_lock_file_close(sr__lock_file_t *file);
/* The same, and unlocks: by the process that locked it, for a child that was forked and has not yet closed it. */
void sr__posix_lock_file_release(sr__lock_file_t *file);
/* flock without waiting; 0 or errno. */
int sr__posix_flock(int fd, int operation);

/* ---- entry.c ----------------------------------------------------------------------------------------- */

typedef struct sr__entry {
    char object[SR__OBJECT_SIZE];
    uint64_t size;
    char ring_id[33];
    uint32_t kind;
    char name[SLOTRING_NAME_MAX + 1];
    uid_t owner;
} sr__entry_t;

/* The entry at `path`. `distrust`: it must be a trusted owner's. `name`: NULL, or the one that it must be of. */
int sr__posix_entry_read(const sr__place_t *place, const char *path, bool distrust, const char *name,
                         sr__entry_t *entry, slotring_error_t *error);
int sr__posix_entry_write(int fd, const char *path, const sr__entry_t *entry, slotring_error_t *error);

/* ---- object.c ---------------------------------------------------------------------------------------- */

bool sr__posix_object_exists(const char *object);
/* 0 or errno; one that is not there is fine, and one that is not this owner's, whatever names it, stays. */
int sr__posix_object_unlink(const char *object, uid_t owner);
int sr__posix_object_make(const char *object, mode_t mode, const sr__rights_t *rights, int *fd,
                          slotring_error_t *error);
int sr__posix_object_open(const sr__place_t *place, const sr__entry_t *entry, bool writable, int *fd,
                          struct stat *status, slotring_error_t *error);

/* ---- peek.c ------------------------------------------------------------------------------------------ */

/* Copies from memory that may not be there; 0, E_TRUNCATED (it is not) or E_OS. */
int sr__posix_peek(const void *memory, void *buffer, size_t size);

/* ---- scan.c ------------------------------------------------------------------------------------------ */

/* The names in a directory that begin with `prefix`, NULL at the end; free them. NULL: errno. */
char **sr__posix_scan(const char *directory, const char *prefix);
void sr__posix_scan_free(char **names);

/* ---- leftover.c -------------------------------------------------------------------------------------- */

/* Removes what the killed left: of this place, and the journals of every ring of its registry, since nobody may ever
 * come to the name of another one again, and its memory is as large as the ring was to be. */
void sr__posix_clean(const sr__place_t *place);
/* Removes the object that a journal names, then the journal. */
int sr__posix_journal_remove(const sr__place_t *place, const char *journal, slotring_error_t *error);
/* Removes an entry whose object is gone. Called with the mutex held. */
void sr__posix_remove_stale(sr__place_t *place);

/* ---- segment.c, segment_names.c ---------------------------------------------------------------------- */

struct sr__segment {
    char *entry_path;
    char object[SR__OBJECT_SIZE];
    sr__identity_t identity; /* of the object, where the system says so */
    uid_t owner;
    bool writable;
    void *memory; /* of all of it, from the start: there is no descriptor that a host could close */
    size_t size;
    bool mapped; /* for the core */
    uint32_t granted;
    /* Of one made here: */
    sr__lock_file_t journal;
    char *journal_path; /* NULL once it has its name */
    sr__rights_t rights;
};

sr__segment_t *sr__posix_segment_new(const sr__place_t *place);
int sr__posix_segment_mmap(sr__segment_t *segment, int fd, uint64_t size, slotring_error_t *error);

/* ---- locks.c, death_lock.c, death_folder.c ----------------------------------------------------------- */

struct sr__locks {
    sr__place_t *place;
    bool creating;
    sr__lock_file_t file; /* the mutex file */
    atomic_bool locked;
    char *deaths; /* the folder of the death locks */
};

/* Makes sure that the open descriptor is the lock file's. 0 or errno. */
int sr__posix_locks_restore(sr__locks_t *locks);

/* ENTRY.lock.INODE.USER; to be freed. NULL: no memory. */
char *sr__posix_deaths_path(const sr__place_t *place, sr__identity_t mutex, uid_t owner);
/* Makes the folder, if this process may. 0 or errno. */
int sr__posix_deaths_make(const sr__locks_t *locks);
/* Gives a new file in it its rights. 0 or errno. */
int sr__posix_deaths_rights(int fd, const sr__locks_t *locks);
/* Gives all of it the rights that go with those of the mutex file now. */
int sr__posix_deaths_adapt(const sr__place_t *place, slotring_error_t *error);
/* Does anybody hold a death lock in it? Also when that cannot be found out. */
bool sr__posix_deaths_held(const char *folder);
/* Removes it, if nobody does. */
void sr__posix_deaths_clean(const char *folder);
/* 1 held, 0 not, negative: nothing is known, and errno and *call (NULL: not asked for) say why. */
int sr__posix_death_is_held(const char *path, const char **call);

#endif
