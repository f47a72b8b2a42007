/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor says about a host of Linux: who removes files at logout, namespaces, hidden processes, the boot. */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include <dirent.h>
#include <inttypes.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "doctor_linux.h"

/* ---- RemoveIPC ------------------------------------------------------------------------------------- */

#define FIRST_ORDINARY_USER 1000u
#define NOBODY 65534u

/* The last word counts. */
static void read_setting(const char *path, bool *removes)
{
    char line[512];
    FILE *file = fopen(path, "re");
    while (file && fgets(line, sizeof line, file)) {
        char value[16];
        if (sscanf(line, " RemoveIPC = %15s", value) != 1)
            continue;
        *removes = strcasecmp(value, "yes") == 0 || strcasecmp(value, "true") == 0 ||
                   strcmp(value, "1") == 0 || strcasecmp(value, "on") == 0;
    }
    if (file)
        fclose(file);
}

static int is_setting(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 5 && strcmp(entry->d_name + length - 5, ".conf") == 0;
}

static bool logind_removes(void)
{
    static const char *const folders[] = {"/usr/lib/systemd/logind.conf.d", "/run/systemd/logind.conf.d",
                                          "/etc/systemd/logind.conf.d"};
    bool removes = true; /* unless it was told not to */
    read_setting("/etc/systemd/logind.conf", &removes);
    for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
        struct dirent **list = NULL;
        int count = scandir(folders[i], &list, is_setting, alphasort);
        for (int k = 0; k < count; k++) {
            char path[512];
            snprintf(path, sizeof path, "%s/%s", folders[i], list[k]->d_name);
            read_setting(path, &removes);
            free(list[k]);
        }
        free(list);
    }
    return removes;
}

/* Files of system users, and of users who linger, are left alone. */
static bool is_concerned(uint64_t user)
{
    char path[512];
    const struct passwd *entry;
    if (user < FIRST_ORDINARY_USER || user == NOBODY)
        return false;
    entry = getpwuid((uid_t)user);
    if (!entry || strchr(entry->pw_name, '/'))
        return true;
    snprintf(path, sizeof path, "/var/lib/systemd/linger/%s", entry->pw_name);
    return access(path, F_OK) != 0;
}

static void warn_of(doctor_t *doctor, uint64_t user)
{
    char name[64], remedy[DOCTOR_REMEDY];
    doctor_user(user, name, sizeof name);
    snprintf(
        remedy, sizeof remedy,
        "loginctl enable-linger %s; or RemoveIPC=no in /etc/systemd/logind.conf; or run as a system user",
        name);
    doctor_say(doctor, DOCTOR_WARN, remedy, "systemd removes the rings of user %s at the user's last logout",
               name);
}

/* This user, and the owners of the rings, each once. */
static void check_remove_ipc(doctor_t *doctor)
{
    bool any = is_concerned(geteuid());
    if (strncmp(doctor->folder, "/dev/shm", 8) != 0 || access("/run/systemd/seats", F_OK) != 0) {
        doctor_say(doctor, DOCTOR_OK, "", "nobody removes files in %s at logout", doctor->folder);
        return;
    }
    if (!logind_removes()) {
        doctor_say(doctor, DOCTOR_OK, "", "no: rings stay after a logout");
        return;
    }
    if (any)
        warn_of(doctor, geteuid());
    for (uint32_t i = 0; i < doctor->count; i++) {
        uint64_t owner = doctor->list[i].owner;
        bool known = doctor->list[i].segment_size > 0 && owner != geteuid();
        for (uint32_t k = 0; known && k < i; k++)
            known = doctor->list[k].owner != owner;
        if (known && is_concerned(owner)) {
            warn_of(doctor, owner);
            any = true;
        }
    }
    if (!any)
        doctor_say(doctor, DOCTOR_OK, "", "concerns neither this user nor the owner of a ring");
}

/* ---- Namespaces ------------------------------------------------------------------------------------- */

#define FIRST_PID_NAMESPACE 0xeffffffcu
#define FIRST_IPC_NAMESPACE 0xefffffffu

static void say_namespace(doctor_t *doctor, const char *path, uint64_t first, const char *remedy)
{
    struct stat status;
    if (stat(path, &status) != 0)
        doctor_say(doctor, DOCTOR_WARN, "mount -t proc proc /proc", "not known: %s cannot be read", path);
    else if (status.st_ino == first)
        doctor_say(doctor, DOCTOR_OK, "", "the machine's own");
    else
        doctor_say(doctor, DOCTOR_OK, remedy, "one of its own, as in a container (%" PRIu64 ")",
                   (uint64_t)status.st_ino);
}

static void check_pid_namespace(doctor_t *doctor)
{
    say_namespace(doctor, "/proc/self/ns/pid", FIRST_PID_NAMESPACE,
                  "to see the state of processes outside: docker run --pid=host");
}

static void check_ipc_namespace(doctor_t *doctor)
{
    say_namespace(doctor, "/proc/self/ns/ipc", FIRST_IPC_NAMESPACE,
                  "to share rings with the machine: docker run --ipc=host, or -v /dev/shm:/dev/shm");
}

/* ---- /proc ------------------------------------------------------------------------------------------ */

/* Members of the group of gid= see all. */
static bool is_excepted(const char *options)
{
    char number[24];
    gid_t groups[256];
    if (!doctor_mount_option(options, "gid", number, sizeof number))
        return false;
    gid_t wanted = (gid_t)strtoul(number, NULL, 10);
    int count = getgroups(256, groups);
    bool found = getegid() == wanted;
    for (int i = 0; i < count && !found; i++)
        found = groups[i] == wanted;
    return found;
}

static bool hides(const char *options, char *how, size_t size)
{
    return !is_excepted(options) && doctor_mount_option(options, "hidepid", how, size) &&
           strcmp(how, "0") != 0 && strcmp(how, "off") != 0;
}

static void check_hidden_processes(doctor_t *doctor)
{
    char options[1024], how[32], self[32] = "", me[64];
    ssize_t length = readlink("/proc/self", self, sizeof self - 1);
    if (length <= 0 || strtol(self, NULL, 10) != (long)getpid())
        doctor_say(doctor, DOCTOR_WARN, "mount -t proc proc /proc",
                   "/proc is not that of this process: nobody's state is known");
    else if (geteuid() == 0 || !doctor_mount_options("/proc", "proc", options, sizeof options) ||
             !hides(options, how, sizeof how))
        doctor_say(doctor, DOCTOR_OK, "", "this user sees all processes that are here");
    else {
        doctor_user(geteuid(), me, sizeof me);
        doctor_say(
            doctor, DOCTOR_WARN,
            "look as root; or as root: mount -o remount,hidepid=0 /proc (or gid= of the operators' group)",
            "/proc is mounted with hidepid=%s: user %s does not see the state of others' processes", how, me);
    }
}

static void check_boot(doctor_t *doctor)
{
    char id[64];
    if (doctor_line("/proc/sys/kernel/random/boot_id", id, sizeof id) && strlen(id) == 36)
        doctor_say(doctor, DOCTOR_OK, "", "%s", id);
    else
        doctor_say(doctor, DOCTOR_WARN, "mount -t proc proc /proc",
                   "not known: a ring on a disk from before a restart is not told from a good one");
}

const doctor_check_t doctor_linux_host_checks[] = {{"RemoveIPC", check_remove_ipc},
                                                   {"PID namespace", check_pid_namespace},
                                                   {"IPC namespace", check_ipc_namespace},
                                                   {"hidepid", check_hidden_processes},
                                                   {"boot", check_boot},
                                                   {NULL, NULL}};
