/* SPDX-License-Identifier: Apache-2.0 */
/* Producers wait, or would. */
#include "situations.h"

#include <stdio.h>

static snapshot_t stopped(void)
{
    return blocked(SLOTRING_LIFE_STOPPED);
}

static snapshot_t slow(void)
{
    return blocked(SLOTRING_LIFE_RUNNING);
}

static snapshot_t dead(void)
{
    return blocked(SLOTRING_LIFE_DEAD);
}

static snapshot_t frozen(void)
{
    return blocked(SLOTRING_LIFE_FROZEN);
}

static snapshot_t hidden(void)
{
    return blocked(SLOTRING_LIFE_UNKNOWN);
}

static snapshot_t ambiguous(void)
{
    snapshot_t now = blocked(SLOTRING_LIFE_RUNNING);
    readers[1] = readers[0];
    readers[1].row = 4;
    now.reader_count = 2;
    return now;
}

static snapshot_t kept_for_a_reader(void)
{
    snapshot_t now = blocked(SLOTRING_LIFE_RUNNING);
    now.info.when_full = SLOTRING_KEEP;
    now.stats.slots_ready = 16;
    now.stats.freed = now.stats.published - 15;
    return now;
}

static snapshot_t taken(uint32_t why)
{
    snapshot_t now = blocked(SLOTRING_LIFE_STOPPED);
    now.info.when_full = SLOTRING_KEEP;
    blockers[0].why = why;
    blockers[0].messages = 0;
    blockers[0].row = UINT32_MAX;
    snprintf(blockers[0].name, sizeof blockers[0].name, "online");
    return now;
}

static snapshot_t held(void)
{
    snapshot_t now = taken(SLOTRING_BLOCKS_BY_HOLDING);
    now.stats.slots_ready = 16;
    now.stats.freed = now.stats.published;
    return now;
}

static snapshot_t written(void)
{
    return taken(SLOTRING_BLOCKS_BY_WRITING);
}

static snapshot_t again_and_again(void)
{
    snapshot_t now = stopped();
    now.stats.blocked_ns = 20000000;
    now.stats.idle_ns = 2600000000;
    return now;
}

static snapshot_t a_new_call(void)
{
    snapshot_t now = stopped();
    now.stats.blocked_ns = 200000000;
    now.stats.idle_ns = 2600000000;
    return now;
}

static snapshot_t nobody_waits(void)
{
    snapshot_t now = stopped();
    now.stats.blocked = now.stats.blocked_ns = 0;
    return now;
}

static snapshot_t nobody_waits_for_a_reader_that_runs(void)
{
    snapshot_t now = slow();
    now.stats.blocked = now.stats.blocked_ns = 0;
    return now;
}

static snapshot_t hindered(void)
{
    snapshot_t now = slow();
    now.stats.blocked_ns = 1000000;
    now.stats.waited_ns = 800000000;
    return now;
}

/* It waits in one call since before the look: the ring has not counted that yet. */
static snapshot_t hindered_in_one_call(void)
{
    snapshot_t now = slow();
    now.stats.blocked_ns = 150000000;
    return now;
}

/* Its last wait began before the look, and ended in it. */
static snapshot_t hindered_since_before(void)
{
    snapshot_t now = hindered();
    now.stats.waited_ns = 1480000000;
    return now;
}

static snapshot_t of_a_group(void)
{
    snapshot_t now = stopped();
    readers[1] = readers[0];
    readers[1].row = 4;
    readers[0].participant = UINT32_MAX;
    readers[0].group = readers[1].group = 1;
    readers[0].pid = 4711;
    readers[0].durable = 1;
    readers[0].life = SLOTRING_LIFE_UNKNOWN;
    now.reader_count = 2;
    return now;
}

static snapshot_t records(void)
{
    return taken(SLOTRING_BLOCKS_BY_RECORDS);
}

static snapshot_t of_a_busy_group(void)
{
    snapshot_t now = of_a_group();
    readers[1].life = SLOTRING_LIFE_RUNNING;
    return now;
}

static snapshot_t beside_a_stopped_one(void)
{
    snapshot_t now = slow();
    readers[1] = readers[0];
    readers[0].row = 2;
    readers[0].pid = 99;
    readers[0].mode = SLOTRING_LOSSY;
    readers[0].life = SLOTRING_LIFE_STOPPED;
    snprintf(readers[0].name, sizeof readers[0].name, "display");
    now.reader_count = 2;
    return now;
}

static snapshot_t spans(void)
{
    snapshot_t now = nobody_waits();
    readers[0].lag = 3;
    blockers[0].messages = 4;
    return now;
}

static snapshot_t has_just_left(void)
{
    snapshot_t now = taken(SLOTRING_BLOCKS_BY_HOLDING);
    now.stats.slots_ready = 16;
    now.stats.freed = now.stats.published;
    blockers[0].participant = 1;
    blockers[0].pid = 0;
    blockers[0].life = SLOTRING_LIFE_UNKNOWN;
    return now;
}

static snapshot_t of_no_participant(void)
{
    snapshot_t now = stopped();
    readers[0].pid = blockers[0].pid = 4711;
    return now;
}

static snapshot_t left_and_revoked(void)
{
    snapshot_t now = blocked(SLOTRING_LIFE_UNKNOWN);
    readers[0] = (slotring_reader_info_t){.row = 3,
                                          .participant = UINT32_MAX,
                                          .durable = 1,
                                          .left_ns = 5000000000,
                                          .revoked = SLOTRING_REVOKED_BY_HAND,
                                          .lag = 16};
    snprintf(readers[0].name, sizeof readers[0].name, "online");
    return now;
}

static snapshot_t named_as_a_number(void)
{
    snapshot_t now = slow();
    snprintf(readers[0].name, sizeof readers[0].name, "42");
    return now;
}

static snapshot_t slow_and_durable(void)
{
    snapshot_t now = slow();
    readers[0].durable = 1;
    return now;
}

const situation_t blocked_situations[] = {
    {"stopped", stopped, "BLOCKED since 2.60 s by reader \"online\", pid 12060, stopped, 16 messages behind",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060,
     .since_ns = 2600000000},
    {"slow", slow, "BLOCKED since 2.60 s by reader \"online\", pid 12060, running",
     .commands = {"slotring revoke daq online", "slotring recover daq --kill 12060:7"}, .who = "online",
     .pid = 12060, .since_ns = 2600000000},
    {"two_of_one_name", ambiguous, "BLOCKED",
     .commands = {"slotring revoke daq 3", "slotring recover daq --kill 12060:7"}, .who = "online",
     .pid = 12060, .since_ns = 2600000000},
    {"dead", dead, "BLOCKED since 2.60 s by reader \"online\", pid 12060, dead",
     .commands = {"slotring recover daq"}, .who = "online", .pid = 12060, .since_ns = 2600000000},
    {"frozen", frozen, "BLOCKED since 2.60 s by reader \"online\", pid 12060, frozen",
     .commands = {"echo 0 >\"/sys/fs/cgroup$(sed -n s/^0:://p /proc/12060/cgroup)/cgroup.freeze\"",
                  "slotring recover daq --kill 12060:7"},
     .who = "online", .pid = 12060, .since_ns = 2600000000},
    {"hidden", hidden, "BLOCKED since 2.60 s by reader \"online\", pid 12060, of unknown",
     .commands = {"slotring stat daq"}, .who = "online", .pid = 12060, .since_ns = 2600000000},
    {"kept_for_a_reader", kept_for_a_reader, "BLOCKED since 2.60 s by reader \"online\"",
     .commands = {"slotring revoke daq online", "slotring recover daq --kill 12060:7"}, .who = "online",
     .pid = 12060, .since_ns = 2600000000},
    {"records", records,
     "BLOCKED since 2.60 s by \"online\", pid 12060, stopped, a writer of which keeps a slot for records",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"},
     .cost = "its stream ends, and what it holds is given back", .who = "online", .pid = 12060,
     .since_ns = 2600000000},
    {"of_a_busy_group", of_a_busy_group, "BLOCKED since 2.60 s by group \"online\", 16 messages behind",
     .who = "online", .pid = 4711, .since_ns = 2600000000},
    {"beside_a_stopped_one", beside_a_stopped_one,
     "BLOCKED since 2.60 s by reader \"online\", pid 12060, running, 16 messages behind",
     .commands = {"slotring revoke daq online", "slotring recover daq --kill 12060:7"},
     .cost = "the 16 messages that it has not read are lost to it", .who = "online", .pid = 12060,
     .since_ns = 2600000000},
    {"spans", spans, "BLOCKED by reader \"online\", pid 12060, stopped, 4 messages behind",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"},
     .cost = "the 4 messages that it has not read are lost to it", .who = "online", .pid = 12060},
    {"has_just_left", has_just_left,
     "BLOCKED since 2.60 s by \"online\", of unknown state, which holds 16 slots",
     .commands = {"slotring stat daq"}, .who = "online", .since_ns = 2600000000},
    {"of_no_participant", of_no_participant, "BLOCKED since 2.60 s by reader \"online\", pid 4711, stopped",
     .commands = {"kill -CONT 4711"}, .who = "online", .pid = 4711, .since_ns = 2600000000},
    {"left_and_revoked", left_and_revoked,
     "BLOCKED since 2.60 s by durable subscription \"online\", which nobody has had for 5.00 s, 16 messages "
     "behind",
     .commands = {"slotring forget daq online"}, .cost = "16 messages are lost to it", .who = "online",
     .since_ns = 2600000000},
    {"named_as_a_number", named_as_a_number, "BLOCKED since 2.60 s by reader \"42\"",
     .commands = {"slotring revoke daq 3", "slotring recover daq --kill 12060:7"}, .who = "42", .pid = 12060,
     .since_ns = 2600000000},
    {"slow_and_durable", slow_and_durable,
     "BLOCKED since 2.60 s by durable subscription \"online\", pid 12060, running",
     .commands = {"slotring recover daq --kill 12060:7"}, .cost = "another reader goes on with its messages",
     .who = "online", .pid = 12060, .since_ns = 2600000000},
    {"held", held, "BLOCKED since 2.60 s by \"online\", pid 12060, stopped, which holds 16 slots",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060,
     .since_ns = 2600000000},
    {"written", written, "BLOCKED since 2.60 s by \"online\", pid 12060, stopped, which is writing 16 slots",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"},
     .cost = "what it is writing in 16 slots is lost", .who = "online", .pid = 12060, .since_ns = 2600000000},
    {"again_and_again", again_and_again,
     "BLOCKED since 20.0 ms (nothing was published for 2.60 s) by reader \"online\"",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060,
     .since_ns = 20000000},
    {"a_new_call", a_new_call, "BLOCKED since 0.20 s (nothing was published for 2.60 s) by reader \"online\"",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060,
     .since_ns = 200000000},
    {"nobody_waits", nobody_waits, "BLOCKED by reader \"online\", pid 12060, stopped",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060},
    {"nobody_waits_for_a_reader_that_runs", nobody_waits_for_a_reader_that_runs, "OK 16k msg/s", .who = NULL},
    {"hindered", hindered,
     "SLOW 16k msg/s, producers wait 80 % of the time for reader \"online\", pid 12060, running",
     .commands = {"slotring revoke daq online", "slotring recover daq --kill 12060:7"}, .who = "online",
     .pid = 12060},
    {"hindered_in_one_call", hindered_in_one_call,
     "SLOW 16k msg/s, producers wait 15 % of the time for reader \"online\", pid 12060, running",
     .commands = {"slotring revoke daq online", "slotring recover daq --kill 12060:7"}, .who = "online",
     .pid = 12060},
    {"hindered_since_before", hindered_since_before,
     "SLOW 16k msg/s, producers wait 100 % of the time for reader \"online\", pid 12060, running",
     .commands = {"slotring revoke daq online", "slotring recover daq --kill 12060:7"}, .who = "online",
     .pid = 12060},
    {"of_a_group", of_a_group,
     "BLOCKED since 2.60 s by group \"online\", pid 12060, stopped, 16 messages behind",
     .commands = {"kill -CONT 12060", "slotring recover daq --kill 12060:7"}, .who = "online", .pid = 12060,
     .since_ns = 2600000000},
    {.name = NULL},
};
