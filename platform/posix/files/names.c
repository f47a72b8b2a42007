/* SPDX-License-Identifier: Apache-2.0 */
/* A ring is two files with its name: the segment and, beside it, its lock file. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/files/files_internal.h"

bool sr__posix_place_name(sr__place_t *place, const char *name)
{
    place->segment_path = sr__posix_join(place->directory, SR__SEGMENT_PREFIX, name);
    place->lock_path = sr__posix_join(place->directory, SR__LOCK_PREFIX, name);
    return place->segment_path && place->lock_path;
}
