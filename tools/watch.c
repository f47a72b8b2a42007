/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <stdio.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "output.h"
#include "snapshot_text.h"

#define STILL_NS UINT64_C(200000000) /* what stands still so long has no rate */

void watch_begin(watch_t *watch, const char *name)
{
    *watch = (watch_t){.name = name, .owner = UINT64_MAX};
    ring_options(&watch->options);
    watch->options.mode = SLOTRING_OBSERVE;
}

static void forget(watch_t *watch)
{
    if (watch->has_now)
        snapshot_free(&watch->now);
    if (watch->has_before)
        snapshot_free(&watch->before);
    watch->has_now = watch->has_before = false;
}

static void let_go(watch_t *watch)
{
    if (watch->ring)
        slotring_close(watch->ring);
    watch->ring = NULL;
}

void watch_end(watch_t *watch)
{
    let_go(watch);
    forget(watch);
}

static int fail(watch_t *watch, int code, int error)
{
    watch->code = code;
    watch->error = error;
    let_go(watch);
    forget(watch);
    return code;
}

static int open_ring(watch_t *watch)
{
    slotring_error_t error;
    if (slotring_open(&watch->ring, watch->name, &watch->options, &error) == 0)
        return EXIT_DONE;
    watch->ring = NULL;
    snprintf(watch->error_text, sizeof watch->error_text, "%s",
             error.text[0] ? error.text : slotring_strerror(error.code));
    return fail(watch, exit_code_of(error.code), error.code);
}

/* A ring that was removed is looked for by its name: it may have been made again. */
static void renew(watch_t *watch)
{
    slotring_info_t info = {.struct_size = sizeof info};
    if (watch->ring && (slotring_info(watch->ring, &info) < 0 || info.removed))
        let_go(watch);
}

int watch_look(watch_t *watch)
{
    snapshot_t seen;
    int code;
    renew(watch);
    if (!watch->ring && open_ring(watch) != EXIT_DONE)
        return watch->code;
    watch->error_text[0] = '\0';
    out_keep_errors(watch->error_text, sizeof watch->error_text);
    code = snapshot_take(&seen, watch->ring);
    out_keep_errors(NULL, 0);
    if (code != EXIT_DONE)
        return fail(watch, code, 0);
    if (watch->has_before)
        snapshot_free(&watch->before);
    watch->has_before = watch->has_now;
    watch->before = watch->now;
    if (watch->has_before && !snapshot_same_ring(&seen, &watch->before)) {
        snapshot_free(&watch->before);
        watch->has_before = false;
    }
    watch->now = seen;
    watch->now.owner = watch->owner;
    watch->has_now = true;
    watch->code = EXIT_DONE;
    watch->error = 0;
    if (watch->brief)
        let_go(watch);
    return EXIT_DONE;
}

bool watch_moves(const watch_t *watch)
{
    const slotring_stats_t *stats = &watch->now.stats;
    return watch->has_now && stats->producers > 0 && stats->idle_ns < STILL_NS &&
           stats->blocked_ns < STILL_NS;
}

void watch_verdict(const watch_t *watch, verdict_t *verdict)
{
    verdict_of(verdict, &watch->now, watch->has_before ? &watch->before : NULL, ring_place_words());
}

json_t *watch_json(const watch_t *watch)
{
    verdict_t verdict;
    json_t *json;
    if (!watch->has_now)
        return json_pack("{s:n, s:o, s:o}", "ring", "name", out_json_text(watch->name, SLOTRING_NAME_MAX),
                         "error", out_json_text(watch->error_text, sizeof watch->error_text));
    json = snapshot_json(&watch->now, watch->has_before ? &watch->before : NULL);
    watch_verdict(watch, &verdict);
    json_object_set_new(json, "verdict", verdict_json(&verdict));
    return json;
}

void watch_page(page_t *page, const void *what)
{
    const watch_t *watch = what;
    verdict_t verdict;
    watch_verdict(watch, &verdict);
    verdict_page(page, &verdict);
    snapshot_page(page, &watch->now, watch->has_before ? &watch->before : NULL);
}
