/* SPDX-License-Identifier: Apache-2.0 */
#include "beside.h"

#include <signal.h>
#include <string.h>

#include "suite.h"
#include "support/internals.h"

#define TURNS_MAX 10000u /* of all calls beside a stopped one: each looks 64 times at what may change */

beside_t now;

/* ---- The handle's backend, counting --------------------------------------------------------------------- */

static const sr__backend_t *real_backend;
static sr__backend_t counting;

static void count_turn(void)
{
    if (now.beside && ++now.turns > TURNS_MAX)
        FAIL("more than %u turns beside a stopped thread", TURNS_MAX);
    real_backend->system.pause();
}

static void refuse_yield(void)
{
    if (now.beside)
        FAIL("gives its time away for a stopped thread");
    real_backend->system.yield();
}

static void refuse_sleep(uint64_t duration_ns)
{
    if (now.beside)
        FAIL("sleeps for a stopped thread");
    real_backend->system.sleep_ns(duration_ns);
}

static void refuse_wait(sr__waits_t *waits, _Atomic uint32_t *word, uint32_t expected, uint64_t timeout_ns)
{
    if (now.beside)
        FAIL("waits for a stopped thread");
    real_backend->waits.wait(waits, word, expected, timeout_ns);
}

static void count_turns_of(slotring_t *ring)
{
    real_backend = ring->member.os;
    counting = *ring->member.os;
    counting.system.pause = count_turn;
    counting.system.yield = refuse_yield;
    counting.system.sleep_ns = refuse_sleep;
    counting.waits.wait = refuse_wait;
    ring->member.os = &counting;
}

/* ---- What the producer does ------------------------------------------------------------------------------ */

void overwrite_all(void)
{
    for (uint64_t n = 0; n < 3 * SLOTS; n++) {
        slotring_slot_t slot;
        if (slotring_allocate(now.writer, 1, &slot) != 0)
            break;
        memset(slot.data, 0x5a, (size_t)slot.capacity);
        CHECK_OK(slotring_mark_ready(now.writer, &slot, slot.capacity));
    }
}

/* ---- What the other thread does beside it ----------------------------------------------------------------- */

/* The publication is there, or may be gone; nothing else. */
static bool got(int code)
{
    if (code == SLOTRING_E_STALE && now.operation->may_be_gone && !now.has_theirs)
        return false;
    CHECK_OK(code);
    return true;
}

static void reads(void)
{
    slotring_slot_t slot;
    if (!got(slotring_acquire_for_read(now.ring, &now.ticket, &slot)))
        return;
    overwrite_all();
    pattern_check(&slot);
    CHECK_OK(slotring_release(now.ring, &slot));
}

static void takes_and_keeps(void)
{
    if (!now.has_theirs)
        now.has_theirs = got(slotring_acquire_for_read(now.ring, &now.ticket, &now.theirs));
    overwrite_all();
}

static void takes_two_and_keeps_one(void)
{
    slotring_slot_t slot;
    if (!got(slotring_acquire_for_read(now.ring, &now.ticket, &slot)))
        return;
    takes_and_keeps();
    CHECK_OK(slotring_release(now.ring, &slot));
    overwrite_all();
}

static void lets_go(void)
{
    if (now.has_theirs) {
        pattern_check(&now.theirs);
        now.has_theirs = false;
        CHECK_OK(slotring_release(now.ring, &now.theirs));
    }
    overwrite_all();
}

static void copies_beside(void)
{
    slotring_slot_t copy;
    uint8_t buffer[64];
    if (!got(slotring_copy(now.ring, &now.ticket, buffer, sizeof buffer, &copy)))
        return;
    copy.data = buffer;
    pattern_check(&copy);
}

static void reads_next(void)
{
    slotring_slot_t slot;
    int code = slotring_next(now.other_reader, 0, &slot);
    bool may_be_gone = now.operation->may_be_gone || now.operation->overwritten;
    if (code != 0 && may_be_gone) {
        CHECK_CODE(code, SLOTRING_E_EMPTY);
        return;
    }
    CHECK_OK(code);
    if (!may_be_gone)
        CHECK_EQUAL(slot.sequence, now.ticket.sequence);
    overwrite_all();
    if (slot.sequence == now.ticket.sequence)
        pattern_check(&slot);
    CHECK_OK(slotring_reader_release(now.other_reader));
}

static void frees_beside(void)
{
    (void)got(slotring_free(now.ring, &now.ticket));
    overwrite_all();
}

const act_t acts[ACTS] = {
    {"reads", reads},
    {"takes and keeps", takes_and_keeps},
    {"takes two and keeps one", takes_two_and_keeps_one},
    {"lets go of what it has", lets_go},
    {"copies", copies_beside},
    {"reads in order", reads_next},
    {"frees", frees_beside},
};

/* ---- A round ----------------------------------------------------------------------------------------------- */

static slotring_slot_t abandoned;

static void release_abandoned(void *context)
{
    CHECK_OK(slotring_release(context, &abandoned));
}

/* The bit is cleared, and says that it is not: nobody can rely on it any more. */
static enum trap_answer between_bit_and_count(void *context, unsigned long done)
{
    slotring_t *ring = context;
    uint32_t slot = now.ticket.slot;
    uint64_t bit = UINT64_C(1) << ring->member.me % 64;
    (void)done;
    bool clearing = (atomic_load(&ring->member.hold_counts[slot]) & SR__CLEARING) != 0;
    bool set = (sr__load(sr__hold_word(sr__slot(&ring->member.view, slot), ring->member.me / 64)) & bit) != 0;
    return clearing && !set ? TRAP_ABANDON : TRAP_NEXT;
}

void stop_while_releasing(slotring_t *ring)
{
    hold(ring, &now.ticket, &abandoned);
    CHECK(!trap_run(release_abandoned, between_bit_and_count, ring));
    now.beside = true; /* from now on */
}

void attach_threads(void)
{
    now.ring = ring_attach(ring_name());
    count_turns_of(now.ring);
    if (now.stuck)
        stop_while_releasing(now.ring);
    now.other_reader = subscribe(now.ring, SLOTRING_LOSSY, SLOTRING_FROM_OLDEST);
    if (now.operation->with_reader)
        now.reader = subscribe(now.ring, now.operation->from_oldest ? SLOTRING_LOSSLESS : SLOTRING_LOSSY,
                               SLOTRING_FROM_OLDEST);
    if (now.operation->prepare)
        now.operation->prepare();
}

static slotring_t *create(void)
{
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, 40);
    options.when_full = now.keeps ? SLOTRING_KEEP : SLOTRING_OVERWRITE;
    return ring_open_with(ring_name(), &options);
}

enum trap_answer act_beside(void *context, unsigned long done)
{
    (void)context;
    (void)done;
    bool beside = now.beside;
    now.stopped = now.beside = true;
    now.act->run();
    now.beside = beside;
    if (now.fate == IS_KILLED)
        CHECK_SYSTEM(raise(SIGKILL));
    return now.fate == GOES_ON ? TRAP_GO_ON : TRAP_ABANDON;
}

static void check_nothing_held(void)
{
    for (uint32_t slot = 0; slot < SLOTS; slot++) {
        CHECK_EQUAL(atomic_load(&now.ring->member.hold_counts[slot]) & ~(SR__NUMBER & ~SR__NUMBER_IS_OPEN),
                    0);
        CHECK_EQUAL(atomic_load(&now.ring->member.pins[slot]), 0);
        CHECK_EQUAL(sr__pinner(sr__load(&sr__slot(&now.ring->member.view, slot)->word)), SR__NOBODY);
    }
    CHECK_EQUAL(sr__hold_open_count(&now.ring->member), 0);
    CHECK_EQUAL(ring_stats(now.ring).slots_held, 0);
}

/* Everything can be had. */
void check_all_free(slotring_t *ring)
{
    slotring_slot_t slots[SLOTS];
    slotring_ticket_t ticket;
    for (uint32_t slot = 0; slot < SLOTS && now.keeps; slot++)
        if (slotring_ticket_at(ring, slot, &ticket) == 0)
            CHECK_OK(slotring_free(ring, &ticket));
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        CHECK_OK(slotring_allocate(ring, 1, &slots[slot]));
    for (uint32_t slot = 0; slot < SLOTS; slot++)
        CHECK_OK(slotring_abort(ring, &slots[slot]));
    check_ring_at_rest(ring);
}

void end_round(bool completed)
{
    overwrite_all();
    if (now.has_theirs) {
        pattern_check(&now.theirs);
        CHECK_OK(slotring_release(now.ring, &now.theirs));
    }
    if (completed) { /* else the stopped reader may have it in hand for ever */
        if (now.operation->with_reader)
            CHECK_OK(slotring_unsubscribe(now.reader));
        CHECK_OK(slotring_unsubscribe(now.other_reader));
        if (!now.stuck)
            check_nothing_held();
        check_all_free(now.writer); /* before the close, which would reclaim what was forgotten */
    }
    CHECK_OK(slotring_close(now.ring));
    check_all_free(now.writer);
    ring_remove(now.writer, ring_name());
}

void begin_round(const operation_t *operation, unsigned world, unsigned long combination)
{
    memset(&now, 0, sizeof now);
    now.operation = operation;
    now.stuck = world % 2 != 0;
    now.keeps = world / 2 != 0;
    now.act = &acts[combination / FATES];
    now.fate = (enum fate)(combination % FATES);
    now.writer = create();
    now.ticket = publish(now.writer, 1, 0);
}
