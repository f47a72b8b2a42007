/* SPDX-License-Identifier: Apache-2.0 */
/* The mutex file of a ring: made, adopted, recognised again, removed. Its identity stands for all locks of the ring:
 * the names of the death locks carry it, so that a ring of the same name that comes later has others. */
#include <stdlib.h>
#include <string.h>

#include "apr/apr_internal.h"

#define WHAT "the ring's lock file"

/* Root may open everybody's files; but the death lock that it would make is one that the ring's owner may not open, and
 * would be in the owner's way for ever if root were killed. */
static int check_owner(const sr__locks_t *locks, slotring_error_t *error)
{
    apr_finfo_t info;
    apr_status_t status = apr_file_info_get(&info, APR_FINFO_USER, locks->file->handle);

    if (status != APR_SUCCESS || apr_uid_compare(info.user, sr__apr_user_own()) == APR_SUCCESS)
        return 0;
    return sr__fail(
        error, SLOTRING_E_UNSUPPORTED, 0,
        "%s belongs to user %lu: a ring of backend \"apr\" is its owner's alone to take part in; observe it, "
        "or become that user",
        locks->path, (unsigned long)info.user);
}

static int open_lock_file(sr__locks_t *locks, slotring_error_t *error)
{
    int failed = sr__apr_lock_file_open(locks->place, locks->path,
                                        locks->creating ? SR__LOCK_FILE_OPEN_OR_MAKE : SR__LOCK_FILE_OPEN,
                                        WHAT, &locks->file, error);

    if (failed == 0)
        failed = check_owner(locks, error);
    if (failed == 0)
        locks->mutex = sr__apr_mutex_make(locks->file);
    if (failed == 0 && !locks->mutex)
        return sr__fail(
            error, SLOTRING_E_UNSUPPORTED, 0,
            "this APR has no mutexes that processes can share by a file (flock): backend \"apr\" cannot "
            "be used");
    return failed;
}

static int check_creator(const sr__place_t *place, slotring_error_t *error)
{
    if (sr__apr_is_trusted(place, sr__apr_user_own()))
        return 0;
    return sr__fail(
        error, SLOTRING_E_OWNER, 0,
        "this process runs as a user who stands for any user without a number here: nobody would trust "
        "its ring");
}

int sr__apr_locks_open(sr__place_t *place, bool create, const sr__segment_config_t *config,
                       sr__locks_t **locks, slotring_error_t *error)
{
    sr__locks_t *made = calloc(1, sizeof *made);
    const char *base = strrchr(place->entry, '/');

    *locks = NULL;
    int failed = create ? sr__apr_rights_check(config, error) : 0;
    if (failed == 0 && create)
        failed = check_creator(place, error);
    if (failed == 0)
        failed = sr__apr_locks_check(place, error);
    if (failed == 0 && made && base) {
        made->creating = create;
        made->path = sr__apr_lock_path(place);
        made->place = sr__apr_place_beside(place, base + 1 + strlen(SR__APR_PREFIX));
    }
    if (failed == 0 && (!made || !made->path || !made->place))
        failed = sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a handle");
    if (failed == 0)
        failed = open_lock_file(made, error);
    if (failed != 0) {
        sr__apr_locks_close(made);
        return failed;
    }
    *locks = made;
    return 0;
}

void sr__apr_locks_close(sr__locks_t *locks)
{
    if (!locks)
        return;
    sr__apr_lock_file_close(locks->file);
    sr__apr_lock_file_close(locks->locked_file);
    sr__apr_place_close(locks->place);
    free(locks->path);
    free(locks);
}

/* The fork's own handler has closed the files without unlocking them; this frees memory. */
void sr__apr_locks_abandon(sr__locks_t *locks)
{
    sr__apr_locks_close(locks);
}

sr__identity_t sr__apr_locks_identity(sr__locks_t *locks)
{
    return locks->file->identity;
}

bool sr__apr_locks_are_named(sr__place_t *place, sr__locks_t *locks)
{
    (void)place;
    return sr__apr_path_is(locks->path, locks->file->identity);
}

/* The mutex file first: then nobody comes who would take a death lock of it. Those that are held stay until their
 * holders release them: the participants of a removed ring still want to know who of them lives. */
int sr__apr_locks_unlink(sr__place_t *place, slotring_error_t *error)
{
    char *path = sr__apr_lock_path(place);
    apr_pool_t *pool = sr__apr_pool();
    apr_finfo_t info;
    int failed = 0;

    if (!path || !pool)
        failed = sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory to remove %s", WHAT);
    sr__apr_remove_stale(place);
    if (failed == 0 && sr__apr_look(path, &info, pool) == APR_SUCCESS) {
        failed = sr__apr_file_remove(path, WHAT, error);
        if (failed == 0)
            sr__apr_deaths_clean(place, sr__apr_identity_of(&info));
    } else if (failed == 0) {
        sr__apr_clean(place); /* somebody's rm has taken it: whose death locks are left is in their names */
    }
    if (pool)
        apr_pool_destroy(pool);
    free(path);
    return failed;
}
