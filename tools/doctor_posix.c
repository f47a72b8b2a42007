/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor can ask of any POSIX system: the folder of the rings, its space, and the limits of this process. */
#define _FILE_OFFSET_BITS 64
#if defined(__linux__) && !defined(_GNU_SOURCE)
#define _GNU_SOURCE /* secure_getenv */
#elif defined(__APPLE__)
#define _DARWIN_C_SOURCE
#endif
#include "doctor_rings.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "output.h"
#include "remedy.h"

#ifdef __linux__
#define DEFAULT_FOLDER "/dev/shm"
#else
#define DEFAULT_FOLDER "/var/tmp"
#endif

#define SMALL_NUMBER 100u /* inodes, descriptors */
#define LITTLE_SPACE SLOTRING_DEFAULT_TOTAL_SIZE
#define NO_SPACE ((uint64_t)1 << 20) /* no ring of any use fits */

/* The highest folder that is of the same file system. */
static void find_mount(doctor_t *doctor)
{
    char up[DOCTOR_PATH];
    struct stat here, above;
    snprintf(doctor->mount, sizeof doctor->mount, "%s", doctor->folder);
    if (doctor->folder[0] != '/' || stat(doctor->folder, &here) != 0)
        return;
    while (strcmp(doctor->mount, "/") != 0) {
        snprintf(up, sizeof up, "%s", doctor->mount);
        char *slash = strrchr(up, '/');
        slash[slash == up ? 1 : 0] = '\0';
        if (stat(up, &above) != 0 || above.st_dev != here.st_dev)
            return;
        snprintf(doctor->mount, sizeof doctor->mount, "%s", up);
    }
}

/* As the library chooses it. */
void doctor_find_folder(doctor_t *doctor)
{
    char *resolved;
    const char *wanted = doctor->options.directory ? doctor->options.directory : getenv("SLOTRING_DIR");
    if (!wanted || !*wanted)
        wanted = DEFAULT_FOLDER;
    resolved = realpath(wanted, NULL);
    snprintf(doctor->folder, sizeof doctor->folder, "%s", resolved ? resolved : wanted);
    free(resolved);
    find_mount(doctor);
}

static void command_on(const char *before, const char *path, char *text, size_t size)
{
    snprintf(text, size, "%s", before);
    remedy_quote(text, size, path);
}

/* ---- The folder ----------------------------------------------------------------------------------- */

static void check_rights(doctor_t *doctor, const struct stat *status)
{
    char owner[64], me[64], remedy[DOCTOR_REMEDY];
    doctor_user(status->st_uid, owner, sizeof owner);
    doctor_user(geteuid(), me, sizeof me);
    if (faccessat(AT_FDCWD, doctor->folder, W_OK | X_OK, AT_EACCESS) != 0) {
        int why = errno;
        if (why == EROFS)
            command_on("mount -o remount,rw ", doctor->mount, remedy, sizeof remedy);
        else
            command_on("as its owner or root: chmod 1777 ", doctor->folder, remedy, sizeof remedy);
        doctor_say(doctor, DOCTOR_BAD, remedy,
                   "user %s may make no ring in %s (%s): it belongs to %s, mode %04o", me, doctor->folder,
                   strerror(why), owner, (unsigned)status->st_mode & 07777);
    } else if ((status->st_mode & (S_IWOTH | S_ISVTX)) == S_IWOTH) {
        command_on("chmod +t ", doctor->folder, remedy, sizeof remedy);
        doctor_say(doctor, DOCTOR_WARN, remedy,
                   "%s is open to all and not sticky (mode %04o): anybody may remove anybody's ring",
                   doctor->folder, (unsigned)status->st_mode & 07777);
    } else {
        doctor_say(doctor, DOCTOR_OK, "", "%s, of user %s, mode %04o", doctor->folder, owner,
                   (unsigned)status->st_mode & 07777);
    }
}

static void check_folder(doctor_t *doctor)
{
    struct stat status;
    char remedy[DOCTOR_REMEDY];
    if (stat(doctor->folder, &status) != 0) {
        int why = errno;
        command_on("name another folder (--directory, SLOTRING_DIR), or: mkdir -p ", doctor->folder, remedy,
                   sizeof remedy);
        doctor_say(doctor, DOCTOR_BAD, remedy, "%s: %s", doctor->folder, strerror(why));
    } else if (!S_ISDIR(status.st_mode)) {
        doctor_say(doctor, DOCTOR_BAD, "name a folder (--directory, SLOTRING_DIR)", "%s is no folder",
                   doctor->folder);
    } else {
        check_rights(doctor, &status);
    }
}

/* ---- Its space ------------------------------------------------------------------------------------ */

static uint64_t ring_bytes(const doctor_t *doctor)
{
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < doctor->count; i++)
        bytes += doctor->list[i].segment_size;
    return bytes;
}

static void check_space(doctor_t *doctor)
{
    struct statvfs space;
    char remedy[DOCTOR_REMEDY];
    if (statvfs(doctor->folder, &space) != 0)
        return; /* "folder" said it */
    uint64_t unit = space.f_frsize, all = space.f_blocks * unit, left = space.f_bavail * unit;
    doctor_level_t level = left < NO_SPACE ? DOCTOR_BAD : left < LITTLE_SPACE ? DOCTOR_WARN : DOCTOR_OK;
    if (all == 0 && left == 0) { /* a file system without a limit */
        doctor_say(doctor, DOCTOR_OK, "", "no limit but the memory in %s", doctor->folder);
        return;
    }
    command_on("slotring gc and slotring ls say which rings may go; Docker: --shm-size=4g; for more room: "
               "mount -o remount,size=4G ",
               doctor->mount, remedy, sizeof remedy);
    doctor_say(doctor, level, level == DOCTOR_OK ? "" : remedy,
               "%s free of %s in %s; %s in %" PRIu32 " rings", out_bytes(left).text, out_bytes(all).text,
               doctor->folder, out_bytes(ring_bytes(doctor)).text, doctor->count);
}

/* A ring takes two. */
static void check_inodes(doctor_t *doctor)
{
    struct statvfs space;
    char remedy[DOCTOR_REMEDY];
    if (statvfs(doctor->folder, &space) != 0)
        return;
    if (space.f_files == 0) {
        doctor_say(doctor, DOCTOR_OK, "", "no limit in %s", doctor->folder);
        return;
    }
    uint64_t left = space.f_favail;
    command_on("remove files there, or: mount -o remount,nr_inodes=1M ", doctor->mount, remedy,
               sizeof remedy);
    doctor_level_t level = left < 2 ? DOCTOR_BAD : left < SMALL_NUMBER ? DOCTOR_WARN : DOCTOR_OK;
    doctor_say(doctor, level, level == DOCTOR_OK ? "" : remedy,
               "%" PRIu64 " more files fit into %s of %" PRIu64, left, doctor->folder,
               (uint64_t)space.f_files);
}

/* ---- Limits of this process ------------------------------------------------------------------------ */

/* UINT64_MAX: none. */
static uint64_t limit_of(int failed, const struct rlimit *limit)
{
    return failed != 0 || limit->rlim_cur == RLIM_INFINITY ? UINT64_MAX : (uint64_t)limit->rlim_cur;
}

static void check_open_files(doctor_t *doctor)
{
    struct rlimit files;
    uint64_t limit = limit_of(getrlimit(RLIMIT_NOFILE, &files), &files);
    if (limit == UINT64_MAX)
        doctor_say(doctor, DOCTOR_OK, "", "no limit");
    else
        doctor_say(doctor, limit < SMALL_NUMBER ? DOCTOR_WARN : DOCTOR_OK,
                   limit < SMALL_NUMBER ? "ulimit -n 1024; in a unit of systemd: LimitNOFILE=1024" : "",
                   "%" PRIu64 " for each process", limit);
}

static void check_size_limit(doctor_t *doctor, uint64_t limit, const char *remedy, const char *what)
{
    if (limit == UINT64_MAX)
        doctor_say(doctor, DOCTOR_OK, "", "no limit");
    else
        doctor_say(doctor, limit < NO_SPACE ? DOCTOR_BAD : DOCTOR_WARN, remedy,
                   "%s: %s, of which a larger ring does not fit", out_bytes(limit).text, what);
}

static void check_address_space(doctor_t *doctor)
{
    struct rlimit limit;
    check_size_limit(doctor, limit_of(getrlimit(RLIMIT_AS, &limit), &limit),
                     "ulimit -v unlimited; in a unit of systemd: LimitAS=infinity",
                     "the memory that a process may map");
}

static void check_file_size(doctor_t *doctor)
{
    struct rlimit limit;
    check_size_limit(doctor, limit_of(getrlimit(RLIMIT_FSIZE, &limit), &limit),
                     "ulimit -f unlimited; in a unit of systemd: LimitFSIZE=infinity",
                     "the size of a file that a process may make");
}

static void check_locked_memory(doctor_t *doctor)
{
    struct rlimit locked;
    uint64_t limit = geteuid() == 0 ? UINT64_MAX : limit_of(getrlimit(RLIMIT_MEMLOCK, &locked), &locked);
    if (limit == UINT64_MAX)
        doctor_say(doctor, DOCTOR_OK, "", "no limit");
    else
        doctor_say(doctor, DOCTOR_OK, "to lock larger rings in memory: ulimit -l unlimited", "%s",
                   out_bytes(limit).text);
}

const doctor_check_t doctor_posix_checks[] = {{"folder", check_folder},
                                              {"space", check_space},
                                              {"inodes", check_inodes},
                                              {"open files", check_open_files},
                                              {"address space", check_address_space},
                                              {"file size", check_file_size},
                                              {"locked memory", check_locked_memory},
                                              {NULL, NULL}};

#ifndef __linux__
void doctor_system_ring(doctor_t *doctor, const char *name, const slotring_info_t *info)
{
    (void)doctor, (void)name, (void)info; /* the library's own words must do */
}

bool doctor_owner_of(const doctor_t *doctor, const char *name, uint64_t *owner)
{
    (void)doctor, (void)name, (void)owner; /* the memory's name is not the ring's */
    return false;
}
#endif
