/* SPDX-License-Identifier: Apache-2.0 */
/* Goes through every state that can be reached, nearest first; then makes sure that from each of them everything can
 * still come to rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "states.h"

typedef struct search {
    const configuration_t *config;
    int fault;
    states_t states, kinds;
    bool apart; /* states that behave alike are kept apart, and their kinds counted */
    uint64_t moves;
    const char *violation;
    uint32_t found_at;
    uint64_t wanted; /* the way back: a fingerprint, and the state that has it */
    model_t wanted_state;
} search_t;

static int packed_alike(model_t *m, packed_t packed)
{
    make_alike(m);
    return pack(m->config, &m->s, packed);
}

static void count_kind(search_t *s, const model_t *m)
{
    packed_t packed;
    model_t other = *m;
    uint32_t number;
    int length = packed_alike(&other, packed);
    states_add(&s->kinds, fingerprint(packed, length), 0, &number);
}

/* The number of this state; a new one is checked and put into the queue. */
static uint32_t number_of(search_t *s, model_t *m, uint32_t parent)
{
    packed_t packed;
    uint32_t number;
    int length = s->apart ? pack_as_it_is(&m->s, packed) : packed_alike(m, packed);
    if (!states_add(&s->states, fingerprint(packed, length), parent, &number))
        return number;
    if (s->apart)
        count_kind(s, m);
    check_always(m);
    s->states.good[number] = is_quiet(m);
    if (s->states.good[number] && !m->violation)
        check_at_rest(m);
    if (m->violation && !s->violation) {
        s->violation = m->violation;
        s->found_at = number;
    }
    queue_put(&s->states, packed, length);
    return number;
}

/* Calls `each` for every state that can follow `from`, until it returns false. */
typedef bool each_t(search_t *s, model_t *next, uint32_t from);

static bool follow(search_t *s, const model_t *now, uint32_t from, each_t *each)
{
    model_t next;
    memset(&next, 0, sizeof next);
    for (int move = 0; move < model_moves(now); move++) {
        if (!model_could(now, move))
            continue;
        for (int choice = 0, choices = 1; choice < choices; choice++) {
            model_copy(&next, now);
            if (!model_do(&next, move, choice))
                break;
            choices = next.choices;
            count_steps_reached(&next);
            if (!each(s, &next, from))
                return false;
        }
    }
    return true;
}

static bool explore(search_t *s, model_t *next, uint32_t from)
{
    if (next->violation) { /* the step itself is wrong: its state is not one of those known */
        s->violation = next->violation;
        s->found_at = from;
        return false;
    }
    uint32_t to = number_of(s, next, from);
    s->moves++;
    if (!next->misfortune)
        states_follow(&s->states, from, to);
    return s->violation == NULL;
}

/* From which states can everything still come to rest, without the help of a kill, after which a repair would wake all?
 * What follows a state mostly has a higher number. */
static void check_progress(search_t *search)
{
    states_t *s = &search->states;
    for (bool changed = true; changed;) {
        changed = false;
        uint64_t edge = s->edge_count;
        for (uint64_t x = s->count; x-- > 0;) {
            edge -= s->degrees[x];
            for (uint64_t e = edge; !s->good[x] && e < edge + s->degrees[x]; e++)
                if (s->good[s->edges[e]])
                    s->good[x] = changed = true;
        }
    }
    for (uint32_t x = 0; x < s->count; x++)
        if (!s->good[x]) {
            search->violation = "stuck: from here nothing comes to rest any more";
            search->found_at = x;
            return;
        }
}

static bool is_wanted(search_t *s, model_t *next, uint32_t from)
{
    packed_t packed;
    (void)from;
    int length = packed_alike(next, packed);
    if (fingerprint(packed, length) != s->wanted)
        return true;
    s->wanted_state = *next;
    return false;
}

static void print_state(const model_t *m)
{
    static const char *const names[] = {"none",   "FREE",      "CLAIMED", "RECLAIM",
                                        "COMMIT", "PUBLISHED", "PINNED",  "PIECE"};
    for (int i = 0; i < m->config->slots; i++) {
        const slot_t *s = &m->s.slots[i];
        printf("    slot %d: %s(%d)%s%s held %x sequence %d message %d\n", i, names[word_state(s->word)],
               word_owner(s->word), s->word & RETIRED ? " retired" : "",
               s->word & WITHDRAWN ? " withdrawn" : "", (unsigned)s->hold, s->sequence, s->message);
    }
    for (int i = 0; i < m->config->slots && m->rows; i++) {
        const block_t *block = &m->s.blocks[i];
        printf("    block %d: kind %d writer %d number %d base %d headers", i, block->kind, block->writer,
               block->number, block->base);
        for (int n = 0; n < MAX_RECORDS; n++)
            printf(" %d", block->headers[n]);
        printf("\n");
    }
    for (int r = 0; r < m->rows; r++) {
        const row_t *row = &m->s.rows[r];
        printf("    row %d: owner %d names %d:%x block %d total %d; committed %d listed %d; next", r,
               row->owner - 1, row->slot, (unsigned)row->claimed, row->block, row->total, row->committed,
               row->listed);
        for (int i = 0; i < m->threads; i++)
            printf(" %d", m->s.threads[i].views[r].next);
        printf("\n");
    }
    printf("    tail %d frontier %d end %d free map %x", m->s.tail, m->s.frontier, m->s.end,
           (unsigned)m->s.summary);
    for (int r = 0; r < m->config->subscriptions; r++)
        printf(" subscription %d: state %d cursor %d", r, m->s.subscriptions[r].state,
               m->s.subscriptions[r].cursor);
    printf("\n");
}

/* Returns how many steps lead to where the violation was found; prints them. */
static int way_there(search_t *s, bool print)
{
    int steps = 0;
    for (uint32_t x = s->found_at; x != 0; x = s->states.parents[x])
        steps++;
    if (!print)
        return steps;
    uint32_t *path = grow(NULL, (uint64_t)steps + 1, sizeof *path);
    int n = steps;
    for (uint32_t x = s->found_at; x != 0; x = s->states.parents[x])
        path[--n] = x;
    model_t now;
    model_start(&now, s->config, s->fault);
    for (n = 0; n < steps; n++) {
        s->wanted = s->states.prints[path[n]];
        if (follow(s, &now, 0, is_wanted))
            break;
        now = s->wanted_state;
        now.violation = NULL;
        printf("%3d  thread %d [%s]\n", n + 1, now.actor, now.label ? now.label : "?");
        print_state(&now);
    }
    free(path);
    return steps;
}

static double seconds_now(void)
{
    struct timespec t;
    timespec_get(&t, TIME_UTC);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Until `seconds` are over, or there are more than `most` states. */
static outcome_t go_through(search_t *s, double seconds, uint64_t most)
{
    double end = seconds_now() + seconds;
    uint32_t looked = 0;
    const uint8_t *packed;
    bool cut = false;
    model_t now;
    pack_plan(s->config);
    states_start(&s->states);
    states_start(&s->kinds);
    model_start(&now, s->config, s->fault);
    number_of(s, &now, 0);
    while (!s->violation && !cut && (packed = queue_take(&s->states)) != NULL) {
        unpack(&now.s, packed);
        follow(s, &now, looked++, explore);
        cut = s->states.count > most || (looked % 4096 == 0 && seconds_now() > end);
    }
    if (!s->violation && !cut)
        check_progress(s);
    return (outcome_t){.states = s->states.count,
                       .moves = s->moves,
                       .kinds = s->kinds.count,
                       .complete = !cut,
                       .violation = s->violation};
}

outcome_t search(const configuration_t *config, int fault, double seconds, uint64_t most, bool trace)
{
    search_t s = {.config = config, .fault = fault};
    outcome_t outcome = go_through(&s, seconds, most);
    if (s.violation)
        outcome.steps = way_there(&s, trace);
    states_end(&s.states);
    states_end(&s.kinds);
    return outcome;
}

outcome_t search_apart(const configuration_t *config)
{
    search_t s = {.config = config, .apart = true};
    outcome_t outcome = go_through(&s, 1e9, UINT32_MAX);
    states_end(&s.states);
    states_end(&s.kinds);
    return outcome;
}
