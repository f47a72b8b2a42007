/* SPDX-License-Identifier: Apache-2.0 */
/* The lock file of a ring: made, adopted, recognised again, removed. */
#include <stdlib.h>

#include "win32/win32_internal.h"

#define WHAT "the ring's lock file"
#define CREATE_ATTEMPTS 100 /* others may remove it in between; so often is not chance */
#define ACCESS (GENERIC_READ | GENERIC_WRITE)

/* Makes the lock file with its rights in one step, so that no kill leaves it with others. */
static int make_file(sr__place_t *place, const sr__segment_config_t *config, slotring_error_t *error)
{
    SECURITY_ATTRIBUTES security;
    sr__rights_t rights;
    HANDLE file;
    int failed = sr__win32_rights_of(config, &rights, error);

    if (failed == 0)
        failed = sr__win32_security_of(&rights, SR__OBJECT_LOCK, &security, error);
    if (failed != 0)
        return failed;
    DWORD number = sr__win32_file_make(place->lock_path, &security, &file);
    sr__win32_security_free(&security);
    place->lock_is_new = number == ERROR_SUCCESS;
    if (number == ERROR_SUCCESS)
        CloseHandle(file);
    if (number == ERROR_SUCCESS || number == ERROR_FILE_EXISTS || number == ERROR_ALREADY_EXISTS)
        return 0;
    return sr__win32_fail_os(error, number, "cannot make %s %s", WHAT, place->lock_text);
}

static int open_file(const sr__place_t *place, HANDLE *file, slotring_error_t *error)
{
    return sr__win32_file_open(place, place->lock_path, place->lock_text, ACCESS, WHAT, file, error);
}

static int open_or_make(sr__place_t *place, const sr__segment_config_t *config, HANDLE *file,
                        slotring_error_t *error)
{
    place->lock_is_new = false;
    int failed = open_file(place, file, error);

    for (int i = 0; i < CREATE_ATTEMPTS && config && failed == SLOTRING_E_NOT_FOUND; i++) {
        failed = make_file(place, config, error);
        if (failed == 0)
            failed = open_file(place, file, error);
    }
    return failed;
}

static void close_file(HANDLE *file)
{
    if (*file)
        CloseHandle(*file);
    *file = NULL;
}

/* Both file objects; they must be of one file, which somebody may just be replacing. */
static int open_both(sr__locks_t *locks, sr__place_t *place, const sr__segment_config_t *config,
                     slotring_error_t *error)
{
    for (int i = 0; i < CREATE_ATTEMPTS; i++) {
        sr__identity_t second;
        int failed = open_or_make(place, config, &locks->asking, error);
        if (failed == 0 && !sr__win32_identity_of(locks->asking, &locks->identity))
            failed = sr__win32_fail_os(error, GetLastError(), "cannot look at %s %s", WHAT, place->lock_text);
        if (failed != 0)
            return failed;
        failed = open_file(place, &locks->taking, error);
        if (failed == 0 && sr__win32_identity_of(locks->taking, &second) &&
            sr__identity_equal(second, locks->identity))
            return 0;
        if (failed != 0 && failed != SLOTRING_E_NOT_FOUND)
            return failed;
        close_file(&locks->asking);
        close_file(&locks->taking);
    }
    return sr__fail(error, SLOTRING_E_NOT_FOUND, 0, "%s %s is removed and made again all the time", WHAT,
                    place->lock_text);
}

int sr__win32_locks_open(sr__place_t *place, bool create, const sr__segment_config_t *config,
                         sr__locks_t **locks, slotring_error_t *error)
{
    sr__locks_t *made = calloc(1, sizeof *made);

    *locks = NULL;
    if (made)
        made->place = sr__win32_place_copy(place);
    if (!made || !made->place) {
        free(made);
        return sr__fail(error, SLOTRING_E_NO_MEMORY, ERROR_NOT_ENOUGH_MEMORY, "no memory for a handle");
    }
    made->creating = create;
    int failed = open_both(made, place, create ? config : NULL, error);
    if (failed == SLOTRING_E_NOT_FOUND)
        sr__win32_gone_files_remove(place);
    if (failed != 0) {
        sr__win32_locks_close(made);
        return failed;
    }
    *locks = made;
    return 0;
}

void sr__win32_locks_close(sr__locks_t *locks)
{
    if (!locks)
        return;
    close_file(&locks->asking); /* and with it the mutex, if it is held */
    close_file(&locks->taking);
    sr__win32_place_free(locks->place);
    free(locks);
}

void sr__win32_locks_abandon(sr__locks_t *locks)
{
    if (!locks)
        return;
    sr__win32_place_free(locks->place);
    free(locks);
}

sr__identity_t sr__win32_locks_identity(sr__locks_t *locks)
{
    return locks->identity;
}

bool sr__win32_locks_are_named(sr__place_t *place, sr__locks_t *locks)
{
    return sr__win32_path_is(place->lock_path, locks->identity);
}

/* What a ring without users left goes first, as the segment's name would. */
int sr__win32_locks_unlink(sr__place_t *place, slotring_error_t *error)
{
    int failed = sr__win32_segment_exists(place) ? 0 : sr__win32_record_remove(place, error);

    if (failed == 0)
        failed = sr__win32_file_remove(place, place->lock_path, place->lock_text, WHAT, error);
    sr__win32_gone_files_remove(place);
    return failed;
}
