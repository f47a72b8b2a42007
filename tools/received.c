/* SPDX-License-Identifier: Apache-2.0 */
/* A message that slotring read has received, on its way out. */
#include "received.h"

#include <inttypes.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"

int received_report(receiver_t *receiver, int error)
{
    progress_wipe(&receiver->progress);
    if (error == HOST_STOPPED)
        return stop_code();
    if (host_is_broken_pipe(error))
        return EXIT_BROKEN_PIPE;
    out_error("cannot write %s: %s, after %" PRIu64 " bytes%s", receiver->path, host_error_text(error),
              receiver->output_bytes,
              receiver->file == HOST_STDOUT ? "" : "; the part that is written stays");
    return host_is_full(error) ? EXIT_NO_SPACE : EXIT_ERROR;
}

void received_note_timing(receiver_t *receiver, const slotring_slot_t *slot)
{
    uint64_t now = host_clock_ns();
    uint64_t latency = now > slot->time_ns ? now - slot->time_ns : 0;
    if (slot->sequence == UINT64_MAX) /* a record whose slot has none yet */
        fprintf(receiver->timings, "- ");
    else
        fprintf(receiver->timings, "%" PRIu64 " ", slot->sequence);
    fprintf(receiver->timings, "%" PRIu64 " %" PRIu64 " %" PRIu32 "\n", slot->length, latency,
            slot->producer);
}

static int write_out(receiver_t *receiver, const void *data, uint64_t size)
{
    uint64_t put = 0;
    int error = host_write(receiver->file, data, size, &put);
    receiver->output_bytes += put;
    return error;
}

int received_flush(receiver_t *receiver)
{
    uint64_t size = receiver->buffered;
    receiver->buffered = 0;
    return size > 0 ? write_out(receiver, receiver->buffer, size) : 0;
}

/* Small pieces together, large ones straight from the slot. */
static int put(receiver_t *receiver, const void *data, uint64_t size)
{
    int error = 0;
    if (receiver->buffered + size > sizeof receiver->buffer)
        error = received_flush(receiver);
    if (error != 0)
        return error;
    if (size > sizeof receiver->buffer / 4) {
        error = received_flush(receiver);
        return error ? error : write_out(receiver, data, size);
    }
    if (size > 0)
        memcpy(receiver->buffer + receiver->buffered, data, (size_t)size);
    receiver->buffered += size;
    return 0;
}

/* A message that takes several slots lies in pieces. */
static int put_pieces(receiver_t *receiver, const slotring_slot_t *slot, bool *lost)
{
    slotring_piece_t piece = {0};
    int error = 0, code = 0;
    while (error == 0 && (code = slotring_next_piece(receiver->ring, slot, &piece)) == 0)
        error = put(receiver, piece.data, piece.length);
    *lost = error == 0 && code != SLOTRING_E_EMPTY;
    return error;
}

int received_empty_files(receiver_t *receiver)
{
    int error = receiver->file >= 0 && receiver->file != HOST_STDOUT ? host_empty(receiver->file) : 0;
    if (error == 0 && receiver->timings)
        error = host_empty_stream(receiver->timings);
    return error;
}

bool received_is_durable(const receiver_t *receiver)
{
    return (receiver->options.flags & (SLOTRING_DURABLE | SLOTRING_GROUP)) != 0;
}

int received_put(receiver_t *receiver, const slotring_slot_t *slot, bool *lost)
{
    int error = 0;
    *lost = false;
    if (receiver->framing == FRAMES_PREFIX) {
        unsigned char prefix[FRAMES_PREFIX_SIZE];
        for (unsigned i = 0; i < FRAMES_PREFIX_SIZE; i++)
            prefix[i] = (unsigned char)(slot->length >> 8 * i);
        error = put(receiver, prefix, sizeof prefix);
    }
    if (error == 0)
        error = slot->kind == SLOTRING_KIND_SPAN ? put_pieces(receiver, slot, lost)
                                                 : put(receiver, slot->data, slot->length);
    if (error == 0 && receiver->framing == FRAMES_LINES)
        error = put(receiver, "\n", 1);
    /* Only records come so fast that it matters; what takes a slot is written before the slot is given back. */
    if (error == 0 &&
        (slot->kind != SLOTRING_KIND_RECORD || receiver->delay_ns > 0 || received_is_durable(receiver)))
        error = received_flush(receiver);
    return error;
}
