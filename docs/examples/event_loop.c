/* SPDX-License-Identifier: Apache-2.0 */
/* Readers in an event loop: poll waits for the descriptors of two readers, and for whatever else a program has. The other
 * process publishes five messages into each ring, and ends. */
#include <poll.h>
#include <slotring/slotring.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define RINGS 2u
#define MESSAGES 5u

static void must(int code, const char *what)
{
    slotring_error_t error;
    if (code == 0)
        return;
    slotring_last_error(&error);
    fprintf(stderr, "%s: %s\n", what, error.text);
    exit(1);
}

static void publish(char names[RINGS][64])
{
    slotring_options_t options;
    slotring_t *rings[RINGS];
    slotring_options_init(&options);
    options.mode = SLOTRING_ATTACH;
    for (uint32_t i = 0; i < RINGS; i++)
        must(slotring_open(&rings[i], names[i], &options, NULL), "attach");
    for (uint32_t n = 0; n < RINGS * MESSAGES; n++) {
        slotring_slot_t slot;
        must(slotring_allocate_wait(rings[n % RINGS], 100, -1, &slot), "allocate");
        must(slotring_mark_ready(rings[n % RINGS], &slot,
                                 (uint64_t)snprintf(slot.data, 100, "%u", (unsigned)n)),
             "mark_ready");
    }
    for (uint32_t i = 0; i < RINGS; i++)
        must(slotring_close(rings[i]), "close"); /* ends its stream */
}

/* Takes all that is there: the descriptor stays readable until a call finds nothing. False: the stream has ended. */
static bool take_all(slotring_reader_t *reader, uint32_t number, uint32_t *taken)
{
    slotring_slot_t slot;
    for (;;) {
        int code = slotring_next(reader, 0, &slot);
        if (code == SLOTRING_E_EMPTY)
            return true;
        if (code == SLOTRING_E_END)
            return false; /* and the descriptor stays readable: take it out of the loop */
        must(code, "next");
        printf("ring %u: %.*s\n", (unsigned)number, (int)slot.length, (const char *)slot.data);
        ++*taken;
        must(slotring_reader_release(reader), "release");
    }
}

int main(void)
{
    char names[RINGS][64];
    slotring_options_t options;
    slotring_t *rings[RINGS];
    slotring_reader_t *readers[RINGS];
    struct pollfd polled[RINGS];
    uint32_t open = RINGS, taken = 0;
    slotring_options_init(&options);
    options.mode = SLOTRING_CREATE;
    options.total_size = 16 << 10;
    options.slot_size = 1 << 10;
    for (uint32_t i = 0; i < RINGS; i++) {
        intptr_t descriptor;
        snprintf(names[i], sizeof names[i], "event-loop-%ld-%u", (long)getpid(), (unsigned)i);
        must(slotring_open(&rings[i], names[i], &options, NULL), "create");
        must(slotring_subscribe(rings[i], NULL, &readers[i]), "subscribe");
        must(slotring_reader_descriptor(readers[i], &descriptor), "descriptor");
        polled[i] = (struct pollfd){.fd = (int)descriptor, .events = POLLIN};
    }
    fflush(stdout);
    pid_t other = fork();
    if (other == 0) {
        publish(names); /* in a child the parent's handles are of no use, and it opens its own */
        _exit(0);
    }
    while (open > 0 && poll(polled, RINGS, -1) > 0)
        for (uint32_t i = 0; i < RINGS; i++)
            if ((polled[i].revents & POLLIN) && !take_all(readers[i], i, &taken)) {
                polled[i].fd = -1;
                open--;
            }
    waitpid(other, NULL, 0);
    for (uint32_t i = 0; i < RINGS; i++) {
        must(slotring_unlink(names[i], SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "unlink");
        must(slotring_close(rings[i]), "close");
    }
    printf("%u messages\n", (unsigned)taken);
    return taken != RINGS * MESSAGES;
}
