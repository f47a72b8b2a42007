/* SPDX-License-Identifier: Apache-2.0 */
/* Medians and percentiles. */
#include <stdlib.h>

#include "bench.h"

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double percentile_of(double *values, size_t count, double percent)
{
    if (count == 0)
        return 0;
    qsort(values, count, sizeof *values, by_size);
    double place = percent / 100.0 * (double)(count - 1);
    size_t below = (size_t)place;
    if (below + 1 >= count)
        return values[count - 1];
    return values[below] + (place - (double)below) * (values[below + 1] - values[below]);
}

spread_t spread_of(double *values, size_t count)
{
    spread_t spread = {percentile_of(values, count, 50), 0, 0};
    if (count > 0) {
        spread.low = values[0];
        spread.high = values[count - 1];
    }
    return spread;
}
