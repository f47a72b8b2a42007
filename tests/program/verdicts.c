/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict of stat in one situation each: "verdicts SITUATION". Also in those that a test cannot bring about everywhere, such as a
 * container that is frozen. */
#include <stdio.h>
#include <string.h>

#include "verdict.h"

static slotring_participant_t participants[2];
static slotring_reader_info_t readers[2];
static slotring_blocker_t blockers[2];

/* A ring of 16 slots with a producer and a lossless reader that are both well. */
static snapshot_t healthy(void)
{
    snapshot_t now = {
        .time_ns = 2000000000, .participants = participants, .readers = readers, .blockers = blockers};
    snprintf(now.info.name, sizeof now.info.name, "daq");
    now.info.slot_count = 16;
    now.stats =
        (slotring_stats_t){.published = 33000, .producers = 1, .producers_started = 1, .slots_free = 10};
    now.participant_count = 2;
    participants[0] =
        (slotring_participant_t){.index = 0, .pid = 10, .life = SLOTRING_LIFE_RUNNING, .producing = 1};
    participants[1] =
        (slotring_participant_t){.index = 1, .pid = 12060, .incarnation = 7, .life = SLOTRING_LIFE_RUNNING};
    snprintf(participants[0].name, sizeof participants[0].name, "board");
    now.reader_count = 1;
    readers[0] = (slotring_reader_info_t){
        .row = 3, .participant = 1, .pid = 12060, .life = SLOTRING_LIFE_RUNNING, .mode = SLOTRING_LOSSLESS};
    snprintf(readers[0].name, sizeof readers[0].name, "online");
    return now;
}

/* Producers have waited for 2.6 s for the reader, which is in this state. */
static snapshot_t blocked(uint32_t life)
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

static snapshot_t removed(void)
{
    snapshot_t now = stopped();
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

static const struct {
    const char *name;
    snapshot_t (*make)(void);
    const char *verdict;     /* how it begins */
    const char *commands[4]; /* each of them, in order */
} situations[] = {
    {"well", healthy, "OK 16k msg/s", {NULL}},
    {"stopped",
     stopped,
     "BLOCKED since 2.60 s by reader \"online\", pid 12060, stopped, 16 messages behind",
     {"kill -CONT 12060", "slotring recover daq --kill 12060"}},
    {"slow",
     slow,
     "BLOCKED since 2.60 s by reader \"online\", pid 12060, running",
     {"slotring revoke daq online", "slotring recover daq --kill 12060"}},
    {"two_of_one_name", ambiguous, "BLOCKED", {"slotring revoke daq 3", "slotring recover daq --kill 12060"}},
    {"dead", dead, "BLOCKED since 2.60 s by reader \"online\", pid 12060, dead", {"slotring recover daq"}},
    {"frozen",
     frozen,
     "BLOCKED since 2.60 s by reader \"online\", pid 12060, frozen",
     {"echo 0 >\"/sys/fs/cgroup$(sed -n s/^0:://p /proc/12060/cgroup)/cgroup.freeze\"",
      "slotring recover daq --kill 12060"}},
    {"hidden",
     hidden,
     "BLOCKED since 2.60 s by reader \"online\", pid 12060, of unknown",
     {"slotring stat daq"}},
    {"durable_left",
     left,
     "WARNING producers will wait for durable subscription \"online\", which nobody has had for 5.00 s",
     {"slotring revoke daq online", "slotring forget daq online"}},
    {"stopped_before_it_blocks",
     warned,
     "WARNING producers will wait for reader \"online\", pid 12060, stopped",
     {"kill -CONT 12060", "slotring recover daq --kill 12060"}},
    {"full", full, "FULL keeps 16 messages that nobody has freed", {"slotring rm --force daq"}},
    {"idle", idle, "IDLE for 5.00 s: the ring has room, and 1 producer does not publish", {NULL}},
    {"idle_stopped",
     idle_stopped,
     "IDLE for 5.00 s: producer \"board\", pid 10, stopped",
     {"kill -CONT 10", "slotring recover daq --kill 10"}},
    {"no_producer", no_producer, "NO PRODUCER", {NULL}},
    {"ended", ended, "ENDED after 33000 messages: of 1 producers 0 ended and 1 died", {NULL}},
    {"removed", removed, "REMOVED", {"slotring rm --force daq"}},
    {"gate_shut",
     gate_shut,
     "GATE SHUT after run 17: readers missed 3 messages",
     {"slotring mark daq begin 18"}},
};

static int compare(size_t i)
{
    snapshot_t now = situations[i].make(), before = now;
    verdict_t verdict;
    char line[512];
    int wrong = 0;
    before.time_ns -= 1000000000;
    before.stats.published -= 16000;
    verdict_of(&verdict, &now, &before, "");
    snprintf(line, sizeof line, "%s %s", verdict_word(verdict.kind), verdict.text);
    wrong = strncmp(line, situations[i].verdict, strlen(situations[i].verdict)) != 0;
    for (uint32_t k = 0; k <= verdict.remedies.count && k < 4; k++) {
        const char *wanted = situations[i].commands[k];
        const char *got = k < verdict.remedies.count ? verdict.remedies.list[k].command : NULL;
        wrong |= !wanted != !got || (wanted && strcmp(wanted, got) != 0);
    }
    if (wrong)
        verdict_print(&verdict);
    return wrong;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc == 2 && i < sizeof situations / sizeof situations[0]; i++)
        if (strcmp(situations[i].name, argv[1]) == 0)
            return compare(i);
    fprintf(stderr, "verdicts: there is no such situation\n");
    return 2;
}
