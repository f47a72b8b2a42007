/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#include "doctor_linux.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool doctor_line(const char *path, char *text, size_t size)
{
    FILE *file = fopen(path, "re");
    bool good = file && fgets(text, (int)size, file);
    if (file)
        fclose(file);
    if (!good)
        text[0] = '\0';
    text[strcspn(text, "\n")] = '\0';
    return text[0] != '\0';
}

bool doctor_number(const char *path, uint64_t *number)
{
    char text[64], *end;
    if (!doctor_line(path, text, sizeof text))
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (end == text || errno != 0)
        *number = UINT64_MAX;
    return true;
}

bool doctor_meminfo(const char *name, uint64_t *bytes)
{
    char line[128];
    size_t length = strlen(name);
    unsigned long long kib = 0;
    bool found = false;
    FILE *file = fopen("/proc/meminfo", "re");
    while (file && !found && fgets(line, sizeof line, file))
        found = strncmp(line, name, length) == 0 && sscanf(line + length, ": %llu kB", &kib) == 1;
    if (file)
        fclose(file);
    *bytes = (uint64_t)kib * 1024;
    return found;
}

bool doctor_mount_options(const char *point, const char *type, char *options, size_t size)
{
    FILE *mounts = setmntent("/proc/self/mounts", "re");
    bool found = false;
    for (const struct mntent *entry; mounts && (entry = getmntent(mounts)) != NULL;)
        if (strcmp(entry->mnt_dir, point) == 0) {
            found = strcmp(entry->mnt_type, type) == 0;
            snprintf(options, size, "%s", entry->mnt_opts);
        }
    if (mounts)
        endmntent(mounts);
    return found;
}

bool doctor_mount_option(const char *options, const char *name, char *value, size_t size)
{
    size_t length = strlen(name);
    for (const char *at = options; *at; at += strcspn(at, ","), at += *at == ',') {
        if (strncmp(at, name, length) != 0 || at[length] != '=')
            continue;
        snprintf(value, size, "%.*s", (int)strcspn(at + length + 1, ","), at + length + 1);
        return true;
    }
    return false;
}

static void check_all(doctor_t *doctor)
{
    doctor_run(doctor, doctor_linux_memory_checks);
    doctor_run(doctor, doctor_linux_host_checks);
    doctor_run(doctor, doctor_linux_files_checks);
}

const doctor_check_t doctor_linux_checks[] = {{"Linux", check_all}, {NULL, NULL}};
