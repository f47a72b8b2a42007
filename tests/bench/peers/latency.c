/* SPDX-License-Identifier: Apache-2.0 */
/* Latency, in an HdrHistogram.
 *
 * Ping-pong: half of a round trip. The next message is only sent when the last one is back, so a stall counts once
 * however many messages would have been due meanwhile: good for the typical time and blind for the rest.
 *
 * Paced: messages are due at a fixed rate, and the latency of each counts from the moment at which it was due, to
 * the moment at which the receiver has it, also when the sender was held up: a stall of a millisecond counts for
 * every message of that millisecond. Both processes read the same clock. */
#include <hdr/hdr_histogram.h>

#include "harness.h"
#include "payload.h"

#define LONGEST_NS INT64_C(10000000000)
#define WARM_UP 0.2

const double percentiles[PERCENTILES] = {50, 75, 90, 95, 99, 99.5, 99.9, 99.95, 99.99, 100};

static struct hdr_histogram *histogram_new(void)
{
    struct hdr_histogram *histogram;
    if (hdr_init(1, LONGEST_NS, 3, &histogram) != 0)
        fail("no memory for a histogram");
    return histogram;
}

static void histogram_finish(struct hdr_histogram *histogram, outcome_t *outcome)
{
    if (histogram->total_count == 0)
        fail("not one message was measured; measure for longer");
    outcome->messages = (uint64_t)histogram->total_count;
    for (unsigned i = 0; i < PERCENTILES; i++)
        outcome->latency[i] = (double)hdr_value_at_percentile(histogram, percentiles[i]);
    hdr_close(histogram);
}

static uint64_t expect(const run_t *run, const void *data, uint64_t number)
{
    uint64_t header = *(const uint64_t *)data;
    if ((header & PAYLOAD_NUMBER_MASK) != number ||
        !payload_is_right(data, run->there.size, run->touched, header))
        fail("message %llu was lost or damaged", (unsigned long long)number);
    return header;
}

typedef struct ends {
    void *out, *in;
} ends_t;

static ends_t open_ends(const shape_t *out, const shape_t *in, team_t *team)
{
    ends_t ends = {.in = peer_open_receiver(in, 0)};
    team_meet(team, 1);
    ends.out = peer_open_sender(out, 0);
    team_meet(team, 2);
    if (peer_facts()->settle)
        peer_facts()->settle(ends.in);
    team_meet(team, 3);
    return ends;
}

static void close_ends(ends_t *ends, team_t *team)
{
    team_finish(team);
    peer_close_sender(ends->out);
    peer_close_receiver(ends->in);
}

/* Both sides reserve the next message, and release the last one, while a message is on its way, as a program does
 * that must answer fast. */
static void ping(const run_t *run, team_t *team)
{
    size_t size = run->there.size;
    struct hdr_histogram *histogram = histogram_new();
    ends_t ends = open_ends(&run->there, &run->back, team);
    uint64_t start = ticks_now(), warm = start + ticks_of_seconds(run->seconds * WARM_UP);
    uint64_t end = warm + ticks_of_seconds(run->seconds), before = start;
    void *next = peer_reserve(ends.out);
    bool last = false;
    for (uint64_t i = 0; !last; i++) {
        last = before >= end;
        payload_write(next, size, run->touched, payload_header(0, i, last), 0);
        peer_publish(ends.out);
        if (!last)
            next = peer_reserve(ends.out);
        if (i > 0)
            peer_release(ends.in);
        expect(run, peer_receive(ends.in), i);
        uint64_t now = ticks_now();
        if (now >= warm)
            hdr_record_value(histogram, (int64_t)(ticks_to_ns(now - before) / 2 + 0.5));
        before = now;
    }
    peer_release(ends.in);
    close_ends(&ends, team);
    histogram_finish(histogram, &team->outcomes[0]);
}

static void pong(const run_t *run, team_t *team)
{
    size_t size = run->there.size;
    ends_t ends = open_ends(&run->back, &run->there, team);
    void *next = peer_reserve(ends.out);
    uint64_t header = 0;
    for (uint64_t i = 0; !(header & PAYLOAD_LAST); i++) {
        if (i > 0)
            peer_release(ends.in);
        header = expect(run, peer_receive(ends.in), i);
        payload_write(next, size, run->touched, header, 0);
        peer_publish(ends.out);
        if (!(header & PAYLOAD_LAST))
            next = peer_reserve(ends.out);
    }
    peer_release(ends.in);
    close_ends(&ends, team);
}

void pingpong_member(const run_t *run, team_t *team, unsigned number)
{
    if (number == 0)
        ping(run, team);
    else
        pong(run, team);
}

static void send_paced(const run_t *run, team_t *team)
{
    void *sender = team_open_sender(team, &run->there, 0);
    uint64_t messages = (uint64_t)(run->seconds * (1 + WARM_UP) * run->rate) + 1, start = ticks_now();
    double interval = (double)ticks_of_seconds(1) / run->rate;
    for (uint64_t i = 0; i < messages; i++) {
        uint64_t due = start + (uint64_t)((double)i * interval);
        void *data = peer_reserve(sender);
        while (ticks_now() < due)
            continue;
        payload_write(data, run->there.size, run->touched, payload_header(0, i, i + 1 == messages), due);
        peer_publish(sender);
    }
    team_finish(team);
    peer_close_sender(sender);
}

static void receive_paced(const run_t *run, team_t *team)
{
    struct hdr_histogram *histogram = histogram_new();
    outcome_t *outcome = &team->outcomes[1];
    void *receiver = team_open_receiver(team, &run->there, 0);
    uint64_t warm = ticks_now() + ticks_of_seconds(run->seconds * WARM_UP), first = 0, header = 0, i = 0;
    for (; !(header & PAYLOAD_LAST); i++) {
        const void *data = peer_receive(receiver);
        header = expect(run, data, i);
        uint64_t now = ticks_now(), due = ((const uint64_t *)data)[1];
        peer_release(receiver);
        if (now < warm)
            continue;
        if (!first)
            first = now;
        /* The clocks of two processors may differ by a few ticks. */
        int64_t ns = now > due ? (int64_t)(ticks_to_ns(now - due) + 0.5) : 1;
        hdr_record_value(histogram, ns < LONGEST_NS ? ns : LONGEST_NS);
        outcome->mean_rate = (double)histogram->total_count / ticks_to_ns(now - first + 1) * 1e9;
    }
    team_finish(team);
    peer_close_receiver(receiver);
    histogram_finish(histogram, outcome);
}

void paced_member(const run_t *run, team_t *team, unsigned number)
{
    if (number == 0)
        send_paced(run, team);
    else
        receive_paced(run, team);
}
