/* SPDX-License-Identifier: Apache-2.0 */
/* The process's own ring: one, made on first use, as the Python module that this library replaces had it. */
#include <stdio.h>
#include <string.h>

#include "core.h"

static slotring_t *global_ring;
static uint64_t global_mark; /* of the process that opened it */
static bool global_created;
static char global_name[SLOTRING_NAME_MAX + 1];

/* The caller holds the backend's process lock. A child of the process that opened it starts afresh. */
static slotring_t *current(const sr__backend_t *os)
{
    if (global_ring && atomic_load_explicit(os->process_mark(), memory_order_relaxed) != global_mark)
        global_ring = NULL; /* the parent's; its memory stays readable */
    return global_ring;
}

static int open_global(const sr__backend_t *os, const char *name, uint64_t total_size, uint64_t slot_size,
                       slotring_error_t *error)
{
    slotring_options_t options;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.total_size = total_size;
    options.slot_size = slot_size;
    int failed = slotring_open(&global_ring, name, &options, error);
    global_created = failed == 0;
    if (failed == SLOTRING_E_EXISTS) {
        options.mode = SLOTRING_CREATE_OR_ATTACH;
        failed = slotring_open(&global_ring, name, &options, error);
    }
    if (!failed) {
        global_mark = atomic_load_explicit(os->process_mark(), memory_order_relaxed);
        snprintf(global_name, sizeof global_name, "%s", name);
    }
    return failed;
}

int slotring_global(const char *name, uint64_t total_size, uint64_t slot_size, slotring_t **ring,
                    slotring_error_t *error)
{
    if (error)
        memset(error, 0, sizeof *error);
    if (!ring)
        return sr__fail(error, SLOTRING_E_INVALID, 0, "ring is NULL");
    *ring = NULL;
    const sr__backend_t *os = sr__backend_find(NULL, error);
    if (!os)
        return SLOTRING_E_BACKEND;
    os->process_lock();
    int failed = current(os) ? 0 : open_global(os, name ? name : "slotring", total_size, slot_size, error);
    if (!failed)
        *ring = global_ring;
    os->process_unlock();
    return failed;
}

void slotring_global_stats(uint64_t *bytes_written, uint64_t *bytes_read)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    const sr__backend_t *os = sr__backend_find(NULL, NULL);
    if (os) {
        os->process_lock();
        if (current(os) && slotring_get_stats(global_ring, &stats) != 0)
            memset(&stats, 0, sizeof stats);
        os->process_unlock();
    }
    if (bytes_written)
        *bytes_written = stats.bytes_written;
    if (bytes_read)
        *bytes_read = stats.bytes_read;
}

void slotring_global_cleanup(void)
{
    const sr__backend_t *os = sr__backend_find(NULL, NULL);
    if (!os)
        return;
    os->process_lock();
    if (current(os)) {
        slotring_close(global_ring);
        global_ring = NULL;
        if (global_created)
            slotring_unlink(global_name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL);
    }
    os->process_unlock();
}
