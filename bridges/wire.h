/* SPDX-License-Identifier: Apache-2.0 */
/* What an entry of the log consists of: a header, and frames. All numbers are little-endian. A frame is a message, a part of a large one,
 * or something that is told beside the messages. Whoever reads an entry trusts nothing in it. */
#ifndef BRIDGE_WIRE_H
#define BRIDGE_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WIRE_VERSION 2u
#define WIRE_HEADER_SIZE 160u
#define WIRE_NAME_SIZE 48u
#define WIRE_MARK_BYTES 48u

/* Where the sender stands in the ring of the source. */
typedef struct wire_place {
    uint64_t number;       /* behind the last message that is no writer's, or the last gap */
    uint64_t marks_here;   /* marks that were sent since the last message or gap */
    uint64_t source_marks; /* number of the source's next mark that is not sent yet */
    uint64_t back;         /* all that is not sent lies in publications with this number or above it */
} wire_place_t;

enum {
    WIRE_CHECKSUMS = 1u << 0,   /* the source has checksums */
    WIRE_MID_MESSAGE = 1u << 1, /* the entry ends inside a message, which has the number of `after` */
    WIRE_DROPS =
        1u
        << 2, /* the log drops its oldest entries: what is missing before this one was not lost by the engine */
};

typedef struct wire_header {
    uint8_t sender[16]; /* another one for each life of a sender: whoever finds a foreign one is fenced off */
    uint8_t lineage[16]; /* of the ring */
    wire_place_t before, after;
    uint32_t flags, frames;
    uint64_t slot_size, slot_count; /* of the source, for whoever makes the target */
    uint32_t max_participants, time_stamps, max_writers;
    uint64_t
        deaths; /* of producers at the source, that were told up to the end of the entry, or had come before the remote began */
} wire_header_t;

enum wire_kind {
    WIRE_PRODUCER =
        1, /* who: the messages of this entry name it by its place among the producers of the entry */
    WIRE_MESSAGE = 2, /* a whole message */
    WIRE_PART = 3,    /* a part of one */
    WIRE_MARK = 4,
    WIRE_GAP = 5,          /* `count` numbers from `number` on will not come */
    WIRE_DEATH = 6,        /* of the producer `producer` of the entry: `value` as in slotring_end_by_proxy */
    WIRE_END = 7,          /* all streams have ended */
    WIRE_HELLO = 8,        /* a sender has begun; bytes: the description of the ring */
    WIRE_RECORD = 9,       /* a whole message of a writer */
    WIRE_RECORD_PART = 10, /* a part of one */
    WIRE_WRITERS = 11,     /* the first frame of an entry: how far each writer was before it (reached.h) */
    /* The producers that the entry names live, and no others whose messages came before; `value` of these died, and nobody told that. */
    WIRE_LIVES = 12,
};

/* A frame, of whatever kind: what the kind does not have is 0. */
typedef struct wire_frame {
    uint32_t kind;     /* enum wire_kind */
    uint32_t producer; /* place among the producers of the entry */
    uint64_t number;   /* of the message; of the next one behind a mark, a gap, a death or an end */
    uint32_t writer;   /* of a writer's message, whose number is one of that writer */
    uint32_t reserved32;
    uint64_t
        passed; /* of another message, or a gap: so many numbers before it are of publications of writers */
    uint64_t tag, time_ns;
    uint64_t total, offset; /* of a part: bytes of the whole message; where this part begins */
    uint64_t index; /* of a producer: participant; of a mark: how many were at this number before it */
    uint64_t incarnation, pid;
    uint64_t count, run, value;
    uint32_t mark_kind, reserved;
    const uint8_t *bytes; /* the message's, the part's, the mark's, the name's or the description's */
    uint64_t size;
} wire_frame_t;

/* Is it a message of a writer, or a part of one? */
static inline bool wire_is_record(uint32_t kind)
{
    return kind == WIRE_RECORD || kind == WIRE_RECORD_PART;
}

uint8_t *wire_put64(uint8_t *to, uint64_t value);
const uint8_t *wire_get64(const uint8_t *from, uint64_t *value);

void wire_put_header(uint8_t *to, const wire_header_t *header);
/* False: no sender of this version wrote that. */
bool wire_get_header(const uint8_t *bytes, size_t size, wire_header_t *header);

/* A sign of life of a sender, which is not in the log. */
#define WIRE_SIGN_SIZE 128u
#define WIRE_HOST_SIZE 64u

typedef struct wire_sign {
    uint8_t sender[16]; /* as in its entries */
    uint64_t number;    /* of the next publication that it has to append */
    uint64_t pid;
    uint32_t waits; /* enum bridge_wait */
    char host[WIRE_HOST_SIZE];
} wire_sign_t;

void wire_put_sign(uint8_t to[WIRE_SIGN_SIZE], const wire_sign_t *sign);
bool wire_get_sign(const uint8_t *bytes, size_t size, wire_sign_t *sign);

/* Bytes that a frame takes, with a payload of `size`. */
uint64_t wire_frame_size(uint32_t kind, uint64_t size);
/* Writes a frame to `to`, which has room for it. `bytes` NULL: leaves the room for the payload. Returns where the payload goes. */
uint8_t *wire_put_frame(uint8_t *to, const wire_frame_t *frame);

/* Goes along the frames of an entry. */
typedef struct wire_walk {
    const uint8_t *at, *end;
    uint32_t left; /* frames */
} wire_walk_t;

wire_walk_t wire_walk(const uint8_t *bytes, size_t size, const wire_header_t *header);
enum wire_step {
    WIRE_GOT,
    WIRE_DONE,
    WIRE_BAD
};
enum wire_step wire_next(wire_walk_t *walk, wire_frame_t *frame);

#endif
