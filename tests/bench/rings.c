/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of the benchmark. They lose their names as soon as all who need them are attached, so that nothing
 * is left behind when the benchmark is killed later. */
#include <stdio.h>
#include <unistd.h>

#include "bench.h"

void ring_name(char name[64], unsigned number)
{
    snprintf(name, 64, "slotring-bench-%ld-%u", (long)getpid(), number);
}

static slotring_t *open_ring(const char *name, slotring_options_t *options)
{
    slotring_t *ring;
    slotring_error_t error;
    options->flags |= SLOTRING_ONE_THREAD | SLOTRING_PREFAULT;
    options->spin_ns = UINT64_MAX;
    if (slotring_open(&ring, name, options, &error) != 0)
        fail("%s (%s)", error.text, slotring_error_name(error.code));
    return ring;
}

slotring_t *ring_create(const char *name, uint32_t slots, uint64_t slot_size)
{
    return ring_create_with(name, slots, slot_size, 0);
}

slotring_t *ring_create_with(const char *name, uint32_t slots, uint64_t slot_size, uint32_t flags)
{
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.flags = flags;
    options.slot_size = slot_size;
    options.total_size = slots * slot_size;
    options.max_holds = UINT32_MAX; /* what holds cost is counted all the same */
    return open_ring(name, &options);
}

slotring_t *ring_attach(const char *name)
{
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_ATTACH;
    return open_ring(name, &options);
}

void ring_forget(const char *name)
{
    slotring_error_t error;
    if (slotring_unlink(name, SLOTRING_UNLINK_FORCE, NULL, &error) != 0)
        fail("%s", error.text);
}
