/* SPDX-License-Identifier: Apache-2.0 */
/* A system that is odd without failing: a clock that stands still or leaps, random numbers that repeat, waits that end at
 * once. And somebody else who removes, replaces or cuts the ring at any moment. */
#include <stdio.h>
#include <string.h>

#include "harness.h"
#include "support/files.h"
#include "support/registry.h"

static bool is_as_usual(const operation_t *operation, const inject_plan_t *plan, int result)
{
    (void)plan;
    return result == operation->expected;
}

/* With a clock that leaps, a time-out may be over at once. */
static bool is_as_usual_or_late(const operation_t *operation, const inject_plan_t *plan, int result)
{
    return is_as_usual(operation, plan, result) ||
           (result == SLOTRING_E_TIMEOUT && harness_documented(operation, result)) ||
           result == SLOTRING_E_READERS;
}

static const operation_t *const all_operations[] = {open_operations, unlink_operations, look_operations,
                                                    use_operations, dead_operations};

static void run_all(allowed_fn allowed)
{
    inject_plan_t nothing = {.call = INJECT_CALLS};
    for (size_t t = 0; t < sizeof all_operations / sizeof all_operations[0]; t++)
        for (const operation_t *o = all_operations[t]; o->name != NULL; o++) {
            check_context("%s", o->name);
            (void)harness_run(o, &nothing, allowed, NULL);
        }
    check_context("%s", "");
}

static void a_clock_that_stands(void)
{
    inject_clock(CLOCK_STANDS);
    run_all(is_as_usual);
}

static void a_clock_that_leaps(void)
{
    inject_clock(CLOCK_LEAPS);
    run_all(is_as_usual_or_late);
}

static void a_clock_that_leaps_back(void)
{
    inject_clock(CLOCK_LEAPS_BACK);
    run_all(is_as_usual_or_late);
}

static void gives_way(void *context)
{
    stage_t *s = context;
    CHECK_OK(slotring_close(s->other));
    s->other = NULL;
}

static void a_wait_while_the_clock_leaps_back(void)
{
    /* it is counted as no wait at all, and not as one of 584 years */
    stage_t s;
    inject_plan_t plan = {.call = INJECT_death_lock_query, .nth = 1, .intruder = gives_way, .context = &s};
    stage_set(&s, HOME | FULL);
    slotring_slot_t slot;
    inject_clock(CLOCK_LEAPS_BACK);
    inject_arm(&plan);
    CHECK_OK(slotring_allocate_wait(s.home, 1, SECOND, &slot));
    inject_disarm();
    CHECK_EQUAL(inject_hits(), 1);
    CHECK_AT_LEAST(3600 * SECOND, ring_stats(s.home).waited_ns);
    stage_clear(&s);
}

static void waits_that_end_at_once(void)
{
    inject_wait_returns_at_once(true);
    run_all(is_as_usual);
}

static void random_numbers_that_repeat(void)
{
    /* two rings with one id are two rings still: a ticket of the one gives the other's data or none, never the one's */
    inject_random_repeats(true);
    run_all(is_as_usual);
    slotring_t *first = ring_create(ring_name(), SLOTS, SLOT_SIZE), *second = NULL;
    slotring_ticket_t ticket = publish(first, 1, 0);
    slotring_options_t options = ring_options(SLOTRING_CREATE, SLOTS, SLOT_SIZE);
    int code = slotring_open(&second, ring_name_of("-second"), &options, NULL);
    if (code == 0) {
        slotring_slot_t slot;
        CHECK_CODE(slotring_acquire_for_read(second, &ticket, &slot), SLOTRING_E_STALE);
        publish(second, 2, 0);
        CHECK_OK(slotring_acquire_for_read(second, &ticket, &slot));
        pattern_check(&slot);
        CHECK_EQUAL(slot.tag, pattern_tag(2, 0));
        CHECK_OK(slotring_release(second, &slot));
        char name[SLOTRING_NAME_MAX + 8];
        (void)snprintf(name, sizeof name, "%s", ring_info(second).name);
        CHECK_OK(slotring_close(second));
        code = slotring_unlink(name, SLOTRING_UNLINK_IF_UNUSED, NULL, NULL);
        CHECK(code == 0 || (code == SLOTRING_E_NOT_FOUND && !ring_persists()));
    } else {
        CHECK_EQUAL(code, SLOTRING_E_EXISTS); /* where the id is a name */
    }
    read_once(first, &ticket);
    check_ring_at_rest(first);
    ring_remove(first, ring_name());
}

/* ---- Somebody else ------------------------------------------------------------------------------------ */

static void removes(void *context)
{
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    (void)context;
    (void)slotring_unlink(ring_name(), SLOTRING_UNLINK_FORCE, &options, NULL);
}

static void creates(void *context)
{
    slotring_options_t options = stage_options(SLOTRING_CREATE);
    slotring_t *ring = NULL;
    (void)context;
    if (slotring_open(&ring, ring_name(), &options, NULL) == 0) {
        publish(ring, 9, 9);
        CHECK_OK(slotring_close(ring));
    }
}

static void replaces(void *context)
{
    removes(context);
    creates(context);
}

static void asks_for_removal(void *context)
{
    slotring_options_t options = stage_options(SLOTRING_ATTACH);
    (void)context;
    (void)slotring_unlink(ring_name(), SLOTRING_UNLINK_WHEN_UNUSED, &options, NULL);
}

static void replaces_by_something_else(void *context)
{
    removes(context);
    file_write(ring_path(ring_name()), "This is no ring.", 16);
}

static void replaces_the_lock_file(void *context)
{
    (void)context;
    (void)remove(ring_lock_path(ring_name()));
    file_write(ring_lock_path(ring_name()), "", 0);
}

static bool is_documented(const operation_t *operation, const inject_plan_t *plan, int result)
{
    (void)plan;
    return harness_documented(operation, result);
}

/* Before every call of the contract; for a quick run before each third, other ones for each intruder. `by_force`: what it
 * leaves can be removed in no other way. */
static unsigned intrude(const operation_t *operations, void (*intruder)(void *), bool by_force,
                        const char *what)
{
    unsigned tried = 0, turn = (unsigned)strlen(what);
    for (const operation_t *o = operations; o->name != NULL; o++) {
        unsigned counts[INJECT_CALLS];
        inject_plan_t plan = {.call = INJECT_CALLS};
        check_context("%s", o->name);
        (void)harness_run(o, &plan, is_as_usual, counts);
        plan.intruder = intruder;
        plan.context = by_force ? &plan : NULL;
        for (unsigned c = 0; c < INJECT_CALLS; c++)
            for (unsigned n = 1; n <= counts[c]; n++) {
                if ((thorough_seconds() == 0 && turn++ % 3 != 0) || !harness_chosen())
                    continue;
                tried++;
                plan.call = (enum inject_call)c;
                plan.nth = n;
                check_context("%s: before %s number %u somebody %s", o->name, inject_names[c], n, what);
                (void)harness_run(o, &plan, is_documented, NULL);
            }
    }
    check_context("%s", "");
    return tried;
}

static void intrude_everywhere(void (*intruder)(void *), bool by_force, const char *what)
{
    unsigned tried = intrude(open_operations, intruder, by_force, what);
    tried += intrude(unlink_operations, intruder, by_force, what);
    tried += intrude(dead_operations, intruder, by_force, what);
    printf("PROVED %u intrusions\n", tried);
}

static void somebody_removes(void)
{
    intrude_everywhere(removes, false, "removes the ring");
}

static void somebody_creates(void)
{
    intrude_everywhere(creates, false, "creates a ring");
}

static void somebody_replaces(void)
{
    intrude_everywhere(replaces, false, "replaces the ring");
}

static void somebody_asks_for_removal(void)
{
    intrude_everywhere(asks_for_removal, false, "asks for its removal");
}

static void something_else(void)
{
    intrude_everywhere(replaces_by_something_else, true, "replaces it by something else");
}

static void another_lock_file(void)
{
    if (over_registry())
        SKIP("here the names of the death locks follow from the lock file: those of one that is gone "
             "stay");
    intrude_everywhere(replaces_the_lock_file, true, "replaces its lock file");
}

static const test_case_t odd_system_cases[] = {
    {"a_clock_that_stands", a_clock_that_stands, 0},
    {"a_clock_that_leaps", a_clock_that_leaps, 0},
    {"a_clock_that_leaps_back", a_clock_that_leaps_back, 0},
    {"a_wait_while_the_clock_leaps_back", a_wait_while_the_clock_leaps_back, 0},
    {"waits_that_end_at_once", waits_that_end_at_once, 0},
    {"random_numbers_that_repeat", random_numbers_that_repeat, 0},
    {"somebody_removes", somebody_removes, 0},
    {"somebody_creates", somebody_creates, 0},
    {"somebody_replaces", somebody_replaces, 0},
    {"somebody_asks_for_removal", somebody_asks_for_removal, 0},
    {"something_else", something_else, 0},
    {"another_lock_file", another_lock_file, 0},
    {NULL, NULL, 0},
};

extern const test_suite_t odd_system_suite;
const test_suite_t odd_system_suite = {"odd_system", odd_system_cases, NULL};
