/* SPDX-License-Identifier: Apache-2.0 */
/* slotring doctor NAME: why can this ring not be used from here? */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "doctor_rings.h"
#include "output.h"
#include "words.h"

#define BLOCKED_NS UINT64_C(200000000) /* what waits so long is a standstill */

/* Whom one would have to trust. */
static void remedy_for_foreign(const doctor_t *doctor, const char *name, char *remedy, size_t size)
{
    char user[64], more[96], command[DOCTOR_COMMAND];
    uint64_t owner;
    if (!doctor_owner_of(doctor, name, &owner))
        return;
    doctor_user(owner, user, sizeof user);
    remedy[0] = '\0';
    doctor_command(command, sizeof command, "gc", name, " --foreign");
    out_append(remedy, size, "to see whether it may go, %s; ", command);
    snprintf(more, sizeof more, " --trust-owner %s", user);
    doctor_command(command, sizeof command, "stat", name, more);
    out_append(remedy, size, "if you trust that user: %s", command);
}

static void say_error(doctor_t *doctor, const slotring_error_t *error, const char *name)
{
    char remedy[DOCTOR_REMEDY];
    doctor_remedy(error->code, name, remedy, sizeof remedy);
    if (error->code == SLOTRING_E_OWNER)
        remedy_for_foreign(doctor, name, remedy, sizeof remedy);
    doctor_say(doctor, DOCTOR_BAD, remedy, "%s", words_of(error).text);
}

static void say_ring(doctor_t *doctor, const slotring_info_t *info)
{
    doctor->what = "ring";
    doctor_say(doctor, DOCTOR_OK, "", "%s: %" PRIu64 " slots of %s, layout version %" PRIu32 ", access %s",
               info->name, info->slot_count, out_bytes(info->slot_size).text, info->layout_version,
               out_access(info->access));
}

static void look_at_names(doctor_t *doctor, const slotring_info_t *info)
{
    doctor->what = "files";
    for (uint32_t i = 0; i < doctor->count; i++)
        if (strcmp(doctor->list[i].name, info->name) == 0 &&
            doctor->list[i].lock_file != SLOTRING_LOCK_FILE_THERE) {
            doctor_look_at_lock(doctor, &doctor->list[i]);
            return;
        }
    if (info->unused == 1)
        doctor_say(doctor, DOCTOR_WARN, "make it anew: slotring create",
                   "it was to go with its last user, who has gone: the next that comes removes it");
    else
        doctor_say(doctor, DOCTOR_OK, "", "the ring and its lock file have their names");
}

static void look_at_room(doctor_t *doctor, const slotring_info_t *info, const slotring_stats_t *stats)
{
    char remedy[DOCTOR_REMEDY];
    doctor->what = "room";
    doctor_command(
        remedy, sizeof remedy, "stat", info->name,
        " says who they are; end one, or make the ring with more --max-participants or --max-readers");
    if (stats->participants >= info->max_participants)
        doctor_say(doctor, DOCTOR_BAD, remedy, "all %" PRIu32 " entries for participants are in use",
                   info->max_participants);
    else if (stats->readers >= info->max_readers)
        doctor_say(doctor, DOCTOR_BAD, remedy, "all %" PRIu32 " entries for readers are in use",
                   info->max_readers);
    else
        doctor_say(doctor, DOCTOR_OK, "",
                   "%" PRIu64 " of %" PRIu32 " participants, %" PRIu64 " of %" PRIu32 " readers",
                   (uint64_t)stats->participants, info->max_participants, (uint64_t)stats->readers,
                   info->max_readers);
}

static void look_at_processes(doctor_t *doctor, slotring_t *ring, const char *name)
{
    doctor->what = "processes";
    if (!doctor_look_at_participants(doctor, ring, name))
        doctor_say(doctor, DOCTOR_OK, "", "none is stopped, frozen or out of sight");
}

static void look_in_the_way(doctor_t *doctor, slotring_t *ring, const slotring_info_t *info,
                            const slotring_stats_t *stats)
{
    char text[SLOTRING_BLOCKER_TEXT_SIZE], remedy[DOCTOR_REMEDY];
    doctor->what = "in the way";
    if (slotring_in_the_way(ring, text, sizeof text) < 0)
        return;
    doctor_command(remedy, sizeof remedy, "stat", info->name, "");
    if (info->when_full == SLOTRING_KEEP && stats->slots_free == 0)
        doctor_say(doctor, DOCTOR_WARN, remedy, "it is full and keeps what nobody has freed: %s", text);
    else if (stats->blocked > 0 && stats->blocked_ns >= BLOCKED_NS)
        doctor_say(doctor, DOCTOR_WARN, remedy, "producers have waited for %s: %s",
                   out_duration((double)stats->blocked_ns * 1e-9).text, text);
    else
        doctor_say(doctor, DOCTOR_OK, "", "%s", text);
}

static void try_to_attach(doctor_t *doctor, const char *name)
{
    slotring_options_t options = doctor->options;
    slotring_error_t error;
    slotring_t *ring;
    doctor->what = "trial";
    options.mode = SLOTRING_ATTACH;
    if (slotring_open(&ring, name, &options, &error) < 0) {
        say_error(doctor, &error, name);
        return;
    }
    slotring_close(ring);
    doctor_say(doctor, DOCTOR_OK, "", "attached, and left");
}

static void look_inside(doctor_t *doctor, slotring_t *ring, const char *name)
{
    slotring_info_t info = {.struct_size = sizeof info};
    slotring_stats_t stats = {.struct_size = sizeof stats};
    slotring_error_t error;
    if (slotring_info(ring, &info) < 0 || slotring_get_stats(ring, &stats) < 0) {
        slotring_last_error(&error);
        say_error(doctor, &error, name);
        return;
    }
    say_ring(doctor, &info);
    look_at_names(doctor, &info);
    doctor_system_ring(doctor, name, &info);
    look_at_room(doctor, &info, &stats);
    look_at_processes(doctor, ring, name);
    look_in_the_way(doctor, ring, &info, &stats);
    if (doctor->trial)
        try_to_attach(doctor, name);
}

void doctor_look_at_ring(doctor_t *doctor, const char *name)
{
    slotring_options_t options = doctor->options;
    slotring_error_t error;
    slotring_t *ring;
    doctor->what = "ring";
    options.mode = SLOTRING_OBSERVE;
    if (slotring_open(&ring, name, &options, &error) == 0) {
        look_inside(doctor, ring, name);
        slotring_close(ring);
        return;
    }
    say_error(doctor, &error, name);
    if (error.code == SLOTRING_E_NOT_FOUND)
        doctor_system_ring(doctor, name, NULL);
}
