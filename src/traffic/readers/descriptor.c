/* SPDX-License-Identifier: Apache-2.0 */
/* A descriptor that is readable while there may be something for a reader: a flag of this process, raised by a watcher. Neither
 * wakers nor other processes know of it.
 *
 *   it is up     from the moment at which a watcher notices a change until a look of the reader finds nothing. The reader then
 *                pauses the watcher, takes the flag down, arms, and looks once more. If it finds something, the flag goes up
 *                again. Else it asks the watcher, with the event word that it has loaded as it armed
 *
 *   it is down   what is published after that look finds the ring armed, and changes the event word: the watcher notices
 *
 * The flag changes only while the watcher is paused, or in the watcher's meeting: never two at once. What the reader does
 * without a look that finds nothing leaves the flag as it is.
 *
 * A reader that lets messages gather asks two watchers. The one of the published event notices the first message, and
 * raises the flag when the time for gathering is over. The one of the gathered event raises it when there are enough.
 */
#include "traffic/readers/descriptor.h"

#include <stdlib.h>

#include "base/error.h"
#include "members/enter.h"
#include "protocol/event.h"
#include "protocol/gather.h"
#include "traffic/watcher.h"

struct sr__descriptor {
    slotring_reader_t *reader;
    sr__flag_t *flag;
    _Atomic uint32_t raised; /* 0: a watcher is asked */
    bool gathers;
    bool fenced; /* this reader has looked since it saw that fences are refused here */
    struct {
        sr__watcher_t *watcher; /* NULL: not needed */
        sr__watch_t watch;
        uint32_t seen;
        uint64_t alone; /* for sr__sleepers_unarm */
    } events[SR__EVENTS];
};

static sr__member_t *member_of(const struct sr__descriptor *d)
{
    return &d->reader->ring->member;
}

/* Before the flag: who finds it up finds this. */
static void raise_flag(struct sr__descriptor *d)
{
    atomic_store_explicit(&d->raised, 1, memory_order_release);
    sr__flag_raise(d->flag);
}

static void notice(sr__watch_t *watch)
{
    struct sr__descriptor *d = watch->context;
    if (!d->gathers || sr__watch_is_timed(watch)) {
        raise_flag(d);
        return;
    }
    uint64_t now = member_of(d)->os->system.clock_ns(), wake_ns = d->reader->wake_ns;
    sr__watch_again(watch, wake_ns < UINT64_MAX - now ? now + wake_ns : UINT64_MAX - 1);
}

static void notice_enough(sr__watch_t *watch)
{
    raise_flag(watch->context);
}

static void pause(struct sr__descriptor *d)
{
    for (int kind = 0; kind < SR__EVENTS; kind++)
        sr__watch_pause(&d->events[kind].watch);
}

static void arm(struct sr__descriptor *d)
{
    for (int kind = 0; kind < SR__EVENTS; kind++)
        if (d->events[kind].watcher) {
            /* Else it would be found armed by this reader itself. */
            sr__sleepers_unarm(member_of(d), (enum sr__event_kind)kind, d->events[kind].alone);
            d->events[kind].seen =
                sr__sleepers_arm_alone(member_of(d), (enum sr__event_kind)kind, &d->events[kind].alone);
        }
    if (d->gathers) /* nothing is there: all that it waits for is left to come */
        sr__gather_arm(member_of(d), d->reader->wake_messages);
    else
        sr__sleepers_fence(member_of(d));
}

/* Are fences refused here since this reader's last look? A record that was being appended then may have been seen by nobody. A
 * watcher looks at no messages, so no slice would end that. */
static bool fenced_meanwhile(struct sr__descriptor *d)
{
    bool before = d->fenced;
    d->fenced = sr__are_fences_refused(member_of(d));
    return d->fenced && !before;
}

bool sr__descriptor_lower(slotring_reader_t *reader)
{
    struct sr__descriptor *d = reader->descriptor;
    /* Acquire: the flag went up after that. */
    if (atomic_load_explicit(&d->raised, memory_order_acquire) == 0)
        return false;
    sr__cancel_forbid();
    pause(d);
    sr__flag_lower(d->flag);
    arm(d);
    sr__cancel_allow();
    return true;
}

void sr__descriptor_ask(slotring_reader_t *reader, bool found)
{
    struct sr__descriptor *d = reader->descriptor;
    sr__cancel_forbid();
    if (fenced_meanwhile(d) || found) {
        raise_flag(d);
    } else {
        atomic_store_explicit(&d->raised, 0, memory_order_relaxed); /* before a watcher says otherwise */
        for (int kind = 0; kind < SR__EVENTS; kind++)
            if (d->events[kind].watcher)
                sr__watch_ask(d->events[kind].watcher, &d->events[kind].watch, d->events[kind].seen);
    }
    sr__cancel_allow();
}

/* ---- Made and ended ------------------------------------------------------------------------------------ */

static int find_watchers(struct sr__descriptor *d, slotring_error_t *error)
{
    slotring_t *ring = d->reader->ring;
    d->events[SR__PUBLISHED_EVENT].watch = (sr__watch_t){.notify = notice, .context = d};
    d->events[SR__GATHERED_EVENT].watch = (sr__watch_t){.notify = notice_enough, .context = d};
    int failed = sr__watcher_find(ring, SR__PUBLISHED_EVENT, &d->events[SR__PUBLISHED_EVENT].watcher, error);
    if (!failed && d->gathers)
        failed = sr__watcher_find(ring, SR__GATHERED_EVENT, &d->events[SR__GATHERED_EVENT].watcher, error);
    return failed;
}

static int make(slotring_reader_t *reader, slotring_error_t *error)
{
    if (reader->ring->member.one_thread)
        return sr__fail(
            error, SLOTRING_E_UNSUPPORTED, 0,
            "a descriptor takes a thread that uses the handle, too, and the handle was opened for "
            "one thread: open it without SLOTRING_ONE_THREAD");
    struct sr__descriptor *d = calloc(1, sizeof *d);
    if (!d)
        return sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for a reader's descriptor");
    d->reader = reader;
    d->gathers = reader->wake_messages > 1;
    int failed = sr__flag_make(&d->flag, error);
    if (!failed) {
        failed = find_watchers(d, error);
        if (failed)
            sr__flag_free(d->flag);
    }
    if (failed) {
        free(d);
        return failed;
    }
    raise_flag(d); /* until a look finds nothing */
    reader->descriptor = d;
    return 0;
}

void sr__descriptor_end(slotring_reader_t *reader)
{
    struct sr__descriptor *d = reader->descriptor;
    const slotring_t *ring = reader->ring;
    if (!d)
        return;
    if (atomic_load_explicit(ring->mark, memory_order_relaxed) != ring->mark_value) {
        sr__flag_abandon(d->flag); /* the watchers are the parent's */
    } else {
        for (int kind = 0; kind < SR__EVENTS; kind++) {
            sr__watch_end(&d->events[kind].watch);
            sr__sleepers_unarm(member_of(d), (enum sr__event_kind)kind, d->events[kind].alone);
        }
        sr__flag_free(d->flag);
    }
    free(d);
    reader->descriptor = NULL;
}

static int give(slotring_reader_t *reader, intptr_t *descriptor)
{
    slotring_error_t error;
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (!descriptor)
        return sr__error(SLOTRING_E_INVALID, "descriptor is NULL");
    *descriptor = -1;
    failed = reader->descriptor ? 0 : make(reader, &error);
    if (failed)
        return sr__set_last(failed, error.os_code, error.text);
    *descriptor = sr__flag_descriptor(reader->descriptor->flag);
    return 0;
}

int slotring_reader_descriptor(slotring_reader_t *reader, intptr_t *descriptor)
{
    return SR__UNCANCELLED(give(reader, descriptor));
}

static int take_back(slotring_reader_t *reader)
{
    int failed = sr__reader_enter(reader);
    if (failed)
        return failed;
    if (!reader->descriptor)
        return sr__error(SLOTRING_E_STATE, "the reader has no descriptor");
    sr__descriptor_end(reader);
    return 0;
}

int slotring_reader_descriptor_close(slotring_reader_t *reader)
{
    return SR__UNCANCELLED(take_back(reader));
}
