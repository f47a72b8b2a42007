/* SPDX-License-Identifier: Apache-2.0 */
/* Two threads of one handle on one processor, one of which goes before the other whenever it wants to: wherever the
 * ordinary one was when it lost the processor, the urgent one never needs it to go on. Counted in turns of its loops,
 * not in time. */
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"
#include "support/thread.h"

#define TURNS_MAX 1000u /* of a few calls, each of which looks 64 times at what may change */

static const sr__backend_t *real_backend;
static sr__backend_t counting;

static struct {
    slotring_t *ring;
    slotring_ticket_t ticket;
    unsigned long rounds;
    atomic_bool over, refused;
    atomic_ulong worked; /* turns of the ordinary one */
} shared;

static _Thread_local bool urgent;
static _Thread_local uint32_t turns;

static void count_turn(void)
{
    if (urgent && ++turns > TURNS_MAX)
        FAIL("more than %u turns beside a thread that cannot run", TURNS_MAX);
    real_backend->system.pause();
}

/* Whoever yields to a thread of lower priority goes on at once. */
static void count_yield(void)
{
    if (urgent && ++turns > TURNS_MAX)
        FAIL("more than %u turns beside a thread that cannot run", TURNS_MAX);
    real_backend->system.yield();
}

/* Everything that two threads of a handle do to one slot. */
static void use(slotring_reader_t *reader)
{
    slotring_slot_t slot, second;
    uint8_t buffer[300];
    CHECK_OK(slotring_acquire_for_read(shared.ring, &shared.ticket, &slot));
    CHECK_OK(slotring_acquire_for_read(shared.ring, &shared.ticket, &second));
    CHECK_OK(slotring_release(shared.ring, &slot));
    CHECK_OK(slotring_release(shared.ring, &second));
    CHECK_OK(slotring_copy(shared.ring, &shared.ticket, buffer, sizeof buffer, NULL));
    int code = slotring_next(reader, 0, &slot);
    if (code == 0)
        code = slotring_reader_release(reader);
    CHECK(code == 0 || code == SLOTRING_E_EMPTY);
}

static void work_on(void *argument)
{
    while (!atomic_load(&shared.over) && threads_go_on()) {
        use(argument);
        atomic_fetch_add(&shared.worked, 1);
    }
}

static void come_between(void *argument)
{
    bool possible = thread_is_urgent();
    atomic_store(&shared.refused, !possible);
    urgent = true;
    for (unsigned long i = 0; possible && i < shared.rounds && threads_go_on(); i++) {
        (void)usleep(50 + (useconds_t)(i % 7)); /* now the other one goes on, to anywhere */
        turns = 0;
        use(argument);
    }
    atomic_store(&shared.over, true);
}

static void of_two_priorities(void)
{
    if (!threads_share_one_processor())
        SKIP("threads cannot be kept on one processor here");
    memset(&shared, 0, sizeof shared);
    shared.rounds = scaled(2000);
    shared.ring = ring_create(ring_name(), 4, 256);
    real_backend = shared.ring->member.os;
    counting = *shared.ring->member.os;
    counting.system.pause = count_turn;
    counting.system.yield = count_yield;
    shared.ring->member.os = &counting;
    slotring_reader_t *readers[2];
    for (int i = 0; i < 2; i++)
        readers[i] = subscribe(shared.ring, SLOTRING_LOSSY, SLOTRING_FROM_NOW);
    shared.ticket = publish(shared.ring, 1, 0);
    thread_start(work_on, readers[0]);
    thread_start(come_between, readers[1]);
    threads_join();
    if (atomic_load(&shared.refused)) {
        ring_remove(shared.ring, ring_name());
        SKIP("a thread may not be made urgent here");
    }
    CHECK_AT_LEAST(atomic_load(&shared.worked), 1);
    CHECK_EQUAL(sr__hold_open_count(&shared.ring->member), 0);
    check_ring_at_rest(shared.ring);
    ring_remove(shared.ring, ring_name());
}

static const test_case_t cases[] = {
    {"of_two_priorities", of_two_priorities, 0},
    {NULL, NULL, 0},
};

const test_suite_t priority_suite = {"priority", cases, NULL};
