/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor says about the rings of the folder, by the library alone: those that cannot be used, and processes that stand still. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "doctor_rings.h"
#include "host.h"
#include "output.h"
#include "remedy.h"
#include "words.h"

/* ---- What to do about an error --------------------------------------------------------------------- */

void doctor_remedy(int code, const char *name, char *text, size_t size)
{
    char command[DOCTOR_COMMAND];
    text[0] = '\0';
    switch (code) {
    case SLOTRING_E_OWNER:
        doctor_command(command, sizeof command, "gc", name, " --foreign");
        snprintf(text, size, "if you trust that user: --trust-owner USER; to see whether it may go: %s",
                 command);
        break;
    case SLOTRING_E_ACCESS:
        snprintf(text, size,
                 "be its owner or root; or the owner makes it anew with slotring create --access");
        break;
    case SLOTRING_E_VERSION:
    case SLOTRING_E_FEATURE:
        doctor_command(command, sizeof command, "rm", name, " --force");
        snprintf(text, size, "use the slotring that made it; or end its users, and: %s", command);
        break;
    case SLOTRING_E_OTHER_BOOT:
        doctor_command(text, size, "rm", name, "");
        break;
    case SLOTRING_E_ENDIAN:
    case SLOTRING_E_NOT_A_RING:
    case SLOTRING_E_CORRUPT:
    case SLOTRING_E_TRUNCATED:
        doctor_command(command, sizeof command, "rm", name, " --force");
        snprintf(text, size, "end its users, and: %s", command);
        break;
    default:
        break;
    }
}

/* ---- Rings that cannot be used --------------------------------------------------------------------- */

static int observe(const doctor_t *doctor, const char *name, const char *trusted, slotring_t **ring,
                   slotring_error_t *error)
{
    slotring_options_t options = doctor->options;
    options.mode = SLOTRING_OBSERVE;
    if (trusted)
        options.trusted_owner = trusted;
    return slotring_open(ring, name, &options, error);
}

/* Another user's ring is nothing bad. Something else under a ring's name is: nobody can make a ring of that name. */
static void look_at_foreign(doctor_t *doctor, const char *name, const char *sentence)
{
    uint64_t owner;
    char number[24], user[64], remedy[DOCTOR_REMEDY];
    slotring_error_t error = {0};
    slotring_t *ring = NULL;
    if (doctor_owner_of(doctor, name, &owner)) {
        snprintf(number, sizeof number, "%" PRIu64, owner);
        int code = observe(doctor, name, number, &ring, &error);
        slotring_close(ring);
        if (code == 0 || code == SLOTRING_E_ACCESS) {
            doctor_user(owner, user, sizeof user);
            snprintf(remedy, sizeof remedy, "if you trust that user: --trust-owner %s", user);
            doctor_say(doctor, DOCTOR_OK, remedy, "ring %s belongs to user %s", name, user);
            return;
        }
    }
    doctor_remedy(SLOTRING_E_OWNER, name, remedy, sizeof remedy);
    doctor_say(doctor, DOCTOR_WARN, remedy, "nobody else can make a ring %s: %s", name, sentence);
}

static void look_at_unusable(doctor_t *doctor, const char *name)
{
    char remedy[DOCTOR_REMEDY];
    slotring_error_t error = {0};
    slotring_t *ring = NULL;
    int code = observe(doctor, name, NULL, &ring, &error);
    slotring_close(ring);
    if (code == 0 || code == SLOTRING_E_NOT_FOUND)
        return; /* it was being made, or it has gone */
    words_t words = words_of(&error);
    const char *sentence = words.text;
    doctor_remedy(code, name, remedy, sizeof remedy);
    if (code == SLOTRING_E_OWNER)
        look_at_foreign(doctor, name, sentence);
    else if (code == SLOTRING_E_ACCESS)
        doctor_say(doctor, DOCTOR_OK, remedy, "ring %s is not for this user: %s", name, sentence);
    else
        doctor_say(doctor, DOCTOR_WARN, remedy, "%s: %s", name, sentence);
}

void doctor_look_at_lock(doctor_t *doctor, const slotring_list_entry_t *entry)
{
    char command[DOCTOR_COMMAND], remedy[DOCTOR_REMEDY];
    doctor_command(command, sizeof command, "rm", entry->name, " --force");
    snprintf(remedy, sizeof remedy, "end its users, then: %s", command);
    doctor_say(doctor, DOCTOR_BAD, remedy, "%s: nobody new can join, its lock file is %s", entry->name,
               entry->lock_file == SLOTRING_LOCK_FILE_MISSING ? "missing" : "another one");
}

static void check_list(doctor_t *doctor)
{
    slotring_error_t error;
    uint32_t count;
    if (!doctor->listed) {
        int code = slotring_list(&doctor->options, NULL, 0, &count, &error);
        doctor_say(doctor, DOCTOR_BAD, "", "%s", code < 0 ? words_of(&error).text : "they cannot be listed");
        return;
    }
    doctor_say(doctor, DOCTOR_OK, "", "%" PRIu32 "%s%s", doctor->count, doctor->folder[0] ? " in " : "",
               doctor->folder);
    for (uint32_t i = 0; i < doctor->count; i++) {
        const slotring_list_entry_t *entry = &doctor->list[i];
        if (entry->lock_file != SLOTRING_LOCK_FILE_THERE)
            doctor_look_at_lock(doctor, entry);
        else if (entry->status != SLOTRING_OK)
            look_at_unusable(doctor, entry->name);
    }
}

/* ---- Processes that stand still ---------------------------------------------------------------------- */

static void say_of(doctor_t *doctor, const char *ring, const slotring_participant_t *one, const char *state,
                   const char *remedy)
{
    doctor_say(doctor, DOCTOR_WARN, remedy, "\"%s\" (pid %" PRIu64 ") of ring %s is %s", one->name, one->pid,
               ring, state);
}

/* Said nothing: it runs. */
static bool look_at_participant(doctor_t *doctor, const char *ring, const slotring_participant_t *one)
{
    char remedy[DOCTOR_REMEDY] = "";
    switch (one->life) {
    case SLOTRING_LIFE_STOPPED:
        remedy_to_continue(remedy, sizeof remedy, one->life, one->pid);
        say_of(doctor, ring, one, "stopped", remedy);
        break;
    case SLOTRING_LIFE_FROZEN:
        out_append(remedy, sizeof remedy, "thaw it, as docker unpause and systemctl thaw do: ");
        remedy_to_continue(remedy, sizeof remedy, one->life, one->pid);
        say_of(doctor, ring, one, "frozen", remedy);
        break;
    case SLOTRING_LIFE_DEAD:
        doctor_command(remedy, sizeof remedy, "recover", ring, "");
        say_of(doctor, ring, one, "dead, and not yet repaired after", remedy);
        break;
    case SLOTRING_LIFE_UNKNOWN:
        say_of(doctor, ring, one, "in another PID namespace, or hidden: nobody here sees its state",
               "look as root, or where it runs (slotring stat there); docker run --pid=host shows it here");
        break;
    default:
        return false;
    }
    return true;
}

bool doctor_look_at_participants(doctor_t *doctor, slotring_t *ring, const char *name)
{
    slotring_participant_t *list;
    uint32_t count;
    bool any = false;
    if (!ring_participants(ring, &list, &count))
        return false;
    for (uint32_t i = 0; i < count; i++)
        any = look_at_participant(doctor, name, &list[i]) || any;
    free(list);
    return any;
}

static void check_processes(doctor_t *doctor)
{
    bool any = false;
    uint64_t all = 0;
    for (uint32_t i = 0; i < doctor->count; i++) {
        slotring_t *ring;
        if (doctor->list[i].status != SLOTRING_OK || doctor->list[i].participants == 0 ||
            observe(doctor, doctor->list[i].name, NULL, &ring, NULL) < 0)
            continue;
        all += doctor->list[i].participants;
        any = doctor_look_at_participants(doctor, ring, doctor->list[i].name) || any;
        slotring_close(ring);
    }
    if (!any)
        doctor_say(doctor, DOCTOR_OK, "", "%" PRIu64 " take part, none of them stopped or frozen", all);
}

/* ---- The proof ---------------------------------------------------------------------------------------- */

/* If this process is killed, the ring goes with the next creation of any ring: it was to go with its last user. */
static void check_trial(doctor_t *doctor)
{
    slotring_options_t options = doctor->options;
    slotring_error_t error;
    slotring_t *ring;
    char name[64];
    if (!doctor->trial)
        return;
    snprintf(name, sizeof name, "doctor-%" PRIx64, host_time_of_day_ns());
    options.mode = SLOTRING_CREATE;
    options.slot_size = 4096;
    options.total_size = 4 * options.slot_size;
    if (slotring_open(&ring, name, &options, &error) < 0) {
        doctor_say(doctor, DOCTOR_BAD, "", "no ring can be made: %s", words_of(&error).text);
        return;
    }
    int failed = slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, &doctor->options, &error);
    slotring_close(ring);
    if (failed < 0)
        doctor_say(doctor, DOCTOR_WARN, "", "a ring can be made, and not removed: %s", words_of(&error).text);
    else
        doctor_say(doctor, DOCTOR_OK, "", "a ring was made and removed");
}

const doctor_check_t doctor_rings_checks[] = {
    {"rings", check_list}, {"processes", check_processes}, {"trial", check_trial}, {NULL, NULL}};
