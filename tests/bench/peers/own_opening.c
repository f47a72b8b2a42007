/* SPDX-License-Identifier: Apache-2.0 */
/* Creating, attaching, removing; and the memory that a ring takes beside its payload. */
#include <stdio.h>

#include "own.h"

#define REPEATS 5u

typedef struct size_case {
    const char *key, *text;
    uint32_t slots;
    uint64_t slot_size;
} size_case_t;

static const size_case_t cases[] = {
    {"64", "64 slots of 64 KiB", 64, 65536},
    {"4096", "4,096 slots of 64 KiB (256 MiB)", 4096, 65536},
    {"1048576", "1,048,576 slots of 64 B", 1048576, 64},
};

static double open_ms(const char *name, const size_case_t *c, uint32_t mode, uint32_t flags,
                      slotring_t **ring)
{
    slotring_options_t options;
    slotring_error_t error;
    slotring_options_init(&options);
    options.mode = mode;
    options.flags = flags;
    options.slot_size = c->slot_size;
    options.total_size = c->slots * c->slot_size;
    uint64_t start = ticks_now();
    if (slotring_open(ring, name, &options, &error) != 0)
        fail("%s (%s)", error.text, slotring_error_name(error.code));
    return ticks_to_ns(ticks_now() - start) / 1e6;
}

static void report(const char *what, const char *text, const size_case_t *c, const char *unit, double *values,
                   size_t count)
{
    char key[64], title[160];
    snprintf(key, sizeof key, "%s_%s", what, c->key);
    snprintf(title, sizeof title, "%s: %s", text, c->text);
    own_figure(key, title, unit, spread_of(values, count).median);
}

static void one_case(const size_case_t *c)
{
    double create[REPEATS], prefault[REPEATS], attach[REPEATS], attach_prefault[REPEATS], overhead = 0;
    for (unsigned r = 0; r < REPEATS; r++) {
        char name[64];
        slotring_t *first, *second, *third;
        slotring_info_t info = {.struct_size = sizeof info};
        ring_name(name, 61);
        prefault[r] = open_ms(name, c, SLOTRING_CREATE, SLOTRING_PREFAULT, &first);
        ring_forget(name);
        must(slotring_close(first), "close");
        create[r] = open_ms(name, c, SLOTRING_CREATE, 0, &first);
        attach[r] = open_ms(name, c, SLOTRING_ATTACH, 0, &second);
        attach_prefault[r] = open_ms(name, c, SLOTRING_ATTACH, SLOTRING_PREFAULT, &third);
        must(slotring_info(first, &info), "info");
        overhead = (double)info.bytes_per_slot;
        ring_forget(name);
        must(slotring_close(third), "close");
        must(slotring_close(second), "close");
        must(slotring_close(first), "close");
    }
    report("create", "create", c, "ms", create, REPEATS);
    report("prefault", "create with prefault", c, "ms", prefault, REPEATS);
    report("attach", "attach", c, "ms", attach, REPEATS);
    report("attach_prefault", "attach with prefault", c, "ms", attach_prefault, REPEATS);
    report("overhead", "control memory of a slot", c, "bytes", &overhead, 1);
}

void own_opening(double scale)
{
    (void)scale; /* every case, in a quick run too: there is nothing to scale */
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        one_case(&cases[i]);
}
