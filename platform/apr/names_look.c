/* SPDX-License-Identifier: Apache-2.0 */
/* Do a ring's files still have their names? A name that cannot be looked at is not one that is gone: whoever changed its
 * root, or gave up its rights, sees nothing there. So the directory is compared with the one that was found when the
 * place was opened, and where it is another one, the root as well. */
#include <stdlib.h>

#include "apr/apr_internal.h"

static bool root_changed(const sr__place_t *place, apr_pool_t *pool)
{
    apr_status_t status;
    sr__identity_t root = sr__apr_identity_at("/", &status, pool);

    return !sr__identity_equal(root, place->root);
}

static bool is_gone(apr_status_t status)
{
    return APR_STATUS_IS_ENOENT(status) || APR_STATUS_IS_ENOTDIR(status);
}

static uint32_t look_at_folder(const sr__place_t *place, apr_pool_t *pool)
{
    apr_status_t status;
    sr__identity_t found = sr__apr_identity_at(place->directory, &status, pool);

    if (status == APR_SUCCESS && sr__identity_equal(found, place->folder))
        return 0;
    bool gone = status == APR_SUCCESS || is_gone(status);
    return gone && !root_changed(place, pool) ? SR__FOLDER_GONE : SR__NAMES_HIDDEN;
}

/* 0, or what it means that another thing, or nothing, stands there. */
static uint32_t look_at(const char *path, sr__identity_t identity, uint32_t gone, uint32_t other,
                        apr_pool_t *pool)
{
    apr_finfo_t info;
    apr_status_t status = path ? sr__apr_look(path, &info, pool) : APR_ENOMEM;

    if (status != APR_SUCCESS)
        return is_gone(status) ? gone : SR__NAMES_HIDDEN;
    return sr__identity_equal(sr__apr_identity_of(&info), identity) ? 0 : other;
}

/* An object that somebody removed by itself: whoever comes takes its entry for nobody's. */
static uint32_t look_at_object(const sr__place_t *place, apr_pool_t *pool)
{
    sr__entry_t *entry = malloc(sizeof *entry);
    bool gone = entry && sr__apr_entry_read(place, place->entry, entry, NULL) == 0 &&
                !sr__apr_object_exists(entry->object);

    free(entry);
    return !gone ? 0 : root_changed(place, pool) ? SR__NAMES_HIDDEN : SR__SEGMENT_GONE;
}

static bool is_nameless(sr__locks_t *locks)
{
    apr_finfo_t info;

    if (!locks || !locks->file || !sr__apr_lock_file_is_open(locks->file))
        return false;
    apr_status_t status = apr_file_info_get(&info, APR_FINFO_NLINK, locks->file->handle);
    return (status == APR_SUCCESS || status == APR_INCOMPLETE) && (info.valid & APR_FINFO_NLINK) &&
           info.nlink == 0;
}

uint32_t sr__apr_names_look(sr__place_t *place, sr__segment_t *segment, sr__identity_t lock,
                            sr__locks_t *locks)
{
    apr_pool_t *pool = sr__apr_pool();

    if (!pool)
        return SR__NAMES_HIDDEN;
    uint32_t found = look_at_folder(place, pool);
    if (found == 0) {
        char *path = sr__apr_lock_path(place);
        /* The lock file goes last: one that is missing beside an entry that stands is damage. */
        found = look_at(path, lock, SR__LOCK_GONE, SR__LOCK_OTHER, pool);
        found |= look_at(place->entry, segment->identity, SR__SEGMENT_GONE, SR__SEGMENT_GONE, pool);
        if (!(found & SR__SEGMENT_GONE))
            found |= look_at_object(place, pool);
        free(path);
    }
    if ((found & (SR__FOLDER_GONE | SR__NAMES_HIDDEN)) &&
        is_nameless(locks)) /* what has no name has none anywhere */
        found |= SR__LOCK_GONE;
    apr_pool_destroy(pool);
    return found;
}

bool sr__apr_segment_is_named(sr__place_t *place, sr__segment_t *segment)
{
    return sr__apr_path_is(place->entry, segment->identity);
}

/* An entry whose object is gone (the machine was restarted, or somebody removed it) is nobody's ring. */
bool sr__apr_segment_exists(sr__place_t *place)
{
    if (!sr__apr_path_exists(place->entry))
        return false;
    sr__entry_t *entry = malloc(sizeof *entry);
    bool exists = !entry || sr__apr_entry_read(place, place->entry, entry, NULL) != 0 ||
                  sr__apr_object_exists(entry->object);
    free(entry);
    return exists && sr__apr_path_exists(place->entry);
}
