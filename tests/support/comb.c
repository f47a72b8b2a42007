/* SPDX-License-Identifier: Apache-2.0 */
#include "comb.h"
#include "check.h"
#include "ring.h"

static bool kill_at(const comb_t *comb, unsigned long instruction, size_t way)
{
    check_context("%s: at instruction %lu of %lu, way %zu", comb->what, instruction, comb->count, way);
    comb->round(comb->path, instruction, way);
    return true;
}

static unsigned long kill_everywhere(const comb_t *comb, int64_t end, unsigned long *points)
{
    unsigned long kills = 0;
    for (size_t way = 0; way < comb->ways; way++)
        for (unsigned long n = comb->first; n <= comb->last; n++) {
            if (now_ns() > end && kills >= COMB_KILLS_LEAST)
                return kills;
            kills += kill_at(comb, n, way);
            *points += way == 0;
        }
    return kills;
}

static unsigned long kill_at_some(const comb_t *comb, int64_t end, unsigned long *points)
{
    unsigned long coarse = 1;
    while (coarse * 12 < comb->last - comb->first)
        coarse *= 2;
    for (unsigned long step = coarse; step >= 1; step /= 2)
        for (unsigned long n = comb->first + (step == coarse ? 0 : step); n <= comb->last;
             n += step == coarse ? step : 2 * step) {
            if (now_ns() > end && step != coarse)
                return *points;
            *points += kill_at(comb, n, *points % comb->ways);
        }
    return *points;
}

unsigned long comb_kill(const comb_t *comb, bool thorough, int64_t end, unsigned long *points)
{
    *points = 0;
    return thorough ? kill_everywhere(comb, end, points) : kill_at_some(comb, end, points);
}

unsigned long comb_kill_around_system_calls(const char *what, const void *path, int64_t end,
                                            bool (*round)(const void *path, unsigned long call,
                                                          unsigned long after))
{
    unsigned long kills = 0, after = 0;
    for (bool over = false; !over; after = after * 2 + 1) {
        bool inside = true;
        for (unsigned long call = 0; inside; call++, kills++) {
            check_context("%s: killed at system call stop %lu + %lu instructions", what, call, after);
            inside = round(path, call, after);
        }
        over = after > 4000 || now_ns() > end;
    }
    return kills;
}
