/* SPDX-License-Identifier: Apache-2.0 */
/* How long the repair of a killed participant takes, from the call that does it, and what it gave back. The dead one
 * was writing half of the slots (at most 2,048), and held as many. */
#include <stdio.h>
#include <stdlib.h>

#include "own.h"

#define REPEATS 5u
#define MOST_OF_EACH 2048u
#define PARTICIPANTS 64u

static void take(slotring_t *ring, uint32_t count)
{
    slotring_slot_t *slots = calloc(2 * (size_t)count, sizeof *slots);
    if (!slots)
        fail("no memory for %u slots", 2 * count);
    for (uint32_t i = 0; i < count; i++) {
        must(slotring_allocate(ring, BENCH_MESSAGE, &slots[2 * i]), "allocate");
        must(slotring_mark_ready(ring, &slots[2 * i], BENCH_MESSAGE), "mark_ready");
        must(slotring_acquire_for_read(ring, &slots[2 * i].ticket, &slots[2 * i + 1]), "acquire_for_read");
        must(slotring_allocate(ring, BENCH_MESSAGE, &slots[2 * i]), "allocate");
    }
    own_ready();
}

static double repair_us(const char *name, slotring_t *ring, uint32_t count)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    own_end(own_start(name, take, count));
    uint64_t start = ticks_now();
    must(slotring_recover(ring, &recovery), "recover");
    double us = ticks_to_ns(ticks_now() - start) / 1e3;
    if (recovery.participants != 1 || recovery.slots_freed != count || recovery.holds != count)
        fail("the repair of one dead participant gave back %llu slots and %llu holds of %u each",
             (unsigned long long)recovery.slots_freed, (unsigned long long)recovery.holds, count);
    return us;
}

static void one_size(uint32_t slots, uint32_t participants)
{
    char name[64], key[64], title[160];
    slotring_t *others[PARTICIPANTS];
    double times[REPEATS];
    uint32_t count = slots / 2 < MOST_OF_EACH ? slots / 2 : MOST_OF_EACH;
    ring_name(name, 62);
    slotring_t *ring = own_ring(name, slots, BENCH_MESSAGE, PARTICIPANTS, 0);
    for (uint32_t i = 2; i < participants; i++)
        others[i] = own_attach(name);
    for (unsigned r = 0; r < REPEATS; r++)
        times[r] = repair_us(name, ring, count / 2);
    ring_forget(name);
    for (uint32_t i = 2; i < participants; i++)
        must(slotring_close(others[i]), "close");
    must(slotring_close(ring), "close");
    snprintf(key, sizeof key, "repair_%u_%u", slots, participants);
    snprintf(title, sizeof title,
             "repair of a killed participant that had %u slots, of %u slots and %u participants",
             count / 2 * 2, slots, participants);
    own_figure(key, title, "µs", spread_of(times, REPEATS).median);
}

void own_repair(void)
{
    one_size(64, 2);
    one_size(4096, 2);
    one_size(4096, PARTICIPANTS);
    one_size(1048576, 2);
}
