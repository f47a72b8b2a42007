/* SPDX-License-Identifier: Apache-2.0 */
#include "sample.h"

#define AT_ONCE 4096u    /* messages of one look */
#define GONE_AT_ONCE 64u /* so many in a row were not freed one by one: their slots are in use again */

void sample_begin(sample_t *sample, uint64_t published)
{
    *sample = (sample_t){.next = published, .least_ns = UINT64_MAX};
}

static void count_producer(sample_t *sample, const slotring_slot_t *message)
{
    sample_producer_t *producer = sample->producers;
    for (uint32_t i = 0; i < sample->count; i++, producer++) {
        if (producer->index == message->producer && producer->incarnation == message->producer_incarnation) {
            producer->messages++;
            return;
        }
    }
    if (sample->count == SAMPLE_PRODUCERS)
        return;
    *producer = (sample_producer_t){
        .index = message->producer, .incarnation = message->producer_incarnation, .messages = 1};
    sample->count++;
}

/* Clocks of producers elsewhere may differ: a step back is none. */
static void count_step(sample_t *sample, uint64_t time_ns)
{
    uint64_t step = time_ns - sample->last_ns;
    if (sample->last_ns > 0 && time_ns >= sample->last_ns) {
        sample->steps++;
        sample->sum_ns += (double)step;
        sample->least_ns = step < sample->least_ns ? step : sample->least_ns;
        sample->most_ns = step > sample->most_ns ? step : sample->most_ns;
    }
    sample->last_ns = time_ns;
}

static void count(sample_t *sample, const slotring_slot_t *message)
{
    sample->seen++;
    if (message->number == SLOTRING_NO_NUMBER)
        count_producer(sample, message);
    if (message->time_ns > 0)
        count_step(sample, message->time_ns);
}

/* The steps of time begin anew behind what was not looked at. */
static void pass_to(sample_t *sample, uint64_t to)
{
    sample->passed += to - sample->next;
    sample->next = to;
    sample->last_ns = 0;
}

/* To the newest: what lies before it comes too fast. */
static bool pass_all(sample_t *sample, slotring_t *ring)
{
    slotring_stats_t stats = {.struct_size = sizeof stats};
    if (slotring_get_stats(ring, &stats) < 0)
        return false;
    if (stats.published > sample->next)
        pass_to(sample, stats.published);
    return true;
}

bool sample_look(sample_t *sample, slotring_t *ring, uint64_t end)
{
    uint32_t gone = 0;
    for (uint32_t i = 0; i < AT_ONCE && sample->next < end; i++) {
        slotring_slot_t message = {0};
        int result = slotring_copy_sequence(ring, sample->next, NULL, 0, &message);
        if (result == SLOTRING_E_NOT_READY)
            return true;
        if (result == SLOTRING_E_STALE) {
            pass_to(sample, sample->next + 1);
            if (++gone == GONE_AT_ONCE)
                return pass_all(sample, ring);
            continue;
        }
        gone = 0;
        if (result == 0 || result == SLOTRING_E_SIZE || result == SLOTRING_E_CHECKSUM)
            count(sample, &message);
        else if (result == SLOTRING_E_INVALID)
            sample->last_ns = 0; /* records: their writers count them */
        else
            return false;
        sample->next++;
    }
    return sample->next >= end || pass_all(sample, ring);
}

uint64_t sample_of(const sample_t *sample, const slotring_participant_t *participant)
{
    for (uint32_t i = 0; i < sample->count; i++)
        if (sample->producers[i].index == participant->index &&
            sample->producers[i].incarnation == participant->incarnation)
            return sample->producers[i].messages;
    return 0;
}
