/* SPDX-License-Identifier: Apache-2.0 */
/* What a backend makes and the core only hands on: none of these structs is known outside of the backend that made
 * it. */
#ifndef SR_PLATFORM_OBJECTS_H
#define SR_PLATFORM_OBJECTS_H

#include <stdint.h>

/* Where a ring's objects live and under which names. Made by names.place_open. */
typedef struct sr__place sr__place_t;

/* The memory of a ring. */
typedef struct sr__segment sr__segment_t;

/* The ring's lock file: the process mutex, and one death lock for each participant. */
typedef struct sr__locks sr__locks_t;

/* One death lock that this process holds, for life. */
typedef struct sr__death_lock sr__death_lock_t;

/* What sleeping and waking of one attachment needs; NULL where nothing is. */
typedef struct sr__waits sr__waits_t;

/* Says which object something is, so that a replaced one is noticed: device and inode, or what comes near. */
typedef struct sr__identity {
    uint64_t device;
    uint64_t object;
} sr__identity_t;

#endif
