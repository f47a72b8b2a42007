/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor says about files of rings on Linux: names that somebody else has taken, and who may open a ring's files. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor_linux.h"
#include "doctor_linux_places.h"
#include "doctor_rings.h"

static const char segment_prefix[] = "slotring.", lock_prefix[] = "slotring-lock.";

static void path_of(const doctor_t *doctor, const char *prefix, const char *name, char *path, size_t size)
{
    snprintf(path, size, "%s/%s%s", doctor->folder, prefix, name);
}

bool doctor_owner_of(const doctor_t *doctor, const char *name, uint64_t *owner)
{
    char path[DOCTOR_PATH + 300];
    struct stat status;
    path_of(doctor, segment_prefix, name, path, sizeof path);
    if (lstat(path, &status) != 0)
        return false;
    *owner = status.st_uid;
    return true;
}

/* ---- Names that are taken ----------------------------------------------------------------------------- */

/* A lock file without a ring is a creator at work, or what a killed one left: the next creation takes it. But not another user's,
 * and not something else of that name. */
static bool look_at_lock_file(doctor_t *doctor, const char *name)
{
    char path[DOCTOR_PATH + 300], owner[64], remedy[DOCTOR_REMEDY];
    struct stat status, ring;
    path_of(doctor, segment_prefix, name, path, sizeof path);
    if (lstat(path, &ring) == 0)
        return false; /* the rings are looked at by themselves */
    path_of(doctor, lock_prefix, name, path, sizeof path);
    if (lstat(path, &status) != 0 ||
        (S_ISREG(status.st_mode) && (status.st_uid == geteuid() || status.st_uid == 0)))
        return false;
    doctor_user(status.st_uid, owner, sizeof owner);
    doctor_command(remedy, sizeof remedy, "gc", name, " --foreign");
    doctor_say(doctor, DOCTOR_WARN, remedy, "nobody else can make a ring %s: user %s has put %s %s there",
               name, owner, S_ISREG(status.st_mode) ? "a file" : "something that is no file", path);
    return true;
}

static void check_taken_names(doctor_t *doctor)
{
    DIR *folder = opendir(doctor->folder);
    bool any = false;
    if (!folder)
        return; /* "folder" and "rings" say why */
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *name = entry->d_name + sizeof lock_prefix - 1;
        if (strncmp(entry->d_name, lock_prefix, sizeof lock_prefix - 1) == 0 && *name &&
            strlen(name) <= SLOTRING_NAME_MAX)
            any = look_at_lock_file(doctor, name) || any;
    }
    closedir(folder);
    if (!any)
        doctor_say(doctor, DOCTOR_OK, "", "no name is taken by a lock file of somebody else");
}

const doctor_check_t doctor_linux_files_checks[] = {
    {"taken names", check_taken_names}, {"places", doctor_check_places}, {NULL, NULL}};

/* ---- One ring ----------------------------------------------------------------------------------------- */

/* Whoever takes part must write both files. */
static bool look_at_rights(doctor_t *doctor, const char *prefix, const char *name)
{
    char path[DOCTOR_PATH + 300], owner[64], me[64];
    struct stat status;
    path_of(doctor, prefix, name, path, sizeof path);
    if (lstat(path, &status) != 0 || faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) == 0)
        return true;
    int why = errno;
    doctor_user(status.st_uid, owner, sizeof owner);
    doctor_user(geteuid(), me, sizeof me);
    doctor_say(doctor, DOCTOR_BAD,
               "be its owner or root; or the owner makes it anew with slotring create --access all, or group",
               "user %s may look at the ring and not take part: %s is of user %s, group %u, mode %04o (%s)",
               me, path, owner, (unsigned)status.st_gid, (unsigned)status.st_mode & 07777, strerror(why));
    return false;
}

void doctor_system_ring(doctor_t *doctor, const char *name, const slotring_info_t *info)
{
    if (info) {
        doctor->what = "rights";
        if (look_at_rights(doctor, segment_prefix, name) && look_at_rights(doctor, lock_prefix, name))
            doctor_say(doctor, DOCTOR_OK, "", "this user may take part");
    }
    doctor->what = "places";
    doctor_look_for_places(doctor, name);
}
