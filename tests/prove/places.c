/* SPDX-License-Identifier: Apache-2.0 */
/* Rings of random shapes on a file system of one kind, which is made anew for each: either one works, to the last byte and
 * whatever others do to the space there, or it is refused when it is made, with the remedy (support/places.h). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "prove.h"
#include "support/places.h"

#define CANNOT_RUN 77                  /* what ctest takes for a skip */
#define MOST_BYTES (UINT64_C(6) << 20) /* of a ring: the smallest file system here has room for it */
#define MOST_SLOTS 100

static void try_one(const place_kind_t *kind, uint32_t seed)
{
    uint64_t size = 1 + prove_random(&seed) % (128 << 10), most = MOST_BYTES / size;
    uint64_t slots = 2 + prove_random(&seed) % (most < MOST_SLOTS ? most : MOST_SLOTS);
    check_in_helper(kind->name);
    const char *reason = places_begin();
    if (!reason)
        reason = place_mount(kind);
    if (reason) {
        printf("SKIP %s: %s\n", kind->name, reason);
        fflush(stdout);
        _exit(CANNOT_RUN);
    }
    uint64_t bytes = place_try(kind, slots, size);
    atomic_fetch_add(&journal->bytes[0], bytes);
    atomic_fetch_add(&journal->refused, bytes == 0);
    place_unmount();
    _exit(0);
}

/* In a process of its own, whose mounts go with it. Its exit status. */
static int outcome(const place_kind_t *kind, uint32_t seed)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    CHECK_SYSTEM(child);
    if (child == 0)
        try_one(kind, seed);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

int places(const prove_options_t *options)
{
    unsigned tried = 0;
    int status = 0;
    uint32_t seed = options->seed;
    int64_t begun = now_ns(), end = begun + (int64_t)(options->seconds * SECOND);
    do {
        status = outcome(options->place, prove_random(&seed));
        tried += status != CANNOT_RUN;
    } while (status == 0 && now_ns() < end);
    if (status == CANNOT_RUN && tried == 0)
        return CANNOT_RUN;
    printf(
        "{\"what\": \"place\", \"place\": \"%s\", \"seed\": %u, \"seconds\": %.1f, \"tried\": %u, \"unit\": "
        "\"rings\", \"mib\": %llu, \"refused\": %llu, \"found\": %d}\n",
        options->place->name, (unsigned)options->seed, (double)(now_ns() - begun) / SECOND, tried,
        (unsigned long long)atomic_load(&journal->bytes[0]) >> 20,
        (unsigned long long)atomic_load(&journal->refused), status != 0);
    return status != 0;
}
