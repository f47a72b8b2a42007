/* SPDX-License-Identifier: Apache-2.0 */
/* Messages as fast as they go, all delivered, for a given time. Each receiver takes the time of stretches that are
 * several times as long as what fits between sender and receiver; the median of these is the result, so that a
 * process that the system interrupts spoils a few of them only. */
#include <stdlib.h>

#include "harness.h"
#include "payload.h"

#define STRETCHES_MAX 65536u
#define STRETCHES_MIN UINT64_C(4)
#define WARM_UP 0.2

uint64_t ticks_of_seconds(double seconds)
{
    return (uint64_t)(seconds * 1e9 / ticks_to_ns(1));
}

static uint32_t stretch_of(const shape_t *shape)
{
    return shape->size <= 1024 ? shape->buffers * 8 : shape->buffers;
}

/* The time is looked at as often as costs nothing: about every 32 KiB, and every 64 messages at most. */
static uint64_t look_mask(const shape_t *shape)
{
    uint64_t every = 64;
    while (every > 1 && every * shape->size > 32768)
        every /= 2;
    return every - 1;
}

/* When a sender stops: when the time is over, and when so many were sent after the warm-up that a receiver that is
 * slow, or was interrupted, has stretches to measure, too. */
typedef struct stop {
    uint64_t warm, end, least; /* `least`: a number of messages; UINT64_MAX until it is warm */
} stop_t;

static stop_t stop_plan(const run_t *run)
{
    uint64_t warm = ticks_now() + ticks_of_seconds(run->seconds * WARM_UP);
    return (stop_t){warm, warm + ticks_of_seconds(run->seconds), UINT64_MAX};
}

static bool is_time_to_stop(const run_t *run, stop_t *stop, uint64_t number)
{
    uint64_t now = ticks_now();
    if (stop->least == UINT64_MAX && now >= stop->warm)
        stop->least = number + STRETCHES_MIN * stretch_of(&run->there);
    return number >= stop->least && now >= stop->end;
}

static void send_all(const run_t *run, team_t *team, unsigned number)
{
    const shape_t *shape = &run->there;
    void *sender = team_open_sender(team, shape, number);
    uint64_t mask = look_mask(shape);
    stop_t stop = stop_plan(run);
    bool last = false;
    for (uint64_t i = 0; !last; i++) {
        last = (i & mask) == mask && is_time_to_stop(run, &stop, i);
        payload_write(peer_reserve(sender), shape->size, run->touched, payload_header(number, i, last), 0);
        peer_publish(sender);
    }
    peer_flush(sender);
    team_finish(team);
    peer_close_sender(sender);
}

typedef struct check {
    uint64_t next[PROCESSES_MAX]; /* number that is due from each sender */
    unsigned ended;
} check_t;

static void check_message(const run_t *run, check_t *check, const void *data)
{
    uint64_t header = *(const uint64_t *)data;
    unsigned sender = payload_sender(header);
    if (sender >= run->there.senders || (header & PAYLOAD_NUMBER_MASK) != check->next[sender])
        fail("a message was lost, doubled or damaged: number %llu of sender %u instead of %llu",
             (unsigned long long)(header & PAYLOAD_NUMBER_MASK), sender,
             sender < run->there.senders ? (unsigned long long)check->next[sender] : 0ull);
    if (!payload_is_right(data, run->there.size, run->touched, header))
        fail("message %llu arrived with wrong content", (unsigned long long)check->next[sender]);
    check->next[sender]++;
    check->ended += (header & PAYLOAD_LAST) != 0;
}

static void receive_all(const run_t *run, team_t *team, unsigned number)
{
    static double rates[STRETCHES_MAX];
    static check_t check;
    outcome_t *outcome = &team->outcomes[number];
    void *receiver = team_open_receiver(team, &run->there, number - run->there.senders);
    uint32_t stretch = stretch_of(&run->there), count = 0;
    uint64_t started = ticks_now(), warm = started + ticks_of_seconds(run->seconds * WARM_UP);
    uint64_t before = started, first = 0, messages = 0;
    for (uint32_t in_stretch = 0; check.ended < run->there.senders;) {
        check_message(run, &check, peer_receive(receiver));
        peer_release(receiver);
        if (++in_stretch < stretch)
            continue;
        uint64_t now = ticks_now();
        if (first && count < STRETCHES_MAX) {
            rates[count++] = stretch / ticks_to_ns(now - before) * 1e9;
            messages += stretch;
            outcome->mean_rate = (double)messages / ticks_to_ns(now - first) * 1e9;
        } else if (!first && now >= warm) {
            first = now;
        }
        before = now;
        in_stretch = 0;
    }
    if (count == 0)
        fail("no stretch of %u messages was completed in %.2f s; measure for longer", stretch, run->seconds);
    outcome->messages = messages;
    outcome->rate = spread_of(rates, count).median;
    team_finish(team);
    peer_close_receiver(receiver);
}

void stream_member(const run_t *run, team_t *team, unsigned number)
{
    if (number < run->there.senders)
        send_all(run, team, number);
    else
        receive_all(run, team, number);
}
