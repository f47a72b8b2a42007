/* SPDX-License-Identifier: Apache-2.0 */
/* Does the name of a ring lead to a segment, and to which one? */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <string.h>

#include "posix/registry/registry_internal.h"

/* By the object's name, which is like no other. */
bool sr__posix_segment_is_named(sr__place_t *place, sr__segment_t *segment)
{
    sr__entry_t entry;

    return sr__posix_entry_read(place, place->segment_path, false, NULL, &entry, NULL) == 0 &&
           strcmp(entry.object, segment->object) == 0;
}

/* An object that somebody removed by itself counts: whoever comes takes its entry for nobody's. Its own name is another
 * directory's matter, and hidden behind another root. */
int sr__posix_segment_stands(const sr__place_t *place, const sr__segment_t *segment)
{
    sr__entry_t entry;
    int failed = sr__posix_entry_read(place, place->segment_path, false, NULL, &entry, NULL);

    if (failed != 0)
        return failed == SLOTRING_E_NOT_FOUND || failed == SLOTRING_E_NOT_A_RING ? 0 : -1;
    if (strcmp(entry.object, segment->object) != 0)
        return 0;
    return sr__posix_object_exists(entry.object) ? 1 : sr__posix_root_changed(place) ? -1 : 0;
}

/* An entry whose object is gone (the machine was restarted) is nobody's ring. */
bool sr__posix_segment_exists(sr__place_t *place)
{
    sr__entry_t entry;

    if (!sr__posix_path_exists(place->segment_path))
        return false;
    bool exists = sr__posix_entry_read(place, place->segment_path, false, NULL, &entry, NULL) != 0 ||
                  sr__posix_object_exists(entry.object);
    return exists && sr__posix_path_exists(place->segment_path);
}
