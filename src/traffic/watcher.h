/* SPDX-License-Identifier: Apache-2.0 */
/* Threads that sleep on a ring's event in the place of threads that cannot. */
#ifndef SR_WATCHER_H
#define SR_WATCHER_H

#include "handle.h"

typedef struct sr__watcher sr__watcher_t;

/* What is to happen when the event changes. It lies in the memory of whoever asks, and stays there until sr__watch_end. */
typedef struct sr__watch {
    /* Called by the watcher's thread, once for each time it is asked. Short; asks nobody. It may say that it is to be called
     * once more at some time: sr__watch_again. */
    void (*notify)(struct sr__watch *watch);
    void *context;
    bool attended; /* who asks wakes up once a slice anyway, looks for itself, and looks after the dead */
    /* for watcher.c */
    sr__watcher_t *watcher;
    struct sr__watch *next, *previous;
    bool asked;
    uint32_t seen;
    uint64_t due; /* 0: when the event changes; else the time at which it is notified */
} sr__watch_t;

/* The watcher of a handle for one kind of event; the first call starts its thread. Errors: E_NO_MEMORY, E_OS. */
int sr__watcher_find(slotring_t *ring, enum sr__event_kind kind, sr__watcher_t **watcher,
                     slotring_error_t *error);
/* Tells the watcher to notify as soon as the event word is not `seen` any more, or the handle is evicted. The caller has armed, and
 * looked after that. */
void sr__watch_ask(sr__watcher_t *watcher, sr__watch_t *watch, uint32_t seen);
/* Only within notify. */
void sr__watch_again(sr__watch_t *watch, uint64_t at);
bool sr__watch_is_timed(const sr__watch_t *watch); /* is this that second time? */
/* It is not notified before it asks again. */
void sr__watch_pause(sr__watch_t *watch);
/* It is not notified any more. Nothing happens if it never asked. */
void sr__watch_end(sr__watch_t *watch);
/* Before the handle leaves the ring. forked: the threads are the parent's. */
void sr__watchers_end(slotring_t *ring, bool forked);

#endif
