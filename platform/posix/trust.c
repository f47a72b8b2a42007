/* SPDX-License-Identifier: Apache-2.0 */
/* Whose files are trusted. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <stdio.h>
#include <unistd.h>

#include "posix/posix_internal.h"

#define OVERFLOW_USER_FILE "/proc/sys/kernel/overflowuid"
#define OVERFLOW_USER 65534u /* of kernels that were not told otherwise */

uid_t sr__posix_overflow_user(void)
{
    unsigned uid = OVERFLOW_USER; /* also where there is no such file */
    FILE *file = fopen(OVERFLOW_USER_FILE, "re");

    if (file) {
        if (fscanf(file, "%u", &uid) != 1)
            uid = OVERFLOW_USER;
        fclose(file);
    }
    return uid;
}

bool sr__posix_is_trusted(const sr__place_t *place, uid_t owner)
{
    if (owner == 0)
        return true;
    if (owner != geteuid() && !(place->has_trusted && owner == place->trusted))
        return false;
    return owner != sr__posix_overflow_user();
}
