/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor says about memory on Linux: the file system of the rings, what is left, huge pages, and the limit of a container. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/vfs.h>

#include "doctor_linux.h"
#include "output.h"
#include "remedy.h"

#define LITTLE SLOTRING_DEFAULT_TOTAL_SIZE
#define NEXT_TO_NOTHING ((uint64_t)1 << 20)

static doctor_level_t level_of(uint64_t left)
{
    return left < NEXT_TO_NOTHING ? DOCTOR_BAD : left < LITTLE ? DOCTOR_WARN : DOCTOR_OK;
}

/* Those that keep the space that a file was given; the manual, section 9, has the others. */
static void check_file_system(doctor_t *doctor)
{
    static const struct {
        uint32_t type;
        const char *name, *note;
    } good[] = {{0x01021994, "tmpfs", ""},
                {0x858458f6, "ramfs", ""},
                {0x0000ef53, "ext2, ext3 or ext4", ": the disk works all the time"},
                {0x58465342, "xfs", ": the disk works all the time"}};
    struct statfs status;
    if (statfs(doctor->folder, &status) != 0)
        return;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (good[i].type == (uint32_t)status.f_type) {
            doctor_say(doctor, DOCTOR_OK, "", "%s%s", good[i].name, good[i].note);
            return;
        }
    doctor_say(doctor, DOCTOR_BAD, "a folder on a tmpfs, such as /dev/shm (--directory, SLOTRING_DIR)",
               "type 0x%x in %s: rings are refused there, it does not keep the space that a file was given",
               (unsigned)status.f_type, doctor->folder);
}

/* A tmpfs may grow until the machine has no memory left. */
static void check_memory(doctor_t *doctor)
{
    uint64_t available, all;
    if (!doctor_meminfo("MemAvailable", &available) || !doctor_meminfo("MemTotal", &all)) {
        doctor_say(doctor, DOCTOR_WARN, "mount -t proc proc /proc",
                   "not known: /proc/meminfo cannot be read");
        return;
    }
    doctor_say(doctor, level_of(available), level_of(available) == DOCTOR_OK ? "" : "end programs, or rings",
               "%s available of %s", out_bytes(available).text, out_bytes(all).text);
}

/* ---- Huge pages ------------------------------------------------------------------------------------ */

/* "always [never] force": the word in brackets. */
static void chosen(const char *path, char *word, size_t size)
{
    char line[128];
    const char *from = doctor_line(path, line, sizeof line) ? strchr(line, '[') : NULL;
    snprintf(word, size, "%.*s", from ? (int)strcspn(from + 1, "]") : 7, from ? from + 1 : "unknown");
}

static void check_huge_pages(doctor_t *doctor)
{
    char options[1024], huge[32] = "never", shared[32], remedy[DOCTOR_REMEDY];
    if (!doctor_mount_options(doctor->mount, "tmpfs", options, sizeof options)) {
        doctor_say(doctor, DOCTOR_OK, "to have them: a tmpfs that is mounted with huge=advise",
                   "%s is no tmpfs", doctor->folder);
        return;
    }
    doctor_mount_option(options, "huge", huge, sizeof huge);
    chosen("/sys/kernel/mm/transparent_hugepage/shmem_enabled", shared, sizeof shared);
    bool given = (strcmp(huge, "never") != 0 && strcmp(shared, "deny") != 0) || strcmp(shared, "force") == 0;
    snprintf(remedy, sizeof remedy, "to have them: mount -o remount,huge=advise ");
    remedy_quote(remedy, sizeof remedy, doctor->mount);
    doctor_say(doctor, DOCTOR_OK, given ? "" : remedy, "%s (mounted with huge=%s, shmem_enabled is %s)",
               given ? "given to rings that ask for them" : "not given", huge, shared);
}

/* ---- The limit of a control group --------------------------------------------------------------------- */

typedef struct group_limit {
    uint64_t limit, used; /* limit UINT64_MAX: there is none */
} group_limit_t;

static void read_group(const char *folder, const char *limit_file, const char *used_file,
                       group_limit_t *least)
{
    char path[DOCTOR_PATH + 64];
    uint64_t limit, used;
    snprintf(path, sizeof path, "%s/%s", folder, limit_file);
    if (!doctor_number(path, &limit) || limit >= least->limit)
        return;
    snprintf(path, sizeof path, "%s/%s", folder, used_file);
    if (!doctor_number(path, &used))
        used = 0;
    *least = (group_limit_t){limit, used};
}

/* The group's folder and those above it, up to `mount`: the tightest limit is the one that counts. */
static void read_groups(const char *mount, const char *group, const char *limit_file, const char *used_file,
                        group_limit_t *least)
{
    char folder[DOCTOR_PATH];
    size_t root = strlen(mount);
    snprintf(folder, sizeof folder, "%s%s", mount, strcmp(group, "/") == 0 ? "" : group);
    while (strlen(folder) > root) {
        read_group(folder, limit_file, used_file, least);
        *strrchr(folder, '/') = '\0';
    }
    read_group(mount, limit_file, used_file, least);
}

/* A line of /proc/self/cgroup: "0::/GROUP", or in the older ones "NUMBER:KIND,KIND:/GROUP". */
static void read_line(char *line, group_limit_t *least)
{
    char *kinds = strchr(line, ':'), *group = kinds ? strchr(kinds + 1, ':') : NULL;
    if (!group)
        return;
    *kinds++ = '\0';
    *group++ = '\0';
    group[strcspn(group, "\n")] = '\0';
    if (strcmp(line, "0") == 0) {
        read_groups("/sys/fs/cgroup", group, "memory.max", "memory.current", least);
        read_groups("/sys/fs/cgroup/unified", group, "memory.max", "memory.current", least);
    } else if (strstr(kinds, "memory")) {
        read_groups("/sys/fs/cgroup/memory", group, "memory.limit_in_bytes", "memory.usage_in_bytes", least);
    }
}

static void check_group_limit(doctor_t *doctor)
{
    char line[DOCTOR_PATH];
    uint64_t all = UINT64_MAX;
    group_limit_t least = {UINT64_MAX, 0};
    FILE *file = fopen("/proc/self/cgroup", "re");
    while (file && fgets(line, sizeof line, file))
        read_line(line, &least);
    if (file)
        fclose(file);
    doctor_meminfo("MemTotal", &all);
    if (least.limit >= all) { /* older groups without a limit have a very large one */
        doctor_say(doctor, DOCTOR_OK, "", "no limit but the machine's memory");
        return;
    }
    uint64_t left = least.limit > least.used ? least.limit - least.used : 0;
    doctor_say(doctor, level_of(left),
               level_of(left) == DOCTOR_OK
                   ? ""
                   : "raise it (docker run --memory, MemoryMax= of the unit); beyond it a "
                     "process is killed, and no error is given",
               "%s left of the %s of this container or unit; a ring counts where it is touched first",
               out_bytes(left).text, out_bytes(least.limit).text);
}

const doctor_check_t doctor_linux_memory_checks[] = {{"file system", check_file_system},
                                                     {"memory", check_memory},
                                                     {"huge pages", check_huge_pages},
                                                     {"memory limit", check_group_limit},
                                                     {NULL, NULL}};
