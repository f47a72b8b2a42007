/* SPDX-License-Identifier: Apache-2.0 */
/* What /proc says of processes and users, where there is one such as Linux has. Elsewhere nothing is found. */
#ifndef SR_PROC_H
#define SR_PROC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct sr__proc {
    char state;
    long threads;
    unsigned long long start_time; /* clock ticks since boot */
} sr__proc_t;

/* The beginning of a file as text; false, and "": it cannot be read, or is empty. */
bool sr__proc_text(const char *path, char *text, size_t size);
/* False: nothing is known of this process, or /proc is another PID namespace's. */
bool sr__proc_look(uint64_t pid, sr__proc_t *process);
/* SLOTRING_LIFE_… of a process that was looked at. `start_time` 0: not known. */
uint32_t sr__proc_life(const sr__proc_t *process, uint64_t pid, uint64_t start_time);
/* The PID namespace of this process; 0: none. */
uint64_t sr__proc_namespace(void);
/* See system.boot_id of the contract. */
void sr__proc_boot_id(uint8_t id[16]);
/* The user that stands for all those without a number here (user namespaces): it may be anybody. */
uint32_t sr__proc_overflow_user(void);

#endif
