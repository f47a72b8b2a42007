/* SPDX-License-Identifier: Apache-2.0 */
/* On a shared machine the two processors may be moved closer or further apart at any moment, and a line then takes
 * five times as long or a fifth. A ratio of two things measured before and after such a move says nothing: the line
 * time is taken before and after, and a repetition where the two differ is not counted, but for a bounded number of
 * times, and that number is reported. */
#include "bench.h"

#define MOST_DIFFERENCE 1.2
#define DISCARDED_MOST 3u /* times as many as are counted */

static bool is_steady(const line_time_t *before, const line_time_t *after)
{
    double ratio = before->own_lines / after->own_lines;
    return ratio < MOST_DIFFERENCE && ratio > 1 / MOST_DIFFERENCE;
}

void paired_measure(const bench_config_t *config, pair_t *pair,
                    void (*measure)(const bench_config_t *config, pair_t *pair), paired_t *paired)
{
    paired->count = 0;
    paired->discarded = 0;
    while (paired->count < config->repeats) {
        line_time_t before = line_measure(config, pair);
        measure(config, pair);
        double results[2] = {pair->results[2], pair->results[3]};
        line_time_t after = line_measure(config, pair);
        if (!is_steady(&before, &after) && paired->discarded < DISCARDED_MOST * config->repeats) {
            paired->discarded++;
            continue;
        }
        unsigned i = paired->count++;
        paired->own_lines[i] = (before.own_lines + after.own_lines) / 2;
        paired->same_line[i] = (before.same_line + after.same_line) / 2;
        paired->results[0][i] = results[0];
        paired->results[1][i] = results[1];
    }
}
