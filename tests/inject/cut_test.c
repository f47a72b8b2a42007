/* SPDX-License-Identifier: Apache-2.0 */
/* Somebody cuts the segment at any moment: who only looks gets an error, and never a fault. And a forked child, which has
 * nothing of its parent's, can do all by itself. */
#include <stdio.h>

#include "harness.h"
#include "support/files.h"
#include "support/posix_calls.h"
#include "support/registry.h"

static int observe_all(stage_t *s)
{
    slotring_options_t options = stage_options(SLOTRING_OBSERVE);
    int code = slotring_open(&s->other, ring_name(), &options, NULL);
    s->flags |= WATCHED;
    for (const operation_t *o = look_operations; code == 0 && o->name != NULL; o++)
        code = o->run(s);
    if (s->other != NULL)
        CHECK_OK(slotring_close(s->other));
    s->other = NULL;
    return code;
}

static int list_one(stage_t *s)
{
    slotring_list_entry_t entry;
    uint32_t count;
    (void)s;
    int code = slotring_list(NULL, &entry, 1, &count, NULL);
    CHECK_EQUAL(count, 1);
    return code ? code : entry.status;
}

static const int look_codes[] = {SLOTRING_E_TRUNCATED, SLOTRING_E_NOT_A_RING, SLOTRING_E_OS, 0};
static const operation_t lookers[] = {
    {"look at everything", UNUSED, observe_all, 0, 0, look_codes},
    {"list", UNUSED, list_one, 0, 0, look_codes},
};

static size_t cut_to;

static void cuts(void *context)
{
    (void)context;
    CHECK_SYSTEM(truncate(ring_path(ring_name()), (off_t)cut_to));
}

static bool is_documented(const operation_t *operation, const inject_plan_t *plan, int result)
{
    (void)plan;
    return harness_documented(operation, result);
}

static void while_others_look(void)
{
    NEEDS_POSIX("segments that change their size");
    if (over_registry())
        SKIP("here the segment is another file; bad_segment.truncated cuts that");
    unsigned tried = 0;
    for (size_t l = 0; l < sizeof lookers / sizeof lookers[0]; l++) {
        unsigned counts[INJECT_CALLS];
        inject_plan_t plan = {.call = INJECT_CALLS};
        CHECK_EQUAL(harness_run(&lookers[l], &plan, is_documented, counts), 0);
        plan.intruder = cuts;
        plan.context = &plan;
        for (unsigned c = 0; c < INJECT_CALLS; c++)
            for (unsigned n = 1; n <= counts[c]; n++)
                for (cut_to = 0; cut_to <= 16384; cut_to += 4096, tried++) {
                    plan.call = (enum inject_call)c;
                    plan.nth = n;
                    check_context("%s: before %s number %u cut to %zu bytes", lookers[l].name,
                                  inject_names[c], n, cut_to);
                    (void)harness_run(&lookers[l], &plan, is_documented, NULL);
                }
    }
    check_context("%s", "");
    CHECK_AT_LEAST(tried, 20);
    printf("PROVED %u cuts\n", tried);
}

/* ---- A forked child ----------------------------------------------------------------------------------- */

static stage_t inherited;

static void child(peer_t *test, const char *argument)
{
    (void)argument;
    slotring_slot_t slot;
    slotring_stats_t stats = {.struct_size = sizeof stats};
    CHECK_CODE(slotring_allocate(inherited.home, 1, &slot), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_next(inherited.reader, SECOND, &slot), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_recover(inherited.home, NULL), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_get_stats(inherited.other, &stats), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_interrupt(inherited.home), SLOTRING_E_FORKED);
    CHECK_CODE(slotring_unsubscribe(inherited.reader), SLOTRING_E_FORKED);
    CHECK_OK(slotring_close(inherited.home));
    CHECK_OK(slotring_close(inherited.other));
    CHECK_STRING(books_violation(), "");
    CHECK_EQUAL(books_count(KIND_LOCKS), 0);
    CHECK_EQUAL(books_count(KIND_DEATH_LOCK), 0);
    CHECK_EQUAL(books_count(KIND_PLACE), 0);
    peer_tell(test, 1);
    peer_expect(test, 2);
    inject_plan_t nothing = {.call = INJECT_CALLS};
    for (const operation_t *o = open_operations; o->name != NULL; o++) {
        check_context("%s", o->name);
        (void)harness_run(o, &nothing, is_documented, NULL);
    }
}

static void touches_nothing_of_its_parent(void)
{
    if (!process_can_fork())
        SKIP("processes do not fork here");
    stage_set(&inherited, HOME | READING | WATCHED);
    peer_t peer = peer_fork(child, "");
    peer_expect(&peer, 1);
    CHECK_OK(slotring_recover(inherited.home, NULL));
    check_ring(inherited.home);
    CHECK_EQUAL(ring_stats(inherited.home).participants, 1);
    stage_clear(&inherited);
    peer_tell(&peer, 2);
    peer_join(&peer);
}

static const test_case_t cases[] = {
    {"while_others_look", while_others_look, 0},
    {"touches_nothing_of_its_parent", touches_nothing_of_its_parent, 0},
    {NULL, NULL, 0},
};

extern const test_suite_t cut_suite;
const test_suite_t cut_suite = {"cut", cases, NULL};
