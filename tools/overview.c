/* SPDX-License-Identifier: Apache-2.0 */
#include "overview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common.h"
#include "exit_codes.h"
#include "list.h"
#include "output.h"

#define KEPT_OPEN \
    200u /* rings; of more, each is opened for its look alone, as a process may have some 1,000 files */

void overview_begin(overview_t *overview, const char *const *names)
{
    *overview = (overview_t){.names = names};
}

void overview_end(overview_t *overview)
{
    for (uint32_t i = 0; i < overview->count; i++) {
        watch_end(&overview->rings[i]->watch);
        free(overview->rings[i]);
    }
    free(overview->rings);
    *overview = (overview_t){.names = NULL};
}

/* ---- Which rings ---------------------------------------------------------------------------------- */

static int no_memory(overview_t *overview)
{
    snprintf(overview->error_text, sizeof overview->error_text, "out of memory");
    return EXIT_NO_SPACE;
}

static overview_ring_t *find(const overview_t *overview, const char *name)
{
    for (uint32_t i = 0; i < overview->count; i++)
        if (strcmp(overview->rings[i]->name, name) == 0)
            return overview->rings[i];
    return NULL;
}

static int include(overview_t *overview, const char *name)
{
    overview_ring_t *ring = find(overview, name), **larger;
    if (ring) {
        ring->listed = true;
        return EXIT_DONE;
    }
    ring = calloc(1, sizeof *ring);
    larger = realloc(overview->rings, (overview->count + 1) * sizeof(overview_ring_t *));
    if (larger)
        overview->rings = larger;
    if (!ring || !larger) {
        free(ring);
        return no_memory(overview);
    }
    snprintf(ring->copy, sizeof ring->copy, "%s", name);
    ring->name = overview->names ? name : ring->copy;
    ring->listed = true;
    watch_begin(&ring->watch, ring->name);
    overview->rings[overview->count++] = ring;
    return EXIT_DONE;
}

static void drop_unlisted(overview_t *overview)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < overview->count; i++) {
        overview_ring_t *ring = overview->rings[i];
        if (ring->listed) {
            overview->rings[kept++] = ring;
            continue;
        }
        watch_end(&ring->watch);
        free(ring);
    }
    overview->count = kept;
}

/* The owner of a ring is known where its memory can be opened. */
static void learn(overview_t *overview, const slotring_list_entry_t *entry)
{
    overview_ring_t *ring = find(overview, entry->name);
    if (ring)
        ring->watch.owner =
            entry->status == SLOTRING_OK || entry->segment_size > 0 ? entry->owner : UINT64_MAX;
}

/* All that there are; and of those that were asked for by name, what only the list says. */
static int list(overview_t *overview)
{
    slotring_options_t options;
    slotring_list_entry_t *entries;
    uint32_t count;
    int code;
    ring_options(&options);
    out_keep_errors(overview->error_text, sizeof overview->error_text);
    code = list_fetch(&options, &entries, &count);
    out_keep_errors(NULL, 0);
    if (code != EXIT_DONE)
        return code;
    for (uint32_t i = 0; i < count && code == EXIT_DONE; i++) {
        if (!overview->names)
            code = include(overview, entries[i].name);
        learn(overview, &entries[i]);
    }
    free(entries);
    return code;
}

static int choose(overview_t *overview)
{
    bool first = overview->count == 0;
    int code = EXIT_DONE;
    if (!overview->names)
        return list(overview);
    for (const char *const *name = overview->names; *name && code == EXIT_DONE; name++)
        code = include(overview, *name);
    if (first && code == EXIT_DONE)
        (void)list(overview); /* the rings themselves say why they cannot be looked at */
    return code;
}

/* ---- Looking -------------------------------------------------------------------------------------- */

/* How bad it is. */
static uint32_t rank_of(const overview_ring_t *ring)
{
    static const uint8_t ranks[] = {
        [VERDICT_OK] = 0,       [VERDICT_IDLE] = 2,   [VERDICT_SLOW] = 5,      [VERDICT_WARNING] = 6,
        [VERDICT_BLOCKED] = 10, [VERDICT_FULL] = 9,   [VERDICT_GATE_SHUT] = 4, [VERDICT_NO_PRODUCER] = 1,
        [VERDICT_ENDED] = 1,    [VERDICT_UNUSED] = 3, [VERDICT_REMOVED] = 8};
    return ring->watch.has_now ? ranks[ring->verdict.kind] : 7;
}

static int by_badness(const void *left, const void *right)
{
    const overview_ring_t *a = *(overview_ring_t *const *)left, *b = *(overview_ring_t *const *)right;
    uint32_t x = rank_of(a), y = rank_of(b);
    return x != y ? (x > y ? -1 : 1) : strcmp(a->name, b->name);
}

int overview_look(overview_t *overview)
{
    int code;
    for (uint32_t i = 0; i < overview->count; i++)
        overview->rings[i]->listed = false;
    code = choose(overview);
    if (code != EXIT_DONE)
        return code;
    drop_unlisted(overview);
    for (uint32_t i = 0; i < overview->count; i++) {
        overview_ring_t *ring = overview->rings[i];
        ring->watch.brief = overview->count > KEPT_OPEN;
        if (watch_look(&ring->watch) == EXIT_DONE)
            watch_verdict(&ring->watch, &ring->verdict);
    }
    if (overview->count > 0)
        qsort(overview->rings, overview->count, sizeof(overview_ring_t *), by_badness);
    overview->error_text[0] = '\0';
    return EXIT_DONE;
}

bool overview_moves(const overview_t *overview)
{
    for (uint32_t i = 0; i < overview->count; i++)
        if (watch_moves(&overview->rings[i]->watch))
            return true;
    return false;
}

int overview_code(const overview_t *overview)
{
    for (uint32_t i = 0; overview->names && i < overview->count; i++)
        if (!overview->rings[i]->watch.has_now)
            return overview->rings[i]->watch.code;
    return EXIT_DONE;
}

json_t *overview_json(const overview_t *overview)
{
    json_t *rings = json_array();
    for (uint32_t i = 0; i < overview->count; i++)
        json_array_append_new(rings, watch_json(&overview->rings[i]->watch));
    return json_pack("{s:o}", "rings", rings);
}
