/* SPDX-License-Identifier: Apache-2.0 */
/* What killed creators and users left of a ring. It is removed by those who list the directory, and by the ring's last
 * user, who closes the place. */
#include "win32/win32_internal.h"

static bool has_files(const sr__place_t *place)
{
    return GetFileAttributesW(place->record_path) != INVALID_FILE_ATTRIBUTES ||
           GetFileAttributesW(place->lock_path) != INVALID_FILE_ATTRIBUTES;
}

/* A lock file without a ring is a creator at work, or what a killed one left; a record without one is left of a ring
 * whose users are all gone. The mutex tells them apart. A record whose lock file is gone, too, takes one to be removed,
 * so that nobody creates that ring at the same time: `make` allows that. Whoever is not let remove the record leaves no
 * lock file of its own behind. */
void sr__win32_leftover_remove(const sr__place_t *of, bool make)
{
    sr__segment_config_t owner_only = {.access = SLOTRING_ACCESS_OWNER};
    sr__place_t *place = sr__win32_place_copy(of);
    sr__locks_t *locks = NULL;

    if (place && has_files(place) && !sr__win32_segment_exists(place) &&
        sr__win32_locks_open(place, make, &owner_only, &locks, NULL) == 0 &&
        sr__win32_mutex_lock(locks, 0, NULL) == 0) {
        if (sr__win32_locks_are_named(place, locks) && !sr__win32_segment_exists(place) &&
            sr__win32_locks_unlink(place, NULL) != 0 && place->lock_is_new)
            sr__win32_file_remove(place, place->lock_path, place->lock_text, "a lock file", NULL);
        sr__win32_mutex_unlock(locks);
    }
    sr__win32_locks_close(locks);
    sr__win32_place_free(place);
}

/* The ring of a place that was used here may have lost its last user just now. */
void sr__win32_place_close(sr__place_t *place)
{
    if (place && place->attached)
        sr__win32_leftover_remove(place,
                                  false); /* by the last user, if this was it; who closes makes no file */
    sr__win32_place_free(place);
}
