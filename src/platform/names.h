/* SPDX-License-Identifier: Apache-2.0 */
/* The facet of names: where rings lie, which there are, and whether a ring's names still lead to it. */
#ifndef SR_PLATFORM_NAMES_H
#define SR_PLATFORM_NAMES_H

#include "base/error.h"
#include "platform/objects.h"

typedef struct sr__place_config {
    const char *directory; /* NULL: the environment's SLOTRING_DIR (ignored when setuid), else the default */
    const char *trusted_owner; /* NULL, or a user beside the caller and root whose objects are accepted */
} sr__place_config_t;

/* What a look at a ring's names found; 0: both lead to the ring. */
enum sr__names {
    SR__SEGMENT_GONE = 1u << 0, /* the segment's name is gone, or leads to something else */
    SR__LOCK_GONE = 1u << 1,    /* there is no lock file */
    SR__LOCK_OTHER = 1u << 2,   /* there is another one */
    SR__FOLDER_GONE = 1u << 3, /* the place itself: removed, no longer mounted, or another one in its stead */
    SR__NAMES_HIDDEN = 1u << 4 /* cannot be told from here: rights that were given up, another root */
};

typedef struct sr__names_facet {
    /* Resolves where ring `name` lives. The name is valid by slotring.h's rules; NULL: for list.
     * Errors: E_NOT_FOUND (no such directory), E_INVALID (unknown trusted owner), E_ACCESS, E_NO_MEMORY, E_OS. */
    int (*place_open)(const sr__place_config_t *config, const char *name, sr__place_t **place,
                      slotring_error_t *error);
    void (*place_close)(sr__place_t *place);

    /* Calls `found` with the name of each ring of the place until it returns non-zero. Also removes lock files
     * that a killed creator left without a segment. Errors: E_ACCESS, E_NO_MEMORY, E_OS. */
    int (*list)(sr__place_t *place, int (*found)(void *user, const char *name), void *user,
                slotring_error_t *error);

    /* Do the names of the place still lead to this segment and to the lock file of this identity? For who only
     * looks: it changes nothing and keeps nothing open. `locks` may be NULL; they tell of a lock file that has no
     * name any more also where the place cannot be looked at. What was removed is told from what cannot be seen: a
     * name is gone only if the directory is the one that place_open found. SR__FOLDER_GONE is true for this process,
     * and need not be for others: they may see other file systems. The lock file is looked at first, as it is
     * removed last. Returns a set of sr__names. */
    uint32_t (*look)(sr__place_t *place, sr__segment_t *segment, sr__identity_t lock, sr__locks_t *locks);
} sr__names_facet_t;

#endif
