/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing handles. */
#include <inttypes.h>
#include <string.h>

#include "base/error.h"
#include "members/collect.h"
#include "members/enter.h"
#include "members/make.h"
#include "members/opening.h"
#include "members/options.h"
#include "members/process_mutex.h"
#include "members/unlink.h"
#include "protocol/hold_count.h"
#include "protocol/holders.h"
#include "protocol/kept.h"
#include "protocol/repair.h"
#include "traffic/readers/reader.h"
#include "traffic/readers/window.h"
#include "traffic/room.h"
#include "traffic/watcher.h"
#include "traffic/writers/writer.h"

/* What a pause takes differs by a factor of ten between processors. */
static uint32_t measure_backoff(const sr__backend_t *os)
{
    enum {
        SAMPLE = 256
    };
    if (os->system.processors() < 2)
        return 0;
    uint64_t start = os->system.clock_ns();
    for (int i = 0; i < SAMPLE; i++)
        os->system.pause();
    uint64_t took = os->system.clock_ns() - start;
    uint64_t pauses = took ? (uint64_t)SAMPLE * SR__BACKOFF_NS / took : SAMPLE;
    return pauses < 1 ? 1 : pauses > 4 * SAMPLE ? 4 * SAMPLE : (uint32_t)pauses;
}

/* There is something under the ring's name, and it is not to go: a ring, or what cannot be one. */
static int fail_exists(const char *name, int why, slotring_error_t *error)
{
    slotring_error_t last;
    slotring_last_error(&last);
    if (why == SLOTRING_E_EXISTS)
        return sr__fail(error, why, 0,
                        "ring \"%s\" exists already: attach to it, or remove it first (slotring rm, "
                        "SLOTRING_WIPE_UNUSED)",
                        name);
    return sr__fail(error, SLOTRING_E_EXISTS, last.os_code, "ring \"%s\" exists already: %s", name,
                    last.text);
}

static int open_as_asked(slotring_t *ring, const char *name, const slotring_options_t *options,
                         slotring_error_t *error)
{
    uint32_t attempts = 0;
    if (options->mode == SLOTRING_OBSERVE)
        return sr__ring_observe(ring, name, error);
    if (options->mode == SLOTRING_CREATE) {
        sr__collect_some(options);
        int created = sr__ring_create(ring, name, options, &attempts, error);
        if (created != SLOTRING_E_EXISTS)
            return created;
        int removed = sr__unlink(name, SR__UNLINK_IF_DUE, options, NULL);
        if (removed != 0 && removed != SLOTRING_E_NOT_FOUND)
            return fail_exists(name, removed, error);
        sr__ring_drop_segment(ring);
        return sr__ring_create(ring, name, options, &attempts, error);
    }
    if (options->mode == SLOTRING_ATTACH)
        return sr__ring_attach(ring, name, options, &attempts, error);
    for (bool first = true;; first = false) { /* ends by the attempts, which attach counts too */
        int failed = sr__ring_attach(ring, name, options, &attempts, error);
        if (failed != SLOTRING_E_NOT_FOUND)
            return failed;
        if (first)
            sr__collect_some(options);
        failed = sr__ring_create(ring, name, options, &attempts, error);
        if (failed != SLOTRING_E_EXISTS)
            return failed;
        sr__ring_drop_segment(ring);
    }
}

/* The handle is a participant: its slots, holds and subscriptions go back, its stream ends. */
static void leave(slotring_t *ring)
{
    if (sr__load(&ring->member.self->incarnation) == ring->member.incarnation)
        sr__repair(&ring->member, ring->member.me, SR__ENDED, NULL);
    /* [open.leave] Looks, after it has left, whether the ring is to be removed. The incarnation is even,
     * then the flag; who sets the flag looks at the incarnations afterwards. */
    bool removal = sr__remove_is_ordered(&ring->member.view),
         last_of_group = sr__holders_may_shrink(&ring->member);
    if ((removal || last_of_group) && sr__mutex_lock(ring, removal ? ring->lock_timeout_ns : 0, NULL) == 0) {
        sr__holders_trim(&ring->member.view);
        sr__remove_if_due(ring);
        sr__mutex_unlock(ring);
    }
}

static int open_ring(slotring_t **out, const char *name, const slotring_options_t *given,
                     slotring_error_t *error)
{
    if (error)
        memset(error, 0, sizeof *error);
    if (!out)
        return sr__fail(error, SLOTRING_E_INVALID, 0, "ring is NULL");
    *out = NULL;
    slotring_options_t options;
    int failed = sr__name_check(name, error);
    if (!failed)
        failed = sr__options_check(given, &options, error);
    if (!failed && (options.flags & SLOTRING_WIPE_UNUSED) && options.mode != SLOTRING_CREATE)
        failed =
            sr__fail(error, SLOTRING_E_INVALID, 0,
                     "SLOTRING_WIPE_UNUSED goes with mode SLOTRING_CREATE alone, and options.mode is %u: an "
                     "existing ring would be attached, or be removed with all that is in it",
                     (unsigned)options.mode);
    if (failed)
        return failed;
    if (options.flags & SLOTRING_WIPE_UNUSED) {
        failed = sr__unlink(name, SLOTRING_UNLINK_IF_UNUSED, &options, error);
        if (failed && failed != SLOTRING_E_NOT_FOUND)
            return failed;
    }
    slotring_t *ring = sr__ring_make(&options, name, error, &failed);
    if (!ring)
        return failed;
    ring->member.observer = options.mode == SLOTRING_OBSERVE;
    failed = open_as_asked(ring, name, &options, error);
    ring->backoff_pauses = ring->member.observer ? 0 : measure_backoff(ring->member.os);
    if (failed) {
        sr__ring_free(ring);
        return failed;
    }
    if (error)
        memset(error, 0, sizeof *error);
    atomic_store_explicit(&ring->magic, SR__RING_ALIVE, memory_order_relaxed);
    *out = ring;
    return 0;
}

int slotring_open(slotring_t **out, const char *name, const slotring_options_t *given,
                  slotring_error_t *error)
{
    sr__cancel_point();
    return SR__UNCANCELLED(open_ring(out, name, given, error));
}

static int close_ring(slotring_t *ring)
{
    uint32_t alive = SR__RING_ALIVE;
    if (!ring || !atomic_compare_exchange_strong_explicit(&ring->magic, &alive, SR__TOMBSTONE,
                                                          memory_order_relaxed, memory_order_relaxed))
        return sr__error(SLOTRING_E_CLOSED, "the handle is closed");
    (void)ring->member.os->system
        .process_mark(); /* a fork handler of the host's may be here before the library's */
    bool forked = atomic_load_explicit(ring->mark, memory_order_relaxed) != ring->mark_value;
    for (uint32_t r = 0; ring->readers && r < ring->member.view.subscription_count; r++) {
        slotring_reader_t *reader = atomic_load_explicit(&ring->readers[r], memory_order_acquire);
        if (reader)
            sr__reader_end(reader,
                           !forked && sr__load(&ring->member.self->incarnation) == ring->member.incarnation);
    }
    for (uint32_t i = 0; ring->writers && i < ring->member.view.writer_count; i++) {
        slotring_writer_t *writer = atomic_load_explicit(&ring->writers[i], memory_order_acquire);
        if (writer)
            sr__writer_end(writer,
                           !forked && sr__load(&ring->member.self->incarnation) == ring->member.incarnation);
    }
    sr__watchers_end(ring, forked);
    if (!forked && !ring->member.observer)
        leave(ring);
    sr__ring_bury(ring, forked);
    return 0;
}

int slotring_close(slotring_t *ring)
{
    return SR__UNCANCELLED(close_ring(ring));
}

/* What `next` has given and its caller has not released, by all readers of the handle. What they hold of the past
 * and have not given yet is nobody's pointer. */
static uint64_t count_given(slotring_t *ring)
{
    uint64_t given = 0;
    uint32_t high = atomic_load_explicit(&ring->readers_high, memory_order_relaxed);
    for (uint32_t r = 0; r < high; r++) {
        const slotring_reader_t *reader = atomic_load_explicit(&ring->readers[r], memory_order_acquire);
        given += reader ? sr__window_out(reader) : 0;
    }
    return given;
}

static int close_if_idle(slotring_t *ring)
{
    int failed = sr__enter(ring);
    if (failed == SLOTRING_E_READ_ONLY) /* an observer gives no pointers out */
        return close_ring(ring);
    if (failed)
        return failed;
    uint64_t writing = sr__count_claimed(ring) - sr__count_open_blocks(ring),
             acquired = sr__hold_open_count(&ring->member) + sr__kept_count(&ring->member),
             given = count_given(ring);
    if (writing + acquired + given > 0)
        return sr__error(SLOTRING_E_BUSY,
                         "ring \"%s\" stays open: slots are out, %" PRIu64 " to write, %" PRIu64
                         " acquired by ticket and %" PRIu64
                         " given by next; give them back first (what a writer has reserved is to write)",
                         ring->member.view.header.name, writing, acquired, given);
    return close_ring(ring);
}

int slotring_close_if_idle(slotring_t *ring)
{
    return SR__UNCANCELLED(close_if_idle(ring));
}
