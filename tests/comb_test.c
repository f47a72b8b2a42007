/* SPDX-License-Identifier: Apache-2.0 */
/* The tests that kill at every instruction: they kill, also where the machine is so slow that their time is over before they
 * begin. */
#include "support/check.h"
#include "support/comb.h"
#include "support/ring.h"
#include "support/suite.h"

#define INSTRUCTIONS 1000u

static unsigned long rounds;

static void count_round(const void *path, unsigned long instruction, size_t way)
{
    (void)path;
    CHECK(instruction <= INSTRUCTIONS && way < 2);
    rounds++;
}

static bool count_round_to_the_third(const void *path, unsigned long call, unsigned long after)
{
    (void)path, (void)after;
    rounds++;
    return call < 2;
}

static void time_that_is_over_is_no_excuse(void)
{
    const comb_t comb = {"nothing", NULL, 0, INSTRUCTIONS, INSTRUCTIONS, 2, count_round};
    for (int thorough = 0; thorough < 2; thorough++) {
        unsigned long points = 0;
        rounds = 0;
        check_context(thorough ? "thorough" : "in short");
        unsigned long kills = comb_kill(&comb, thorough != 0, now_ns() - SECOND, &points);
        CHECK_AT_LEAST(kills, COMB_KILLS_LEAST);
        CHECK_EQUAL(kills, rounds);
        CHECK_AT_LEAST(points, COMB_KILLS_LEAST);
    }
    rounds = 0;
    CHECK_EQUAL(comb_kill_around_system_calls("nothing", NULL, now_ns() - SECOND, count_round_to_the_third),
                3);
    CHECK_EQUAL(rounds, 3);
}

static void all_are_tried_in_every_way(void)
{
    const comb_t comb = {"nothing", NULL, 0, INSTRUCTIONS, INSTRUCTIONS, 2, count_round};
    unsigned long points;
    rounds = 0;
    CHECK_EQUAL(comb_kill(&comb, true, now_ns() + 600 * SECOND, &points), 2 * (INSTRUCTIONS + 1));
    CHECK_EQUAL(points, INSTRUCTIONS + 1);
    rounds = 0;
    CHECK_EQUAL(comb_kill(&comb, false, now_ns() + 600 * SECOND, &points), INSTRUCTIONS + 1);
    CHECK_EQUAL(rounds, INSTRUCTIONS + 1);
}

static const test_case_t cases[] = {
    {"time_that_is_over_is_no_excuse", time_that_is_over_is_no_excuse, 0},
    {"all_are_tried_in_every_way", all_are_tried_in_every_way, 0},
    {NULL, NULL, 0},
};

const test_suite_t comb_suite = {"comb", cases, NULL};
