/* SPDX-License-Identifier: Apache-2.0 */
/* The process's own ring: one, made on first use, as the Python module that this library replaces had it. */
#include <stdio.h>
#include <string.h>

#include "members/alone.h"
#include "members/options.h"
#include "members/unlink.h"

#define LOCK_TIMEOUT_NS UINT64_C(10000000000) /* twice what an opening may wait for other processes */

static slotring_t *global_ring;
static bool global_created;

/* How it was opened: what a forked child that asks for no ring in particular gets too. Written under the lock; a child
 * believes it if `global_known`, which is stored last and cleared first. */
static char global_name[SLOTRING_NAME_MAX + 1];
static uint64_t global_total_size, global_slot_size;
static _Atomic uint32_t global_known;

/* Who is at all of these statics. */
static sr__alone_t global_owner;

static int lock_global(const sr__backend_t *os, slotring_error_t *error)
{
    uint64_t own = atomic_load_explicit(os->system.process_mark(), memory_order_relaxed);
    if (sr__alone_begin(&global_owner, own, os, os->system.clock_ns() + LOCK_TIMEOUT_NS))
        return 0;
    return sr__fail(
        error, SLOTRING_E_BUSY, 0,
        "another thread has been opening or closing the process's own ring for more than %llu ms: "
        "it is stopped, or this is called from the log callback",
        (unsigned long long)(LOCK_TIMEOUT_NS / 1000000));
}

static void unlock_global(void)
{
    sr__alone_end(&global_owner);
}

/* The caller holds the lock. A child of the process that opened it starts afresh. */
static slotring_t *current(void)
{
    if (global_ring &&
        atomic_load_explicit(global_ring->mark, memory_order_relaxed) != global_ring->mark_value)
        global_ring = NULL; /* the parent's; its memory stays readable */
    return global_ring;
}

static void remember(const char *name, uint64_t total_size, uint64_t slot_size)
{
    atomic_store_explicit(&global_known, 0, memory_order_seq_cst);
    if (name != global_name)
        snprintf(global_name, sizeof global_name, "%s", name);
    global_total_size = total_size;
    global_slot_size = slot_size;
    atomic_store_explicit(&global_known, 1, memory_order_seq_cst);
}

/* What is meant by no name: the ring of the parent, with its sizes; what the environment says; "slotring". */
static const char *default_name(uint64_t *total_size, uint64_t *slot_size, bool *told)
{
    if (atomic_load_explicit(&global_known, memory_order_seq_cst)) {
        *total_size = *total_size ? *total_size : global_total_size;
        *slot_size = *slot_size ? *slot_size : global_slot_size;
        return global_name;
    }
    const char *wanted = sr__environment("SLOTRING_GLOBAL");
    *told = wanted && *wanted;
    return *told ? wanted : "slotring";
}

static int open_global(const char *name, uint64_t total_size, uint64_t slot_size, slotring_error_t *error)
{
    slotring_options_t options;
    slotring_options_prepare(&options, sizeof options, 0); /* the caller's slot struct is not known */
    bool told = false;
    if (!name)
        name = default_name(&total_size, &slot_size, &told);
    options.mode = SLOTRING_CREATE;
    options.total_size = total_size;
    options.slot_size = slot_size;
    slotring_t *opened;
    int failed = slotring_open(&opened, name, &options, error);
    bool created = failed == 0;
    if (failed == SLOTRING_E_EXISTS) {
        options.mode = SLOTRING_CREATE_OR_ATTACH;
        failed = slotring_open(&opened, name, &options, error);
    }
    if (!failed) {
        remember(name, total_size, slot_size);
        global_created = created;
        global_ring = opened;
    }
    if (failed && told) { /* or nobody would know whose name it is */
        slotring_error_t why;
        slotring_last_error(&why);
        return sr__fail(error, failed, why.os_code, "the environment's SLOTRING_GLOBAL: %.440s", why.text);
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
    int failed = lock_global(os, error);
    if (failed)
        return failed;
    failed = current() ? 0 : open_global(name, total_size, slot_size, error);
    if (!failed)
        *ring = global_ring;
    unlock_global();
    return failed;
}

void slotring_global_stats(uint64_t *bytes_written, uint64_t *bytes_read)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    const sr__backend_t *os = sr__backend_find(NULL, NULL);
    if (os && lock_global(os, NULL) == 0) {
        if (current() && slotring_get_stats(global_ring, &stats) != 0)
            memset(&stats, 0, sizeof stats);
        unlock_global();
    }
    if (bytes_written)
        *bytes_written = stats.bytes_written;
    if (bytes_read)
        *bytes_read = stats.bytes_read;
}

void slotring_global_cleanup(void)
{
    const sr__backend_t *os = sr__backend_find(NULL, NULL);
    if (!os || lock_global(os, NULL) != 0)
        return;
    if (current()) {
        /* Others may still be at work in it: then the last of them removes it. By the handle, and not by the name,
         * which may be another ring's by now. */
        if (global_created)
            sr__remove_when_unused(global_ring);
        slotring_close(global_ring);
        global_ring = NULL;
    }
    atomic_store_explicit(&global_known, 0, memory_order_seq_cst);
    unlock_global();
}
