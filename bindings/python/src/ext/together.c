/* SPDX-License-Identifier: Apache-2.0 */
/* Messages that the library takes back together: those that it gave with one call to a durable reader without a window, or to a member
 * of a group. The program may acknowledge them one by one; the library is told with the last one. Until then all of them come again
 * when the process dies. */
#include <string.h>

#include "binding.h"

#define MOST_TOGETHER 4096u

int takes_together(const reader_t *reader)
{
    return reader->acknowledges && !reader->has_window;
}

static int make_room(together_t *batch, uint32_t wanted)
{
    if (wanted <= batch->room)
        return 0;
    slotring_slot_t *slots = PyMem_Malloc(wanted * sizeof *slots);
    unsigned char *done = PyMem_Malloc(wanted);
    if (slots == NULL || done == NULL) {
        PyMem_Free(slots);
        PyMem_Free(done);
        PyErr_NoMemory();
        return -1;
    }
    PyMem_Free(batch->slots);
    PyMem_Free(batch->done);
    batch->slots = slots;
    batch->done = done;
    batch->room = wanted;
    return 0;
}

typedef struct ask {
    reader_t *reader;
    uint32_t most;
} ask_t;

static int call_next_batch(void *context, int64_t timeout_ns)
{
    ask_t *ask = context;
    reader_t *reader = ask->reader;
    return slotring_next_batch(reader->handle, timeout_ns, reader->batch.slots, ask->most,
                               &reader->batch.count);
}

int together_ask(reader_t *reader, uint32_t most, int64_t timeout_ns)
{
    together_t *batch = &reader->batch;
    ask_t ask = {reader, most < MOST_TOGETHER ? most : MOST_TOGETHER};
    batch->count = batch->made = batch->open = 0;
    if (make_room(batch, ask.most) != 0)
        return CODE_PYTHON;
    int code = wait_for(reader->ring, call_next_batch, &ask, timeout_ns);
    if (code != 0 && code != SLOTRING_E_CHECKSUM) {
        batch->count = 0;
        return code;
    }
    batch->open = batch->count;
    batch->code = code;
    batch->number++;
    memset(batch->done, 0, batch->count);
    return code;
}

int together_pop(reader_t *reader, slotring_slot_t *slot, int *code)
{
    together_t *batch = &reader->batch;
    if (batch->made == batch->count)
        return 0;
    *slot = batch->slots[batch->made++];
    *code = batch->made == batch->count ? batch->code : 0;
    return 1;
}

int together_end(reader_t *reader)
{
    int failed = slotring_reader_release(reader->handle);
    reader->in_hand = 0;
    reader->batch.count = reader->batch.made = reader->batch.open = 0;
    return failed;
}

int together_note(reader_t *reader, const loan_t *message, int up_to)
{
    together_t *batch = &reader->batch;
    if (batch->count == 0 || message->batch != batch->number)
        return 0; /* asking for more acknowledged it */
    for (uint32_t i = up_to ? 0 : message->place; i <= message->place; i++) {
        batch->open -= !batch->done[i];
        batch->done[i] = 1;
    }
    return batch->open == 0 ? together_end(reader) : 0;
}

void together_free(reader_t *reader)
{
    PyMem_Free(reader->batch.slots);
    PyMem_Free(reader->batch.done);
}
