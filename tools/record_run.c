/* SPDX-License-Identifier: Apache-2.0 */
/* The loop of slotring record: several rings, one file at a time. */
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "host.h"
#include "output.h"
#include "record.h"

#define SLICE_NS INT64_C(1000000000)    /* the progress line shows a standstill */
#define END_POLL_NS INT64_C(10000000)   /* after an end, between two looks for another producer */
#define CLOCKS_NS UINT64_C(10000000000) /* between two looks at how the clocks go */
#define AT_A_TIME 256u                  /* messages of one ring before it is the next one's turn */

/* ---- Clocks --------------------------------------------------------------------------------------- */

void recorder_set_clock(recorder_t *recorder)
{
    recorder->clocks_told_ns = host_clock_ns();
    recorder->clock_offset = host_time_of_day_ns() - recorder->clocks_told_ns;
}

uint64_t recorder_time_of_day(const recorder_t *recorder, uint64_t clock_ns)
{
    return clock_ns + recorder->clock_offset;
}

uint64_t recorder_log_time(recorder_t *recorder)
{
    uint64_t now = recorder_time_of_day(recorder, host_clock_ns());
    if (now > recorder->last_log_time)
        recorder->last_log_time = now;
    return recorder->last_log_time;
}

/* ---- All sources ---------------------------------------------------------------------------------- */

static bool all_ended(const recorder_t *recorder)
{
    for (uint32_t i = 0; i < recorder->source_count; i++)
        if (!recorder->sources[i].ended)
            return false;
    return true;
}

static bool has_enough(const recorder_t *recorder)
{
    return recorder->count > 0 && recorder->stream.messages >= recorder->count;
}

/* What is there of one ring, but not for so long that the others wait. */
static int take_some(recorder_t *recorder, source_t *source, bool *any)
{
    bool idle = false;
    int code = EXIT_DONE;
    for (uint32_t i = 0; i < AT_A_TIME && code == EXIT_DONE && !idle && !has_enough(recorder); i++) {
        code = source_take(source, &idle);
        *any = *any || !idle;
    }
    const batch_t *batch = &source->batch;
    if (code != EXIT_DONE || batch_is_empty(batch))
        return code;
    /* Large messages wait for each other only while there are more: they keep slots that producers need. */
    if ((idle && batch->insert_count > 0) || host_clock_ns() - batch->begun_ns >= RECORD_BATCH_NS)
        code = source_flush(source);
    return code;
}

/* Until there is something; a batch is written when it is old enough. */
static int wait_for_more(recorder_t *recorder, slotring_reader_t **readers, int *results)
{
    uint32_t count = 0, ready;
    int64_t wait = SLICE_NS;
    for (uint32_t i = 0; i < recorder->source_count; i++) {
        const source_t *source = &recorder->sources[i];
        if (!batch_is_empty(&source->batch) && wait > (int64_t)RECORD_BATCH_NS)
            wait = (int64_t)RECORD_BATCH_NS;
        if (source->at_end && !source->ended && wait > END_POLL_NS)
            wait = END_POLL_NS;
        if (!source->at_end && !source->ended)
            readers[count++] = source->reader;
    }
    if (count == 0) {
        host_sleep((uint64_t)wait);
        return EXIT_DONE;
    }
    int code = slotring_wait_many(readers, count, wait, results, &ready);
    if (code == SLOTRING_E_NO_MEMORY || code == SLOTRING_E_OS || code == SLOTRING_E_INVALID)
        return report_last("cannot wait for messages");
    return EXIT_DONE;
}

/* Rings that were removed and have no producer any more end here. */
static int look_around(recorder_t *recorder)
{
    int code = EXIT_DONE;
    for (uint32_t i = 0; i < recorder->source_count && code == EXIT_DONE; i++) {
        source_t *source = &recorder->sources[i];
        if (source->ended || !ring_is_deserted(source->ring))
            continue;
        progress_wipe(&recorder->progress);
        out_error("ring %s was removed and nobody writes to it any more", source->name);
        code = source_flush(source);
        source->ended = true;
    }
    return code;
}

static int record_all(recorder_t *recorder)
{
    slotring_reader_t **readers = calloc(recorder->source_count, sizeof *readers);
    int *results = calloc(recorder->source_count, sizeof *results), code = EXIT_DONE;
    uint64_t looked = host_clock_ns();
    if (!readers || !results) {
        out_error("out of memory");
        code = EXIT_NO_SPACE;
    }
    while (code == EXIT_DONE && !all_ended(recorder) && !has_enough(recorder) && !host_stop_requested()) {
        bool any = false;
        for (uint32_t i = 0; i < recorder->source_count && code == EXIT_DONE; i++)
            if (!recorder->sources[i].ended)
                code = take_some(recorder, &recorder->sources[i], &any);
        if (code == EXIT_DONE && !any && !all_ended(recorder) && !has_enough(recorder))
            code = wait_for_more(recorder, readers, results);
        uint64_t now = host_clock_ns();
        if (code == EXIT_DONE && !any && now - looked >= (uint64_t)SLICE_NS) {
            code = look_around(recorder);
            looked = now;
        }
        if (now - recorder->clocks_told_ns >= CLOCKS_NS)
            recorder_set_clock(recorder);
        progress_show(&recorder->progress, recorder->stream.bytes);
    }
    free(readers);
    free(results);
    return code == EXIT_DONE ? stop_code() : code;
}

/* ---- Begin and end -------------------------------------------------------------------------------- */

static int begin(recorder_t *recorder)
{
    int code = EXIT_DONE;
    const skim_t *skim = &recorder->recording.skim;
    recorder->last_log_time = skim->last_time;
    for (uint32_t i = 0; i < recorder->source_count && code == EXIT_DONE; i++) {
        source_t *source = &recorder->sources[i];
        const known_ring_t *known = skim_ring(skim, source->info.ring_id);
        if (known &&
            (!place_copy(&source->place, &known->place) || !place_copy(&source->written, &known->place))) {
            out_error("out of memory");
            return EXIT_NO_SPACE;
        }
        code = source_subscribe(source);
    }
    if (code == EXIT_DONE)
        code = recording_begin(&recorder->recording);
    recorder_set_clock(recorder);
    for (uint32_t i = 0; i < recorder->source_count && code == EXIT_DONE; i++)
        code = source_begin(&recorder->sources[i]);
    return code;
}

static int verdict(const recorder_t *recorder, int code)
{
    if (code != EXIT_DONE)
        return code;
    if (recorder->damaged > 0)
        return EXIT_DAMAGED;
    if (recorder->durable && recorder->missed + recorder->records_missed > 0)
        return EXIT_MISSED;
    return recorder->deaths > 0 ? EXIT_DIED : EXIT_DONE;
}

int recorder_run(recorder_t *recorder)
{
    progress_start(&recorder->progress, recorder->quiet);
    int code = begin(recorder);
    if (code == EXIT_DONE)
        code = record_all(recorder);
    progress_wipe(&recorder->progress);
    for (uint32_t i = 0; i < recorder->source_count; i++)
        code = source_end(&recorder->sources[i], code);
    if (recorder->recording.begun_ns > 0) {
        int ending = recording_end(&recorder->recording);
        code = code == EXIT_DONE || code == stop_code() ? (ending ? ending : code) : code;
    }
    return verdict(recorder, code);
}
