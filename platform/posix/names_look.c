/* SPDX-License-Identifier: Apache-2.0 */
/* Do a ring's files still have their names? A name that cannot be looked at is not one that is gone: whoever changed its
 * root, or gave up its rights, sees nothing there. So the directory is compared with the one that was found when the
 * place was opened, and where it is another one, the root as well. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <errno.h>
#include <sys/stat.h>

#include "posix/posix_internal.h"

static uint32_t look_at_folder(const sr__place_t *place)
{
    struct stat status;
    bool there = stat(place->directory, &status) == 0;

    if (there && sr__identity_equal(sr__posix_identity_of(&status), place->folder))
        return 0;
    bool gone = there || errno == ENOENT || errno == ENOTDIR;
    return gone && !sr__posix_root_changed(place) ? SR__FOLDER_GONE : SR__NAMES_HIDDEN;
}

static uint32_t look_at_lock(const sr__place_t *place, sr__identity_t lock)
{
    struct stat status;

    if (lstat(place->lock_path, &status) != 0)
        return errno == ENOENT ? SR__LOCK_GONE : SR__NAMES_HIDDEN;
    return sr__identity_equal(sr__posix_identity_of(&status), lock) ? 0 : SR__LOCK_OTHER;
}

uint32_t sr__posix_names_look(sr__place_t *place, sr__segment_t *segment, sr__identity_t lock,
                              sr__locks_t *locks)
{
    uint32_t found = look_at_folder(place);

    if (found ==
        0) { /* the lock file goes last: one that is missing beside a segment that stands is damage */
        found = look_at_lock(place, lock);
        int stands = sr__posix_segment_stands(place, segment);
        found |= stands < 0 ? SR__NAMES_HIDDEN : stands == 0 ? SR__SEGMENT_GONE : 0u;
    }
    /* What has no name has none anywhere. */
    if ((found & (SR__FOLDER_GONE | SR__NAMES_HIDDEN)) && locks && sr__posix_locks_are_nameless(locks))
        found |= SR__LOCK_GONE;
    return found;
}
