/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of the Windows backend share, grouped by the file that has it.
 *
 * Four facts of life shape all of it:
 *   - a section (the memory) has its name only while somebody has a handle of it. So the handle is kept for the
 *     whole attachment, a ring ends with its last user, and nothing is left of it when all are killed;
 *   - the name of a section cannot be given later. So it carries the random ring id, which nobody can guess
 *     before the ring is complete, and a small file, the record, leads from the ring's name to it;
 *   - an exclusive byte lock and a shared one of the same file object may overlap. So death locks are taken
 *     through another file object than they are asked for;
 *   - a file that is deleted while somebody has it open may keep its name until that one closes it. So a file is
 *     renamed before it is deleted.
 */
#ifndef SR_WIN32_INTERNAL_H
#define SR_WIN32_INTERNAL_H

#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0602 /* Windows 8 */
#endif
#include <windows.h>

#include "common/identity.h"
#include "common/text.h"
#include "platform.h"
#include "win32/facets.h"

#define SR__RECORD_PREFIX "slotring."
#define SR__LOCK_PREFIX \
    "slotring-lock." /* no ring's record can have this name, whatever the ring is called */
#define SR__GONE_PREFIX "slotring-gone." /* removed, and still open somewhere */

/* Bytes of the lock file that are locked. Far behind its end, since a locked byte cannot be read. */
#define SR__DEATH_BYTE (UINT64_C(1) << 62)
#define SR__DEATH_BYTES (SLOTRING_PARTICIPANTS_MAX + 1u)
#define SR__MUTEX_BYTE (SR__DEATH_BYTE + (UINT64_C(1) << 20))
#define SR__TURN_BYTE (SR__MUTEX_BYTE + 1) /* who has it is the next to get the mutex */

/* ---- text.c ----------------------------------------------------------------------------------------- */

/* UTF-8 is what the library speaks, UTF-16 what the system does. New memory; NULL: none, or not valid. */
wchar_t *sr__win32_wide(const char *text);
char *sr__win32_narrow(const wchar_t *text);
/* The same into a buffer; cut at a whole character when it is too small. */
void sr__win32_narrow_into(const wchar_t *text, char *buffer, size_t size);
/* An environment variable; NULL: not set, or empty. */
wchar_t *sr__win32_environment(const wchar_t *variable);
/* `count` pieces, NULL at the end, in one. */
wchar_t *sr__win32_join(const wchar_t *first, ...);

/* ---- error.c ---------------------------------------------------------------------------------------- */

/* The SLOTRING_E_ code that says what GetLastError's `number` means. */
int sr__win32_code_of(DWORD number);
/* sr__fail with that code, and the system's text at the end of the sentence. */
SR__LIKE_PRINTF(3, 4) int sr__win32_fail_os(slotring_error_t *error, DWORD number, const char *format, ...);
/* The same as E_OS, whatever the number means. */
int sr__win32_fail_call(slotring_error_t *error, DWORD number, const char *call);

/* ---- rights.c --------------------------------------------------------------------------------------- */

typedef union sr__sid {
    SID sid;
    BYTE bytes[SECURITY_MAX_SID_SIZE];
} sr__sid_t;

/* Whom a ring is for. */
typedef struct sr__rights {
    uint32_t access; /* SLOTRING_ACCESS_OWNER … */
    sr__sid_t group; /* of the GROUP access modes */
} sr__rights_t;

enum sr__object_kind {
    SR__OBJECT_SEGMENT,
    SR__OBJECT_RECORD,
    SR__OBJECT_LOCK,
    SR__OBJECT_EVENT
};

int sr__win32_rights_of(const sr__segment_config_t *config, sr__rights_t *rights, slotring_error_t *error);
/* How an object of that kind is protected. To be given back to sr__win32_security_free. */
int sr__win32_security_of(const sr__rights_t *rights, enum sr__object_kind kind,
                          SECURITY_ATTRIBUTES *security, slotring_error_t *error);
void sr__win32_security_free(SECURITY_ATTRIBUTES *security);
/* Gives a file that is there already the protection of its kind. */
int sr__win32_security_set(HANDLE file, const sr__rights_t *rights, enum sr__object_kind kind,
                           slotring_error_t *error);
/* A user or a group, by its name or as S-1-… */
bool sr__win32_account_find(const char *name, sr__sid_t *sid);
bool sr__win32_own_user(sr__sid_t *sid);
/* Who owns an open file (or another object of the kernel, as `is_file` says). */
bool sr__win32_owner_of(HANDLE object, bool is_file, sr__sid_t *owner);
bool sr__win32_is_trusted(const sr__place_t *place, const sr__sid_t *owner);
/* A number that stands for a user, for people: the last part of its SID. */
uint64_t sr__win32_number_of(const sr__sid_t *sid);
bool sr__win32_sid_to_text(const sr__sid_t *sid, char *text, size_t size);

/* ---- place.c ---------------------------------------------------------------------------------------- */

struct sr__place {
    wchar_t *directory; /* absolute, without links, in the form that has no limit of length */
    wchar_t *stem;      /* how the ring's files end; NULL for list_names, and so are the paths */
    wchar_t *record_path;
    wchar_t *lock_path;
    char *record_text, *lock_text;    /* the same, for sentences */
    char name[SLOTRING_NAME_MAX + 1]; /* empty where only the files are known */
    sr__identity_t folder;            /* the directory, when the place was opened */
    bool has_trusted;
    sr__sid_t trusted;
    /* Known since the ring was created or opened. */
    bool global;         /* its objects' names start with Global\ */
    sr__rights_t rights; /* of the events that are made for it */
    bool attached;       /* this process has, or had, its segment open */
    bool lock_is_new;    /* its lock file was made here, with these rights */
};

/* Frees memory, and touches no file. */
void sr__win32_place_free(sr__place_t *place);
/* The place whose files end in `stem`, in the directory of `place` and with the same trust. NULL: no memory. */
sr__place_t *sr__win32_place_beside(const sr__place_t *place, const wchar_t *stem);
sr__place_t *sr__win32_place_copy(const sr__place_t *place);
/* How the files of ring `name` end. NULL: no memory. */
wchar_t *sr__win32_stem_of(const char *name);

/* ---- leftover.c ------------------------------------------------------------------------------------- */

/* Removes the files of a ring that has no users any more, unless somebody is just making one of its name. `make`: also
 * when its lock file has to be made again for that. */
void sr__win32_leftover_remove(const sr__place_t *place, bool make);

/* ---- file.c ----------------------------------------------------------------------------------------- */

bool sr__win32_identity_of(HANDLE file, sr__identity_t *identity);
bool sr__win32_path_is(const wchar_t *path, sr__identity_t identity);
/* Opens `path`, which must be a plain file with one name of a trusted owner. `text` is the path and `what` names
 * it in errors. */
int sr__win32_file_open(const sr__place_t *place, const wchar_t *path, const char *text, DWORD access,
                        const char *what, HANDLE *file, slotring_error_t *error);
/* Makes a new file. Gives GetLastError's number. */
DWORD sr__win32_file_make(const wchar_t *path, SECURITY_ATTRIBUTES *security, HANDLE *file);
/* 0 when this process may take away a name, or nothing is known against it; else E_ACCESS. */
int sr__win32_file_may_remove(const wchar_t *path, const char *text, const char *what,
                              slotring_error_t *error);
/* Takes away a name at once, whoever has the file open; one that is not there is fine. */
int sr__win32_file_remove(const sr__place_t *place, const wchar_t *path, const char *text, const char *what,
                          slotring_error_t *error);
/* Deletes what removers left that were killed between the two steps of a removal. */
void sr__win32_gone_files_remove(const sr__place_t *place);

/* ---- record.c --------------------------------------------------------------------------------------- */

/* What the file of a ring's name says. */
typedef struct sr__record {
    uint8_t ring_id[16];
    bool global;
    uint32_t session; /* of the creator: names that start with Local\ are known there only */
    sr__rights_t rights;
    char name[SLOTRING_NAME_MAX + 1];
} sr__record_t;

/* Errors: E_NOT_FOUND (also a file that a killed creator left empty), E_NOT_A_RING, E_OWNER, E_ACCESS, E_OS. */
int sr__win32_record_read(const sr__place_t *place, sr__record_t *record, slotring_error_t *error);
int sr__win32_record_write(const sr__place_t *place, const sr__record_t *record, slotring_error_t *error);
int sr__win32_record_remove(const sr__place_t *place, slotring_error_t *error);
uint32_t sr__win32_own_session(void);

/* ---- segment.c -------------------------------------------------------------------------------------- */

struct sr__segment {
    HANDLE section; /* its name lives as long as this */
    uint8_t ring_id[16];
    bool writable;
    uint64_t owner, size; /* size: of the section, from the system; it never changes */
    void *memory;
    size_t mapped;
    uint32_t granted;
    sr__rights_t rights; /* of one made here */
};

/* The name of the section of a ring, or of the event of one of its participants. */
#define SR__OBJECT_NAME_SIZE 80u
void sr__win32_section_name(const uint8_t ring_id[16], bool global, wchar_t name[SR__OBJECT_NAME_SIZE]);
void sr__win32_event_name(const uint8_t ring_id[16], bool global, uint32_t participant,
                          wchar_t name[SR__OBJECT_NAME_SIZE]);
int sr__win32_segment_view(sr__segment_t *segment, uint64_t size, slotring_error_t *error);

/* ---- memory.c --------------------------------------------------------------------------------------- */

uint64_t sr__win32_granularity(void); /* views start at multiples of it */
/* Does what was asked for, and returns the flags that were really granted. */
uint32_t sr__win32_memory_prepare(void *memory, size_t size, uint32_t mapping_flags);
/* Bytes of the section, from the mappings that the system grants. 0: GetLastError says why. */
uint64_t sr__win32_section_size(HANDLE section);

/* ---- locks.c ---------------------------------------------------------------------------------------- */

struct sr__locks {
    sr__place_t *place; /* a copy */
    bool creating;      /* opened to create a ring */
    HANDLE asking;      /* has the mutex while locked, and asks for death locks */
    HANDLE taking;      /* another file object of the same file: takes death locks */
    sr__identity_t identity;
    atomic_bool locked;
};

/* ---- death_lock.c ----------------------------------------------------------------------------------- */

/* Does anybody hold a death lock in the place's lock file? */
bool sr__win32_anybody_lives(const sr__place_t *place);

/* ---- byte_lock.c ------------------------------------------------------------------------------------ */

/* Locks that belong to a file object: seen by every other one, of this process too, and dropped by the kernel with
 * the last handle of it. Never wait. Give GetLastError's number; ERROR_LOCK_VIOLATION: somebody else's. */
DWORD sr__win32_byte_lock(HANDLE file, bool exclusive, uint64_t byte);
void sr__win32_byte_unlock(HANDLE file, uint64_t byte);
/* Is any of these bytes locked exclusively through another file object? 1, 0, or -1 and GetLastError. */
int sr__win32_byte_query(HANDLE file, uint64_t first, uint32_t count);

#endif
