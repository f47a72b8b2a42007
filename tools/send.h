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
    uint64_t chunk;     /* most bytes of a message */
    uint64_t tag;       /* of every message */
    uint64_t readers;   /* to wait for */
    uint64_t repeat;    /* times to send the files */
    int64_t timeout_ns; /* negative: never */
    stream_t stream;
    progress_t progress;
} writer_t;

/* Waits until writer->readers lossless readers are there. */
int writer_await_readers(writer_t *writer);
/* Sends all files, standard input if there is none. */
int writer_send(writer_t *writer, const char **files);

#endif
