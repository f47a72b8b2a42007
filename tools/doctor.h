/* SPDX-License-Identifier: Apache-2.0 */
/* What this host needs for rings, and has: a table of checks, each of which says what it found and what to do about it. Nothing
 * is changed. */
#ifndef SLOTRING_TOOL_DOCTOR_H
#define SLOTRING_TOOL_DOCTOR_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

typedef enum doctor_level {
    DOCTOR_OK,
    DOCTOR_WARN, /* it will go wrong sooner or later, or for somebody else */
    DOCTOR_BAD   /* it goes wrong */
} doctor_level_t;

enum {
    DOCTOR_VALUE = 700,    /* bytes of what was found */
    DOCTOR_COMMAND = 1800, /* bytes of a command, with a name of which each byte is quoted */
    DOCTOR_REMEDY = 2100,  /* bytes of what to do */
    DOCTOR_PATH = 4096
};

typedef struct doctor {
    slotring_options_t options;
    char folder[DOCTOR_PATH]; /* where the rings' files lie; "": not known */
    char mount[DOCTOR_PATH];  /* where the file system of the folder is mounted */
    slotring_list_entry_t *list;
    uint32_t count; /* rings of that folder */
    bool listed;    /* else they could not be listed, and doctor_rings says why */
    bool trial;     /* make a ring */
    bool json;
    const char *what; /* of the check that runs */
    json_t *findings;
    doctor_level_t worst;
} doctor_t;

typedef struct doctor_check {
    const char *what; /* NULL: the end of the table */
    void (*look)(doctor_t *doctor);
} doctor_check_t;

extern const doctor_check_t doctor_win32_checks[], doctor_posix_checks[], doctor_linux_checks[],
    doctor_rings_checks[];

void doctor_run(doctor_t *doctor, const doctor_check_t *table);

/* One finding, on one line. remedy "": there is nothing to do. With DOCTOR_OK it says what to do if somebody wants more. */
#if defined(__GNUC__)
__attribute__((format(printf, 4, 5)))
#endif
void doctor_say(doctor_t *doctor, doctor_level_t level, const char *remedy, const char *format, ...);

/* Why this one ring cannot be used from here. */
void doctor_look_at_ring(doctor_t *doctor, const char *name);
/* What is special to the system: rights to the ring's files, and the same name elsewhere. */
void doctor_system_ring(doctor_t *doctor, const char *name, const slotring_info_t *info);

/* Of the system: fills doctor->folder and doctor->mount. */
void doctor_find_folder(doctor_t *doctor);

/* "slotring COMMAND PLACE NAME MORE" as a shell reads it. `more` begins with a blank, or is empty. */
void doctor_command(char *text, size_t size, const char *command, const char *name, const char *more);
/* The user's name, safe to show. */
void doctor_user(uint64_t uid, char *text, size_t size);

#endif
