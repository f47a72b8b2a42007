/* SPDX-License-Identifier: Apache-2.0 */
/* Is this process in a Unix group? Asked anew each time: a process may change its groups. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#if !defined(_WIN32)
#include <sys/types.h>
#include <unistd.h>
#endif

#include "common/groups.h"
#include "platform.h"

#if defined(_WIN32)

int sr__in_group(uint32_t group)
{
    (void)group;
    return SLOTRING_E_UNSUPPORTED; /* a group has a SID there, which is no number */
}

#else

#define LOOKS 16 /* while another thread joins more groups */

static bool is_listed(const gid_t *groups, int count, uint32_t group)
{
    for (int i = 0; i < count; i++)
        if (groups[i] == (gid_t)group)
            return true;
    return false;
}

/* Some systems list the effective group among the others, some do not. */
int sr__in_group(uint32_t group)
{
    if (getegid() == (gid_t)group)
        return 1;
    for (int look = 0; look < LOOKS; look++) {
        int room = getgroups(0, NULL);
        if (room < 0)
            return SLOTRING_E_OS;
        gid_t *groups = malloc((size_t)(room + 1) * sizeof *groups); /* never 0 bytes */
        if (!groups)
            return SLOTRING_E_NO_MEMORY;
        int count = room > 0 ? getgroups(room, groups) : 0;
        bool listed = is_listed(groups, count, group), grown = count < 0 && errno == EINVAL;
        free(groups);
        if (count >= 0)
            return listed;
        if (!grown)
            return SLOTRING_E_OS;
    }
    return SLOTRING_E_OS;
}

#endif
