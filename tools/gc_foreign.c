/* SPDX-License-Identifier: Apache-2.0 */
/* gc --foreign: what stands under the name of a ring and is another user's, or no ring. Only by its exact name, and only if no
 * process uses it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common.h"
#include "cost.h"
#include "doctor.h"
#include "exit_codes.h"
#include "foreign.h"
#include "gc.h"
#include "host.h"
#include "output.h"
#include "remedy.h"

typedef struct target {
    const char *name;
    char segment_name[SLOTRING_NAME_MAX + 32], lock_name[SLOTRING_NAME_MAX + 32];
    foreign_file_t segment, lock;
    char trusted[24]; /* the number of its owner */
    bool is_ring;     /* and can be read, if its owner is trusted */
    char what[512];   /* "a ring of user x, 64 KiB" */
} target_t;

static const char *kind_word(foreign_kind_t kind)
{
    static const char *const words[] = {"nothing", "a file", "a symbolic link", "a folder",
                                        "a pipe, socket or device"};
    return words[kind];
}

static slotring_options_t trusting(const slotring_options_t *place, const target_t *target)
{
    slotring_options_t options = *place;
    options.trusted_owner = target->trusted;
    return options;
}

static void describe(target_t *target, const slotring_options_t *place)
{
    const foreign_file_t *file = target->segment.kind != FOREIGN_NONE ? &target->segment : &target->lock;
    slotring_options_t options = trusting(place, target);
    char user[64], lost[300] = "";
    cost_t cost;
    doctor_user(file->owner, user, sizeof user);
    if (target->is_ring && cost_of(&options, target->name, &cost))
        cost_text(&cost, lost, sizeof lost);
    snprintf(target->what, sizeof target->what, "%s of user %s, %s%s%s",
             target->is_ring                        ? "a ring"
             : target->segment.kind == FOREIGN_NONE ? "a lock file without a ring"
                                                    : kind_word(file->kind),
             user, out_bytes(file->size).text, lost[0] ? "; " : "", lost);
}

static int refuse(const target_t *target, int code, const char *why)
{
    out_error("%s stays: %s", target->name, why);
    return code;
}

/* One of the two files. */
static int judge(const target_t *target, const foreign_file_t *file, const char *file_name)
{
    char why[DOCTOR_VALUE];
    if (file->kind == FOREIGN_FOLDER) {
        snprintf(why, sizeof why, "%s is a folder, which no ring has: take it away yourself (rmdir)",
                 file_name);
        return refuse(target, EXIT_ERROR, why);
    }
    if (file->in_use && file->pid)
        snprintf(why, sizeof why, "process %" PRIu64 " uses %s", file->pid, file_name);
    else if (file->in_use)
        snprintf(why, sizeof why, "a process uses %s: end it", file_name);
    if (file->in_use)
        return refuse(target, EXIT_IN_USE, why);
    if (file->unknown) {
        snprintf(why, sizeof why, "this user may not open %s, so nobody knows whether it is in use: be root",
                 file_name);
        return refuse(target, EXIT_ERROR, why);
    }
    return EXIT_DONE;
}

/* Is it this user's own ring, and the name one of a ring? */
static int look_at_name(const target_t *target, const slotring_options_t *place)
{
    slotring_options_t options = *place;
    slotring_error_t error;
    slotring_t *ring;
    options.mode = SLOTRING_OBSERVE;
    if (slotring_open(&ring, target->name, &options, &error) == 0) {
        char command[DOCTOR_COMMAND], why[DOCTOR_REMEDY];
        slotring_close(ring);
        doctor_command(command, sizeof command, "rm", target->name, "");
        snprintf(why, sizeof why, "this user may use it, so it is not foreign: %s", command);
        return refuse(target, EXIT_USAGE, why);
    }
    return error.code == SLOTRING_E_NAME || error.code == SLOTRING_E_BACKEND ||
                   error.code == SLOTRING_E_INVALID
               ? report(&error)
               : EXIT_DONE;
}

static int look_at_files(target_t *target, const char *folder)
{
    int error;
    snprintf(target->segment_name, sizeof target->segment_name, "slotring.%s", target->name);
    snprintf(target->lock_name, sizeof target->lock_name, "slotring-lock.%s", target->name);
    error = foreign_look(folder, target->segment_name, &target->segment);
    if (error == 0)
        error = foreign_look(folder, target->lock_name, &target->lock);
    if (error != 0) {
        out_error("cannot look at the files of %s in %s: %s", target->name, folder, host_error_text(error));
        return host_is_missing(error) ? EXIT_NOT_FOUND : EXIT_ERROR;
    }
    if (target->segment.kind == FOREIGN_NONE && target->lock.kind == FOREIGN_NONE) {
        out_error("there is nothing of the name %s in %s", target->name, folder);
        return EXIT_NOT_FOUND;
    }
    int code = judge(target, &target->segment, target->segment_name);
    return code == EXIT_DONE ? judge(target, &target->lock, target->lock_name) : code;
}

static int look(target_t *target, const slotring_options_t *place, const char *folder)
{
    int code = look_at_name(target, place);
    if (code == EXIT_DONE)
        code = look_at_files(target, folder);
    if (code != EXIT_DONE)
        return code;
    snprintf(target->trusted, sizeof target->trusted, "%" PRIu64, target->segment.owner);
    slotring_options_t options = trusting(place, target);
    slotring_t *ring;
    options.mode = SLOTRING_OBSERVE;
    target->is_ring = slotring_open(&ring, target->name, &options, NULL) == 0;
    if (target->is_ring)
        slotring_close(ring);
    describe(target, place);
    return EXIT_DONE;
}

static int remove_files(const target_t *target, const char *folder)
{
    int error = 0;
    if (target->segment.kind != FOREIGN_NONE)
        error = foreign_remove(folder, target->segment_name, &target->segment);
    if (error == 0 && target->lock.kind != FOREIGN_NONE)
        error = foreign_remove(folder, target->lock_name, &target->lock);
    return error == 0 ? EXIT_DONE : refuse(target, EXIT_ERROR, host_error_text(error));
}

/* A ring is removed under its lock, by the library, which looks once more whether anybody uses it. */
static int remove_it(const target_t *target, const slotring_options_t *place, const char *folder)
{
    slotring_options_t options = trusting(place, target);
    slotring_error_t error;
    if (!target->is_ring)
        return remove_files(target, folder);
    if (slotring_unlink(target->name, SLOTRING_UNLINK_IF_UNUSED, &options, &error) < 0)
        return report(&error);
    return EXIT_DONE;
}

static void tell(const target_t *target, bool removed, json_t *list)
{
    char safe[SLOTRING_NAME_MAX + 8];
    out_safe_name(target->name, sizeof safe, safe);
    if (list)
        json_array_append_new(list, json_pack("{s:s, s:s}", "name", safe, "what", target->what));
    else
        printf("%s %s: %s\n", removed ? "removed" : "would remove", safe, target->what);
}

int gc_foreign(const slotring_options_t *place, const char **names, bool remove, bool json)
{
    static doctor_t doctor; /* for its folder */
    json_t *list = json ? json_array() : NULL;
    int code = EXIT_DONE, count = 0;
    if (!foreign_has_files()) {
        out_error("--foreign: rings have no files of their names on this system");
        return EXIT_USAGE;
    }
    doctor.options = *place;
    doctor_find_folder(&doctor);
    for (; *names; names++) { /* all of them; the first failure is the exit code */
        target_t target = {.name = *names};
        int one = look(&target, place, doctor.folder);
        if (one == EXIT_DONE && remove)
            one = remove_it(&target, place, doctor.folder);
        if (one == EXIT_DONE)
            tell(&target, remove, list);
        count += one == EXIT_DONE;
        code = code == EXIT_DONE ? one : code;
    }
    if (json)
        out_json_print(stdout, json_pack("{s:o}", remove ? "removed" : "would_remove", list), false);
    else if (!remove && count > 0)
        printf("Nothing was removed. To remove: the same with --remove\n");
    return code;
}
