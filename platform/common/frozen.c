/* SPDX-License-Identifier: Apache-2.0 */
/* Frozen processes: those of a container that was paused, or of a machine that goes to sleep. They look as if they slept,
 * and no SIGCONT wakes them; under the older control groups not even SIGKILL ends them. /proc/PID/cgroup says in which
 * group one is, and a file of the group, below the usual mount points, whether it is frozen, itself or with one above. */
#include "common/frozen.h"

#if defined(__linux__)
#include <stdio.h>
#include <string.h>

#define GROUP_MAX 4096 /* bytes of a path, as everywhere on Linux */

static bool has_line(const char *path, const char *wanted)
{
    char line[64];
    bool found = false;
    FILE *file = fopen(path, "re");

    while (file && !found && fgets(line, sizeof line, file))
        found = strcmp(line, wanted) == 0;
    if (file)
        fclose(file);
    return found;
}

static bool group_says(const char *mount, const char *group, const char *file, const char *line)
{
    char path[GROUP_MAX + 100];

    snprintf(path, sizeof path, "%s%s/%s", mount, strcmp(group, "/") == 0 ? "" : group, file);
    return has_line(path, line);
}

/* A line of /proc/PID/cgroup: "0::/GROUP", or in the older ones "NUMBER:KIND,KIND:/GROUP". */
static bool is_frozen_by(char *line)
{
    char *kinds = strchr(line, ':'), *group = kinds ? strchr(kinds + 1, ':') : NULL;

    if (!group)
        return false;
    *kinds++ = '\0';
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (strcmp(line, "0") == 0)
        return group_says("/sys/fs/cgroup", group, "cgroup.events", "frozen 1\n") ||
               group_says("/sys/fs/cgroup/unified", group, "cgroup.events", "frozen 1\n");
    return strstr(kinds, "freezer") &&
           group_says("/sys/fs/cgroup/freezer", group, "freezer.state", "FROZEN\n");
}

/* A group that lies outside of what this process sees of them begins with "/..", and has no such file. */
bool sr__is_frozen(long pid)
{
    char path[64], line[GROUP_MAX];
    bool frozen = false;

    snprintf(path, sizeof path, "/proc/%ld/cgroup", pid);
    FILE *file = fopen(path, "re");
    while (file && !frozen && fgets(line, sizeof line, file))
        frozen = is_frozen_by(line);
    if (file)
        fclose(file);
    return frozen;
}
#else
bool sr__is_frozen(long pid)
{
    (void)pid;
    return false;
}
#endif
