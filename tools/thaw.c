/* SPDX-License-Identifier: Apache-2.0 */
/* Where the control groups are differs: version 2 alone has them at /sys/fs/cgroup, hosts with both versions at
 * /sys/fs/cgroup/unified, and version 1 has a controller for it, whose folder may lie anywhere. /proc/self/mountinfo says where each
 * lies, and /proc/PID/cgroup in which group a process is. */
#include "thaw.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "remedy.h"

#define PATH_SIZE 4096u
#define LINE_SIZE 8192u
#define ABOVE_MOST 64 /* groups above each other */

/* A version of control groups. */
typedef struct kind {
    const char *type;   /* of its file system */
    const char *option; /* that its mount has; NULL: any */
    const char *asks;   /* this file says whether the group itself is frozen */
    const char *yes;
    const char *file; /* this one thaws it */
    const char *thaw; /* by this word */
} kind_t;

static const kind_t kinds[] = {
    {"cgroup2", NULL, "cgroup.freeze", "1", "cgroup.freeze", "0"},
    {"cgroup", "freezer", "freezer.self_freezing", "1", "freezer.state", "THAWED"},
};

static bool first_line(const char *path, char *line, size_t size)
{
    FILE *file = fopen(path, "r");
    bool read = file && fgets(line, (int)size, file);
    if (file)
        fclose(file);
    if (read)
        line[strcspn(line, "\n")] = '\0';
    return read;
}

/* Is it one of the words between commas? */
static bool has_word(const char *list, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, word, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* In mountinfo a space is written as \040, and so on. */
static void unescape(char *text)
{
    char *to = text;
    unsigned code;
    for (const char *from = text; *from; to++) {
        if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && sscanf(from + 1, "%3o", &code) == 1) {
            *to = (char)code;
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

typedef struct place {
    char root[PATH_SIZE], point[PATH_SIZE]; /* the group at the mount point, and where that is */
} place_t;

/* A line of mountinfo: ID PARENT DEVICE ROOT POINT OPTIONS [FIELDS] - TYPE SOURCE OPTIONS. */
static bool is_mount_of(const kind_t *kind, char *line, place_t *place)
{
    char type[64] = "", options[1024] = "";
    char *rest = strstr(line, " - ");
    if (!rest || sscanf(rest, " - %63s %*s %1023s", type, options) < 1 || strcmp(type, kind->type) != 0 ||
        (kind->option && !has_word(options, kind->option)))
        return false;
    if (sscanf(line, "%*s %*s %*s %4095s %4095s", place->root, place->point) != 2)
        return false;
    unescape(place->root);
    unescape(place->point);
    return true;
}

static bool find_mount(const char *root, const kind_t *kind, place_t *place)
{
    static char line[LINE_SIZE];
    char path[PATH_SIZE];
    bool found = false;
    snprintf(path, sizeof path, "%s/proc/self/mountinfo", root);
    FILE *file = fopen(path, "r");
    while (file && !found && fgets(line, sizeof line, file))
        found = is_mount_of(kind, line, place);
    if (file)
        fclose(file);
    return found;
}

/* The group of the process: a line "0::/GROUP", or "NUMBER:KIND,KIND:/GROUP". */
static bool find_group(const char *root, const kind_t *kind, uint64_t pid, char *group)
{
    static char line[LINE_SIZE];
    char path[PATH_SIZE];
    bool found = false;
    snprintf(path, sizeof path, "%s/proc/%" PRIu64 "/cgroup", root, pid);
    FILE *file = fopen(path, "r");
    while (file && !found && fgets(line, sizeof line, file)) {
        char *controllers = strchr(line, ':'), *of = controllers ? strchr(controllers + 1, ':') : NULL;
        if (!of || of[1] != '/')
            continue;
        *controllers++ = '\0';
        *of++ = '\0';
        of[strcspn(of, "\n")] = '\0';
        found = kind->option ? has_word(controllers, kind->option) : strcmp(line, "0") == 0;
        found = found && snprintf(group, PATH_SIZE, "%s", of) < (int)PATH_SIZE;
    }
    if (file)
        fclose(file);
    return found;
}

/* What the mount shows of the group: nothing of one that lies outside of it. */
static const char *below(const place_t *place, const char *group)
{
    size_t length = strcmp(place->root, "/") == 0 ? 0 : strlen(place->root);
    bool inside = strncmp(group, place->root, length) == 0 && (group[length] == '/' || group[length] == '\0');
    return inside && strncmp(group, "/..", 3) != 0 ? group + length : NULL;
}

/* From the group upwards: whichever is frozen itself. All have to be thawed, and mostly there is one. */
static bool thaw_of(const char *root, const kind_t *kind, uint64_t pid, char *text, size_t size)
{
    static place_t place;
    char group[PATH_SIZE], path[2 * PATH_SIZE], word[64];
    const char *inside;
    bool any = false;
    if (!find_mount(root, kind, &place) || !find_group(root, kind, pid, group) ||
        !(inside = below(&place, group)))
        return false;
    char at[PATH_SIZE];
    snprintf(at, sizeof at, "%s", inside);
    for (int up = 0; up < ABOVE_MOST; up++) {
        char *slash = strrchr(at, '/');
        const char *folder = strcmp(at, "/") == 0 ? "" : at;
        snprintf(path, sizeof path, "%s%s%s/%s", root, place.point, folder, kind->asks);
        if (first_line(path, word, sizeof word) && strcmp(word, kind->yes) == 0) {
            out_append(text, size, "%secho %s >", any ? " && " : "", kind->thaw);
            snprintf(path, sizeof path, "%s%s/%s", place.point, folder, kind->file);
            remedy_quote(text, size, path);
            any = true;
        }
        if (!slash || at[0] == '\0')
            break;
        *slash = '\0';
    }
    return any;
}

/* A command that was cut off, or that steers the terminal, is none. */
static bool is_whole(const char *text, size_t size)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f)
            return false;
    return length + 1 < size;
}

bool thaw_command(const char *root, uint64_t pid, char *text, size_t size)
{
    size_t before = strlen(text);
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (thaw_of(root, &kinds[i], pid, text, size) && is_whole(text, size))
            return true;
        text[before] = '\0';
    }
    return false;
}
