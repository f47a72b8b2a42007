/* SPDX-License-Identifier: Apache-2.0 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

const char *const inject_names[INJECT_CALLS] = {
#define INJECT_NAME(name, ...) #name,
    INJECT_MAP(INJECT_NAME)
#undef INJECT_NAME
};

const int inject_codes[INJECT_CALLS][INJECT_CODES_MAX] = {
#define INJECT_CODES(name, ...) {__VA_ARGS__, 0},
    INJECT_MAP(INJECT_CODES)
#undef INJECT_CODES
};

#define TICK_NS 5000u
#define MILLISECOND_NS UINT64_C(1000000)

static inject_plan_t plan;
static bool armed, intruding;
static unsigned counts[INJECT_CALLS], hits;

static enum inject_clock clock_kind;
static uint64_t clock_now, clock_looks;
static bool random_repeats, wait_at_once;

const sr__backend_t *plan_real(void)
{
    static const sr__backend_t *real;
    const char *wanted = getenv("SLOTRING_BACKEND");
    for (unsigned b = 0; real == NULL && plan_wrapped[b] != NULL; b++)
        if (wanted == NULL || strcmp(plan_wrapped[b]->name, wanted) == 0)
            real = plan_wrapped[b];
    return real;
}

void inject_arm(const inject_plan_t *wanted)
{
    plan = *wanted;
    memset(counts, 0, sizeof counts);
    hits = 0;
    clock_looks = 0;
    armed = true;
}

void inject_disarm(void)
{
    armed = false;
}

unsigned inject_count(enum inject_call call)
{
    return counts[call];
}

unsigned inject_hits(void)
{
    return hits;
}

int plan_failure(enum inject_call call, slotring_error_t *error)
{
    if (!armed || intruding)
        return 0;
    unsigned now = ++counts[call];
    if (call != plan.call || now < plan.nth || (now > plan.nth && !plan.from_then_on))
        return 0;
    hits++;
    if (plan.intruder) {
        intruding = true;
        plan.intruder(plan.context);
        intruding = false;
    }
    if (plan.code < 0)
        sr__fail(error, plan.code, 4711, "%s cannot do its work, for a test (injected)", inject_names[call]);
    return plan.code;
}

void inject_random_repeats(bool repeats)
{
    random_repeats = repeats;
}

bool plan_random_repeats(void)
{
    return random_repeats;
}

void inject_clock(enum inject_clock how)
{
    clock_kind = how;
    clock_looks = 0;
}

void inject_wait_returns_at_once(bool at_once)
{
    wait_at_once = at_once;
}

/* The clock starts with the machine's. */
static void advance(uint64_t ns)
{
    if (clock_now == 0)
        clock_now = plan_wrapped[0]->system.clock_ns();
    clock_now += ns;
}

uint64_t plan_clock_ns(void)
{
    advance(clock_kind == CLOCK_STANDS ? 0 : TICK_NS);
    clock_looks++;
    if (clock_kind == CLOCK_STANDS && clock_looks % 1000 == 0)
        advance(MILLISECOND_NS);
    if (clock_kind == CLOCK_LEAPS && clock_looks % 7 == 0)
        advance(3600000 * MILLISECOND_NS);
    if (clock_kind == CLOCK_LEAPS_BACK && clock_looks % 7 == 0 && clock_looks < 30)
        clock_now -= 1000 * MILLISECOND_NS;
    return clock_now;
}

void plan_sleep_ns(uint64_t duration_ns)
{
    if (clock_kind != CLOCK_STANDS)
        advance(duration_ns);
}

bool plan_wait(uint64_t timeout_ns)
{
    plan_sleep_ns(wait_at_once ? 0 : timeout_ns);
    return !wait_at_once && clock_kind != CLOCK_STANDS;
}
