/* SPDX-License-Identifier: Apache-2.0 */
/* Waiting for many readers at once: what comes between two steps of the call is not lost. The clock of the tests' handles
 * does something at a certain call of it, so each of these moments comes every time. Rings sleep in slices of 10 s. */
#include <string.h>

#include "support/internals.h"
#include "support/ring.h"
#include "support/suite.h"

#define RINGS 2u
#define CALLS 16u

static slotring_t *rings[RINGS], *other; /* another handle of the second ring */
static slotring_reader_t *readers[RINGS];
static int results[RINGS];
static uint32_t ready, calls;
static const sr__backend_t *real;
static sr__backend_t hooked;
/* What happens as the clock is asked for the nth time: by the call, and once it is armed. */
static void (*at_call[CALLS])(void);
static void (*when_armed[CALLS])(void);
static uint32_t calls_armed;
static uint64_t ahead; /* of the real clock */

static uint64_t clock_with_hooks(void)
{
    bool armed = atomic_load(&rings[0]->member.sleepers[SR__PUBLISHED_EVENT]) > 0;
    uint32_t call = armed ? calls_armed++ : calls++;
    void (*happens)(void) = call < CALLS ? (armed ? when_armed : at_call)[call] : NULL;
    if (happens)
        happens();
    return real->system.clock_ns() + ahead;
}

static int ends_the_wait(void *user)
{
    (void)user;
    slotring_interrupt(rings[1]);
    return 1;
}

static void open_ring(uint32_t i, uint32_t wake_messages, int (*check)(void *))
{
    slotring_options_t options = ring_options_sleepy(SLOTRING_CREATE, 8);
    slotring_reader_options_t asked = reader_options(SLOTRING_LOSSLESS, SLOTRING_FROM_NOW);
    options.wait_check = check;
    asked.at_end = SLOTRING_AT_END_WAIT;
    asked.wake_messages = i == 1 ? wake_messages : 0;
    asked.wake_ns = i == 1 && wake_messages > 1 ? 50 * MILLISECOND : 0;
    rings[i] = ring_open_with(ring_name_of(i ? "-1" : "-0"), &options);
    readers[i] = subscribe_with(rings[i], &asked);
    real = rings[i]->member.os;
    hooked = *real;
    hooked.system.clock_ns = clock_with_hooks;
    rings[i]->member.os = &hooked;
}

static void nothing_happens(void)
{
    memset(at_call, 0, sizeof at_call);
    memset(when_armed, 0, sizeof when_armed);
}

/* wake_messages: of the second reader. check: of the first handle. */
static void begin(uint32_t wake_messages, int (*check)(void *))
{
    ahead = 0;
    calls = calls_armed = CALLS;
    nothing_happens();
    open_ring(0, wake_messages, check);
    open_ring(1, wake_messages, NULL);
    other = ring_attach(ring_name_of("-1"));
    for (uint32_t i = 0; i < RINGS; i++)
        sr__reap_if_due(rings[i]); /* else the call does that, and looks once more */
    publish(other, 1, 0);          /* a new stream ends a gathering */
    take_now(readers[1], pattern_tag(1, 0));
    CHECK_CODE(slotring_next(readers[1], 0, &(slotring_slot_t){0}), SLOTRING_E_EMPTY);
}

static void end(void)
{
    CHECK_OK(slotring_close(other));
    CHECK_OK(slotring_close(rings[1]));
    CHECK_OK(slotring_unlink(ring_name_of("-1"), SLOTRING_UNLINK_IF_UNUSED, NULL, NULL));
    ring_remove(rings[0], ring_name_of("-0"));
}

static int wait_many(int64_t timeout_ns)
{
    calls = calls_armed = 0;
    int code = slotring_wait_many(readers, RINGS, timeout_ns, results, &ready);
    calls = calls_armed = CALLS;
    return code;
}

static void expect(int first, int second)
{
    CHECK_EQUAL((int64_t)results[0], (int64_t)first);
    CHECK_EQUAL((int64_t)results[1], (int64_t)second);
}

static void publish_one(void)
{
    publish(other, 1, 1);
}

static void interrupt_first(void)
{
    CHECK_OK(slotring_interrupt(rings[0]));
}

static void interrupt_second(void)
{
    CHECK_OK(slotring_interrupt(rings[1]));
}

static void time_passes(void)
{
    ahead += 60 * (uint64_t)MILLISECOND;
}

/* ---- Interruptions -------------------------------------------------------------------------------------- */

/* The call ends since the first ring was interrupted, and does not say that the second one was, too. */
static void behind_the_last_look(void)
{
    begin(0, NULL);
    when_armed[0] = interrupt_first;  /* before the look */
    when_armed[1] = interrupt_second; /* behind it */
    CHECK_CODE(wait_many(FOR_EVER), SLOTRING_E_INTERRUPTED);
    expect(SLOTRING_E_INTERRUPTED, SLOTRING_E_EMPTY);
    nothing_happens();
    CHECK_CODE(wait_many(MILLISECOND), SLOTRING_E_INTERRUPTED);
    expect(SLOTRING_E_EMPTY, SLOTRING_E_INTERRUPTED);
    CHECK_CODE(wait_many(MILLISECOND), SLOTRING_E_TIMEOUT);
    end();
}

/* It ends since a check of the caller's said so. */
static void beside_a_check(void)
{
    begin(0, ends_the_wait);
    CHECK_CODE(wait_many(FOR_EVER), SLOTRING_E_INTERRUPTED);
    expect(SLOTRING_E_EMPTY, SLOTRING_E_EMPTY);
    CHECK_CODE(slotring_reader_wait_readable(readers[1], MILLISECOND), SLOTRING_E_INTERRUPTED);
    CHECK_CODE(slotring_reader_wait_readable(readers[1], MILLISECOND), SLOTRING_E_TIMEOUT);
    end();
}

/* It was there before the call, which ends since a message came as it began to wait. */
static void before_a_message(void)
{
    begin(0, NULL);
    interrupt_first();
    at_call[0] = publish_one;
    CHECK_OK(wait_many(FOR_EVER));
    expect(SLOTRING_E_EMPTY, 0);
    take_now(readers[1], pattern_tag(1, 1));
    nothing_happens();
    CHECK_CODE(wait_many(MILLISECOND), SLOTRING_E_INTERRUPTED);
    expect(SLOTRING_E_INTERRUPTED, SLOTRING_E_EMPTY);
    CHECK_CODE(wait_many(MILLISECOND), SLOTRING_E_TIMEOUT);
    end();
}

/* ---- Messages that gather --------------------------------------------------------------------------------- */

static void gather(void (**passes)(void), int64_t timeout_ns)
{
    int64_t start = now_ns();
    begin(4, NULL);
    at_call[0] = publish_one;
    *passes = time_passes;
    CHECK_OK(wait_many(timeout_ns));
    expect(SLOTRING_E_EMPTY, 0);
    CHECK(now_ns() - start < NOT_WOKEN);
    take_now(readers[1], pattern_tag(1, 1));
    end();
}

/* wake_ns is over between the look and the sleep: the call does not sleep a slice on. */
static void the_time_is_over_before_the_sleep(void)
{
    gather(&when_armed[1], FOR_EVER);
}

/* The time-out is over first: what has gathered is told, as slotring_next would give it. */
static void the_time_out_is_over_first(void)
{
    for (uint32_t call = 1; call <= 3; call++)
        gather(&at_call[call], 55 * MILLISECOND);
    for (uint32_t call = 0; call <= 3; call++)
        gather(&when_armed[call], 55 * MILLISECOND);
}

static const test_case_t cases[] = {
    {"behind_the_last_look", behind_the_last_look, 0},
    {"beside_a_check", beside_a_check, 0},
    {"before_a_message", before_a_message, 0},
    {"the_time_is_over_before_the_sleep", the_time_is_over_before_the_sleep, 0},
    {"the_time_out_is_over_first", the_time_out_is_over_first, 0},
    {NULL, NULL, 0},
};

const test_suite_t many_lost_suite = {"many_lost", cases, NULL};
