/* SPDX-License-Identifier: Apache-2.0 */
/* Which file the locks of a ring are, and whether it still has its name. Each family says what file that is. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "posix/posix_internal.h"

sr__identity_t sr__posix_locks_identity(sr__locks_t *locks)
{
    return sr__posix_locks_file(locks)->identity;
}

bool sr__posix_locks_are_nameless(const sr__locks_t *locks)
{
    const sr__lock_file_t *file = sr__posix_locks_file(locks);

    return sr__posix_fd_is_nameless(atomic_load(&file->fd), file->identity);
}

bool sr__posix_locks_are_named(sr__place_t *place, sr__locks_t *locks)
{
    return sr__posix_path_is(place->lock_path, sr__posix_locks_file(locks)->identity);
}
