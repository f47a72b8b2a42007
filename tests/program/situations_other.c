/* SPDX-License-Identifier: Apache-2.0 */
/* Producers do not wait: they are well, or not there, or the ring is full of what nobody frees. */
#include "situations.h"

#include <stdio.h>

slotring_participant_t participants[2];
slotring_reader_info_t readers[2];
slotring_blocker_t blockers[2];

snapshot_t healthy(void)
{
    snapshot_t now = {
        .time_ns = 2000000000, .participants = participants, .readers = readers, .blockers = blockers};
    snprintf(now.info.name, sizeof now.info.name, "daq");
    now.info.slot_count = 16;
    now.stats =
        (slotring_stats_t){.published = 33000, .producers = 1, .producers_started = 1, .slots_free = 10};
    now.participant_count = 2;
    participants[0] = (slotring_participant_t){
        .index = 0, .pid = 10, .incarnation = 5, .life = SLOTRING_LIFE_RUNNING, .producing = 1};
    participants[1] =
        (slotring_participant_t){.index = 1, .pid = 12060, .incarnation = 7, .life = SLOTRING_LIFE_RUNNING};
    snprintf(participants[0].name, sizeof participants[0].name, "board");
    now.reader_count = 1;
    readers[0] = (slotring_reader_info_t){
        .row = 3, .participant = 1, .pid = 12060, .life = SLOTRING_LIFE_RUNNING, .mode = SLOTRING_LOSSLESS};
    snprintf(readers[0].name, sizeof readers[0].name, "online");
    return now;
}

snapshot_t blocked(uint32_t life)
{
    snapshot_t now = healthy();
    now.stats.blocked = 1;
    now.stats.blocked_ns = 2600000000;
    now.stats.slots_free = 0;
    now.blocker_count = 1;
    readers[0].life = participants[1].life = life;
    readers[0].lag = 16;
    blockers[0] = (slotring_blocker_t){.why = SLOTRING_BLOCKS_BY_LAG,
                                       .participant = 1,
                                       .row = 3,
                                       .pid = 12060,
                                       .life = life,
                                       .slots = 16,
                                       .messages = 16};
    return now;
}

static snapshot_t left(void)
{
    snapshot_t now = healthy();
    readers[0].durable = 1;
    readers[0].left_ns = 5000000000;
    readers[0].lag = 4;
    readers[0].participant = UINT32_MAX;
    return now;
}

static snapshot_t warned(void)
{
    snapshot_t now = healthy();
    readers[0].life = SLOTRING_LIFE_STOPPED;
    return now;
}

static snapshot_t full(void)
{
    snapshot_t now = healthy();
    now.info.when_full = SLOTRING_KEEP;
    now.stats.slots_free = 0;
    now.stats.slots_ready = 16;
    return now;
}

static snapshot_t full_beside_a_writer(void)
{
    snapshot_t now = full();
    now.stats.slots_ready = 15;
    now.stats.published = 40;
    now.stats.freed = 25;
    now.stats.blocked = 1;
    now.stats.blocked_ns = 2600000000;
    now.blocker_count = 1;
    blockers[0] = (slotring_blocker_t){.why = SLOTRING_BLOCKS_BY_RECORDS,
                                       .participant = 0,
                                       .row = 0,
                                       .pid = 10,
                                       .life = SLOTRING_LIFE_RUNNING,
                                       .slots = 1};
    return now;
}

static snapshot_t idle(void)
{
    snapshot_t now = healthy();
    now.stats.idle_ns = 5000000000;
    return now;
}

static snapshot_t idle_stopped(void)
{
    snapshot_t now = idle();
    participants[0].life = SLOTRING_LIFE_STOPPED;
    return now;
}

static snapshot_t no_producer(void)
{
    snapshot_t now = healthy();
    now.stats.producers = now.stats.producers_started = 0;
    return now;
}

static snapshot_t ended(void)
{
    snapshot_t now = healthy();
    now.stats.producers = 0;
    now.stats.producers_died = 1;
    return now;
}

static snapshot_t ended_before_a_stopped_reader(void)
{
    snapshot_t now = warned();
    now.stats.producers = 0;
    now.stats.producers_ended = 1;
    return now;
}

static snapshot_t a_reader_before_any_producer(void)
{
    snapshot_t now = warned();
    now.stats.producers = now.stats.producers_started = 0;
    return now;
}

static snapshot_t unused(void)
{
    snapshot_t now = ended();
    now.info.unused = 1;
    return now;
}

static snapshot_t removed(void)
{
    snapshot_t now = blocked(SLOTRING_LIFE_STOPPED);
    now.info.removed = 1;
    return now;
}

static snapshot_t gate_shut(void)
{
    snapshot_t now = healthy();
    now.run.kind = SLOTRING_MARK_RUN_END;
    now.run.run = 17;
    snprintf(now.gate, sizeof now.gate, "readers missed 3 messages");
    return now;
}

static snapshot_t stopped_and_lossy(void)
{
    snapshot_t now = warned();
    readers[1] = readers[0];
    readers[0].mode = SLOTRING_LOSSY;
    readers[1].revoked = SLOTRING_REVOKED_BY_BUDGET;
    now.reader_count = 2;
    return now;
}

static snapshot_t left_with_a_quote(void)
{
    snapshot_t now = left();
    snprintf(readers[0].name, sizeof readers[0].name, "it's");
    return now;
}

const situation_t other_situations[] = {
    {"well", healthy, "OK 16k msg/s", .who = NULL},
    {"durable_left", left,
     "WARNING producers will wait for durable subscription \"online\", which nobody has had for 5.00 s",
     .commands = {"slotring revoke daq online", "slotring forget daq online"}, .who = "online"},
    {"stopped_before_it_blocks", warned,
     "WARNING producers will wait for reader \"online\", pid 12060, stopped",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060},
    {"first_look", healthy, "OK 33000 messages", .alone = true},
    {"stopped_and_lossy", stopped_and_lossy, "OK 16k msg/s", .who = NULL},
    {"left_with_a_quote", left_with_a_quote, "WARNING producers will wait for durable subscription \"it's\"",
     .commands = {"slotring revoke daq 3", "slotring forget daq 'it'\\''s'"},
     .cost = "4 messages are lost to it", .who = "it's"},
    {"full_beside_a_writer", full_beside_a_writer,
     "FULL keeps 15 messages that nobody has freed (slotring_free); a producer has waited for 2.60 s",
     .commands = {"slotring rm --force daq"}, .since_ns = 2600000000},
    {"full", full, "FULL keeps 16 messages that nobody has freed", .commands = {"slotring rm --force daq"}},
    {"idle", idle, "IDLE for 5.00 s: the ring has room, and 1 producer does not publish", .who = NULL},
    {"idle_stopped", idle_stopped, "IDLE for 5.00 s: producer \"board\", pid 10, stopped$",
     .commands = {"kill -CONT 10", "slotring recover daq --kill 10:5"}, .who = "board", .pid = 10},
    {"no_producer", no_producer, "NO PRODUCER has published in this ring so far", .who = NULL},
    {"ended", ended, "ENDED after 33000 messages: of 1 producers 0 ended and 1 died", .who = NULL},
    {"ended_before_a_stopped_reader", ended_before_a_stopped_reader,
     "ENDED after 33000 messages: of 1 producers 1 ended and 0 died; the next will wait for reader "
     "\"online\", pid 12060, stopped",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .cost = "", .who = "online",
     .pid = 12060},
    {"a_reader_before_any_producer", a_reader_before_any_producer,
     "WARNING producers will wait for reader \"online\"",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060},
    {"unused", unused, "UNUSED its last user was killed", .commands = {"slotring rm daq"}},
    {"removed", removed, "REMOVED nobody new can join", .commands = {"slotring rm --force daq"}},
    {"gate_shut", gate_shut, "GATE SHUT after run 17: readers missed 3 messages",
     .commands = {"slotring mark daq begin 18"}},
    {.name = NULL},
};
