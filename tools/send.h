/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of slotring write. They report errors and return exit codes. */
#ifndef SLOTRING_TOOL_SEND_H
#define SLOTRING_TOOL_SEND_H

#include <stdint.h>

#include "progress.h"
#include "slotring/slotring.h"
#include "stream.h"

typedef struct writer {
    slotring_t *ring;
    slotring_info_t info;
    slotring_writer_t *records; /* NULL: each message takes a slot */
    uint32_t framing;           /* of the input, with `records`: frames.h */
    uint64_t frame;             /* bytes of each message, with FRAMES_SIZE */
    uint64_t chunk;             /* most bytes of a message that takes a slot */
    uint64_t tag;               /* of every message */
    uint64_t readers;           /* to wait for */
    uint64_t repeat;            /* times to send the files */
    int64_t timeout_ns;         /* negative: never */
    stream_t stream;
    progress_t progress;
} writer_t;

/* Waits until writer->readers lossless readers are there. */
int writer_await_readers(writer_t *writer);
/* Sends all files, standard input if there is none. */
int writer_send(writer_t *writer, const char **files);

/* A call that waits for a slot does so for a slice, and is tried again if that is over. */
int64_t writer_slice(int64_t left);
/* After `code` of such a call. EXIT_DONE: try again; else over, and reported. */
int writer_try_again(writer_t *writer, int code, int64_t slice, int64_t *left);
int writer_report_input(writer_t *writer, const char *path, int error);

#endif
