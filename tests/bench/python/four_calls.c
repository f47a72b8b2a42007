/* SPDX-License-Identifier: Apache-2.0 */
/* The four calls that each message takes, in one process: allocate, mark_ready, next, release. Prints nanoseconds for each round of
 * them, once for each line that it reads, so that it can take turns with another program. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "slotring/slotring.h"

/* Processor time: other programs do not count. */
static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static void check(int code)
{
    if (code == 0)
        return;
    slotring_error_t error;
    slotring_last_error(&error);
    fprintf(stderr, "four_calls: %s\n", error.text);
    exit(1);
}

static void round_of_calls(slotring_t *ring, slotring_reader_t *reader)
{
    slotring_slot_t slot;
    check(slotring_allocate(ring, 64, &slot));
    check(slotring_mark_ready(ring, &slot, 64));
    check(slotring_next(reader, 0, &slot));
    check(slotring_reader_release(reader));
}

int main(int count_of_arguments, char **arguments)
{
    if (count_of_arguments != 3)
        return 2;
    long count = atol(arguments[2]);
    slotring_options_t options;
    slotring_options_init(&options);
    options.slot_size = 64;
    options.total_size = UINT64_C(64) * 64;
    slotring_t *ring;
    slotring_reader_t *reader;
    check(slotring_open(&ring, arguments[1], &options, NULL));
    check(slotring_subscribe(ring, NULL, &reader));
    while (getchar() == '\n') {
        double before = now();
        for (long i = 0; i < count; i++)
            round_of_calls(ring, reader);
        printf("%.3f\n", (now() - before) / (double)count);
        fflush(stdout);
    }
    slotring_close(ring);
    return slotring_unlink(arguments[1], SLOTRING_UNLINK_FORCE, NULL, NULL) != 0;
}
