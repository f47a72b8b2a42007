/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <stdio.h>

#include "host.h"
#include "output.h"

#define DRAW_EVERY_NS UINT64_C(250000000)
#define LINE_WIDTH 78

void progress_start(progress_t *progress, bool quiet)
{
    *progress = (progress_t){.shown = !quiet && host_is_terminal(stderr)};
    progress->start_ns = progress->last_ns = host_clock_ns();
}

static void draw(progress_t *progress, const char *text)
{
    fprintf(stderr, "\r%-*.*s", LINE_WIDTH, LINE_WIDTH, text);
    fflush(stderr);
    progress->drawn = true;
}

void progress_show(progress_t *progress, uint64_t bytes)
{
    char line[160];
    uint64_t now;
    double seconds, rate;
    int length;
    if (!progress->shown)
        return;
    now = host_clock_ns();
    if (now - progress->last_ns < DRAW_EVERY_NS)
        return;
    seconds = (double)(now - progress->last_ns) * 1e-9;
    rate = (double)(bytes - progress->last_bytes) / seconds;
    progress->rate = progress->last_bytes ? 0.7 * progress->rate + 0.3 * rate : rate;
    progress->last_ns = now;
    progress->last_bytes = bytes;
    length = snprintf(line, sizeof line, "%s", out_bytes(bytes).text);
    if (progress->total)
        length +=
            snprintf(line + length, sizeof line - (size_t)length, " of %s", out_bytes(progress->total).text);
    length += snprintf(line + length, sizeof line - (size_t)length, ", %s, %s", out_rate(progress->rate).text,
                       out_duration((double)(now - progress->start_ns) * 1e-9).text);
    if (progress->total > bytes && progress->rate > 0)
        snprintf(line + length, sizeof line - (size_t)length, ", %s left",
                 out_duration((double)(progress->total - bytes) / progress->rate).text);
    draw(progress, line);
}

void progress_say(progress_t *progress, const char *text)
{
    if (progress->shown)
        draw(progress, text);
}

void progress_wipe(progress_t *progress)
{
    if (!progress->drawn)
        return;
    fprintf(stderr, "\r%*s\r", LINE_WIDTH, "");
    fflush(stderr);
    progress->drawn = false;
}
