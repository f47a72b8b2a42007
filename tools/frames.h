/* SPDX-License-Identifier: Apache-2.0 */
/* How messages lie in a stream of bytes, and slotring write --records, which takes them out of it. */
#ifndef SLOTRING_TOOL_FRAMES_H
#define SLOTRING_TOOL_FRAMES_H

#include "args.h"
#include "send.h"

enum { /* framing */
    FRAMES_RAW = 0,
    FRAMES_LINES,  /* each ends with a newline, which is not a part of it */
    FRAMES_SIZE,   /* all have the same size; the last one may be shorter */
    FRAMES_PREFIX, /* each stands behind its length: 4 bytes, the lowest first */
};
#define FRAMES_PREFIX_SIZE 4u

extern const args_choice_t frames_prefixes[];

/* Writes each message of the file with writer->records. 0 or an exit code, after it was reported. */
int frames_send(writer_t *writer, int file, const char *path);

#endif
