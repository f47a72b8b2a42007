/* SPDX-License-Identifier: Apache-2.0 */
/* The facet of the system: this process and others, the clock, the processors, random bytes. Nothing here belongs to a
 * ring. */
#ifndef SR_PLATFORM_SYSTEM_H
#define SR_PLATFORM_SYSTEM_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "slotring/slotring.h"

typedef struct sr__self {
    uint64_t pid;
    uint64_t pid_namespace; /* 0 where there are none */
    uint64_t start_time;    /* in units of the system; with pid it names a process for people */
    uint64_t uid;
    char name[SLOTRING_CLIENT_NAME_MAX + 1]; /* the program's */
} sr__self_t;

typedef struct sr__system_facet {
    /* A word that is the same for the life of the process and another (or 0) in a forked child, from the first
     * instruction on if the system can do it. Never 0 when called again in the child. */
    const _Atomic uint64_t *(*process_mark)(void);

    /* Who this process is. */
    void (*self)(sr__self_t *self);
    /* Is this process in the group of this number now: by its effective group, or by one of its supplementary ones? 1 or 0.
     * Errors: E_UNSUPPORTED (groups have no numbers on this system), E_NO_MEMORY, E_OS. Thread-safe. */
    int (*in_group)(uint32_t group);
    /* The machine's boot, so that a ring from before a restart is refused: the same for all processes and containers
     * of a machine, from its start on, whatever its clocks do. Zero if the system does not say. */
    void (*boot_id)(uint8_t id[16]);
    /* SLOTRING_LIFE_… of a process, for people only. What cannot be seen is unknown, not dead. */
    uint32_t (*life)(uint64_t pid, uint64_t pid_namespace, uint64_t start_time);
    /* How many threads this process has now; 0 where the system does not say. */
    uint32_t (*threads)(void);
    /* Random bytes for ids. Errors: E_OS. */
    int (*random)(void *buffer, size_t size);

    /* Nanoseconds of a monotonic clock that all processes of the machine share. One that leaps ends a time-out early or
     * late, and does no other harm. */
    uint64_t (*clock_ns)(void);
    uint64_t (*coarse_clock_ns)(void);
    /* Sleeps for about that long. */
    void (*sleep_ns)(uint64_t duration_ns);
    /* A hint to the processor inside a spin loop; and giving up the time slice. */
    void (*pause)(void);
    void (*yield)(void);
    uint32_t (*processors)(void); /* of the machine: spinning pays where another one may be at work */
    uint64_t (*page_size)(void);
} sr__system_facet_t;

#endif
