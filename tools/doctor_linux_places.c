/* SPDX-License-Identifier: Apache-2.0 */
/* Two rings of one name are two runs that never meet: their users name different folders, or somebody removed the files of the
 * first. The maps of the processes say which ring each one has. */
#define _GNU_SOURCE
#include "doctor_linux_places.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"
#include "remedy.h"

typedef struct use {
    char *name, *path;
    uint64_t device, inode;
    long pid;
    bool removed; /* the file has no name any more */
} use_t;

typedef struct uses {
    use_t *list;
    size_t count, capacity;
} uses_t;

static void add(uses_t *uses, const use_t *use, const char *name, const char *path)
{
    for (size_t i = uses->count; i > 0 && uses->list[i - 1].pid == use->pid; i--)
        if (uses->list[i - 1].inode == use->inode && uses->list[i - 1].device == use->device)
            return; /* mapped in several pieces */
    if (uses->count == uses->capacity) {
        size_t capacity = 2 * uses->capacity + 16;
        use_t *larger = realloc(uses->list, capacity * sizeof *larger);
        if (!larger)
            return;
        uses->list = larger;
        uses->capacity = capacity;
    }
    use_t *made = &uses->list[uses->count];
    *made = *use;
    made->name = strdup(name);
    made->path = strdup(path);
    if (made->name && made->path)
        uses->count++;
    else
        free(made->name), free(made->path);
}

/* A line of maps: "from-to rights offset major:minor inode   path"; a file that has no name any more ends in " (deleted)". */
static void read_line(uses_t *uses, long pid, char *line)
{
    static const char deleted[] = " (deleted)";
    use_t use = {.pid = pid};
    unsigned major, minor;
    char rights[8];
    int at = 0;
    if (sscanf(line, "%*s %7s %*s %x:%x %" SCNu64 " %n", rights, &major, &minor, &use.inode, &at) != 4 ||
        at == 0 || rights[3] != 's')
        return;
    char *path = line + at;
    path[strcspn(path, "\n")] = '\0';
    size_t length = strlen(path), tail = sizeof deleted - 1;
    use.removed = length > tail && strcmp(path + length - tail, deleted) == 0;
    if (use.removed)
        path[length - tail] = '\0';
    const char *file = strrchr(path, '/');
    if (!file || strncmp(file + 1, "slotring.", 9) != 0)
        return;
    use.device = (uint64_t)major << 32 | minor;
    add(uses, &use, file + 10, path);
}

static void read_process(uses_t *uses, long pid)
{
    char path[64], *line = NULL;
    size_t size = 0;
    snprintf(path, sizeof path, "/proc/%ld/maps", pid);
    FILE *file = fopen(path, "re");
    while (file && getline(&line, &size, file) > 0)
        read_line(uses, pid, line);
    free(line);
    if (file)
        fclose(file);
}

static int by_name(const void *a, const void *b)
{
    const use_t *left = a, *right = b;
    int order = strcmp(left->name, right->name);
    return order ? order : (left->pid > right->pid) - (left->pid < right->pid);
}

static uses_t find_uses(void)
{
    uses_t uses = {0};
    DIR *folder = opendir("/proc");
    for (const struct dirent *entry; folder && (entry = readdir(folder)) != NULL;) {
        char *end;
        long pid = strtol(entry->d_name, &end, 10);
        if (*end == '\0' && pid > 0)
            read_process(&uses, pid);
    }
    if (folder)
        closedir(folder);
    if (uses.count > 0)
        qsort(uses.list, uses.count, sizeof *uses.list, by_name);
    return uses;
}

static void free_uses(uses_t *uses)
{
    for (size_t i = 0; i < uses->count; i++)
        free(uses->list[i].name), free(uses->list[i].path);
    free(uses->list);
}

static bool same_ring(const use_t *one, const use_t *other)
{
    return one->device == other->device && one->inode == other->inode;
}

/* Of one name. Says where two of its users have different rings, or one has a ring whose files are gone. */
static bool look_at_name(doctor_t *doctor, const use_t *first, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (same_ring(first, &first[i]))
            continue;
        doctor_say(
            doctor, DOCTOR_WARN,
            "end the users of one of them, and start them with the same folder (--directory, SLOTRING_DIR)",
            "there are two rings %s: pid %ld has %s%s, pid %ld has %s%s", first->name, first->pid,
            first->path, first->removed ? " (which was removed)" : "", first[i].pid, first[i].path,
            first[i].removed ? " (which was removed)" : "");
        return true;
    }
    if (!first->removed)
        return false;
    doctor_say(doctor, DOCTOR_WARN, "end its users, and start them again",
               "pid %ld has ring %s, whose files in %s were removed: nobody new can join", first->pid,
               first->name, first->path);
    return true;
}

static size_t same_name(const uses_t *uses, size_t from)
{
    size_t to = from;
    while (to < uses->count && strcmp(uses->list[to].name, uses->list[from].name) == 0)
        to++;
    return to - from;
}

void doctor_check_places(doctor_t *doctor)
{
    uses_t uses = find_uses();
    bool any = false;
    for (size_t i = 0, count; i < uses.count; i += count) {
        count = same_name(&uses, i);
        any = look_at_name(doctor, &uses.list[i], count) || any;
    }
    if (!any)
        doctor_say(doctor, DOCTOR_OK, "", "no two rings of one name, as far as this user sees processes");
    free_uses(&uses);
}

/* Is the ring in another folder than the one that was asked for? */
static bool is_elsewhere(const doctor_t *doctor, const use_t *use)
{
    size_t length = strlen(doctor->folder);
    return strncmp(use->path, doctor->folder, length) != 0 || use->path[length] != '/' ||
           strchr(use->path + length + 1, '/') != NULL;
}

/* Looks at the ring in the folder where it lies. */
static void remedy_there(const use_t *use, char *remedy, size_t size)
{
    const char *slash = strrchr(use->path, '/');
    char folder[4096];
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - use->path) : 0, use->path);
    snprintf(remedy, size, "name that folder, by SLOTRING_DIR or: slotring stat ");
    remedy_quote(remedy, size, use->name);
    out_append(remedy, size, " --directory ");
    remedy_quote(remedy, size, folder);
    if (strlen(remedy) + 1 == size) /* no room for such a folder: half a command is none */
        snprintf(remedy, size, "name that folder: --directory, or SLOTRING_DIR");
}

void doctor_look_for_places(doctor_t *doctor, const char *name)
{
    uses_t uses = find_uses();
    bool any = false;
    for (size_t i = 0, count; i < uses.count; i += count) {
        const use_t *use = &uses.list[i];
        count = same_name(&uses, i);
        if (strcmp(use->name, name) != 0)
            continue;
        any = look_at_name(doctor, use, count);
        if (!any && is_elsewhere(doctor, use)) {
            char remedy[DOCTOR_REMEDY];
            remedy_there(use, remedy, sizeof remedy);
            doctor_say(doctor, DOCTOR_WARN, remedy, "pid %ld has a ring %s in another folder: %s", use->pid,
                       name, use->path);
            any = true;
        }
    }
    if (!any)
        doctor_say(doctor, DOCTOR_OK, "", "no ring %s in another place, as far as this user sees processes",
                   name);
    free_uses(&uses);
}

bool doctor_is_mapped(unsigned device_major, unsigned device_minor, uint64_t inode, long *pid)
{
    uses_t uses = find_uses();
    bool found = false;
    for (size_t i = 0; i < uses.count && !found; i++)
        if (uses.list[i].inode == inode &&
            uses.list[i].device == ((uint64_t)device_major << 32 | device_minor)) {
            *pid = uses.list[i].pid;
            found = true;
        }
    free_uses(&uses);
    return found;
}
