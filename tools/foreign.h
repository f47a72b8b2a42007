/* SPDX-License-Identifier: Apache-2.0 */
/* Files in the folder of rings that are not this user's rings: another user's, or something else under a ring's name. They are
 * looked at without following links, and without waking what a pipe or a device would wake. */
#ifndef SLOTRING_TOOL_FOREIGN_H
#define SLOTRING_TOOL_FOREIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum foreign_kind {
    FOREIGN_NONE, /* there is nothing of this name */
    FOREIGN_FILE,
    FOREIGN_LINK, /* a symbolic link */
    FOREIGN_FOLDER,
    FOREIGN_OTHER /* a pipe, a socket, a device */
} foreign_kind_t;

typedef struct foreign_file {
    foreign_kind_t kind;
    uint64_t owner, size;
    uint64_t device, object; /* which file it is */
    bool in_use;             /* a process holds a lock on it, or has it mapped */
    bool unknown;            /* it may not be opened, so nobody knows whether it is in use */
    uint64_t pid;            /* of that process; 0: not known */
} foreign_file_t;

/* Are a ring's files found by its name here? Else the functions below find nothing. */
bool foreign_has_files(void);
/* 0, or a system error number. A file that is not there is FOREIGN_NONE, and no error. */
int foreign_look(const char *folder, const char *file, foreign_file_t *found);
/* Takes the name away, if it still leads to what was looked at. 0, or a system error number. */
int foreign_remove(const char *folder, const char *file, const foreign_file_t *seen);

#endif
