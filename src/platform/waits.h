/* SPDX-License-Identifier: Apache-2.0 */
/* The facet of waits: sleeping on a word of a segment until another process wakes. `wait` and `wake` may be called
 * on one object by several threads at once. */
#ifndef SR_PLATFORM_WAITS_H
#define SR_PLATFORM_WAITS_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "platform/objects.h"

/* One of the words that a thread sleeps on. */
typedef struct sr__sleep {
    sr__waits_t *waits; /* of the attachment whose word it is */
    _Atomic uint32_t *word;
    uint32_t expected;
} sr__sleep_t;

typedef struct sr__waits_facet {
    /* Prepares this attachment's sleeping and waking. Errors: E_NO_MEMORY, E_OS. */
    int (*open)(sr__place_t *place, const uint8_t ring_id[16], uint32_t participant, uint64_t incarnation,
                sr__waits_t **waits, slotring_error_t *error);
    void (*close)(sr__waits_t *waits);

    /* Sleeps while *word == expected, at most timeout_ns. May return early for no reason, and does so soon when
     * a signal was handled in this thread, where the system tells that. The word lies in a
     * segment; the comparison and falling asleep are one step against wake. */
    void (*wait)(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns);

    /* Sleeps as wait does while each of these words has the expected value. The words may be of several attachments of this
     * backend, and one of them may stand there more than once. False: the system cannot do this, or not for so many words, or
     * not now. It has not slept then, and each word has to be slept on by a thread of its own. */
    bool (*wait_any)(const sr__sleep_t *sleeps, uint32_t count, uint64_t timeout_ns);

    /* A fence that one process makes for others. join_fences: from now on it reaches each thread of this process, too.
     * False: the system cannot do this. fence_all: a full fence of this thread and of each thread of every process that
     * has joined, each somewhere between two of its instructions. False: the system cannot, or refuses; nothing can be
     * relied on then. */
    bool (*join_fences)(void);
    bool (*fence_all)(void);

    /* Wakes every sleeper on word. `waiters` is the set of waiting participants (sets of 64, `words` of them),
     * for systems that wake each one by name. Async-signal-safe. */
    void (*wake)(sr__waits_t *waits, _Atomic uint32_t *word, const _Atomic uint64_t *waiters, uint32_t words);
} sr__waits_facet_t;

#endif
