/* SPDX-License-Identifier: Apache-2.0 */
/* Rings that were to go with their last user, and whose last user could not do that: it was killed, or had no right to.
 * Who only looks says so. Who creates or removes a ring, or collects, removes them: by the same steps as any other
 * removal (unlink.c), under the process mutex, so that whoever attaches just then is either seen or finds the ring
 * gone.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "members/boot.h"
#include "members/collect.h"
#include "members/make.h"
#include "members/opening.h"
#include "members/options.h"
#include "members/segment.h"
#include "members/unlink.h"
#include "members/unused.h"
#include "protocol/snapshot.h"

enum outcome {
    STAYS, /* it is not to go, somebody uses it, or that cannot be known */
    GOES,
    FAILS
};

/* From outside, and in a few reads for most rings. */
static enum outcome look(slotring_t *ring, const char *name)
{
    sr__header_t header;
    if (ring->member.os->segments.open(ring->place, false, &ring->member.segment, NULL) != 0 ||
        sr__segment_check(ring, name, &header, NULL) != 0 || !sr__segment_is_to_go(ring, &header))
        return STAYS;
    if (sr__is_of_another_boot(ring, &header))
        return GOES;
    ring->member.os->segments.close(ring->member.segment);
    ring->member.segment = NULL;
    ring->member.observer = true;
    if (sr__ring_observe(ring, name, NULL) != 0 ||
        sr__snapshot_renew(&ring->member, SR__NEED_STATE | SR__NEED_PARTICIPANTS) != 0)
        return STAYS;
    return sr__remove_is_ordered(&ring->member.view) && sr__all_dead(ring) != 0 ? GOES : STAYS;
}

static enum outcome collect_one(const slotring_options_t *options, const char *name, slotring_error_t *error)
{
    int failed;
    memset(error, 0, sizeof *error);
    slotring_t *ring = sr__ring_make(options, name, NULL, &failed);
    if (!ring)
        return STAYS;
    enum outcome outcome = look(ring, name);
    sr__ring_free(ring);
    if (outcome == STAYS)
        return STAYS;
    /* All is looked at once more, under the process mutex. */
    failed = sr__unlink(name, SR__UNLINK_IF_DUE, options, error);
    /* Somebody came, or others were faster. */
    if (failed == SR__IN_USE || failed == SLOTRING_E_NOT_FOUND || failed == SLOTRING_E_EXISTS)
        return STAYS;
    return failed ? FAILS : GOES;
}

/* ---- The names of a directory ----------------------------------------------------------------------- */

#define NAMES_MAX 256u /* a creation looks at so many names … */
#define LOOKS_MAX 32u  /* … and at so many rings of these */

typedef char name_t[SLOTRING_NAME_MAX + 8];

typedef struct names {
    name_t *list;
    uint32_t count, capacity, seen;
    uint32_t looks, most; /* how many are kept of how many */
    uint64_t random;
    bool no_memory;
} names_t;

static bool grow(names_t *names)
{
    uint32_t capacity = names->capacity ? 2 * names->capacity : LOOKS_MAX;
    name_t *list = realloc(names->list, capacity * sizeof *list);
    if (!list)
        return false;
    names->list = list;
    names->capacity = capacity;
    return true;
}

/* Each of those seen has the same chance to be kept. */
static int found(void *user, const char *name)
{
    names_t *names = user;
    if (sr__name_check(name, NULL) != 0)
        return 0; /* no ring can have this name */
    uint64_t at = names->seen++;
    if (names->count < names->looks) {
        names->no_memory = names->count == names->capacity && !grow(names);
        if (names->no_memory)
            return 1;
        at = names->count++;
    } else {
        names->random = names->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        at = (names->random >> 32) % names->seen;
    }
    if (at < names->count)
        snprintf(names->list[at], sizeof names->list[at], "%s", name);
    return names->seen == names->most;
}

/* Nobody waits by these handles: so how long one spins, which takes a look at the processors, need not be found out. */
static int check_options(const slotring_options_t *given, slotring_options_t *options,
                         slotring_error_t *error)
{
    int failed = sr__options_check(given, options, error);
    if (!failed)
        options->spin_ns = 1;
    return failed;
}

static int find_names(const slotring_options_t *options, names_t *names, slotring_error_t *error)
{
    int failed;
    slotring_t *ring = sr__ring_make(options, NULL, error, &failed);
    if (!ring)
        return failed;
    names->random = ring->member.os->system.clock_ns();
    failed = ring->member.os->names.list(ring->place, found, names, error);
    sr__ring_free(ring);
    if (!failed && names->no_memory)
        failed = sr__fail(error, SLOTRING_E_NO_MEMORY, 0, "no memory for the names of the rings");
    return failed;
}

void sr__collect_some(const slotring_options_t *given)
{
    slotring_options_t options;
    slotring_error_t last, ignored;
    names_t names = {.looks = LOOKS_MAX, .most = NAMES_MAX};
    slotring_last_error(&last); /* what fails here is no news to the caller */
    int failed = check_options(given, &options, NULL);
    options.lock_timeout_ns = 1;
    if (!failed && find_names(&options, &names, NULL) == 0)
        for (uint32_t i = 0; i < names.count; i++)
            collect_one(&options, names.list[i], &ignored);
    free(names.list);
    sr__set_last(last.code, last.os_code, last.text);
}

int sr__collect_all(const slotring_options_t *given, slotring_collect_callback report, void *user,
                    uint32_t *removed, slotring_error_t *error)
{
    slotring_options_t options;
    names_t names = {.looks = UINT32_MAX, .most = UINT32_MAX};
    uint32_t gone = 0;
    if (error)
        memset(error, 0, sizeof *error);
    if (removed)
        *removed = 0;
    int failed = check_options(given, &options, error);
    if (!failed)
        failed = find_names(&options, &names, error);
    for (uint32_t i = 0; !failed && i < names.count; i++) {
        slotring_error_t why;
        enum outcome outcome = collect_one(&options, names.list[i], &why);
        gone += outcome == GOES;
        if (outcome != STAYS && report)
            report(user, names.list[i], &why);
    }
    free(names.list);
    if (!failed && removed)
        *removed = gone;
    return failed;
}
