/* SPDX-License-Identifier: Apache-2.0 */
/* File systems of a test's own, in a mount namespace of its own, and what a ring does on each: either it works, whatever
 * others do to the space there, or it is refused at creation with the remedy. On Linux, as root. */
#ifndef TEST_PLACES_H
#define TEST_PLACES_H

#include <stdbool.h>
#include <stdint.h>

#include "slotring/slotring.h"

enum place_state {
    PLACE_EMPTY,
    PLACE_FULL,      /* somebody else has all its space */
    PLACE_NO_INODES, /* and all its files */
    PLACE_ENDLESS    /* takes all memory of the machine: not to be filled */
};

typedef struct place_kind {
    const char *name;
    const char *type;    /* as mount(8) knows it */
    const char *options; /* of the mount */
    uint32_t image_mib;  /* of a file that mkfs makes one of that type; 0: none is needed */
    const char *mkfs;    /* its command, up to the file's name */
    enum place_state state;
    int refused;        /* the code that a creation gives; 0: it works */
    const char *remedy; /* in the sentence */
} place_kind_t;

/* All that are tried, NULL name at the end. */
extern const place_kind_t place_kinds[];

/* From here on this process mounts for itself alone, and its mounts go with it. NULL, or why it cannot. */
const char *places_begin(void);

/* Where the file system is mounted: a folder in the test's directory or, over a registry, /dev/shm, where all memory
 * comes from. SLOTRING_DIR leads there while it is mounted. */
const char *place_path(void);
/* Can this process read the mounted folder's list of files? An emulator of 32 bits cannot on ext, whose offsets have 64. */
bool place_can_be_listed(void);
/* NULL, or why it cannot be had here. */
const char *place_mount(const place_kind_t *kind);
void place_unmount(void);

/* What somebody else does there: takes all space that is left, to the last byte; all files that can be made; gives both
 * back. Each may be killed in between, and done again. And everything is written to the disk. */
void place_take_space(void);
void place_take_files(void);
void place_give_back(void);
void place_write_back(void);

/* Remounts it, read-only or not. 0, or the system's number. */
int place_make_read_only(bool read_only);

const place_kind_t *place_kind_of(const char *name); /* NULL: there is none */

/* Makes a ring of this shape there, fills it, lets somebody else take all the space that is left, writes and reads each
 * byte of it again and again, through two mappings and after write-back, and removes it; in a process of its own. Fails
 * the test when that is not what the kind promises, or the process ends by a signal. A refusal must be the kind's, with
 * its remedy, and leave nothing. Returns how many bytes were compared. */
uint64_t place_try(const place_kind_t *kind, uint64_t slots, uint64_t slot_size);

#endif
