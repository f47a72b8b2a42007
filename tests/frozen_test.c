/* SPDX-License-Identifier: Apache-2.0 */
/* A container that is paused: its processes are alive, hold what they hold, and nobody repairs after them. Whoever looks is
 * told that they are frozen, since no SIGCONT wakes them. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/ring.h"
#include "support/suite.h"

/* Control groups of the one kind or the other: a group of the test's own, and one in it where the process is. Frozen is
 * the outer one. */
typedef struct freezer {
    const char *mounts[2]; /* the first one that can be written */
    const char *order, *freeze, *thaw, *state, *frozen;
    bool can_kill; /* what is frozen */
} freezer_t;

static const freezer_t cgroup_2 = {{"/sys/fs/cgroup", "/sys/fs/cgroup/unified"},
                                   "cgroup.freeze",
                                   "1",
                                   "0",
                                   "cgroup.events",
                                   "frozen 1\n",
                                   true};
static const freezer_t cgroup_1 = {{"/sys/fs/cgroup/freezer", NULL},
                                   "freezer.state",
                                   "FROZEN",
                                   "THAWED",
                                   "freezer.state",
                                   "FROZEN\n",
                                   false};

static char outer[200], inner[300];

static const char *file_of(const char *group, const char *name)
{
    static char path[400];
    (void)snprintf(path, sizeof path, "%s/%s", group, name);
    return path;
}

static void write_text(const char *path, const char *text)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    CHECK_SYSTEM(file);
    CHECK_EQUAL(write(file, text, strlen(text)), strlen(text));
    close(file);
}

static bool has_line(const char *path, const char *wanted)
{
    char line[100];
    bool found = false;
    FILE *file = fopen(path, "r");
    while (file && !found && fgets(line, sizeof line, file))
        found = strcmp(line, wanted) == 0;
    if (file)
        fclose(file);
    return found;
}

static bool make_groups(const freezer_t *freezer)
{
    for (size_t i = 0; i < 2 && freezer->mounts[i]; i++) {
        (void)snprintf(outer, sizeof outer, "%s/slotring-test-%d", freezer->mounts[i], (int)getpid());
        (void)snprintf(inner, sizeof inner, "%s/inner", outer);
        if (mkdir(outer, 0755) != 0)
            continue;
        if (mkdir(inner, 0755) == 0 && access(file_of(outer, freezer->order), W_OK) == 0)
            return true;
        (void)rmdir(inner);
        (void)rmdir(outer);
    }
    return false;
}

static void remove_groups(void)
{
    int64_t end = now_ns() + PATIENCE; /* for who was killed in it to be gone */
    while (rmdir(inner) != 0 && errno == EBUSY && now_ns() < end)
        usleep(1000);
    CHECK_EQUAL(rmdir(outer), 0);
}

static void freeze(const freezer_t *freezer, const peer_t *peer)
{
    char number[20];
    int64_t end = now_ns() + PATIENCE;
    (void)snprintf(number, sizeof number, "%d", (int)peer->pid);
    write_text(file_of(inner, "cgroup.procs"), number);
    write_text(file_of(outer, freezer->order), freezer->freeze);
    while (!has_line(file_of(inner, freezer->state), freezer->frozen)) {
        CHECK(now_ns() < end);
        usleep(1000);
    }
}

static void thaw(const freezer_t *freezer)
{
    write_text(file_of(outer, freezer->order), freezer->thaw);
}

/* ---- Who is frozen ---------------------------------------------------------------------------------- */

static void lags(peer_t *test, const char *name)
{
    slotring_t *ring = ring_attach(name);
    slotring_reader_t *reader = subscribe(ring, SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    peer_tell(test, 1);
    peer_expect(test, 2);
    for (uint64_t n = 0; n < 4; n++)
        CHECK_EQUAL(take(reader), pattern_tag(1, n));
    CHECK_OK(slotring_close(ring));
    peer_tell(test, 3);
}

static void check_life(slotring_t *ring, uint64_t pid, uint32_t life)
{
    slotring_participant_t people[4];
    slotring_reader_info_t readers[4];
    slotring_blocker_t blockers[4];
    uint32_t count;
    CHECK_OK(slotring_participants(ring, people, 4, &count));
    CHECK_EQUAL(count, 2);
    CHECK_EQUAL(people[1].pid, pid);
    CHECK_EQUAL(people[1].life, life);
    CHECK_EQUAL(people[0].life, SLOTRING_LIFE_RUNNING);
    CHECK_OK(slotring_readers(ring, readers, 4, &count));
    CHECK_EQUAL(count, 1);
    CHECK_EQUAL(readers[0].life, life);
    CHECK_OK(slotring_blockers(ring, blockers, 4, &count));
    CHECK_AT_LEAST(count, 1);
    CHECK_EQUAL(blockers[0].why, SLOTRING_BLOCKS_BY_LAG);
    CHECK_EQUAL(blockers[0].life, life);
}

static void check_by_both(slotring_t *ring, const peer_t *peer, uint32_t life)
{
    slotring_t *observer = ring_observe(ring_name());
    check_life(ring, (uint64_t)peer->pid, life);
    check_life(observer, (uint64_t)peer->pid, life);
    CHECK_OK(slotring_close(observer));
}

static uint64_t recovered(slotring_t *ring)
{
    slotring_recovery_t recovery = {.struct_size = sizeof recovery};
    CHECK_OK(slotring_recover(ring, &recovery));
    return recovery.participants;
}

static void is_alive(const freezer_t *freezer)
{
    if (!make_groups(freezer))
        SKIP("no control group that freezes can be made here");
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_start(BY_FORK, "frozen-lags", ring_name());
    peer_expect(&peer, 1);
    for (uint64_t n = 0; n < 4; n++)
        publish(ring, 1, n);
    check_by_both(ring, &peer, SLOTRING_LIFE_RUNNING);
    freeze(freezer, &peer);
    check_by_both(ring, &peer, SLOTRING_LIFE_FROZEN);
    CHECK_EQUAL(recovered(ring), 0);
    slotring_slot_t slot;
    CHECK_CODE(slotring_allocate_wait(ring, 1, 300 * MILLISECOND, &slot), SLOTRING_E_TIMEOUT);
    thaw(freezer);
    peer_tell(&peer, 2);
    peer_expect(&peer, 3); /* it lost nothing */
    peer_join(&peer);
    remove_groups();
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

/* Dead is who has ended: some freezers let SIGKILL through, the others when they thaw. */
static void is_killed(const freezer_t *freezer)
{
    if (!make_groups(freezer))
        SKIP("no control group that freezes can be made here");
    slotring_t *ring = ring_create(ring_name(), 4, 100);
    peer_t peer = peer_start(BY_FORK, "frozen-lags", ring_name());
    peer_expect(&peer, 1);
    publish(ring, 1, 0);
    freeze(freezer, &peer);
    CHECK_SYSTEM(kill(peer.pid, SIGKILL));
    if (!freezer->can_kill) {
        check_by_both(ring, &peer, SLOTRING_LIFE_FROZEN);
        CHECK_EQUAL(recovered(ring), 0);
        thaw(freezer);
    }
    peer_kill(&peer);
    CHECK_EQUAL(recovered(ring), 1);
    remove_groups();
    check_recovered(ring, 1);
    ring_remove(ring, ring_name());
}

static void by_cgroup_2(void)
{
    is_alive(&cgroup_2);
}

static void by_cgroup_1(void)
{
    is_alive(&cgroup_1);
}

static void killed_in_cgroup_2(void)
{
    is_killed(&cgroup_2);
}

static void killed_in_cgroup_1(void)
{
    is_killed(&cgroup_1);
}

static const test_case_t cases[] = {
    {"by_cgroup_2", by_cgroup_2, 0},
    {"by_cgroup_1", by_cgroup_1, 0},
    {"killed_in_cgroup_2", killed_in_cgroup_2, 0},
    {"killed_in_cgroup_1", killed_in_cgroup_1, 0},
    {NULL, NULL, 0},
};

static const test_role_t roles[] = {{"frozen-lags", lags}, {NULL, NULL}};

const test_suite_t frozen_suite = {"frozen", cases, roles};
