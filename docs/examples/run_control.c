/* SPDX-License-Identifier: Apache-2.0 */
/* A run control. It makes the ring with a description, lets a run begin only when the ring is free enough and the recorder is
 * there, marks the begin and the end of each run, and waits until the recorder has everything. The recorder closes a file at the
 * mark of the end, which is told at the same place to every reader that asks for marks. */
#include <slotring/slotring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES 100u
#define DESCRIPTION "{\"detector\": \"cosmics\", \"samples\": 500}"

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
    options.total_size = mode == SLOTRING_CREATE ? 16 << 10 : 0;
    options.slot_size = mode == SLOTRING_CREATE ? 1 << 10 : 0;
    options.description = DESCRIPTION; /* attaching ignores it */
    options.description_size = strlen(DESCRIPTION);
    must(slotring_open(&ring, name, &options, NULL), name);
    return ring;
}

/* A process for each run. */
static void produce(const char *name)
{
    slotring_t *ring = open_ring(name, SLOTRING_ATTACH);
    for (uint32_t n = 0; n < MESSAGES; n++) {
        slotring_slot_t slot;
        must(slotring_allocate_wait(ring, 1000, -1, &slot), "allocate");
        must(slotring_mark_ready(ring, &slot, 1000), "mark_ready");
    }
    must(slotring_close(ring), "close");
    exit(0);
}

/* A process that records all runs, until it is stopped. */
static void record(const char *name)
{
    slotring_t *ring = open_ring(name, SLOTRING_ATTACH);
    char description[SLOTRING_DESCRIPTION_MAX];
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_slot_t slot;
    slotring_mark_t mark;
    uint64_t length, messages = 0;
    must(slotring_description(ring, description, sizeof description, &length), "description");
    printf("recorder: %.*s\n", (int)length, description);
    slotring_reader_options_init(&options);
    options.flags = SLOTRING_TELL_MARKS;
    options.at_end = SLOTRING_AT_END_WAIT; /* the next run has another producer */
    must(slotring_subscribe(ring, &options, &reader), "subscribe");
    for (;;) {
        int code = slotring_next(reader, -1, &slot);
        if (code != SLOTRING_E_MARK) {
            must(code, "next");
            messages++;
            must(slotring_reader_release(reader), "release");
            continue;
        }
        must(slotring_reader_mark(reader, &mark), "reader_mark");
        if (mark.kind == SLOTRING_MARK_RUN_END)
            printf("recorder: run %u has %u messages\n", (unsigned)mark.run, (unsigned)messages);
        if (mark.kind == SLOTRING_MARK_USER)
            exit(0); /* told to end */
        messages = 0;
    }
}

static void run(slotring_t *ring, const char *name, uint64_t number)
{
    slotring_run_gate_t gate = {
        .struct_size = sizeof gate, .free_percent = 90, .readers = 1, .nothing_dropped = 1};
    slotring_mark_t end;
    int status;
    must(slotring_run_gate(ring, &gate), "the run cannot begin");
    must(slotring_mark(ring, SLOTRING_MARK_RUN_BEGIN, number, 0, "cosmics", 7, NULL), "mark");
    if (fork() == 0)
        produce(name);
    if (wait(&status) < 0 || status != 0)
        exit(1);
    must(slotring_mark(ring, SLOTRING_MARK_RUN_END, number, 0, NULL, 0, &end), "mark");
    must(slotring_drain(ring, end.place, INT64_C(10000000000)),
         "drain"); /* 10 s, and then says who is behind */
}

int main(void)
{
    char name[64];
    int status;
    snprintf(name, sizeof name, "run-control-%ld", (long)getpid());
    slotring_t *ring = open_ring(name, SLOTRING_CREATE);
    pid_t recorder = fork();
    if (recorder == 0)
        record(name);
    must(slotring_wait_readers(ring, 1, -1, NULL), "wait_readers");
    run(ring, name, 17);
    run(ring, name, 18);
    must(slotring_mark(ring, SLOTRING_MARK_USER, 0, 0, "end", 3, NULL), "mark");
    if (waitpid(recorder, &status, 0) < 0 || status != 0)
        return 1;
    must(slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "unlink");
    must(slotring_close(ring), "close");
    return 0;
}
