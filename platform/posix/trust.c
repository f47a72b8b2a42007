/* SPDX-License-Identifier: Apache-2.0 */
/* Whose files are trusted. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <unistd.h>

#include "common/proc.h"
#include "posix/posix_internal.h"

bool sr__posix_is_trusted(const sr__place_t *place, uid_t owner)
{
    if (owner == 0)
        return true;
    if (owner != geteuid() && !(place->has_trusted && owner == place->trusted))
        return false;
    return owner != sr__proc_overflow_user();
}

int sr__posix_check_creator(const sr__place_t *place, slotring_error_t *error)
{
    if (sr__posix_is_trusted(place, geteuid()))
        return 0;
    return sr__fail(
        error, SLOTRING_E_OWNER, 0,
        "this process runs as user %u, who stands for any user without a number here: nobody would "
        "trust its ring",
        (unsigned)geteuid());
}
