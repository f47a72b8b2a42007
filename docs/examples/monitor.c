/* SPDX-License-Identifier: Apache-2.0 */
/* Online monitors that can never stop the run. One draws the newest message, and passes over what is older. One looks at every
 * 100th message. One hangs with a message in its hands, as a program in a debugger does. All three are lossy: producers wait for
 * none of them, and each knows exactly what it has not seen. */
#include <signal.h>
#include <slotring/slotring.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { MESSAGES = 20000, EVERY = 100 };

static void must(int code, const char *what)
{
    slotring_error_t error;
    slotring_last_error(&error);
    if (code != 0)
        exit(fprintf(stderr, "%s: %s\n", what, error.text) > 0);
}

static slotring_t *open_ring(const char *name, uint32_t mode)
{
    slotring_options_t options;
    slotring_t *ring;
    slotring_options_init(&options);
    options.mode = mode;
    options.total_size = mode == SLOTRING_CREATE ? 64 << 10 : 0;
    options.slot_size = mode == SLOTRING_CREATE ? 1 << 10 : 0;
    must(slotring_open(&ring, name, &options, NULL), name);
    return ring;
}

static slotring_reader_t *watch(slotring_t *ring, const char *name, uint32_t wanted, uint32_t every)
{
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_reader_options_init(&options);
    options.mode = SLOTRING_LOSSY;
    options.name = name;
    options.wanted = wanted;
    options.every = every;
    must(slotring_subscribe(ring, &options, &reader), name);
    return reader;
}

/* A process of its own: looks until the stream ends, and says what became of each message. */
static void monitor(slotring_t *ring, int ready, const char *who, uint32_t wanted, uint32_t every)
{
    slotring_reader_t *reader = watch(ring, who, wanted, every);
    slotring_reader_info_t info;
    slotring_slot_t slot;
    int code;
    (void)!write(ready, "", 1);
    while ((code = slotring_next(reader, -1, &slot)) == 0) {
        if (slot.sequence % every != 0)
            exit(fprintf(stderr, "%s: this message is not wanted\n", who) > 0);
        must(slotring_reader_release(reader), "release");
    }
    must(code == SLOTRING_E_END ? 0 : code, "next");
    must(slotring_reader_info(reader, &info), "reader_info");
    printf("%s: knows of %u messages\n", who,
           (unsigned)(info.delivered + info.missed + info.passed_over + info.pending));
    fflush(stdout);
    must(slotring_close(ring), "close");
    _exit(0); /* the parent has what is left to end */
}

static void hangs(slotring_t *ring, int ready)
{
    slotring_slot_t slot;
    slotring_reader_t *reader = watch(ring, "hanging", SLOTRING_WANTS_ALL, 1);
    (void)!write(ready, "", 1);
    must(slotring_next(reader, -1, &slot), "next");
    for (;;)
        pause(); /* it keeps one slot, and stops nobody */
}

/* The run: as fast as it goes. */
static void run(slotring_t *ring)
{
    for (uint32_t n = 0; n < MESSAGES; n++) {
        slotring_slot_t slot;
        must(slotring_allocate_wait(ring, 100, -1, &slot), "allocate");
        must(slotring_mark_ready(ring, &slot, 100), "mark_ready");
    }
    must(slotring_end_stream(ring), "end_stream");
}

int main(void)
{
    char name[64], byte;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    int ready[2], status, failed = pipe(ready) != 0, children[3];
    snprintf(name, sizeof name, "monitor-%ld", (long)getpid());
    slotring_t *ring = open_ring(name, SLOTRING_CREATE);
    for (int i = 0; i < 3; i++)
        if ((children[i] = fork()) < 0) {
            return 1;
        } else if (children[i] == 0) { /* the parent's handle is of no use in a child */
            slotring_t *own = open_ring(name, SLOTRING_ATTACH);
            if (i < 2)
                monitor(own, ready[1], i == 0 ? "display" : "sampler",
                        i == 0 ? SLOTRING_WANTS_LATEST : SLOTRING_WANTS_ALL, i == 0 ? 1 : EVERY);
            hangs(own, ready[1]);
        }
    close(ready[1]); /* so that a child that dies early ends the wait for it */
    for (int i = 0; i < 3; i++)
        failed |= read(ready[0], &byte, 1) != 1; /* all three are there */
    run(ring);
    kill(children[2], SIGKILL); /* the slot that it kept comes back */
    for (int i = 0; i < 3; i++)
        failed |= waitpid(children[i], &status, 0) < 0 || (i < 2 && status != 0);
    must(slotring_get_stats(ring, &stats), "get_stats");
    printf("run: %u messages, waited %u times\n", (unsigned)stats.published, (unsigned)stats.waits);
    must(slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "unlink");
    must(slotring_close(ring), "close");
    return failed;
}
