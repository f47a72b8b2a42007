/* SPDX-License-Identifier: Apache-2.0 */
/* Every call of the platform contract fails in every way that it may, at every place in every public operation: which
 * places there are is counted first, so that a new call in the core is covered by itself. Each time the operation
 * gives that error, or the one that follows from it, or is done all the same; nothing leaks; and then it works. */
#include <stdio.h>

#include "harness.h"

/* Where the core knows better than the backend what an error means, or what to do about it. */
static const struct {
    enum inject_call call;
    int code, result; /* code 0: any */
} meanings[] = {
    {INJECT_segment_read, SLOTRING_E_TRUNCATED, SLOTRING_E_NOT_A_RING}, /* shorter than any header */
    {INJECT_locks_open, SLOTRING_E_NOT_FOUND, SLOTRING_E_CORRUPT},      /* a segment without lock file */
    {INJECT_place_open, SLOTRING_E_NOT_FOUND, SLOTRING_E_EXISTS}, /* nothing to wipe, and then there is */
    {INJECT_segment_open, SLOTRING_E_NOT_FOUND, SLOTRING_E_EXISTS},
    {INJECT_segment_open, SLOTRING_E_NOT_FOUND, SLOTRING_E_BUSY}, /* and it cannot be made, as it exists */
    {INJECT_segment_link, SLOTRING_E_EXISTS, SLOTRING_E_BUSY},    /* to attach to it fails each time, too */
    {INJECT_death_lock_take, SLOTRING_E_BUSY, SLOTRING_E_PARTICIPANTS}, /* every place is somebody's */
    {INJECT_death_lock_query, 0, SLOTRING_E_PARTICIPANTS}, /* who cannot be asked for is alive, … */
    {INJECT_death_lock_query, 0, SLOTRING_E_READERS},
    {INJECT_death_lock_query, 0, SLOTRING_E_BUSY},
    {INJECT_death_lock_query, 0, SLOTRING_E_TIMEOUT},
    {INJECT_mutex_lock, 0, SLOTRING_E_READERS}, /* … and who cannot be repaired stays in the way */
    {INJECT_mutex_lock, 0, SLOTRING_E_TIMEOUT},
    {INJECT_death_lock_take, 0, SLOTRING_E_READERS},
    {INJECT_death_lock_take, 0, SLOTRING_E_TIMEOUT},
};

static bool follows(const operation_t *operation, const inject_plan_t *plan, int result)
{
    if (!harness_documented(operation, result))
        return false;
    if (result == operation->expected || result == plan->code)
        return true;
    /* A ring that was to go and cannot be removed is a ring, which can be joined, and goes later. */
    if ((operation->flags & DOOMED) &&
        (result == 0 || result == SLOTRING_E_EXISTS || result == SLOTRING_E_GEOMETRY))
        return true;
    for (size_t m = 0; m < sizeof meanings / sizeof meanings[0]; m++)
        if (meanings[m].call == plan->call && meanings[m].result == result &&
            (meanings[m].code == 0 || meanings[m].code == plan->code))
            return true;
    return false;
}

/* The answer was wrong, so much may be wrong in the result; but never a code that is not documented. */
static bool is_documented(const operation_t *operation, const inject_plan_t *plan, int result)
{
    (void)plan;
    return harness_documented(operation, result);
}

static unsigned try_codes(const operation_t *operation, inject_plan_t plan)
{
    unsigned tried = 0, turn = 0;
    for (const int *code = inject_codes[plan.call]; *code != 0; code++)
        for (unsigned forever = 0; forever <= (*code < 0);
             forever++) { /* a wrong answer is a race: it passes */
            if ((forever && thorough_seconds() == 0 && turn++ % 3 != plan.nth % 3) || !harness_chosen())
                continue; /* of those that fail for ever each third, for a quick run */
            plan.code = *code;
            plan.from_then_on = forever;
            check_context("%s: %s number %u%s gives %s", operation->name, inject_names[plan.call], plan.nth,
                          forever ? " and all later ones" : "",
                          *code < 0 ? slotring_error_name(*code) : "a wrong answer");
            (void)harness_run(operation, &plan, *code < 0 ? follows : is_documented, NULL);
            tried++;
        }
    return tried;
}

static bool is_expected(const operation_t *operation, const inject_plan_t *plan, int result)
{
    (void)plan;
    return result == operation->expected;
}

static void try_all(const operation_t *operations)
{
    unsigned tried = 0, places = 0;
    for (const operation_t *o = operations; o->name != NULL; o++) {
        unsigned counts[INJECT_CALLS];
        inject_plan_t plan = {.call = INJECT_CALLS};
        check_context("%s", o->name);
        CHECK_EQUAL(harness_run(o, &plan, is_expected, counts), o->expected);
        for (unsigned c = 0; c < INJECT_CALLS; c++)
            for (unsigned n = 1; n <= counts[c]; n++, places++)
                tried += try_codes(o, (inject_plan_t){.call = (enum inject_call)c, .nth = n});
    }
    check_context("%s", "");
    CHECK_AT_LEAST(tried, 1);
    printf("PROVED %u failures at %u places\n", tried, places);
}

static void opening(void)
{
    try_all(open_operations);
}

static void removing(void)
{
    try_all(unlink_operations);
}

static void looking(void)
{
    try_all(look_operations);
}

static void using(void)
{
    try_all(use_operations);
}

static void after_a_death(void)
{
    try_all(dead_operations);
}

static const test_case_t cases[] = {
    {"opening", opening, 0}, {"removing", removing, 0},           {"looking", looking, 0},
    {"using", using, 0},     {"after_a_death", after_a_death, 0}, {NULL, NULL, 0},
};

extern const test_suite_t inject_suite;
const test_suite_t inject_suite = {"inject", cases, stage_roles};
