/* SPDX-License-Identifier: Apache-2.0 */
/* An event builder. Three boards publish a part of each event, each board into a ring of its own, in order. The builder waits
 * for all boards that it lacks at once, and gives each further part 50 ms. A board that says nothing costs that time, and no
 * event: the event goes on without it. Board 1 is silent after its third event. */
#include <signal.h>
#include <slotring/slotring.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOARDS 3u
#define EVENTS 6u
#define PATIENCE_NS 50000000

static void must(int code, const char *what)
{
    slotring_error_t error;
    slotring_last_error(&error);
    if (code != 0)
        exit(fprintf(stderr, "%s: %s\n", what, error.text) > 0);
}

static slotring_t *open_ring(uint32_t board, uint32_t mode, char name[64])
{
    bool create = mode == SLOTRING_CREATE;
    slotring_options_t options;
    slotring_t *ring;
    slotring_options_init(&options);
    options.mode = mode;
    options.total_size = create ? 16 << 10 : 0;
    options.slot_size = create ? 1 << 10 : 0;
    snprintf(name, 64, "builder-%ld-board-%u", (long)(create ? getpid() : getppid()), (unsigned)board);
    must(slotring_open(&ring, name, &options, NULL), name);
    return ring;
}

/* A process of its own: one part for each event, with the event's number as its tag. */
static void board(uint32_t number)
{
    char name[64];
    slotring_t *ring = open_ring(number, SLOTRING_ATTACH, name);
    for (uint32_t event = 0; event < EVENTS && !(number == 1 && event == 3); event++) {
        slotring_slot_t slot;
        must(slotring_allocate_wait(ring, 100, -1, &slot), "allocate");
        slot.tag = event;
        must(slotring_mark_ready(ring, &slot, 100), "mark_ready");
    }
    for (;;)
        pause(); /* it lives, and says nothing more */
}

/* The part of this event, if it is there. What a board says too late is passed over. */
static bool take_part(slotring_reader_t *reader, uint32_t event)
{
    slotring_slot_t slot;
    while (slotring_next(reader, 0, &slot) == 0) {
        uint64_t tag = slot.tag; /* a real builder copies slot.length bytes from slot.data here */
        must(slotring_reader_release(reader), "release");
        if (tag == event)
            return true;
    }
    return false;
}

/* How many boards have sent their part; *silent: one that has not, if any. */
static uint32_t build(slotring_reader_t *const *readers, uint32_t event, uint32_t *silent)
{
    slotring_reader_t *lacking[BOARDS];
    uint32_t who[BOARDS], parts = 0, left = BOARDS, ready;
    int results[BOARDS];
    for (uint32_t i = 0; i < BOARDS; who[i] = i, i++)
        lacking[i] = readers[i];
    while (left > 0) {
        int64_t patience = parts == 0 ? -1 : PATIENCE_NS; /* the first part may take as long as it likes */
        if (slotring_wait_many(lacking, left, patience, results, &ready) != 0)
            break; /* the time is over */
        for (uint32_t i = left; i-- > 0;) {
            if (results[i] != 0 || !take_part(lacking[i], event))
                continue;
            parts++, left--;
            lacking[i] = lacking[left], who[i] = who[left];
        }
    }
    *silent = left > 0 ? who[0] : BOARDS;
    return parts;
}

int main(void)
{
    char names[BOARDS][64];
    slotring_t *rings[BOARDS];
    slotring_reader_t *readers[BOARDS];
    pid_t boards[BOARDS];
    for (uint32_t i = 0; i < BOARDS; i++) {
        rings[i] = open_ring(i, SLOTRING_CREATE, names[i]);
        must(slotring_subscribe(rings[i], NULL, &readers[i]), "subscribe");
        if ((boards[i] = fork()) < 0)
            return 1;
        if (boards[i] == 0)
            board(i);
    }
    for (uint32_t event = 0; event < EVENTS; event++) {
        uint32_t silent, parts = build(readers, event, &silent);
        printf("event %u: %u of %u boards%s\n", (unsigned)event, (unsigned)parts, BOARDS,
               silent == 1 ? ", board 1 is silent" : "");
    }
    for (uint32_t i = 0; i < BOARDS; i++) {
        kill(boards[i], SIGTERM);
        waitpid(boards[i], NULL, 0);
        must(slotring_unlink(names[i], SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "unlink");
        must(slotring_close(rings[i]), "close");
    }
    return 0;
}
