/* SPDX-License-Identifier: Apache-2.0 */
/* The calling thread is cancelled before each call of the platform contract, in every public operation. What comes after
 * that moment are the cancellation points of the operation: it must come to its end all the same, and leave nothing open or
 * locked. Only a blocked call may end the thread, and then it has taken nothing. */
#include <pthread.h>
#include <stdio.h>

#include "harness.h"

static struct {
    const operation_t *operation;
    stage_t *stage;
    int result;
    bool returned;
} inside;

static void cancel_self(void *context)
{
    (void)context;
    (void)pthread_cancel(pthread_self());
}

static void *run_operation(void *unused)
{
    (void)unused;
    inside.result = inside.operation->run(inside.stage);
    inside.returned = true;
    pthread_testcancel();
    return NULL;
}

static int run_in_a_thread(stage_t *s)
{
    pthread_t thread;
    inside.stage = s;
    inside.returned = false;
    CHECK_EQUAL(pthread_create(&thread, NULL, run_operation, NULL), 0);
    CHECK_EQUAL(pthread_join(thread, NULL), 0);
    if (check_thread_failed())
        FAIL("%s", check_thread_report());
    if (inside.returned)
        return inside.result;
    if (!(inside.operation->flags & MAY_END))
        FAIL("the thread ended inside");
    return inside.operation->expected;
}

static bool is_expected(const operation_t *operation, const inject_plan_t *plan, int result)
{
    (void)plan;
    return result == operation->expected;
}

static void cancel_everywhere(const operation_t *operations)
{
    unsigned tried = 0;
    for (const operation_t *o = operations; o->name != NULL; o++) {
        operation_t threaded = *o;
        inject_plan_t plan = {.call = INJECT_CALLS};
        unsigned counts[INJECT_CALLS];
        inside.operation = o;
        threaded.run = run_in_a_thread;
        check_context("%s", o->name);
        (void)harness_run(&threaded, &plan, is_expected, counts);
        for (unsigned c = 0; c < INJECT_CALLS; c++)
            for (unsigned n = 1; n <= counts[c]; n++) {
                if (!harness_chosen())
                    continue;
                check_context("%s, cancelled before %s number %u", o->name, inject_names[c], n);
                plan = (inject_plan_t){.call = (enum inject_call)c, .nth = n, .intruder = cancel_self};
                (void)harness_run(&threaded, &plan, is_expected, NULL);
                tried++;
            }
    }
    check_context("%s", "");
    CHECK_AT_LEAST(tried, 1);
    printf("PROVED %u cancellations\n", tried);
}

static void opening(void)
{
    cancel_everywhere(open_operations);
}

static void removing(void)
{
    cancel_everywhere(unlink_operations);
}

static void looking(void)
{
    cancel_everywhere(look_operations);
}

static void using(void)
{
    cancel_everywhere(use_operations);
}

static void after_a_death(void)
{
    cancel_everywhere(dead_operations);
}

static const test_case_t cases[] = {
    {"opening", opening, 0}, {"removing", removing, 0},           {"looking", looking, 0},
    {"using", using, 0},     {"after_a_death", after_a_death, 0}, {NULL, NULL, 0},
};

extern const test_suite_t cancelled_suite;
const test_suite_t cancelled_suite = {"cancelled", cases, stage_roles};
