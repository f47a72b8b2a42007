/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include <stdio.h>

#include "check.h"
#include "registry.h"

void check_nothing_left(void)
{
    char names[600];
    unsigned count = directory_entries(directory_path(), names, sizeof names);
    if (count != 0)
        FAIL("%u entries left in %s:%s", count, directory_path(), names);
    if (over_registry() && (count = registry_objects(directory_path(), false)) != 0)
        FAIL("%u objects left in shared memory", count);
}

const char *ring_path(const char *name)
{
    static char path[600];
    if (over_registry())
        registry_entry_path(directory_path(), name, path, sizeof path);
    else
        (void)snprintf(path, sizeof path, "%s/slotring.%s", directory_path(), name);
    return path;
}

const char *ring_memory_path(const char *name)
{
    static char object[600];
    return over_registry() && registry_object_path(ring_path(name), object, sizeof object) ? object
                                                                                           : ring_path(name);
}

const char *ring_lock_path(const char *name)
{
    static char path[640];
    if (over_registry())
        (void)snprintf(path, sizeof path, "%s.lock", ring_path(name));
    else
        (void)snprintf(path, sizeof path, "%s/slotring-lock.%s", directory_path(), name);
    return path;
}

/* Renamed first: elsewhere than on POSIX a name that somebody has open is not free at once. */
void file_take_away(const char *path, bool replaced)
{
    char gone[700];
    (void)snprintf(gone, sizeof gone, "%s.gone", path);
    CHECK_SYSTEM(rename(path, gone));
    if (replaced)
        file_write(path, "x", 1);
    (void)remove(gone);
}
