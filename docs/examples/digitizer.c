/* SPDX-License-Identifier: Apache-2.0 */
/* Several digitizers write into one ring. Each board has a writer, since its messages have any size: most are small and share a
 * slot, and a few are larger than a slot. The tag has the event number, the board and the trigger mask. So a reader can want the
 * events of one trigger only, and need not look into the data. */
#include <slotring/slotring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define BOARDS 3u
#define EVENTS 40u
#define LARGEST 10000u /* bytes of a message; a slot has 4096 */
#define COSMIC 0x1u /* a trigger of every event; a tag is event << 16 | board << 8 | triggers */
#define MUON 0x4u   /* of every fourth event, with its waveform */

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
    options.total_size = mode == SLOTRING_CREATE ? 64 << 12 : 0;
    options.slot_size = mode == SLOTRING_CREATE ? 1 << 12 : 0;
    must(slotring_open(&ring, name, &options, NULL), name);
    return ring;
}

/* A process of its own. */
static void board(slotring_t *ring, uint64_t number)
{
    static unsigned char samples[LARGEST];
    slotring_writer_t *writer;
    must(slotring_wait_readers(ring, 2, -1, NULL), "wait_readers");
    must(slotring_writer_open(ring, NULL, &writer), "writer_open");
    memset(samples, (int)number, sizeof samples);
    for (uint64_t event = 0; event < EVENTS; event++) {
        uint64_t triggers = event % 4 == 0 ? COSMIC | MUON : COSMIC;
        uint64_t size = (triggers & MUON) ? LARGEST : 20 + 10 * (event % 7);
        must(slotring_writer_append(writer, samples, size, event << 16 | number << 8 | triggers, -1),
             "append");
    }
}

/* To the messages with all of these triggers: (tag & mask) == match. */
static slotring_reader_t *subscribe(slotring_t *ring, uint64_t triggers)
{
    slotring_reader_options_t options;
    slotring_reader_t *reader;
    slotring_reader_options_init(&options);
    options.tag_mask = options.tag_match = triggers;
    options.at_end = SLOTRING_AT_END_WAIT; /* a board that begins late is no end */
    must(slotring_subscribe(ring, &options, &reader), "subscribe");
    return reader;
}

/* Goes along the pieces, since a message may lie in several slots. False: a byte is not its board's. */
static int is_whole(slotring_t *ring, const slotring_slot_t *slot)
{
    slotring_piece_t piece = {0};
    uint64_t bytes = 0;
    for (; slotring_next_piece(ring, slot, &piece) == 0; bytes += piece.length)
        for (uint64_t i = 0; i < piece.length; i++)
            if (((unsigned char *)piece.data)[i] != (slot->tag >> 8 & 0xff))
                return 0;
    return bytes == slot->length; /* else the way to its pieces is damaged */
}

/* Reads `wanted` messages. A real program reads to the end of the run (run_control.c). */
static void read_all(slotring_t *ring, slotring_reader_t *reader, uint64_t wanted, const char *who)
{
    uint64_t events[BOARDS] = {0}, bytes = 0;
    slotring_slot_t slot;
    for (uint64_t n = 0; n < wanted; n++) {
        must(slotring_next(reader, -1, &slot), "next");
        uint64_t from = slot.tag >> 8 & 0xff, event = slot.tag >> 16;
        if (from >= BOARDS || event < events[from] || !is_whole(ring, &slot))
            exit(fprintf(stderr, "%s: not what the board wrote\n", who) > 0);
        events[from] = event + 1; /* in the order of the board */
        bytes += slot.length;
        must(slotring_reader_release(reader), "release");
    }
    printf("%s: %u messages, %u bytes\n", who, (unsigned)wanted, (unsigned)bytes);
    fflush(stdout);
}

int main(void)
{
    char name[64];
    snprintf(name, sizeof name, "digitizer-%ld", (long)getpid());
    slotring_t *ring = open_ring(name, SLOTRING_CREATE);
    slotring_reader_t *reader = subscribe(ring, 0);
    for (uint32_t i = 0; i <= BOARDS; i++)
        if (fork() == 0) { /* the parent's handle is of no use in a child */
            slotring_t *own = open_ring(name, SLOTRING_ATTACH);
            if (i == BOARDS)
                read_all(own, subscribe(own, MUON), BOARDS * EVENTS / 4, "muons");
            else
                board(own, i);
            must(slotring_close(own), "close"); /* ends a writer, too */
            _exit(0); /* the parent has what is left to end */
        }
    read_all(ring, reader, BOARDS * EVENTS, "recorder");
    for (int status; wait(&status) > 0;)
        if (status != 0)
            return 1;
    must(slotring_unlink(name, SLOTRING_UNLINK_WHEN_UNUSED, NULL, NULL), "unlink");
    must(slotring_close(ring), "close");
    return 0;
}
