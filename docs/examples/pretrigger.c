/* SPDX-License-Identifier: Apache-2.0 */
/* A pre-trigger recorder. The digitizer publishes all the time, and nobody reads. When a trigger comes, the recorder subscribes
 * to the last 50 messages, which the ring holds for it from that moment on, and records them and the 20 that follow. The
 * digitizer goes on meanwhile. */
#include <signal.h>
#include <slotring/slotring.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define SLOTS 256u
#define BEFORE 50u /* messages */
#define AFTER 20u
#define TRIGGERS 3u

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
    options.total_size = mode == SLOTRING_CREATE ? SLOTS << 10 : 0;
    options.slot_size = mode == SLOTRING_CREATE ? 1 << 10 : 0;
    options.max_holds = BEFORE; /* the recorder holds so many; an eighth of the slots would not do */
    must(slotring_open(&ring, name, &options, NULL), name);
    return ring;
}

/* A process of its own, until the recorder ends. It tells of a trigger now and then: here after so many messages. */
static void digitizer(const char *name, int triggers)
{
    uint32_t n = 1;
    slotring_t *ring = open_ring(name, SLOTRING_ATTACH);
    for (pid_t recorder = getppid(); getppid() == recorder; n++) {
        slotring_slot_t slot;
        must(slotring_allocate_wait(ring, 1000, -1, &slot), "allocate");
        must(slotring_mark_ready(ring, &slot, 1000), "mark_ready");
        if (n % 300 == 0 && n <= 300 * TRIGGERS && write(triggers, &n, sizeof n) != sizeof n)
            exit(1);
        usleep(n % 64 == 0); /* a real digitizer waits for its board */
    }
    exit(1);
}

/* Subscribes to the past, and to what comes. */
static void record(slotring_t *ring, uint32_t trigger)
{
    slotring_reader_options_t options;
    slotring_reader_info_t info;
    slotring_reader_t *reader;
    slotring_reader_options_init(&options);
    options.start = SLOTRING_FROM_LAST;
    options.first = BEFORE;
    must(slotring_subscribe(ring, &options, &reader), "subscribe");
    must(slotring_reader_info(reader, &info), "reader_info");
    for (uint64_t n = 0; n < info.pending + AFTER; n++) { /* pending: how many of the past there are */
        slotring_slot_t slot;
        must(slotring_next(reader, -1, &slot), "next");
        if (slot.sequence != info.start + n)
            exit(fprintf(stderr, "a message is missing before %llu\n", (unsigned long long)slot.sequence) >
                 0);
        /* a real recorder writes slot.length bytes from slot.data to a file here */
        must(slotring_reader_release(reader), "release");
    }
    printf("trigger %u: %u messages before it, %u after, none missing\n", (unsigned)trigger,
           (unsigned)info.pending, AFTER);
    must(slotring_unsubscribe(reader), "unsubscribe"); /* the digitizer is alone again */
}

int main(void)
{
    char name[64];
    int triggers[2];
    uint32_t at, n = 0;
    snprintf(name, sizeof name, "pretrigger-%ld", (long)getpid());
    slotring_t *ring = open_ring(name, SLOTRING_CREATE);
    if (pipe(triggers) != 0)
        return 1;
    pid_t child = fork();
    if (child < 0)
        return 1;
    if (child == 0)
        digitizer(name, triggers[1]);
    close(triggers[1]); /* so that the end of the digitizer ends the loop */
    for (; n < TRIGGERS && read(triggers[0], &at, sizeof at) == sizeof at; n++)
        record(ring, n);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    must(slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "unlink");
    must(slotring_close(ring), "close");
    return n != TRIGGERS;
}
