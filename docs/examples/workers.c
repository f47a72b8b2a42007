/* SPDX-License-Identifier: Apache-2.0 */
/* Four workers share one stream, as a group. One message kills each worker that has it. Its message goes to another one, twice; then
 * the group gives it to nobody any more, and keeps it as a dead letter for whoever wants to know why. The other workers do all the
 * rest, each message once. */
#include <signal.h>
#include <slotring/slotring.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define MESSAGES 2000u
#define DEADLY 700u /* its tag */
#define TRIES 2u
#define WORKERS 4

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
    if (mode == SLOTRING_CREATE) {
        options.total_size = 64 << 10;
        options.slot_size = 1 << 10;
        options.max_groups = 1;
    }
    must(slotring_open(&ring, name, &options, NULL), name);
    return ring;
}

static slotring_reader_t *join(slotring_t *ring)
{
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_reader_options_init(&options);
    options.flags = SLOTRING_GROUP;
    options.name = "workers";
    options.tries = TRIES;
    must(slotring_subscribe(ring, &options, &reader), "subscribe");
    return reader;
}

/* A process of its own. What it has done counts when it says so: it releases the message after that. */
static void work(slotring_t *ring, int ready, unsigned char *done)
{
    slotring_reader_t *reader = join(ring);
    slotring_slot_t slot;
    int code;
    (void)!write(ready, "", 1);
    while ((code = slotring_next(reader, -1, &slot)) == 0) {
        if (slot.tag == DEADLY)
            raise(SIGKILL);
        done[slot.tag]++;
        must(slotring_reader_release(reader), "release");
    }
    must(code == SLOTRING_E_END ? 0 : code, "next"); /* all is done, also what the others had */
    must(slotring_close(ring), "close");
    _exit(0); /* the parent has what is left to end */
}

static void run(slotring_t *ring)
{
    for (uint32_t n = 0; n < MESSAGES; n++) {
        slotring_slot_t slot;
        must(slotring_allocate_wait(ring, 100, -1, &slot), "allocate");
        slot.tag = n;
        must(slotring_mark_ready(ring, &slot, 100), "mark_ready");
    }
    must(slotring_end_stream(ring), "end_stream");
}

int main(void)
{
    char name[64], byte;
    slotring_letter_t letters[SLOTRING_LETTERS_MAX];
    uint32_t count, once = 0, killed = 0;
    int ready[2], status, failed = pipe(ready) != 0;
    unsigned char *done = mmap(NULL, MESSAGES, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANON, -1, 0);
    if (done == MAP_FAILED)
        return 1;
    snprintf(name, sizeof name, "workers-%ld", (long)getpid());
    slotring_t *ring = open_ring(name, SLOTRING_CREATE);
    for (int i = 0; i < WORKERS; i++) {
        pid_t child = fork();
        if (child < 0)
            return 1;
        if (child == 0) /* the parent's handle is of no use in a child */
            work(open_ring(name, SLOTRING_ATTACH), ready[1], done);
    }
    close(ready[1]); /* so that a worker that cannot begin ends the wait for it */
    for (int i = 0; i < WORKERS; i++)
        failed |= read(ready[0], &byte, 1) != 1;
    run(ring);
    for (int i = 0; i < WORKERS; i++) {
        failed |= wait(&status) < 0;
        killed += WIFSIGNALED(status) != 0;
        failed |= WIFEXITED(status) && status != 0;
    }
    for (uint32_t n = 0; n < MESSAGES; n++)
        once += done[n] == 1;
    printf("%u workers were killed; %u of %u messages were done, each once\n", killed, once, MESSAGES);
    must(slotring_dead_letters(ring, "workers", letters, SLOTRING_LETTERS_MAX, &count), "dead_letters");
    for (uint32_t i = 0; i < count; i++)
        printf("dead letter: tag %u, after %u tries\n", (unsigned)letters[i].tag, (unsigned)letters[i].tries);
    must(slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "unlink");
    must(slotring_close(ring), "close");
    return failed;
}
