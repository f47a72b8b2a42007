/* SPDX-License-Identifier: Apache-2.0 */
/* slotring_own: what is measured of slotring alone, because there is nothing to compare it with. */
#ifndef SLOTRING_BENCH_OWN_H
#define SLOTRING_BENCH_OWN_H

#include <sys/types.h>

#include "../bench.h"

/* Adds one figure to what is printed at the end. */
void own_figure(const char *key, const char *title, const char *unit, double value);

/* A ring of this run; `participants` and `readers` 0: the default. */
slotring_t *own_ring(const char *name, uint32_t slots, uint64_t slot_size, uint32_t participants,
                     uint32_t readers);
/* A handle that any number of threads may use, and that sleeps when it waits. */
slotring_t *own_attach(const char *name);

/* Starts a process that runs `child` on a handle of its own, and waits until it says that it is ready by calling
 * own_ready. It is ended by own_end. */
typedef void (*own_child_fn)(slotring_t *ring, uint32_t number);
pid_t own_start(const char *name, own_child_fn child, uint32_t number);
void own_ready(void);
void own_end(pid_t process);

/* own_operations.c, own_monitors.c, own_options.c, own_opening.c, own_repair.c, own_idle.c */
void own_operations(double scale);
void own_monitors(double scale);
void own_options(double scale);
void own_opening(double scale);
void own_repair(void);
void own_idle(double scale);

#endif
