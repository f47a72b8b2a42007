/* SPDX-License-Identifier: Apache-2.0 */
/* The command that thaws a process, on hosts whose control groups were recorded: "thaw_commands HOST FOLDER" builds the files of the host
 * in FOLDER, and compares the command. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "thaw.h"

#define PID 12060

typedef struct file {
    const char *path, *content;
} file_t;

typedef struct host {
    const char *name;
    file_t files[6];
    const char *command; /* NULL: none is known */
} host_t;

static const host_t hosts[] = {
    {"version_2_alone", /* Fedora 42, podman */
     {{"proc/self/mountinfo",
       "22 61 0:21 / /sys rw,nosuid - sysfs sysfs rw\n"
       "29 22 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"},
      {"proc/12060/cgroup", "0::/machine.slice/libpod-3f.scope/container\n"},
      {"sys/fs/cgroup/machine.slice/cgroup.freeze", "0\n"},
      {"sys/fs/cgroup/machine.slice/libpod-3f.scope/cgroup.freeze", "1\n"},
      {"sys/fs/cgroup/machine.slice/libpod-3f.scope/container/cgroup.freeze", "0\n"}},
     "echo 0 >/sys/fs/cgroup/machine.slice/libpod-3f.scope/cgroup.freeze"},
    {"both_versions", /* Debian 10, systemd's hybrid mode; the groups of version 1 do not have this process */
     {{"proc/self/mountinfo",
       "31 23 0:28 / /sys/fs/cgroup ro,nosuid shared:9 - tmpfs tmpfs ro,mode=755\n"
       "37 31 0:34 / /sys/fs/cgroup/freezer rw,nosuid shared:16 - cgroup cgroup rw,freezer\n"
       "41 31 0:38 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw,nsdelegate\n"},
      {"proc/12060/cgroup", "6:freezer:/\n0::/daq\n"},
      {"sys/fs/cgroup/unified/daq/cgroup.freeze", "1\n"}},
     "echo 0 >/sys/fs/cgroup/unified/daq/cgroup.freeze"},
    {"version_1", /* CentOS 7, docker pause */
     {{"proc/self/mountinfo",
       "33 24 0:28 / /sys/fs/cgroup/freezer rw,nosuid shared:17 - cgroup cgroup rw,freezer\n"},
      {"proc/12060/cgroup", "7:freezer:/docker/8a\n1:name=systemd:/docker/8a\n"},
      {"sys/fs/cgroup/freezer/docker/8a/freezer.self_freezing", "1\n"},
      {"sys/fs/cgroup/freezer/docker/freezer.self_freezing", "0\n"}},
     "echo THAWED >/sys/fs/cgroup/freezer/docker/8a/freezer.state"},
    {"two_groups_are_frozen",
     {{"proc/self/mountinfo", "29 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"},
      {"proc/12060/cgroup", "0::/run/board 1\n"},
      {"sys/fs/cgroup/run/board 1/cgroup.freeze", "1\n"},
      {"sys/fs/cgroup/run/cgroup.freeze", "1\n"}},
     "echo 0 >'/sys/fs/cgroup/run/board 1/cgroup.freeze' && echo 0 >/sys/fs/cgroup/run/cgroup.freeze"},
    {"mounted_elsewhere", /* of the groups a part is mounted, at a folder with a space */
     {{"proc/self/mountinfo", "29 22 0:26 /daq /mnt/my\\040groups rw master:4 - cgroup2 none rw\n"},
      {"proc/12060/cgroup", "0::/daq/online\n"},
      {"mnt/my groups/online/cgroup.freeze", "1\n"}},
     "echo 0 >'/mnt/my groups/online/cgroup.freeze'"},
    {"out_of_sight", /* in a container, of a process outside of it */
     {{"proc/self/mountinfo", "29 22 0:26 / /sys/fs/cgroup ro - cgroup2 cgroup2 rw\n"},
      {"proc/12060/cgroup", "0::/../online\n"}},
     NULL},
    {"steers_the_terminal",
     {{"proc/self/mountinfo", "29 22 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"},
      {"proc/12060/cgroup", "0::/a\033[2Jb\n"},
      {"sys/fs/cgroup/a\033[2Jb/cgroup.freeze", "1\n"}},
     NULL},
    {"unknown", {{NULL, NULL}}, NULL},
    {NULL, {{NULL, NULL}}, NULL},
};

static void make_folders(char *path)
{
    for (char *at = strchr(path + 1, '/'); at; at = strchr(at + 1, '/')) {
        *at = '\0';
        if (mkdir(path, 0700) != 0 && errno != EEXIST)
            perror(path);
        *at = '/';
    }
}

static void make_file(const char *root, const file_t *file)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", root, file->path);
    make_folders(path);
    FILE *stream = fopen(path, "w");
    if (!stream || fputs(file->content, stream) == EOF || fclose(stream) != 0) {
        perror(path);
        exit(1);
    }
}

int main(int count, char **words)
{
    const host_t *host = hosts;
    char command[1024] = "";
    while (count == 3 && host->name && strcmp(host->name, words[1]) != 0)
        host++;
    if (count != 3 || !host->name)
        return fprintf(stderr, "thaw_commands HOST FOLDER\n"), 2;
    for (const file_t *file = host->files; file < host->files + 6 && file->path; file++)
        make_file(words[2], file);
    bool known = thaw_command(words[2], PID, command, sizeof command);
    bool right = host->command ? known && strcmp(command, host->command) == 0 : !known && command[0] == '\0';
    if (!right)
        printf("%s: \"%s\"\n", host->name, command);
    return !right;
}
